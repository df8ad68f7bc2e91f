"""Clients that were shown no lead where there were some, and those that are right to be shown none."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.foundation.problems import Violation
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, JudgedAttempt, LeadSnapshot, Run
from mockserver.judge.obligations import JUDGES
from mockserver.judge.rulings import Ruling, State
from tests.conftest import NOW
from tests.support.evidence import BASIC, JUDGE_ADAPTER, evidence, lead, run, seen, shows, token, write

DAY = 86_400.0
LEADS = (lead("1", created=NOW - 9 * DAY), lead("2", created=NOW - 2 * DAY))
LISTS = replace(JUDGE_ADAPTER, partial_list="listLeads")
UNAUTHORIZED: Any = {"status": 401, "sent": {"authorization": None}}


def at_work(*calls: JudgedCall, there: tuple[LeadSnapshot, ...] = LEADS, **members: Any) -> Run:
    """A run during which nothing arrives."""
    return run(*calls, before=there, after=there, **members)


def rule(*runs: Run, id: str = "RUN-05", **members: Any) -> Ruling:
    return JUDGES[id](evidence(*runs, **members))


def cause(*calls: JudgedCall, **members: Any) -> str:
    """The likely cause that is told of one run."""
    ruling = rule(at_work(*calls), **members)
    (finding,) = ruling.findings
    head, _, text = finding.text.partition(": ")
    assert (ruling.state, head) == (State.BROKEN, "run 1 was shown none of the 2 leads that there were")
    assert finding.entries
    return text


def state(*calls: JudgedCall, there: tuple[LeadSnapshot, ...] = LEADS, **members: Any) -> State:
    return rule(at_work(*calls, there=there), **members).state


def asks(since: float | None = None, until: float | None = None, **members: Any) -> JudgedCall:
    """A list that shows nothing."""
    return shows(since=since, until=until, **members)


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        ([asks(since=NOW * 1000)], "milliseconds; seconds are right"),
        ([asks(since=NOW + DAY)], "and the present is"),
        ([asks(until=NOW - 20 * DAY)], "and the first of them is of"),
        ([asks(NOW - 8 * DAY, NOW - 7 * DAY)], "none of them is dated in a period that it asked for"),
        ([asks(feed="leads of agency 102")], "it asked for the leads of agency 102 alone; they are in the leads"),
        ([token(), seen(operation="getAgencies", path="/agencies")], "it asked for no list of leads"),
        ([token()], "it asked for a token, and for no list of leads"),
        ([token(status=401)], "it was refused a token: call 1 (POST /oauth/token) was answered with 401"),
        (
            [seen(status=404)],
            "it asked for the leads: call 1 (GET /leads) was answered with 404; they are in the leads",
        ),
        ([seen(**UNAUTHORIZED)], "it sent no credentials: call 1 (GET /leads) was answered with 401"),
        ([seen(status=401)], "it sent a token that no answer had given"),
        ([seen(operation="", path="/lead", status=404)], "it called addresses that are not there: call 1 (GET /lead)"),
    ],
)
def test_the_likely_cause_is_told_from_the_calls(calls: list[JudgedCall], text: str) -> None:
    assert text in cause(*calls)


def test_wrong_credentials_are_told_where_there_are_no_tokens() -> None:
    assert cause(seen(status=401), adapter=BASIC).startswith("its credentials are not those of its environment")


def test_a_moment_beyond_every_calendar_is_told_by_its_year() -> None:
    assert cause(asks(since=1e13)).startswith("it asked from a moment in the year 318")


def test_one_lead_is_enough_from_whatever_run() -> None:
    blind = at_work(asks(since=NOW + DAY))
    assert rule(blind, at_work(shows(LEADS[0]))).state is State.HELD
    assert rule(at_work(shows(lead("9", lists=("another",), feeds=()))), blind).state is State.BROKEN


def test_a_lead_that_came_by_webhook_was_seen() -> None:
    took = JudgedAttempt(1, "1", 1, True, 200, None, frozenset())
    assert rule(at_work(token()), attempts=(took,)).state is State.HELD


@pytest.mark.parametrize(
    "calls",
    [
        [asks(since=NOW)],
        [asks(since=NOW - DAY, until=NOW)],
        [asks(since=NOW + 60)],
    ],
)
def test_who_begins_with_what_is_new_is_right(calls: list[JudgedCall]) -> None:
    assert state(*calls) is State.NOT_REACHED


@pytest.mark.parametrize(
    "calls",
    [
        [seen(status=503)],
        [seen(status=429)],
        [seen(status=0)],
        [seen(status=200, fault="truncate")],
        [token(), seen(status=401)],
        [seen(status=403, reply={"detail": "Bad Scope"})],
        [seen(status=400, violations=[Violation("query", "/limit", "type", "no number")])],
        [token(scope=None, status=403)],
        [write()],
        [token(), write("subscribe", status=201)],
        [],
    ],
)
def test_what_befell_a_run_or_is_told_elsewhere_is_no_breach(calls: list[JudgedCall]) -> None:
    assert state(*calls) is State.NOT_REACHED


def test_who_fails_before_it_asks_for_a_list_is_told_that_alone() -> None:
    calls = (token(), seen(operation="getAgencies", path="/agencies"))
    assert rule(at_work(*calls, exit_code=1)).state is State.NOT_REACHED
    assert rule(at_work(token(), exit_code=1)).state is State.NOT_REACHED
    assert rule(at_work(asks(until=NOW - 20 * DAY), exit_code=1)).state is State.NOT_REACHED, "it had more to ask for"
    assert rule(at_work(seen(**UNAUTHORIZED), exit_code=1)).state is State.BROKEN
    assert rule(at_work(*calls)).state is State.BROKEN


def test_leads_must_have_been_there_to_be_seen() -> None:
    assert state(asks(), there=()) is State.NOT_REACHED
    assert state(asks(), there=(lead("1", feeds=()),)) is State.NOT_REACHED
    came = run(asks(since=NOW + DAY), before=(), after=LEADS)
    assert rule(came).state is State.NOT_REACHED
    assert state(asks(since=NOW + DAY), credentials_changed=True) is State.NOT_REACHED
    assert rule(at_work(asks(since=NOW + DAY), ending="timeout")).state is State.NOT_REACHED


# The list that looks like all leads

BOTH = (lead("1"), lead("2", feeds=(), lists=("other leads",)))


def lists(*calls: JudgedCall, **members: Any) -> Ruling:
    return rule(at_work(*calls, there=BOTH), id="PAGE-11", **{"adapter": LISTS, **members})


def test_a_list_that_is_not_all_is_told_with_what_lies_elsewhere() -> None:
    ruling = lists(shows(BOTH[0]))
    (finding,) = ruling.findings
    assert finding.text == "it asked for the leads alone; 1 of 2 leads are in the other leads"
    assert (ruling.state, finding.entries) == (State.BROKEN, (1,))


def test_a_list_that_is_left_out_among_several_is_told() -> None:
    some: Any = {"feed": "some leads", "operation": "listSomeLeads"}
    (finding,) = lists(shows(BOTH[0]), shows(**some)).findings
    assert finding.text == "it asked for the leads and some leads alone; 1 of 2 leads are in the other leads"
    assert lists(shows(BOTH[0]), shows(**some), seen(status=503)).state is State.HELD, "it may not have come so far"


def test_who_asks_for_the_others_too_or_chose_a_category_is_right() -> None:
    chosen: Any = {"feed": "some leads", "operation": "listSomeLeads"}
    others: Any = {"feed": "other leads", "operation": "listOtherLeads"}
    assert lists(shows(BOTH[0]), shows(BOTH[1], **others)).state is State.HELD
    assert lists(shows(BOTH[0], **chosen)).state is State.NOT_REACHED
    assert lists(shows(**others), shows(feed="leads", operation="listTheLeads")).state is State.HELD


def test_one_list_is_all_where_the_provider_has_no_other() -> None:
    assert lists(shows(BOTH[0]), adapter=JUDGE_ADAPTER).state is State.NOT_REACHED
    everything: Evidence = evidence(at_work(shows(*LEADS)), adapter=LISTS)
    assert JUDGES["PAGE-11"](everything).state is State.HELD
