"""Clients that do what nobody forbids are not found guilty, and some that once passed are found.

Each of them was tried by somebody who knew nothing of the judge.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unicodedata import normalize
from urllib.parse import urljoin

import pytest

from mockserver.judge.catalogue import reasons_of, severity_of
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.verdicts import conclude, judge_drill
from tests.clients import apimo, gsl, seeker
from tests.clients.broken_seeker import BROKEN
from tests.support.patience import PATIENCE, unhurried

pytestmark = pytest.mark.no_cover


class HoldsBothLinked(apimo.Client):
    """Keeps a lead that repeats another one, and says of which."""

    def repeats(self, row: Mapping[str, Any]) -> bool:
        return False


class CountsWhatCame(apimo.Client):
    """Asks from behind as many leads as it got."""

    def read_list(self, since: int | None) -> list[apimo.Page] | None:
        self.came = 0
        return super().read_list(since)

    def read_page(self, answer: apimo.Answer) -> apimo.Page:
        page = super().read_page(answer)
        self.came += len(self.read_json(answer)["leads"])
        return page

    def following(self, offset: int) -> int:
        return self.came

    def shifted(self, before: apimo.Page, page: apimo.Page) -> bool:
        return False


class FollowsRedirectsWithoutCredentials(seeker.Client):
    """Does as fetch does: what it asks another origin has no Authorization, and is refused there."""

    def attempt(self, method: str, url: str, body: Any, token: str | None) -> seeker.Answer | None:
        answer = super().attempt(method, url, body, token)
        if answer is None or not 300 <= answer.status < 400:
            return answer
        return super().attempt(method, urljoin(url, answer.headers["Location"]), body, None)


class ComposesLetters(seeker.Client):
    """Stores text in the normal form NFC, as many databases and file systems do."""

    def record(self, lead: Any) -> dict[str, Any]:
        made = super().record(lead)
        texts = {name: made[name] for name in ("name", "message") if made[name]}
        return made | {name: normalize("NFC", text) for name, text in texts.items()}


class TakesForbiddenForFinal(seeker.Client):
    """Asks for no other token when a right is lacking."""

    def wants_fresh_token(self, answer: seeker.Answer) -> bool:
        return answer.status == 401


class KeepsItsTokenInMemory(gsl.Client):
    """Writes its token nowhere, where somebody could find it."""

    def save(self) -> None:
        token, self.state["token"] = self.state["token"], ""
        super().save()
        self.state["token"] = token


class WaitsASecond(seeker.Client):
    """Waits a second each time, and no longer."""

    pauses = (1.0, 1.0, 1.0)


class AsksForAWeekAgain(seeker.Client):
    """Lets the periods of its runs overlap by a week."""

    def since(self) -> int:
        newest: int | None = self.state["newest"]
        return super().since() if newest is None else max(newest - 7 * seeker.DAY, self.told - seeker.RETENTION)


CASES: Mapping[str, tuple[str, type[Any], tuple[str, ...]]] = {
    "both of a pair, linked": ("apimo", HoldsBothLinked, ("same-enquiry-twice", "plain")),
    "offset by the number of items": ("apimo", CountsWhatCame, ("items-repeated", "plain")),
    "a redirect without credentials": ("seeker", FollowsRedirectsWithoutCredentials, ("redirect",)),
    "text in NFC": ("seeker", ComposesLetters, ("long-and-odd-text",)),
    "403 is final": ("seeker", TakesForbiddenForFinal, ("token-minted-before-the-right", "forbidden-list")),
    "a token in memory": ("gsl", KeepsItsTokenInMemory, ("plain", "a-day-later")),
    "a second between attempts": ("seeker", WaitsASecond, ("failures-without-a-word",)),
    "an overlap of a week": ("seeker", AsksForAWeekAgain, ("plain", "a-day-later")),
}


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def program(client: type[Any]) -> Function:
    def run(environment: Mapping[str, str], stop: threading.Event) -> int:
        made: Callable[..., int] = client(environment, stop).run
        return made()

    return Function(run, PATIENCE, unhurried(0.6))


def findings(judge_server: JudgeServer, provider: str, client: type[Any], names: tuple[str, ...]) -> dict[str, str]:
    """By drill and obligation, what counts."""
    everything = judged(judge_server, provider, client, names)
    return {name: text for (name, severity), text in everything.items() if severity != "advice"}


def judged(
    judge_server: JudgeServer, provider: str, client: type[Any], names: tuple[str, ...]
) -> dict[tuple[str, str], str]:
    """By drill with obligation, and severity, what is broken."""
    drills = [drill for drill in judge_server.battery([provider]) if drill.name in names]
    assert sorted(drill.name for drill in drills) == sorted(names)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda drill: judge_server.run_drill(drill, program(client)), drills))
    reports = conclude([judge_drill(result, reasons_of(provider)) for result in results])
    assert [report.faulty for report in reports if report.faulty] == []
    return {
        (f"{report.name} {ruling.obligation}", severity_of(provider, ruling.obligation)): ruling.findings[0].text
        for report in reports
        for ruling in report.broken
    }


@pytest.mark.parametrize("case", CASES)
def test_what_nobody_forbids_is_not_charged(judge_server: JudgeServer, case: str) -> None:
    assert findings(judge_server, *CASES[case]) == {}


FOUND: Mapping[str, tuple[str, str, str]] = {
    "all leads deleted on 403": ("throws-away-what-it-has-when-forbidden", "forbidden-in-a-later-run FAULT-08", "must"),
    "a handler that crashes": ("crashes-over-who-was-erased", "webhook-erased HOOK-05", "must"),
    "204, and nothing is stored": ("answers-and-stores-nothing", "webhook-plain HOOK-01", "advice"),
    "500 for every webhook": ("fails-over-every-webhook", "webhook-plain HOOK-01", "advice"),
    "token after token for a 403": ("asks-for-token-after-token-when-forbidden", "forbidden-list TOKEN-08", "advice"),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_had_no_ruling_has_one(judge_server: JudgeServer, case: str) -> None:
    name, ruling, severity = FOUND[case]
    client, _ = BROKEN[name]
    assert list(judged(judge_server, "seeker", client, (ruling.split()[0],))) == [(ruling, severity)]
