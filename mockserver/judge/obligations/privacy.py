"""Finds data of people in requests, other than where a client writes a lead."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import orjson

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence
from mockserver.judge.rulings import Finding, Judges, Ruling, rule
from mockserver.provider_api.judge_adapter import Contact

_SHORTEST_NAME = 6
_SHORTEST_MESSAGE = 20
"""Characters, and a blank must be among them: what is shorter, or one word, may stand there by chance."""
_SHORTEST_NUMBER = 9
"""Digits of a telephone number."""
_NUMBER = re.compile(r"(?<![\w.-])\+?\d(?:[ .()-]{0,2}\d){7,16}(?![\w-])")
_WORD = re.compile(r"\w")
_MAX_LEADS, _MAX_CALLS = 20, 6


@dataclass(frozen=True, slots=True)
class _Traits:
    """The texts that tell a person, in the form in which they are compared."""

    emails: tuple[str, ...]
    phones: tuple[str, ...]
    names: tuple[str, ...]
    messages: tuple[str, ...]


@lru_cache(maxsize=8192)
def _traits(contact: Contact) -> _Traits:
    """Returns the traits of a contact. They are cached, since the drills of a battery show the same people."""
    email, name, message = (_plain(text) for text in (contact.email, contact.name, contact.message))
    return _Traits(
        (email,) if "@" in email else (),
        tuple(filter(None, map(_number, contact.phones))),
        (name,) if len(name) >= _SHORTEST_NAME and " " in name else (),
        (message,) if len(message) >= _SHORTEST_MESSAGE and " " in message else (),
    )


@dataclass(slots=True)
class _People:
    """People that were shown so far: by kind and normal form of a text, the lead that showed it first."""

    emails: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    """The contact that was added last, by lead."""

    def add(self, lead: str, contact: Contact) -> None:
        if self.contacts.get(lead) == contact:
            return
        self.contacts[lead] = contact
        traits = _traits(contact)
        for by_text, texts in (
            (self.emails, traits.emails),
            (self.phones, traits.phones),
            (self.names, traits.names),
            (self.messages, traits.messages),
        ):
            for text in texts:
                by_text.setdefault(text, lead)

    def found_in(self, text: str) -> Iterator[tuple[str, str]]:
        """Yields the traits in a text, each as a word for its kind and the lead."""
        plain = _plain(text)
        if "@" in plain:
            yield from (("an e-mail address", lead) for lead in _inside(plain, self.emails))
        for match in _NUMBER.finditer(text):
            if (lead := self.phones.get(_number(match[0]))) is not None:
                yield "a telephone number", lead
        if " " in plain:
            yield from (("a name", lead) for lead in _inside(plain, self.names))
            yield from (("a message", lead) for lead in _inside(plain, self.messages))


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
    return rule(findings, reached=any(_tells(item.contact) for call in evidence.calls for item in call.items))


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
    texts_before: set[str] = set()
    people, at = _People(), 0
    calls = evidence.calls
    for index, call in enumerate(calls):
        for place, text in _texts(evidence, call):
            if text in texts_before:
                continue
            texts_before.add(text)
            for earlier in calls[at:index]:
                for item in earlier.items:
                    people.add(item.id, item.contact)
            for attempt in evidence.attempts:
                if attempt.run <= call.run and (lead := evidence.run(attempt.run).after.get(attempt.lead)) is not None:
                    people.add(lead.id, lead.contact)
            at = index
            yield from (_Leak(call, place, what, whose) for what, whose in people.found_in(text))


def _texts(evidence: Evidence, call: JudgedCall) -> Iterator[tuple[str, str]]:
    """Yields the texts of a request that could be about somebody, each with its place."""
    entry = call.entry
    if entry.operation in evidence.adapter.writes or (not entry.operation and entry.method not in ("GET", "HEAD")):
        return
    for place, texts in (
        ("path", _address(entry.path)),
        ("query", _query(entry.query)),
        ("headers", _headers(entry.request_headers)),
        ("body", _body(entry.request)),
    ):
        for text in texts:
            if _may_tell(text):
                yield place, text


@lru_cache(maxsize=4096)
def _may_tell(text: str) -> bool:
    """Tells whether a text is worth a look: it has a blank, an @, or what could be a telephone number."""
    return "@" in text or (" " in text.strip() and len(text) >= _SHORTEST_NAME) or _NUMBER.search(text) is not None


@lru_cache(maxsize=1024)
def _address(path: str) -> tuple[str, ...]:
    return tuple(filter(None, _decoded(path).split("/")))


@lru_cache(maxsize=1024)
def _query(query: str) -> tuple[str, ...]:
    pairs = parse_qsl(query, keep_blank_values=True)
    # What has no form at all is looked at as a whole.
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
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _members(member)


def _plain(text: str) -> str:
    """Returns a text as it is compared, whatever its case and blanks."""
    return " ".join(text.casefold().split())


def _number(text: str) -> str:
    """Returns a telephone number as it is compared, French ones by their last nine digits; else empty.

    A number that does not look like a telephone number, such as a moment in seconds, has no French form.
    """
    digits = "".join(char for char in text if char.isdecimal())
    if len(digits) < _SHORTEST_NUMBER:
        return ""
    for start, length in (("0033", 13), ("330", 12), ("33", 11), ("0", 10)):
        if digits.startswith(start) and len(digits) == length:
            return f"fr{digits[-9:]}"
    return digits.removeprefix("00")


def _inside(text: str, leads: Mapping[str, str]) -> Iterator[str]:
    """Yields the leads of whatever is inside a text, not within a longer word."""
    if (whole := leads.get(text)) is not None:
        yield whole
        return
    for needle, lead in leads.items():
        start = text.find(needle)
        if start >= 0 and not _touches(text, start, start + len(needle)):
            yield lead


def _touches(text: str, start: int, end: int) -> bool:
    """Tells whether a word goes on in front or behind."""
    in_front, behind = text[start - 1 : start], text[end : end + 1]
    return bool(_WORD.match(in_front) or _WORD.match(behind)) or in_front in ("+", "-") or behind == "-"


JUDGES: Judges = {"GDPR-03": _tells_nobody}
