"""Musts that no drill came to, and parts of an API that a client does without."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.baseline import apply, exit_code
from mockserver.judge.baseline_file import Baseline
from mockserver.judge.calls import JudgedCall
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.evidence import JudgedAttempt
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.reach import CAPABILITIES, Reach, reach, used_capabilities
from mockserver.judge.report import ObligationReport, Report
from mockserver.judge.rulings import Severity, State
from mockserver.judge.runner import judge_program
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, KEYS, evidence, run, seen, shows, token, write
from tests.support.patience import PATIENCE
from tests.support.reports import drill, report, ruled

HOOKS = replace(JUDGE_ADAPTER, subscribe_operation="createSubscription")
TOOK = JudgedAttempt(1, "1", 1, True, 200, None, frozenset())
NAMES = {capability.name for capability in CAPABILITIES}


def rows(state: State, *ids: str, severities: Mapping[str, Severity] | None = None) -> tuple[ObligationReport, ...]:
    return report([drill("plain", "seeker", ruled(state, *ids))], severities).obligations


def missed(*ids: str, aims: tuple[str, ...] | None = None, used: frozenset[str] | set[str] = frozenset()) -> Reach:
    return reach(rows(State.NOT_REACHED, *ids), ids if aims is None else aims, used)


def test_a_must_that_was_never_reached_is_named() -> None:
    assert missed("GDPR-01", "FAULT-01").not_reached == ("FAULT-01", "GDPR-01")
    assert reach(rows(State.HELD, "GDPR-01"), ["GDPR-01"], ()).not_reached == ()
    assert reach(rows(State.BROKEN, "GDPR-01"), ["GDPR-01"], ()).not_reached == ()


def test_only_what_the_drills_aim_at_is_owed() -> None:
    assert missed("GDPR-01", "FAULT-01", aims=("FAULT-01",)).not_reached == ("FAULT-01",)
    assert missed("GDPR-01", aims=()) == Reach((), ())


def test_what_was_added_after_a_frozen_battery_is_not_owed() -> None:
    later = [row.model_copy(update={"added_later": True}) for row in rows(State.NOT_REACHED, "GDPR-01")]
    assert reach(later, ["GDPR-01"], ()).not_reached == ()


def test_a_drill_that_is_judged_by_itself_says_what_it_did_not_come_to() -> None:
    with JudgeServer() as judge_server:
        (drill,) = judge_server.battery(["apimo"], ["redirect"])
        assert judge_server.judge(drill, Function(lambda environment: 0, PATIENCE)).not_reached == ("TOKEN-07",)


def test_only_musts_are_owed() -> None:
    weak = rows(State.NOT_REACHED, "GDPR-01", severities={"GDPR-01": Severity.SHOULD})
    assert reach(weak, ["GDPR-01"], ()).not_reached == ()


def test_what_a_client_never_uses_is_not_owed_but_said() -> None:
    assert missed("HOOK-01", "HOOK-02", "WRITE-01", "GDPR-01") == Reach(("GDPR-01",), ("webhooks", "writes"))
    assert missed("HOOK-02", used={"webhooks"}) == Reach(("HOOK-02",), ())


@pytest.mark.parametrize(
    ("calls", "name"),
    [
        ([write()], "writes"),
        ([write(body={"a": 1})], "requests with a body"),
        ([token()], "requests with a body"),
        ([seen(operation="getLead")], "leads by their id"),
        ([seen(operation=KEYS)], "verification of tokens"),
        ([seen(sent={"accept-encoding": "br, gzip"})], "compressed answers"),
        ([seen(operation="createSubscription", method="POST")], "webhooks"),
        ([shows("1", next="100")], "lists of several pages"),
        ([shows("1", since=NOW, until=NOW + 1)], "periods with both bounds"),
        ([shows(since=NOW - 9, until=NOW), shows(since=NOW, until=NOW + 9)], "several periods in a run"),
    ],
)
def test_a_capability_is_used_by_a_call(calls: list[JudgedCall], name: str) -> None:
    assert name in used_capabilities(evidence(run(*calls), adapter=HOOKS))


def test_who_reads_one_open_list_uses_none() -> None:
    assert used_capabilities(evidence(run(shows("1"), shows("1", since=NOW)), adapter=HOOKS)) == frozenset()
    two_runs = [run(shows(since=NOW, until=NOW + 1)), run(shows(since=NOW + 1, until=NOW + 2))]
    assert used_capabilities(evidence(*two_runs)) == {"periods with both bounds"}
    assert used_capabilities(evidence(run(), attempts=(TOOK,))) == {"webhooks"}


def test_capabilities_are_about_obligations_that_there_are() -> None:
    families = {obligation.family for obligation in OBLIGATIONS.values()}
    assert {name for capability in CAPABILITIES for name in capability.obligations} <= families | set(OBLIGATIONS)
    assert len(NAMES) == len(CAPABILITIES)


def judged(*scenarios: str, **options: Any) -> Report:
    """A client that makes no call that means anything."""
    program = Function(lambda environment: 0, PATIENCE)
    return judge_program(program, providers=["apimo"], scenarios=scenarios, **options)


def test_the_report_names_what_the_chosen_drills_aim_at_and_never_came_to() -> None:
    found = judged("redirect", "erased-between-runs")
    assert found.not_reached == ("apimo TOKEN-07", "apimo GDPR-01")
    assert not found.require_reached


def test_what_must_be_reached_fails_an_otherwise_clean_run() -> None:
    clean = report([drill("plain", "seeker", ruled(State.HELD, "RUN-01"))])
    args = clean.obligations, clean.drills
    assert (exit_code(*args), exit_code(*args, unreached=True)) == (0, 1)
    assert judged("redirect", require_reached=True).require_reached


def test_a_baseline_forgives_nothing_that_was_not_reached() -> None:
    clean = report([drill("plain", "seeker", ruled(State.HELD, "RUN-01"))], not_reached=("seeker TOKEN-07",))
    assert apply(Baseline(version=1), clean).exit_code == 0
    assert apply(Baseline(version=1), clean.model_copy(update={"require_reached": True})).exit_code == 1
