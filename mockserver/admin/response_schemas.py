"""What the admin API answers about calls, contracts and the server itself, as models for its OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import RootModel

from mockserver.admin.schemas import Form, ShownMoment


class Health(Form):
    """That the process answers; it is ready then, too."""

    status: Literal["ok"]


class Release(Form):
    """Which release this is."""

    name: str
    version: str


class Document(RootModel[dict[str, Any]]):
    """A whole document in a format of its own."""


class LedgerLine(Form):
    """How sure we are of one thing that a contract says."""

    provider: str
    operation: str
    """Empty for what concerns the whole provider."""
    subject: str
    level: Literal["documented", "observed", "inferred", "assumed"]
    source: str


class LedgerForm(Form):
    """Rows of the fidelity ledger."""

    rows: list[LedgerLine]


class ReliedOn(LedgerLine):
    """A row that this sandbox's traffic relied on."""

    chosen: str | None
    """Of a variant, the reading that the sandbox has."""


class MessageForm(Form):
    """A request or a reply as far as it is kept, without secrets."""

    headers: list[list[str]]
    body: str
    bytes: int
    cut: bool
    """Whether `body` is only the beginning."""


class EntryForm(Form):
    """One call."""

    id: int
    at: ShownMoment
    """By the clock of the sandbox."""
    real_at: ShownMoment
    provider: str
    operation: str | None
    method: str
    path: str
    query: str
    status: int
    duration_ms: float
    violations: list[Mapping[str, str]]
    """Rules of the contract that a message broke: `in`, `pointer`, `rule`, `message`."""
    notes: list[str]
    fault: Mapping[str, Any] | None
    """The fault that struck: `id`, `kind`, `in_contract`."""
    request: MessageForm
    reply: MessageForm


class JournalPage(Form):
    """Calls, oldest first."""

    entries: list[EntryForm]
    total: int
    """How many calls there were since the journal was last cleared."""
    evicted: int
    """How many of them had to make room for newer ones."""


class DifferenceForm(Form):
    """A member of a call that is not what was wanted."""

    member: str
    wanted: Any
    actual: Any


class NearestForm(Form):
    """The call that came nearest; without differences when it is one that should not have been."""

    entry: EntryForm
    differs: list[DifferenceForm]


class VerdictForm(Form):
    """Whether the calls were as expected."""

    held: bool
    actual: int
    """How many calls fit or, of an order, how many of its operations were found in it."""
    certain: bool
    """Whether calls that the journal has not kept whole could not change the verdict."""
    explanation: str
    nearest: NearestForm | None = None


class StatusCover(Form):
    """Statuses of an operation, with how often they were answered."""

    seen: Mapping[str, int]
    not_seen: list[int]
    undocumented: Mapping[str, int]
    """Answers that the contract does not have: faults out of contract."""


class ParameterCover(Form):
    """Parameters of an operation, with how often they were given."""

    seen: Mapping[str, int]
    not_seen: list[str]


class OperationCover(Form):
    """How much of an operation was exercised."""

    calls: int
    statuses: StatusCover
    parameters: ParameterCover


class ProviderCover(Form):
    """How much of a contract was exercised."""

    calls: int
    seen: int
    """How many of its operations were called."""
    of: int
    """How many operations it has."""
    operations: Mapping[str, OperationCover]
    unrouted: Mapping[str, int]
    """Calls that matched no operation, by status."""
    relied_on: list[ReliedOn]
    """What is inferred or assumed in the ledger and would have changed these calls, had it been otherwise."""


class CoverageForm(RootModel[dict[str, ProviderCover]]):
    """How much of each contract was exercised, by provider."""
