"""The interface of an effect: a function for each phase of a call in which a fault of its kind acts."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, Self, TypeAlias, TypeVar

from mockserver.contract import Operation
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.hit import AT_ONCE, FaultHit, SendPlan


@dataclass(frozen=True, slots=True)
class CallFacts:
    """All that a response in the handler's place may depend on."""

    base_url: str
    """The address of the provider as the client knows it, without a slash at the end."""
    raw_path: str
    query: bytes
    server: str | None
    """The host that the server is bound to, if it is known."""
    challenge: str | None
    """The value of `WWW-Authenticate` with which the provider refuses credentials; None where none are needed."""
    now: Epoch


class AlterableCall(Protocol):
    """A call that can be made to be carried out in another way."""

    operation: Operation

    def with_stale_store(self) -> Self:
        """Returns the same call over the state of the sandbox as it was in the beginning."""

    def with_short_pages(self) -> Self:
        """Returns the same call, of whose list a page has fewer items than were asked for."""


class Altered(NamedTuple):
    """A response after a fault has acted on it."""

    response: EncodedResponse
    note: str
    """The effect in words, for the journal."""
    plan: SendPlan = AT_ONCE
    in_contract: bool | None = None
    """Whether the contract has such a response; None when that has to be found out."""


CallT = TypeVar("CallT", bound=AlterableCall)


class Before(Protocol):
    """Acts on a call before its handler sees it."""

    def __call__(self, call: CallT) -> CallT: ...


Replace: TypeAlias = Callable[[FaultHit, CallFacts], EncodedResponse | Problem | None]
"""Makes the response in the handler's place, or the problem that the provider renders; None lets the handler work."""
After: TypeAlias = Callable[[FaultHit, EncodedResponse, Operation], Altered]
"""Acts on a response that was made."""


def _lets_the_handler_work(hit: FaultHit, facts: CallFacts) -> None:
    return None


def _leaves_the_call_alone(call: CallT) -> CallT:
    return call


@dataclass(frozen=True, slots=True)
class Effect:
    """A fault's work on a call, phase by phase."""

    after: After
    replace: Replace = _lets_the_handler_work
    before: Before = _leaves_the_call_alone


def reads(operation: Operation, status: int = 200) -> bool:
    """Tells whether an operation only reads: a GET, or a search by POST, which answers a list."""
    spec = operation.replies.get(status)
    return operation.method == "GET" or (spec is not None and spec.listing is not None)
