"""The leads that a client must hold at the end of a drill."""

from dataclasses import replace
from typing import Any

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, JudgedAttempt, LeadSnapshot, Run
from mockserver.judge.oracle import expected, shown_ids, versions
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, SeenLead
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, lead, run, seen, shows, token

DAY = 86_400


FULL = Contact("ana@example.org", ("0611223344",), "Ana Roy", "Bonjour, est-ce encore libre ?")


UPDATED = replace(JUDGE_ADAPTER, ordered_by="updated")


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


def wanted(*runs: Run, **given: Any) -> set[str]:
    return set(expected(drill(*runs, **given)))


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
