"""Judges whether writes of a client are neither repeated blindly nor empty what was there."""

import json
import re
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, LeadSnapshot, Run
from mockserver.judge.obligations.queries import answered_well, gap, ids, members, named, spoilt
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.provider_api.judge_adapter import Write

_NOTHING_DONE = "nothing was done"
"""The note of the journal about a fault that came before the call was carried out."""
_FOLLOWS = frozenset({"user", "step"})
"""Members that the provider itself changes with a write: who has the lead, and how far it is."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _not_blindly(evidence: Evidence) -> Ruling:
    lost = [call for call in evidence.calls if _is_lost(evidence, call)]
    repeated = _repeated_blindly(evidence) if lost else {}
    findings = [_blind(evidence, call, again) for call in lost if (again := repeated.get(call.entry.id)) is not None]
    return rule(findings, reached=bool(lost))


def _is_lost(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether it created something and the client did not learn of it."""
    write = evidence.adapter.writes.get(call.entry.operation)
    if write is None or not write.creates or any(_NOTHING_DONE in note for note in call.entry.notes):
        return False
    return spoilt(call) or call.entry.status >= 500


def _repeated_blindly(evidence: Evidence) -> dict[int, JudgedCall]:
    """Returns, by the id of a write that creates, the next one that the provider takes for another thing.

    It is sent to the same address and says the same, with another reference; or with none, and with no look at what is
    there since.
    """
    pages = _pages(evidence)
    repeated: dict[int, JudgedCall] = {}
    for group in _creations(evidence):
        # From the end: the next call, and the next one with another reference than that has.
        following: tuple[JudgedCall, str | None] | None = None
        other: JudgedCall | None = None
        for call, reference in reversed(group):
            if following is not None:
                other = following[0] if following[1] != reference else other
                again = following[0] if reference is None and following[1] is None else other
                if again is not other and _looked(pages, call, again):
                    again = other
                if again is not None:
                    repeated[call.entry.id] = again
            following = call, reference
    return repeated


def _creations(evidence: Evidence) -> Iterable[list[tuple[JudgedCall, str | None]]]:
    """Returns the writes that create the same thing at the same address, in order, each with its reference."""
    groups: dict[Hashable, list[tuple[JudgedCall, str | None]]] = {}
    for call in evidence.calls:
        write = evidence.adapter.writes.get(call.entry.operation)
        if write is not None and write.creates:
            key = (call.entry.operation, call.entry.path, _content(write, call))
            groups.setdefault(key, []).append((call, write.reference(call.entry)))
    return groups.values()


def _pages(evidence: Evidence) -> list[int]:
    return [call.entry.id for call in evidence.calls if call.page is not None]


def _looked(pages: list[int], first: JudgedCall, later: JudgedCall | None) -> bool:
    """Tells whether a page came between two calls."""
    place = bisect_right(pages, first.entry.id)
    return later is not None and place < len(pages) and pages[place] < later.entry.id


def _content(write: Write, call: JudgedCall) -> Any:
    """Returns what is to be created, without the client's own reference."""
    body, reference = members(call.entry.request), write.reference(call.entry)
    if body is None:
        return call.entry.request
    content = {name: value for name, value in body.items() if reference is None or not _is_text(value, reference)}
    try:
        return json.dumps(content, sort_keys=True)
    except RecursionError:
        return call.entry.request


def _is_text(value: object, text: str) -> bool:
    return isinstance(value, str | int | float) and str(value) == text


def _blind(evidence: Evidence, lost: JudgedCall, again: JudgedCall) -> Finding:
    reference = evidence.adapter.writes[lost.entry.operation].reference
    one, other = reference(lost.entry), reference(again.entry)
    how = "and with no look at what is there" if one == other else f"as {other!r} in the place of {one!r}"
    text = f"{named(again)} repeated call {lost.entry.id} {how}, {gap(lost, again):.2f} s after its answer was lost"
    return Finding(text, ids([lost, again]))


