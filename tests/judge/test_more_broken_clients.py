"""The judge judged by more broken clients: of each its one mistake is found, and no other must beside it."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.drill import Drill
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.rulings import Severity, State
from mockserver.judge.verdicts import JudgedDrill, conclude, judge_drill
from mockserver.providers.contracts import provider_names
from tests.clients.broken_more import apimo, gsl, seeker
from tests.clients.broken_more.case import BrokenClient
from tests.support.patience import PATIENCE, settle_of, tries_of, unhurried

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

CLIENTS = {table.provider: table for table in (apimo.CLIENTS, gsl.CLIENTS, seeker.CLIENTS)}
SIDE_BY_SIDE = 10
"""They wait for three quarters of their time."""
SETTLE = 0.6


def program(case: BrokenClient) -> Function:
    """A client class as a program."""

    def run(environment: Mapping[str, str], stop: threading.Event) -> int:
        code: int = case.client(environment, stop).run()
        return code

    run.__qualname__ = str(case)
    return Function(run, PATIENCE, unhurried(settle_of(case.obligation, SETTLE)))


def drills_for(judge_server: JudgeServer, case: BrokenClient) -> list[Drill]:
    """The drills that the case names, else those that aim at what it breaks."""
    battery = judge_server.battery([case.provider])
    if case.drills:
        return [drill for drill in battery if drill.name in case.drills]
    return [drill for drill in battery if case.obligation in drill.scenario.judging.aims]


def breaches(judge_server: JudgeServer, case: BrokenClient) -> dict[str, list[str]]:
    """The findings by obligation, until the mistake has shown itself."""
    judged: list[JudgedDrill] = []
    for drill in drills_for(judge_server, case) * tries_of(case.obligation):
        judged.append(judge_drill(judge_server.run_drill(drill, program(case)), reasons_of(case.provider)))
        if judged[-1].rulings[case.obligation].state is State.BROKEN:
            break
    by_obligation: dict[str, list[str]] = {}
    for report in conclude(judged):
        for ruling in report.broken:
            texts = [f"{report.name}: {finding.text}" for finding in ruling.findings]
            by_obligation.setdefault(ruling.obligation, []).extend(texts)
    return by_obligation


@pytest.mark.parametrize("provider", provider_names())
def test_the_one_mistake_of_a_client_is_found_and_no_other(provider: str) -> None:
    cases = CLIENTS[provider]
    with JudgeServer() as judge_server, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        results = dict(zip(cases, pool.map(lambda case: breaches(judge_server, case), cases), strict=True))

    wrong = {
        str(case): found
        for case, found in results.items()
        if case.obligation not in found
        or any(severity_of(provider, id) is Severity.MUST for id in found.keys() - {case.obligation})
    }
    assert wrong == {}


def test_there_are_at_least_sixty_and_each_names_an_obligation_that_binds() -> None:
    cases = [case for table in CLIENTS.values() for case in table]
    assert len(cases) >= 60
    assert len({str(case) for case in cases}) == len(cases)
    assert all(case.obligation in reasons_of(case.provider) and case.obligation in OBLIGATIONS for case in cases)
    assert all(case.client.__doc__ for case in cases)
