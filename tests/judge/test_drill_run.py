"""Real drills with programs of a few lines: what a client finds, what happens between runs, and what is seen of it."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml

from mockserver.domain import Category
from mockserver.foundation.problems import Violation
from mockserver.judge.catalogue import reasons_of
from mockserver.judge.drill import Drill
from mockserver.judge.drill_log import DrillLog
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.program import ConformError, ProgramError
from mockserver.judge.progress import SuiteProgress
from mockserver.judge.report import Report
from mockserver.judge.rulings import State
from mockserver.judge.runner import judge_program
from mockserver.judge.verdicts import judge_drill
from mockserver.scenarios import Scenario
from mockserver.server.embedded import EmbeddedServer
from mockserver.world import World
from tests.clients import seeker
from tests.support.evidence import run as by_hand
from tests.support.evidence import seen
from tests.support.patience import PATIENCE, unhurried

Environment = Mapping[str, str]
ARRIVES = {"arrive": {"agency": 101, "category": "CLASSIFIED"}}
NEW_TOKEN = "fedcba9876543210fedcba9876543210fedcba98"
CONFIGURED = {
    *("APIMO_BASE_URL", "APIMO_PROVIDER", "APIMO_TOKEN", "APIMO_AGENCY_ID"),
    *("GSL_BASE_URL", "GSL_TOKEN_URL", "GSL_CLIENT_ID", "GSL_CLIENT_SECRET", "GSL_SCOPE"),
    *("SEEKER_BASE_URL", "SEEKER_TOKEN_URL", "SEEKER_CLIENT_ID", "SEEKER_CLIENT_SECRET", "SEEKER_AUDIENCE"),
    "SEEKER_SCOPE",
    *("MOCKSERVER_NOW", "MOCKSERVER_STATE_DIR", "MOCKSERVER_OUTCOME"),
}


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def drill(
    provider: str = "apimo", *, steps: Any = (), variants: Any = None, name: str = "mine", **judging: Any
) -> Drill:
    """A drill in the small world; one run unless `then` is said."""
    document = {
        "name": name,
        "why": "It is tested.",
        "world": "small",
        "variants": variants or {},
        "steps": steps,
        "judge": {"then": [], **judging},
    }
    return Drill(name, provider, Scenario.model_validate(document))


def leads(environment: Environment, query: str = "") -> list[Mapping[str, Any]]:
    """One page of the leads of Apimo."""
    address = f"{environment['APIMO_BASE_URL']}/agencies/{environment['APIMO_AGENCY_ID']}/leads?limit=100{query}"
    pair = f"{environment['APIMO_PROVIDER']}:{environment['APIMO_TOKEN']}".encode()
    request = Request(address, headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
    with urlopen(request, timeout=PATIENCE) as answer:
        return list(json.load(answer)["leads"])


def reads_once(environment: Environment) -> list[Mapping[str, Any]]:
    """Holds what the first page shows."""
    return [{"id": str(lead["id"])} for lead in leads(environment)]


class Noting:
    """A program that notes the environment of each run, and then does what another one does."""

    def __init__(self, then: Callable[[Environment], Any] = reads_once) -> None:
        self.environments: list[Environment] = []
        self._then = then

    def __call__(self, environment: Environment) -> Any:
        self.environments.append(environment)
        return self._then(environment)


def drill_result(judge_server: JudgeServer, drill: Drill, program: Any = reads_once, **given: Any) -> DrillResult:
    return judge_server.run_drill(drill, Function(program, timeout=PATIENCE, settle=PATIENCE), **given)


def moment(environment: Environment) -> float:
    return datetime.fromisoformat(environment["MOCKSERVER_NOW"]).timestamp()


# What a client finds


def test_a_client_finds_how_to_reach_each_provider_and_what_is_ours(judge_server: JudgeServer) -> None:
    noted = Noting()
    evidence = drill_result(judge_server, drill(), noted).evidence
    (environment,) = noted.environments
    assert set(environment) == CONFIGURED
    assert abs(moment(environment) - evidence.runs[0].client_now) < 0.001
    assert abs(evidence.runs[0].client_now - time.time()) < 30
    assert evidence.runs[0].client_now == evidence.runs[0].began
    assert {environment["APIMO_TOKEN"]} == set(evidence.secrets)
    assert environment["GSL_CLIENT_SECRET"] not in evidence.secrets


def test_a_drill_with_webhooks_has_a_port_for_them(judge_server: JudgeServer) -> None:
    noted = Noting()
    drill_result(judge_server, drill(webhooks=True, then=[[]]), noted)
    ports = {environment["MOCKSERVER_WEBHOOK_PORT"] for environment in noted.environments}
    assert len(ports) == 1
    assert 1024 <= int(ports.pop()) < 65_536


def test_other_names_are_filled_in_by_templates(judge_server: JudgeServer) -> None:
    noted = Noting()
    templates = [("API", "{apimo.base_url}/v1"), ("WHEN", "{now}"), ("PORT", "{webhook_port}"), ("PLAIN", "x")]
    drill_result(judge_server, drill(), noted, templates=templates)
    (environment,) = noted.environments
    assert environment["API"] == f"{environment['APIMO_BASE_URL']}/v1"
    assert (environment["WHEN"], environment["PLAIN"]) == (environment["MOCKSERVER_NOW"], "x")
    assert "PORT" not in environment
    with pytest.raises(ConformError, match=r"there is no \{apimo\.url\}"):
        drill_result(judge_server, drill(), noted, templates=[("API", "{apimo.url}")])


def test_a_client_is_told_of_the_agency_that_is_wanted(judge_server: JudgeServer) -> None:
    noted = Noting(lambda environment: 0)
    drill_result(judge_server, drill(), noted)
    drill_result(judge_server, drill(), noted, agency=102)
    assert [environment["APIMO_AGENCY_ID"] for environment in noted.environments] == ["101", "102"]
    with pytest.raises(ConformError, match="there is no agency 999 in the world of drill mine; there is 101, 102"):
        drill_result(judge_server, drill(), noted, agency=999)


def test_it_is_told_a_time_that_differs_from_the_second_run_on(judge_server: JudgeServer) -> None:
    for skew, seconds in (("PT5M", 300), ("-PT5M", -300)):
        noted = Noting()
        evidence = drill_result(judge_server, drill(skew=skew, then=[[], []]), noted).evidence
        assert [round(one.began - one.client_now, 3) for one in evidence.runs] == [0, seconds, seconds]
        told = [moment(environment) for environment in noted.environments]
        assert told == pytest.approx([one.client_now for one in evidence.runs], abs=0.001)
        assert evidence.skew == seconds


def test_credentials_that_are_rotated_are_given_to_the_next_run(judge_server: JudgeServer) -> None:
    noted = Noting()
    rotate = {"rotate_credentials": {"provider": "apimo", "secret": NEW_TOKEN}}
    evidence = drill_result(judge_server, drill(then=[[rotate]]), noted).evidence
    first, second = [environment["APIMO_TOKEN"] for environment in noted.environments]
    assert (first != NEW_TOKEN, second) == (True, NEW_TOKEN)
    assert evidence.credentials_changed
    assert set(evidence.secrets) == {first, second}
    assert [seen.entry.status for seen in evidence.calls] == [200, 200]


def test_credentials_that_are_revoked_stay_what_they_were(judge_server: JudgeServer) -> None:
    noted = Noting()
    evidence = drill_result(judge_server, drill(then=[[{"revoke_credentials": {"provider": "apimo"}}]]), noted).evidence
    assert len({environment["APIMO_TOKEN"] for environment in noted.environments}) == 1
    assert evidence.credentials_changed
    assert [one.exit_code for one in evidence.runs] == [0, 1]
    assert not drill_result(judge_server, drill()).evidence.credentials_changed


# What is kept, and what is not


def counts(environment: Environment) -> int:
    """Says which run it thinks this is: by its state, as an exit code."""
    file = Path(environment["MOCKSERVER_STATE_DIR"], "runs")
    number = len(file.read_text()) if file.exists() else 0
    file.write_text("x" * (number + 1))
    return number


def test_state_is_kept_between_runs_and_not_between_batteries(judge_server: JudgeServer, tmp_path: Path) -> None:
    for _ in range(2):
        evidence = drill_result(judge_server, drill(then=[[], []]), counts, runs_dir=tmp_path).evidence
        assert [one.exit_code for one in evidence.runs] == [0, 1, 2]
    folder = tmp_path / "apimo" / "mine"
    assert (folder / "state" / "runs").read_text() == "xxx"
    assert sorted(path.name for path in folder.iterdir()) == ["output-1.txt", "output-2.txt", "output-3.txt", "state"]
    assert (
        drill_result(judge_server, drill(name="other/one"), counts, runs_dir=tmp_path).evidence.runs[0].exit_code == 0
    )
    assert [path.name for path in (tmp_path / "apimo").glob("other_one*")] != []


def test_what_a_client_leaves_is_gone_when_nobody_wants_it(judge_server: JudgeServer) -> None:
    noted = Noting(counts)
    drill_result(judge_server, drill(), noted)
    (environment,) = noted.environments
    assert not Path(environment["MOCKSERVER_STATE_DIR"]).parent.exists()
    with pytest.raises(HTTPError, match="404"):
        leads(environment)


def test_an_outcome_is_that_of_its_own_run(judge_server: JudgeServer) -> None:
    answers: Iterator[Any] = iter([[{"id": 1, "name": "Ana"}], 0, []])
    one, two, three = drill_result(judge_server, drill(then=[[], []]), lambda environment: next(answers)).evidence.runs
    assert one.outcome is not None
    assert [(held.id, held.name, held.email) for held in one.outcome] == [("1", "Ana", None)]
    assert (two.outcome, three.outcome) == (None, ())


def test_an_outcome_that_cannot_be_read_breaks_what_must_be_held(judge_server: JudgeServer) -> None:
    def writes(environment: Environment) -> None:
        reads_once(environment)
        Path(environment["MOCKSERVER_OUTCOME"]).write_text('{"id": "1"}\nnone\n', encoding="utf-8")

    ruling = judge_drill(drill_result(judge_server, drill(), writes), reasons_of("apimo")).rulings["RUN-03"]
    assert ruling.state is State.BROKEN
    assert ruling.findings[0].text.startswith("run 1: line 2 of the outcome: it is no JSON")


def test_a_client_that_fails_says_why(judge_server: JudgeServer, tmp_path: Path) -> None:
    def fails(environment: Environment) -> None:
        raise RuntimeError("no disk")

    (one,) = drill_result(judge_server, drill(), fails, runs_dir=tmp_path).evidence.runs
    assert (one.exit_code, one.ending, one.calls, one.succeeded) == (1, "itself", (), False)
    assert one.output.endswith("RuntimeError: no disk\n")
    assert (tmp_path / "apimo" / "mine" / "output-1.txt").read_text() == one.output


def test_a_client_that_never_ends_has_settled_when_it_is_quiet(judge_server: JudgeServer) -> None:
    def polls(environment: Environment, stop: threading.Event) -> None:
        leads(environment)
        stop.wait(PATIENCE)

    (one,) = judge_server.run_drill(drill(), Function(polls, settle=0.3)).evidence.runs
    assert (one.ending, one.exit_code, one.succeeded) == ("settled", None, True)


def test_a_client_that_waits_for_an_answer_is_not_quiet(judge_server: JudgeServer) -> None:
    def waits(environment: Environment, stop: threading.Event) -> None:
        leads(environment)
        # As when an answer is made in several time slices, and others have their turn in between.
        with judge_server._server.app.sandboxes.all_loaded()[-1].long_calls:
            time.sleep(1.5)

    (one,) = judge_server.run_drill(drill(), Function(waits, settle=0.2)).evidence.runs
    assert (one.ending, one.exit_code) == ("itself", 0)


def test_a_program_that_is_none_leaves_the_bench_as_it_was(judge_server: JudgeServer) -> None:
    with pytest.raises(ProgramError, match="an exit code, None, or the leads"):
        drill_result(judge_server, drill(), lambda environment: "done")
    assert drill_result(judge_server, drill()).evidence.runs[0].exit_code == 0


# What happens, and what there was


def test_things_happen_before_each_further_run(judge_server: JudgeServer) -> None:
    found = drill_result(judge_server, drill(then=[[ARRIVES], [{"withdraw": {"lead": "newest:101"}}]]))
    one, two, three = found.evidence.runs
    (came,) = two.before.keys() - one.after.keys()
    assert two.before[came].created >= one.ended - 1
    assert three.before.keys() == one.before.keys()
    assert [came in one.shown_leads for one in found.evidence.runs] == [False, True, False]
    assert (len(found.events), found.faulty) == (2, ())


def test_what_happens_is_told_in_order(judge_server: JudgeServer) -> None:
    steps = [{"when": {"calls": 1}, "do": [ARRIVES]}]
    events = drill_result(judge_server, drill(steps=steps, then=[[{"withdraw": {"lead": "newest:101"}}]])).events
    assert ["arrived" in event for event in events] == [True, False], events


def test_leads_at_the_end_of_their_retention_are_no_more(judge_server: JudgeServer) -> None:
    one, two = drill_result(judge_server, drill(then=[[{"clock": {"advance": "P1097D"}}]])).evidence.runs
    assert one.after
    assert not two.before


@pytest.mark.parametrize(("estimations", "are_there"), [("absent", False), ("agency", True)])
def test_leads_that_the_provider_does_not_show_are_none_of_its(
    judge_server: JudgeServer, estimations: str, are_there: bool
) -> None:
    readings = {"seeker": {"estimations": estimations}}
    evidence = drill_result(judge_server, drill("seeker", variants=readings), Noting(lambda environment: 0)).evidence
    assert (Category.ESTIMATION in {lead.category for lead in evidence.last.after.values()}) is are_there


def test_what_happens_in_mid_run_is_there_afterwards_and_not_before(judge_server: JudgeServer) -> None:
    steps = [{"when": {"calls": 1}, "do": [ARRIVES, {"erase": {"lead": "oldest:101"}}]}]
    found = drill_result(judge_server, drill(steps=steps))
    (one,) = found.evidence.runs
    assert len(one.after) == len(one.before) + 1
    erased = [id for id, lead in one.after.items() if lead.erased and not one.before[id].erased]
    assert erased
    assert all(one.before[id].contact != one.after[id].contact for id in erased)
    assert len(found.events) == 2


def test_a_lead_is_in_the_lists_that_the_client_asked_for_and_that_show_it(judge_server: JudgeServer) -> None:
    silent, asking = (
        drill_result(judge_server, drill(then=[[]]), Noting(lambda environment: 0)),
        drill_result(judge_server, drill()),
    )
    assert {lead.feeds for lead in silent.evidence.last.after.values()} == {frozenset()}
    (one,) = asking.evidence.runs
    (feed,) = {seen.page_request.feed for seen in one.calls if seen.page_request}
    shown = {id for id, lead in one.after.items() if feed in lead.feeds}
    assert shown == set(one.shown_leads) == {id for id, lead in one.before.items() if lead.feeds}
    assert {lead.agency for id, lead in one.after.items() if id in shown} == {101}
    assert shown < set(one.after)
    assert all(one.shown_leads[id].contact == one.after[id].contact for id in shown)


def test_drills_in_the_same_world_have_the_same_leads(judge_server: JudgeServer) -> None:
    first, second = (drill_result(judge_server, drill()).evidence for _ in range(2))
    assert first.runs[0].before == second.runs[0].before
    assert first.other_ids
    assert not first.other_ids & set(first.runs[0].before)


def test_calls_of_other_providers_are_not_those_of_the_drill(judge_server: JudgeServer) -> None:
    evidence = drill_result(judge_server, drill("gsl")).evidence
    assert evidence.calls == ()
    assert (
        judge_drill(drill_result(judge_server, drill("gsl")), reasons_of("gsl")).rulings["RUN-01"].state is State.BROKEN
    )


def test_calls_are_read_in_the_dialect_of_the_provider_under_the_readings_of_the_drill(
    judge_server: JudgeServer,
) -> None:
    found = drill_result(
        judge_server, drill(variants={"apimo": {"error-body": "message"}}, aims=["PAGE-01"], then=[[]])
    )
    assert found.evidence.readings["error-body"] == "message"
    assert found.evidence.aims == ("PAGE-01",)
    assert [seen.run for seen in found.evidence.calls] == [1, 2]
    assert all(seen.page_request and seen.page and seen.page_request.limit == 100 for seen in found.evidence.calls)
    assert all(row["provider"] == "apimo" for row in found.relied_on)


def test_a_drill_of_another_reading_leaves_nothing_in_the_world_that_others_share(judge_server: JudgeServer) -> None:
    worlds: list[World] = []

    def run(name: str, **readings: str) -> None:
        def client(environment: Environment) -> None:
            reads_once(environment)
            worlds.append(judge_server._server.app.sandboxes.all_loaded()[-1].world)

        usual = drill(variants={"apimo": readings}, name=name)
        drill_result(judge_server, replace(usual, variant=f"{name}={readings[name]}") if readings else usual, client)

    run("usual")
    before = worlds[0].views()
    assert before
    run("error-body", **{"error-body": "message"})
    assert worlds[1] is worlds[0]
    assert worlds[0].views() == before


def looks_twice(seconds: float) -> Callable[[Environment], None]:
    """A program that rests in between."""

    def run(environment: Environment) -> None:
        leads(environment)
        time.sleep(seconds)
        leads(environment)

    return run


def test_time_passes_in_a_drill_that_hurries_once_the_client_is_quiet_and_three_times_at_most(
    judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        # On a busy machine all three times must come before the second look.
        patch.setattr("mockserver.judge.recorder._QUIET", 0.05)
        (one,) = drill_result(judge_server, drill(hurry="PT1H"), looks_twice(2)).evidence.runs
    first, second = (seen.entry.at for seen in one.calls)
    assert 3 * 3_600 <= second - first < 4 * 3_600
    for judging, seconds in (({"hurry": "PT1H"}, 0), ({}, 0.4)):
        (other,) = drill_result(judge_server, drill(**judging), looks_twice(seconds)).evidence.runs
        assert other.calls[1].entry.at - other.calls[0].entry.at < 60


def test_webhooks_are_seen_with_what_was_wrong_with_them(judge_server: JudgeServer) -> None:
    steps = [
        {"when": "start", "do": [{"delivery_fault": {"kind": "wrong_key", "provider": "seeker"}}]},
        {"when": {"provider": "seeker", "operation": "createSubscription", "status": "2xx"}, "do": [ARRIVES]},
    ]

    def client(environment: Environment, stop: threading.Event) -> int:
        return seeker.Client(environment, stop).run()

    hooked = drill("seeker", steps=steps, webhooks=True, hurry="PT1M")
    evidence = judge_server.run_drill(hooked, Function(client, PATIENCE, settle=unhurried(0.6))).evidence
    refused, taken = evidence.attempts
    # A quirk is one of the delivery; its second try has the right key.
    assert refused.faults == taken.faults == {"wrong_key"}
    assert (refused.number, refused.succeeded, refused.status, refused.run) == (1, False, 401, 1)
    assert (taken.number, taken.succeeded, taken.run) == (2, True, 1)
    assert refused.lead == taken.lead
    assert refused.lead in evidence.last.after


# Faults of ours


SIGNAL = [{"when": {"signal": "go"}, "do": [ARRIVES]}]
NOBODY = {"withdraw": {"lead": "999999"}}


def test_what_a_drill_could_not_do_is_a_fault_of_ours(judge_server: JudgeServer) -> None:
    (waits,) = drill_result(judge_server, drill(steps=SIGNAL)).faulty
    assert "waits for the signal" in waits
    (step,) = drill_result(judge_server, drill(steps=[{"when": "start", "do": [NOBODY]}])).faulty
    assert step.startswith("step 1 of the scenario failed: ")
    found = drill_result(judge_server, drill(then=[[NOBODY, ARRIVES]]))
    (between,) = found.faulty
    assert between.startswith("between two runs withdraw failed: ")
    assert len(found.events) == 1


@pytest.mark.parametrize(
    ("when", "judging", "faulty"),
    [
        ({"clock": "PT1H"}, {}, True),
        ({"clock": "PT1H"}, {"hurry": "PT1M"}, False),
        ({"calls": 9}, {}, False),
    ],
    ids=["time that cannot pass", "time that could", "calls"],
)
def test_what_the_client_did_not_bring_about_is_no_fault_of_ours(
    judge_server: JudgeServer, when: Any, judging: Any, faulty: bool
) -> None:
    found = drill_result(judge_server, drill(steps=[{"when": when, "do": [ARRIVES]}], **judging))
    assert [bool(found.faulty), bool(found.events)] == [faulty, not faulty]


def test_an_answer_of_ours_that_breaks_the_contract_is_one_unless_a_fault_was_to() -> None:
    wrong = Violation("reply", "/leads/0/id", "type", "`id` is 'x'")
    asked = Violation("query", "/limit", "type", "`limit` is 'x'")
    calls = [seen(violations=[wrong, asked]), seen(violations=[wrong], fault="extra_members"), seen()]
    log = DrillLog(drill())
    log.add_broken_answers(by_hand(*calls).calls)
    assert log.faulty == ["the answer to call 0 breaks the contract at /leads/0/id: `id` is 'x'"]


# A whole battery


@pytest.fixture
def mine(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes a scenario of the user's own, and names it."""

    def write(steps: Any = (), **given: Any) -> list[str]:
        document = {"name": "mine", "why": "It is tested.", "world": "small", "steps": list(steps), **given}
        file = tmp_path / "mine.yaml"
        file.write_text(yaml.safe_dump({"judge": {"then": []}, **document}), encoding="utf-8")
        return [str(file)]

    return write


