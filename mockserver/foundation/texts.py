"""Texts of others become parts of sentences: one line, without control characters, not too long."""

import unicodedata

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode that move the cursor, turn the direction of a line, or cannot be encoded."""


def plain(text: str) -> str:
    """Returns one line without control characters: those are written as in a program, such as `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    line = " ".join(text.split())
    return "".join(_written(character) for character in line)


def trimmed(text: str, most: int) -> str:
    """Returns the text with at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun: `1 drill`, `2 drills`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _written(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape").decode("ascii")
