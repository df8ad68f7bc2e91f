"""Leads that a client must hold and does not: the explanation of each loss."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, JudgedAttempt, LeadSnapshot, Run
from mockserver.judge.losses import Loss, losses
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, holds, lead, run, seen, shows, token

DAY = 86_400


FULL = Contact("ana@example.org", ("0611223344",), "Ana Roy", "Bonjour, est-ce encore libre ?")


UPDATED = replace(JUDGE_ADAPTER, ordered_by="updated")


CURSORS = replace(JUDGE_ADAPTER, uses_offsets=False)


GONE: Any = {"operation": "getLead", "path": "/leads/9", "status": 404}


def full(id: str, **given: Any) -> LeadSnapshot:
    """A lead of which nothing is absent or strange."""
    return lead(id, **{"contact": FULL, **given})


ONE, TWO, THREE = full("1"), full("2"), full("3")


def drill(*runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> Evidence:
    return evidence(*runs, adapter=adapter, **given)


def at_work(*calls: JudgedCall, there: tuple[LeadSnapshot, ...] = (ONE, TWO), **given: Any) -> Run:
    """A run during which nothing happened: what was there before is there afterwards."""
    return run(*calls, before=there, after=there, **given)


def later(*calls: JudgedCall, **given: Any) -> Run:
    """The same a day later."""
    return at_work(*calls, **{"began": NOW + DAY, **given})


def loss(*runs: Run, **given: Any) -> Loss:
    """The only one."""
    (found,) = losses(drill(*runs, **given))
    return found


def cause(*runs: Run, **given: Any) -> str:
    return loss(*runs, **given).obligation


def no_loss(*runs: Run, **given: Any) -> bool:
    """Nothing is lost, or it is told elsewhere."""
    return losses(drill(*runs, **given)) == ()


def test_who_holds_or_was_shown_everything_lost_nothing() -> None:
    assert no_loss(at_work(shows(ONE, TWO), outcome=holds(ONE, TWO)))
    assert no_loss(at_work(shows(ONE, TWO)))
    assert no_loss()


def test_without_an_outcome_what_was_shown_counts() -> None:
    stops = shows(ONE, next="100")
    assert loss(at_work(stops)).lead == TWO
    assert {each.lead.id for each in losses(drill(at_work(stops, outcome=[])))} == {"1", "2"}


def test_nothing_is_lost_yet_when_the_last_run_failed() -> None:
    stops = shows(ONE, next="100")
    assert cause(at_work(stops, outcome=holds(ONE))) == "PAGE-01"
    assert no_loss(at_work(stops, outcome=holds(ONE), exit_code=1))
    assert no_loss(at_work(stops, outcome=holds(ONE), ending="timeout"))
    assert cause(at_work(stops, outcome=holds(ONE), ending="settled")) == "PAGE-01"


def test_a_next_page_that_nobody_asks_for() -> None:
    found = loss(at_work(shows(ONE, next="100"), outcome=holds(ONE)))
    assert (found.obligation, found.lead.id, found.entries) == ("PAGE-01", "2", (1,))
    assert found.text == "run 1 stopped in the leads after 1 leads, though more followed"


def test_a_list_that_is_left_because_one_lead_is_gone() -> None:
    left = [shows(ONE, next="100"), seen(**GONE)]
    assert cause(at_work(*left, outcome=holds(ONE))) == "TOLERANCE-06"
    assert cause(at_work(*left[::-1], outcome=holds(ONE))) == "PAGE-01"


def test_a_list_that_shifts_while_it_is_read_by_offsets() -> None:
    pages = [shows(ONE, next="100"), shows(place="100")]
    found = loss(at_work(*pages, outcome=holds(ONE)))
    assert (found.obligation, found.entries) == ("PAGE-04", (1, 2))
    overfull = shows(*([ONE] * 101), next="100")
    assert losses(drill(at_work(overfull, shows(place="101"), outcome=holds(ONE)))) == ()


def test_a_moment_between_two_periods() -> None:
    early, late = full("1", created=NOW - 5 * DAY), full("2", created=NOW)
    between = full("3", created=NOW - 2 * DAY)
    windows = [
        shows(early, since=NOW - 6 * DAY, until=NOW - 3 * DAY),
        shows(late, since=NOW - DAY, until=NOW + 60),
    ]
    found = loss(at_work(*windows, there=(early, between, late)), adapter=CURSORS)
    assert (found.obligation, found.lead.id) == ("PAGE-09", "3")
    # That something failed meanwhile explains nothing: the run was content.
    first = at_work(token(status=503), *windows, there=(early, between, late))
    second = later(shows(since=NOW - DAY), there=(early, between, late))
    assert cause(first, second, adapter=CURSORS) == "PAGE-09"


def test_a_page_that_never_came_is_told_elsewhere_of_a_run_that_took_it_for_an_answer() -> None:
    for broken in (seen(place="100", status=503), seen(place="100", status=200, fault="truncate")):
        assert no_loss(at_work(shows(ONE, next="100"), broken, outcome=holds(ONE)))


def test_a_page_that_never_came_is_not_owed_by_a_later_run_when_it_was_taken_for_an_answer() -> None:
    taken = at_work(shows(ONE, next="100"), seen(place="100", status=503), outcome=holds(ONE))
    assert no_loss(taken, later(shows(since=NOW + 1), outcome=holds(ONE)))


def test_a_page_that_came_when_it_was_asked_for_again_is_no_failure() -> None:
    calls = [shows(ONE, next="100"), seen(place="100", status=503), shows(place="100", next="200")]
    assert cause(at_work(*calls, outcome=holds(ONE))) == "PAGE-01"


def new(**given: Any) -> LeadSnapshot:
    """What came between two runs."""
    return full("new", **{"created": NOW + 100, **given})


def again(since: float | None, came: LeadSnapshot, **given: Any) -> tuple[Run, Run]:
    """A first run that is shown everything, and one that asks from some moment on and is shown nothing."""
    return (
        at_work(shows(ONE), there=(ONE,), outcome=holds(ONE)),
        later(shows(since=since), there=(ONE, came), outcome=holds(ONE), **given),
    )


def test_a_later_run_that_does_not_go_back_far_enough() -> None:
    found = loss(*again(NOW + 101, new()))
    assert (found.obligation, found.lead.id, found.entries) == ("SYNC-02", "new", (2,))
    assert "dated 1 seconds before the first moment that run 2 asked for" in found.text


def test_a_later_run_that_asks_in_milliseconds() -> None:
    found = loss(*again(NOW * 1000, new()))
    assert (found.obligation, found.text.partition(" on, ")[2]) == (
        "SYNC-02",
        "which looks like milliseconds; seconds are right",
    )
    assert found.text.startswith("run 2 asked from a moment in the year ")


def test_a_later_run_that_does_not_ask_for_the_list() -> None:
    one, _ = again(None, new())
    silent = later(token(), there=(ONE, new()), outcome=holds(ONE))
    assert loss(one, silent).text == "run 2 did not ask for its list again"
    assert cause(one, silent) == "SYNC-02"
    refused = later(token(status=503), there=(ONE, new()), outcome=holds(ONE))
    assert no_loss(one, refused)


def test_a_lead_that_came_late_is_dated_before_the_last_look() -> None:
    late = [again(NOW, new(created=NOW - seconds)) for seconds in (5_400, 331)]
    assert [cause(*runs) for runs in late] == ["SYNC-03", "SYNC-03"]
    assert cause(*again(NOW, new(created=NOW - 329))) == "SYNC-02"


@pytest.mark.parametrize(("late", "charged"), [(2, "SYNC-02"), (3, "SYNC-04"), (4_000, "SYNC-04")])
def test_where_clocks_differ_they_are_why_unless_it_is_the_second_of_the_newest_lead(late: int, charged: str) -> None:
    runs = again(NOW, new(created=NOW - late))
    assert cause(*runs, skew=300.0) == charged
    assert cause(*runs, skew=-300.0) == charged


def test_a_first_run_that_begins_too_late_lost_nothing_by_its_own_choice() -> None:
    assert no_loss(at_work(shows(since=NOW + 1), there=(ONE,)))
    # A second list that it reads further back says that it wanted it.
    assert cause(at_work(shows(since=NOW + 1), shows(since=NOW - DAY, until=NOW - 5), there=(ONE,))) == "PAGE-09"


def test_changes_are_looked_for_by_the_moment_of_the_change() -> None:
    changed = new(created=NOW - DAY, updated=NOW + 100)
    assert cause(*again(NOW + 101, changed), adapter=UPDATED) == "SYNC-02"
    assert cause(*again(NOW + 101, changed)) == "SYNC-03"


def test_what_a_failed_run_was_shown_is_owed_by_a_later_one() -> None:
    failed = at_work(shows(ONE, TWO, next="100"), seen(place="100", status=503), exit_code=1, outcome=[])
    found = loss(failed, later(shows(ONE, since=NOW), outcome=holds(ONE)))
    assert (found.obligation, found.lead.id, found.entries) == ("FAULT-07", "2", (1,))


def test_a_page_that_failed_is_owed_by_a_later_run() -> None:
    failed = at_work(shows(ONE, next="100"), seen(place="100", status=503), exit_code=1, outcome=holds(ONE))
    found = loss(failed, later(shows(since=NOW + 1), outcome=holds(ONE)))
    assert (found.obligation, found.entries) == ("FAULT-07", (2,))
    assert found.text == "its page failed in run 1, and no later run asked for it again"


def test_a_list_that_a_failed_run_did_not_come_to_is_owed_by_a_later_one() -> None:
    failed = at_work(token(status=503), exit_code=1, outcome=[])
    found = loss(failed, later(shows(since=NOW + 1), shows(ONE, until=NOW - 5), outcome=holds(ONE)))
    assert (found.obligation, found.entries) == ("FAULT-07", (1,))
    assert found.text == "run 1 failed before it came to it, and no later run asked for it"


def test_a_page_that_fails_again_in_the_last_run_is_its_own_matter() -> None:
    down = [shows(ONE, next="100"), seen(place="100", status=503)]
    assert no_loss(at_work(*down, exit_code=1), later(*down))


def test_who_asks_once_more_and_stops_after_a_page_is_told_that() -> None:
    failed = at_work(shows(ONE, next="100"), seen(place="100", status=503), exit_code=1, outcome=holds(ONE))
    assert cause(failed, later(shows(ONE, next="100"), outcome=holds(ONE))) == "PAGE-01"


def test_what_is_thrown_away_in_a_run_that_meets_failures() -> None:
    both = at_work(shows(ONE, TWO), outcome=holds(ONE, TWO))
    found = loss(both, later(seen(status=503), shows(ONE), outcome=holds(ONE)))
    assert (found.obligation, found.entries) == ("FAULT-08", (2,))
    assert found.text == "it was held after run 1 and not after run 2"


def test_what_is_thrown_away_in_a_run_that_meets_none() -> None:
    both = at_work(shows(ONE, TWO), outcome=holds(ONE, TWO))
    assert cause(both, later(shows(ONE), outcome=holds(ONE))) == "RUN-03"
    third = later(shows(ONE), began=NOW + 2 * DAY, outcome=holds(ONE))
    assert cause(both, later(shows(ONE), outcome=holds(ONE)), third) == "RUN-03"
    assert no_loss(both, later(shows(ONE), outcome=holds(ONE)), replace(third, outcome=tuple(holds(ONE, TWO))))


def test_what_is_shown_and_not_held() -> None:
    found = loss(at_work(token(), shows(ONE, TWO), outcome=holds(ONE)))
    assert (found.obligation, found.lead.id, found.entries) == ("RUN-03", "2", (2,))
    assert found.text == "run 1 was shown it and it is not held"


def test_a_run_that_ended_for_no_good_reason_is_told_as_that() -> None:
    crash = at_work(shows(ONE, TWO), exit_code=1, outcome=[])
    assert no_loss(crash, later(shows(ONE, since=NOW), outcome=holds(ONE)))


def test_answers_that_a_fault_made_strange() -> None:
    for kind, charged in (("extra_members", "TOLERANCE-01"), ("unknown_values", "TOLERANCE-02")):
        strange = shows(TWO, place="100", fault=kind, in_contract=True)
        assert cause(at_work(shows(ONE, next="100"), strange, outcome=holds(ONE))) == charged
        both = shows(ONE, TWO, fault=kind, in_contract=True)
        assert cause(at_work(both, outcome=holds(ONE))) == "RUN-03"


def test_compressed_answers_that_cannot_be_read() -> None:
    gzip = {"content-encoding": "gzip"}
    lost = at_work(shows(ONE, next="100"), shows(TWO, place="100", answered=gzip), outcome=holds(ONE))
    assert cause(lost, aims=("TOLERANCE-07",)) == "TOLERANCE-07"
    assert cause(at_work(shows(ONE, TWO, answered=gzip), outcome=holds(ONE)), aims=("TOLERANCE-07",)) == "RUN-03"


def test_elsewhere_nothing_is_charged_to_compression() -> None:
    gzip = {"content-encoding": "gzip"}
    assert (
        cause(at_work(shows(ONE, next="100"), shows(TWO, place="100", answered=gzip), outcome=holds(ONE))) == "RUN-03"
    )


FIRST, AGAIN = lead("11", enquiry=11), lead("12", enquiry=12, repeats=11)
THIRD_TIME = lead("13", enquiry=13, repeats=11)


@pytest.mark.parametrize(
    ("there", "held"), [((FIRST, AGAIN), FIRST), ((FIRST, AGAIN), AGAIN), ((AGAIN, THIRD_TIME), AGAIN)]
)
def test_two_leads_of_one_enquiry_are_made_one(there: tuple[LeadSnapshot, ...], held: LeadSnapshot) -> None:
    calls = at_work(shows(*there, ONE), there=(*there, ONE), outcome=holds(held, ONE))
    (loss,) = losses(drill(calls))
    assert loss.obligation == "SYNC-08"
    assert (
        loss.text == f"it was shown and is not held, while lead {held.id} is, by which the same person asked the same"
    )
    assert loss.entries


def test_what_else_is_missing_says_that_it_is_no_matter_of_two_portals() -> None:
    there = (FIRST, AGAIN, ONE)
    missing = losses(drill(at_work(shows(*there), there=there, outcome=holds(FIRST))))
    assert {loss.obligation for loss in missing} == {"RUN-03"}
    # One that was never shown is lost otherwise.
    unseen = at_work(shows(FIRST, next="100"), there=(FIRST, AGAIN), outcome=holds(FIRST))
    assert cause(unseen) == "PAGE-01"


def test_a_repetition_may_stand_in_the_place_of_the_parent_that_it_names() -> None:
    child = replace(AGAIN, parent="11")
    calls = at_work(shows(FIRST, child), there=(FIRST, child), outcome=holds(child))
    assert no_loss(calls)
    assert cause(at_work(shows(FIRST, child), there=(FIRST, child), outcome=holds())) == "RUN-03"


LACKING = [{"email": ""}, {"phones": ()}, {"name": ""}, {"message": ""}]


@pytest.mark.parametrize("lack", LACKING, ids=lambda lack: next(iter(lack)))
def test_only_leads_that_lack_the_same_member_are_missing(lack: dict[str, Any]) -> None:
    bare, also = (full(id, contact=replace(FULL, **lack)) for id in ("2", "4"))
    there = (ONE, bare, THREE, also)
    calls = at_work(shows(*there), there=there, outcome=holds(ONE, THREE))
    assert {each.obligation for each in losses(drill(calls))} == {"TOLERANCE-03"}
    # That one of them is held, or one that has it all is missing, too, says that it is not why.
    assert cause(replace(calls, outcome=tuple(holds(ONE, THREE, also)))) == "RUN-03"
    for kept in ([ONE], []):
        missing = losses(drill(replace(calls, outcome=tuple(holds(*kept)))))
        assert {each.obligation for each in missing} == {"RUN-03"}


def test_only_leads_with_odd_text_are_missing() -> None:
    odd = full("2", contact=replace(FULL, name="Zoë <O'Neill>"))
    assert cause(at_work(shows(ONE, odd), there=(ONE, odd), outcome=holds(ONE))) == "TOLERANCE-04"
    also = full("3", contact=odd.contact)
    there = (ONE, odd, also)
    assert cause(at_work(shows(*there), there=there, outcome=holds(ONE, also))) == "RUN-03"
    assert cause(at_work(shows(odd), there=(odd,), outcome=[])) == "RUN-03"


def test_what_came_by_webhook_only_is_told_elsewhere() -> None:
    took = JudgedAttempt(1, "2", 1, True, 200, None, frozenset())
    assert no_loss(at_work(shows(ONE), outcome=holds(ONE)), attempts=[took])
    refused = replace(took, succeeded=False)
    assert cause(at_work(shows(ONE), outcome=holds(ONE)), attempts=[refused]) == "PAGE-04"


def test_who_holds_nothing_but_what_nobody_had_is_told_that_alone() -> None:
    assert no_loss(at_work(shows(ONE, TWO), outcome=holds("x", "y")))
    assert not no_loss(at_work(shows(ONE, TWO), outcome=holds("x", "1")))
    assert not no_loss(at_work(shows(ONE, TWO), outcome=[]))


def test_what_was_taken_by_webhook_and_is_not_there_after_another_run() -> None:
    took = JudgedAttempt(1, "2", 1, True, 200, None, frozenset())
    first, again = at_work(shows(ONE), outcome=holds(ONE)), at_work(seen(), outcome=holds(ONE))
    found = loss(first, again, attempts=[took])
    assert (found.obligation, found.lead.id) == ("RUN-03", "2")
    assert found.text == "its webhook was answered with 2xx in run 1, and no later run asked for it"
    assert no_loss(first, again, attempts=[replace(took, run=2)])
    assert no_loss(first, replace(again, outcome=None), attempts=[took])
