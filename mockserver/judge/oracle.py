"""What a correct client must hold at the end of a drill, and for each lead that is missing, why it is.

Everything here follows from what the provider had, run by run, and from the calls: which leads were there to be seen,
which were shown, and which question would have brought the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from mockserver.judge import pagination_overrun
from mockserver.judge.calls import Crawl, JudgedCall
from mockserver.judge.evidence import Evidence, LeadSnapshot, Run
from mockserver.provider_api.judge_adapter import Contact
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets

CLOCKS_DIFFER = 330.0
"""Seconds: a lead that is dated earlier than that before the last look came late; else clocks explain it."""
_A_SECOND_OR_TWO = 2.0
"""What a client is late by that does not ask for the second of the newest lead again; clocks have no part in it."""
_LONG = 2_000
"""Characters from which a text is long."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A lead that the client must hold, and does not."""

    lead: LeadSnapshot
    obligation: str
    """The one that was broken when it was lost."""
    text: str
    """How it was lost, in half a sentence."""
    entries: tuple[int, ...] = ()


@lru_cache(maxsize=8)
def losses(evidence: Evidence) -> tuple[Loss, ...]:
    """Every loss, by what brought it about. None when the last run failed: what it lacks the next one may bring."""
    if not evidence.runs or not evidence.last.succeeded:
        return ()
    wanted = expected(evidence)
    have = held_ids(evidence) if evidence.has_outcome else shown_ids(evidence)
    missing = [lead for id, lead in wanted.items() if id not in have]
    return tuple(loss for loss in (_explain(evidence, lead, missing) for lead in missing) if loss is not None)


def lost(evidence: Evidence, obligation: str) -> list[Loss]:
    """The losses that one obligation answers for."""
    return [loss for loss in losses(evidence) if loss.obligation == obligation]


def held_ids(evidence: Evidence) -> frozenset[str]:
    """The leads of the last outcome."""
    return frozenset(line.id for line in evidence.last.outcome or ())


def shown_ids(evidence: Evidence) -> frozenset[str]:
    """Every lead that the client was shown: by its calls, or by a webhook that it took."""
    delivered = {attempt.lead for attempt in evidence.attempts if attempt.succeeded}
    return frozenset(delivered.union(*(run.shown_leads for run in evidence.runs)))


