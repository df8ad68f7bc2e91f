"""What must be held at the end, why a lead is lost, and what a run that failed is blamed on: on evidence by hand."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.contact_traits import is_bare, is_odd
from mockserver.judge.crashes import crashed
from mockserver.judge.evidence import Evidence, HeldLead, JudgedAttempt, LeadSnapshot, Run
from mockserver.judge.losses import Loss, losses
from mockserver.judge.oracle import expected, shown_ids, versions
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, PageRequest, SeenLead
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


def wanted(*runs: Run, **given: Any) -> set[str]:
    return set(expected(drill(*runs, **given)))


# What must be held


def test_what_was_there_before_the_last_run_and_still_is_must_be_held() -> None:
    came, went = full("came"), full("went")
    assert wanted(run(seen(), before=[ONE, went], after=[ONE, came])) == {"1"}


def test_people_who_were_erased_and_repetitions_of_other_leads_need_not_be_held() -> None:
    there = (ONE, replace(TWO, erased=True), full("3", parent="1"))
    assert wanted(at_work(seen(), there=there)) == {"1"}


def test_only_lists_that_were_asked_for_count() -> None:
    there = (ONE, full("2", feeds=["others"]), full("3", feeds=[]), full("4", feeds=["leads", "others"]))
    assert wanted(at_work(seen(), there=there)) == {"1", "4"}
    assert wanted(at_work(shows(feed="others"), there=there)) == {"2", "4"}
    assert wanted(at_work(token(), there=there)) == set()


def test_bounds_of_one_list_are_not_those_of_another() -> None:
    old = NOW - DAY
    there = (full("1", created=old), full("2", created=old, feeds=["others"]))
    assert wanted(at_work(seen(since=NOW), shows(feed="others"), there=there)) == {"2"}


def test_it_begins_with_the_earliest_moment_that_was_ever_asked_for() -> None:
    there = tuple(full(str(days), created=NOW - days * DAY) for days in range(4))
    assert wanted(at_work(seen(since=NOW - 2 * DAY), there=there)) == {"0", "1", "2"}
    both = at_work(seen(since=NOW - 2 * DAY), there=there), later(seen(since=NOW), there=there)
    assert wanted(*both) == {"0", "1", "2"}
    assert wanted(at_work(seen(since=NOW), seen(), there=there)) == {"0", "1", "2", "3"}


def test_it_ends_with_the_latest_moment_that_the_last_run_asked_for() -> None:
    there = tuple(full(str(days), created=NOW - days * DAY) for days in range(3))
    assert wanted(at_work(seen(until=NOW - DAY), there=there)) == {"1", "2"}
    assert wanted(at_work(seen(until=NOW - 2 * DAY), seen(until=NOW - DAY), there=there)) == {"1", "2"}
    assert wanted(at_work(seen(until=NOW - DAY), there=there), later(seen(until=NOW), there=there)) == {"0", "1", "2"}
    earlier = at_work(seen(until=NOW - 2 * DAY), seen(until=NOW), there=there)
    assert wanted(earlier, later(seen(until=NOW - DAY), there=there)) == {"1", "2"}


def test_a_list_that_a_content_last_run_did_not_ask_for_has_no_end() -> None:
    there = tuple(full(str(days), created=NOW - days * DAY) for days in range(3))
    windows = at_work(seen(until=NOW - 2 * DAY), seen(until=NOW - DAY), there=there)
    assert wanted(windows, later(token(), there=there)) == {"0", "1", "2"}
    assert wanted(windows, later(shows(feed="others"), there=there)) == {"0", "1", "2"}
    assert wanted(windows, later(token(status=500), there=there)) == {"1", "2"}


def test_bounds_are_about_the_moment_that_the_provider_means() -> None:
    there = (full("1", created=NOW - DAY, updated=NOW),)
    assert wanted(at_work(seen(since=NOW), there=there)) == set()
    assert wanted(at_work(seen(since=NOW), there=there), adapter=UPDATED) == {"1"}


def test_who_is_shown_a_lead_by_call_or_webhook_was_shown_it() -> None:
    took = JudgedAttempt(1, "took", 1, True, 200, None, frozenset())
    refused = JudgedAttempt(1, "refused", 1, False, 500, "status 500", frozenset())
    one = seen(operation="getLead", details=(SeenLead("detail"),))
    assert shown_ids(drill(run(shows("1"), one), attempts=[took, refused])) == {"1", "detail", "took"}


def test_a_lead_has_each_of_its_forms_once_in_order() -> None:
    renamed, moved = replace(ONE, contact=replace(FULL, name="Bea Roy")), replace(ONE, updated=NOW + 5)
    runs = [run(before=[ONE], after=[moved]), run(before=[renamed], after=[ONE])]
    assert [form.contact.name for form in versions(drill(*runs), "1")] == ["Ana Roy", "Bea Roy", "Ana Roy"]
    assert versions(drill(*runs), "2") == []


@pytest.mark.parametrize("text", ["x" * 2_001, "O'Brien", "a\tb", "東京", "zero\u200bwidth", "back\\slash", "<b>"])
def test_text_that_programs_stumble_over_is_odd(text: str) -> None:
    assert all(is_odd(contact) for contact in (Contact(text), Contact(name=text), Contact(message=text)))


@pytest.mark.parametrize("text", ["", "x" * 2_000, "Éloïse de la Tour-d'Auvergne".replace("'", "’"), "« Ça ? »\r\n…"])
def test_french_as_it_is_written_is_not_odd(text: str) -> None:
    assert not is_odd(Contact(message=text))


def test_a_contact_that_lacks_anything_is_bare() -> None:
    assert not is_bare(FULL)
    lacking = [{"email": ""}, {"phones": ()}, {"name": ""}, {"message": ""}]
    assert all(is_bare(replace(FULL, **lack)) for lack in lacking)  # type: ignore[arg-type]


# Why it is lost: the question was not asked, or not to its end


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


# Why it is lost: later runs


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


# Why it is lost: failures


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


# Why it is lost: it was shown


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


# What a run that failed is blamed on


def blame(*calls: JudgedCall, outcome: list[HeldLead] | None = None, **given: Any) -> list[str]:
    ending = given.pop("ending", "itself")
    made = drill(run(*calls, exit_code=1, ending=ending, outcome=outcome), **given)
    return [blamed for _, blamed in crashed(made)]


def test_a_run_that_has_a_reason_to_fail_is_not_blamed() -> None:
    assert blame() == []
    assert blame(shows(ONE), seen(place="100", status=503)) == []
    assert blame(token(status=401)) == []
    assert blame(shows(ONE), seen(fault="truncate")) == []


def test_runs_that_end_well_are_not_blamed_and_others_are_one_by_one() -> None:
    good, bad = run(shows(ONE)), run(shows(ONE), exit_code=1)
    assert [each.number for each, _ in crashed(drill(good, bad, good, bad))] == [2, 4]
    assert crashed(drill(run(shows(ONE), ending="settled"))) == []


def test_a_run_that_fails_for_no_reason_at_all() -> None:
    assert blame(shows(ONE)) == ["RUN-02"]
    assert blame(token()) == ["RUN-02"]
    assert blame(shows(ONE), ending="timeout") == ["RUN-02"]


def test_a_run_that_goes_on_behind_the_end_for_ever() -> None:
    behind = [seen(place=str(place)) for place in (100, 200, 300)]
    assert blame(shows(ONE), *behind, ending="timeout") == ["PAGE-07"]
    assert blame(shows(ONE), *behind) == ["RUN-02"]


def test_a_run_that_fails_at_a_lead_that_is_gone() -> None:
    assert blame(shows(ONE), seen(**GONE)) == ["TOLERANCE-06"]
    assert blame(shows(ONE), seen(operation="getNote", status=404)) == ["RUN-02"]


def test_a_run_that_holds_all_that_it_was_shown_did_not_fail_at_that() -> None:
    bare = shows(lead("1"), fault="extra_members", in_contract=True)
    assert blame(bare, outcome=holds("1", "2")) == ["RUN-02"]
    assert blame(bare, outcome=holds("2")) == ["TOLERANCE-01"]
    assert blame(seen(), outcome=[]) == ["PAGE-06"]


@pytest.mark.parametrize(
    ("kind", "charged"),
    [("extra_members", "TOLERANCE-01"), ("unknown_values", "TOLERANCE-02"), ("delay", "RUN-02")],
)
def test_a_run_that_fails_at_a_strange_answer(kind: str, charged: str) -> None:
    assert blame(shows(ONE, fault=kind, in_contract=True)) == [charged]


def test_a_run_that_fails_at_an_empty_list() -> None:
    assert blame(seen()) == ["PAGE-06"]
    assert blame(token(), seen(), seen(since=NOW)) == ["PAGE-06"]
    assert blame(seen(), shows(ONE)) == ["RUN-02"]


def test_a_run_that_fails_at_a_lead_that_lacks_something() -> None:
    assert blame(shows(ONE, lead("2"))) == ["TOLERANCE-03"]


def test_odd_text_is_blamed_where_the_drill_is_about_that_alone() -> None:
    odd = shows(full("1", contact=replace(FULL, name="<O'Neill>")), lead("2"))
    assert blame(odd, aims=("TOLERANCE-04",)) == ["TOLERANCE-04"]
    assert blame(odd, aims=("TOLERANCE-03", "TOLERANCE-04")) == ["TOLERANCE-03"]
    assert blame(odd) == ["TOLERANCE-03"]
    assert blame(shows(ONE), aims=("TOLERANCE-04",)) == ["RUN-02"]


# Calls put together to crawls


def crawls(*calls: JudgedCall) -> list[tuple[int, ...]]:
    """The numbers of the calls of each."""
    made = drill(run(*calls)).last.crawls
    return [tuple(page.entry.id for page in crawl.pages) for crawl in made]


FIRST, SECOND, END = shows(ONE, next="100"), shows(TWO, place="100", next="200"), shows(THREE, place="200")


def test_pages_of_a_list_are_a_crawl_and_other_calls_are_in_none() -> None:
    assert crawls(token(), FIRST, seen(**GONE), SECOND, END) == [(2, 4, 5)]


def test_a_first_page_that_failed_and_is_asked_for_again_begins_no_other_crawl() -> None:
    failed = seen(status=503)
    assert crawls(failed, failed, FIRST, SECOND) == [(1, 2, 3, 4)]
    made = drill(run(failed, FIRST, SECOND, END)).last.crawls[0]
    assert (made.complete, made.failed, made.shown_ids) == (True, False, frozenset("123"))


def test_who_reads_a_list_a_second_time_makes_another_crawl() -> None:
    assert crawls(FIRST, SECOND, FIRST, SECOND, END) == [(1, 2), (3, 4, 5)]
    zero = replace(FIRST, page_request=PageRequest("leads", None, None, "0", 100))
    assert crawls(FIRST, SECOND, zero, SECOND) == [(1, 2), (3, 4)]


def test_periods_that_are_read_side_by_side_are_crawls_each() -> None:
    bounds: Any = {"since": NOW - DAY, "until": NOW}
    other = [shows("7", next="100", **bounds), shows("8", place="100", **bounds)]
    assert crawls(FIRST, other[0], SECOND, other[1], END) == [(1, 3, 5), (2, 4)]
    assert crawls(FIRST, shows("9", feed="others"), SECOND) == [(1, 3), (2,)]


def test_a_list_that_is_not_begun_at_its_beginning_is_a_crawl_too() -> None:
    assert crawls(SECOND, END) == [(1, 2)]


def test_a_crawl_is_of_one_run() -> None:
    made = drill(run(FIRST), run(SECOND, END))
    assert [len(each.crawls) for each in made.runs] == [1, 1]
    assert not made.run(1).crawls[0].complete
    assert made.run(2).crawls[0].complete


def test_a_crawl_failed_when_its_last_page_did() -> None:
    (crawl,) = drill(run(FIRST, seen(place="100", status=503))).last.crawls
    assert (crawl.failed, crawl.complete) == (True, False)
    assert crawl.last_page is not None
    assert crawl.last_page.page == FIRST.page
    (nothing,) = drill(run(seen(status=503))).last.crawls
    assert nothing.last_page is None
