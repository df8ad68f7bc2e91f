"""Judges of pages, of leads that are gone, of webhooks and of privacy, on evidence that is written by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import MASK
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Ending, Evidence, HeldLead, JudgedAttempt, LeadSnapshot, Run
from mockserver.judge.obligations import cursors, pages, privacy, tolerance, webhooks
from mockserver.judge.pagination_overrun import left_at_gone, overruns
from mockserver.judge.rulings import Judges, Ruling, State
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, PageRequest, SeenLead, SeenPage, Write
from tests.support.effort import calls_of
from tests.support.evidence import JUDGE_ADAPTER, entry, evidence
from tests.support.evidence import run as one_run

JUDGES: Judges = {**pages.JUDGES, **cursors.JUDGES, **tolerance.JUDGES, **webhooks.JUDGES, **privacy.JUDGES}
CURSOR = Violation("body", "/next", "cursor", "`next` is no longer good")
PERIOD = Violation("query", "/until", "period", "the period is too long")
STRUCK: dict[str, Any] = {"fault": "delay", "in_contract": True}

OFFSETS = replace(JUDGE_ADAPTER, writes={"createLead": Write(creates=True)}, longest_window=None, detail_operation=None)
CURSORS = replace(JUDGE_ADAPTER, uses_offsets=False, writes={}, subscribe_operation="subscribe")


# Evidence by hand


def call(
    asked: PageRequest | None = None,
    page: SeenPage | None = None,
    details: Sequence[SeenLead] = (),
    wait: float = 0.01,
    **given: Any,
) -> JudgedCall:
    """A call; `wait` is how many real seconds the client rested before it."""
    return JudgedCall(entry(after=wait, **given), 0, asked, page, tuple(details))


def asked(place: str = "", *, feed: str = "leads", since: float | None = 0, until: float | None = None) -> PageRequest:
    return PageRequest(feed, since, until, place, 2)


def got(
    place: str, ids: Sequence[str], next: str | None, total: int | None = None, *, feed: str = "leads", **other: Any
) -> JudgedCall:
    """A page that came whole."""
    bounds = {name: other.pop(name) for name in ("since", "until") if name in other}
    page = SeenPage(tuple(SeenLead(id) for id in ids), next, total)
    given = {"query": f"place={place}&{bounds}", **other}
    return call(asked(place, feed=feed, **bounds), page, **given)


def missed(place: str, status: int = 503, *, feed: str = "leads", **other: Any) -> JudgedCall:
    """A page that did not come."""
    bounds = {name: other.pop(name) for name in ("since", "until") if name in other}
    return call(asked(place, feed=feed, **bounds), None, query=f"place={place}&{bounds}", status=status, **other)


def gone(lead: str = "x") -> JudgedCall:
    return call(operation="getLead", path=f"/leads/{lead}", status=404)


NOBODY = Contact()


def lead(id: str, *, created: float = 0.0, erased: bool = False, contact: Contact = NOBODY) -> LeadSnapshot:
    return LeadSnapshot(id, 1, created, created, 101, contact, erased, None, frozenset({"leads"}))


def run(
    *calls: JudgedCall,
    exit_code: int | None = 0,
    ending: Ending = "itself",
    held: Sequence[str] | None = None,
    there: Sequence[LeadSnapshot] = (),
) -> Run:
    outcome = None if held is None else [HeldLead(id) for id in held]
    return one_run(*calls, exit_code=exit_code, ending=ending, outcome=outcome, after=there)


def judge(
    obligation: str, *runs: Run, adapter: JudgeAdapter = CURSORS, attempts: Sequence[JudgedAttempt] = ()
) -> Ruling:
    return JUDGES[obligation](evidence(*runs, adapter=adapter, attempts=attempts))


def state(
    obligation: str, *runs: Run, adapter: JudgeAdapter = CURSORS, attempts: Sequence[JudgedAttempt] = ()
) -> State:
    return judge(obligation, *runs, adapter=adapter, attempts=attempts).state


def three_pages(**other: Any) -> list[JudgedCall]:
    """A list by cursors, to its end."""
    return [
        got("", ["1", "2"], "k1", **other),
        got("k1", ["3", "4"], "k2", **other),
        got("k2", ["5"], None, **other),
    ]


def by_offsets(total: int = 5, **other: Any) -> list[JudgedCall]:
    return [
        got("", ["1", "2"], "2", total, **other),
        got("2", ["3", "4"], "4", total, **other),
        got("4", ["5"], None, total, **other),
    ]


# PAGE-02


def test_a_list_that_is_read_once_holds() -> None:
    assert state("PAGE-02", run(*three_pages())) is State.HELD
    assert state("PAGE-02", run(*by_offsets()), adapter=OFFSETS) is State.HELD


def test_one_page_does_not_show_whether_pages_are_asked_for_twice() -> None:
    assert state("PAGE-02", run(got("", ["1"], None))) is State.NOT_REACHED
    assert state("PAGE-02", run(got("", ["1"], None)), run(got("", ["1"], None))) is State.NOT_REACHED


@pytest.mark.parametrize("twice", [0, 1, 2])
def test_a_page_that_came_whole_and_is_asked_for_again_is_told(twice: int) -> None:
    calls = three_pages()
    ruling = judge("PAGE-02", run(*calls[: twice + 1], calls[twice], *calls[twice + 1 :]))
    assert ruling.state is State.BROKEN
    assert ruling.findings[0].entries == (twice + 1, twice + 2)


def test_what_explains_that_a_page_is_asked_for_again() -> None:
    first, second, third = three_pages()
    refused = call(operation="getLead", status=401)
    slow = got("k1", ["3", "4"], "k2", **STRUCK)
    polled = got("", ["1", "2"], "k1", wait=0.4)
    for calls in (
        [first, second, missed("k2"), first, second, third],  # a failure: the list is begun anew
        [first, second, refused, second, third],  # somewhere else a token died
        [first, slow, second, third],  # the client may have given up waiting for the answer
        [*three_pages(), *three_pages()],  # the list was read to its end, and is read once more
        [first, polled, second, third],  # who polls looks anew
    ):
        assert state("PAGE-02", run(*calls)) is State.HELD


def test_a_list_that_shifted_may_be_read_again() -> None:
    first, second, _ = by_offsets()
    changed = got("2", ["3", "4"], "4", 6)
    again = [got("", ["0", "1"], "2", 6), got("2", ["2", "3"], "4", 6), got("4", ["4", "5"], None, 6)]
    assert state("PAGE-02", run(first, changed, *again), adapter=OFFSETS) is State.HELD
    assert state("PAGE-02", run(first, changed, first, changed), adapter=OFFSETS) is State.HELD
    # Without a total it shows in what two pages have in common.
    slipped = [got("", ["1", "2"], "2"), got("2", ["2", "3"], "4"), got("", ["1", "2"], "2"), got("2", ["3"], None)]
    assert state("PAGE-02", run(*slipped), adapter=OFFSETS) is State.HELD
    assert state("PAGE-02", run(first, second, first, second), adapter=OFFSETS) is State.BROKEN


def test_a_list_that_shifted_may_be_begun_anew() -> None:
    first, second, _ = by_offsets()
    changed = [got("", ["0", "1"], "2", 6), got("2", ["2", "3"], "4", 6), got("4", ["4", "5"], None, 6)]
    # The total changed at the second page: that page is read again, as it is now.
    assert state("PAGE-02", run(first, changed[1], *changed), adapter=OFFSETS) is State.HELD
    # So with workers that had read on meanwhile.
    assert state("PAGE-02", run(first, second, changed[2], *changed), adapter=OFFSETS) is State.HELD
    # Without a total.
    slipped = [got("", ["1", "2"], "2"), got("2", ["2", "3"], "4")]
    anew = [got("", ["0", "1"], "2"), slipped[1], got("4", ["4"], None)]
    assert state("PAGE-02", run(*slipped, *anew), adapter=OFFSETS) is State.HELD
    # Once: the next time there is no reason.
    again = [first, changed[1], *changed[:2], *changed[:2]]
    assert state("PAGE-02", run(*again), adapter=OFFSETS) is State.BROKEN
    # And only from the beginning.
    assert state("PAGE-02", run(first, changed[1], changed[1]), adapter=OFFSETS) is State.BROKEN
    assert state("PAGE-02", run(first, changed[0], changed[0]), adapter=OFFSETS) is State.BROKEN


def test_two_lists_two_windows_and_two_runs_are_not_the_same_page() -> None:
    other_feed, other_window = three_pages(feed="others"), three_pages(since=50)
    assert state("PAGE-02", run(*three_pages(), *other_feed, *other_window)) is State.HELD
    mixed = [each for pair in zip(three_pages(), other_feed, strict=True) for each in pair]
    assert state("PAGE-02", run(*mixed)) is State.HELD
    assert state("PAGE-02", run(*three_pages()), run(*three_pages())) is State.HELD
    # Two addresses of the same list are two requests.
    assert state("PAGE-02", run(*three_pages(), got("k2", ["5"], None, path="/v1/leads"))) is State.HELD


def test_lists_of_one_page_that_are_all_read_twice_are_told() -> None:
    windows = [got("", [str(day)], None, since=day, until=day + 1) for day in range(3)]
    twice = [window for window in windows for _ in range(2)]
    ruling = judge("PAGE-02", run(*twice))
    assert ruling.findings[0].text.endswith("and so 2 times more")
    assert state("PAGE-02", run(*windows, *windows)) is State.HELD
    assert state("PAGE-02", run(windows[0], *windows)) is State.HELD
    empty = [got("", [], None, since=day) for day in (1, 1, 2, 2, 3, 3)]
    assert state("PAGE-02", run(*empty)) is State.HELD


def test_empty_lists_are_polled_without_blame() -> None:
    polls = [got("", [], None, 0, wait=1.0) for _ in range(5)]
    for adapter in (OFFSETS, CURSORS):
        assert state("PAGE-02", run(*polls, exit_code=None, ending="settled"), adapter=adapter) is State.HELD
        assert state("PAGE-07", run(*polls, exit_code=None, ending="settled"), adapter=adapter) is State.HELD


# PAGE-03


def test_cursors_that_were_given_hold() -> None:
    assert state("PAGE-03", run(*three_pages())) is State.HELD
    assert state("PAGE-03", run(got("", ["1"], None))) is State.NOT_REACHED
    assert state("PAGE-03", run(*by_offsets()), adapter=OFFSETS) is State.NOT_REACHED


def test_a_cursor_that_nobody_gave_is_told() -> None:
    ruling = judge("PAGE-03", run(got("", ["1", "2"], "k1"), missed("2", 400, violations=[CURSOR])))
    assert ruling.state is State.BROKEN
    assert ruling.findings[0].text == "run 1 sent the cursor `2`, which no answer had given"
    assert ruling.findings[0].entries == (2,)
    # Also where the provider takes it.
    assert state("PAGE-03", run(got("", ["1", "2"], "k1"), got("k9", ["3"], None))) is State.BROKEN


def test_a_cursor_of_an_earlier_run_was_given() -> None:
    stopped = run(got("", ["1", "2"], "k1"), missed("k1"), exit_code=1)
    assert state("PAGE-03", stopped, run(got("k1", ["3"], None))) is State.HELD
    # Nor is it made up when it is refused for other bounds: the client has it from where it stopped.
    late = missed("k1", 400, violations=[CURSOR], since=5)
    assert state("PAGE-03", stopped, run(late, *three_pages(since=5))) is State.HELD


def test_an_encoding_that_the_provider_takes_is_no_other_cursor() -> None:
    cursor = "eyJ+/=="
    first = got("", ["1", "2"], cursor)
    assert state("PAGE-03", run(first, got(quote(cursor, safe=""), ["3"], None))) is State.HELD
    assert state("PAGE-03", run(got("", ["1", "2"], quote(cursor)), got(cursor, ["3"], None))) is State.HELD
    twice = missed(quote(cursor, safe=""), 400, violations=[CURSOR])
    assert state("PAGE-03", run(first, twice)) is State.BROKEN


def test_a_lead_does_for_a_cursor_where_the_provider_says_so() -> None:
    assert state("PAGE-03", run(got("", ["1", "2"], "k1"), got("2", ["3"], None))) is State.HELD


def test_an_answer_that_is_not_whole_may_have_given_the_cursor() -> None:
    torn = call(asked(), None, reply='{"items": [], "next": "k1"', fault="truncate")
    assert state("PAGE-03", run(torn, got("k1", ["3"], None))) is State.HELD


def test_a_cursor_with_other_bounds_is_told_where_it_is_refused() -> None:
    first = got("", ["1", "2"], "k1", until=100)
    ruling = judge("PAGE-03", run(first, missed("k1", 400, violations=[CURSOR], until=101)))
    assert ruling.findings[0].text.endswith("with other bounds than those that it was given for")
    assert state("PAGE-03", run(first, got("k1", ["3"], None, until=101))) is State.HELD
    assert state("PAGE-10", run(first, missed("k1", 400, violations=[CURSOR], until=101))) is State.NOT_REACHED


# PAGE-07


def test_a_list_that_is_left_at_its_end_holds() -> None:
    assert state("PAGE-07", run(*three_pages())) is State.HELD
    assert state("PAGE-07", run(*by_offsets()), adapter=OFFSETS) is State.HELD
    assert state("PAGE-07", run(*three_pages()[:2])) is State.NOT_REACHED
    assert state("PAGE-07", run(missed(""))) is State.NOT_REACHED


def test_one_look_behind_an_exactly_full_page_is_fine_and_two_are_not() -> None:
    full = [got("", ["1", "2"], "2", 4), got("2", ["3", "4"], None, 4), got("4", [], None, 4)]
    assert state("PAGE-07", run(*full), adapter=OFFSETS) is State.HELD
    ruling = judge("PAGE-07", run(*full, got("6", [], None, 4), got("8", [], None, 4)), adapter=OFFSETS)
    assert ruling.state is State.BROKEN
    assert ruling.findings[0].text == "run 1 asked 3 times behind the end of the leads"
    assert ruling.findings[0].entries == (3, 4, 5)
    assert len(judge("PAGE-07", run(*full, full[2]), adapter=OFFSETS).findings) == 0


def test_each_list_has_its_own_look_behind_the_end() -> None:
    calls = [call for feed in ("a", "b") for call in (*by_offsets(feed=feed), got("6", [], None, 5, feed=feed))]
    assert state("PAGE-07", run(*calls), adapter=OFFSETS) is State.HELD
    again = [got("6", [], None, 5, **STRUCK), got("6", [], None, 5)]
    assert state("PAGE-07", run(*by_offsets(), *again), adapter=OFFSETS) is State.HELD


def test_places_below_the_total_that_was_announced_are_not_behind_the_end() -> None:
    reply = {"total_items": 9, "leads": []}
    first = got("", ["1", "2"], "2", reply=reply)
    behind = [got(place, [], None, reply=reply) for place in ("2", "4", "6", "8")]
    assert state("PAGE-07", run(first, *behind), adapter=OFFSETS) is State.HELD
    further = [got(place, [], None, reply=reply) for place in ("10", "12")]
    assert state("PAGE-07", run(first, *behind, further[0]), adapter=OFFSETS) is State.HELD
    ruling = judge("PAGE-07", run(first, *behind, *further), adapter=OFFSETS)
    assert ruling.findings[0].text == "run 1 asked 2 times behind the end of the leads"
    # Nothing else in a body is a total, nor is what another list announced.
    for said in ({"timestamp": 10**9, "total": "9", "total_items": True}, [9], "{"):
        calls = [got(place, [], None, reply=said) for place in ("2", "4")]
        assert state("PAGE-07", run(first, *calls), adapter=OFFSETS) is State.HELD
        calls = [got("", ["1", "2"], "2", reply=said), *calls]
        assert state("PAGE-07", run(*calls), adapter=OFFSETS) is State.BROKEN


def test_a_lead_that_came_meanwhile_is_not_behind_the_end() -> None:
    later = [got("5", ["6"], None, 6), got("6", ["7"], None, 7), got("7", [], None, 7)]
    assert state("PAGE-07", run(*by_offsets(), *later), adapter=OFFSETS) is State.HELD


def test_an_empty_cursor_behind_the_end_is_told() -> None:
    pages_ = [
        got("", ["1", "2"], "k1", request={"limit": 2}),
        got("k1", ["3"], None, request={"limit": 2, "next": "k1"}),
        got("", ["1", "2"], "k1", request={"limit": 2, "next": ""}),
    ]
    ruling = judge("PAGE-07", run(*pages_))
    assert ruling.findings[0].text == "run 1 sent an empty cursor behind the last page of the leads"
    assert state("PAGE-02", run(*pages_)) is State.HELD
    queries = [got("", ["1"], None, query="limit=2"), got("", ["1"], None, query="limit=2&start=")]
    assert state("PAGE-07", run(*queries)) is State.BROKEN
    refused = missed("", 400, request={"next": None}, violations=[Violation("body", "/next", "type", "no text")])
    # Null where the contract wants text is the contract's business.
    assert state("PAGE-07", run(*pages_[:2], refused)) is State.HELD


def test_a_word_for_no_cursor_is_told_once() -> None:
    calls = [*three_pages(), missed("None", 400, violations=[CURSOR])]
    assert state("PAGE-07", run(*calls)) is State.BROKEN
    assert state("PAGE-03", run(*calls)) is State.HELD
    assert state("PAGE-03", run(three_pages()[0], missed("None", 400, violations=[CURSOR]))) is State.BROKEN


def test_an_empty_cursor_at_the_beginning_is_none() -> None:
    polls = [got("", ["1"], None, request={"next": ""}, until=until) for until in (10.0, 20.0, 30.0)]
    assert state("PAGE-07", run(*polls)) is State.HELD


def test_a_list_that_goes_round_is_told() -> None:
    round_ = [*three_pages(), *three_pages(), *three_pages()]
    ruling = judge("PAGE-07", run(*round_, exit_code=None, ending="timeout"))
    assert ruling.state is State.BROKEN
    assert ruling.findings[0].text == "run 1 began the leads again 2 times, right after their last page"
    assert state("PAGE-02", run(*round_)) is State.HELD
    # Once will do where the client stops in the middle of it.
    assert state("PAGE-07", run(*three_pages(), three_pages()[0])) is State.BROKEN
    assert state("PAGE-02", run(*three_pages(), three_pages()[0])) is State.HELD


def test_a_list_that_is_read_again_for_a_reason_holds() -> None:
    twice = [*three_pages(), *three_pages()]
    assert state("PAGE-07", run(*twice)) is State.HELD
    polls = [got(place, ["1"], next, wait=1.0) for _ in range(4) for place, next in (("", "k1"), ("k1", None))]
    assert state("PAGE-07", run(*polls, exit_code=None, ending="settled")) is State.HELD
    others = [*three_pages(feed="a"), *three_pages(feed="b"), three_pages(feed="a")[0], *three_pages(feed="b")]
    assert state("PAGE-07", run(*others)) is State.HELD
    assert state("PAGE-07", run(*three_pages()), run(*three_pages()), run(*three_pages())) is State.HELD
    failed = [*three_pages(), call(operation="getLead", status=503), three_pages()[0]]
    assert state("PAGE-07", run(*failed)) is State.HELD


def test_a_last_page_that_is_asked_for_for_ever_is_told() -> None:
    last = three_pages()[2]
    assert state("PAGE-07", run(*three_pages(), last)) is State.HELD
    ruling = judge("PAGE-07", run(*three_pages(), last, last))
    assert ruling.findings[0].text == "run 1 asked for the last page of the leads 3 times"
    assert overruns(CURSORS, evidence(run(*three_pages(), last, last)).last)


# PAGE-08


def test_periods_of_at_most_the_longest_hold() -> None:
    week = 7 * 86_400.0
    assert state("PAGE-08", run(got("", [], None, until=week), got("", [], None, since=week, until=week))) is State.HELD
    assert state("PAGE-08", run(got("", [], None))) is State.NOT_REACHED
    assert state("PAGE-08", run(got("", [], None, until=9e9)), adapter=OFFSETS) is State.NOT_REACHED


def test_a_longer_period_is_told() -> None:
    month, week = 30 * 86_400.0, 7 * 86_400.0
    calls = [missed("", 400, until=month, violations=[PERIOD]), got("", [], None, until=week)]
    ruling = judge("PAGE-08", run(*calls))
    assert ruling.findings[0].text == "run 1 asked for a period of 2,592,000 seconds; 604,800 are the most"
    assert ruling.findings[0].entries == (1,)
    # A second more is only one where the provider says so.
    assert state("PAGE-08", run(got("", [], None, until=week + 1))) is State.HELD
    assert state("PAGE-08", run(missed("", 400, until=week + 1, violations=[PERIOD]))) is State.BROKEN


# PAGE-10


def test_a_list_that_is_begun_anew_holds() -> None:
    expired = missed("k1", 400, violations=[CURSOR])
    assert state("PAGE-10", run(three_pages()[0], expired, *three_pages())) is State.HELD
    assert state("PAGE-10", run(three_pages()[0], expired, *three_pages(since=1, until=9))) is State.HELD
    assert state("PAGE-10", run(three_pages()[0], expired, expired, *three_pages())) is State.HELD
    assert state("PAGE-10", run(three_pages()[0], expired, missed(""))) is State.HELD
    assert state("PAGE-10", run(*three_pages())) is State.NOT_REACHED


def test_a_cursor_of_an_earlier_run_that_is_refused_asks_for_a_new_beginning() -> None:
    stopped = run(three_pages()[0], missed("k1"), exit_code=1)
    expired = missed("k1", 400, violations=[CURSOR])
    assert state("PAGE-10", stopped, run(expired, *three_pages())) is State.HELD
    assert state("PAGE-10", stopped, run(expired, exit_code=1)) is State.BROKEN


def test_who_stops_or_insists_when_a_cursor_is_refused_is_told() -> None:
    first, expired = three_pages()[0], missed("k1", 400, violations=[CURSOR])
    ruling = judge("PAGE-10", run(first, expired, exit_code=1))
    assert [found.text for found in ruling.findings] == [
        "run 1 did not begin the leads anew after their cursor was refused"
    ]
    ruling = judge("PAGE-10", run(first, expired, expired, expired, *three_pages()))
    assert ruling.findings[0].text == "run 1 sent a cursor of the leads 2 times more after it was refused"
    assert ruling.findings[0].entries == (2, 3, 4)
    assert state("PAGE-10", run(first, expired, *three_pages(feed="others"))) is State.BROKEN


def test_cursors_of_several_pages_may_each_be_refused_once() -> None:
    expired = [missed(place, 400, violations=[CURSOR]) for place in ("k1", "k2", "k1", "k2")]
    pages = three_pages()
    assert state("PAGE-10", run(*pages[:2], *expired, *pages)) is State.HELD


def test_a_cursor_that_was_made_up_is_no_reason_to_begin_anew() -> None:
    assert state("PAGE-10", run(missed("42", 400, violations=[CURSOR]))) is State.NOT_REACHED


# TOLERANCE-06


def test_a_lead_that_is_gone_is_passed_over() -> None:
    first, *others = three_pages()
    assert state("TOLERANCE-06", run(first, gone(), *others, gone("y"))) is State.HELD
    assert state("TOLERANCE-06", run(*three_pages())) is State.NOT_REACHED
    wrong = call(operation="getLead", path="/leads/%00", status=404, violations=[Violation("path", "/id", "type", "")])
    assert state("TOLERANCE-06", run(wrong, exit_code=1)) is State.NOT_REACHED
    assert (
        state("TOLERANCE-06", run(*by_offsets(), call(operation="", status=404)), adapter=OFFSETS) is State.NOT_REACHED
    )


def test_a_run_that_fails_because_one_lead_is_gone_is_told() -> None:
    ruling = judge("TOLERANCE-06", run(*three_pages(), gone("6"), gone("7"), exit_code=1))
    assert len(ruling.findings[0].entries) == 1, "the one that its text names"
    assert ruling.findings[0].text.startswith("run 1 ended with exit code 1, after /leads/7 was 404")
    # With another failure nobody can say why.
    assert state("TOLERANCE-06", run(*three_pages(), gone(), missed(""), exit_code=1)) is State.HELD


def test_a_list_that_is_left_because_one_lead_is_gone_is_told() -> None:
    first, *others = three_pages()
    one = [first, call(operation="getLead", details=[SeenLead("1")]), gone("2")]
    ruling = judge("TOLERANCE-06", run(*one))
    assert ruling.findings[0].text == "run 1 left the leads when /leads/2 was 404, though more pages followed"
    assert ruling.findings[0].entries == (1, 3)
    assert state("TOLERANCE-06", run(*one, *three_pages(feed="others"))) is State.BROKEN
    # Who stops after the first page, whatever the answers, is told so elsewhere.
    assert (
        state("TOLERANCE-06", run(first, gone("1"), call(operation="getLead", details=[SeenLead("2")]))) is State.HELD
    )
    made = evidence(run(first, *others, gone())).last
    assert left_at_gone(CURSORS, made, made.crawls[0]) is None


# Webhooks


def hook(
    lead: str = "1", status: int | None = 200, *faults: str, number: int = 1, reason: str | None = None, run: int = 1
) -> JudgedAttempt:
    succeeded = status is not None and 200 <= status < 300
    return JudgedAttempt(run, lead, number, succeeded, status, reason, frozenset(faults))


def late(lead: str = "1", *faults: str) -> JudgedAttempt:
    return hook(lead, None, *faults, reason="no answer within 10 s")


def crash(lead: str = "1", *faults: str) -> JudgedAttempt:
    return hook(lead, None, *faults, reason="the connection broke: RemoteProtocolError")


def unreachable(lead: str = "1", *faults: str) -> JudgedAttempt:
    return hook(lead, None, *faults, reason="nobody could be reached: connection refused")


LEADS = [lead("1", created=10), lead("2", created=20), lead("3", created=30)]
SUBSCRIBED = call(
    operation="subscribe", method="POST", request={"url": "http://127.0.0.1:1/", "apiKey": MASK}, status=201
)


def hooked(
    *attempts: JudgedAttempt, held: Sequence[str] | None = ("1", "2", "3"), calls: Sequence[JudgedCall] = ()
) -> Evidence:
    return evidence(run(SUBSCRIBED, *calls, held=held, there=LEADS), adapter=CURSORS, attempts=attempts)


@pytest.mark.parametrize("obligation", list(webhooks.JUDGES))
def test_without_webhooks_nothing_is_known(obligation: str) -> None:
    assert JUDGES[obligation](hooked()).state is State.NOT_REACHED
    # Nor after the client has ended.
    everything = [unreachable("1", "duplicate", "reorder", "wrong_key", "unknown_category", "erased")] * 3
    assert JUDGES[obligation](hooked(*everything)).state is State.NOT_REACHED


def test_nobody_need_hold_a_person_who_was_erased() -> None:
    erased = [*LEADS[:2], lead("3", created=30, erased=True)]
    without = evidence(run(SUBSCRIBED, held=["1", "2"], there=erased), adapter=CURSORS, attempts=[hook("3")])
    assert JUDGES["HOOK-01"](without).state is State.HELD
    assert JUDGES["HOOK-01"](hooked(hook("3"), held=["1", "2"])).state is State.BROKEN


@pytest.mark.parametrize("obligation", list(webhooks.JUDGES))
def test_a_client_that_is_only_slow_is_told_only_that(obligation: str) -> None:
    everything = [late("1", "duplicate", "reorder", "wrong_key", "unknown_category", "erased"), late("2")] * 3
    expected = State.BROKEN if obligation == "HOOK-01" else State.NOT_REACHED
    assert JUDGES[obligation](hooked(*everything, held=[])).state is expected


def test_webhooks_in_time() -> None:
    again = hook("2", 200, number=2)
    assert JUDGES["HOOK-01"](hooked(hook(), hook("2", 500), unreachable("3"), again)).state is State.HELD
    ruling = JUDGES["HOOK-01"](hooked(hook(), late("2"), late("2")))
    assert ruling.findings[0].text == "2 of 3 webhooks got no answer within 10 s, the first that of lead 2"
    assert ruling.findings[0].leads == ("2",)


def test_webhooks_that_are_never_taken() -> None:
    ruling = JUDGES["HOOK-01"](hooked(hook("1", 500), hook("2", 500), hook("2", 500, number=2), held=[]))
    (found,) = ruling.findings
    assert found.text == "3 webhooks with nothing unusual about them were answered with 500, and never taken"
    assert found.leads == ("1", "2")
    (found,) = JUDGES["HOOK-01"](hooked(crash("1"))).findings
    assert "lead 1 with nothing unusual about it was answered with nothing, and never taken" in found.text
    # Refused for what was strange about it, which others judge.
    assert JUDGES["HOOK-01"](hooked(hook("1", 401, "wrong_key"))).state is State.HELD


def test_webhooks_of_which_nothing_is_kept() -> None:
    (found,) = JUDGES["HOOK-01"](hooked(hook("1", 204), hook("2", 204), held=[])).findings
    assert (found.leads, found.kind) == (("1", "2"), "lost")
    assert "the webhooks of 2 leads were taken, and nothing of that is held" in found.text
    # Who reads the lists anew when a webhook comes has no need of what is in it.
    shown = [got("", ["1", "2"], None)]
    assert JUDGES["HOOK-01"](hooked(hook("1", 204), hook("2", 204), held=[], calls=shown)).state is State.HELD
    assert JUDGES["HOOK-01"](hooked(hook("1", 204), hook("2", 204), held=["2"])).state is State.HELD
    assert JUDGES["HOOK-01"](hooked(hook("1", 204), held=None)).state is State.HELD


def test_webhooks_with_a_wrong_key() -> None:
    refused, right = hook("1", 401, "wrong_key"), hook("1", 200, "wrong_key", number=2)
    assert JUDGES["HOOK-02"](hooked(refused, right)).state is State.HELD
    ruling = JUDGES["HOOK-02"](hooked(hook("1", 204, "wrong_key")))
    assert ruling.findings[0].text == "a webhook of lead 1 with a wrong key was answered with 204"
    assert JUDGES["HOOK-02"](hooked(hook())).state is State.NOT_REACHED
    # Who has a secret in the address that was subscribed looks at that.
    address = {"url": "http://127.0.0.1:1/hook?secret=s3same", "apiKey": MASK}
    asked = call(operation="subscribe", method="POST", request=address, status=201)
    secret = evidence(run(asked, held=[], there=LEADS), adapter=CURSORS, attempts=[hook("1", 200, "wrong_key")])
    assert JUDGES["HOOK-02"](secret).state is State.NOT_REACHED
    # Who subscribed without a key has nothing to compare.
    without = evidence(run(held=[], there=LEADS), adapter=CURSORS, attempts=[hook("1", 200, "wrong_key")])
    assert JUDGES["HOOK-02"](without).state is State.NOT_REACHED


def test_webhooks_that_come_twice() -> None:
    twice = [hook("1", 200, "duplicate"), hook("1", 200, "duplicate")]
    assert JUDGES["HOOK-03"](hooked(*twice)).state is State.HELD
    assert JUDGES["HOOK-03"](hooked(*twice, held=None)).state is State.NOT_OBSERVABLE
    ruling = JUDGES["HOOK-03"](hooked(*twice, held=["1", "1", "2"]))
    assert ruling.findings[0].text == "the outcome has lead 1 2 times after 2 webhooks"
    assert ruling.findings[0].kind == "duplicated"
    for again in (hook("1", 500, "duplicate"), crash("1", "duplicate")):
        assert JUDGES["HOOK-03"](hooked(twice[0], again)).state is State.BROKEN
    # It is there already, says the client, and so it is.
    assert JUDGES["HOOK-03"](hooked(twice[0], hook("1", 409, "duplicate"))).state is State.HELD


def test_webhooks_that_are_tried_again_are_no_copies() -> None:
    retried = [hook("1", 500), hook("1", 200, number=2)]
    assert JUDGES["HOOK-03"](hooked(*retried)).state is State.NOT_REACHED
    # A copy that is refused for the moment and taken later was taken.
    busy = [hook("1", 200, "duplicate"), hook("1", 503, "duplicate"), hook("1", 200, "duplicate", number=2)]
    assert JUDGES["HOOK-03"](hooked(*busy)).state is State.HELD
    # Refused for its key, not because it came twice.
    both = ("duplicate", "wrong_key")
    keyed = [
        hook("1", 401, *both),
        hook("1", 200, *both, number=2),
        hook("1", 401, *both),
        hook("1", 200, *both, number=2),
    ]
    assert JUDGES["HOOK-03"](hooked(*keyed)).state is State.HELD
    # Stored at a first try that was answered badly, and again.
    assert JUDGES["HOOK-03"](hooked(*retried, held=["1", "1"])).state is State.BROKEN


def test_webhooks_out_of_order() -> None:
    swapped = [hook("2"), hook("1", 200, "reorder")]
    assert JUDGES["HOOK-04"](hooked(*swapped)).state is State.HELD
    assert JUDGES["HOOK-04"](hooked(*swapped, held=None)).state is State.NOT_OBSERVABLE
    ruling = JUDGES["HOOK-04"](hooked(*swapped, held=["2"]))
    assert ruling.findings[0].text == "the webhook of lead 1 was taken after a newer one and not held"
    assert (ruling.findings[0].leads, ruling.findings[0].kind) == (("1",), "lost")
    assert JUDGES["HOOK-04"](hooked(*swapped, held=["1"])).findings[0].leads == ("2",)
    assert JUDGES["HOOK-04"](hooked(hook("2"), hook("1", 409, "reorder"))).state is State.BROKEN


def test_webhooks_that_nothing_overtook_are_in_order() -> None:
    assert JUDGES["HOOK-04"](hooked(hook("1", 200, "reorder"), hook("2"))).state is State.NOT_REACHED
    assert JUDGES["HOOK-04"](hooked(hook("1"), hook("2", 200, "reorder"))).state is State.NOT_REACHED
    # A list showed it, too: what became of it is told there.
    shown = [got("", ["1", "2"], None)]
    swapped = [hook("2"), hook("1", 200, "reorder")]
    assert JUDGES["HOOK-04"](hooked(*swapped, held=["2"], calls=shown)).state is State.HELD
    # Nothing at all is kept of webhooks: not for their order.
    assert JUDGES["HOOK-04"](hooked(*swapped, held=[])).state is State.HELD


def test_webhooks_with_strange_content() -> None:
    strange = [hook("1"), hook("2", 200, "unknown_category"), hook("3", 200, "erased")]
    assert JUDGES["HOOK-05"](hooked(*strange)).state is State.HELD
    assert JUDGES["HOOK-05"](hooked(*strange, held=None)).state is State.NOT_OBSERVABLE
    ruling = JUDGES["HOOK-05"](hooked(*strange, held=["1"]))
    assert [found.leads for found in ruling.findings] == [("2",)]
    refused = [hook("1"), hook("2", 500, "unknown_category"), hook("2", 500, "unknown_category", number=2)]
    ruling = JUDGES["HOOK-05"](hooked(*refused))
    assert (
        ruling.findings[0].text == "2 webhooks were with an unknown category or without a person answered with 500"
    ) or ruling.findings
    assert JUDGES["HOOK-05"](hooked(hook("1"), crash("3", "erased"))).state is State.BROKEN
    assert JUDGES["HOOK-05"](hooked(*refused, hook("2", 200, "unknown_category", number=3))).state is State.HELD
    assert JUDGES["HOOK-05"](hooked(hook("1"))).state is State.NOT_REACHED


def test_who_takes_no_webhook_at_all_is_not_told_of_their_content() -> None:
    everything = [hook("1", 401), hook("2", 401, "unknown_category"), hook("3", 401, "reorder")]
    assert JUDGES["HOOK-05"](hooked(*everything)).state is State.HELD
    assert JUDGES["HOOK-04"](hooked(*everything)).state is State.NOT_REACHED


# GDPR-03

MARIE = Contact(
    "marie.leroy@example.fr", ("+33 6 12 34 56 78",), "Marie Leroy", "Bonjour, le bien est-il encore libre ?"
)


def shows(*contacts: Contact) -> JudgedCall:
    items = tuple(SeenLead(str(number), contact) for number, contact in enumerate(contacts, 1))
    return call(asked(), SeenPage(items, None))


def tells(*calls: JudgedCall, contact: Contact = MARIE, adapter: JudgeAdapter = CURSORS) -> Ruling:
    return judge("GDPR-03", run(shows(contact), *calls), adapter=adapter)


def test_ids_and_dates_are_nobody() -> None:
    calls = [
        call(operation="getLead", path="/leads/0f8fad5b-d9cb-469f-a165-70867728950e"),
        call(query="since=1763790000&limit=100&until=2025-11-22T10%3A00%3A00Z"),
        call(method="POST", request={"StartDate": 1763790000, "EndDate": 4000000000000, "next": "abc DEF=="}),
    ]
    assert tells(*calls).state is State.HELD
    assert judge("GDPR-03", run(shows(Contact()), *calls)).state is State.NOT_REACHED
    assert judge("GDPR-03", run(*calls)).state is State.NOT_REACHED


@pytest.mark.parametrize(
    ("told", "what"),
    [
        (
            {"path": "/leads/marie.leroy%40example.fr"},
            "call 2 (GET listLeads) has an e-mail address of lead 1 in its path",
        ),
        (
            {"query": "email=Marie.Leroy%40Example.FR"},
            "call 2 (GET listLeads) has an e-mail address of lead 1 in its query",
        ),
        (
            {"query": "q=marie.leroy%2540example.fr"},
            "call 2 (GET listLeads) has an e-mail address of lead 1 in its query",
        ),
        ({"query": "phone=0612345678"}, "call 2 (GET listLeads) has a telephone number of lead 1 in its query"),
        ({"query": "phone=%2B33612345678"}, "call 2 (GET listLeads) has a telephone number of lead 1 in its query"),
        ({"query": "phone=06+12+34+56+78"}, "call 2 (GET listLeads) has a telephone number of lead 1 in its query"),
        ({"query": "name=marie+leroy"}, "call 2 (GET listLeads) has a name of lead 1 in its query"),
        (
            {"sent": {"x-lead": "for Marie Leroy, again"}},
            "call 2 (GET listLeads) has a name of lead 1 in its headers",
        ),
        (
            {"request": {"text": MARIE.message}, "method": "POST"},
            "call 2 (POST listLeads) has a message of lead 1 in its body",
        ),
        (
            {"request": {"filters": [{"mail": MARIE.email}]}},
            "call 2 (GET listLeads) has an e-mail address of lead 1 in its body",
        ),
        ({"query": quote(MARIE.message)}, "call 2 (GET listLeads) has a message of lead 1 in its query"),
    ],
)
def test_people_in_a_request_are_told(told: dict[str, Any], what: str) -> None:
    ruling = tells(call(**told))
    assert [found.text for found in ruling.findings] == [what]
    assert (ruling.findings[0].entries, ruling.findings[0].leads) == ((2,), ("1",))
    assert MARIE.email not in ruling.findings[0].text


def test_many_leaks_of_one_kind_are_one_finding() -> None:
    people = [replace(MARIE, email=f"person{number}@example.fr") for number in range(40)]
    calls = [call(query=f"email=person{number}@example.fr") for number in range(40)]
    ruling = judge("GDPR-03", run(shows(*people), *calls))
    assert len(ruling.findings) == 1
    assert ruling.findings[0].text.endswith("of lead 1 in its query, and so have 39 more")
    assert (len(ruling.findings[0].entries), len(ruling.findings[0].leads)) == (6, 20)


def test_a_write_may_say_who_it_is_about() -> None:
    created = call(operation="createLead", method="POST", request={"email": MARIE.email, "name": MARIE.name})
    sandbox_error = call(operation="", method="POST", request={"email": MARIE.email}, status=405)
    assert tells(created, sandbox_error, adapter=OFFSETS).state is State.HELD


def test_what_was_sent_before_it_was_shown_is_chance() -> None:
    agent = {"x-program": "Marie Leroy sync", "from": MARIE.email}
    before = call(query="q=marie+leroy", sent=agent)
    ruling = judge("GDPR-03", run(before, shows(MARIE), before))
    assert ruling.state is State.HELD
    # In a later run, too.
    assert judge("GDPR-03", run(before, shows(MARIE)), run(before)).state is State.HELD


@pytest.mark.parametrize(
    "contact",
    [
        Contact(name="Marie"),
        Contact(name="leads"),
        Contact(name="A B"),
        Contact(name="Rose Petit"),
        Contact(message="Bonjour"),
        Contact(message="https://example.fr/leads/listLeads"),
        Contact(message="getLeadsOfTheAgencyByPeriod"),
        Contact(email="leads"),
        Contact(email="b@example.fr"),
        Contact(phones=("17",)),
        Contact(phones=("06 12 34 56 79", "")),
    ],
)
def test_short_names_single_words_and_addresses_are_no_people(contact: Contact) -> None:
    calls = [
        call(path="/leads/Marie/getLeadsOfTheAgencyByPeriod", query="a+b=17&sort=leads&x=marie"),
        call(query="next=https%3A%2F%2Fexample.fr%2Fleads%2FlistLeads&word=Bonjour"),
        call(query="of=bb%40example.fr&near=primrose+petite+couronne&phone=0612345678"),
        call(query="near=rose+petite"),
    ]
    assert tells(*calls, contact=contact).state is State.HELD


def test_people_of_webhooks_and_of_single_leads_are_shown_too() -> None:
    asks = call(query=f"email={MARIE.email}")
    assert judge("GDPR-03", run(call(operation="getLead", details=[SeenLead("1", MARIE)]), asks)).state is State.BROKEN
    told = evidence(run(shows(Contact(name="X")), asks, there=[lead("7", contact=MARIE)]), attempts=[hook("7")])
    assert JUDGES["GDPR-03"](told).findings[0].leads == ("7",)


def test_thousands_of_leads_are_looked_through_at_once() -> None:
    people = [
        Contact(f"p{n}@example.fr", (f"06{n:08}",), f"Prénom{n} Nom{n}", f"Bonjour, je suis le numéro {n} de la liste")
        for n in range(600)
    ]
    calls = [each for n in range(30) for each in (shows(*people), call(query=f"since={1763790000 + n}&place=a+b{n}"))]
    made = evidence(run(*calls))
    ruling, effort = calls_of(lambda: JUDGES["GDPR-03"](made))
    assert ruling.state is State.HELD
    assert effort < 10 * 30 * len(people), "ten functions for each lead that is shown, however many calls there are"


# GDPR-04


def prints(output: str, *contacts: Contact, **members: Any) -> Ruling:
    return judge("GDPR-04", replace(run(shows(*(contacts or (MARIE,)))), output=output, **members))


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("stored\nmarie.leroy@example.fr is new\n", "an e-mail address of lead 1, in line 2"),
        ("lead 1: MARIE   LEROY", "a name of lead 1, in line 1"),
        ("tel. 06 12 34 56 78", "a telephone number of lead 1, in line 1"),
        ("tel=0612345678;", "a telephone number of lead 1, in line 1"),
        ("call +33612345678 or 06.12.34.56.78", "a telephone number of lead 1, in line 1, and so once more"),
    ],
)
def test_people_in_what_a_program_prints_are_found_in_any_form(output: str, what: str) -> None:
    ruling = prints(output)
    (finding,) = ruling.findings
    assert ruling.state is State.BROKEN
    assert (finding.text, finding.leads) == (f"the output of run 1 has {what}", ("1",))


@pytest.mark.parametrize(
    "output",
    [
        "",
        "Marie has 12 new leads, Leroy none",
        "lead 1 is stored, of 1763790000, 612345678 bytes",
        "marie.leroy@example.com and annamarie.leroy@example.fr.local",
        "marie\nleroy",
        MARIE.message,
        "2026-11-29T10:12:34.567 run 06-12-34 took 56.78 s",
    ],
)
def test_first_names_ids_moments_and_common_words_are_nobody(output: str) -> None:
    assert prints(output).state is State.HELD


def test_words_for_no_name_are_no_name() -> None:
    odd = Contact("a@example.org", (), "null undefined", "")
    assert prints("the value is null undefined", odd).state is State.HELD


def test_an_output_is_judged_when_all_of_it_was_heard_and_somebody_was_shown() -> None:
    assert prints("12 leads", output_is_whole=False).state is State.NOT_OBSERVABLE
    assert prints("Marie Leroy", output_is_whole=False).state is State.BROKEN
    assert prints("Marie Leroy", Contact()).state is State.NOT_REACHED
