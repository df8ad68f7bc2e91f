"""Bounds on an entry of the journal: each part is cut, with a mark, so that no client fills the memory."""

from dataclasses import replace
from itertools import chain

from mockserver.foundation.problems import Violation
from mockserver.foundation.responses import Headers

CUT = "...[cut]"
"""Stands where something was left out."""
MAX_ENTRY = 64 * 1024
"""Bytes of an entry with bodies of 4 KiB, the default; all the bounds below together are less."""
_MAX_ADDRESS = 4 * 1024
"""Characters of a path."""
_MAX_QUERY = 8 * 1024
_MAX_HEADERS = 10 * 1024
"""Bytes of all headers of one message."""
_OF_A_HEADER = 100
"""Bytes that a header takes in memory beside its name and its value."""
_MAX_TEXTS = 6 * 1024
"""Characters of all notes, and of all violations."""
_MAX_NOTES, _MAX_NOTE, _MAX_POINTER = 30, 180, 100
"""Notes, and characters of each and of a pointer, where all together are too long."""


def cut_path(text: str) -> str:
    """Returns a path, cut where it is too long."""
    return text if len(text) <= _MAX_ADDRESS else text[:_MAX_ADDRESS] + CUT


def cut_query(text: str) -> str:
    """Returns a query, cut where it is too long."""
    return text if len(text) <= _MAX_QUERY else text[:_MAX_QUERY] + CUT


def was_cut(text: str) -> bool:
    """Tells whether a path or a query was cut."""
    return text.endswith(CUT)


def cut_notes(notes: list[str]) -> list[str]:
    """Returns the notes, fewer and shorter where all together are too long."""
    if sum(map(len, notes)) <= _MAX_TEXTS and len(notes) <= 2 * _MAX_NOTES:
        return notes
    left_out = len(notes) - _MAX_NOTES
    first = [_cut(note, _MAX_NOTE) for note in notes[:_MAX_NOTES]]
    return [*first, f"{CUT}: {left_out} more notes"] if left_out > 0 else first


def cut_violations(violations: list[Violation]) -> list[Violation]:
    """Returns the violations, shorter where all together are too long; their number is bounded where they are made."""
    if sum(len(violation.message) + len(violation.pointer) for violation in violations) <= _MAX_TEXTS:
        return violations
    return [
        replace(violation, message=_cut(violation.message, _MAX_NOTE), pointer=_cut(violation.pointer, _MAX_POINTER))
        for violation in violations
    ]


def cut_headers(headers: Headers) -> tuple[Headers, int]:
    """Returns the headers as far as there is room for them, and how many bytes they take; the last one says what is
    left out."""
    size = len(b"".join(chain.from_iterable(headers))) + _OF_A_HEADER * len(headers)
    return (headers, size) if size <= _MAX_HEADERS else (_first_headers(headers), _MAX_HEADERS)


def _first_headers(headers: Headers) -> Headers:
    """Long values are cut first, so that one of them does not push out the others."""
    room, first = _MAX_HEADERS, []
    longest = max(128, _MAX_HEADERS // len(headers) - _OF_A_HEADER)
    for name, value in headers:
        pair = _cut_bytes(name, longest // 2), _cut_bytes(value, longest)
        room -= len(pair[0]) + len(pair[1]) + _OF_A_HEADER
        if room < 0:
            break
        first.append(pair)
    if left_out := len(headers) - len(first):
        first.append((CUT.encode(), b"%d more headers" % left_out))
    return tuple(first)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + CUT


def _cut_bytes(raw: bytes, most: int) -> bytes:
    return raw if len(raw) <= most else raw[:most] + CUT.encode()
