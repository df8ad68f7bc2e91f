"""Whatever a program sends, writes or does, the judge ends with a verdict, and every form of the report is whole."""

import json
import os
from collections.abc import Iterator
from io import StringIO
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from mockserver.foundation.resources import resource
from mockserver.judge.admission import admission_of
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.report import Report
from mockserver.judge.reports import FORMS, write_console
from mockserver.judge.runner import SuiteRun
from mockserver.judge.scoring import Scoring
from tests.support.conversations import OddProgram, OddRun, odd_runs

PROVIDERS = ("apimo", "gsl", "seeker")
VALIDATOR = jsonschema_rs.validator_for(
    json.loads(resource("fixtures", "conformance-report.schema.json").read_text(encoding="utf-8"))
)
QUICK = settings(max_examples=12, suppress_health_check=list(HealthCheck))
THOROUGH = settings(
    max_examples=300 if os.environ.get("MOCKSERVER_ALL_CLIENTS") else 25, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def judge(judge_server: JudgeServer, provider: str, runs: tuple[OddRun, ...]) -> Report:
    """Judges an odd program in the plain drill."""
    scoring = Scoring(False, False, None)
    program = OddProgram(provider, runs)
    suite = SuiteRun(judge_server, program, (), None, None, None, (provider,), scoring)
    return suite.run(judge_server.battery([provider], ["plain"]), admission_of(1), probe=False)


def check(report: Report) -> None:
    """Checks that there is a verdict, and that every form of the report can be read by whom it is for."""
    assert report.exit_code in (0, 1), [drill.faulty for drill in report.drills]
    texts = {name: form(report) for name, form in FORMS.items()}
    for text in texts.values():
        text.encode()
    VALIDATOR.validate(json.loads(texts["json"]))
    json.loads(texts["badge"])
    assert ET.fromstring(texts["junit"]).tag == "testsuites"
    for is_terminal in (False, True):
        console = Console(file=StringIO(), width=100, force_terminal=is_terminal)
        write_console(report, console, verbose=True)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_conversation_breaks_the_judge(judge_server: JudgeServer, provider: str) -> None:
    @QUICK
    @given(odd_runs(provider))
    def judged(runs: tuple[OddRun, ...]) -> None:
        check(judge(judge_server, provider, runs))

    judged()


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_conversation_of_very_many_breaks_the_judge(judge_server: JudgeServer, provider: str) -> None:
    @THOROUGH
    @given(odd_runs(provider))
    def judged(runs: tuple[OddRun, ...]) -> None:
        check(judge(judge_server, provider, runs))

    judged()
