"""Programs that call several providers, at real drills: each is judged for one of them, and only for that."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from urllib.request import Request, urlopen

import pytest

from mockserver.judge.catalogue import reasons_of
from mockserver.judge.command import Command
from mockserver.judge.drill import Drill
from mockserver.judge.drill_run import DrillResult
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.program import ConformError, Program
from mockserver.judge.report import DrillReport, Report
from mockserver.judge.reports.wording import ended_runs
from mockserver.judge.rulings import State
from mockserver.judge.runner import judge_program
from mockserver.judge.verdicts import conclude, judge_drill
from tests.clients import apimo, gsl, importer
from tests.support.patience import PATIENCE

Environment = Mapping[str, str]
ALL = ("apimo", "gsl", "seeker")
CLIENT = f"{sys.executable} -m tests.clients.gsl"
SEEKER_LAST = f'{CLIENT} && curl -sf "$SEEKER_BASE_URL/leads"'
APIMO_FIRST = (
    'curl -sf -u "$APIMO_PROVIDER:$APIMO_TOKEN" "$APIMO_BASE_URL/agencies/$APIMO_AGENCY_ID/leads" >leads.json'
    f" && {CLIENT}"
)
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="without curl")


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def shell(line: str) -> Command:
    return Command(["sh", "-c", f"cd {os.getcwd()} && {line.replace('>leads.json', '>/dev/null')}"], PATIENCE)


def function(callee: object) -> Program:
    return Function(callee, PATIENCE)  # type: ignore[arg-type]  # any of these


def drill(judge_server: JudgeServer, provider: str, name: str) -> Drill:
    (found,) = judge_server.battery([provider], [name])
    return found


def ruled(result: DrillResult) -> DrillReport:
    (report,) = conclude([judge_drill(result, reasons_of(result.drill.provider))])
    return report


def broken(report: DrillReport) -> list[str]:
    return [ruling.obligation for ruling in report.broken]


# The judged provider's variables, and no others


def test_a_program_gets_the_variables_of_those_that_are_configured(judge_server: JudgeServer) -> None:
    seen: list[Environment] = []
    plain = drill(judge_server, "gsl", "empty-then-first-lead")
    for configured in (judge_server.names(["gsl"]), judge_server.names(["gsl"], ["apimo"]), judge_server.names([])):
        judge_server.run_drill(plain, function(seen.append), configured=configured)
    of_providers = [{name.partition("_")[0] for name in environment} - {"MOCKSERVER"} for environment in seen]
    assert of_providers == [{"GSL"}] * 3 + [{"GSL", "APIMO"}] * 3 + [{"GSL", "APIMO", "SEEKER"}] * 3


def test_variables_of_others_are_not_inherited_either(
    judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIMO_TOKEN", "of this shell")
    program = shell("echo token=${APIMO_TOKEN-unset}")
    for configured, token in ((["gsl"], "unset"), (["gsl", "apimo"], "")):
        result = judge_server.run_drill(drill(judge_server, "gsl", "messy-world"), program, configured=configured)
        output = result.evidence.last.output
        assert output.startswith(f"token={token}")
        assert "of this shell" not in output


def test_a_template_may_name_a_provider_that_is_not_judged(judge_server: JudgeServer) -> None:
    seen: list[Environment] = []
    one = drill(judge_server, "gsl", "messy-world")
    judge_server.run_drill(one, function(seen.append), templates=[("CRM", "{apimo.base_url}")], configured=["gsl"])
    assert {environment["CRM"].rpartition("/")[2] for environment in seen} == {"apimo"}
    assert not any("APIMO_BASE_URL" in environment for environment in seen)


def test_who_fails_for_want_of_them_is_told_what_to_give(judge_server: JudgeServer) -> None:
    month = drill(judge_server, "gsl", "month-without-a-run")
    with pytest.raises(ConformError, match=r"calls apimo, seeker, too, .*--with apimo,seeker, or others=\['apimo', "):
        judge_server.run_drill(month, function(importer.main), configured=["gsl"])


def test_who_fails_anyway_is_judged(judge_server: JudgeServer) -> None:
    def fails(environment: Environment) -> int:
        gsl.main(environment)
        if "APIMO_TOKEN" in environment:
            apimo.main(environment)
            gsl.main(environment)
        return 1

    report = ruled(judge_server.run_drill(drill(judge_server, "gsl", "plain"), function(fails), configured=["gsl"]))
    assert broken(report) == ["RUN-02"]


@pytest.mark.parametrize("names", [(["gls"], []), (["gsl"], ["semker"]), ([], ["semker"])])
def test_a_provider_that_there_is_not_is_told(judge_server: JudgeServer, names: tuple[list[str], list[str]]) -> None:
    with pytest.raises(ConformError, match=r"There is no provider '(gls|semker)'; there is apimo, gsl, seeker"):
        judge_server.names(*names)


# Nobody else is touched, and nobody else's answers are charged


@needs_curl
def test_a_run_that_another_provider_refused_is_told_as_that(judge_server: JudgeServer) -> None:
    month = drill(judge_server, "gsl", "month-without-a-run")
    with pytest.raises(ConformError, match="--with seeker"):
        judge_server.run_drill(month, shell(SEEKER_LAST), configured=["gsl"])
    result = judge_server.run_drill(month, shell(SEEKER_LAST), configured=["gsl", "seeker"])
    report = ruled(result)
    assert report.runs[0].ended_after == "seeker: GET /seeker-leads/v1/leads 401"
    assert any("run 1 ended after seeker: GET /seeker-leads/v1/leads 401" in event for event in report.events)
    assert {ruling.state for ruling in report.rulings} == {State.NOT_REACHED}
    assert {(call.provider, call.judged) for call in report.calls} == {("gsl", True), ("seeker", False)}
    assert len(report.runs) == month.run_count


@needs_curl
def test_a_drill_spares_other_providers(judge_server: JudgeServer) -> None:
    down = drill(judge_server, "gsl", "down-for-good")
    report = ruled(judge_server.run_drill(down, shell(APIMO_FIRST), configured=["gsl", "apimo"]))
    assert broken(report) == []
    assert [run.exit_code for run in report.runs] == [1, 1, 0]
    assert {call.status for call in report.calls if call.provider == "apimo"} == {200}
    assert {call.fault for call in report.calls if call.provider == "apimo"} == {None}


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize("name", ["month-without-a-run", "down-for-good", "broken-until-next-run"])
def test_an_importer_of_all_three_is_judged_right_for_each(judge_server: JudgeServer, provider: str, name: str) -> None:
    report = ruled(judge_server.run_drill(drill(judge_server, provider, name), function(importer.main)))
    assert broken(report) == []
    assert {run.ended_after for run in report.runs} == {""}
    assert {call.provider for call in report.calls} == set(ALL)


def test_time_that_passes_ends_no_token_of_another_provider(judge_server: JudgeServer) -> None:
    tokens: dict[str, str] = {}

    def keeps_one_for_ever(environment: Environment) -> int:
        if not tokens:
            body = {"grant_type": "client_credentials", "audience": environment["SEEKER_AUDIENCE"]}
            body |= {name: environment[f"SEEKER_{name.upper()}"] for name in ("client_id", "client_secret")}
            headers = {"Content-Type": "application/json"}
            with urlopen(Request(environment["SEEKER_TOKEN_URL"], json.dumps(body).encode(), headers)) as answer:
                tokens.update(json.load(answer))
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        now = int(datetime.fromisoformat(environment["MOCKSERVER_NOW"]).timestamp())
        period = f"minDate={now - 86_400}&maxDate={now}"
        with urlopen(Request(f"{environment['SEEKER_BASE_URL']}/leads?{period}", headers=headers)):
            return gsl.main(environment)

    later = drill(judge_server, "gsl", "token-expires-between-runs")
    report = ruled(judge_server.run_drill(later, function(keeps_one_for_ever)))
    assert (broken(report), [run.exit_code for run in report.runs]) == ([], [0, 0, 0]), report.runs[0].output
    assert {run.ended_after for run in report.runs} == {""}


# A whole battery


def judged(program: Program, **given: object) -> Report:
    return judge_program(program, scenarios=["messy-world"], jobs=2, **given)  # type: ignore[arg-type]


def calls_seeker_in_vain(environment: Environment) -> int:
    """An importer whose second provider refuses it."""
    code = gsl.main(environment)
    urlopen(f"{environment['SEEKER_BASE_URL']}/leads", timeout=PATIENCE)
    return code


def test_who_is_called_in_any_drill_is_judged_and_never_said_not_to_be_called() -> None:
    report = judged(function(calls_seeker_in_vain))
    assert (report.providers, report.not_called) == (("gsl", "seeker"), ("apimo",))
    assert [obligation.id for obligation in report.broken() if obligation.provider == "gsl"] == []
    assert ended_runs(report)[0] == "gsl messy-world: run 1 ended after seeker: GET /seeker-leads/v1/leads 401"


def test_a_provider_that_is_called_late_is_judged_as_well() -> None:
    runs: list[Environment] = []

    def later(environment: Environment) -> int:
        runs.append(environment)
        # Each of three providers is tried with three runs of the first drill.
        main: Callable[[Environment], int] = apimo.main if len(runs) > 9 else gsl.main
        return main(environment)

    report = judge_program(function(later), scenarios=["a-day-later", "messy-world"], jobs=1)
    assert (report.providers, report.not_called) == (("apimo", "gsl"), ("seeker",))


def test_the_variables_of_others_are_asked_for_by_name() -> None:
    with pytest.raises(ConformError, match="--with apimo,seeker"):
        judged(function(importer.main), providers=["gsl"])
    report = judged(function(importer.main), providers=["gsl"], others=["apimo", "seeker"])
    assert (report.providers, report.not_called, report.exit_code) == (("gsl",), (), 0)
