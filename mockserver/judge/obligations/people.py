"""Recognises people that a client was shown in the texts that it sends."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache

from mockserver.foundation.dataclass import dataclass
from mockserver.provider_api.judge_adapter import Contact

_MIN_NAME = 6
_MIN_MESSAGE = 20
"""Characters, and a blank must be among them: what is shorter, or one word, may stand there by chance."""
_MIN_NUMBER = 9
"""Digits of a telephone number."""
_NUMBER = re.compile(r"(?<![\w.-])\+?\d(?:[ .()-]{0,2}\d){7,16}(?![\w-])")
_MAX_TEXT = 100_000
"""Characters of a text that are looked at."""
_WORD = re.compile(r"\w")
_WORDS = re.compile(r"\w+")
_NO_NAMES = {"none", "null", "undefined", "nil", "nan", "n/a", "-"}
"""Words that programs write where there is no name."""
A_MESSAGE = "a message"
"""The kind of a trait that may be the words of many people."""


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
        (name,) if len(name) >= _MIN_NAME and " " in name and not _NO_NAMES.issuperset(name.split()) else (),
        (message,) if len(message) >= _MIN_MESSAGE and " " in message else (),
    )


class _Needles:
    """Texts to be looked for in others, by their first word."""

    def __init__(self) -> None:
        self._by_word: dict[str, dict[str, tuple[int, int]]] = {}
        """By first word: the texts, each with its number and the place of that word in it."""
        self._count = 0

    def add(self, needle: str) -> None:
        """Adds a text; one without a word is never found."""
        word = _WORDS.search(needle)
        if word is not None:
            self._count += 1
            self._by_word.setdefault(word[0], {}).setdefault(needle, (self._count, word.start()))

    def inside(self, text: str) -> list[str]:
        """Returns those that are inside a text and not within a longer word, in the order in which they were added."""
        numbers: dict[str, int] = {}
        for word in _WORDS.finditer(text):
            for needle, (number, place) in self._by_word.get(word[0], {}).items():
                start = word.start() - place
                if start >= 0 and text.startswith(needle, start) and not _touches(text, start, start + len(needle)):
                    numbers.setdefault(needle, number)
        return sorted(numbers, key=numbers.__getitem__)


@dataclass(slots=True)
class People:
    """People that were shown so far: by kind and normal form of a text, the lead that showed it first."""

    emails: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    """The contact that was added last, by lead."""
    _index: _Needles = field(default_factory=_Needles)

    def add(self, lead: str, contact: Contact) -> None:
        """Adds the contact of a lead, as it was shown last."""
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
                self._index.add(text)

    def mentioned_in(self, text: str) -> Iterator[tuple[str, str]]:
        """Yields the traits in a text, each as a word for its kind and the lead."""
        text = text[:_MAX_TEXT]
        plain = _plain(text)
        if "@" in plain:
            yield from (("an e-mail address", lead) for lead in self._inside(plain, self.emails))
        for match in _NUMBER.finditer(text):
            if (lead := self.phones.get(_number(match[0]))) is not None:
                yield "a telephone number", lead
        if " " in plain:
            yield from (("a name", lead) for lead in self._inside(plain, self.names))
            yield from ((A_MESSAGE, lead) for lead in self._inside(plain, self.messages))

    def _inside(self, text: str, leads: Mapping[str, str]) -> Iterator[str]:
        """Yields the leads of whatever is inside a text, not within a longer word."""
        if (whole := leads.get(text)) is not None:
            yield whole
            return
        for needle in self._index.inside(text):
            if needle in leads:
                yield leads[needle]


@lru_cache(maxsize=4096)
def may_tell(text: str) -> bool:
    """Tells whether a text is worth a look: it has a blank, an @, or what could be a telephone number."""
    return "@" in text or (" " in text.strip() and len(text) >= _MIN_NAME) or _NUMBER.search(text) is not None


def _plain(text: str) -> str:
    """Returns a text as it is compared, whatever its case and blanks."""
    return " ".join(text.casefold().split())


def _number(text: str) -> str:
    """Returns a telephone number as it is compared, French ones by their last nine digits; else empty.

    A number that does not look like a telephone number, such as a moment in seconds, has no French form.
    """
    digits = "".join(char for char in text if char.isdecimal())
    if len(digits) < _MIN_NUMBER:
        return ""
    for start, length in (("0033", 13), ("330", 12), ("33", 11), ("0", 10)):
        if digits.startswith(start) and len(digits) == length:
            return f"fr{digits[-9:]}"
    return digits.removeprefix("00")


def _touches(text: str, start: int, end: int) -> bool:
    """Tells whether a word goes on in front or behind."""
    in_front, behind = text[start - 1 : start], text[end : end + 1]
    return bool(_WORD.match(in_front) or _WORD.match(behind)) or in_front in ("+", "-") or behind == "-"
