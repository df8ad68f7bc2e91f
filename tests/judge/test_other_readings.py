"""Other readings are told apart: a client that supports the most likely ones passes, and is advised."""

from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from yaml import dump, safe_load

from mockserver.judge.baseline import apply, write_baseline
from mockserver.judge.baseline_file import load_baseline
from mockserver.judge.reasons import allowed_severity
from mockserver.judge.report import Report
from mockserver.judge.reports import to_html, to_junit, write_console
from mockserver.judge.reports.markdown import to_markdown
from mockserver.judge.rulings import Severity, State
from mockserver.judge.runner import judge_program
from tests.clients.broken_seeker import BROKEN
from tests.judge.test_reference_clients import program

SCENARIOS = ("empty-then-first-lead", "seeker.pagination=generic")
TITLE = "If the provider means it otherwise"


def judged(*, strict: bool) -> Report:
    """The report on a client that pages as the one document says, and not as the other."""
    client, _ = BROKEN["knows-one-envelope"]
    return judge_program(program(client), providers=["seeker"], scenarios=SCENARIOS, strict=strict)


@pytest.fixture(scope="module")
def lenient() -> Report:
    return judged(strict=False)


def test_a_client_of_the_default_reading_passes_and_is_advised(lenient: Report) -> None:
    assert lenient.exit_code == 0
    assert [drill.name for drill in lenient.drills] == ["empty-then-first-lead"]
    assert [drill.variant for drill in lenient.other_readings] == ["pagination=generic"]
    assert lenient.state_of("TOLERANCE-05") is State.BROKEN
    assert [row.id for row in lenient.broken(Severity.MUST, Severity.SHOULD)] == []
    assert [ruling.obligation for drill in lenient.other_readings for ruling in drill.rulings] == ["TOLERANCE-05"]


def test_no_obligation_of_a_report_is_more_severe_than_its_level_allows(lenient: Report) -> None:
    order = list(Severity)
    for row in lenient.obligations:
        assert order.index(row.severity) >= order.index(allowed_severity(row.level)), row.id
        assert row.rests_on, row.id


def test_each_form_tells_other_readings_apart(lenient: Report) -> None:
    file = StringIO()
    write_console(lenient, Console(file=file, width=400))
    assert f"\n{TITLE}: advice, which --strict counts\n" in file.getvalue()
    assert file.getvalue().index(TITLE) < file.getvalue().index("TOLERANCE-05 advice, seeker")
    assert f"## {TITLE}" in to_markdown(lenient)
    page = to_html(lenient)
    assert f">{TITLE}</h2>" in page
    assert "under pagination=generic" in page
    suites = {suite.get("name"): suite for suite in ET.fromstring(to_junit(lenient))}
    suite = suites[f"{TITLE[0].lower()}{TITLE[1:]}: seeker.pagination=generic"]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("1", "0", "1")


def test_a_baseline_accepts_none_of_them_and_fails_over_none(lenient: Report, tmp_path: Path) -> None:
    assert safe_load(write_baseline(lenient))["broken"] == []
    path = tmp_path / "known.yaml"
    row = {"provider": "seeker", "drill": "seeker.pagination=generic", "obligation": "TOLERANCE-05"}
    path.write_text(dump({"version": 1, "broken": [row]}), encoding="utf-8")
    accepted = apply(load_baseline(path), lenient)
    assert accepted.exit_code == 0
    assert accepted.baseline is not None
    assert accepted.baseline.missing == ("seeker seeker.pagination=generic TOLERANCE-05",)


def test_with_strict_they_count() -> None:
    report = judged(strict=True)
    assert report.exit_code == 1
    assert [drill.variant for drill in report.drills] == [None, "pagination=generic"]
    assert report.other_readings == ()
    assert [row.id for row in report.broken(Severity.MUST)] == ["TOLERANCE-05"]
