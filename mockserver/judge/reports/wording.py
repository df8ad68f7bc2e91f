"""What all forms of the report say in the same words, and how text of others is made fit to be shown."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

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

Duties = Mapping[tuple[str, str], ObligationReport]
"""By provider and id."""
OUTCOME_HINT = (
    "To have these judged as well, the program writes after each run one JSON object a line to the file that "
    'MOCKSERVER_OUTCOME names, for each lead that it holds now: {"id": "...", "email": "...", "phone": "...", '
    '"name": "...", "message": "..."}; a member that is left out is not judged.'
)
OUTPUT_HINT = "Of a program its last 64 KiB are kept; of a callable only the reason why it failed is known."
_BY_OUTPUT = {"TOKEN-09"}
"""Obligations that are judged by what a program writes to its outputs, not by its outcome."""
_BY_OUTCOME = "RUN-03"
MAX_LEADS = 12
SHORTEST_TARGET = 28
"""Characters that are left of an address where a line is short."""
_UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode that move the cursor, turn the direction of a line, or cannot be encoded."""


def plain(text: str) -> str:
    """One line without control characters: those are written as in a program, such as `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    line = " ".join(text.split())
    return "".join(_written(character) for character in line)


def trimmed(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def counted(number: int, noun: str) -> str:
    """`1 drill`, `2 drills`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def named(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def duties(report: Report) -> Duties:
    """The obligations by what rulings know of them."""
    return {(duty.provider, duty.id): duty for duty in report.obligations}


def label(drill: DrillReport) -> str:
    """Whose drill it is, and which."""
    return drill.name if drill.name.startswith(f"{drill.provider}.") else f"{drill.provider} {drill.name}"


def statement(duty: ObligationReport) -> str:
    """What is asked of the client."""
    return f"A correct client {duty.sentence}."


def ground(duty: ObligationReport) -> str:
    """Why, by which document, and how sure that is."""
    return f"{duty.reason} ({duty.document}; {duty.level})"


def leads_line(finding: FindingReport) -> str:
    """The leads that a finding is about, such as `lost: 11, 12 and 31 more`; empty where it is about none."""
    return f"{finding.kind or 'leads'}: {named(finding.leads, MAX_LEADS)}" if finding.leads else ""


def call_line(call: CallReport, width: int | None = None) -> str:
    """One call: its id, run, time, request, answer, and what it was. With a width the address gives way first."""
    head = f"#{call.id}  run {call.run}  +{call.offset:.2f} s  {call.method} "
    target = f"{call.path}?{call.query}" if call.query else call.path
    struck = f"  [fault: {call.fault}]" if call.fault else ""
    tail = f" -> {call.status or 'no answer'}{struck}  {plain(call.summary)}".rstrip()
    target = plain(target)
    if width is not None:
        target = trimmed(target, max(SHORTEST_TARGET, width - len(head) - len(tail)))
    line = f"{plain(head.rstrip())} {target}{tail}"
    return line if width is None else trimmed(line, width)


def calls_of(drill: DrillReport, finding: FindingReport) -> list[CallReport]:
    """The calls that a finding names."""
    wanted = set(finding.calls)
    return [call for call in drill.calls if call.id in wanted]


def known(report: Report) -> set[tuple[str, str]]:
    """Provider and id of the obligations that are broken only as the baseline says."""
    rulings = [(drill.provider, ruling) for drill in report.drills for ruling in drill.broken]
    fresh = {(provider, ruling.obligation) for provider, ruling in rulings if not ruling.accepted}
    return {(provider, ruling.obligation) for provider, ruling in rulings} - fresh


def rulings_of(report: Report, duty: ObligationReport) -> Iterator[tuple[DrillReport, RulingReport]]:
    """How it was met in each drill."""
    for drill in report.drills:
        if drill.provider == duty.provider:
            for ruling in drill.rulings:
                if ruling.obligation == duty.id:
                    yield drill, ruling


def why_unseen(report: Report, duty: ObligationReport) -> tuple[str, str]:
    """Why an obligation could not be observed, as the rest of a sentence, and what would help."""
    if duty.id in _BY_OUTPUT:
        return "not all that the program writes was seen", OUTPUT_HINT
    for drill in report.drills:
        for ruling in drill.rulings:
            # Of what is not lost, this obligation only tells that the outcome cannot be read.
            found = [finding for finding in ruling.findings if not finding.kind]
            if found and ruling.obligation == _BY_OUTCOME and drill.provider == duty.provider:
                return "the outcome cannot be read", f"{drill.name}: {found[0].text}"
        for event in drill.events if drill.provider == duty.provider else ():
            if UNSIGNED in event:
                return UNSIGNED, f"{drill.name}: {event.partition(UNSIGNED)[2].strip(': ')}"
    return "the program wrote no outcome", OUTCOME_HINT


def verdict(report: Report) -> str:
    """The whole report in one line."""
    accepted = known(report)
    broken: Counter[Severity] = Counter()
    for duty in report.broken():
        if (duty.provider, duty.id) not in accepted:
            broken[duty.severity] += 1
    states = Counter(duty.state for duty in report.obligations)
    told = [f"{', '.join(f'{broken[severity]} {severity}' for severity in Severity if broken[severity])} broken"]
    told = told if broken else []
    if accepted:
        told.append(f"{len(accepted)} known to be broken")
    if report.baseline and report.baseline.passed:
        told.append(f"{len(report.baseline.passed)} unexpectedly held")
    told.append(f"{states[State.HELD]} held")
    told += [f"{states[state]} {state}" for state in (State.NOT_OBSERVABLE, State.NOT_REACHED) if states[state]]
    faulty = sum(bool(drill.faulty) for drill in report.drills)
    if faulty:
        told.insert(0, f"a fault of ours in {counted(faulty, 'drill')}")
    word = {0: "PASSED", 1: "FAILED"}.get(report.exit_code, "NO VERDICT")
    return f"{word}: {'; '.join(told)}"


def _written(character: str) -> str:
    if unicodedata.category(character) not in _UNSHOWN:
        return character
    return character.encode("unicode_escape").decode("ascii")
