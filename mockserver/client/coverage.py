"""The coverage of contracts, and the rows of the fidelity ledger, as values with typed attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockserver.client.models import Json


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a contract, and how sure the server is of it."""

    provider: str
    operation: str
    """Empty for a statement about the whole provider."""
    subject: str
    level: str
    """`documented`, `observed`, `inferred` or `assumed`."""
    source: str


@dataclass(frozen=True, slots=True)
class FidelityRow(Statement):
    """A row of the fidelity ledger."""

    inherited: bool
    """Whether level and source are those of what it stands in."""


@dataclass(frozen=True, slots=True)
class ReliedOnRow(Statement):
    """A row on which the calls of a sandbox relied."""

    chosen: str | None
    """Of a variant, the reading that the sandbox has."""


@dataclass(frozen=True, slots=True)
class StatusCoverage:
    """The statuses of an operation."""

    seen: Mapping[int, int]
    """The number of answers by status."""
    not_seen: Sequence[int]
    undocumented: Mapping[int, int]
    """The number of answers that the contract does not have, by status: faults out of contract."""


@dataclass(frozen=True, slots=True)
class ParameterCoverage:
    """The parameters of an operation."""

    seen: Mapping[str, int]
    """The number of calls by parameter."""
    not_seen: Sequence[str]


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """The calls of an operation, and what of it they exercised."""

    calls: int
    statuses: StatusCoverage
    parameters: ParameterCoverage


@dataclass(frozen=True, slots=True)
class ProviderCoverage:
    """The calls of a provider, and what of its contract they exercised."""

    calls: int
    seen: int
    """The number of operations that were called."""
    of: int
    """The number of operations that there are."""
    operations: Mapping[str, OperationCoverage]
    unrouted: Mapping[int, int]
    """The number of calls that matched no operation, by status."""
    relied_on: Sequence[ReliedOnRow]
    """Rows that are inferred or assumed, and would have changed these calls, had they been otherwise."""


def read_coverage(answer: Json) -> dict[str, ProviderCoverage]:
    """From the coverage by provider."""
    return {name: _read_provider(coverage) for name, coverage in answer.items()}


def _read_provider(answer: Json) -> ProviderCoverage:
    return ProviderCoverage(
        calls=answer["calls"],
        seen=answer["seen"],
        of=answer["of"],
        operations={name: _read_operation(operation) for name, operation in answer["operations"].items()},
        unrouted=_by_status(answer["unrouted"]),
        relied_on=tuple(ReliedOnRow(**_row(row), chosen=row["chosen"]) for row in answer["relied_on"]),
    )


def _read_operation(answer: Json) -> OperationCoverage:
    statuses, parameters = answer["statuses"], answer["parameters"]
    return OperationCoverage(
        calls=answer["calls"],
        statuses=StatusCoverage(
            _by_status(statuses["seen"]), tuple(statuses["not_seen"]), _by_status(statuses["undocumented"])
        ),
        parameters=ParameterCoverage(parameters["seen"], tuple(parameters["not_seen"])),
    )


def _by_status(counts: Mapping[str, int]) -> dict[int, int]:
    return {int(status): count for status, count in counts.items()}


def read_fidelity(answer: Json) -> tuple[FidelityRow, ...]:
    """From the rows of the ledger."""
    return tuple(FidelityRow(**_row(row), inherited=row["inherited"]) for row in answer["rows"])


def _row(answer: Json) -> dict[str, str]:
    return {name: answer[name] for name in ("provider", "operation", "subject", "level", "source")}
