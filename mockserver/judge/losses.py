"""Finds the leads that a client must hold and does not, and explains how each was lost."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from itertools import islice

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.calls import Crawl, JudgedCall
from mockserver.judge.compressed import DECODES, is_compressed
from mockserver.judge.contact_traits import LACKS, is_odd
from mockserver.judge.crashes import is_content
from mockserver.judge.cut_short import is_cut_short, is_owed
from mockserver.judge.evidence import Evidence, LeadSnapshot, Run
from mockserver.judge.gaps import gap_at
from mockserver.judge.moments import MILLISECONDS, milliseconds_text
from mockserver.judge.oracle import CLOCKS_DIFFER, date_of, expected, held_ids, shown_ids, twins
from mockserver.judge.pagination_overrun import left_at_gone
from mockserver.provider_api.judge_adapter import Contact
from mockserver.sandbox.faults import strange_kinds

KEEPS_BOTH = "SYNC-08"
"""The obligation to keep both leads of somebody who asked by two portals."""
_BETWEEN = "it is dated between two periods that were asked for"
_SMALL_GAP = 2.0
"""Seconds: a client that does not ask for the second of the newest lead again is late by this; clocks have no part."""


_ONLY = {
    "TOLERANCE-04": "only those with long or odd text are missing",
    "TOLERANCE-03": "only those that lack an optional member are missing",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """A lead that the client must hold, and does not."""

    lead: LeadSnapshot
    obligation: str
    """The one that was broken when it was lost."""
    text: str
    """The way in which it was lost, in half a sentence."""
    entries: tuple[int, ...] = ()


@lru_cache(maxsize=8)
def losses(evidence: Evidence) -> tuple[Loss, ...]:
    """Returns every loss with its explanation; none when the last run failed, since the next one may bring the lead."""
    if not evidence.runs or not evidence.last.succeeded:
        return ()
    have = held_ids(evidence) if evidence.has_outcome else shown_ids(evidence)
    if have and have.isdisjoint(evidence.other_ids.union(shown_ids(evidence), evidence.last.after)):
        return ()  # the finding is that it holds nothing that the provider ever had
    linked = _linked(evidence, have)
    missing = [lead for id, lead in expected(evidence).items() if id not in have and id not in linked]
    if missing and _are_merged(evidence, missing):
        return tuple(_merged(evidence, lead) for lead in missing)
    trait = _shared_trait(evidence, missing)
    return tuple(loss for loss in (_explain(evidence, lead, trait) for lead in missing) if loss is not None)


def _linked(evidence: Evidence, have: frozenset[str]) -> frozenset[str]:
    """Returns the leads that were shown, and in whose place a repetition is held which names them as its parent."""
    parents = {lead.parent for id, lead in evidence.last.after.items() if id in have and lead.parent is not None}
    return shown_ids(evidence) & parents


def lost(evidence: Evidence, obligation: str) -> list[Loss]:
    """Returns the losses that one obligation answers for."""
    return [loss for loss in losses(evidence) if loss.obligation == obligation]


def _explain(evidence: Evidence, lead: LeadSnapshot, trait: str) -> Loss | None:
    if (loss := _thrown_away(evidence, lead)) is not None:
        return loss
    call = evidence.last_showing.get(lead.id)
    if call is not None:
        return _dropped(evidence, lead, call, trait)
    if lead.id in evidence.delivered:
        return _acknowledged(evidence, lead, evidence.delivered[lead.id])
    return _never_shown(evidence, lead)


def _are_merged(evidence: Evidence, missing: list[LeadSnapshot]) -> bool:
    """Tells whether the client was shown every missing lead, and holds the same enquiry by another portal instead."""
    held, seen = held_ids(evidence), shown_ids(evidence)
    return all(lead.id in seen and twins(evidence).get(lead.id, frozenset()) & held for lead in missing)


def _merged(evidence: Evidence, lead: LeadSnapshot) -> Loss:
    twin = min(twins(evidence)[lead.id] & held_ids(evidence))
    call = evidence.last_showing.get(lead.id)
    text = f"it was shown and is not held, while lead {twin} is, by which the same person asked the same"
    return Loss(lead, KEEPS_BOTH, text, () if call is None else (call.entry.id,))


def _acknowledged(evidence: Evidence, lead: LeadSnapshot, run: int) -> Loss | None:
    """Explains a lead whose webhook was taken. Within the same run other obligations say what became of it."""
    if run == evidence.last.number or not evidence.has_outcome:
        return None
    text = f"its webhook was answered with 2xx in run {run}, and no later run asked for it"
    return Loss(lead, "RUN-03", text)


def _thrown_away(evidence: Evidence, lead: LeadSnapshot) -> Loss | None:
    """Explains a lead that was held once and is not any more."""
    for before, run in zip(evidence.runs, evidence.runs[1:], strict=False):
        if lead.id in before.held_ids and run.outcome is not None and lead.id not in run.held_ids:
            text = f"it was held after run {before.number} and not after run {run.number}"
            failed = tuple(islice((call.entry.id for call in run.calls if call.got_error), 3))
            return Loss(lead, "FAULT-08" if run.got_error else "RUN-03", text, failed)
    return None


def _dropped(evidence: Evidence, lead: LeadSnapshot, call: JudgedCall, trait: str) -> Loss | None:
    """Explains a lead that was shown and is not held."""
    run = evidence.run(call.run)
    text, entries = f"run {run.number} was shown it and it is not held", (call.entry.id,)
    if not run.succeeded:
        if is_content(run):
            return None  # the finding is that the run ended for no good reason
        return Loss(lead, "FAULT-07", f"{text}: that run failed, and no later one asked for it again", entries)
    if trait:
        return Loss(lead, trait, f"{text}; {_ONLY[trait]}", entries)
    tolerance = DECODES if is_compressed(evidence, call) else strange_kinds().get(call.fault or "")
    if tolerance is not None and not {item.id for item in call.items} & held_ids(evidence):
        return Loss(lead, tolerance, f"{text}, nor is any other lead of that answer", entries)
    return Loss(lead, "RUN-03", text, entries)


def _shared_trait(evidence: Evidence, missing: list[LeadSnapshot]) -> str:
    """Returns the obligation about a trait that all missing leads have and no lead that is held has; else empty."""
    if _tells_apart(is_odd, evidence, missing):
        return "TOLERANCE-04"
    return "TOLERANCE-03" if any(_tells_apart(lacks, evidence, missing) for lacks in LACKS) else ""


def _tells_apart(has: Callable[[Contact], bool], evidence: Evidence, missing: list[LeadSnapshot]) -> bool:
    """Tells whether all missing leads have what no lead that is held has, so that it must be the reason."""
    if not all(has(lead.contact) for lead in missing):
        return False
    have = held_ids(evidence)
    present = [lead for id, lead in expected(evidence).items() if id in have]
    return bool(present) and not any(has(lead.contact) for lead in present)


def _never_shown(evidence: Evidence, lead: LeadSnapshot) -> Loss | None:
    """Explains a lead that no answer had. Each run from the first that could have been shown it on had a chance."""
    runs = [run for run in evidence.runs if lead.id in run.before]
    if not runs:
        return None
    if evidence.adapter.uses_offsets and any(_first_crawl(evidence, run, lead, "overfull") for run in runs):
        return None  # an answer of more items than asked for misled a client that counts what it got
    chances = [run for run in runs if _first_crawl(evidence, run, lead, "any") is not None]
    last_chance = max((run.number for run in chances), default=0)
    for run in runs:
        crawl = _first_crawl(evidence, run, lead, "missed")
        if crawl is not None:
            return _in_crawl(evidence, lead, run, crawl)
        broken = _first_crawl(evidence, run, lead, "broken")
        if run.number == last_chance and broken is not None:
            # A client that took that for an answer breaks another obligation; one that failed owes it in a later run.
            owed = not run.succeeded or is_owed(evidence, run, broken)
            return _after_failure(lead, run, broken) if owed else None
    if not evidence.adapter.uses_offsets and any(_first_crawl(evidence, run, lead, "complete") for run in runs):
        return None  # the finding is that it went past the lead by a cursor that it made up
    return _not_asked(evidence, lead, runs)


def _first_crawl(evidence: Evidence, run: Run, lead: LeadSnapshot, sort: str) -> Crawl | None:
    """Returns the first crawl of that sort whose bounds include the lead as it was before the run."""
    then = run.before[lead.id]
    date, sorts = date_of(evidence, then), _sorts(evidence)
    crawls = [run.index.first_crawl_at(feed, date, sort, sorts[sort]) for feed in then.feeds]
    return min((crawl for crawl in crawls if crawl is not None), key=lambda crawl: crawl.first_id, default=None)


def _sorts(evidence: Evidence) -> Mapping[str, Callable[[Crawl], bool]]:
    """Returns the sorts of crawls: those that missed a lead within their bounds for no failure, and others."""
    uses_offsets = evidence.adapter.uses_offsets
    return {
        "any": lambda crawl: True,
        "complete": lambda crawl: crawl.complete,
        "broken": lambda crawl: crawl.is_broken,
        "overfull": lambda crawl: crawl.is_overfull,
        "missed": lambda crawl: (
            not crawl.is_broken and crawl.last_page is not None and (uses_offsets or not crawl.complete)
        ),
    }


def _in_crawl(evidence: Evidence, lead: LeadSnapshot, run: Run, crawl: Crawl) -> Loss:
    """Explains how a crawl without a failure, whose bounds include the lead, missed it."""
    if not crawl.complete:
        count = sum(len(call.items) for call in crawl.pages)
        text = f"run {run.number} stopped in the {crawl.feed} after {count} leads, though more followed"
        left = left_at_gone(evidence.adapter, run, crawl)
        page = crawl.last_page or crawl.pages[-1]
        return Loss(lead, "TOLERANCE-06" if left else "PAGE-01", text, (page.entry.id,))
    text = f"the {crawl.feed} shifted while run {run.number} read them, and it slipped from one page to another"
    return Loss(lead, "PAGE-04", text, tuple(call.entry.id for call in crawl.pages[:4]))


def _after_failure(lead: LeadSnapshot, run: Run, crawl: Crawl) -> Loss:
    text = f"its page failed in run {run.number}, and no later run asked for it again"
    return Loss(lead, "FAULT-07", text, tuple(call.entry.id for call in crawl.failures[:3]))


def _not_asked(evidence: Evidence, lead: LeadSnapshot, runs: list[Run]) -> Loss | None:
    """Explains a lead that the bounds of no crawl include."""
    feeds = runs[-1].before[lead.id].feeds | lead.feeds
    asking = [(run, run.index.crawls_by_feed.keys() & feeds) for run in runs]
    lists = [(run, feed) for run, of_run in asking for feed in of_run]
    if not lists:
        if any(run.got_error for run in runs):
            return None
        return Loss(lead, "SYNC-02", f"run {runs[-1].number} did not ask for its list again")
    date = date_of(evidence, runs[0].before[lead.id])
    gap = gap_at(evidence, feeds, date)
    if gap is not None:
        return Loss(lead, "PAGE-09", _BETWEEN, (gap.before.pages[0].entry.id, gap.after.pages[0].entry.id))
    failed = next((run for run in runs if _failed_before(run, feeds, date)), None)
    if failed is not None:
        if failed is evidence.last:
            return None  # the next run may ask for it
        entries = tuple(islice((call.entry.id for call in failed.calls if call.got_error), 3))
        text = f"run {failed.number} failed before it came to it, and no later run asked for it"
        return Loss(lead, "FAULT-07", text, entries)
    return _at_no_failure(evidence, lead, runs, lists, date)


def _failed_before(run: Run, feeds: Collection[str], date: float) -> bool:
    """Tells whether a run met a failure before it came to a moment of these lists."""
    return run.got_error and (not run.succeeded or is_cut_short(run, feeds, date))


def _at_no_failure(
    evidence: Evidence, lead: LeadSnapshot, runs: list[Run], lists: list[tuple[Run, str]], date: float
) -> Loss:
    """Explains a lead that the bounds of no crawl include, by those bounds alone."""
    feeds = runs[-1].before[lead.id].feeds | lead.feeds
    first = min(run.index.earliest[feed] for run, feed in lists)
    entries = (min(run.index.crawls_by_feed[feed][0].first_id for run, feed in lists),)
    if first <= date:
        earlier = [run.index.latest for run in evidence.runs if run.number < runs[0].number]
        ends = [latest[feed] for latest in earlier for feed in latest.keys() & feeds]
        is_news = bool(ends) and max(ends) < date  # an older period that is read again has nothing to do with it
        return Loss(lead, "SYNC-02" if is_news else "PAGE-09", _BETWEEN, entries)
    if first >= MILLISECONDS:
        return Loss(lead, "SYNC-02", f"run {runs[0].number} {milliseconds_text(first)}", entries)
    text = f"it is dated {first - date:,.0f} seconds before the first moment that run {runs[0].number} asked for"
    previous = evidence.runs[runs[0].number - 2] if runs[0].number > 1 else None
    if evidence.skew and first - date > _SMALL_GAP:
        return Loss(lead, "SYNC-04", text, entries)
    if previous is not None and date < previous.began - CLOCKS_DIFFER:
        return Loss(lead, "SYNC-03", f"{text}; it arrived later than it is dated", entries)
    return Loss(lead, "SYNC-02", text, entries)
