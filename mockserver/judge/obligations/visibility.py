"""Judges whether a client asks where its leads lie: in the period and in the lists in which there are any."""

from math import inf

from mockserver.judge.calls import JudgedCall
from mockserver.judge.crashes import is_content
from mockserver.judge.evidence import Evidence, LeadSnapshot, Run
from mockserver.judge.moments import MILLISECONDS, milliseconds_text, moment_text
from mockserver.judge.obligations.refusals import refused_everywhere
from mockserver.judge.oracle import CLOCKS_DIFFER, date_of, shown_ids, snapshots
from mockserver.judge.rulings import HELD, NOT_REACHED, Finding, Judges, Ruling, broken, rule
from mockserver.judge.windows import FirstWindows

_MAX_CALLS = 3


def _asks_where_leads_lie(evidence: Evidence) -> Ruling:
    """Judges by one lead that was shown. A client that begins with what is new may be shown none in a single drill."""
    of_client = {id for snapshot in snapshots(evidence) for id, lead in snapshot.items() if lead.lists}
    if of_client & shown_ids(evidence):
        return HELD
    for run in evidence.runs:
        leads = _leads_to_see(run)
        cause = _cause(evidence, run, leads) if leads and _had_its_chance(evidence, run) else None
        if cause is not None:
            text = f"run {run.number} was shown none of {_count(leads)} that there were: {cause[0]}"
            return broken(Finding(text, tuple(call.entry.id for call in cause[1][:_MAX_CALLS])))
    return NOT_REACHED


def _leads_to_see(run: Run) -> list[LeadSnapshot]:
    """Returns the leads that the lists of the client's agency had from the beginning of a run to its end."""
    return [lead for id, lead in run.after.items() if lead.lists and id in run.before and run.before[id].lists]


def _count(leads: list[LeadSnapshot]) -> str:
    return "the 1 lead" if len(leads) == 1 else f"the {len(leads):,} leads"


def _had_its_chance(evidence: Evidence, run: Run) -> bool:
    """Tells whether nothing that befell the run explains that it was shown no lead, nor that it failed on the way."""
    if not run.calls or evidence.credentials_changed or run.ending == "timeout":
        return False
    if not run.succeeded and is_content(run):
        return False
    disturbed = any(call.fault or call.entry.status in (0, 429) or call.entry.status >= 500 for call in run.calls)
    return not disturbed


def _cause(evidence: Evidence, run: Run, leads: list[LeadSnapshot]) -> tuple[str, list[JudgedCall]] | None:
    """Returns the likely cause with the calls that show it; None when another obligation is about it."""
    pages = [call for call in run.calls if call.page is not None]
    if not pages:
        return refused_everywhere(evidence, run, sorted({name for lead in leads for name in lead.lists}))
    feeds = {call.page_request.feed for call in pages if call.page_request is not None}
    if not any(lead.lists & feeds or lead.feeds & feeds for lead in leads):
        return f"it asked for {_and(sorted(feeds))} alone; they are in {_and(_lists(leads))}", pages
    listed = [lead for lead in leads if (lead.lists | lead.feeds) & feeds]
    return _wrong_period(evidence, run, pages, [date_of(evidence, lead) for lead in listed])


def _wrong_period(
    evidence: Evidence, run: Run, pages: list[JudgedCall], dates: list[float]
) -> tuple[str, list[JudgedCall]] | None:
    periods = dict.fromkeys(map(_period, pages))
    first, last = min(first for first, _ in periods), max(last for _, last in periods)
    windows = FirstWindows(periods)
    if any(windows.at(date) is not None for date in dates):
        return None  # a page was left, or came too late: losses say so
    if MILLISECONDS <= first < inf:
        text = f"it {milliseconds_text(first)}"
    elif first > run.client_now + CLOCKS_DIFFER:
        text = f"it asked from {_moment(first)} on, and the present is {_moment(run.client_now)}"
    elif last < min(dates):
        text = f"it asked up to {_moment(last)}, and the first of them is of {_moment(min(dates))}"
    elif last >= run.client_now - CLOCKS_DIFFER and max(dates) < first:
        return None  # it begins with what is new
    else:
        text = f"none of them is dated in a period that it asked for, from {_moment(first)} to {_moment(last)}"
    return text, pages


def _period(call: JudgedCall) -> tuple[float, float]:
    request = call.page_request
    assert request is not None
    return -inf if request.since is None else request.since, inf if request.until is None else request.until


def _moment(second: float) -> str:
    if abs(second) == inf:
        return "the beginning" if second < 0 else "the end"
    return moment_text(second)


def _lists(leads: list[LeadSnapshot]) -> list[str]:
    counts: dict[str, int] = {}
    for lead in leads:
        for name in lead.lists:
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def _and(names: list[str]) -> str:
    """Returns names as in a sentence."""
    return "the " + (f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0])


def _asks_for_every_list(evidence: Evidence) -> Ruling:
    """Judges a client of the list that looks like all leads, or of several; one of one category has chosen it."""
    operation = evidence.adapter.partial_list
    pages = [call for call in evidence.calls if call.page is not None and call.page_request is not None]
    feeds = {call.page_request.feed for call in pages if call.page_request is not None}
    partial = [call for call in pages if operation is not None and call.entry.operation == operation]
    of_all = operation is not None and (bool(partial) or len(feeds) > 1)
    leads, seen = _leads_to_see(evidence.last), shown_ids(evidence)
    missed = [lead for lead in leads if not (lead.feeds | lead.lists) & feeds and lead.id not in seen]
    names = {name for lead in leads for name in lead.lists}
    findings = []
    if of_all and missed and evidence.last.succeeded and not evidence.last.got_error:
        share = f"{len(missed):,} of {len(leads):,} leads"
        text = f"it asked for {_and(sorted(feeds))} alone; {share} are in {_and(_lists(missed))}"
        findings.append(Finding(text, tuple(call.entry.id for call in (partial or pages)[:_MAX_CALLS])))
    return rule(findings, reached=operation is not None and bool(names) and (of_all or names <= feeds))


JUDGES: Judges = {"RUN-05": _asks_where_leads_lie, "PAGE-11": _asks_for_every_list}
