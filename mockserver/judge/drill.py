"""A drill: one situation that a client is put into."""

from mockserver.foundation.dataclass import dataclass
from mockserver.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Drill:
    """A scenario with one provider, or one reading of an unclear behaviour."""

    name: str
    """The name of the scenario, or `PROVIDER.VARIANT=READING`."""
    provider: str
    scenario: Scenario
    variant: str | None = None
    """`VARIANT=READING`, when it is about that."""
    in_battery: bool = True
    """False for a user's own scenario, and for one that is judged only when it is named."""

    @property
    def why(self) -> str:
        """The reason for it."""
        return self.scenario.why

    @property
    def script(self) -> Scenario:
        """The scenario that is at work in the sandbox: its steps are those for a judge."""
        return self.scenario.as_judged()

    @property
    def run_count(self) -> int:
        """The number of runs of the client."""
        return 1 + len(self.scenario.judging.then)
