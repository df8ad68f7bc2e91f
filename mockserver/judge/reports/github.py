"""Writes the report as annotations of GitHub Actions: workflow commands, a line for each broken obligation."""

from collections.abc import Iterator

from mockserver.foundation.texts import counted, plain, trimmed
from mockserver.judge.report import ObligationReport, Report
from mockserver.judge.reports.wording import (
    fresh_breaches,
    label,
    later_breaches,
    later_title,
    rulings_of,
    statement,
    weight,
)
from mockserver.judge.rulings import Severity

MAX_TEXT = 600
"""Characters of a finding. GitHub shows the first ten annotations of a kind, so the worst come first."""
_COMMANDS = {Severity.MUST: "error", Severity.SHOULD: "warning", Severity.ADVICE: "notice"}
_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_DATA, ":": "%3A", ",": "%2C"}


def to_github(report: Report) -> str:
    """Returns the commands, empty where nothing is broken. Breaches that a baseline accepts are not among them."""
    return "".join(f"{line}\n" for line in _commands(report))


def _commands(report: Report) -> Iterator[str]:
    for drill in report.all_drills:
        for reason in drill.faulty:
            yield _command("error", f"a fault of ours in {label(drill)}", [reason])
    for row in report.baseline.passed if report.baseline else ():
        yield _command("error", "held although the baseline says that it is broken", [f"{row}: take it out"])
    if report.not_reached:
        kind = "error" if report.require_reached else "notice"
        title = f"not a pass: {counted(len(report.not_reached), 'must')} that the program never came to"
        yield _command(kind, title, [", ".join(report.not_reached)])
    for obligation in fresh_breaches(report):
        title = f"{obligation.id} {weight(obligation)}, {obligation.provider}: {statement(obligation)}"
        findings = [trimmed(text, MAX_TEXT) for text in _findings(report, obligation)]
        yield _command(_COMMANDS[obligation.severity], title, [*findings, f"To do: {obligation.remedy}"])
    for line in later_breaches(report):
        yield _command("notice", later_title(report), [trimmed(line, MAX_TEXT)])


def _findings(report: Report, obligation: ObligationReport) -> Iterator[str]:
    """Yields the first finding, and how many more drills have one."""
    texts = [
        f"{drill.name}: {ruling.findings[0].text}"
        for drill, ruling in rulings_of(report, obligation)
        if ruling.findings
    ]
    yield from texts[:1]
    if len(texts) > 1:
        yield f"and in {len(texts) - 1} more of the drills"


def _command(command: str, title: str, lines: list[str]) -> str:
    """Returns a command; no text in it can begin another one."""
    message = "\n".join(map(plain, lines))
    return f"::{command} title={_escaped(trimmed(plain(title), MAX_TEXT), _IN_PROPERTY)}::{_escaped(message, _IN_DATA)}"


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
