"""Clients that poll for ever, at a real drill: who only repeats its calls has settled, and who is stuck has not."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import Request, urlopen

import pytest

from mockserver.foundation.clock import stopwatch
from mockserver.judge.drill import Drill
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.evidence import Run
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.scenarios import Scenario
from tests.clients import gsl
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.no_cover
"""Clients that call thousands of times, by code that other tests reach too."""

Environment = Mapping[str, str]
ARRIVES = {"arrive": {"agency": 101, "category": "CLASSIFIED"}}


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def drill(*steps: Any) -> Drill:
    document = {"name": "mine", "why": "It is tested.", "world": "small", "steps": steps, "judge": {"then": []}}
    return Drill("mine", "gsl", Scenario.model_validate(document))


def polls(environment: Environment, stop: threading.Event) -> None:
    """A poller that is never quiet for as long as the judge wants it, and rests for longer than it works."""
    rest = 0.3
    while not stop.wait(rest):
        began = stopwatch()
        gsl.Client(environment, stop).run()
        rest = max(0.3, 1.5 * (stopwatch() - began))


def test_a_poller_that_is_told_nothing_new_has_settled_long_before_its_time_is_up(judge_server: JudgeServer) -> None:
    found = judge_server.run_drill(drill(), Function(polls, timeout=PATIENCE, settle=3)).evidence
    (one,) = found.runs
    assert one.ending == "settled"
    assert one.succeeded
    assert one.outcome


def test_a_poller_that_is_told_something_new_is_given_time_for_it(judge_server: JudgeServer) -> None:
    late = {"when": {"operation": "searchAgencyLeads", "calls": 5}, "do": [ARRIVES]}
    found = judge_server.run_drill(drill(late), Function(polls, timeout=PATIENCE, settle=3)).evidence
    (one,) = found.runs
    assert one.ending == "settled"
    (came,) = set(one.after) - set(one.before)
    assert came in {held.id for held in one.outcome or ()}


def stuck(environment: Environment, stop: threading.Event) -> None:
    """Asks for the same page on and on, and never rests."""
    client = gsl.Client(environment, stop)
    while not stop.is_set():
        client.run()
        time.sleep(0.001)


def test_who_never_rests_is_stuck(judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine makes everybody rest for a moment.
    monkeypatch.setattr("mockserver.judge.recorder._REST", 1.0)
    (one,) = judge_server.run_drill(drill(), Function(stuck, timeout=2.5, settle=2)).evidence.runs
    assert one.ending == "timeout"


def test_who_is_refused_on_and_on_is_given_time_to_try_again(judge_server: JudgeServer) -> None:
    def client(environment: Environment, stop: threading.Event) -> None:
        while not stop.wait(0.25):
            gsl.Client({**environment, "GSL_CLIENT_SECRET": "wrong"}, stop).run()

    (one,) = judge_server.run_drill(drill(), Function(client, timeout=2.5, settle=PATIENCE)).evidence.runs
    assert one.ending == "timeout"


# Answers that differ, and periods that move


class Poller:
    """Asks for the leads of some days up to the present, with a new token each time, and rests."""

    def __init__(self, rest: float = 0.3, days: int = 5) -> None:
        self.rest, self.days = rest, days
        self.polls = 0

    def __call__(self, environment: Environment, stop: threading.Event) -> None:
        began, ids = stopwatch(), set()
        while not stop.is_set():
            self.polls += 1
            now = datetime.fromisoformat(environment["MOCKSERVER_NOW"]).timestamp() + stopwatch() - began
            with suppress(HTTPError, ValueError, KeyError):  # it tries again
                for lead in self.leads(environment, int(now)):
                    ids.add(lead["metadata"]["leadId"])
            lines = "".join(json.dumps({"id": id}) + "\n" for id in ids)
            Path(environment["MOCKSERVER_OUTCOME"]).write_text(lines, encoding="utf-8")
            stop.wait(self.rest)

    def leads(self, environment: Environment, now: int) -> Iterator[Any]:
        body = {
            "grant_type": "client_credentials",
            "client_id": environment["SEEKER_CLIENT_ID"],
            "client_secret": environment["SEEKER_CLIENT_SECRET"],
            "audience": environment["SEEKER_AUDIENCE"],
        }
        headers = {"Content-Type": "application/json"}
        token = fetch(Request(environment["SEEKER_TOKEN_URL"], json.dumps(body).encode(), headers))["access_token"]
        place = ""
        while True:
            period = f"minDate={now - self.days * 86_400}&maxDate={now}&limit=10{place}"
            address = f"{environment['SEEKER_BASE_URL']}/leads?{period}"
            page = fetch(Request(address, headers={"Authorization": f"Bearer {token}"}))
            yield from page.get("items", ())
            following = (page.get("links") or {}).get("next")
            if not following:
                return
            place = f"&start={quote(parse_qs(urlsplit(following).query)['start'][0])}"


def fetch(request: Request) -> Any:
    with urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def polled(
    judge_server: JudgeServer, poller: Poller, *faults: Any, settle: float = 3, timeout: float = PATIENCE
) -> Run:
    """The one run of a poller of Seeker Leads."""
    steps = [{"when": "start", "do": [{"fault": fault} for fault in faults]}] if faults else []
    document = {"name": "mine", "why": "It is tested.", "world": "small", "steps": steps, "judge": {"then": []}}
    one = Drill("mine", "seeker", Scenario.model_validate(document))
    (run,) = judge_server.run_drill(one, Function(poller, timeout=timeout, settle=settle)).evidence.runs
    return run


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"kind": "extra_members"}],
        [{"kind": "unknown_values"}],
        [{"kind": "reorder_items", "operation": "getLeads"}],
    ],
    ids=["plain", "members that differ", "values that differ", "another order"],
)
def test_answers_that_differ_in_nothing_that_is_learned_and_periods_that_move_are_no_news(
    judge_server: JudgeServer, faults: list[Any]
) -> None:
    poller = Poller()
    run = polled(judge_server, poller, *faults)
    assert run.ending == "settled"
    assert {held.id for held in run.outcome or ()} == set(run.shown_leads)
    assert 5 < poller.polls < 100
    assert len({call.page_request.until for call in run.calls if call.page_request is not None}) > 1


def test_a_poller_that_rests_for_a_second_has_settled_after_some_rounds(judge_server: JudgeServer) -> None:
    poller = Poller(rest=1.0)
    assert polled(judge_server, poller, {"kind": "extra_members"}, settle=5).ending == "settled"
    assert poller.polls < 60


def test_a_poller_that_is_refused_has_settled_in_the_end(judge_server: JudgeServer) -> None:
    refused = {"kind": "status", "status": 500, "operation": "getLeads"}
    run = polled(judge_server, Poller(), refused, settle=1)
    assert run.ending == "settled"
    assert run.seconds > 3, "it had time to try again"


class Walker(Poller):
    """Goes back day by day, and never comes to an end: it has not settled, though it is shown nothing."""

    def leads(self, environment: Environment, now: int) -> Iterator[Any]:
        return super().leads(environment, now - 2_000 * 86_400 + self.polls * 6 * 86_400)


def test_who_asks_for_one_period_after_another_is_at_work(judge_server: JudgeServer) -> None:
    run = polled(judge_server, Walker(), settle=2, timeout=4)
    assert run.ending == "timeout"
    assert not run.shown_leads


# An outage


def in_an_outage(judge_server: JudgeServer, client: Any, settle: float) -> DrillResult:
    """The drill of a client of Seeker Leads, whose every call fails."""
    outage = {"when": "start", "do": [{"fault": {"provider": "seeker", "kind": "status", "status": 500}}]}
    document = {"name": "mine", "why": "It is tested.", "world": "small", "steps": [outage], "judge": {"then": []}}
    one = Drill("mine", "seeker", Scenario.model_validate(document))
    return judge_server.run_drill(one, Function(client, timeout=PATIENCE, settle=settle))


def ask(environment: Environment) -> None:
    with suppress(HTTPError):
        fetch(Request(environment["SEEKER_TOKEN_URL"], b"{}", {"Content-Type": "application/json"}))


def backs_off(environment: Environment, stop: threading.Event) -> int:
    """Waits longer each time, and for longer than a poller is given, before it gives up."""
    for wait in (0.3, 0.6, 1.2, 2.4):
        ask(environment)
        stop.wait(wait)
    ask(environment)
    return 1


def test_who_backs_off_is_waited_for(judge_server: JudgeServer) -> None:
    (one,) = in_an_outage(judge_server, backs_off, 0.8).evidence.runs
    assert (one.ending, one.exit_code) == ("itself", 1)


def fails_for_ever(environment: Environment, stop: threading.Event) -> None:
    """Goes on although every call fails, and has written half of what it holds when it is stopped."""
    Path(environment["MOCKSERVER_OUTCOME"]).write_text('{"id": "1"}\n{"id', encoding="utf-8")
    while not stop.wait(0.3):
        ask(environment)


def test_the_outcome_of_a_run_that_was_stopped_while_it_failed_is_not_judged(judge_server: JudgeServer) -> None:
    result = in_an_outage(judge_server, fails_for_ever, 1)
    (one,) = result.evidence.runs
    assert (one.ending, one.outcome, one.unreadable) == ("settled", None, "")
    assert any("run 1 was stopped while its calls failed" in event for event in result.events)
