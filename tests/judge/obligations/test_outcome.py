"""The judges of what a client holds: runs, later runs, changes, erasure and retention, on evidence written by hand."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.domain import retention_end
from mockserver.judge.evidence import Evidence, HeldLead, JudgedAttempt, LeadSnapshot, Run
from mockserver.judge.obligations import acceptance, erasure, outcome, periods, sync
from mockserver.judge.obligations.held_data import differences, is_shown
from mockserver.judge.obligations.outcome import EMPTY
from mockserver.judge.rulings import Finding, Ruling, State
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, SeenLead, SeenPage
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, holds, lead, run, seen, shows, token

DAY = 86_400
HELD, BROKEN, NOT_REACHED, HIDDEN = State.HELD, State.BROKEN, State.NOT_REACHED, State.NOT_OBSERVABLE
OURS = {**outcome.JUDGES, **acceptance.JUDGES, **sync.JUDGES, **periods.JUDGES, **erasure.JUDGES}
UPDATED = replace(JUDGE_ADAPTER, ordered_by="updated")
FULL = Contact("ana@example.org", ("06 11 22 33 44", "+33140506070"), "Ana Roy", "Bonjour,\r\nest-ce libre ?")
ERASED = Contact(name="ANONYME")


def full(id: str, **given: Any) -> LeadSnapshot:
    """A lead of which nothing is absent."""
    return lead(id, **{"contact": FULL, **given})


ONE, TWO = full("1"), full("2")


def judged(obligation: str, *runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> Ruling:
    return OURS[obligation](evidence(*runs, adapter=adapter, **given))


def state(obligation: str, *runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> State:
    return judged(obligation, *runs, adapter=adapter, **given).state


def only(ruling: Ruling) -> Finding:
    assert ruling.state is BROKEN
    (finding,) = ruling.findings
    return finding


def at_work(*calls: Any, there: tuple[LeadSnapshot, ...] = (ONE, TWO), **given: Any) -> Run:
    """A run during which nothing happened."""
    return run(*calls, before=there, after=there, **given)


def later(*calls: Any, **given: Any) -> Run:
    """The same a day later."""
    return at_work(*calls, **{"began": NOW + DAY, **given})


def soon(*calls: Any, **given: Any) -> Run:
    """The same an hour later."""
    return later(*calls, **{"began": NOW + 3_600, **given})


def content(*calls: Any, **given: Any) -> Run:
    """A run that is shown both leads, and holds them."""
    return at_work(*(calls or [shows(ONE, TWO)]), outcome=holds(ONE, TWO), **given)


@pytest.mark.parametrize("obligation", OURS)
def test_a_client_that_reads_everything_and_then_what_is_new_breaks_nothing(obligation: str) -> None:
    assert state(obligation, content(), later(shows(since=NOW), outcome=holds(ONE, TWO))) in (HELD, NOT_REACHED)


@pytest.mark.parametrize("obligation", OURS)
def test_without_an_outcome_nothing_is_held_against_it_that_the_wire_does_not_show(obligation: str) -> None:
    runs = at_work(shows(ONE, TWO)), later(shows(since=NOW), there=(ONE, replace(TWO, erased=True, contact=ERASED)))
    assert state(obligation, *runs) in (HELD, NOT_REACHED, HIDDEN)


# Runs


def test_a_run_without_a_call() -> None:
    silent = run(exit_code=3, output="one\nno network\n\n")
    assert only(judged("RUN-01", run(seen()), silent)).text == (
        "run 2 made no call of fake; it ended with exit code 3 (no network)"
    )
    assert len(judged("RUN-01", silent, silent).findings) == 2
    assert state("RUN-01", run(token())) is HELD
    slow = run(ending="timeout", output="x" * 500)
    text = only(judged("RUN-01", slow)).text
    assert text.startswith("run 1 made no call of fake; it took too long and was stopped")
    assert text.endswith(f" ({'x' * 200})")


def test_a_run_that_fails_though_all_went_well() -> None:
    finding = only(judged("RUN-02", run(token(), seen(), shows(ONE), exit_code=2, output="Traceback")))
    assert finding.text == "run 1 failed though every call was answered well; it ended with exit code 2 (Traceback)"
    assert (finding.kind, finding.entries) == ("crash", (2, 3))
    assert state("RUN-02", run(shows(ONE))) is HELD
    assert state("RUN-02", run(seen(status=503), exit_code=1)) is NOT_REACHED


def test_what_was_shown_must_be_kept() -> None:
    finding = only(judged("RUN-03", at_work(shows(ONE, TWO), outcome=holds(ONE))))
    assert finding.text == "lead 2 was lost: run 1 was shown it and it is not held"
    assert (finding.kind, finding.leads) == ("lost", ("2",))
    assert state("RUN-03", content()) is HELD
    assert state("RUN-03", at_work(shows(ONE, TWO))) is HIDDEN
    assert state("RUN-03", at_work(seen(), there=())) is NOT_REACHED


def test_an_outcome_that_cannot_be_read() -> None:
    unreadable = at_work(shows(ONE), unreadable="line 2 of the outcome: it is no JSON")
    assert only(judged("RUN-03", unreadable, content())).text == "run 1: line 2 of the outcome: it is no JSON"


def test_losses_are_told_by_the_way_they_came_about_and_all_together_when_there_are_many() -> None:
    there = tuple(full(str(number)) for number in range(8))
    one_way = at_work(shows(*there), there=there, outcome=holds("7"))
    finding = only(judged("RUN-03", one_way))
    assert finding.text == "7 leads were lost, each like this: run 1 was shown it and it is not held"
    assert finding.leads == tuple("0123456")
    five = [at_work(*(shows(each) for each in there[:5]), there=there[:5], outcome=[])]
    assert len(judged("RUN-03", *five).findings) == 1
    ways = [at_work(shows(each), there=there, outcome=[]) for each in there]
    assert only(judged("RUN-03", *ways)).text.startswith("8 leads were lost; of the first, run 1 was shown it")
    assert len(judged("RUN-03", *ways[:5]).findings) == 5


def test_what_the_provider_never_had() -> None:
    def with_held(*ids: str, **given: Any) -> Ruling:
        return judged("RUN-04", at_work(shows(ONE, "shown"), outcome=holds(*ids)), **given)

    assert only(with_held("1", "a", "b")).text == "the outcome has 2 leads that the provider never had"
    assert only(with_held("a")).leads == ("a",)
    assert with_held("1", "2", "shown").state is HELD
    assert with_held("a", other_ids=frozenset("a")).state is HELD
    assert with_held().state is NOT_REACHED
    assert state("RUN-04", at_work(shows(ONE))) is HIDDEN


def test_what_was_there_once_is_not_invented() -> None:
    first = run(before=[ONE], after=[])
    assert state("RUN-04", first, at_work(seen(), there=(), outcome=holds(ONE))) is HELD


# Pages


@pytest.mark.parametrize(
    ("calls", "reached", "broken"),
    [
        ([shows(ONE, TWO)], NOT_REACHED, None),
        ([shows(ONE, next="1"), shows(TWO, place="1")], HELD, None),
        (
            [shows(ONE, next="1")],
            None,
            "lead 2 was lost: run 1 stopped in the leads after 1 leads, though more followed",
        ),
    ],
)
def test_pages_that_follow_are_asked_for(calls: list[Any], reached: State | None, broken: str | None) -> None:
    ruling = judged("PAGE-01", at_work(*calls))
    if broken:
        assert only(ruling).text == broken
    else:
        assert ruling.state is reached


def test_who_stopped_at_the_first_page_does_not_hold_it_though_a_later_run_was_shown_the_rest() -> None:
    first = at_work(shows(ONE, next="1"), outcome=holds(ONE))
    assert state("PAGE-01", first, at_work(shows(ONE, TWO), outcome=holds(ONE, TWO))) is NOT_REACHED


def test_a_list_shifts_when_its_total_or_a_lead_changes_while_it_is_read() -> None:
    pages = [shows(ONE, next="1", total=2), shows(TWO, place="1", total=2)]
    assert state("PAGE-04", content(*pages)) is NOT_REACHED
    more = [pages[0], shows(TWO, place="1", total=3)]
    assert state("PAGE-04", content(*more)) is HELD
    changed = run(*pages, before=[ONE, TWO], after=[ONE, replace(TWO, updated=NOW + 1)], outcome=holds(ONE, TWO))
    assert state("PAGE-04", changed) is HELD
    assert state("PAGE-04", changed, adapter=replace(JUDGE_ADAPTER, uses_offsets=False)) is NOT_REACHED
    assert state("PAGE-04", content(shows(ONE, TWO, total=2), shows(total=3, since=NOW))) is NOT_REACHED
    assert state("PAGE-04", at_work(pages[0], shows(place="1", total=3), outcome=holds(ONE))) is BROKEN


def test_a_lead_is_held_once() -> None:
    twice = [shows(ONE, next="1"), shows(ONE, TWO, place="1")]
    assert state("PAGE-05", content(*twice)) is HELD
    assert state("PAGE-05", content(shows(ONE, ONE, TWO))) is HELD
    assert state("PAGE-05", content()) is NOT_REACHED
    assert state("PAGE-05", at_work(*twice)) is HIDDEN
    finding = only(judged("PAGE-05", at_work(*twice, outcome=holds(ONE, TWO, ONE))))
    assert (finding.text, finding.leads) == ("the outcome has 1 lead more than once", ("1",))


def test_what_a_webhook_brought_twice_is_told_elsewhere() -> None:
    doubled = at_work(shows(ONE, TWO), outcome=holds(ONE, ONE))
    attempts = [
        JudgedAttempt(1, "1", 1, True, 200, None, frozenset()),
        JudgedAttempt(1, "1", 1, True, 200, None, frozenset()),
    ]
    assert state("PAGE-05", doubled, attempts=attempts[:1]) is BROKEN
    assert state("PAGE-05", doubled, attempts=attempts) is NOT_REACHED


def test_an_empty_list_is_an_answer() -> None:
    assert only(judged("PAGE-06", run(seen(), exit_code=1))).kind == "crash"
    at_nothing = only(judged("PAGE-06", run(shows(ONE), seen(status=404, page=SeenPage((), None)), exit_code=1)))
    assert (at_nothing.kind, at_nothing.entries) == (EMPTY, (2,))
    assert at_nothing.text.startswith(
        "run 1 failed at the 404 of call 2, which says that nothing lies in that period; "
    )
    assert state("PAGE-06", run(seen())) is HELD
    assert state("PAGE-06", run(shows(ONE))) is NOT_REACHED


def test_periods_of_one_list_follow_each_other() -> None:
    early: Any = {"since": NOW - 9 * DAY, "until": NOW - 3 * DAY}
    late: Any = {"since": NOW - 2 * DAY, "until": NOW + 5}
    between = full("3", created=NOW - 2.5 * DAY)
    cursors = replace(JUDGE_ADAPTER, uses_offsets=False)
    windows = [shows(**early), shows(ONE, TWO, **late)]
    touching = [shows(since=NOW - 9 * DAY, until=NOW - 2 * DAY), windows[1]]
    assert state("PAGE-09", content(*touching), adapter=cursors) is HELD
    assert state("PAGE-09", content(*windows), adapter=cursors) is BROKEN
    assert state("PAGE-09", at_work(*windows, there=(ONE, between)), adapter=cursors) is BROKEN
    assert state("PAGE-09", content(shows(ONE, TWO, **late), shows(**late)), adapter=cursors) is NOT_REACHED
    assert state("PAGE-09", content(shows(**late), shows(feed="others", **early)), adapter=cursors) is NOT_REACHED


# Failures that later runs make good


def test_after_a_failed_page_the_next_run_asks_again() -> None:
    failed = at_work(shows(ONE, next="1"), seen(place="1", status=503), exit_code=1, outcome=holds(ONE))
    assert state("FAULT-07", failed, later(shows(ONE, TWO), outcome=holds(ONE, TWO))) is HELD
    moved_on = later(shows(since=NOW + 1), outcome=holds(ONE))
    assert only(judged("FAULT-07", failed, moved_on)).leads == ("2",)
    assert state("FAULT-07", content(), failed) is NOT_REACHED


def test_failures_throw_nothing_away() -> None:
    down = later(seen(status=503), exit_code=1, outcome=holds(ONE))
    finding = only(judged("FAULT-08", content(), down))
    assert finding.text == "run 2 met failures, and 1 lead that were held before are gone"
    assert (finding.leads, finding.entries, finding.kind) == (("2",), (2,), "lost")
    assert state("FAULT-08", content(), replace(down, outcome=tuple(holds(ONE, TWO)))) is HELD
    assert state("FAULT-08", content(), replace(down, outcome=None)) is HIDDEN
    assert state("FAULT-08", content(), content()) is NOT_REACHED
    assert state("FAULT-08", down) is NOT_REACHED


def test_what_is_gone_for_a_reason_was_not_thrown_away() -> None:
    for now in (replace(TWO, erased=True), replace(TWO, parent="1")):
        down = later(seen(status=503), exit_code=1, outcome=holds(ONE), there=(ONE, now))
        assert state("FAULT-08", content(), down) is HELD
    withdrawn = later(seen(status=503), exit_code=1, outcome=holds(ONE), there=(ONE,))
    assert state("FAULT-08", content(), withdrawn) is HELD


# What is taken although it was not expected


STRANGE = [("TOLERANCE-01", "extra_members"), ("TOLERANCE-02", "unknown_values")]


@pytest.mark.parametrize(("obligation", "kind"), STRANGE)
def test_a_strange_answer_is_taken(obligation: str, kind: str) -> None:
    strange = shows(TWO, place="1", fault=kind, in_contract=True)
    calls = [shows(ONE, next="1"), strange]
    assert state(obligation, content(*calls)) is HELD
    assert state(obligation, at_work(*calls)) is HIDDEN
    assert only(judged(obligation, at_work(*calls, outcome=holds(ONE)))).kind == "lost"
    assert only(judged(obligation, at_work(*calls, exit_code=1))).kind == "crash"
    other = shows(TWO, place="1", fault="delay", in_contract=True)
    assert state(obligation, content(calls[0], other)) is NOT_REACHED
    assert state(obligation, content(*calls[:1], seen(place="1", fault=kind, in_contract=True))) is NOT_REACHED


def test_a_lead_that_lacks_something_is_taken() -> None:
    there = (ONE, lead("2"))
    assert state("TOLERANCE-03", content(shows(*there), there=there)) is HELD
    assert state("TOLERANCE-03", at_work(shows(*there), there=there)) is HIDDEN
    assert state("TOLERANCE-03", content()) is NOT_REACHED
    assert only(judged("TOLERANCE-03", at_work(shows(*there), there=there, outcome=holds(ONE)))).leads == ("2",)
    assert only(judged("TOLERANCE-03", at_work(shows(*there), there=there, exit_code=1))).kind == "crash"


ODD = replace(FULL, message='"Très" intéressé 😀')


def test_text_is_kept_as_it_is() -> None:
    there = (ONE, full("2", contact=ODD))

    def held(message: str) -> Ruling:
        lines = [HeldLead("1"), HeldLead("2", message=message)]
        return judged("TOLERANCE-04", at_work(shows(*there), there=there, outcome=lines))

    assert held(ODD.message).state is HELD
    garbled = only(held("?Très? intéressé ??"))
    assert garbled.text == "`message` of lead 2 is nothing that the provider ever showed: characters of it are replaced"
    assert (garbled.leads, garbled.kind) == (("2",), "stale")
    assert state("TOLERANCE-04", at_work(shows(*there), there=there)) is HIDDEN
    assert state("TOLERANCE-04", content()) is NOT_REACHED
    lost = at_work(shows(*there), there=there, outcome=holds(ONE))
    assert only(judged("TOLERANCE-04", lost)).kind == "lost"


def test_plain_text_that_is_garbled_is_found_as_well_but_not_what_is_old() -> None:
    both = at_work(shows(ONE, TWO), outcome=[HeldLead("1", name="Anna"), HeldLead("2", email="x@example.org")])
    assert only(judged("TOLERANCE-04", both)).text.endswith("ever showed, and so with 1 more")
    before = at_work(shows(replace(ONE, contact=ODD)))
    old = at_work(shows(ONE, TWO), outcome=[HeldLead("1", message=ODD.message), HeldLead("2")])
    assert state("TOLERANCE-04", before, old) is HELD


def test_text_of_somebody_who_was_erased_is_told_elsewhere() -> None:
    gone = (ONE, replace(TWO, contact=ERASED, erased=True))
    last = at_work(shows(*gone), there=gone, outcome=[HeldLead("1"), HeldLead("2", name="Ana")])
    assert state("TOLERANCE-04", last) is NOT_REACHED


def test_a_reading_is_reached_by_any_call_under_it() -> None:
    assert state("TOLERANCE-05", content(), variant="count=total") is HELD
    assert state("TOLERANCE-05", content()) is NOT_REACHED
    assert state("TOLERANCE-05", run(), variant="count=total") is NOT_REACHED


# Later runs


MANY = tuple(full(str(number), created=NOW - number * 14_400) for number in range(60))


def test_a_later_run_does_not_read_everything_again() -> None:
    def twice(of: tuple[LeadSnapshot, ...], again: tuple[LeadSnapshot, ...], **given: Any) -> Ruling:
        return judged("SYNC-01", at_work(shows(*of), there=of), soon(shows(*again), there=of, **given))

    assert only(twice(MANY, MANY)).text == "run 2 read all 60 leads again that had been read before"
    assert twice(MANY, MANY[:59]).state is HELD
    assert twice(MANY[:50], MANY[:50]).state is NOT_REACHED
    near = tuple(replace(each, created=NOW) for each in MANY)
    assert twice(near, near).state is NOT_REACHED
    changed = at_work(shows(*MANY), there=tuple(replace(each, updated=NOW) for each in MANY))
    assert state("SYNC-01", changed, changed, adapter=UPDATED) is NOT_REACHED
    read, again = at_work(shows(*MANY), there=MANY), soon(shows(*MANY), there=MANY)
    assert state("SYNC-01", replace(read, exit_code=1), again) is NOT_REACHED
    assert state("SYNC-01", read, soon(seen(status=503), shows(*MANY), there=MANY)) is NOT_REACHED
    assert state("SYNC-01", at_work(seen(status=503), shows(*MANY), there=MANY), again) is NOT_REACHED


def test_an_overlap_of_a_week_is_not_everything() -> None:
    week = MANY[:42] + tuple(full(f"new {number}", created=NOW - number) for number in range(20))
    first = at_work(shows(*MANY, *week[42:]), there=MANY + week[42:])
    assert state("SYNC-01", first, soon(shows(*week), there=MANY + week[42:])) is HELD
    young = tuple(replace(each, created=NOW - number * 7 * 86_400 / 60) for number, each in enumerate(MANY))
    assert state("SYNC-01", at_work(shows(*young), there=young), soon(shows(*young), there=young)) is NOT_REACHED


def test_everything_may_be_read_again_once_a_day() -> None:
    first, again = at_work(shows(*MANY), there=MANY), soon(shows(*MANY), there=MANY)
    assert state("SYNC-01", first, again) is BROKEN
    assert state("SYNC-01", first, replace(again, began=first.began + DAY)) is NOT_REACHED


def test_leads_that_were_withdrawn_cannot_be_read_again() -> None:
    first = at_work(shows(*MANY), there=MANY)
    assert state("SYNC-01", first, soon(shows(*MANY[1:]), there=MANY[1:])) is BROKEN


def news(*calls: Any, **given: Any) -> tuple[Run, Run]:
    """A lead comes between two runs, and the second one makes these calls."""
    came = full("new", created=NOW + 100)
    first = at_work(shows(ONE), there=(ONE,), outcome=holds(ONE))
    return first, later(*calls, there=(ONE, came), **given)


def test_what_comes_between_two_runs_is_found() -> None:
    assert state("SYNC-02", *news(shows("new", since=NOW), outcome=holds("1", "new"))) is HELD
    assert only(judged("SYNC-02", *news(shows(since=NOW + 101), outcome=holds("1")))).leads == ("new",)
    assert state("SYNC-02", content(), content()) is NOT_REACHED


def test_what_comes_with_an_older_date_is_found() -> None:
    def late(created: float, since: float) -> State:
        came = full("new", created=created)
        second = later(shows(*([came] if since <= created else []), since=since), there=(ONE, came))
        return state("SYNC-03", at_work(shows(ONE), there=(ONE,)), second)

    assert late(NOW - 5_400, NOW - 7_200) is HELD
    assert late(NOW - 5_400, NOW) is BROKEN
    assert late(NOW - 300, NOW - 7_200) is NOT_REACHED


def test_what_comes_late_while_a_run_is_at_work_is_found_by_the_next() -> None:
    came = full("new", created=NOW - 5_400)
    first = run(shows(ONE), before=[ONE], after=[ONE, came])
    assert state("SYNC-03", first, later(shows(came, since=NOW - DAY), there=(ONE, came))) is HELD
    assert state("SYNC-03", first, later(shows(since=NOW), there=(ONE, came))) is BROKEN
    assert state("SYNC-03", first) is NOT_REACHED


def test_clocks_that_differ_lose_nothing() -> None:
    found, lost = news(shows("new", since=NOW)), news(shows(since=NOW + 200))
    assert state("SYNC-04", *found, skew=300.0) is HELD
    assert state("SYNC-04", *found) is NOT_REACHED
    assert state("SYNC-04", *lost, skew=300.0) is BROKEN
    assert state("SYNC-04", content(), content(), skew=300.0) is NOT_REACHED


def test_a_run_asks_up_to_the_moment_that_it_is_told() -> None:
    assert state("SYNC-07", run(seen(until=NOW - 60))) is HELD
    assert state("SYNC-07", run(seen())) is HELD
    assert state("SYNC-07", run(seen(until=NOW - DAY), seen(until=NOW))) is HELD
    finding = only(judged("SYNC-07", run(seen(until=NOW - DAY), seen(until=NOW - 61))))
    assert finding.text == "run 1 asked up to 61 seconds before the moment it was told"
    assert finding.entries == (1, 2)
    assert state("SYNC-07", run(seen(until=NOW), client_now=NOW + 300)) is BROKEN
    for unfinished in (run(seen(until=0), exit_code=1), run(seen(until=0), seen(status=503)), run(token())):
        assert state("SYNC-07", unfinished) is NOT_REACHED


# Changes


CHANGED = replace(FULL, email="bea@example.org", message="Plus intéressée.")


def change(*shown: LeadSnapshot, held: str, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> Evidence:
    """The first lead changes between two runs; the second is shown these, and holds that address."""
    now = replace(ONE, contact=CHANGED, updated=NOW + 100)
    second = later(shows(*shown), there=(now,), outcome=[HeldLead("1", email=held)], **given)
    return evidence(at_work(shows(ONE), there=(ONE,)), second, adapter=adapter)


NEW = replace(ONE, contact=CHANGED, updated=NOW + 100)


def test_a_change_that_is_shown_is_taken_over() -> None:
    finding = only(OURS["SYNC-05"](change(NEW, held="ana@example.org")))
    assert (finding.text, finding.kind) == ("`email` of lead 1 is what it once was", "stale")
    assert OURS["SYNC-05"](change(NEW, held="bea@example.org")).state is HELD
    assert OURS["SYNC-05"](change(held="ana@example.org")).state is NOT_REACHED
    first, second = change(NEW, held="").runs
    assert state("SYNC-05", first, replace(second, outcome=None)) is HIDDEN
    assert state("SYNC-05", content(), content()) is NOT_REACHED


def test_a_change_that_is_never_asked_for_is_missed_where_a_list_tells_of_it() -> None:
    finding = only(OURS["SYNC-02"](change(held="ana@example.org", adapter=UPDATED)))
    assert finding.text == "the change of lead 1 was never asked for: `email` of lead 1 is what it once was"
    assert (finding.leads, finding.kind) == (("1",), "stale")
    assert OURS["SYNC-02"](change(held="ana@example.org")).state is HELD
    assert OURS["SYNC-02"](change(NEW, held="ana@example.org", adapter=UPDATED)).state is HELD
    assert OURS["SYNC-02"](change(held="ana@example.org", adapter=UPDATED, exit_code=1)).state is HELD


def test_the_change_of_somebody_who_was_erased_is_told_elsewhere() -> None:
    gone = replace(ONE, contact=ERASED, erased=True, updated=NOW + 100)
    second = later(shows(), there=(gone,), outcome=[HeldLead("1", email="ana@example.org")])
    runs = at_work(shows(ONE), there=(ONE,)), second
    assert state("SYNC-02", *runs, adapter=UPDATED) is HELD
    assert state("SYNC-05", runs[0], replace(second, calls=(shows(gone),))) is NOT_REACHED
    assert state("GDPR-01", *runs) is BROKEN


def test_repetitions_of_a_lead_are_not_held_beside_it() -> None:
    child, other = full("2", parent="1"), full("3", parent="1")
    there = (ONE, child, other)
    apart = [HeldLead(id, parent="") for id in ("1", "2", "3")]
    both = at_work(shows(*there), there=there, outcome=apart)
    finding = only(judged("SYNC-06", both))
    assert finding.text.startswith(
        "lead 2 repeats lead 1, and both are held without a link between them, as are 1 more"
    )
    assert finding.leads == ("2", "3")
    assert state("SYNC-06", replace(both, outcome=tuple(holds("1")))) is HELD
    assert state("SYNC-06", replace(both, outcome=tuple(holds("2")))) is HELD
    assert state("SYNC-06", replace(both, outcome=None)) is HIDDEN
    # Both are there, and the one is linked to the other.
    linked = (apart[0], HeldLead("2", parent="1"), HeldLead("3", parent="1"))
    assert state("SYNC-06", replace(both, outcome=linked)) is HELD
    assert only(judged("SYNC-06", replace(both, outcome=(*linked[:2], apart[2])))).leads == ("3",)
    # The outcome does not say whether they are.
    assert state("SYNC-06", replace(both, outcome=tuple(holds("1", "2", "3")))) is HIDDEN
    assert state("SYNC-06", at_work(shows(child), outcome=holds("1", "2"))) is NOT_REACHED


# How what is held is compared


def texts(held: HeldLead, *runs: Run) -> list[str]:
    """What differs after these runs, and a last one; the provider shows what it has."""
    last = at_work(shows(ONE), there=(ONE,), outcome=[held])
    return [found.text for found in differences(evidence(*runs, last))]


@pytest.mark.parametrize(
    ("member", "same"),
    [
        ("email", ["ana@example.org", " ANA@Example.ORG\n", "", None]),
        ("phone", ["0611223344", "+33 6 11.22.33.44", "0033611223344", "01 40 50 60 70"]),
        ("name", ["Ana Roy", "ROY Ana", "roy", "Roy, Ana", "ana;roy"]),
        ("message", ["Bonjour,\nest-ce libre ?", "\nBonjour,\rest-ce libre ?  ", "Bonjour,\r\nest-ce libre ?"]),
    ],
)
def test_what_is_the_same_however_it_is_written(member: str, same: list[str | None]) -> None:
    assert [texts(HeldLead("1", **{member: value})) for value in same] == [[]] * len(same)


@pytest.mark.parametrize(
    ("member", "other"),
    [
        ("email", ["ana@example.com", "ana", "bea@example.org"]),
        ("phone", ["0611223345", "11223344", "no number"]),
        ("name", ["Ana Maria Roy", "Anna", "A. Roy", ", "]),
        ("message", ["Bonjour, est-ce libre ?", "Bonjour,", "bonjour,\nest-ce libre ?", "Bonjour,\n\nest-ce libre ?"]),
    ],
)
def test_what_the_provider_never_showed(member: str, other: list[str]) -> None:
    expected = f"`{member}` of lead 1 is nothing that the provider ever showed"
    found = [texts(HeldLead("1", **{member: value})) for value in other]
    assert [[text.partition(":")[0] for text in each] for each in found] == [[expected]] * len(other)


def test_a_member_that_the_provider_does_not_show_is_one_that_it_never_had() -> None:
    there = (lead("1"),)
    held = HeldLead("1", "ana@example.org", "0611223344", "Ana", "Bonjour")
    made = evidence(at_work(shows(*there), there=there, outcome=[held]))
    assert [found.member for found in differences(made)] == ["email", "phone", "name", "message"]


def test_what_once_was_is_old_and_told_apart_from_what_never_was() -> None:
    before = at_work(seen(), there=(replace(ONE, contact=CHANGED),))
    assert texts(HeldLead("1", "bea@example.org"), before) == ["`email` of lead 1 is what it once was"]
    between = at_work(shows(replace(ONE, contact=CHANGED)), there=(ONE,))
    assert texts(HeldLead("1", "bea@example.org"), between) == ["`email` of lead 1 is what it once was"]
    assert "nothing that the provider ever showed" in texts(HeldLead("1", "bea@example.org"))[0]


def test_a_change_while_the_last_run_is_at_work_makes_both_right() -> None:
    for email, right in (("ana@example.org", True), ("bea@example.org", True), ("eva@example.org", False)):
        last = run(before=[ONE], after=[replace(ONE, contact=CHANGED)], outcome=[HeldLead("1", email)])
        assert (not differences(evidence(last))) is right


def test_leads_that_are_no_more_cannot_be_compared() -> None:
    assert texts(HeldLead("2", "x")) == []


def test_a_lead_is_shown_as_it_is_now_when_it_was_so_the_last_time() -> None:
    made = evidence(at_work(shows(NEW)), at_work(shows(ONE)), at_work(shows(TWO)))
    assert is_shown(made, ONE)
    assert not is_shown(made, NEW)
    assert not is_shown(made, full("3"))


# Erasure and retention


def erasure_ruling(held: HeldLead | None, *, shown: LeadSnapshot = ONE, **given: Any) -> Ruling:
    """The person is erased between two runs; the second one holds that of the lead."""
    there = (replace(ONE, contact=ERASED, erased=True),)
    lines = None if held is None else [held]
    return judged("GDPR-01", at_work(shows(shown)), later(shows(*there), there=there, outcome=lines, **given))


def test_who_was_erased_is_forgotten() -> None:
    finding = only(erasure_ruling(HeldLead("1", "ana@example.org", name="Ana Roy")))
    assert finding.text == "the person of lead 1 was erased before run 2, and `email`, `name` are still held"
    assert (finding.leads, finding.kind) == (("1",), "resurrected")
    assert only(erasure_ruling(HeldLead("1", "ana@example.org"))).text.endswith("and `email` is still held")
    assert erasure_ruling(HeldLead("1", name="Anonyme")).state is HELD
    assert erasure_ruling(HeldLead("2")).state is HELD
    assert erasure_ruling(None).state is HIDDEN


def test_who_was_erased_is_no_matter_of_a_run_that_failed_or_was_never_shown_them() -> None:
    assert erasure_ruling(HeldLead("1", "ana@example.org"), exit_code=1).state is HELD
    assert erasure_ruling(HeldLead("1", "ana@example.org"), shown=TWO).state is NOT_REACHED
    assert erasure_ruling(HeldLead("1"), shown=replace(ONE, contact=ERASED)).state is NOT_REACHED
    always = replace(ONE, contact=ERASED, erased=True)
    stale = later(shows(ONE), there=(always,), outcome=[HeldLead("1", "ana@example.org")])
    assert state("GDPR-01", at_work(there=(ONE,)), stale) is NOT_REACHED
    assert state("GDPR-01", at_work(shows(ONE), there=(always,)), at_work(there=(always,))) is NOT_REACHED


def test_who_is_erased_while_the_last_run_is_at_work_may_still_be_held() -> None:
    last = run(
        shows(ONE), before=[ONE], after=[replace(ONE, contact=ERASED, erased=True)], outcome=[HeldLead("1", "x")]
    )
    assert state("GDPR-01", content(), last) is NOT_REACHED


def retention(held: list[HeldLead] | None, *, client_now: float = retention_end(NOW), **given: Any) -> Ruling:
    """Three years pass, after which the provider has none of both leads any more."""
    return judged(
        "GDPR-02", at_work(shows(ONE, TWO)), later(seen(), there=(), client_now=client_now, outcome=held, **given)
    )


def test_what_is_past_its_retention_is_deleted() -> None:
    finding = only(retention(holds("1", "2")))
    assert finding.text == "2 leads past the end of retention still held after the last run"
    assert (finding.leads, finding.kind) == (("1", "2"), "resurrected")
    assert only(retention(holds("2"))).text.startswith("1 lead past the end")
    assert retention([]).state is HELD
    assert retention(None).state is HIDDEN


def test_retention_ends_to_the_second_of_what_the_client_is_told() -> None:
    assert retention(holds("1"), client_now=retention_end(NOW) - 1).state is NOT_REACHED
    assert retention(holds("1"), exit_code=1).state is HELD
    unseen = later(seen(), there=(), client_now=retention_end(NOW), outcome=holds("1"))
    assert state("GDPR-02", at_work(seen()), unseen) is NOT_REACHED


def test_a_lead_is_shown_by_its_details_too() -> None:
    one = seen(operation="getLead", details=(SeenLead("1", FULL),))
    assert state("RUN-03", at_work(one, seen(), there=(ONE,), outcome=[])) is BROKEN
