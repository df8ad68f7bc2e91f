"""Derives what a correct client must hold at the end of a drill from what the provider had and what was asked for."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import inf

from mockserver.judge.evidence import Evidence, LeadSnapshot

CLOCKS_DIFFER = 330.0
"""Seconds: a lead that is dated earlier than that before the last look came late; else clocks explain it."""


def held_ids(evidence: Evidence) -> frozenset[str]:
    """Returns the leads of the last outcome."""
    return evidence.last.held_ids


def shown_ids(evidence: Evidence) -> frozenset[str]:
    """Returns every lead that the client was shown: by its calls, or by a webhook that it took."""
    return frozenset(evidence.delivered).union(*(run.shown_leads for run in evidence.runs))


@lru_cache(maxsize=8)
def expected(evidence: Evidence) -> dict[str, LeadSnapshot]:
    """Returns the leads that the client must hold: all that were there before its last run and still are.

    The client chooses the lists, how far back it begins, and up to when it looks. Repetitions of another lead and
    erased people need not be held.
    """
    last, bounds = evidence.last, _bounds(evidence)
    return {
        id: lead
        for id, lead in last.after.items()
        if id in last.before
        and not lead.erased
        and lead.parent is None
        and any(bounds[feed][0] <= date_of(evidence, lead) <= bounds[feed][1] for feed in lead.feeds if feed in bounds)
    }


@lru_cache(maxsize=8)
def twins(evidence: Evidence) -> Mapping[str, frozenset[str]]:
    """Returns, by lead, those that are the same enquiry by another portal: the same person asked the same."""
    leads = evidence.last.after
    groups: dict[int, set[str]] = {lead.repeats: set() for lead in leads.values() if lead.repeats is not None}
    for id, lead in leads.items():
        if (first := lead.enquiry if lead.repeats is None else lead.repeats) in groups:
            groups[first].add(id)
    return {id: frozenset(group - {id}) for group in groups.values() if len(group) > 1 for id in group}


def date_of(evidence: Evidence, lead: LeadSnapshot) -> float:
    """Returns the moment of a lead that the bounds of lists are about."""
    return lead.updated if evidence.adapter.ordered_by == "updated" else lead.created


def versions(evidence: Evidence, id: str) -> list[LeadSnapshot]:
    """Returns the forms that a lead had, in order."""
    forms: list[LeadSnapshot] = []
    for snapshot in snapshots(evidence):
        lead = snapshot.get(id)
        if lead is not None and (not forms or forms[-1].contact != lead.contact):
            forms.append(lead)
    return forms


def snapshots(evidence: Evidence) -> Iterator[Mapping[str, LeadSnapshot]]:
    """Yields the leads that the provider had, in order."""
    for run in evidence.runs:
        yield run.before
        yield run.after


def _bounds(evidence: Evidence) -> dict[str, tuple[float, float]]:
    """Returns, by list, the earliest moment that was ever asked for, and the latest of the last run that asked."""
    bounds: dict[str, tuple[float, float]] = {}
    for run in evidence.runs:
        for feed, crawls in run.index.crawls_by_feed.items():
            first = run.index.earliest[feed]
            last = max(inf if crawl.until is None else crawl.until for crawl in crawls)
            bounds[feed] = (min(first, bounds[feed][0]) if feed in bounds else first, last)
    if not evidence.last.got_error:
        last_feeds = evidence.last.index.crawls_by_feed.keys()
        # A client without any error that did not ask for a list again has missed all that is new in it.
        bounds.update({feed: (first, inf) for feed, (first, _) in bounds.items() if feed not in last_feeds})
    return bounds
