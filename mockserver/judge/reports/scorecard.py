"""Counts, for each provider, the states of the obligations of each family."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mockserver.judge.report import Report
from mockserver.judge.rulings import Severity, State


class Score(NamedTuple):
    """The score of a family of obligations of one provider."""

    provider: str
    family: str
    states: Counter[State]
    broken: Counter[Severity]

    @property
    def broken_text(self) -> str:
        """The broken ones by severity, such as `2 must, 1 should`; empty where nothing is broken."""
        return ", ".join(f"{self.broken[severity]} {severity}" for severity in Severity if self.broken[severity])


def scorecard(report: Report) -> Iterator[Score]:
    """Yields a score for each family, in the order in which the report names them."""
    scores: dict[tuple[str, str], Score] = {}
    for provider in report.providers:
        for obligation in report.obligations:
            if obligation.provider != provider:
                continue
            family = obligation.id.partition("-")[0]
            score = scores.setdefault((provider, family), Score(provider, family, Counter(), Counter()))
            score.states[obligation.state] += 1
            if obligation.state is State.BROKEN:
                score.broken[obligation.severity] += 1
    yield from scores.values()
