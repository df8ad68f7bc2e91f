"""Leads that a run did not come to because of a failure, though it ended as if all were well."""

from typing import Any

import pytest

from mockserver.foundation.problems import Violation
from mockserver.judge.calls import JudgedCall
from mockserver.judge.cut_short import is_cut_short, is_owed
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.losses import losses
from tests.conftest import NOW
from tests.support.evidence import evidence, lead, run, seen, shows, token

DAY = 86_400
WEEK = 7 * DAY
FORBIDDEN: Any = {"status": 403}
NEWEST, OLD = lead("1", created=NOW - DAY), lead("2", created=NOW - 10 * DAY)
THERE: Any = {"before": [OLD, NEWEST], "after": [OLD, NEWEST]}


def week(number: int, *leads: Any, **members: Any) -> JudgedCall:
    """A period of a week that ends so many weeks ago; it fails when a status says so."""
    bounds: Any = {"since": NOW - (number + 1) * WEEK, "until": NOW - number * WEEK}
    return seen(**asked(bounds), **members) if "status" in members else shows(*leads, **bounds, **members)


def asked(bounds: dict[str, float]) -> dict[str, Any]:
    return {**bounds, "query": str(bounds)}


def mark_moved(*calls: JudgedCall, **members: Any) -> Evidence:
    """A run with these calls that ended well, and another one that asks from a moment shortly before it."""
    return evidence(run(*calls, **THERE), run(shows(NEWEST, since=NOW - 2 * DAY), began=NOW + DAY, **THERE), **members)


def causes(drill: Evidence) -> dict[str, str]:
    return {loss.lead.id: loss.obligation for loss in losses(drill)}


@pytest.mark.parametrize("status", [403, 500, 0])
def test_a_crawl_that_ends_at_a_failure_explains_what_it_did_not_come_to(status: int) -> None:
    (loss,) = losses(mark_moved(week(4), week(3, status=status)))
    assert (loss.obligation, loss.lead.id, loss.entries) == ("FAULT-07", "2", (2,))
    assert loss.text == "run 1 failed before it came to it, and no later run asked for it"


def test_a_run_that_came_to_no_list_at_all() -> None:
    assert causes(mark_moved(token(status=500))) == {}, "it asked for what is new, and nobody knows for more"
    both = evidence(run(token(status=500), **THERE), run(week(0, NEWEST), week(3), **THERE))
    assert causes(both) == {"2": "FAULT-07"}


def test_a_page_that_was_forbidden_is_owed_by_a_later_run() -> None:
    passed_over = mark_moved(week(4), week(1, **FORBIDDEN), week(0, NEWEST))
    (loss,) = losses(passed_over)
    assert (loss.obligation, loss.text) == ("FAULT-07", "its page failed in run 1, and no later run asked for it again")
    # A failure that was taken for an answer is told as that.
    assert causes(mark_moved(week(4), week(1, status=500), week(0, NEWEST))) == {}


def test_what_the_last_run_did_not_get_may_come_in_the_next_one() -> None:
    last = run(week(4), week(3, **FORBIDDEN), **THERE)
    assert losses(evidence(last)) == ()
    first = run(week(5), week(0, NEWEST), before=[NEWEST], after=[NEWEST])
    assert causes(evidence(first, last)) == {}


def test_a_gap_between_periods_is_one_whatever_fails_beside_it() -> None:
    gap = lead("2", created=NOW - 2 * WEEK - 30)
    there: Any = {"before": [gap, NEWEST], "after": [gap, NEWEST]}
    early = shows(since=NOW - 3 * WEEK, until=NOW - 2 * WEEK - 61)
    first = run(early, week(1), week(0, **FORBIDDEN), **there)
    later = run(week(0, NEWEST), began=NOW + DAY, **there)
    assert causes(evidence(first, later)) == {"2": "PAGE-09"}


def test_a_failure_that_was_made_good_explains_nothing() -> None:
    again = mark_moved(week(4), week(3, **FORBIDDEN), week(3), week(2))
    assert causes(again) == {"2": "PAGE-09"}


def cut_short(*calls: JudgedCall, weeks_ago: float) -> bool:
    return is_cut_short(evidence(run(*calls)).last, ["leads"], NOW - weeks_ago * WEEK)


def test_a_whole_period_is_what_a_worker_that_failed_left_out() -> None:
    calls = [week(4), week(3, **FORBIDDEN), week(1), week(0)]
    assert cut_short(*calls, weeks_ago=2.5)
    assert cut_short(*calls, weeks_ago=9)
    assert not cut_short(week(4), week(1), week(0), weeks_ago=2.5)


def owed(first: Run, *later: Run) -> bool:
    drill = evidence(first, *later)
    return is_owed(drill, drill.runs[0], drill.runs[0].crawls[-1])


def test_what_was_forbidden_is_owed_only_when_the_list_can_be_read_again() -> None:
    forbidden = run(week(1), week(0, **FORBIDDEN))
    assert owed(forbidden, run(week(0)))
    assert not owed(forbidden)
    assert not owed(forbidden, run(week(0, **FORBIDDEN)))
    assert not owed(run(week(0, status=500)), run(week(0)))
    wrong = [Violation("query", "/limit", "maximum", "too much")]
    assert not owed(run(week(0, **FORBIDDEN, violations=wrong)), run(week(0)))
