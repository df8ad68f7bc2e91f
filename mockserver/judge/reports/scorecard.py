"""The scorecard: for each provider, how the obligations of each family were met."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mockserver.judge.report import Report
from mockserver.judge.rulings import Severity, State


class Score(NamedTuple):
    """One family of obligations of one provider."""

    provider: str
    family: str
    states: Counter[State]
    broken: Counter[Severity]

    @property
    def broken_text(self) -> str:
        """Such as `2 must, 1 should`; empty where nothing is broken."""
        return ", ".join(f"{self.broken[severity]} {severity}" for severity in Severity if self.broken[severity])


def scorecard(report: Report) -> Iterator[Score]:
    """A score for each family, in the order in which the report names them."""
    scores: dict[tuple[str, str], Score] = {}
    for provider in report.providers:
        for duty in report.obligations:
            if duty.provider != provider:
                continue
            family = duty.id.partition("-")[0]
            score = scores.setdefault((provider, family), Score(provider, family, Counter(), Counter()))
            score.states[duty.state] += 1
            if duty.state is State.BROKEN:
                score.broken[duty.severity] += 1
    yield from scores.values()
