"""Writes the report as Markdown, for the summary of a job or a comment: what is broken, with the details folded.

Text of others is escaped sign by sign, or stands in a block of code that it cannot end.
"""

from collections.abc import Iterable, Iterator
from html import escape

from mockserver.foundation.markdown_text import MAX_TEXT, code_block, inline_code, markdown_text
from mockserver.foundation.texts import counted, plain, trimmed
from mockserver.judge.report import DrillReport, FindingReport, ObligationReport, Report
from mockserver.judge.reports.scorecard import scorecard
from mockserver.judge.reports.wording import (
    CAPSULES,
    ENDED_RUNS,
    accepted_obligations,
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
    not_reached_ids,
    not_used_line,
    rulings_of,
    statement,
    verdict,
    weight,
    why_unseen,
)
from mockserver.judge.rulings import State

MAX_FINDINGS = 3
MAX_CALLS = 5
MAX_LENGTH = 300_000
"""Characters after which broken obligations are only named: GitHub refuses summaries of more than 1 MiB."""
_STATES = (State.HELD, State.BROKEN, State.NOT_OBSERVABLE, State.NOT_REACHED, State.FAULTY)


def to_markdown(report: Report) -> str:
    """Returns the document."""
    parts = [f"## {markdown_text(verdict(report))}", *_head(report), _scores(report), *_ours(report)]
    length, rest = sum(map(len, parts)), []
    # What is told apart is advice, which comes last.
    for obligation in sorted(fresh_breaches(report), key=lambda obligation: is_apart(report, obligation)):
        part = _broken(report, obligation)
        length += len(part)
        if length > MAX_LENGTH:
            rest.append(f"{obligation.id} {obligation.provider}")
        else:
            parts.append(part)
    if rest:
        parts.append(f"Broken as well, see the other reports: {markdown_text(', '.join(rest))}.")
    return "\n\n".join([*parts, *_added_later(report), *_accepted_rows(report), *_unseen(report)]) + "\n"


def _added_later(report: Report) -> Iterator[str]:
    if report.added_later:
        lines = [f"- {markdown_text(line)}" for line in later_breaches(report)] or ["Nothing is broken in them."]
        yield "\n".join([f"## {markdown_text(later_title(report))}", "", *lines])


def _head(report: Report) -> Iterator[str]:
    runs = sum(len(drill.runs) for drill in report.all_drills)
    calls = sum(len(drill.calls) + drill.calls_left_out for drill in report.all_drills)
    counts = f"{counted(len(report.all_drills), 'drill')}, {counted(runs, 'run')}, {counted(calls, 'call')}"
    judge = f"judged by mockserver {markdown_text(report.mockserver)}"
    yield f"{inline_code(report.program)}, {judge}: {counts} in {report.seconds:.1f} s"
    if report.not_called:
        yield f"Not judged, since the program never called it: {markdown_text(', '.join(report.not_called))}."
    if report.refused_hosts:
        yield f"Calls to other hosts were refused: {markdown_text(', '.join(report.refused_hosts))}."


def _scores(report: Report) -> str:
    rows = list(scorecard(report))
    states = [state for state in _STATES if state is not State.FAULTY or any(row.states[state] for row in rows)]
    lines = [f"| provider | family | {' | '.join(states)} |", f"|---|---|{'--:|' * len(states)}"]
    for row in rows:
        cells = [row.broken_text if state is State.BROKEN else str(row.states[state] or "") for state in states]
        lines.append(f"| {markdown_text(row.provider)} | {row.family} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _ours(report: Report) -> Iterator[str]:
    reasons = [f"{label(drill)}: {reason}" for drill in report.all_drills for reason in drill.faulty]
    if reasons:
        yield "### Faults of ours: these drills say nothing about the program"
        yield _listed(reasons)
    if runs := ended_runs(report):
        yield f"### {ENDED_RUNS}"
        yield _listed(runs)
    if lines := capsule_lines(report):
        yield _folded(CAPSULES, [code_block(lines)])
    if report.baseline and report.baseline.passed:
        yield "### Held although known to be broken: take it out of the baseline"
        yield _listed(report.baseline.passed)


def _broken(report: Report, obligation: ObligationReport) -> str:
    breaches = [(drill, ruling) for drill, ruling in rulings_of(report, obligation) if ruling.state is State.BROKEN]
    findings = [(drill, finding) for drill, ruling in breaches for finding in ruling.findings]
    texts = list(dict.fromkeys(f"{drill.name}: {finding.text}" for drill, finding in findings))
    evidence = [lines for drill, finding in findings[:MAX_FINDINGS] if (lines := _evidence(drill, finding))]
    more = f"Why, and the calls: broken in {counted(len(breaches), 'drill')}, {counted(len(texts), 'finding')}"
    parts = [
        *(["## If the provider means it otherwise"] if is_apart(report, obligation) else []),
        f"### {obligation.id} {weight(obligation)}, {markdown_text(obligation.provider)}",
        markdown_text(statement(obligation)),
        _listed(texts[:MAX_FINDINGS]),
        f"**To do:** {markdown_text(obligation.remedy)}",
        _folded(
            more,
            [
                markdown_text(full_reason(obligation)),
                *map(code_block, evidence),
                f"More: `mockserver docs {obligation.id}`",
            ],
        ),
    ]
    return "\n\n".join(filter(None, parts))


def _evidence(drill: DrillReport, finding: FindingReport) -> list[str]:
    """Returns the calls and the leads of a finding, a line for each."""
    calls = calls_of(drill, finding)
    lines = [trimmed(call_line(call), MAX_TEXT) for call in calls[:MAX_CALLS]]
    if len(calls) > MAX_CALLS:
        lines.append(f"and {counted(len(calls) - MAX_CALLS, 'more call')}")
    if leads := leads_line(finding):
        lines.append(trimmed(plain(leads), MAX_TEXT))
    return [f"{plain(label(drill))}:", *lines] if lines else []


def _accepted_rows(report: Report) -> Iterator[str]:
    if accepted := sorted(accepted_obligations(report)):
        yield f"Known to be broken: {markdown_text(', '.join(f'{id} {provider}' for provider, id in accepted))}."


def _unseen(report: Report) -> Iterator[str]:
    if report.not_reached:
        title = f"Not a pass: {counted(len(report.not_reached), 'must')} that the program never came to"
        yield _folded(title, [markdown_text(", ".join(not_reached_ids(report)))])
    if not_used := not_used_line(report):
        yield markdown_text(not_used)
    obligations = [row for row in report.obligations if row.state is State.NOT_OBSERVABLE]
    for why, hint in dict.fromkeys(why_unseen(report, obligation) for obligation in obligations):
        yield _folded(f"Not observable: {trimmed(why, MAX_TEXT)}", [markdown_text(hint)])


def _listed(texts: Iterable[str]) -> str:
    return "\n".join(f"- {markdown_text(text)}" for text in texts)


def _folded(title: str, parts: Iterable[str]) -> str:
    body = "\n\n".join(parts)
    return f"<details><summary>{escape(plain(title))}</summary>\n\n{body}\n\n</details>"
