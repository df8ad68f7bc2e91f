"""The report of a drill with very many calls, and with very long texts: it stays small."""

import pytest

from mockserver.foundation.problems import Violation
from mockserver.judge.drill import Drill
from mockserver.judge.drill_report import MAX_CALLS, report_drill
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.evidence import Evidence
from mockserver.judge.report import DrillReport
from mockserver.judge.suite import documents
from tests.support.evidence import evidence, run, seen


def reported(made: Evidence, *cited: int) -> DrillReport:
    """Reports a drill with this evidence, whose findings name these calls."""
    drill = Drill("plain", "fake", documents()["plain"])
    return report_drill(DrillResult(drill, made, 1.0, 0.0, (), (), ()), cited)


def test_of_very_many_calls_the_ends_and_what_findings_name_are_shown() -> None:
    made = evidence(run(*(seen() for _ in range(3 * MAX_CALLS))), run(seen()))
    report = reported(made, 1_500, 7, 1_501)
    ids = [call.id for call in report.calls]
    assert ids == sorted(ids)
    assert {1, 2, 7, 1_500, 1_501, 3 * MAX_CALLS, 3 * MAX_CALLS + 1} <= set(ids)
    assert len(ids) + report.calls_left_out == 3 * MAX_CALLS + 1
    assert len(reported(made, *range(1, 3 * MAX_CALLS)).calls) == MAX_CALLS


@pytest.mark.parametrize("count", [0, 1, MAX_CALLS])
def test_of_as_many_as_there_is_room_for_none_is_left_out(count: int) -> None:
    report = reported(evidence(run(*(seen() for _ in range(count)))))
    assert (len(report.calls), report.calls_left_out) == (count, 0)


def test_long_texts_are_shown_from_their_beginning() -> None:
    text = "x" * 100_000
    violations = tuple(Violation("query", "/x", text, "rule") for _ in range(100))
    call = seen(path=f"/{text}", query=text, request=text, reply=text, notes=[text] * 100, violations=violations)
    (shown_call,) = reported(evidence(run(call, output=text))).calls
    assert len(shown_call.model_dump_json()) < 30_000
