"""What a provider is to the rest of the server, and what a handler gets and gives."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import orjson
from starlette.types import Scope

from mockserver.contract import Contract, Operation
from mockserver.contract.checks import violations
from mockserver.domain import Enquiry, Entity, Kind
from mockserver.foundation.asgi import header
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem, Violation, internal_error
from mockserver.foundation.settings import Settings
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import Store

JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Call:
    """One request, routed, authenticated, read and checked: everything a handler may look at."""

    sandbox: Sandbox
    contract: Contract
    operation: Operation
    params: Mapping[str, Any]
    """Path and query parameters by name, typed; a default when there is one, else absent."""
    params_key: str
    """Tells these parameters from any others, for what is derived from them."""
    account: Account | None
    base_url: str
    """Where this provider is mounted, as the client addresses it, without a slash at the end."""
    now: Epoch
    scope: Scope
    """The request as ASGI has it, for the few operations that read a header."""
    body: Any = None
    notes: list[str] = field(default_factory=list)
    """What the journal should say of this call; a handler may add to it."""

    @property
    def store(self) -> Store:
        """The state of the sandbox."""
        return self.sandbox.store

    def header(self, name: str) -> str | None:
        """The first value of a request header; `name` in lower case."""
        return header(self.scope, name.encode())

    def variant(self, name: str) -> str:
        """The reading that this sandbox has chosen for a variant of the contract."""
        return self.sandbox.variants[self.contract.name][name]


@dataclass(slots=True)
class Page:
    """Some already encoded and checked items, and the envelope around them, which lacks only the array.

    A page that is kept until the store changes also keeps what was made of it: the same page is the same answer.
    """

    items: Sequence[bytes]
    envelope: Mapping[str, Any]
    encoded: bytes | None = None
    """The whole checked body, once it was put together."""
    shown: str | None = None
    """What the journal keeps of it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a JSON value, or a page of encoded items."""

    body: Any
    status: int = 200
    media_type: str = JSON
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """What an envelope may depend on, whether or not the call came as far as an operation."""

    variants: Mapping[str, str]
    operation: str
    """The operationId, or empty."""
    call_id: str
    """Tells this call from every other of the world: 32 hexadecimal digits, the same in the same run."""
    scope: Scope

    def header(self, name: str) -> str | None:
        """The first value of a request header; `name` in lower case."""
        return header(self.scope, name.encode())


Handler = Callable[[Call], Reply]
View = Callable[[Any, Call], Any]
"""A domain entity in a provider's JSON. It may look other entities up in the call's store, nothing else may vary."""


def _no_token_issuer(sandbox: str, settings: Settings) -> None:
    return None


@dataclass(frozen=True, slots=True)
class ProviderAuth:
    """Who may call a provider: how callers are known, what they may touch, which accounts a sandbox has."""

    authenticate: Callable[[str | None, Sandbox, Epoch], Account]
    """From the value of the Authorization header; raises a Problem."""
    authorize: Callable[[Call], None]
    """Whether the account may do this to what the path names; raises a Problem."""
    make_accounts: Callable[[str, Iterable[int]], Sequence[Account]]
    """The accounts of a new sandbox of that id, from the agencies that are granted. Those of `default` are published;
    no other sandbox has a user of the same name."""
    parse_credentials: Callable[[Mapping[str, Any], Iterable[int]], Account]
    """An account from credentials in the provider's own words; ValueError says what they lack."""
    describe_credentials: Callable[[Account], Mapping[str, Any]]
    """Credentials in the provider's own words, for who must configure a client."""
    claimed_user: Callable[[str | None, bytes], str | None]
    """Whom a call claims to come from, by its Authorization header, or by the body of a public operation."""
    challenge: str
    """The value of `WWW-Authenticate` with which credentials that were good a moment ago are refused."""
    make_token_issuer: Callable[[str, Settings], Any] = _no_token_issuer
    """What the door keeps for a sandbox of that id, such as issued and revoked tokens, as a `StatefulComponent`."""
    urls: Callable[[str], Mapping[str, str]] = lambda base_url: {}
    """Addresses beside the provider's base URL that a client must be told, by name."""


