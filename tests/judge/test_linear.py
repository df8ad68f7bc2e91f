"""The judge looks at each call a few times, however many there are: for four times as many it works four times."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mockserver.foundation.problems import Violation
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence
from mockserver.judge.losses import losses
from mockserver.judge.obligations import JUDGES
from tests.conftest import NOW
from tests.support.effort import lines_of
from tests.support.evidence import JUDGE_ADAPTER, evidence, holds, lead, run, seen, shows, token, write

pytestmark = pytest.mark.no_cover

FEW, MANY = 80, 320
MOST = 1.15
"""The work for four times as many calls may be that many times more than four times the work; it is 0.93 at most."""
LEADS = [lead(str(number), created=NOW - 60 * number) for number in range(40)]
LATE = [lead(str(number), created=NOW - 7) for number in range(100, 140)]
CURSORS = replace(JUDGE_ADAPTER, uses_offsets=False)
REFUSED = (Violation("query", "/start", "no such cursor", "cursor"),)
Kind = Callable[[int], JudgedCall]


def page(number: int) -> JudgedCall:
    place = number % 3
    return shows(*LEADS[place * 10 : place * 10 + 10], place=str(place * 10 or ""), next=str(place * 10 + 10))


KINDS: dict[str, Kind] = {
    "the same page": lambda number: shows(*LEADS[:10]),
    "pages of a list": page,
    "moving periods": lambda number: shows(*LEADS[:3], since=NOW - 90_000 + number, until=NOW + number),
    "periods with gaps": lambda number: shows(
        since=NOW - 100_000 + 20 * number, until=NOW - 100_000 + 20 * number + 12
    ),
    "behind the end": lambda number: shows(place=str(1_000 + number)),
    "refused": lambda number: seen(status=401),
    "refused, each another": lambda number: seen(status=401, since=float(number)),
    "forbidden": lambda number: seen(status=403),
    "failing": lambda number: seen(status=503, retry_after="30"),
    "failing, each another": lambda number: seen(status=500, since=float(number)),
    "every other failing": lambda number: shows() if number % 2 else seen(status=500, since=float(number)),
    "cut off": lambda number: seen(fault="truncate", since=float(number), reply='{"leads": [' + str(number)),
    "made-up cursors": lambda number: seen(
        status=400, place=f"made-up-{number}", violations=REFUSED, reply={"error": f"made-up-{number}"}
    ),
    "tokens": lambda number: token() if number % 2 else shows(*LEADS[:2]),
    "tokens, each another": lambda number: token(scope=f"s{number}") if number % 2 else seen(status=401),
    "writes": lambda number: write(body={"reference": str(number)}, status=500),
    "names": lambda number: seen(query=f"name=Some%20Body%20{number}"),
    "unknown parameters": lambda number: seen(notes=[f"query parameter `x{number}`: unknown, ignored"]),
}


def conversation(kind: Kind, count: int, *, offsets: bool) -> Evidence:
    """A drill of two runs with so many calls in each, whose outcome lacks some leads."""
    runs = (
        run(*map(kind, range(count)), after=LEADS, outcome=holds(*LEADS[:20])),
        run(*map(kind, range(count)), before=[*LEADS, *LATE], after=[*LEADS, *LATE], outcome=holds(*LEADS[:20])),
    )
    return evidence(*runs, adapter=JUDGE_ADAPTER if offsets else CURSORS)


def judged(made: Evidence) -> None:
    losses(made)
    for judge in JUDGES.values():
        judge(made)


@pytest.mark.parametrize("offsets", [True, False], ids=["offsets", "cursors"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_four_times_as_many_calls_are_four_times_the_work(kind: Kind, offsets: bool) -> None:
    judged(conversation(kind, 3, offsets=offsets))  # what is made once is made by now
    few, many = (conversation(kind, count, offsets=offsets) for count in (FEW, MANY))
    _, little = lines_of(lambda: judged(few))
    _, much = lines_of(lambda: judged(many))
    assert much < MOST * little * MANY / FEW
