"""The report as data, from which all its forms are made, the JSON for other programs among them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

from mockserver.foundation.models import FrozenModel
from mockserver.judge.citations import spelled_out
from mockserver.judge.reasons import Level, Support
from mockserver.judge.rulings import Severity, State

UNSIGNED = "the outcome is not judged"
"""The beginning of an event which says that nobody can tell whose leads are in an outcome."""
SCHEMA_VERSION: Literal[1] = 1
"""Rises when a member goes, changes its meaning or its type; members may be added without that."""


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class CallReport:
    """A call that the client made."""

    id: int
    """In the journal of the drill."""
    run: int
    at: str
    """ISO 8601 on the virtual clock."""
    offset: float
    """Real seconds since the drill began."""
    provider: str
    operation: str
    method: str
    path: str
    query: str
    status: int
    """0 is no answer at all."""
    duration_ms: float
    fault: str | None
    """The kind of the fault that the call met."""
    violations: tuple[str, ...]
    notes: tuple[str, ...]
    request: str
    """The beginning of the body, without secrets."""
    reply: str
    summary: str
    """The call as the judge reads it, such as `leads of agency 101, from 100: 100 leads, more follow`."""
    judged: bool = True
    """Whether it is a call of the provider that the drill is about; one of another is shown only."""


class RunReport(FrozenModel):
    """A run of the client."""

    number: int
    told: str
    """ISO 8601: MOCKSERVER_NOW."""
    seconds: float
    exit_code: int | None
    ending: Literal["itself", "settled", "timeout"]
    held: int | None
    """The number of leads in its outcome; None when it wrote none."""
    output: str
    """The last part."""
    ended_after: str = ""
    """The call of another provider that ended it, such as `seeker: GET /leads 401`: it is no evidence, nor is what
    follows."""


class FindingReport(FrozenModel):
    """A breach of an obligation."""

    text: str
    kind: Literal["", "lost", "duplicated", "stale", "resurrected"]
    calls: tuple[int, ...]
    leads: tuple[str, ...]


class RulingReport(FrozenModel):
    """A ruling on an obligation in a drill."""

    obligation: str
    state: State
    findings: tuple[FindingReport, ...] = ()
    accepted: bool = False
    """Whether the baseline knew that it is broken."""


class DrillReport(FrozenModel):
    """A drill with one provider."""

    name: str
    provider: str
    why: str
    variant: str | None
    seconds: float
    runs: tuple[RunReport, ...]
    rulings: tuple[RulingReport, ...]
    """The rulings that the drill came to, and those that it is for."""
    calls: tuple[CallReport, ...]
    """Its calls; of very many the first ones, the last ones, and those that findings name."""
    calls_left_out: int = 0
    """The number of its further calls."""
    events: tuple[str, ...]
    """Events in the world meanwhile, in order, with ISO 8601 moments."""
    faulty: tuple[str, ...]
    """Faults of the fake or of the drill; empty when both did their part."""

    not_reached: tuple[str, ...] = ()
    """Musts that it aims at and that the program never came to; told of a drill that is judged by itself."""
    capsule: str | None = None
    """The file with the sandbox as it was at the end of a broken drill, for `mockserver serve --capsule`."""

    @property
    def broken(self) -> tuple[RulingReport, ...]:
        """The rulings that say broken."""
        return tuple(ruling for ruling in self.rulings if ruling.state is State.BROKEN)


class ObligationReport(FrozenModel):
    """An obligation of the clients of a provider, over all drills."""

    id: str
    provider: str
    severity: Severity
    """No more than the level allows."""
    sentence: str
    reason: str
    document: str
    """The sources of all that the reason rests on."""
    level: Level
    rests_on: tuple[Support, ...] = ()
    needs_all: bool = False
    """Whether the reason needs all that it rests on; else any of it carries the reason alone."""
    remedy: str
    state: State
    """Broken in any drill is broken; else held in any is held."""
    added_later: bool = False
    """Whether the frozen battery does not have it: it is not scored."""
    drills: dict[State, tuple[str, ...]]
    """In which drills it was met how."""


class Assumption(FrozenModel):
    """A row of the ledger that nobody outside the provider can confirm, and on which verdicts rest."""

    provider: str
    operation: str
    subject: str
    level: Level
    source: Annotated[str, AfterValidator(spelled_out)]
    chosen: str | None = None
    """The reading, where it is a variant."""


class BaselineReport(FrozenModel):
    """The result of a baseline."""

    accepted: tuple[str, ...] = ()
    """`PROVIDER DRILL OBLIGATION` that is broken as it was."""
    passed: tuple[str, ...] = ()
    """Rows of the baseline that are held: a failure, until the baseline is mended."""
    missing: tuple[str, ...] = ()
    """Rows of the baseline that this battery did not judge; they are no failure."""


class Report(FrozenModel):
    """A whole run of the judge."""

    schema_version: Literal[1] = SCHEMA_VERSION
    mockserver: str
    """The version of this program."""
    program: str
    """The judged program: the command line, or the name of the callable."""
    started_at: str
    seconds: float
    exit_code: int
    """0 all held; 1 findings; 3 a fault of ours."""
    providers: tuple[str, ...]
    not_called: tuple[str, ...] = ()
    """Providers that were left out since the program never called them."""
    refused_hosts: tuple[str, ...] = ()
    """Hosts of no provider that the program called while it was led here from real hosts; they were refused."""
    obligations: tuple[ObligationReport, ...]
    drills: tuple[DrillReport, ...]
    """The drills that count."""
    other_readings: tuple[DrillReport, ...] = ()
    """The drills of readings that are less likely: advice, for the case that the provider means it otherwise."""
    battery: str | None = None
    """The version of the frozen battery whose drills and obligations count; None when all do."""
    added_later: tuple[DrillReport, ...] = ()
    """The drills that this battery does not have: not scored."""
    assumptions: tuple[Assumption, ...]
    baseline: BaselineReport | None = None
    not_reached: tuple[str, ...] = ()
    """`PROVIDER OBLIGATION` of each must that the drills aim at and that the program never came to: not a pass."""
    not_used: tuple[str, ...] = ()
    """`PROVIDER CAPABILITY` that the program never used, such as webhooks: it owes no obligation about that."""
    require_reached: bool = False
    """Whether an obligation in `not_reached` is a failure."""

    @property
    def all_drills(self) -> tuple[DrillReport, ...]:
        """The drills that count, those of other readings, and those that were added later."""
        return self.drills + self.other_readings + self.added_later

    def state_of(self, obligation: str, provider: str | None = None) -> State | None:
        """Returns the state of an obligation, by default of the first provider that has it; None when nobody has it."""
        for row in self.obligations:
            if row.id == obligation and provider in (None, row.provider):
                return row.state
        return None

    def broken(self, *severities: Severity) -> list[ObligationReport]:
        """Returns the obligations that were broken, of these severities or of any."""
        return [
            row
            for row in self.obligations
            if row.state is State.BROKEN and (not severities or row.severity in severities)
        ]
