"""The judge judged: the reference clients hold everything, and of each broken one its one mistake is found."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from mockserver.judge.catalogue import OBLIGATIONS, reasons_of
from mockserver.judge.drill import Drill
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.report import DrillReport
from mockserver.judge.rulings import Severity, State
from mockserver.judge.runner import judge_program
from mockserver.judge.verdicts import JudgedDrill, conclude, judge_drill
from mockserver.providers.loading import provider_names
from tests.clients import apimo, broken_apimo, broken_gsl, broken_seeker, gsl, seeker

REFERENCES: Mapping[str, Any] = {"apimo": apimo, "gsl": gsl, "seeker": seeker}
BROKEN: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "apimo": broken_apimo.BROKEN,
    "gsl": broken_gsl.BROKEN,
    "seeker": broken_seeker.BROKEN,
}
SIDE_BY_SIDE = 4
SETTLE = 0.6
"""Seconds: these clients never wait for longer than that without having met a failure."""


class Case(NamedTuple):
    """A broken client, and what it breaks."""

    provider: str
    name: str
    obligation: str

    def __str__(self) -> str:
        return f"{self.provider}-{self.name}"


CASES = [
    Case(provider, name, obligation)
    for provider, clients in BROKEN.items()
    for name, (_, obligation) in clients.items()
]


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def program(client: Any) -> Function:
    """A client class as a program."""

    def run(environment: Mapping[str, str], stop: threading.Event) -> int:
        made: Callable[..., int] = client(environment, stop).run
        return made()

    run.__qualname__ = client.__qualname__
    return Function(run, settle=SETTLE)


def musts(reports: list[DrillReport]) -> set[str]:
    """The must obligations that were broken."""
    return {
        ruling.obligation
        for report in reports
        for ruling in report.broken
        if OBLIGATIONS[ruling.obligation].severity is Severity.MUST
    }


def broken(reports: list[DrillReport]) -> dict[str, list[str]]:
    """By obligation, what was found."""
    found: dict[str, list[str]] = {}
    for report in reports:
        for ruling in report.broken:
            found.setdefault(ruling.obligation, []).extend(
                f"{report.name}: {finding.text}" for finding in ruling.findings
            )
    return found


@pytest.mark.parametrize("provider", provider_names())
def test_the_reference_holds_every_obligation_in_every_drill(provider: str) -> None:
    report = judge_program(program(REFERENCES[provider].Client), providers=[provider])

    assert [(drill.name, drill.faulty) for drill in report.drills if drill.faulty] == []
    assert broken(list(report.drills)) == {}
    # What a callable writes is not heard.
    states = {found.id: found.state for found in report.obligations if found.state is not State.HELD}
    assert states == {"TOKEN-09": State.NOT_OBSERVABLE}
    assert report.exit_code == 0


def drills_for(judge_server: JudgeServer, case: Case) -> list[Drill]:
    """Those that are for what the client breaks."""
    battery = judge_server.battery([case.provider])
    return [drill for drill in battery if drill.scenario.judge and case.obligation in drill.scenario.judge.aims]


def examine(judge_server: JudgeServer, case: Case) -> list[DrillReport]:
    """What is found until the mistake has shown itself: there is a drill a reading."""
    client, obligation = BROKEN[case.provider][case.name]
    judged: list[JudgedDrill] = []
    for drill in drills_for(judge_server, case):
        judged.append(judge_drill(judge_server.run_drill(drill, program(client)), reasons_of(drill.provider)))
        if obligation in broken(conclude(judged)):
            break
    return conclude(judged)


def chosen() -> list[Case]:
    """For each obligation the clients of one provider, of each in turn; with MOCKSERVER_ALL_CLIENTS those of all."""
    if os.environ.get("MOCKSERVER_ALL_CLIENTS"):
        return CASES
    turns = {}
    for turn, obligation in enumerate(OBLIGATIONS):
        of = sorted({case.provider for case in CASES if case.obligation == obligation})
        turns[obligation] = of[turn % len(of)]
    return [case for case in CASES if case.provider == turns[case.obligation]]


CHOSEN = chosen()
FAMILIES = sorted({(case.provider, OBLIGATIONS[case.obligation].family) for case in CHOSEN})


@pytest.mark.parametrize(("provider", "family"), FAMILIES)
def test_the_one_mistake_of_a_client_is_found_and_no_other(
    judge_server: JudgeServer, provider: str, family: str
) -> None:
    cases = [case for case in CHOSEN if case.provider == provider and OBLIGATIONS[case.obligation].family == family]
    # Side by side: most of their time they wait before they try again.
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        reports = dict(zip(cases, pool.map(lambda case: examine(judge_server, case), cases), strict=True))

    wrong = {
        str(case): broken(found)
        for case, found in reports.items()
        if case.obligation not in broken(found) or not musts(found) <= {case.obligation}
    }
    assert wrong == {}


@pytest.mark.parametrize("provider", provider_names())
def test_every_obligation_is_broken_by_some_client(provider: str) -> None:
    assert {obligation for _, obligation in BROKEN[provider].values()} == set(reasons_of(provider))


def test_there_are_at_least_forty_broken_clients_and_one_for_each_obligation() -> None:
    assert len(CHOSEN) >= 40
    assert {case.obligation for case in CHOSEN} == set(OBLIGATIONS)
