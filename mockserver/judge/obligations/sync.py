"""Judges later runs: what they ask for, what they find, and whether held leads follow the provider."""

from collections.abc import Sequence
from itertools import islice
from math import inf

from mockserver.judge.calls import distinct_items
from mockserver.judge.evidence import Evidence, LeadSnapshot, Run
from mockserver.judge.losses import KEEPS_BOTH
from mockserver.judge.obligations.held_data import differences, is_shown
from mockserver.judge.obligations.outcome import loss_findings
from mockserver.judge.oracle import CLOCKS_DIFFER, date_of, shown_ids, twins, versions
from mockserver.judge.rulings import Finding, Judges, Ruling, rule

_MANY = 50
"""Leads from which on reading all of them again is more than an overlap."""
_OVERLAP = 8 * 86_400.0
"""Seconds: leads that lie further apart than that are more than an overlap; some clients take a week of it."""
_SWEEP = 20 * 3_600.0
"""Seconds after which reading everything again is no fault: no call but that one tells who was erased."""
_LAG = 60.0
"""Seconds that a client may look behind the moment that it takes for the present."""


def _asks_for_what_is_new(evidence: Evidence) -> Ruling:
    later = [
        (run, before)
        for number, run in enumerate(evidence.runs)
        if number and not run.got_error and all(map(_read_well, evidence.runs[:number]))
        if run.began - evidence.runs[number - 1].began < _SWEEP
        if _is_much(evidence, before := [run.after[id] for id in _listed_before(run, evidence) if id in run.after])
    ]
    findings = [
        Finding(
            f"run {run.number} read all {len(before)} leads again that had been read before",
            tuple(islice((call.entry.id for call in run.calls if call.page is not None), 3)),
        )
        for run, before in later
        if {lead.id for lead in before} <= _listed(run)
    ]
    return rule(findings, reached=bool(later))


def _read_well(run: Run) -> bool:
    return run.succeeded and not run.got_error


def _listed_before(run: Run, evidence: Evidence) -> set[str]:
    return set().union(*map(_listed, evidence.runs[: run.number - 1]))


def _listed(run: Run) -> set[str]:
    pages = distinct_items(call for call in run.calls if call.page is not None)
    return {item.id for items in pages for item in items}


def _is_much(evidence: Evidence, leads: Sequence[LeadSnapshot]) -> bool:
    """Tells whether leads are too many, and lie too far apart, to be an overlap."""
    dates = [date_of(evidence, lead) for lead in leads]
    return len(dates) > _MANY and max(dates) - min(dates) > _OVERLAP


def _loses_nothing_between_runs(evidence: Evidence) -> Ruling:
    findings = loss_findings(evidence, "SYNC-02") + _missed_changes(evidence)
    return rule(findings, reached=_arrived_between(evidence))


def _arrived_between(evidence: Evidence) -> bool:
    pairs = zip(evidence.runs, evidence.runs[1:], strict=False)
    return any(_news(before, run) for before, run in pairs)


def _news(before: Run, run: Run) -> list[LeadSnapshot]:
    """Returns the leads that the later run could find: those that came, or changed, since the earlier one began."""
    return [
        lead
        for id, lead in run.before.items()
        if lead.feeds and (id not in before.before or before.before[id].updated != lead.updated)
    ]


def _missed_changes(evidence: Evidence) -> list[Finding]:
    """Finds leads that changed, in a list that shows changes, and whose change no later call was shown."""
    if evidence.adapter.ordered_by != "updated" or not evidence.last.succeeded or evidence.last.got_error:
        return []
    missed = [
        difference
        for difference in differences(evidence)
        if difference.is_old and not difference.lead.erased and difference.lead.id in evidence.last.before
        if not is_shown(evidence, difference.lead)
    ]
    if not missed:
        return []
    ids = tuple(dict.fromkeys(difference.lead.id for difference in missed))
    return [Finding(f"the change of lead {ids[0]} was never asked for: {missed[0].text}", (), ids, "stale")]


