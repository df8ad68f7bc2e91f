"""Runs that failed although every answer was good, and the obligation that each breaks."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.crashes import crashed
from mockserver.judge.evidence import Evidence, HeldLead, LeadSnapshot, Run
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, SeenPage
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, holds, lead, run, seen, shows, token

FULL = Contact("ana@example.org", ("0611223344",), "Ana Roy", "Bonjour, est-ce encore libre ?")


GONE: Any = {"operation": "getLead", "path": "/leads/9", "status": 404}


def full(id: str, **given: Any) -> LeadSnapshot:
    """A lead of which nothing is absent or strange."""
    return lead(id, **{"contact": FULL, **given})


ONE, TWO, THREE = full("1"), full("2"), full("3")


def drill(*runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> Evidence:
    return evidence(*runs, adapter=adapter, **given)


def blame(*calls: JudgedCall, outcome: list[HeldLead] | None = None, **given: Any) -> list[str]:
    ending = given.pop("ending", "itself")
    made = drill(run(*calls, exit_code=1, ending=ending, outcome=outcome), **given)
    return [blamed for _, blamed in crashed(made)]


def test_a_run_that_has_a_reason_to_fail_is_not_blamed() -> None:
    assert blame() == []
    assert blame(shows(ONE), seen(place="100", status=503)) == []
    assert blame(token(status=401)) == []
    assert blame(shows(ONE), seen(fault="truncate")) == []


def test_runs_that_end_well_are_not_blamed_and_others_are_one_by_one() -> None:
    good, bad = run(shows(ONE)), run(shows(ONE), exit_code=1)
    assert [each.number for each, _ in crashed(drill(good, bad, good, bad))] == [2, 4]
    assert crashed(drill(run(shows(ONE), ending="settled"))) == []


def test_a_run_that_fails_for_no_reason_at_all() -> None:
    assert blame(shows(ONE)) == ["RUN-02"]
    assert blame(token()) == ["RUN-02"]
    assert blame(shows(ONE), ending="timeout") == ["RUN-02"]


def test_a_run_that_makes_nothing_of_compressed_answers() -> None:
    gzip, aims = {"content-encoding": "gzip"}, ("TOLERANCE-07",)
    assert blame(token(answered=gzip), aims=aims) == ["TOLERANCE-07"]
    assert blame(token(), shows(ONE, answered=gzip), aims=aims) == ["TOLERANCE-07"]
    # It went on with the token, or read leads, or the drill is about something else.
    assert blame(token(answered=gzip), shows(ONE), aims=aims) == ["RUN-02"]
    assert blame(shows(ONE, answered=gzip), outcome=holds(ONE), aims=aims) == ["RUN-02"]
    assert blame(token(answered=gzip)) == ["RUN-02"]


def test_a_run_that_goes_on_behind_the_end_for_ever() -> None:
    behind = [seen(place=str(place)) for place in (100, 200, 300)]
    assert blame(shows(ONE), *behind, ending="timeout") == ["PAGE-07"]
    assert blame(shows(ONE), *behind) == ["RUN-02"]


def test_a_run_that_fails_at_a_lead_that_is_gone() -> None:
    assert blame(shows(ONE), seen(**GONE)) == ["TOLERANCE-06"]
    assert blame(shows(ONE), seen(operation="getNote", status=404)) == ["RUN-02"]


def test_a_run_that_holds_all_that_it_was_shown_did_not_fail_at_that() -> None:
    bare = shows(lead("1"), fault="extra_members", in_contract=True)
    assert blame(bare, outcome=holds("1", "2")) == ["RUN-02"]
    assert blame(bare, outcome=holds("2")) == ["TOLERANCE-01"]
    assert blame(seen(), outcome=[]) == ["PAGE-06"]


@pytest.mark.parametrize(
    ("kind", "charged"),
    [("extra_members", "TOLERANCE-01"), ("unknown_values", "TOLERANCE-02"), ("delay", "RUN-02")],
)
def test_a_run_that_fails_at_a_strange_answer(kind: str, charged: str) -> None:
    assert blame(shows(ONE, fault=kind, in_contract=True)) == [charged]


def test_a_run_that_fails_at_an_empty_list() -> None:
    assert blame(seen()) == ["PAGE-06"]
    assert blame(token(), seen(), seen(since=NOW)) == ["PAGE-06"]
    assert blame(seen(), shows(ONE)) == ["RUN-02"]


def test_a_run_that_ends_at_a_404_for_nothing_fails_at_an_empty_list_whatever_it_was_shown_before() -> None:
    nothing = seen(status=404, page=SeenPage((), None))
    assert blame(shows(ONE), nothing) == ["PAGE-06"]
    assert blame(shows(lead("1")), nothing, outcome=holds("1")) == ["PAGE-06"]
    assert blame(shows(ONE), nothing, token()) == ["PAGE-06"]
    assert blame(nothing, shows(ONE)) == ["RUN-02"], "it went on"
    assert blame(nothing, shows(lead("1"))) == ["TOLERANCE-03"]
    assert blame(shows(ONE), nothing, ending="timeout") == ["RUN-02"]


def test_a_run_that_fails_at_a_lead_that_lacks_something() -> None:
    assert blame(shows(ONE, lead("2"))) == ["TOLERANCE-03"]


def test_odd_text_is_blamed_where_the_drill_is_about_that_alone() -> None:
    odd = shows(full("1", contact=replace(FULL, name="<O'Neill>")), lead("2"))
    assert blame(odd, aims=("TOLERANCE-04",)) == ["TOLERANCE-04"]
    assert blame(odd, aims=("TOLERANCE-03", "TOLERANCE-04")) == ["TOLERANCE-03"]
    assert blame(odd) == ["TOLERANCE-03"]
    assert blame(shows(ONE), aims=("TOLERANCE-04",)) == ["RUN-02"]
