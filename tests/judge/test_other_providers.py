"""Runs that ended for what another provider answered: told as that, and held against nobody else."""

from dataclasses import replace

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Ending, Run
from mockserver.judge.other_providers import ended_after, runs_of_evidence
from tests.support.evidence import run, seen


def elsewhere(id: int, status: int = 200, path: str = "/other") -> JudgedCall:
    """A call of another provider."""
    call = seen(operation="list", path=path, status=status)
    return replace(call, entry=replace(call.entry, id=id, provider="acme"))


def ours(id: int, status: int = 200) -> JudgedCall:
    call = seen(status=status)
    return replace(call, entry=replace(call.entry, id=id))


def ran(*calls: JudgedCall, exit_code: int = 1, ending: Ending = "itself") -> Run:
    judged = [call for call in calls if call.entry.provider != "acme"]
    others = tuple(call for call in calls if call.entry.provider == "acme")
    return replace(run(*judged, exit_code=exit_code, ending=ending), other_calls=others)


@pytest.mark.parametrize(
    ("calls", "call"),
    [
        ([ours(1), elsewhere(2, 401)], "acme: GET /other 401"),
        ([elsewhere(1, 500)], "acme: GET /other 500"),
        ([elsewhere(1, 0)], "acme: GET /other without an answer"),
        ([elsewhere(1, 403), ours(2)], "acme: GET /other 403"),
        ([elsewhere(1, 500), ours(2, 500)], "acme: GET /other 500"),
        ([elsewhere(1, 401), elsewhere(2), ours(3)], ""),
        ([elsewhere(1, 401, "/a"), elsewhere(2, path="/b"), ours(3)], "acme: GET /a 401"),
        ([ours(1), elsewhere(2)], "acme: GET /other 200"),
        ([elsewhere(1)], "acme: GET /other 200"),
        ([elsewhere(1), ours(2)], ""),
        ([ours(1, 500), elsewhere(2)], ""),
        ([ours(1)], ""),
        ([], ""),
    ],
    ids=[
        "refused at the end",
        "refused before any call of ours",
        "no answer",
        "refused, and the rest done all the same",
        "both failed",
        "refused once",
        "refused once, and another path well",
        "all well, and the last call is another's",
        "all well, and no call of ours",
        "all well, and the last call is ours",
        "ours failed, so it has its reason",
        "only ours",
        "no call at all",
    ],
)
def test_a_run_that_failed_ended_after_a_call_that_was_refused_or_the_last_of_another(
    calls: list[JudgedCall], call: str
) -> None:
    assert ended_after(ran(*calls)) == call
    assert ended_after(ran(*calls, ending="timeout")) == call


def test_a_run_that_did_well_ended_after_another_provider_only_if_it_came_to_no_call_of_ours() -> None:
    assert ended_after(ran(elsewhere(1, 401), ours(2), exit_code=0)) == ""
    assert ended_after(ran(elsewhere(1, 401), exit_code=0)) == "acme: GET /other 401"
    assert ended_after(ran(elsewhere(1), exit_code=0)) == "", "it never calls ours"


def test_what_follows_such_a_run_is_no_evidence_either() -> None:
    good, ended = ran(ours(1), exit_code=0), ran(elsewhere(2, 500))
    assert runs_of_evidence([good, ended, good]) == (good,)
    assert runs_of_evidence([ended, good]) == ()
    assert runs_of_evidence([good, good]) == (good, good)
