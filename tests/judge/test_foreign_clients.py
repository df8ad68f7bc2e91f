"""No false alarm on clients that share nothing with ours: one in JavaScript, and one on a stock generated package."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from mockserver.foundation.resources import resource
from mockserver.judge import judge
from mockserver.judge.report import Report
from mockserver.judge.rulings import State

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

CLIENTS = Path(__file__).parents[1] / "clients"
PACKAGE = "apimo_generated"
FETCH_DRILLS = (
    "plain",
    "messy-world",
    "long-and-odd-text",
    "unknown-values",
    "erased-between-runs",
    "failures-without-a-word",
    "page-lost-in-run-one",
    "quota-reached-until-a-date",
    "stale-cursor",
    "token-dies-mid-crawl",
    "token-answer-of-another-form",
    "token-life-as-text",
    "every-fresh-token-refused",
    "compressed-answers",
    "short-pages",
    "gsl.last-item-key=null",
)
"""Where clients in different languages differ most: text, numbers, null, headers, and how calls end."""
GENERATED_DRILLS = (
    "messy-world",
    "compressed-answers",
    "empty-then-first-lead",
    "erased-between-runs",
    "leads-withdrawn-while-paging",
    "page-lost-in-run-one",
    "proxy-page",
    "redirect",
    "apimo.lead-ids=openapi",
)
"""Where typed models may refuse an answer, or the program never sees the one that they could not be made of."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package that openapi-python-client makes of the contract."""
    folder = tmp_path_factory.mktemp("generated")
    contract = yaml.safe_load(resource("contracts", "apimo.yaml").read_bytes())
    (folder / "apimo.json").write_text(json.dumps(contract), encoding="utf-8")
    config = {"post_hooks": [], "package_name_override": PACKAGE}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "apimo.json", "--meta", "none"]
    command += ["--config", "config.json", "--output-path", PACKAGE, "--fail-on-warning"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def expect_no_alarm(report: Report, drills: Sequence[str]) -> None:
    """Every drill was run and did its part, and nothing was broken in any."""
    assert {drill.name for drill in report.drills} == set(drills)
    assert [(drill.name, drill.faulty) for drill in report.drills if drill.faulty] == []
    findings = [
        f"{drill.name}: {ruling.obligation}: {finding.text}"
        for drill in report.drills
        for ruling in drill.broken
        for finding in ruling.findings
    ]
    assert (findings, report.broken(), report.exit_code) == ([], [], 0)
    assert State.NOT_OBSERVABLE not in {found.state for found in report.obligations}


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run JavaScript")
def test_a_client_in_another_language_raises_no_alarm() -> None:
    report = judge(["node", CLIENTS / "fetch.mjs"], provider="gsl", scenarios=FETCH_DRILLS, strict=True)

    expect_no_alarm(report, FETCH_DRILLS)
    held = {found.id for found in report.obligations if found.state is State.HELD}
    assert held >= {"PAGE-03", "PAGE-10", "TOKEN-03", "FAULT-02", "FAULT-03", "FAULT-07", "TOLERANCE-05", "GDPR-01"}


def test_a_client_on_a_generated_package_raises_no_alarm(generated: Path) -> None:
    command = [sys.executable, str(CLIENTS / "generated.py")]
    report = judge(
        command, provider="apimo", scenarios=GENERATED_DRILLS, strict=True, env={"PYTHONPATH": str(generated)}
    )

    expect_no_alarm(report, GENERATED_DRILLS)
    held = {found.id for found in report.obligations if found.state is State.HELD}
    assert held >= {"PAGE-04", "PAGE-06", "TOKEN-07", "FAULT-03", "FAULT-06", "FAULT-07", "TOLERANCE-05", "GDPR-01"}
