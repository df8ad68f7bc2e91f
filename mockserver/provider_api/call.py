"""A handler's side of the provider interface: the Call that it gets, the Reply that it gives."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, TypeAlias, TypeVar

from mockserver.contract import Contract, Operation
from mockserver.foundation.authorization import Authorization, read_authorization
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.provider_api.view_context import ViewContext
from mockserver.provider_api.walks import Walks
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import MemoryStore, Store

T = TypeVar("T")
JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Call:
    """A request, routed, authenticated, read and checked: everything that a handler may look at."""

    sandbox: Sandbox
    store: Store
    """The state that the call reads and writes: the sandbox's, unless a fault shows it an older one."""
    contract: Contract
    operation: Operation
    params: Mapping[str, Any]
    """Path and query parameters by name, typed; a default when there is one, else absent."""
    params_key: str
    """Tells these parameters from any others, for what is derived from them."""
    account: Account | None
    """None where the operation is public."""
    base_url: str
    """The address at which this provider is mounted, as the client knows it, without a slash at the end."""
    raw_path: str
    """The path below that address, percent-encoded as it came."""
    now: Epoch
    headers: Mapping[bytes, bytes]
    """The first value of each request header, by its name in lower case."""
    body: Any = None
    notes: list[str] = field(default_factory=list)
    """Sentences that the journal keeps of this call; a handler may add to them."""
    has_short_pages: bool = False
    """Whether a page is to have fewer items than were asked for, although more follow."""
    raw_body: bytes = b""
    """The body as it came."""
    walks: Walks | None = None
    """What the handler went through already, in time slices that are over."""

    @property
    def authenticated_account(self) -> Account:
        """The account that calls an operation that is not public."""
        if self.account is None:
            raise RuntimeError(f"operation {self.operation.id} is public, so nobody has to be known")
        return self.account

    @property
    def authorization(self) -> Authorization:
        """The Authorization header of the call, which was taken apart when it was authenticated."""
        return read_authorization(self.header("authorization"))

    @property
    def view_context(self) -> ViewContext:
        """The context in which views show entities to this call; hold on to it where many are shown."""
        contract = self.contract
        variants = self.sandbox.variants[contract.name]
        return ViewContext(self.store, self.sandbox.world, contract, variants, self.account, self.now, self.base_url)

    def header(self, name: str) -> str | None:
        """Returns the first value of a request header, or None; `name` is in lower case."""
        value = self.headers.get(name.encode())
        return None if value is None else value.decode("latin-1")

    def variant(self, name: str) -> str:
        """Returns the reading that this sandbox has chosen for a variant of the contract."""
        return self.sandbox.variants[self.contract.name][name]

    def take_body(self, body: Any, raw: bytes) -> None:
        """Takes the body, also as it came; it is read only when the account may make the call at all."""
        self.body = body
        self.raw_body = raw

    def walk(self, name: str, ids: Sequence[int], visit: Callable[[int], T]) -> list[T]:
        """Visits the ids in their order, in as many slices as it takes, and returns what that gives: see `Walks`."""
        return self._own_walks().over(self.store, name, ids, visit)

    def count(self, name: str, behind: Callable[[T | None], Iterable[T]]) -> int:
        """Counts what `behind` yields, in as many slices as it takes: see `Walks`."""
        return self._own_walks().count(self.store, name, behind)

    def first(self, name: str, most: int, behind: Callable[[T | None], Iterable[T]]) -> list[T]:
        """Returns the first ones of what `behind` yields, taken in as many slices as it takes: see `Walks`."""
        return self._own_walks().first(self.store, name, most, behind)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Returns what `make` returns, or what it returned in an earlier slice of this call: see `Walks`."""
        return self._own_walks().once(self.store, name, make)

    def _own_walks(self) -> Walks:
        if self.walks is None:
            self.walks = Walks()
        return self.walks

    def pause_once(self) -> None:
        """Raises SliceOver in the first slice that comes here: what follows is work enough for a slice of its own."""
        if self.walks is None:
            self.walks = Walks()
        self.walks.pause_once()

    def with_stale_store(self) -> "Call":
        """Returns the same call over the state of the sandbox as it was in the beginning."""
        return replace(self, store=MemoryStore(self.sandbox.world))

    def with_short_pages(self) -> "Call":
        """Returns the same call, of whose list a page has fewer items than were asked for."""
        return replace(self, has_short_pages=True)

    def page_size(self, limit: int) -> int:
        """Returns how many items a page with a cursor has when `limit` is asked for: half as many under a fault."""
        return max(1, limit // 2) if self.has_short_pages else limit


class Reply(NamedTuple):
    """An answer of a handler: a JSON value, or a `Page` of encoded items."""

    body: Any
    status: int = 200
    media_type: str = JSON
    headers: Sequence[tuple[str, str]] = ()
    until: Epoch = 0
    """The moment before which the same call is answered alike, unless something is written; 0 where it may not be."""


Handler: TypeAlias = Callable[[Call], Reply]
