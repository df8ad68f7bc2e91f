"""Finds data of people in requests, other than where a client writes a lead, and in what it prints."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import orjson

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, LeadSnapshot
from mockserver.judge.obligations.people import A_MESSAGE, People, may_tell
from mockserver.judge.obligations.queries import and_more
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.provider_api.judge_adapter import Contact

_MAX_LEADS, _MAX_CALLS = 20, 6


@dataclass(frozen=True, slots=True)
class _Leak:
    call: JudgedCall
    place: str
    what: str
    lead: str


def _tells_nobody(evidence: Evidence) -> Ruling:
    leaks: dict[tuple[str, str], list[_Leak]] = {}
    for leak in _leaks(evidence):
        leaks.setdefault((leak.place, leak.what), []).append(leak)
    findings = [_finding(same) for same in leaks.values()]
    return rule(
        findings,
        reached=any(_tells(item.contact) for run in evidence.runs for items in run.shown_items for item in items),
    )


def _tells(contact: Contact) -> bool:
    return bool(contact.email or contact.phones or contact.name or contact.message)


def _finding(leaks: list[_Leak]) -> Finding:
    """Makes a finding without the data itself, since reports are read by many."""
    first = leaks[0]
    calls = tuple(dict.fromkeys(leak.call.entry.id for leak in leaks))
    leads = tuple(dict.fromkeys(leak.lead for leak in leaks))
    call = f"call {calls[0]} ({first.call.entry.method} {first.call.entry.operation or 'without an operation'})"
    more = f", and so have {len(calls) - 1} more" if len(calls) > 1 else ""
    text = f"{call} has {first.what} of lead {first.lead} in its {first.place}{more}"
    return Finding(text, calls[:_MAX_CALLS], leads[:_MAX_LEADS])


def _leaks(evidence: Evidence) -> Iterator[_Leak]:
    """Looks at each text where it is sent first: a text that was sent before it was shown is there by chance.

    Few texts can have anything of a person in them, so people are only gathered when there is such a text.
    """
    looked_at: set[tuple[str, Hashable]] = set()
    texts_before: set[str] = set()
    people, at = People(), 0
    answers: set[int] = set()
    delivered = _Delivered(evidence)
    calls = evidence.calls
    for index, call in enumerate(calls):
        for place, text in _texts(evidence, call, looked_at):
            if text in texts_before:
                continue
            texts_before.add(text)
            for earlier in calls[at:index]:
                if id(earlier.items) not in answers:
                    answers.add(id(earlier.items))
                    for item in earlier.items:
                        people.add(item.id, item.contact)
            for lead in delivered.up_to(call.run):
                people.add(lead.id, lead.contact)
            at = index
            yield from (_Leak(call, place, what, whose) for what, whose in people.mentioned_in(text))


class _Delivered:
    """The leads of webhooks, each to be had once."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._left = sorted(evidence.attempts, key=lambda attempt: -attempt.run)

    def up_to(self, run: int) -> Iterator[LeadSnapshot]:
        """Yields those of a run and the ones before it that were not yielded yet."""
        while self._left and self._left[-1].run <= run:
            attempt = self._left.pop()
            lead = self._evidence.run(attempt.run).after.get(attempt.lead)
            if lead is not None:
                yield lead


def _texts(evidence: Evidence, call: JudgedCall, looked_at: set[tuple[str, Hashable]]) -> Iterator[tuple[str, str]]:
    """Yields the texts of a request that could be about somebody, each with its place.

    It passes over parts that were looked at, and adds to them.
    """
    entry = call.entry
    if entry.operation in evidence.adapter.writes or (not entry.operation and entry.method not in ("GET", "HEAD")):
        return
    parts: tuple[tuple[str, Hashable, Callable[[], Iterable[str]]], ...] = (
        ("path", entry.path, lambda: _address(entry.path)),
        ("query", entry.query, lambda: _query(entry.query)),
        ("headers", entry.request_headers, lambda: _headers(entry.request_headers)),
        ("body", entry.request, lambda: _body(entry.request)),
    )
    for place, part, read in parts:
        if (place, part) not in looked_at:
            looked_at.add((place, part))
            for text in read():
                if may_tell(text):
                    yield place, text


@lru_cache(maxsize=1024)
def _address(path: str) -> tuple[str, ...]:
    return tuple(filter(None, _decoded(path).split("/")))


@lru_cache(maxsize=1024)
def _query(query: str) -> tuple[str, ...]:
    pairs = parse_qsl(query, keep_blank_values=True)
    # A query without any form is looked at as a whole.
    return tuple(_decoded(text) for pair in pairs for text in pair) if pairs else (_decoded(unquote_plus(query)),)


@lru_cache(maxsize=1024)
def _headers(headers: tuple[tuple[bytes, bytes], ...]) -> tuple[str, ...]:
    return tuple(_decoded(_text(value)) for _, value in headers)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _decoded(text: str) -> str:
    """Decodes a text, also one that was encoded twice."""
    once = unquote(text)
    return unquote(once) if "%" in once else once


def _body(text: str) -> Iterable[str]:
    if not text:
        return ()
    try:
        return _members(orjson.loads(text))
    except ValueError:
        return _query(text)


def _members(value: Any) -> Iterator[str]:
    """Yields texts and numbers of a JSON value, however deep it is."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, int | float):
            yield str(value)
        elif isinstance(value, list):
            left.extend(reversed(value))
        elif isinstance(value, dict):
            left.extend(item for pair in reversed(value.items()) for item in reversed(pair))


def _prints_nobody(evidence: Evidence) -> Ruling:
    people, findings = People(), []
    for run in evidence.runs:
        for items in run.shown_items:
            for item in items:
                people.add(item.id, item.contact)
        if printed := _printed(people, run.output):
            line, what, lead = printed[0]
            text = f"the output of run {run.number} has {what} of lead {lead}, in line {line}" + and_more(printed)
            findings.append(Finding(text, (), tuple(dict.fromkeys(lead for _, _, lead in printed))[:_MAX_LEADS]))
    reached = any(_tells(item.contact) for run in evidence.runs for items in run.shown_items for item in items)
    return rule(findings, reached=reached, observable=all(run.output_is_whole for run in evidence.runs))


def _printed(people: People, output: str) -> list[tuple[int, str, str]]:
    """Returns the data of people in an output, each with its line; messages are mostly words that anybody writes."""
    if not _mentioned(people, output):
        return []
    return [
        (number, *trait) for number, line in enumerate(output.splitlines(), 1) for trait in _mentioned(people, line)
    ]


def _mentioned(people: People, text: str) -> list[tuple[str, str]]:
    return [trait for trait in people.mentioned_in(text) if trait[0] != A_MESSAGE] if may_tell(text) else []


JUDGES: Judges = {"GDPR-03": _tells_nobody, "GDPR-04": _prints_nobody}
