"""Seconds that lie in no period of a client, and periods that only look as if they left some out."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Run
from mockserver.judge.function import Function
from mockserver.judge.gaps import gaps
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.losses import losses
from mockserver.judge.obligations import JUDGES
from mockserver.judge.rulings import Ruling, State
from tests.clients.broken_more import seeker as broken_more
from tests.clients.broken_seeker import BROKEN
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, lead, run, seen, shows
from tests.support.patience import PATIENCE

DAY = 86_400
CURSORS = replace(JUDGE_ADAPTER, uses_offsets=False)
LEAVES_AN_HOUR, _ = BROKEN["leaves-an-hour-between-periods"]
EXCLUSIVE = replace(CURSORS, ends_before_bound=lambda readings: True)


def asks(since: float | None, until: float | None, **members: Any) -> JudgedCall:
    return shows(since=since, until=until, **members)


def windows(gap: float, *, first: float = NOW - 28 * DAY, count: int = 4) -> list[JudgedCall]:
    """Periods of a week, with so many seconds from the end of each to the beginning of the next one."""
    return [asks(first + turn * 7 * DAY, first + (turn + 1) * 7 * DAY - gap) for turn in range(count)]


def left_out(*runs: Run, **members: Any) -> list[tuple[int, int]]:
    """Of each gap the run and the number of seconds."""
    return [(gap.run, gap.seconds) for gap in gaps(evidence(*runs, **{"adapter": CURSORS, **members}))]


def judge(*runs: Run, **members: Any) -> Ruling:
    return JUDGES["PAGE-09"](evidence(*runs, **{"adapter": CURSORS, **members}))


@pytest.mark.parametrize("seconds", [1, 60, 3_600, 2 * DAY])
def test_a_gap_at_every_edge_is_found_whether_a_lead_lies_in_it_or_not(seconds: int) -> None:
    at_work = run(*windows(seconds + 1))
    assert left_out(at_work) == [(1, seconds)] * 3
    (finding,) = judge(at_work).findings
    assert f"{seconds:,} second{'s' if seconds > 1 else ''} in between" in finding.text
    assert finding.text.endswith(", and so 2 times more")
    assert finding.entries == (1, 2, 3, 4)


@pytest.mark.parametrize("calls", [windows(0), windows(1), windows(-DAY), windows(0)[::-1], windows(1)[2:]])
def test_periods_that_touch_overlap_or_follow_by_the_second_leave_none(calls: list[JudgedCall]) -> None:
    assert left_out(run(*calls)) == []
    assert judge(run(*calls)).state is State.HELD


def test_where_the_end_does_not_belong_to_a_period_the_client_need_not_know_that() -> None:
    assert left_out(run(*windows(2)), adapter=EXCLUSIVE) == []
    assert left_out(run(*windows(3)), adapter=EXCLUSIVE) == [(1, 2)] * 3


def test_the_order_of_the_calls_and_repeated_or_nested_periods_mean_nothing() -> None:
    calls = windows(61)
    assert left_out(run(*calls[::-1], calls[0])) == [(1, 60)] * 3
    assert left_out(run(*calls, asks(NOW - 28 * DAY, NOW))) == []
    assert left_out(run(*calls[:2], asks(None, NOW - 14 * DAY), *calls[2:])) == [(1, 60)] * 1


def test_lists_are_looked_at_one_by_one() -> None:
    one, other = windows(0)[:2], [asks(NOW - 7 * DAY, NOW, feed="other")]
    assert left_out(run(*one, *other)) == []


def test_a_period_that_is_open_leaves_nothing_out() -> None:
    assert left_out(run(asks(NOW - DAY, None), asks(None, NOW - DAY))) == []
    assert left_out(run(asks(NOW - DAY, None), asks(NOW - DAY - 90, NOW - DAY - 31))) == [(1, 30)]


def test_who_looks_again_at_what_an_earlier_run_read_leaves_nothing_out() -> None:
    first = run(asks(NOW - 28 * DAY, NOW))
    again = run(asks(NOW - 20 * DAY, NOW - 19 * DAY), asks(NOW - 2, NOW + DAY), began=NOW + DAY)
    assert left_out(first, again) == []
    later = run(asks(NOW - DAY, NOW - 60), asks(NOW + 60, NOW + DAY), began=NOW + DAY)
    assert left_out(first, later) == [], "between two runs is another obligation"


def test_two_open_periods_are_no_row() -> None:
    assert left_out(run(asks(None, NOW - 9), asks(NOW, None))) == []


def test_two_periods_that_lie_far_apart_are_no_row() -> None:
    assert left_out(run(asks(NOW - 300 * DAY, NOW - 299 * DAY), asks(NOW - DAY, NOW))) == []


@pytest.mark.parametrize("trouble", [{"status": 503}, {"status": 0}, {"status": 429}, {"fault": "truncate"}])
def test_a_run_that_met_a_failure_may_have_had_to_leave_something_out(trouble: dict[str, Any]) -> None:
    assert left_out(run(*windows(61), seen(**trouble))) == []
    assert left_out(run(*windows(61), exit_code=1)) == []


@pytest.mark.parametrize("trouble", [{"status": 503}, {"status": 0}, {"status": 403}, {"fault": "truncate"}])
def test_a_failure_that_was_made_good_is_no_excuse(trouble: dict[str, Any]) -> None:
    first, *others = windows(61)
    assert first.page_request is not None
    failed = seen(page_request=first.page_request, **trouble)
    assert left_out(run(failed, first, *others)) == [(1, 60)] * 3
    assert left_out(run(failed, *others)) == []


def test_a_token_that_died_is_no_excuse() -> None:
    assert left_out(run(seen(status=401, operation="getLead"), *windows(61))) == [(1, 60)] * 3


MONTH = "month-without-a-run"
ORIGINS = [at * 3_600 for at in (0, 7, 13, 23, 100 * 24, 366 * 24 + 5)]


@pytest.mark.parametrize(
    "client",
    [broken_more.LeavesASecondBetweenPeriods, broken_more.LeavesAMinuteBetweenPeriods, LEAVES_AN_HOUR],
    ids=lambda client: client.__name__,
)
def test_at_whatever_hour_and_date_a_drill_begins_its_gaps_are_found(
    monkeypatch: pytest.MonkeyPatch, client: type[Any]
) -> None:
    def program(environment: Mapping[str, str], stop: threading.Event) -> int:
        code: int = client(environment, stop).run()
        return code

    with JudgeServer() as server:
        (drill,) = server.battery(["seeker"], [MONTH])
        origin = server._origin
        for later in ORIGINS:
            monkeypatch.setattr(server, "_origin", origin + later)
            made = server.run_drill(drill, Function(program, PATIENCE)).evidence
            assert {gap.run for gap in gaps(made)} == {1, 2}, "by arithmetic, in the first run and in the one after"


# What is lost in a gap


def test_a_lead_in_a_gap_is_charged_to_the_gap_though_an_earlier_run_failed() -> None:
    lost, kept = lead("1", created=NOW - 14 * DAY - 30), lead("2", created=NOW - DAY)
    there: Any = {"before": [lost, kept], "after": [lost, kept]}
    failed = run(seen(status=503, since=NOW + DAY), exit_code=1, **there)
    calls = windows(61)
    calls[-1] = shows(kept, since=NOW - 7 * DAY, until=NOW)
    (loss,) = losses(evidence(failed, run(*calls, **there), adapter=CURSORS))
    assert (loss.obligation, loss.lead.id, len(loss.entries)) == ("PAGE-09", "1", 2)


def test_a_lead_between_two_runs_is_no_gap_of_periods_though_an_older_one_is_read_again() -> None:
    came = lead("1", created=NOW + 30)
    first = run(asks(NOW - 28 * DAY, NOW))
    again = run(
        asks(NOW - 20 * DAY, NOW - 19 * DAY),
        asks(NOW + 60, NOW + DAY),
        began=NOW + DAY,
        before=[came],
        after=[came],
    )
    (loss,) = losses(evidence(first, again, adapter=CURSORS))
    assert loss.obligation == "SYNC-02"
