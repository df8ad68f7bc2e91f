"""The judge judged: the reference clients hold everything, and of each broken one its one mistake is found."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.drill import Drill
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.quick_choice import musts_of
from mockserver.judge.report import DrillReport
from mockserver.judge.rulings import Severity, State
from mockserver.judge.runner import judge_program
from mockserver.judge.suite import battery
from mockserver.judge.verdicts import JudgedDrill, aggregate, conclude, judge_drill
from mockserver.provider_api.provider import Provider
from mockserver.providers.contracts import provider_names
from tests.clients import apimo, broken_apimo, broken_gsl, broken_seeker, gsl, seeker
from tests.support.covering import readings_in_pairs
from tests.support.lanes import slow
from tests.support.patience import PATIENCE, settle_of, tries_of, unhurried

pytestmark = pytest.mark.no_cover
"""Whole batteries: other tests have examples of the same, and tracing these takes long."""

REFERENCES: Mapping[str, Any] = {"apimo": apimo, "gsl": gsl, "seeker": seeker}
BROKEN: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "apimo": broken_apimo.BROKEN,
    "gsl": broken_gsl.BROKEN,
    "seeker": broken_seeker.BROKEN,
}
ALL = bool(os.environ.get("MOCKSERVER_ALL_CLIENTS"))
"""Whether every reading has a drill of its own, and every broken client its turn: `make conform`."""
SIDE_BY_SIDE = 6
"""Most of their time clients wait before they try again."""
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


def program(client: Any, settle: float = SETTLE) -> Function:
    """A client class as a program."""

    def run(environment: Mapping[str, str], stop: threading.Event) -> int:
        made: Callable[..., int] = client(environment, stop).run
        return made()

    run.__qualname__ = client.__qualname__
    return Function(run, PATIENCE, unhurried(settle))


def musts(reports: list[DrillReport]) -> set[str]:
    """The must obligations that were broken."""
    return {
        ruling.obligation
        for report in reports
        for ruling in report.broken
        if severity_of(report.provider, ruling.obligation) is Severity.MUST
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


def all_drills(provider: Provider, folder: Path) -> list[str]:
    """The drills of a provider by name; in place of those of one reading each, files with combinations of readings.

    One of the former stays, since what it is about is judged nowhere else.
    """
    drills = battery({provider.name: provider})
    plain = [drill for drill in drills if drill.variant is None]
    # A reading of errors would change nothing for a client that meets none.
    of_a_reading = [drill for drill in drills if drill.variant is not None and not drill.variant.startswith("error")]
    paths = []
    for number, readings in enumerate(readings_in_pairs(provider.contract)):
        document = of_a_reading[0].scenario.as_document()
        document |= {"name": f"readings-{number}", "variants": {provider.name: readings}}
        paths.append(folder / f"{number}.yaml")
        paths[-1].write_text(yaml.safe_dump(document), encoding="utf-8")
    return [drill.name for drill in (*plain, of_a_reading[0])] + list(map(str, paths))


@pytest.mark.parametrize("provider", provider_names())
def test_the_reference_holds_every_obligation_in_every_drill(
    providers: Mapping[str, Provider], provider: str, tmp_path: Path
) -> None:
    drills = () if ALL else all_drills(providers[provider], tmp_path)
    report = judge_program(
        program(REFERENCES[provider].Client), providers=[provider], scenarios=drills, jobs=SIDE_BY_SIDE, strict=True
    )
    assert not drills or len(report.drills) == len(drills)

    assert [(drill.name, drill.faulty) for drill in report.drills if drill.faulty] == []
    assert broken(list(report.drills)) == {}
    # What a callable writes is not heard.
    states = {found.id: found.state for found in report.obligations if found.state is not State.HELD}
    # They take tokens as they come, without a look at their signature.
    unverified = {"TOKEN-12": State.NOT_REACHED} if "TOKEN-12" in reasons_of(provider) else {}
    assert states == {"TOKEN-09": State.NOT_OBSERVABLE, "GDPR-04": State.NOT_OBSERVABLE, **unverified}
    assert report.exit_code == 0

    quick = {drill.name for drill in battery(providers, [provider], quick=True)}
    rows = aggregate(provider, reasons_of(provider), [drill for drill in report.drills if drill.name in quick])
    held = {row.id for row in rows if row.state is State.HELD}
    assert held >= musts_without_other_readings(provider, providers) - unverified.keys()


def musts_without_other_readings(provider: str, providers: Mapping[str, Provider]) -> set[str]:
    """All that a client of the provider must do, as far as drills of the readings by default are for it."""
    drills = [drill for drill in battery(providers, [provider]) if not drill.variant]
    return {id for drill in drills for id in musts_of(drill)}


@pytest.mark.parametrize(
    ("provider", "client"), [("gsl", broken_gsl.Verifying), ("seeker", broken_seeker.Verifying)], ids=["gsl", "seeker"]
)
def test_a_client_that_verifies_its_tokens_fetches_the_keys_again(provider: str, client: Any) -> None:
    report = judge_program(program(client), providers=[provider], scenarios=["keys-rotated"])
    assert broken(list(report.drills)) == {}
    assert {found.id: found.state for found in report.obligations}["TOKEN-12"] is State.HELD


def drills_for(judge_server: JudgeServer, case: Case) -> list[Drill]:
    """Those that are for what the client breaks."""
    battery = judge_server.battery([case.provider])
    return [drill for drill in battery if drill.scenario.judge and case.obligation in drill.scenario.judge.aims]


def examine(judge_server: JudgeServer, case: Case) -> list[DrillReport]:
    """What is found until the mistake has shown itself: there is a drill a reading."""
    client, obligation = BROKEN[case.provider][case.name]
    judged: list[JudgedDrill] = []
    for drill in drills_for(judge_server, case) * tries_of(obligation):
        running = program(client, settle_of(obligation, SETTLE))
        judged.append(judge_drill(judge_server.run_drill(drill, running), reasons_of(drill.provider)))
        if obligation in broken(conclude(judged, strict=True)):
            break
    return conclude(judged, strict=True)


class Group(NamedTuple):
    """Broken clients that are judged side by side."""

    name: str
    cases: Sequence[Case]

    def __str__(self) -> str:
        return self.name


def one_for_each_obligation() -> list[Case]:
    """For each obligation the clients of one provider, of each provider in turn."""
    turns = {}
    for turn, obligation in enumerate(OBLIGATIONS):
        providers = sorted({case.provider for case in CASES if case.obligation == obligation})
        turns[obligation] = providers[turn % len(providers)]
    return [case for case in CASES if case.provider == turns[case.obligation]]


def family_of(case: Case) -> str:
    """The provider of a case, and the family of what it breaks."""
    return f"{case.provider}-{OBLIGATIONS[case.obligation].family}"


def grouped(cases: Sequence[Case], name_of: Callable[[Case], str]) -> list[Group]:
    """The cases that have a name in common."""
    return [
        Group(name, [case for case in cases if name_of(case) == name]) for name in dict.fromkeys(map(name_of, cases))
    ]


CHOSEN = CASES if ALL else one_for_each_obligation()
FIRST = [group.cases[0] for group in grouped(CASES, family_of)]
"""One client for each family and provider."""
GROUPS = [
    *grouped(FIRST, lambda case: f"{case.provider}-one-a-family"),
    *map(slow, grouped([case for case in CHOSEN if case not in FIRST], family_of)),
]


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_the_one_mistake_of_a_client_is_found_and_no_other(judge_server: JudgeServer, group: Group) -> None:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        reports = dict(zip(group.cases, pool.map(lambda case: examine(judge_server, case), group.cases), strict=True))

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
