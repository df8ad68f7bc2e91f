"""Writes the report as JUnit XML, for CI: a suite for each drill, a case for each obligation that it came to."""

from xml.etree import ElementTree as ET

from mockserver.foundation.xml_elements import xml_element
from mockserver.judge.report import DrillReport, ObligationReport, Report, RulingReport
from mockserver.judge.reports.wording import (
    NOT_SCORED,
    ObligationsById,
    call_line,
    calls_of,
    full_reason,
    label,
    leads_line,
    obligations_by_id,
    statement,
    why_unseen,
)
from mockserver.judge.rulings import Severity, State

MAX_CALLS = 10
_NOT_REACHED = "not reached: the program never came to where it matters"
_APART = "if the provider means it otherwise: "
"""The beginning of the name of a suite of another reading, in which nothing fails."""
_KINDS = ("failure", "error", "skipped")


def to_junit(report: Report) -> str:
    """Returns the document as text. Accepted breaches and broken advice are skipped and not failed."""
    root = xml_element(None, "testsuites", {"name": "mockserver conform", "time": f"{report.seconds:.3f}"})
    by_id = obligations_by_id(report)
    for drill in report.drills:
        _drill(root, report, drill, by_id, label(drill))
    for drill in report.other_readings:
        _drill(root, report, drill, by_id, _APART + label(drill))
    for drill in report.added_later:
        _drill(root, report, drill, by_id, f"{NOT_SCORED}: {label(drill)}", counts=False)
    if report.baseline is not None:
        _baseline(root, report)
    if report.not_reached or report.not_used:
        _reach(root, report)
    for parent in (*root, root):
        _count(parent)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _drill(
    root: ET.Element, report: Report, drill: DrillReport, by_id: ObligationsById, name: str, *, counts: bool = True
) -> None:
    suite = xml_element(
        root,
        "testsuite",
        {
            "name": name,
            "timestamp": report.started_at,
            "time": f"{drill.seconds:.3f}",
        },
    )
    xml_element(xml_element(suite, "properties"), "property", {"name": "why", "value": drill.why})
    # CI adds up the times of cases.
    time = f"{drill.seconds / max(1, len(drill.rulings)):.3f}"
    for ruling in drill.rulings:
        obligation = by_id[drill.provider, ruling.obligation]
        title = f"{obligation.id} {obligation.sentence}"
        case = _case(suite, f"conform.{drill.provider}.{drill.name}", title, time)
        if counts:
            _ruling(case, report, drill, ruling, obligation)
        elif ruling.state is not State.HELD:
            first = f": {ruling.findings[0].text}" if ruling.findings else ""
            xml_element(case, "skipped", {"message": f"{NOT_SCORED}: {ruling.state}{first}"})
    if counts and drill.faulty and not any(ruling.state is State.FAULTY for ruling in drill.rulings):
        case = _case(suite, f"conform.{drill.provider}.{drill.name}", "the fake does its part", "0.000")
        _faulty(case, drill)
    if output := "\n".join(f"run {run.number}:\n{run.output}" for run in drill.runs if run.output):
        xml_element(suite, "system-out", text=output)


def _ruling(
    case: ET.Element, report: Report, drill: DrillReport, ruling: RulingReport, obligation: ObligationReport
) -> None:
    if ruling.state is State.FAULTY:
        _faulty(case, drill)
    elif ruling.state is State.NOT_REACHED:
        xml_element(case, "skipped", {"message": _NOT_REACHED})
    elif ruling.state is State.NOT_OBSERVABLE:
        why, hint = why_unseen(report, obligation)
        xml_element(case, "skipped", {"message": f"not observable: {why}. {hint}"})
    elif ruling.state is State.BROKEN:
        first = ruling.findings[0].text if ruling.findings else statement(obligation)
        attributes = {"message": first, "type": str(obligation.severity)}
        if ruling.accepted:
            xml_element(case, "skipped", {"message": f"known to be broken: {first}"})
        elif obligation.severity is Severity.ADVICE:
            xml_element(case, "skipped", {"message": f"advice: {first} {obligation.remedy}"})
        else:
            xml_element(case, "failure", attributes, _evidence(drill, ruling, obligation))


def _evidence(drill: DrillReport, ruling: RulingReport, obligation: ObligationReport) -> str:
    lines = [statement(obligation)]
    for finding in ruling.findings:
        calls = calls_of(drill, finding)
        more = [f"    and {len(calls) - MAX_CALLS} more"] if len(calls) > MAX_CALLS else []
        lines += [f"- {finding.text}", *(f"    {call_line(call)}" for call in calls[:MAX_CALLS]), *more]
        lines += [f"    {leads}"] if (leads := leads_line(finding)) else []
    return "\n".join([*lines, f"why: {full_reason(obligation)}", f"to do: {obligation.remedy}"])


def _faulty(case: ET.Element, drill: DrillReport) -> None:
    reasons = "\n".join(drill.faulty) or "the drill did not do its part"
    xml_element(case, "error", {"message": f"a fault of ours: {reasons.splitlines()[0]}", "type": "faulty"}, reasons)


def _baseline(root: ET.Element, report: Report) -> None:
    assert report.baseline is not None
    suite = xml_element(root, "testsuite", {"name": "baseline", "timestamp": report.started_at, "time": "0.000"})
    for row in report.baseline.passed:
        case = _case(suite, "conform.baseline", row, "0.000")
        message = "held although the baseline says that it is broken: take it out of the baseline"
        xml_element(case, "failure", {"message": message, "type": "baseline"}, message)
    for row in report.baseline.missing:
        case = _case(suite, "conform.baseline", row, "0.000")
        xml_element(case, "skipped", {"message": "the baseline names it, and it was not judged"})


def _reach(root: ET.Element, report: Report) -> None:
    """Adds a case for each must that was never reached: skipped, or failed where all are to be reached."""
    suite = xml_element(root, "testsuite", {"name": "reach", "timestamp": report.started_at, "time": "0.000"})
    properties = xml_element(suite, "properties")
    for name, rows in (("not_reached", report.not_reached), ("not_used", report.not_used)):
        xml_element(properties, "property", {"name": name, "value": ", ".join(rows)})
    for row in report.not_reached:
        case = _case(suite, "conform.reach", row, "0.000")
        message = "a must that the program never came to: not a pass"
        if report.require_reached:
            xml_element(case, "failure", {"message": message, "type": "not reached"}, message)
        else:
            xml_element(case, "skipped", {"message": message})


def _case(suite: ET.Element, classname: str, name: str, time: str) -> ET.Element:
    return xml_element(suite, "testcase", {"classname": classname, "name": name, "time": time})


def _count(parent: ET.Element) -> None:
    cases = list(parent.iter("testcase"))
    parent.set("tests", str(len(cases)))
    for kind, attribute in zip(_KINDS, ("failures", "errors", "skipped"), strict=True):
        parent.set(attribute, str(sum(case.find(kind) is not None for case in cases)))