@dataclass(frozen=True, slots=True)
class WebhookView:
    """How a provider tells a subscriber of a new lead."""

    operation: str
    """The operationId in the contract's `webhooks`."""
    body: Callable[[Enquiry, Call], Any]
    """The lead in the provider's JSON, as it is now; None when it is shown to nobody."""
    with_unknown_category: Callable[[Any], Any]
    """The same body with a category that the contract does not have, for a client that must expect one."""
    headers: Callable[[bytes, str | None, Call], Sequence[tuple[str, str]]] = lambda body, key, call: ()
    """Headers beside the one with the key, from the body as it is sent and the key that goes along."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One API that we fake: its contract, a handler for each operation, its door and its error envelope."""

    name: str
    contract: Contract
    handlers: Mapping[str, Handler]
    auth: ProviderAuth
    render_problem: Callable[[Problem, ErrorContext], Reply]
    """A problem in this provider's envelope."""
    headers: Callable[[ErrorContext], Sequence[tuple[str, str]]] | None = None
    """Headers of every answer of this provider, if it has any."""
    lead_id: Callable[[Enquiry], int | str] = lambda enquiry: enquiry.id
    """What this provider calls an enquiry."""
    webhook: WebhookView | None = None
    """None when it has no webhooks."""


def idle_call(provider: Provider, sandbox: Sandbox) -> Call:
    """A call that asks for nothing: all that a view needs of one."""
    operation = next(iter(provider.contract.operations.values()))
    scope = {"type": "http", "headers": [], "path": "/"}
    base_url = f"http://localhost/{provider.name}"
    return Call(sandbox, provider.contract, operation, {}, "", None, base_url, sandbox.clock.now(), scope)


def unexpired_enquiries(call: Call, agency: int) -> Sequence[int]:
    """The ids of an agency's enquiries that nobody must have deleted yet, ascending."""
    store = call.store
    ids, oldest = store.ids(Kind.ENQUIRY, agency), store.oldest(Kind.ENQUIRY, agency)
    if oldest is None or oldest + Enquiry.RETENTION > call.now:
        return ids
    return [id for id in ids if is_unexpired(store.get(Kind.ENQUIRY, id), call.now)]


def is_unexpired(entity: Entity | None, now: Epoch) -> TypeGuard[Enquiry]:
    """Whether it is an enquiry that may still be kept: past its retention it is gone everywhere."""
    return isinstance(entity, Enquiry) and entity.expires_at > now


def encode_page(call: Call, kind: Kind, ids: Sequence[int], view: View, envelope: Mapping[str, Any]) -> Page:
    """The entities with those ids as a page. Each is encoded and checked once, until what it shows changes."""
    store = call.store
    # The same lead may stand in lists whose items have different schemas: what was checked for one is not for another.
    listing = call.operation.replies[200].listing
    shape = id(listing.item) if listing else 0
    key = f"{call.contract.name}/{view.__name__}/{shape}/{call.sandbox.variants_key(call.contract.name)}"
    items = []
    for entity_id in ids:
        encoded = store.encoded(key, kind, entity_id)
        if encoded is None:
            entity = store.get(kind, entity_id)
            if entity is None:
                continue
            encoded = encode_item(call, view(entity, call))
            store.cache_encoded(key, kind, entity_id, encoded)
        items.append(encoded)
    return Page(items, envelope)


def encode_item(call: Call, value: Any) -> bytes:
    """An item of the operation's listing as JSON, checked. Raises `internal_error` when it breaks the contract."""
    listing = call.operation.replies[200].listing
    if listing is None:
        raise internal_error(
            [Violation("reply", "", "listing", f"{call.operation.id} answers no list in the contract")]
        )
    if wrong := violations(listing.item, value, "reply", f"/{'/'.join(listing.path)}/-"):
        raise internal_error(wrong)
    return orjson.dumps(value)


__all__ = [
    "JSON",
    "Call",
    "Entity",
    "ErrorContext",
    "Handler",
    "Page",
    "Provider",
    "ProviderAuth",
    "Reply",
    "View",
    "WebhookView",
    "encode_item",
    "encode_page",
    "idle_call",
    "is_unexpired",
    "unexpired_enquiries",
]