def expected(evidence: Evidence) -> dict[str, LeadSnapshot]:
    """What the client must hold: all that was there before its last run and still is, within what it asks for.

    Its own choice of lists, of how far back to begin, and of up to when to look, is its own. Repetitions of another
    lead and erased people need not be held.
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


def date_of(evidence: Evidence, lead: LeadSnapshot) -> float:
    """The moment of a lead that the bounds of lists are about."""
    return lead.updated if evidence.adapter.ordered_by == "updated" else lead.created


def versions(evidence: Evidence, id: str) -> list[LeadSnapshot]:
    """A lead as it was, in order, each form once."""
    found: list[LeadSnapshot] = []
    for snapshot in snapshots(evidence):
        lead = snapshot.get(id)
        if lead is not None and (not found or found[-1].contact != lead.contact):
            found.append(lead)
    return found


def snapshots(evidence: Evidence) -> Iterator[Mapping[str, LeadSnapshot]]:
    """What the provider had, in order."""
    for run in evidence.runs:
        yield run.before
        yield run.after


def is_odd(contact: Contact) -> bool:
    """Whether a text of it is long, or has characters that a careless program stumbles over."""
    texts = (contact.name, contact.message, contact.email)
    return any(len(text) > _LONG for text in texts) or any(_is_odd(char) for text in texts for char in text)


def _is_odd(char: str) -> bool:
    if char in "\"'<>&\\\x7f\t":
        return True
    return ord(char) > 0x2FFF or (0x2000 <= ord(char) <= 0x206F and char not in "‘’“”…–—\u202f")


_LACKS: tuple[Callable[[Contact], bool], ...] = (
    lambda contact: not contact.email,
    lambda contact: not contact.phones,
    lambda contact: not contact.name,
    lambda contact: not contact.message,
)


def is_bare(contact: Contact) -> bool:
    """Whether a member of it that most have is empty."""
    return any(lacks(contact) for lacks in _LACKS)


def crashed(evidence: Evidence) -> list[tuple[Run, str]]:
    """The runs that failed although every answer was good, each with the obligation that answers for it."""
    return [(run, _blame(evidence, run)) for run in evidence.runs if not run.succeeded and is_content(run)]


def is_content(run: Run) -> bool:
    """Whether a client has no reason to be anything but content with how its calls were answered."""
    return bool(run.calls) and not run.got_error


def _blame(evidence: Evidence, run: Run) -> str:
    if run.ending == "timeout" and pagination_overrun.overruns(evidence.adapter, run):
        return "PAGE-07"
    kinds = {call.fault for call in run.calls}
    pages = [call.page for call in run.calls if call.page is not None]
    detail = evidence.adapter.detail_operation
    if any(call.entry.operation == detail and call.entry.status == 404 for call in run.calls):
        return "TOLERANCE-06"
    if run.shown_leads and run.outcome is not None and run.shown_leads.keys() <= {line.id for line in run.outcome}:
        return "RUN-02"  # it did all that it had to, so nothing that it was shown made it fail
    for kind, obligation in _strange_kinds().items():
        if kind in kinds:
            return obligation
    if pages and not any(page.items for page in pages):
        return "PAGE-06"
    contacts = [item.contact for item in run.shown_leads.values()]
    only_odd = "TOLERANCE-04" in evidence.aims and "TOLERANCE-03" not in evidence.aims
    if only_odd and any(map(is_odd, contacts)):
        return "TOLERANCE-04"
    return "TOLERANCE-03" if any(map(is_bare, contacts)) else "RUN-02"


def _strange_kinds() -> dict[str, str]:
    """Returns the kinds of faults that make an answer strange, each with the obligation to take it all the same."""
    strange = (kind for kind in FAULT_KINDS.values() if kind.meets is ClientMeets.STRANGE)
    return {kind.name: kind.tests for kind in strange if kind.tests is not None}


def _bounds(evidence: Evidence) -> dict[str, tuple[float, float]]:
    """By list, the earliest moment that the client ever asked for, and the latest of the last run that asked."""
    found: dict[str, tuple[float, float]] = {}
    for run in evidence.runs:
        for feed in {crawl.feed for crawl in run.crawls}:
            crawls = [crawl for crawl in run.crawls if crawl.feed == feed]
            first = min(-inf if crawl.since is None else crawl.since for crawl in crawls)
            last = max(inf if crawl.until is None else crawl.until for crawl in crawls)
            found[feed] = (min(first, found[feed][0]) if feed in found else first, last)
    if not evidence.last.got_error:
        asked = {crawl.feed for crawl in evidence.last.crawls}
        # Who had every reason to be content, and did not ask for a list again, has missed all that is new in it.
        found.update({feed: (first, inf) for feed, (first, _) in found.items() if feed not in asked})
    return found


def _explain(evidence: Evidence, lead: LeadSnapshot, missing: list[LeadSnapshot]) -> Loss | None:
    if (loss := _thrown_away(evidence, lead)) is not None:
        return loss
    calls = [call for call in evidence.calls if any(item.id == lead.id for item in call.items)]
    if calls:
        return _dropped(evidence, lead, calls[-1], missing)
    if any(attempt.lead == lead.id and attempt.succeeded for attempt in evidence.attempts):
        return None  # it came by webhook; those obligations say what became of it
    return _never_shown(evidence, lead)


def _thrown_away(evidence: Evidence, lead: LeadSnapshot) -> Loss | None:
    """It was held once, and is not any more."""
    for before, run in zip(evidence.runs, evidence.runs[1:], strict=False):
        there = any(line.id == lead.id for line in before.outcome or ())
        if there and run.outcome is not None and all(line.id != lead.id for line in run.outcome):
            text = f"it was held after run {before.number} and not after run {run.number}"
            failed = tuple(call.entry.id for call in run.calls if call.got_error)[:3]
            return Loss(lead, "FAULT-08" if run.got_error else "RUN-03", text, failed)
    return None


def _dropped(evidence: Evidence, lead: LeadSnapshot, call: JudgedCall, missing: list[LeadSnapshot]) -> Loss | None:
    """It was shown, and is not held."""
    run = evidence.run(call.run)
    text, entries = f"run {run.number} was shown it and it is not held", (call.entry.id,)
    if not run.succeeded:
        if is_content(run):
            return None  # the run ended for no good reason, and that is what is told
        return Loss(lead, "FAULT-07", f"{text}: that run failed, and no later one asked for it again", entries)
    if _tells_apart(is_odd, evidence, missing):
        return Loss(lead, "TOLERANCE-04", f"{text}; only those with long or odd text are missing", entries)
    if any(_tells_apart(lacks, evidence, missing) for lacks in _LACKS):
        return Loss(lead, "TOLERANCE-03", f"{text}; only those that lack an optional member are missing", entries)
    tolerance = _strange_kinds().get(call.fault or "")
    if tolerance is not None and not {item.id for item in call.items} & held_ids(evidence):
        return Loss(lead, tolerance, f"{text}, nor is any other lead of that answer", entries)
    return Loss(lead, "RUN-03", text, entries)


def _tells_apart(has: Callable[[Contact], bool], evidence: Evidence, missing: list[LeadSnapshot]) -> bool:
    """Whether what all missing leads have is what no lead that is held has, so that it must be why."""
    have = held_ids(evidence)
    kept = [lead for id, lead in expected(evidence).items() if id in have]
    return bool(kept) and all(has(lead.contact) for lead in missing) and not any(has(lead.contact) for lead in kept)


def _never_shown(evidence: Evidence, lead: LeadSnapshot) -> Loss | None:
    """No answer had it. The first run that could have been shown it, and each one after that, had a chance."""
    runs = [run for run in evidence.runs if lead.id in run.before]
    if not runs:
        return None
    chances = [
        (run, [crawl for crawl in run.crawls if _could_show(evidence, crawl, run.before[lead.id])]) for run in runs
    ]
    last_chance = max((run.number for run, asked in chances if asked), default=0)
    for run, asked in chances:
        for crawl in asked:
            if (loss := _in_crawl(evidence, lead, run, crawl)) is not None:
                return loss
        if run.number == last_chance and any(_is_broken(crawl) for crawl in asked):
            # Whoever took that for an answer is told so; who said that it failed owes the lead in a later run.
            return None if run.succeeded else _after_failure(lead, run, asked)
    if not evidence.adapter.uses_offsets and any(crawl.complete for _, asked in chances for crawl in asked):
        return None  # it went past the lead by a cursor that it made up, and that is what is told
    return _not_asked(evidence, lead, runs)


def _could_show(evidence: Evidence, crawl: Crawl, lead: LeadSnapshot) -> bool:
    date = date_of(evidence, lead)
    first, last = crawl.since, crawl.until
    return crawl.feed in lead.feeds and (first is None or first <= date) and (last is None or date <= last)


def _in_crawl(evidence: Evidence, lead: LeadSnapshot, run: Run, crawl: Crawl) -> Loss | None:
    """How a crawl whose bounds include the lead missed it; None when a failure explains it."""
    if _is_broken(crawl):
        return None
    page = crawl.last_page
    if page is None or page.page is None:
        return None
    if not crawl.complete:
        count = sum(len(call.items) for call in crawl.pages)
        text = f"run {run.number} stopped in the {crawl.feed} after {count} leads, though more followed"
        left = pagination_overrun.left_at_gone(evidence.adapter, run, crawl)
        return Loss(lead, "TOLERANCE-06" if left else "PAGE-01", text, (page.entry.id,))
    if evidence.adapter.uses_offsets:
        text = f"the {crawl.feed} shifted while run {run.number} read them, and it slipped from one page to another"
        return Loss(lead, "PAGE-04", text, tuple(call.entry.id for call in crawl.pages)[:4])
    return None


def _is_broken(crawl: Crawl) -> bool:
    """Whether a page of it was never got whole."""
    whole = {call.page_request.place for call in crawl.pages if call.page is not None and call.page_request is not None}
    return any(
        call.page_request is not None and call.page_request.place not in whole for call in crawl.pages if call.failed
    )


def _after_failure(lead: LeadSnapshot, run: Run, asked: Iterable[Crawl]) -> Loss:
    failed = tuple(call.entry.id for crawl in asked for call in crawl.pages if call.failed)
    text = f"its page failed in run {run.number}, and no later run asked for it again"
    return Loss(lead, "FAULT-07", text, failed[:3])


def _not_asked(evidence: Evidence, lead: LeadSnapshot, runs: list[Run]) -> Loss | None:
    """No crawl had bounds that include it."""
    feeds = runs[-1].before[lead.id].feeds | lead.feeds
    crawls = [crawl for run in runs for crawl in run.crawls if crawl.feed in feeds]
    if not crawls:
        if any(run.got_error for run in runs):
            return None
        return Loss(lead, "SYNC-02", f"run {runs[-1].number} did not ask for its list again")
    date = date_of(evidence, runs[0].before[lead.id])
    failed = next((run for run in runs[:-1] if run.got_error and not run.succeeded), None)
    if failed is not None:
        entries = tuple(call.entry.id for call in failed.calls if call.got_error)[:3]
        text = f"run {failed.number} failed before it came to it, and no later run asked for it"
        return Loss(lead, "FAULT-07", text, entries)
    first = min(-inf if crawl.since is None else crawl.since for crawl in crawls)
    entries = (crawls[0].pages[0].entry.id,)
    if first <= date:
        return Loss(lead, "PAGE-09", "it is dated between two periods that were asked for", entries)
    text = f"it is dated {first - date:,.0f} seconds before the first moment that run {runs[0].number} asked for"
    previous = evidence.runs[runs[0].number - 2] if runs[0].number > 1 else None
    if evidence.skew and first - date > _A_SECOND_OR_TWO:
        return Loss(lead, "SYNC-04", text, entries)
    if previous is not None and date < previous.began - CLOCKS_DIFFER:
        return Loss(lead, "SYNC-03", f"{text}; it arrived later than it is dated", entries)
    return Loss(lead, "SYNC-02", text, entries)
