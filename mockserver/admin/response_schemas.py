"""Models of the answers about calls, contracts and the server itself, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from mockserver.admin.schemas import Schema
from mockserver.foundation.moments import IsoMomentText

_Status = Annotated[str, Field(pattern="^[1-5][0-9]{2}$")]
"""A status, as a key."""


class HealthSchema(Schema):
    """Says that the process answers; it is ready then, too."""

    status: Literal["ok"]


class ReleaseSchema(Schema):
    """The release of the server."""

    name: str
    version: str


class RawDocumentSchema(RootModel[dict[str, Any]]):
    """A whole document in a format of its own."""


class StatementSchema(Schema):
    """A statement of a contract, and how sure we are of it."""

    provider: str
    operation: str
    """Empty for what concerns the whole provider."""
    subject: str
    """An operation, response, parameter, header, schema, member or variant; or a keyword or a sentence about one."""
    level: Literal["documented", "observed", "inferred", "assumed"]
    source: str


class LedgerRowSchema(StatementSchema):
    """A row of the fidelity ledger."""

    inherited: bool
    """Whether level and source are those of what it stands in."""


class LedgerSchema(Schema):
    """Rows of the fidelity ledger."""

    rows: list[LedgerRowSchema]


class ReliedOnRowSchema(StatementSchema):
    """A row that this sandbox's traffic relied on."""

    chosen: str | None
    """Of a variant, the reading that the sandbox has."""


class MessageSchema(Schema):
    """A request or a reply as far as it is kept, without secrets."""

    headers: list[list[str]]
    body: str
    bytes: int
    cut: bool
    """Whether `body` is only the beginning."""


class ViolationSchema(Schema):
    """A rule of the contract that a message broke."""

    place: Annotated[Literal["path", "query", "header", "body", "reply"], Field(alias="in")]
    pointer: str
    """RFC 6901 into the body or the reply; the name of the parameter (`/limit`) elsewhere."""
    rule: str
    """The keyword that was broken, for example `required` or `type`."""
    message: str


class FiredFaultSchema(Schema):
    """The fault that hit a call."""

    id: str
    kind: str
    in_contract: bool
    """Whether the answer is one that the contract allows."""


class EntrySchema(Schema):
    """A call in the journal."""

    id: int
    at: IsoMomentText
    """By the clock of the sandbox."""
    real_at: IsoMomentText
    provider: str | None
    """None when the path is that of no provider."""
    operation: str | None
    method: str
    path: str
    query: str
    status: int
    duration_ms: float
    violations: list[ViolationSchema]
    notes: list[str]
    fault: FiredFaultSchema | None
    request: MessageSchema
    reply: MessageSchema


class JournalPageSchema(Schema):
    """Calls, oldest first."""

    entries: list[EntrySchema]
    total: int
    """The number of calls since the journal was last cleared."""
    evicted: int
    """The number of them that had to make room for newer ones."""


class DifferenceSchema(Schema):
    """A member of a call that is not as expected."""

    member: str
    wanted: Any
    actual: Any


class NearestMissSchema(Schema):
    """The call that came nearest; without differences when it is one that should not have been."""

    entry: EntrySchema
    differs: list[DifferenceSchema]


class VerdictSchema(Schema):
    """Tells whether the calls were as expected."""

    held: bool
    actual: int
    """How many calls fit or, of an order, how many of its operations were found in it."""
    certain: bool
    """Whether calls that the journal has not kept whole could not change the verdict."""
    explanation: str
    nearest: NearestMissSchema | None = None


class StatusCoverageSchema(Schema):
    """Statuses of an operation, with how often they were answered."""

    seen: Mapping[_Status, int]
    not_seen: list[int]
    undocumented: Mapping[_Status, int]
    """Answers that the contract does not have: faults out of contract."""


class ParameterCoverageSchema(Schema):
    """Parameters of an operation, with how often they were given."""

    seen: Mapping[str, int]
    not_seen: list[str]


class OperationCoverageSchema(Schema):
    """The calls of an operation, and what of it they exercised."""

    calls: int
    statuses: StatusCoverageSchema
    parameters: ParameterCoverageSchema


class ProviderCoverageSchema(Schema):
    """The calls of a provider, and what of its contract they exercised."""

    calls: int
    seen: int
    """How many of its operations were called."""
    of: int
    """How many operations it has."""
    operations: Mapping[str, OperationCoverageSchema]
    unrouted: Mapping[_Status, int]
    """Calls that matched no operation, by status."""
    relied_on: list[ReliedOnRowSchema]
    """What is inferred or assumed in the ledger and would have changed these calls, had it been otherwise."""


class CoverageSchema(RootModel[dict[str, ProviderCoverageSchema]]):
    """The coverage of each contract, by provider."""
