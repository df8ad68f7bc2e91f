"""A client that never ends begins a round after each rest: what failed in one is no repetition in the next."""

from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Ending, Run
from mockserver.judge.obligations import JUDGES
from mockserver.judge.obligations.queries import rounds
from mockserver.judge.rulings import State
from tests.support.evidence import evidence, run, seen, shows, token

ROUNDS = 20


def refused() -> list[JudgedCall]:
    return [token(status=401, after=1.0)]


def forbidden() -> list[JudgedCall]:
    return [seen(status=403, after=1.0)]


def failing() -> list[JudgedCall]:
    return [seen(status=500, after=1.0), seen(status=500, after=0.2), seen(status=500, after=0.4)]


@pytest.mark.parametrize(
    ("obligation", "made"), [("TOKEN-04", refused), ("TOKEN-05", forbidden), ("FAULT-04", failing)]
)
@pytest.mark.parametrize(
    ("ending", "state"), [("settled", State.HELD), ("timeout", State.BROKEN), ("itself", State.BROKEN)]
)
def test_who_rests_and_asks_again_is_as_one_that_a_timer_runs(
    obligation: str, made: object, ending: Ending, state: State
) -> None:
    calls = [call for _ in range(ROUNDS) for call in made()]  # type: ignore[operator]
    assert JUDGES[obligation](evidence(run(*calls, ending=ending, exit_code=1))).state is state


@pytest.mark.parametrize("obligation", ["TOKEN-04", "TOKEN-05", "FAULT-04"])
def test_who_does_not_rest_repeats_itself(obligation: str) -> None:
    call = {"TOKEN-04": token(status=401, after=0.3), "TOKEN-05": seen(status=403, after=0.3)}
    calls = [call.get(obligation, seen(status=500, after=0.3))] * 30
    assert JUDGES[obligation](evidence(run(*calls, ending="settled"))).state is State.BROKEN


def insisting(count: int = 21, rest: float = 0.7, *, place: str = "100", **given: Any) -> Run:
    """A client that was told to ask for another page, and repeats that for ever while it fails."""
    calls = [seen(place=place, status=500, after=rest) for _ in range(count)]
    return run(token(), shows("1", next="100"), *calls, **{"ending": "settled", **given})


def test_who_rests_and_asks_again_for_a_page_in_the_middle_of_a_list_does_not_give_up() -> None:
    (finding,) = JUDGES["FAULT-04"](evidence(insisting())).findings
    assert finding.text == ("call 3 (GET /leads?offset=100) was sent 21 times in 14.0 s, and failed every time")
    assert finding.entries == (3, 4, 5, 6, 7, 8)


@pytest.mark.parametrize(
    "poller",
    [
        insisting(20),
        insisting(rest=2.0),
        insisting(place="200"),
        insisting(place=""),
        run(token(), *[seen(place="100", status=500, after=0.7)] * 30, ending="settled"),
        run(*[shows("1", next="100", after=0.7), seen(place="100", status=500)] * 30, ending="settled"),
        run(shows("1", next="100"), *[seen(place="100", after=0.7)] * 30, ending="settled"),
        run(shows("1", next="100"), *[token(status=500, after=0.7)] * 30, ending="settled"),
    ],
    ids=["in time", "rests", "another place", "the beginning", "a place it had", "rounds", "no failure", "a token"],
)
def test_who_goes_on_as_a_poller_does_need_not_give_up(poller: Run) -> None:
    assert JUDGES["FAULT-04"](evidence(poller)).state is not State.BROKEN


def test_no_call_is_in_two_rounds_and_none_is_lost() -> None:
    (one,) = evidence(run(*failing(), *failing(), seen(), ending="settled")).runs
    assert [len(calls) for calls in rounds(one)] == [3, 4]
    assert [call for calls in rounds(one) for call in calls] == list(one.calls)
    (empty,) = evidence(run(ending="settled")).runs
    assert [list(calls) for calls in rounds(empty)] == [[]]
