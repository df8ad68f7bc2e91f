"""Compares the members of each held lead with what the provider shows of it and has shown before."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from unicodedata import normalize

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.evidence import Evidence, HeldLead, LeadSnapshot
from mockserver.judge.oracle import versions
from mockserver.judge.text_differences import how_text_differs
from mockserver.provider_api.judge_adapter import Contact

_DIGITS = 9
"""So many last digits tell a telephone number from others, however it is written."""
_NO_WORD = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class HeldDifference:
    """A member of a held lead that is not what the provider shows."""

    lead: LeadSnapshot
    """As it is now."""
    member: str
    is_old: bool
    """Whether it is what the provider once showed; else the provider never had it so."""
    text: str
    """In one sentence, without the values."""


@lru_cache(maxsize=8)
def differences(evidence: Evidence) -> tuple[HeldDifference, ...]:
    """Returns the differences of the last outcome, of lines about one lead the first of each sort.

    Members that are not there, or empty, are not looked at.
    """
    by_sort: dict[tuple[str, str, bool], HeldDifference] = {}
    for line in dict.fromkeys(evidence.last.outcome or ()):
        if (lead := evidence.last.after.get(line.id)) is not None:
            for difference in _compare(evidence, line, lead):
                by_sort.setdefault((lead.id, difference.member, difference.is_old), difference)
    return tuple(by_sort.values())


def _compare(evidence: Evidence, line: HeldLead, lead: LeadSnapshot) -> Iterator[HeldDifference]:
    now = [lead.contact]
    if (before := evidence.last.before.get(lead.id)) is not None and before.contact != lead.contact:
        # It changed while the client was at work: both are right.
        now.append(before.contact)
    older = [version.contact for version in versions(evidence, lead.id)]
    older += [item.contact for run in evidence.runs if (item := run.shown_leads.get(lead.id)) is not None]
    for member, matches in _MEMBERS.items():
        value = getattr(line, member)
        if not value or any(matches(value, contact) for contact in now):
            continue
        is_old = any(matches(value, contact) for contact in older)
        what = "is what it once was" if is_old else "is nothing that the provider ever showed"
        if not is_old and member != "phone":
            what += how_text_differs(value, getattr(lead.contact, member) or "")
        yield HeldDifference(lead, member, is_old, f"`{member}` of lead {lead.id} {what}")


def is_shown(evidence: Evidence, lead: LeadSnapshot) -> bool:
    """Tells whether the client was last shown the lead as it is now."""
    contacts = [run.shown_leads[lead.id].contact for run in evidence.runs if lead.id in run.shown_leads]
    return bool(contacts) and contacts[-1] == lead.contact


def _same_email(value: str, contact: Contact) -> bool:
    return _composed(value).strip().casefold() == _composed(contact.email).strip().casefold()


def _composed(text: str) -> str:
    """Returns the text with composed letters: é is one character or two, and the same text."""
    return normalize("NFC", text)


def _same_phone(value: str, contact: Contact) -> bool:
    return any(_number(value) == _number(phone) for phone in contact.phones)


def _number(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())[-_DIGITS:]


def _same_name(value: str, contact: Contact) -> bool:
    """Compares names in any order, and a part of one will do: some clients keep the last name alone."""
    words = _words(value)
    return bool(words) and words <= _words(contact.name)


def _words(name: str) -> set[str]:
    return {word for word in _NO_WORD.split(_composed(name).casefold()) if word}


def _same_message(value: str, contact: Contact) -> bool:
    return _lines(value) == _lines(contact.message)


def _lines(text: str) -> str:
    return _composed(text).replace("\r\n", "\n").replace("\r", "\n").strip()


_MEMBERS: Mapping[str, Callable[[str, Contact], bool]] = {
    "email": _same_email,
    "phone": _same_phone,
    "name": _same_name,
    "message": _same_message,
}
