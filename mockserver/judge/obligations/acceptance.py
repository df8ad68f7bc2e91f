"""Judges whether a client takes the unexpected: unknown members and words, gaps, odd text, other readings."""

from mockserver.judge.compressed import DECODES, is_compressed
from mockserver.judge.contact_traits import is_bare, is_odd
from mockserver.judge.evidence import Evidence
from mockserver.judge.obligations.held_data import differences
from mockserver.judge.obligations.outcome import crash_findings, loss_findings
from mockserver.judge.rulings import Finding, Judge, Judges, Ruling, rule
from mockserver.sandbox.faults import kinds_that_test


def _with_fault_for(obligation: str) -> Judge:
    """Returns the judge of whether a client takes answers that a fault has made strange."""

    def judge(evidence: Evidence) -> Ruling:
        reached = any(call.items for call in evidence.calls_with_fault(*kinds_that_test(obligation)))
        findings = crash_findings(evidence, obligation) + loss_findings(evidence, obligation)
        return rule(findings, reached=reached, observable=evidence.has_outcome)

    return judge


def _decodes(evidence: Evidence) -> Ruling:
    reached = any(call.items for call in evidence.calls if is_compressed(evidence, call))
    cause = "and compressed with gzip, which it had said that it takes"
    findings = crash_findings(evidence, DECODES, cause) + loss_findings(evidence, DECODES)
    return rule(findings, reached=reached, observable=evidence.has_outcome)


def _takes_gaps(evidence: Evidence) -> Ruling:
    bare = any(is_bare(item.contact) for run in evidence.runs for item in run.shown_leads.values())
    findings = crash_findings(evidence, "TOLERANCE-03") + loss_findings(evidence, "TOLERANCE-03")
    return rule(findings, reached=bare, observable=evidence.has_outcome)


def _keeps_text(evidence: Evidence) -> Ruling:
    # The judge may never have seen a person who was erased: the data came and went within a run.
    garbled = [
        difference for difference in differences(evidence) if not difference.is_old and not difference.lead.erased
    ]
    findings = crash_findings(evidence, "TOLERANCE-04") + loss_findings(evidence, "TOLERANCE-04")
    if garbled:
        ids = tuple(dict.fromkeys(difference.lead.id for difference in garbled))
        more = f", and so with {len(ids) - 1} more" if len(ids) > 1 else ""
        findings.append(Finding(garbled[0].text + more, (), ids[:200], "stale"))
    odd = any(is_odd(item.contact) for run in evidence.runs for item in run.shown_leads.values())
    return rule(findings, reached=odd or bool(garbled), observable=evidence.has_outcome)


def _works_with_every_reading(evidence: Evidence) -> Ruling:
    """Breaks nothing by itself: what breaks under one reading alone is charged to it when all drills are known."""
    return rule([], reached=evidence.variant is not None and bool(evidence.calls))


JUDGES: Judges = {
    "TOLERANCE-01": _with_fault_for("TOLERANCE-01"),
    "TOLERANCE-02": _with_fault_for("TOLERANCE-02"),
    "TOLERANCE-03": _takes_gaps,
    "TOLERANCE-04": _keeps_text,
    "TOLERANCE-05": _works_with_every_reading,
    DECODES: _decodes,
}