def judged(scenarios: list[str], program: Any = reads_once, **given: Any) -> Report:
    return judge_program(Function(program), scenarios=scenarios, jobs=1, **given)


def test_providers_that_the_program_does_not_call_are_left_out(mine: Callable[..., list[str]]) -> None:
    report = judged(mine())
    assert (report.providers, report.not_called) == (("apimo",), ("gsl", "seeker"))
    assert {drill.provider for drill in report.drills} == {"apimo"}
    assert {found.provider for found in report.obligations} == {"apimo"}
    assert report.state_of("RUN-01") is State.HELD
    assert (report.program, report.started_at[-1], report.seconds > 0) == ("reads_once", "Z", True)
    assert all(row.provider == "apimo" for row in report.assumptions)


def test_who_calls_nobody_is_told_so_of_everybody(mine: Callable[..., list[str]]) -> None:
    report = judged(mine(), lambda environment: 0)
    assert (report.providers, report.not_called) == (("apimo", "gsl", "seeker"), ())
    assert {report.state_of("RUN-01", name) for name in report.providers} == {State.BROKEN}
    assert report.exit_code == 1


def test_a_provider_that_is_asked_for_is_judged_though_it_is_not_called(mine: Callable[..., list[str]]) -> None:
    report = judged(mine(), providers=["gsl"])
    assert (report.providers, report.not_called, report.exit_code) == (("gsl",), (), 1)


