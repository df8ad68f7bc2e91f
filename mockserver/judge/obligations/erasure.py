"""Judges whether a client deletes people who were erased, and leads at the end of their retention."""

from mockserver.domain import retention_end
from mockserver.judge.evidence import Evidence, LeadSnapshot
from mockserver.judge.obligations.held_data import differences
from mockserver.judge.oracle import held_ids, shown_ids, snapshots, versions
from mockserver.judge.rulings import Finding, Judges, Ruling, rule


def _forgets_the_erased(evidence: Evidence) -> Ruling:
    erased = {lead.id for lead in _erased_since_shown(evidence)}
    members_by_lead: dict[str, list[str]] = {}
    for difference in differences(evidence):
        if difference.lead.id in erased and difference.is_old:
            members_by_lead.setdefault(difference.lead.id, []).append(f"`{difference.member}`")
    findings = [
        Finding(
            f"the person of lead {id} was erased before run {evidence.last.number}, and {', '.join(members)} "
            f"{'is' if len(members) == 1 else 'are'} still held",
            (),
            (id,),
            "resurrected",
        )
        for id, members in members_by_lead.items()
    ]
    if not evidence.last.succeeded:
        findings = []
    return rule(findings, reached=bool(erased), observable=evidence.has_outcome)


def _erased_since_shown(evidence: Evidence) -> list[LeadSnapshot]:
    """Returns leads whose person was erased before the last run began, and that the client was shown before that."""
    return [
        lead
        for id, lead in evidence.last.before.items()
        if lead.erased
        and any(not version.erased for version in versions(evidence, id))
        and any(id in run.shown_leads and run.shown_leads[id].contact != lead.contact for run in evidence.runs[:-1])
    ]


def _deletes_the_expired(evidence: Evidence) -> Ruling:
    last = evidence.last
    gone = {
        id
        for snapshot in snapshots(evidence)
        for id, lead in snapshot.items()
        if id not in last.before and retention_end(int(lead.created)) <= last.client_now
    } & shown_ids(evidence)
    old = sorted(gone & held_ids(evidence))
    findings = []
    if old and last.succeeded:
        text = f"{len(old)} lead{'s' if len(old) > 1 else ''} past the end of retention still held after the last run"
        findings = [Finding(text, (), tuple(old[:200]), "resurrected")]
    return rule(findings, reached=bool(gone), observable=evidence.has_outcome)


JUDGES: Judges = {"GDPR-01": _forgets_the_erased, "GDPR-02": _deletes_the_expired}
