"""A frozen battery decides what counts: drills and obligations that were added later are only shown."""

from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from mockserver.judge import runner
from mockserver.judge.frozen_battery import FrozenBattery
from mockserver.judge.report import Report
from mockserver.judge.reports import to_html, to_json, to_junit, write_console
from mockserver.judge.reports.github import to_github
from mockserver.judge.reports.markdown import to_markdown
from mockserver.judge.rulings import Severity, State
from tests.clients.broken_seeker import BROKEN
from tests.judge.test_reference_clients import program

pytestmark = pytest.mark.no_cover

CLIENT, MISTAKE = BROKEN["passes-over-seconds-to-wait"]
SCENARIOS = ("plain", "quota-reached")
TITLE = "Not scored, added later than battery 2020.01: 1 drill"


def judged(monkeypatch: pytest.MonkeyPatch, drills: tuple[str, ...], obligations: dict[str, str]) -> Report:
    """The report on a client with one mistake, by a battery that has no more than these."""
    document: dict[str, Any] = {
        "version": "2020.01",
        "drills": {"seeker": drills},
        "obligations": {"seeker": obligations},
    }
    monkeypatch.setattr(runner, "load_battery", lambda version: FrozenBattery.model_validate(document))
    return runner.judge_program(program(CLIENT), providers=["seeker"], scenarios=SCENARIOS, battery="2020.01")


def test_a_drill_that_was_added_later_is_shown_and_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    report = judged(monkeypatch, ("plain",), {MISTAKE: "must", "RUN-01": "must"})
    assert (report.exit_code, report.battery) == (0, "2020.01")
    assert [drill.name for drill in report.drills] == ["plain"]
    assert [drill.name for drill in report.added_later] == ["quota-reached"]
    assert MISTAKE in {ruling.obligation for drill in report.added_later for ruling in drill.broken}
    assert report.state_of(MISTAKE) is not State.BROKEN

    file = StringIO()
    write_console(report, Console(file=file, width=400))
    assert f"\n{TITLE}\n  - seeker quota-reached: {MISTAKE}: " in file.getvalue()
    assert f"## {TITLE}\n\n- seeker quota-reached: {MISTAKE}: " in to_markdown(report)
    assert f"::notice title={TITLE.replace(',', '%2C').replace(':', '%3A')}::" in to_github(report)
    assert '"added_later":[{"name":"quota-reached"' in to_html(report)
    assert '"battery": "2020.01"' in to_json(report)
    suites = {suite.get("name"): suite for suite in ET.fromstring(to_junit(report))}
    suite = suites["not scored, added later: seeker quota-reached"]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert int(suite.get("skipped") or 0) >= 1


def test_an_obligation_that_was_added_later_is_shown_and_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    report = judged(monkeypatch, SCENARIOS, {"RUN-01": "must"})
    (row,) = [row for row in report.broken() if row.id == MISTAKE]
    assert (row.added_later, row.severity, report.exit_code) == (True, Severity.ADVICE, 0)
    assert report.added_later == ()
    file = StringIO()
    write_console(report, Console(file=file, width=400))
    assert f"{MISTAKE} not scored, added later, seeker: A correct client" in file.getvalue()


def test_what_the_battery_has_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    report = judged(monkeypatch, SCENARIOS, {MISTAKE: "must"})
    assert report.exit_code == 1
    assert [row.id for row in report.broken(Severity.MUST)] == [MISTAKE]
