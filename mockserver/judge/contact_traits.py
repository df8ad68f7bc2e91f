"""Traits of a contact that careless clients stumble over: long or odd text, members that are not there."""

from collections.abc import Callable

from mockserver.provider_api.judge_adapter import Contact

_LONG_TEXT = 2_000
"""Characters from which a text is long."""


def is_odd(contact: Contact) -> bool:
    """Tells whether a text of it is long, or has characters that a careless program stumbles over."""
    texts = (contact.name, contact.message, contact.email)
    return any(len(text) > _LONG_TEXT for text in texts) or any(_is_odd(char) for text in texts for char in text)


def _is_odd(char: str) -> bool:
    if char in "\"'<>&\\\x7f\t":
        return True
    return ord(char) > 0x2FFF or (0x2000 <= ord(char) <= 0x206F and char not in "‘’“”…–—\u202f")


LACKS: tuple[Callable[[Contact], bool], ...] = (
    lambda contact: not contact.email,
    lambda contact: not contact.phones,
    lambda contact: not contact.name,
    lambda contact: not contact.message,
)
"""A test for each member that may be empty."""


def is_bare(contact: Contact) -> bool:
    """Tells whether a member of it that most have is empty."""
    return any(lacks(contact) for lacks in LACKS)