def _finds_late_leads(evidence: Evidence) -> Ruling:
    late = any(
        lead.created < before.began - CLOCKS_DIFFER
        for before, run in zip(evidence.runs, evidence.runs[1:], strict=False)
        for id, lead in run.before.items()
        if lead.feeds and id not in before.after and id not in before.before
    ) or _arrived_late_in_a_run(evidence)
    return rule(loss_findings(evidence, "SYNC-03"), reached=late)


def _arrived_late_in_a_run(evidence: Evidence) -> bool:
    return any(
        lead.created < run.began - CLOCKS_DIFFER
        for run in evidence.runs[:-1]
        for id, lead in run.after.items()
        if lead.feeds and id not in run.before
    )


def _survives_skew(evidence: Evidence) -> Ruling:
    return rule(loss_findings(evidence, "SYNC-04"), reached=bool(evidence.skew) and _arrived_between(evidence))


def _takes_over_changes(evidence: Evidence) -> Ruling:
    """Finds leads that are held as they once were, though they were shown as they are now."""
    stale = [
        difference
        for difference in differences(evidence)
        if difference.is_old and not difference.lead.erased and is_shown(evidence, difference.lead)
    ]
    findings = [Finding(difference.text, (), (difference.lead.id,), "stale") for difference in stale[:5]]
    changed = any(
        len(versions(evidence, id)) > 1 and is_shown(evidence, lead) and not lead.erased
        for id, lead in evidence.last.after.items()
        if lead.feeds
    )
    return rule(findings, reached=changed, observable=evidence.has_outcome)


def _links_repetitions(evidence: Evidence) -> Ruling:
    children = {
        item.id: item.parent
        for run in evidence.runs
        for item in run.shown_leads.values()
        if item.parent is not None and any(item.parent in other.shown_leads for other in evidence.runs)
    }
    held = {line.id: line for line in evidence.last.outcome or ()}
    both = sorted(id for id, parent in children.items() if id in held and parent in held)
    # A client that says nothing of parents may have linked them all the same.
    unlinked = [id for id in both if held[id].parent == ""]
    unknown = any(held[id].parent is None for id in both)
    findings = []
    if unlinked:
        text = f"lead {unlinked[0]} repeats lead {children[unlinked[0]]}, and both are held without a link between them"
        more = f", as are {len(unlinked) - 1} more such pairs" if len(unlinked) > 1 else ""
        findings = [Finding(text + more, (), tuple(unlinked[:200]), "duplicated")]
    return rule(findings, reached=bool(children), observable=evidence.has_outcome and not unknown)


def _keeps_both(evidence: Evidence) -> Ruling:
    seen = shown_ids(evidence)
    pairs = [id for id, others in twins(evidence).items() if id in seen and others & seen]
    return rule(loss_findings(evidence, KEEPS_BOTH), reached=bool(pairs), observable=evidence.has_outcome)


def _asks_up_to_now(evidence: Evidence) -> Ruling:
    requests = [
        call
        for run in evidence.runs
        if run.succeeded and not run.got_error
        for call in run.calls
        if call.page_request is not None
    ]
    findings: list[Finding] = []
    for run in evidence.runs:
        of_run = [call for call in requests if call.run == run.number and call.page_request is not None]
        ends = [
            inf if call.page_request is None or call.page_request.until is None else call.page_request.until
            for call in of_run
        ]
        if of_run and max(ends) < run.client_now - _LAG:
            text = (
                f"run {run.number} asked up to {run.client_now - max(ends):,.0f} seconds before the moment it was told"
            )
            findings.append(Finding(text, tuple(call.entry.id for call in of_run)[-2:]))
    return rule(findings, reached=bool(requests))


JUDGES: Judges = {
    "SYNC-01": _asks_for_what_is_new,
    "SYNC-02": _loses_nothing_between_runs,
    "SYNC-03": _finds_late_leads,
    "SYNC-04": _survives_skew,
    "SYNC-05": _takes_over_changes,
    "SYNC-06": _links_repetitions,
    "SYNC-07": _asks_up_to_now,
    KEEPS_BOTH: _keeps_both,
}
