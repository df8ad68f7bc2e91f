"""Calls that only repeat earlier ones of a run, and those that bring something new."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.repetition import RepeatedCalls, Repetition, is_trouble
from mockserver.judge.suite import documents
from mockserver.provider_api.judge_adapter import Contact, PageRequest, SeenLead, SeenPage
from tests.conftest import NOW
from tests.support.evidence import seen, shows, token

DAY = 86_400.0


def at(seconds: float, call: JudgedCall) -> JudgedCall:
    """The call so many seconds after now."""
    return replace(call, entry=replace(call.entry, at=NOW + seconds))


def period(passed: float, since: float | None, until: float | None, place: str = "", *ids: str) -> JudgedCall:
    request = PageRequest("leads", since, until, place, 100)
    page = SeenPage(tuple(map(SeenLead, ids)), None)
    return at(passed, seen(page_request=request, page=page))


def repeats(*calls: JudgedCall) -> list[bool]:
    repetition = Repetition()
    return [repetition.kind_of(call) is not None for call in calls]


def test_the_same_call_is_a_repetition_whatever_its_answer_adds() -> None:
    assert repeats(shows("1", "2"), shows("2", "1")) == [False, True]
    assert repeats(token(), token(expires_in=5)) == [False, True]
    assert repeats(shows("1", fault="extra_members"), shows("1", fault="extra_members")) == [False, True]


def test_a_lead_that_is_new_or_changed_is_news() -> None:
    page = shows("1")
    changed = replace(page, page=SeenPage((SeenLead("1", Contact(message="Bonjour")),), None))
    assert repeats(page, shows("1", "2"), page, changed, changed, page) == [False, False, True, False, True, False]


def test_a_lead_that_is_gone_is_none() -> None:
    assert repeats(shows("1", "2"), shows("1"), shows()) == [False, True, True]


@pytest.mark.parametrize(
    ("since", "until", "moves"),
    [
        (lambda t: NOW - DAY + t, lambda t: NOW + t, True),
        (lambda t: NOW - DAY, lambda t: NOW + t, True),
        (lambda t: int(NOW + t) - DAY, lambda t: None, True),
        (lambda t: NOW - 30 * DAY + t * DAY, lambda t: NOW - 29 * DAY + t * DAY, False),
        (lambda t: NOW - 30 * DAY, lambda t: NOW - 29 * DAY + t * DAY, False),
    ],
    ids=["both bounds", "the end", "the beginning, in whole seconds", "day by day", "longer and longer"],
)
def test_a_period_that_moves_with_the_clock_is_the_same(since: object, until: object, moves: bool) -> None:
    def made() -> Iterator[JudgedCall]:
        for number in range(12):
            passed = 1.3 * number
            yield period(passed, since(passed), until(passed))  # type: ignore[operator]

    assert repeats(*made())[1:] == [moves] * 11


def test_pages_of_a_period_that_moves_are_known_by_their_number() -> None:
    def crawl(passed: float) -> list[JudgedCall]:
        until = NOW + passed
        places = ["", f"a{passed}", f"b{passed}"]
        return [period(passed, NOW - DAY, until, place, f"{number}") for number, place in enumerate(places)]

    assert repeats(*crawl(0), *crawl(7), *crawl(14)) == [False] * 3 + [True] * 6


def test_one_page_after_another_is_no_repetition() -> None:
    assert repeats(*(period(0, None, None, f"{place}") for place in ("", 100, 200, 300))) == [False] * 4
    assert repeats(*(period(0, None, None, f"{place}") for place in ("", 100, 100, 100))) == [False, False, True, True]


def test_moments_in_other_calls_move_as_well() -> None:
    def other(passed: float, text: str) -> JudgedCall:
        return at(passed, seen(operation="listOthers", query=text))

    assert repeats(*(other(t, f"since={int(NOW + t)}") for t in (0, 3.1, 6.2)))[1:] == [True, True]
    assert repeats(*(other(t, f"since={int(NOW + t) * 1000}") for t in (0, 3.1, 6.2)))[1:] == [True, True]
    assert repeats(*(other(t, f"since={int(NOW + t * DAY)}") for t in (0, 3.1, 6.2))) == [False] * 3
    assert repeats(*(other(t, f"id={123_456_789 + t}") for t in (0, 1, 2))) == [False] * 3
    assert repeats(other(0, "at=2026-13-45T10:00"), other(0, "at=2026-13-45T10:00")) == [False, True]


def test_an_error_is_another_thing_than_an_answer() -> None:
    refused = seen(status=500)
    assert repeats(seen(), refused, refused, seen()) == [False, False, True, True]


@pytest.mark.parametrize(
    ("call", "trouble"),
    [
        (seen(), False),
        (seen(status=500), True),
        (seen(operation="getLead", status=404), False),
        (shows("1", fault="extra_members"), False),
        (seen(fault="truncate"), True),
        (token(fault="truncate"), True),
        (token(status=401), True),
    ],
)
def test_trouble_is_what_a_client_cannot_take_for_an_answer(call: JudgedCall, trouble: bool) -> None:
    assert is_trouble(call) is trouble


def test_drills_in_which_answers_change_with_time_alone_say_so() -> None:
    for scenario in documents().values():
        waits = [step for step in scenario.as_judged().steps if step.when.clock is not None]
        assert not waits or scenario.judging.hurry is not None, scenario.name


def repeated(rests: Sequence[float], *, trouble: bool, kinds: int = 1) -> RepeatedCalls:
    """Rounds of calls, each behind a rest; the other calls of a round come at once."""
    calls = RepeatedCalls(0.0)
    for rest in rests:
        for kind in range(kinds):
            calls.add(kind, 0.0 if kind else rest, trouble)
    return calls


@pytest.mark.parametrize("kinds", [1, 3])
def test_calls_that_fail_behind_longer_and_longer_rests_are_no_rounds(kinds: int) -> None:
    assert repeated([1, 2, 4, 8, 16], trouble=True, kinds=kinds).rounds == 0
    assert repeated([1, 2, 4, 8, 16], trouble=False, kinds=kinds).rounds == 5
    assert repeated([1, 2, 2, 2, 2], trouble=True, kinds=kinds).rounds == 3


def test_a_client_is_at_rest_in_the_middle_of_one_that_is_no_longer_than_those_before() -> None:
    poller = repeated([2.0] * 6, trouble=True)
    assert [poller.is_resting(seconds) for seconds in (0.1, 1.2, 3.0)] == [False, True, False]
    assert repeated([2.0] * 6, trouble=False).is_resting(3.0)
    assert repeated([0.4] * 6, trouble=True).is_resting(0.3)
