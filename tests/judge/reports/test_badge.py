"""The report as a badge, in the form that the endpoint of shields.io reads."""

import json
from typing import Any

import pytest

from mockserver.judge.report import Report
from mockserver.judge.reports import to_badge
from mockserver.judge.rulings import Severity, State
from tests.support.reports import broken, drill, finding, report, ruled, sample, with_baseline

FOUND = [broken("PAGE-02", finding("twice")), *ruled(State.HELD, "RUN-01")]
KNOWN = {"provider": "seeker", "drill": "*", "obligation": "PAGE-02"}


def of(rulings: Any, severities: dict[str, Severity] | None = None, **changes: Any) -> Report:
    """A report of one drill."""
    return report([drill("a", "seeker", rulings, **changes)], severities)


@pytest.mark.parametrize(
    ("judgement", "message", "color"),
    [
        (of(ruled(State.HELD, "RUN-01")), "1 held", "brightgreen"),
        (of(FOUND, {"PAGE-02": Severity.ADVICE}), "1 held, 1 advice", "green"),
        (of(FOUND), "1 should broken", "orange"),
        (of(FOUND, {"PAGE-02": Severity.MUST}), "1 must broken", "red"),
        (sample(), "1 must, 1 should broken", "red"),
        (with_baseline(of(FOUND), KNOWN), "1 held, 1 known to be broken", "green"),
        (with_baseline(of(ruled(State.HELD, "PAGE-02")), KNOWN), "1 unexpectedly held", "red"),
    ],
)
def test_a_badge_tells_the_verdict(judgement: Report, message: str, color: str) -> None:
    document = json.loads(to_badge(judgement))
    assert document == {"schemaVersion": 1, "label": "lead API client", "message": message, "color": color}


def test_no_verdict_is_an_error_whatever_was_held() -> None:
    document = json.loads(to_badge(of(ruled(State.FAULTY, "PAGE-01"), faulty=("nothing struck",))))
    assert (document["message"], document["color"], document["isError"]) == ("no verdict", "lightgrey", True)
