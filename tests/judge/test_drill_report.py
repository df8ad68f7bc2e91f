"""The report of a drill with very many calls, and with very long texts: it stays small."""

import tracemalloc

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
    report = reported(made, 450, 7, 451)
    ids = [call.id for call in report.calls]
    assert ids == sorted(ids)
    assert {1, 2, 7, 450, 451, 3 * MAX_CALLS, 3 * MAX_CALLS + 1} <= set(ids)
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
    assert len(reported(evidence(run(call, output=text))).model_dump_json()) < 33_000


def test_of_a_long_drill_bodies_are_whole_where_a_finding_cites_them() -> None:
    def made(count: int) -> Evidence:
        return evidence(run(*(seen(reply="x" * 500) for _ in range(count))))

    assert {len(call.reply) for call in reported(made(20)).calls} == {500}
    lengths = {call.id: len(call.reply) for call in reported(made(200), 7).calls}
    assert lengths.pop(7) == 500
    assert set(lengths.values()) == {120}


def test_a_call_that_is_kept_for_the_report_takes_little_memory() -> None:
    def made(number: int) -> Evidence:
        return evidence(
            run(*(seen(query=f"since={place}", reply=f"{number} {place} " * 80) for place in range(MAX_CALLS)))
        )

    first, second = made(1), made(2)
    reported(first)
    tracemalloc.start()
    try:
        report = reported(second)
        calls = len(report.calls)
        size, _ = tracemalloc.get_traced_memory()
        # What goes with the report was the report's; servers of other tests may take memory meanwhile, too.
        del report
        rest, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 100 < (size - rest) / calls < 1_000
