"""Writes the report for a person at a terminal: a scorecard, then each broken obligation with the calls that show it.

Piped into a file it is plain text without colours, a line for each thing, whatever its length.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockserver.foundation.texts import counted, plain, trimmed
from mockserver.judge.report import Assumption, DrillReport, FindingReport, ObligationReport, Report, RulingReport
from mockserver.judge.reports.scorecard import scorecard
from mockserver.judge.reports.wording import (
    CAPSULES,
    ENDED_RUNS,
    call_line,
    calls_of,
    capsule_lines,
    ended_runs,
    fresh_breaches,
    full_reason,
    is_apart,
    label,
    later_breaches,
    later_title,
    leads_line,
    named,
    not_reached_ids,
    not_used_line,
    rulings_of,
    statement,
    verdict,
    weight,
    why_unseen,
)
from mockserver.judge.rulings import Severity, State

if TYPE_CHECKING:
    from rich.console import Console

MAX_FINDINGS = 3
MAX_CALLS = 5
MAX_DRILLS = 4
MAX_LINE = 240
"""Characters of a call that is shown where no terminal says how wide it is."""
_COLOURS = {Severity.MUST: "bold red", Severity.SHOULD: "yellow", Severity.ADVICE: "cyan"}
_VERDICTS = {0: "bold green", 1: "bold red"}


def write_console(report: Report, console: "Console", *, verbose: bool = False) -> None:
    """Writes the report; `verbose` adds every assumption, and what the drills did not come to."""
    page = _Page(console)
    _head(report, page)
    _scores(report, page)
    page.say(verdict(report), _VERDICTS.get(report.exit_code, "bold magenta"))
    for obligation in fresh_breaches(report):
        if not is_apart(report, obligation):
            _broken(report, obligation, page)
    _other_readings(report, page)
    _added_later(report, page)
    _faults_of_ours(report, page)
    _ended_runs(report, page)
    _capsules(report, page)
    _baseline(report, page)
    _assumptions(report.assumptions, page, verbose)
    _unseen(report, page, verbose)
    if report.exit_code:
        page.gap()
        page.say(verdict(report), _VERDICTS.get(report.exit_code, "bold magenta"))


class _Page:
    """A console to which text of others is written in a harmless form."""

    def __init__(self, console: "Console") -> None:
        self.console = console

    def width(self, indent: int) -> int:
        """Returns how many characters a line has."""
        return max(20, self.console.width - indent) if self.console.is_terminal else MAX_LINE

    def gap(self) -> None:
        """Writes an empty line."""
        self.console.print()

    def title(self, text: str) -> None:
        """Writes the head of a section."""
        self.gap()
        self.say(text, "bold")

    def say(self, text: str, style: str = "", *, indent: int = 0, cut: bool = False) -> None:
        """Writes a line or paragraph; with `cut` it never takes more than one line of the terminal."""
        from rich.padding import Padding
        from rich.text import Text

        safe = plain(text).encode(self.console.encoding, "backslashreplace").decode(self.console.encoding)
        if not self.console.is_terminal:
            self.console.print(Text(" " * indent + safe), soft_wrap=True)
            return
        body = Text(safe, style, no_wrap=cut, overflow="crop" if cut else "fold")
        self.console.print(Padding(body, (0, 0, 0, indent)))


def _head(report: Report, page: _Page) -> None:
    page.say(trimmed(report.program, MAX_LINE), "bold")
    runs = sum(len(drill.runs) for drill in report.all_drills)
    calls = sum(len(drill.calls) + drill.calls_left_out for drill in report.all_drills)
    counts = f"{counted(len(report.all_drills), 'drill')}, {counted(runs, 'run')}, {counted(calls, 'call')}"
    page.say(f"mockserver {report.mockserver}: {counts} in {report.seconds:.1f} s")
    if report.not_called:
        page.say(f"Not judged, since the program never called it: {', '.join(report.not_called)}.", "yellow")
    if report.refused_hosts:
        hosts = trimmed(", ".join(report.refused_hosts), MAX_LINE)
        page.say(f"Calls to other hosts were refused: {hosts}.", "yellow")
    page.gap()


def _scores(report: Report, page: _Page) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = list(scorecard(report))
    states = [State.NOT_OBSERVABLE, State.NOT_REACHED]
    states += [State.FAULTY] if any(row.states[State.FAULTY] for row in rows) else []
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold")
    table.add_column("held", justify="right", overflow="fold")
    table.add_column("broken", overflow="fold", min_width=6)
    for state in states:
        table.add_column(state, justify="right", overflow="fold")
    provider = ""
    for row in rows:
        if row.provider != provider:
            provider = row.provider
            table.add_row(Text(plain(provider), "bold"))
        worst = next((severity for severity in Severity if row.broken[severity]), None)
        broken = Text(row.broken_text or "-", _COLOURS[worst] if worst else "")
        counts = [str(row.states[state] or "-") for state in (State.HELD, *states)]
        table.add_row(f"  {row.family}", counts[0], broken, *counts[1:])
    page.console.print(table)
    page.gap()


def _broken(report: Report, obligation: ObligationReport, page: _Page) -> None:
    rulings = list(rulings_of(report, obligation))
    breaches = [(drill, ruling) for drill, ruling in rulings if ruling.state is State.BROKEN]
    held = sum(ruling.state is State.HELD for _, ruling in rulings)
    page.gap()
    page.say(
        f"{obligation.id} {weight(obligation)}, {obligation.provider}: {statement(obligation)}",
        _COLOURS[obligation.severity],
    )
    if breaches:
        where = named([drill.name for drill, _ in breaches], MAX_DRILLS)
        page.say(f"broken in {counted(len(breaches), 'drill')}, held in {held}: {where}", indent=2)
    findings = list(_distinct(breaches))
    for drill, finding in findings[:MAX_FINDINGS]:
        _finding(drill, finding, page)
    if len(findings) > MAX_FINDINGS:
        page.say(f"- and {counted(len(findings) - MAX_FINDINGS, 'more finding')} in the other reports", indent=2)
    page.say(f"why: {full_reason(obligation)}", indent=2)
    page.say(f"to do: {obligation.remedy}", "bold", indent=2)
    page.say(f"more: mockserver docs {obligation.id}", "dim", indent=2)


def _other_readings(report: Report, page: _Page) -> None:
    rows = [row for row in report.obligations if is_apart(report, row)]
    if not rows:
        return
    page.title("If the provider means it otherwise: advice, which --strict counts")
    for obligation in rows:
        held = [drill for drill, ruling in rulings_of(report, obligation) if ruling.state is State.HELD]
        page.say(f"{obligation.provider}: works with {counted(len(held), 'other reading')}", indent=2)
        if obligation.state is State.BROKEN:
            _broken(report, obligation, page)


def _added_later(report: Report, page: _Page) -> None:
    if report.added_later:
        page.title(later_title(report))
        for line in later_breaches(report) or ["nothing is broken in them"]:
            page.say(f"- {line}", indent=2)


def _distinct(broken: list[tuple[DrillReport, RulingReport]]) -> Iterator[tuple[DrillReport, FindingReport]]:
    """Yields the first finding of each drill, then the second ones, each text once; accepted breaches come last."""
    texts: set[str] = set()
    ordered = sorted(broken, key=lambda pair: pair[1].accepted)
    for turn in range(max((len(ruling.findings) for _, ruling in ordered), default=0)):
        for drill, ruling in ordered:
            if turn < len(ruling.findings) and (finding := ruling.findings[turn]).text not in texts:
                texts.add(finding.text)
                yield drill, finding


def _finding(drill: DrillReport, finding: FindingReport, page: _Page) -> None:
    page.say(f"- {drill.name}: {finding.text}", indent=2)
    calls = calls_of(drill, finding)
    for call in calls[:MAX_CALLS]:
        page.say(call_line(call, page.width(4)), "dim", indent=4, cut=True)
    if len(calls) > MAX_CALLS:
        page.say(f"and {counted(len(calls) - MAX_CALLS, 'more call')}", "dim", indent=4)
    if leads := leads_line(finding):
        page.say(leads, indent=4)


def _faults_of_ours(report: Report, page: _Page) -> None:
    faulty = [drill for drill in report.all_drills if drill.faulty]
    if not faulty:
        return
    page.title("Faults of ours: these drills say nothing about the program")
    for drill in faulty:
        for reason in drill.faulty:
            page.say(f"{label(drill)}: {reason}", "magenta", indent=2)


def _ended_runs(report: Report, page: _Page) -> None:
    if runs := ended_runs(report):
        page.title(ENDED_RUNS)
        for line in runs:
            page.say(line, "yellow", indent=2)


def _capsules(report: Report, page: _Page) -> None:
    if lines := capsule_lines(report):
        page.title(CAPSULES)
        for line in lines:
            page.say(line, indent=2)


def _baseline(report: Report, page: _Page) -> None:
    if report.baseline is None:
        return
    page.title("Baseline")
    parts = (
        ("Broken as known", report.baseline.accepted, ""),
        ("Held although known to be broken: take it out of the baseline", report.baseline.passed, "red"),
        ("Not judged this time", report.baseline.missing, "dim"),
    )
    for about, rows, style in parts:
        page.say(f"{about}: {len(rows)}", style if rows else "", indent=2)
        for row in rows:
            page.say(row, style, indent=4)


def _assumptions(assumptions: tuple[Assumption, ...], page: _Page, verbose: bool) -> None:
    if not assumptions:
        return
    page.title(f"Verdicts rest on {counted(len(assumptions), 'assumption')} that only the providers can confirm")
    rows = [row for row in assumptions if verbose or row.chosen is not None]
    for row in rows:
        chosen = "" if row.chosen is None else f" = {row.chosen}"
        operation = f"{row.operation} " if row.operation else ""
        page.say(f"{row.provider} {operation}{row.subject}{chosen} ({row.source}; {row.level})", indent=2)
    if rest := len(assumptions) - len(rows):
        page.say(f"and {rest} that are no variants: with -v, and in the other reports", "dim", indent=2)


def _unseen(report: Report, page: _Page, verbose: bool) -> None:
    unseen: dict[tuple[str, str], list[ObligationReport]] = {}
    for obligation in report.obligations:
        if obligation.state is State.NOT_OBSERVABLE:
            unseen.setdefault(why_unseen(report, obligation), []).append(obligation)
    for (why, hint), obligations in unseen.items():
        page.title(f"Not observable: {why}")
        page.say(", ".join(f"{obligation.provider} {obligation.id}" for obligation in obligations), indent=2)
        page.say(hint, indent=2)
    missed = [obligation for obligation in report.obligations if obligation.state is State.NOT_REACHED]
    if report.not_reached:
        page.title(f"Not a pass: {counted(len(report.not_reached), 'must')} that the program never came to")
        page.say(", ".join(not_reached_ids(report)), indent=2)
    if not_used := not_used_line(report):
        page.gap()
        page.say(not_used, "dim")
    if missed and verbose:
        page.title("Not reached: the program never came to where it matters")
        for obligation in missed:
            page.say(f"{obligation.provider} {obligation.id} {obligation.sentence}", indent=2)
