"""Writes the report as a badge: JSON that the endpoint of shields.io reads."""

import json
from collections import Counter
from typing import Any

from mockserver.judge.report import Report
from mockserver.judge.reports.wording import accepted_obligations, fresh_breaches
from mockserver.judge.rulings import Severity, State

_LABEL = "lead API client"
_NO_VERDICT = 3


def to_badge(report: Report) -> str:
    """Returns the document. A badge that tells no verdict is an error, so that nobody takes its colour for one."""
    message, color = _content(report)
    document: dict[str, Any] = {"schemaVersion": 1, "label": _LABEL, "message": message, "color": color}
    if report.exit_code == _NO_VERDICT:
        document["isError"] = True
    return json.dumps(document) + "\n"


def _content(report: Report) -> tuple[str, str]:
    """Returns message and colour."""
    if report.exit_code == _NO_VERDICT:
        return "no verdict", "lightgrey"
    broken = Counter(obligation.severity for obligation in fresh_breaches(report))
    parts = [f"{broken[severity]} {severity}" for severity in Severity if broken[severity]]
    passed = len(report.baseline.passed) if report.baseline else 0
    if report.exit_code:
        missed = f"{len(report.not_reached)} must not reached" if report.not_reached else "failed"
        message = f"{', '.join(parts)} broken" if parts else f"{passed} unexpectedly held" if passed else missed
        return message, "red" if broken[Severity.MUST] or not parts else "orange"
    held = sum(obligation.state is State.HELD for obligation in report.obligations)
    accepted = len(accepted_obligations(report))
    notes = [*parts, f"{accepted} known to be broken"] if accepted else parts
    if report.not_reached:
        return f"{held} held, {len(report.not_reached)} must not reached", "yellow"
    return ", ".join([f"{held} held", *notes]), "green" if notes else "brightgreen"