def _looks_first(evidence: Evidence) -> Ruling:
    pages = _pages(evidence)
    findings, reached = [], False
    for group in _creations(evidence):
        for (first, reference), (again, other) in pairwise(group):
            if reference is None or not _is_lost(evidence, first):
                continue
            reached = True
            if other == reference and not _looked(pages, first, again) and (double := _doubled(evidence, again)):
                findings.append(_sent_twice(first, again, reference, double))
        reached = reached or (group[-1][1] is not None and _is_lost(evidence, group[-1][0]))
    return rule(findings, reached=reached)


def _doubled(evidence: Evidence, call: JudgedCall) -> LeadSnapshot | None:
    """Returns the lead that a call created though it repeats one that was there."""
    if not answered_well(call):
        return None
    lead = evidence.run(call.run).after.get(str((members(call.entry.reply) or {}).get("id")))
    return lead if lead is not None and lead.repeats is not None else None


def _sent_twice(first: JudgedCall, again: JudgedCall, reference: str, double: LeadSnapshot) -> Finding:
    text = (
        f"{named(again)} sent {reference!r} once more, {gap(first, again):.2f} s after the answer to call "
        f"{first.entry.id} was lost, with no look at what is there; it made lead {double.id}, a second one"
    )
    return Finding(text, ids([first, again]), (double.id,))


def _loses_nothing(evidence: Evidence) -> Ruling:
    changed = [(run, call, id) for run in evidence.runs for call, id in _changes(evidence, run)]
    findings = {
        (run.number, id): Finding(_emptied(call, run.after[id], gone), ids([call]), (id,))
        for run, call, id in changed
        if (gone := _lost_in(evidence, run, call, id))
    }
    return rule(list(findings.values()), reached=bool(changed))


def _changes(evidence: Evidence, run: Run) -> Iterator[tuple[JudgedCall, str]]:
    """Yields the writes of a run that changed a lead which is there still, with its id."""
    for call in run.calls:
        write = evidence.adapter.writes.get(call.entry.operation)
        if write is None or write.creates or not 200 <= call.entry.status < 300:
            continue
        id = write.target(call.entry)
        if id is None or id not in run.after or run.after[id].erased:
            continue
        if id in run.before or _creation(evidence, run, call, id) is not None:
            yield call, id


def _creation(evidence: Evidence, run: Run, change: JudgedCall, id: str) -> JudgedCall | None:
    """Returns the call of the same run that created a lead before it was changed."""
    writes = ((call, evidence.adapter.writes.get(call.entry.operation)) for call in run.calls)
    creations = (call for call, write in writes if write is not None and write.creates)
    earlier = (call for call in creations if call.entry.id < change.entry.id)
    return next((call for call in earlier if str((members(call.entry.reply) or {}).get("id")) == id), None)


def _lost_in(evidence: Evidence, run: Run, call: JudgedCall, id: str) -> list[str]:
    """Returns the members that a lead had before a change, and has no more."""
    now = run.after[id].raw
    if id in run.before:
        return _lost_members(run.before[id].raw, now)
    creation = _creation(evidence, run, call, id)
    created = {} if creation is None else members(creation.entry.request) or {}
    sent = members(call.entry.request) or {}
    # What the list never shows of a lead, nobody can tell; what the change has in it was sent back.
    left_out = {name: value for name, value in created.items() if name in now and not _is_filled(sent.get(name))}
    return _lost_members(left_out, now)


def _lost_members(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [
        name
        for name, value in before.items()
        if name not in _FOLLOWS and not _is_moment(name, value) and _is_filled(value) and not _is_filled(now.get(name))
    ]


def _is_filled(value: object) -> bool:
    return value not in (None, "", [], {})


def _is_moment(name: str, value: object) -> bool:
    """Tells whether it is a moment: a date, or an object with one."""
    if isinstance(value, Mapping):
        return any(_is_moment(str(inner), member) for inner, member in value.items())
    return name.endswith(("_at", "date", "Date")) or (isinstance(value, str) and _DAY.match(value) is not None)


def _emptied(call: JudgedCall, lead: LeadSnapshot, gone: list[str]) -> str:
    return f"{named(call)} changed lead {lead.id}, which has no {', '.join(gone[:6])} any more"


JUDGES: Judges = {"WRITE-01": _not_blindly, "WRITE-02": _loses_nothing, "WRITE-03": _looks_first}