def test_a_fault_of_ours_is_an_exit_code_of_its_own(mine: Callable[..., list[str]]) -> None:
    for steps in (SIGNAL, [{"when": "start", "do": [NOBODY]}]):
        report = judged(mine(steps), providers=["apimo"])
        assert report.exit_code == 3
        assert len(report.drills[0].faulty) == 1


def test_progress_is_told_drill_by_drill(mine: Callable[..., list[str]]) -> None:
    told: list[SuiteProgress] = []
    judged(mine(), on_progress=told.append, providers=["apimo", "gsl"])
    assert told == [SuiteProgress(1, 2, "mine"), SuiteProgress(2, 2, "mine")]


def test_a_program_that_cannot_be_run_ends_the_battery(mine: Callable[..., list[str]]) -> None:
    noted = Noting(lambda environment: "done")
    with pytest.raises(ConformError, match="returned 'done'"):
        judged(mine(), noted, providers=["apimo", "gsl"])


# Where calls are answered


def test_a_function_is_called_where_calls_are_answered() -> None:
    with EmbeddedServer(world="empty") as server:
        assert server.call(lambda: threading.current_thread().name) == "mockserver"
        with pytest.raises(LookupError, match="nothing there"):
            server.call(lambda: (_ for _ in ()).throw(LookupError("nothing there")))
        assert server.call(lambda: server.app.sandbox.world.file.name) == "empty"
