"""Judges runs as a whole, and whether a client holds every lead that it must: the findings of the oracle."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeAlias

from mockserver.judge.calls import JudgedCall, distinct_items
from mockserver.judge.crashes import crashed, failed_at_nothing, is_content
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.last_words import how_it_ended
from mockserver.judge.losses import Loss, lost
from mockserver.judge.oracle import held_ids, shown_ids, snapshots
from mockserver.judge.rulings import Finding, Judge, Judges, Ruling, rule

_OF_ONE = re.compile(r"\bits?\b")
_MAX_LEADS = 200
"""Leads that a finding names."""
EMPTY = "empty"
"""The kind of a finding that says that a run failed at a 404 that stands for an empty list."""
Reached: TypeAlias = Callable[[Evidence], bool]


def _calls_the_provider(evidence: Evidence) -> Ruling:
    silent = [run for run in evidence.runs if not run.calls]
    texts = [f"run {run.number} made no call of {evidence.provider}; {how_it_ended(run)}" for run in silent]
    return rule([Finding(text) for text in texts], reached=True)


def _ends_well(evidence: Evidence) -> Ruling:
    return rule(
        crash_findings(evidence, "RUN-02"), reached=any(is_content(run) and run.succeeded for run in evidence.runs)
    )


def crash_findings(evidence: Evidence, obligation: str, cause: str = "") -> list[Finding]:
    """Returns the runs that failed although nothing went wrong on the wire, if this obligation answers for them.

    `cause` says what else there is to know of the answers.
    """
    runs = [run for run, blamed in crashed(evidence) if blamed == obligation]
    return [
        Finding(
            f"run {run.number} failed though every call was answered well{cause and ' '}{cause}; {how_it_ended(run)}",
            tuple(call.entry.id for call in run.calls[-2:]),
            kind="crash",
        )
        for run in runs
    ]


def loss_findings(evidence: Evidence, obligation: str) -> list[Finding]:
    """Returns the leads that were lost against this obligation: a finding for each way in which that came about."""
    ways: dict[str, list[Loss]] = {}
    for loss in lost(evidence, obligation):
        ways.setdefault(loss.text, []).append(loss)
    many = len(ways) > 5
    grouped = [(_lead_in(text, group), group) for text, group in ways.items()]
    if many:
        everything = [loss for _, group in grouped for loss in group]
        grouped = [(f"{len(everything)} leads were lost; of the first, {everything[0].text}", everything)]
    return [
        Finding(text, group[0].entries, tuple(loss.lead.id for loss in group)[:_MAX_LEADS], "lost")
        for text, group in grouped
    ]


def _lead_in(text: str, group: list[Loss]) -> str:
    if len(group) == 1:
        return f"lead {group[0].lead.id} was lost: {text}"
    alike = ", each like this" if _OF_ONE.search(text) else ""
    return f"{len(group)} leads were lost{alike}: {text}"


def _keeps_what_it_was_shown(evidence: Evidence) -> Ruling:
    unreadable = [Finding(f"run {run.number}: {run.unreadable}") for run in evidence.runs if run.unreadable]
    return rule(
        unreadable + loss_findings(evidence, "RUN-03"),
        reached=any(run.shown_leads for run in evidence.runs),
        observable=evidence.has_outcome,
    )


def _invents_nothing(evidence: Evidence) -> Ruling:
    known_ids = shown_ids(evidence).union(*snapshots(evidence)) | evidence.other_ids
    strange = sorted(held_ids(evidence) - known_ids)
    text = f"the outcome has {_count(strange, 'lead')} that the provider never had"
    findings = [Finding(text, (), tuple(strange[:_MAX_LEADS]))] if strange else []
    reached = bool(held_ids(evidence)) or not evidence.has_outcome
    return rule(findings, reached=reached, observable=evidence.has_outcome)


def _holds_once(evidence: Evidence) -> Ruling:
    often = _shown_often(evidence) | _repeated_on_a_page(evidence)
    by_webhook = Counter(attempt.lead for attempt in evidence.attempts)
    doubles = {
        line: count
        for line, count in Counter(line.id for line in evidence.last.outcome or ()).items()
        if count > 1 and not by_webhook[line] > 1
    }
    text = f"the outcome has {_count(doubles, 'lead')} more than once"
    findings = [Finding(text, (), tuple(sorted(doubles)[:_MAX_LEADS]), "duplicated")] if doubles else []
    return rule(findings, reached=bool(often), observable=evidence.has_outcome)


def _repeated_on_a_page(evidence: Evidence) -> set[str]:
    pages = distinct_items(call for call in evidence.calls if call.page is not None)
    counts = [Counter(item.id for item in items) for items in pages]
    return {id for on_page in counts if max(on_page.values()) > 1 for id, count in on_page.items() if count > 1}


def _shown_often(evidence: Evidence) -> set[str]:
    """Returns the leads that more than one answer showed."""
    answers = Counter(id(call.items) for call in evidence.calls)
    counts: Counter[str] = Counter()
    for items in distinct_items(evidence.calls):
        counts.update(dict.fromkeys((item.id for item in items), answers[id(items)]))
    return {lead for lead, count in counts.items() if count > 1}


def _count(of: Iterable[object], noun: str) -> str:
    count = len(list(of))
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _takes_empty_for_an_answer(evidence: Evidence) -> Ruling:
    empty = any(call.page is not None and not call.page.items for call in evidence.calls)
    crashes = [run for run, blamed in crashed(evidence) if blamed == "PAGE-06"]
    at_nothing = {run.number: call for run in crashes if (call := failed_at_nothing(run)) is not None}
    findings = [_failed_at(run, at_nothing[run.number]) for run in crashes if run.number in at_nothing]
    findings += [
        finding
        for run, finding in zip(crashes, crash_findings(evidence, "PAGE-06"), strict=True)
        if run.number not in at_nothing
    ]
    return rule(findings + loss_findings(evidence, "PAGE-06"), reached=empty)


def _failed_at(run: Run, call: JudgedCall) -> Finding:
    text = f"run {run.number} failed at the 404 of call {call.entry.id}, which says that nothing lies in that period"
    return Finding(f"{text}; {how_it_ended(run)}", (call.entry.id,), kind=EMPTY)


def _reads_several_pages(evidence: Evidence) -> bool:
    """Tells whether a list of several pages was read to its end: that more followed is no proof of what came then."""
    return any(crawl.complete and len(crawl.pages) > 1 for run in evidence.runs for crawl in run.crawls)


def _shifted(evidence: Evidence) -> bool:
    """Tells whether a list changed while it was read by offsets."""
    if not evidence.adapter.uses_offsets:
        return False
    return any(_changed_under(run) for run in evidence.runs if any(len(crawl.pages) > 1 for crawl in run.crawls))


def _changed_under(run: Run) -> bool:
    """Tells whether a lead of a list changed in a run, or a list had another length on one of its pages."""
    if any(lead.updated > run.began for lead in run.after.values() if lead.feeds):
        return True
    return any(len({call.page.total for call in crawl.pages if call.page is not None}) > 1 for crawl in run.crawls)


def _failed_before_the_last(evidence: Evidence) -> bool:
    return any(crawl.failed for run in evidence.runs[:-1] for crawl in run.crawls)


def _throws_nothing_away(evidence: Evidence) -> Ruling:
    pairs = [
        (before, run)
        for before, run in zip(evidence.runs, evidence.runs[1:], strict=False)
        if run.got_error and before.after
    ]
    findings = loss_findings(evidence, "FAULT-08") or [
        finding for pair in pairs if (finding := _gone(*pair)) is not None
    ]
    observable = all(run.outcome is not None for pair in pairs for run in pair)
    return rule(findings, reached=any(before.shown_leads for before, _ in pairs), observable=observable)


def _gone(before: Run, run: Run) -> Finding | None:
    """Finds leads that were held before a run that met failures, and not after it, though they are still there."""
    if before.outcome is None or run.outcome is None:
        return None
    still = {
        id for id, lead in run.after.items() if id in before.after and before.after[id].feeds and lead.parent is None
    }
    still -= {id for id, lead in run.after.items() if lead.erased}
    gone = sorted(before.held_ids & still - run.held_ids)
    if not gone:
        return None
    failed = tuple(islice((call.entry.id for call in run.calls if call.got_error), 3))
    text = f"run {run.number} met failures, and {_count(gone, 'lead')} that were held before are gone"
    return Finding(text, failed, tuple(gone[:_MAX_LEADS]), "lost")


def _by_loss(obligation: str, reached: Reached) -> Judge:
    """Makes a judge of the losses that an obligation answers for. They show on the wire, too, without an outcome."""
    return lambda evidence: rule(loss_findings(evidence, obligation), reached=reached(evidence))


JUDGES: Judges = {
    "RUN-01": _calls_the_provider,
    "RUN-02": _ends_well,
    "RUN-03": _keeps_what_it_was_shown,
    "RUN-04": _invents_nothing,
    "PAGE-01": _by_loss("PAGE-01", _reads_several_pages),
    "PAGE-04": _by_loss("PAGE-04", _shifted),
    "PAGE-05": _holds_once,
    "PAGE-06": _takes_empty_for_an_answer,
    "FAULT-07": _by_loss("FAULT-07", _failed_before_the_last),
    "FAULT-08": _throws_nothing_away,
}
