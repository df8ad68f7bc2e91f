"""Says what counts in a report: drills of other readings, obligations that were not reached, a frozen battery."""

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.catalogue import READINGS
from mockserver.judge.drill import Drill
from mockserver.judge.frozen_battery import FrozenBattery
from mockserver.judge.report import ObligationReport
from mockserver.judge.rulings import Severity


@dataclass(frozen=True, slots=True)
class Scoring:
    """The choice of what counts."""

    strict: bool = False
    """Whether the drills of other readings count; else they are advice."""
    require_reached: bool = False
    """Whether a must that the client never came to is a failure."""
    battery: FrozenBattery | None = None
    """The drills and obligations that count; all when it is None."""

    def counts(self, drill: Drill) -> bool:
        """Tells whether a drill counts, as far as the battery says."""
        return self.battery is None or self.battery.counts(drill)

    def score(self, row: ObligationReport) -> ObligationReport:
        """Returns an obligation as it counts: what was added after the battery was frozen is no more than advice."""
        if self.battery is None:
            return row
        severity = self.battery.severity_of(row.provider, row.id, row.severity)
        if severity is None:
            return row.model_copy(update={"severity": Severity.ADVICE, "added_later": True})
        if self.strict and row.id == READINGS:
            return row  # it was frozen as the advice that it is else
        return row.model_copy(update={"severity": severity})
