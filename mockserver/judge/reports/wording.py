"""Words that all forms of the report share, and the safe form of text of others."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from mockserver.foundation.texts import counted, plain, trimmed
from mockserver.judge.catalogue import READINGS
from mockserver.judge.reasons import Support
from mockserver.judge.report import (
    UNSIGNED,
    CallReport,
    DrillReport,
    FindingReport,
    ObligationReport,
    Report,
    RulingReport,
)
from mockserver.judge.rulings import Severity, State

ObligationsById: TypeAlias = Mapping[tuple[str, str], ObligationReport]
"""By provider and id."""
OUTCOME_HINT = (
    "To have these judged as well, the program writes after each run one JSON object a line to the file that "
    'MOCKSERVER_OUTCOME names, for each lead that it holds now: {"id": "...", "email": "...", "phone": "...", '
    '"name": "...", "message": "...", "parent": "..." or null}; a member that is left out is not judged.'
)
CAPSULES = "To see the same: what a broken drill came to; POST /__admin/reset goes back to its beginning"
ENDED_RUNS = "No evidence: another provider ended these runs, and neither they nor later ones are judged"
OUTPUT_HINT = "Of a program its last 64 KiB are kept; of a callable only the reason why it failed is known."
EXIT_HINT = (
    "A program that goes on, or repeats for long, is taken for one that never ends. One that gives up by itself is "
    "judged: repeat for a shorter time, or give it longer with --settle."
)
_BY_OUTPUT = {"TOKEN-09", "GDPR-04"}
"""Obligations that are judged by what a program writes to its outputs, not by its outcome."""
_BY_EXIT_CODE = {"FAULT-05"}
"""Obligations that are judged by how a program ends."""
_BY_OUTCOME, _BY_PARENT = "RUN-03", "SYNC-06"
NOT_SCORED = "not scored, added later"
MAX_CAPSULES = 12
MAX_LEADS = 12
MAX_IDS = 12
MIN_TARGET = 28
"""Characters that are left of an address where a line is short."""


def named(names: Sequence[str], most: int) -> str:
    """Returns the first names, and how many more there are."""
    first = ", ".join(names[:most])
    return first if len(names) <= most else f"{first} and {len(names) - most} more"


def obligations_by_id(report: Report) -> ObligationsById:
    """Returns the obligations by provider and id, as rulings name them."""
    return {(obligation.provider, obligation.id): obligation for obligation in report.obligations}


def label(drill: DrillReport) -> str:
    """Returns the provider and the name of a drill."""
    return drill.name if drill.name.startswith(f"{drill.provider}.") else f"{drill.provider} {drill.name}"


def statement(obligation: ObligationReport) -> str:
    """Returns the obligation as a sentence."""
    return f"A correct client {obligation.sentence}."


def full_reason(obligation: ObligationReport) -> str:
    """Returns the reason, and how sure it is by what it rests on."""
    return f"{obligation.reason} ({obligation.document}; {obligation.level})"


def rests_on(supports: Sequence[Support], needs_all: bool) -> list[str]:
    """Returns what a reason rests on, a line for each support, and before them whether it needs all of them."""
    head = ["rests on all of:" if needs_all else "rests on any of:"] if len(supports) > 1 else ["rests on:"]
    return head + [f"- {support.document} ({support.level})" for support in supports]


def leads_line(finding: FindingReport) -> str:
    """Returns the leads that a finding is about, such as `lost: 11, 12 and 31 more`; empty where it is about none."""
    return f"{finding.kind or 'leads'}: {named(finding.leads, MAX_LEADS)}" if finding.leads else ""


def call_line(call: CallReport, width: int | None = None) -> str:
    """Returns a call as a line: id, run, time, request, answer, summary. With a width the address gives way first."""
    elsewhere = "" if call.judged else f"{call.provider}: "
    head = f"#{call.id}  run {call.run}  +{call.offset:.2f} s  {elsewhere}{call.method} "
    target = f"{call.path}?{call.query}" if call.query else call.path
    fault = f"  [fault: {call.fault}]" if call.fault else ""
    tail = f" -> {call.status or 'no answer'}{fault}  {plain(call.summary)}".rstrip()
    target = plain(target)
    if width is not None:
        target = trimmed(target, max(MIN_TARGET, width - len(head) - len(tail)))
    line = f"{plain(head.rstrip())} {target}{tail}"
    return line if width is None else trimmed(line, width)


def calls_of(drill: DrillReport, finding: FindingReport) -> list[CallReport]:
    """Returns the calls that a finding names, and those of other providers in between."""
    ids = set(finding.calls)
    between = range(min(ids, default=0), max(ids, default=0))
    return [call for call in drill.calls if call.id in ids or (not call.judged and call.id in between)]


def ended_runs(report: Report) -> list[str]:
    """Returns a line for each drill in which another provider ended a run."""
    return [
        f"{label(drill)}: run {run.number} ended after {run.ended_after}"
        for drill in report.drills
        for run in [run for run in drill.runs if run.ended_after][:1]
    ]


def capsule_lines(report: Report) -> list[str]:
    """Returns for each broken drill whose sandbox was kept the command that loads it; of many the first ones."""
    drills = [drill for drill in report.all_drills if drill.capsule is not None]
    lines = [f"{label(drill)}: mockserver serve --capsule {shlex.quote(str(drill.capsule))}" for drill in drills]
    more = len(lines) - MAX_CAPSULES
    return lines if more <= 0 else [*lines[:MAX_CAPSULES], f"and {counted(more, 'more drill')} beside them"]


def accepted_obligations(report: Report) -> set[tuple[str, str]]:
    """Returns provider and id of the obligations that are broken only as the baseline says."""
    rulings = [(drill.provider, ruling) for drill in report.drills for ruling in drill.broken]
    fresh = {(provider, ruling.obligation) for provider, ruling in rulings if not ruling.accepted}
    return {(provider, ruling.obligation) for provider, ruling in rulings} - fresh


def fresh_breaches(report: Report) -> list[ObligationReport]:
    """Returns the broken obligations that no baseline accepts, the most severe first."""
    accepted = accepted_obligations(report)
    fresh = [obligation for obligation in report.broken() if (obligation.provider, obligation.id) not in accepted]
    return sorted(fresh, key=lambda obligation: list(Severity).index(obligation.severity))


def rulings_of(report: Report, obligation: ObligationReport) -> Iterator[tuple[DrillReport, RulingReport]]:
    """Yields the ruling on an obligation in each drill; those that were added later are told by themselves."""
    for drill in report.drills + report.other_readings:
        if drill.provider == obligation.provider:
            for ruling in drill.rulings:
                if ruling.obligation == obligation.id:
                    yield drill, ruling


def weight(obligation: ObligationReport) -> str:
    """Returns the severity of an obligation, or that it does not count."""
    return NOT_SCORED if obligation.added_later else str(obligation.severity)


def later_breaches(report: Report) -> list[str]:
    """Returns a line for each obligation that is broken in a drill which does not count."""
    return [
        f"{label(drill)}: {ruling.obligation}" + (f": {ruling.findings[0].text}" if ruling.findings else "")
        for drill in report.added_later
        for ruling in drill.broken
    ]


def later_title(report: Report) -> str:
    """Returns the head of what does not count."""
    drills = counted(len(report.added_later), "drill")
    return f"{NOT_SCORED.capitalize()} than battery {report.battery}: {drills}"


def is_apart(report: Report, obligation: ObligationReport) -> bool:
    """Tells whether an obligation was judged by the drills of other readings alone, which are told by themselves."""
    return obligation.id == READINGS and bool(report.other_readings)


def why_unseen(report: Report, obligation: ObligationReport) -> tuple[str, str]:
    """Returns why an obligation could not be observed, as the rest of a sentence, and what would help."""
    if obligation.id in _BY_OUTPUT:
        return "not all that the program writes was seen", OUTPUT_HINT
    if obligation.id in _BY_EXIT_CODE:
        return "the judge ended the program there, so that it had no exit code", EXIT_HINT
    for drill in report.drills:
        for ruling in drill.rulings:
            # A finding of this obligation without a kind says that the outcome cannot be read.
            unreadable = [finding for finding in ruling.findings if not finding.kind]
            if unreadable and ruling.obligation == _BY_OUTCOME and drill.provider == obligation.provider:
                return "the outcome cannot be read", f"{drill.name}: {unreadable[0].text}"
        for event in drill.events if drill.provider == obligation.provider else ():
            if UNSIGNED in event:
                return UNSIGNED, f"{drill.name}: {event.partition(UNSIGNED)[2].strip(': ')}"
    if obligation.id == _BY_PARENT:
        return "the program wrote no `parent` in its outcome", OUTCOME_HINT
    return "the program wrote no outcome", OUTCOME_HINT


def not_reached_ids(report: Report) -> list[str]:
    """Returns the musts that were never reached; with the provider where there are several."""
    return [row if len(report.providers) > 1 else row.partition(" ")[2] for row in report.not_reached]


def not_used_line(report: Report) -> str:
    """Returns a sentence about the parts of an API that the program never used; empty where it used all."""
    names = [row if len(report.providers) > 1 else row.partition(" ")[2] for row in report.not_used]
    return f"Not used, so nothing about it is owed: {', '.join(names)}." if names else ""


def verdict(report: Report) -> str:
    """Returns the whole report in one line."""
    accepted = accepted_obligations(report)
    broken = Counter(obligation.severity for obligation in fresh_breaches(report))
    states = Counter(obligation.state for obligation in report.obligations)
    parts = [f"{', '.join(f'{broken[severity]} {severity}' for severity in Severity if broken[severity])} broken"]
    parts = parts if broken else []
    if accepted:
        parts.append(f"{len(accepted)} known to be broken")
    if report.baseline and report.baseline.passed:
        parts.append(f"{len(report.baseline.passed)} unexpectedly held")
    parts.append(f"{states[State.HELD]} held")
    parts += [f"{states[state]} {state}" for state in (State.NOT_OBSERVABLE, State.NOT_REACHED) if states[state]]
    if report.not_reached:
        parts[-1] += f": not a pass ({len(report.not_reached)} must: {named(not_reached_ids(report), MAX_IDS)})"
    faulty = sum(bool(drill.faulty) for drill in report.all_drills)
    if faulty:
        parts.insert(0, f"a fault of ours in {counted(faulty, 'drill')}")
    word = {0: "INCOMPLETE" if report.not_reached else "PASSED", 1: "FAILED"}.get(report.exit_code, "NO VERDICT")
    return f"{word}: {'; '.join(parts)}"
