"""Text of others in Markdown: escaped sign by sign, or in a block of code that it cannot end."""

import re
from collections.abc import Iterable

from mockserver.foundation.texts import plain, trimmed

MAX_TEXT = 600
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#!|~&@$^]|:(?=\S)|(?<=www)\.|^[-+]")
"""The signs that mean something in Markdown, in HTML, or to GitHub."""


def markdown_text(text: str) -> str:
    """Returns a line of text in which no sign has a meaning; nobody is mentioned by it, and nothing becomes a link."""
    line = _MARKUP.sub(r"\\\g<0>", trimmed(plain(text).strip(), MAX_TEXT))
    line = re.sub(r"^(\d+)([.)])", r"\1\\\2", line)
    return line.replace("\\@", "\\@<!-- -->")


def inline_code(text: str) -> str:
    """Returns text as code within a line."""
    line = trimmed(plain(text), MAX_TEXT)
    fence = _fence(line, 1)
    return f"{fence} {line} {fence}"


def code_block(lines: Iterable[str]) -> str:
    """Returns lines as a block of code."""
    text = "\n".join(lines)
    fence = _fence(text, 3)
    return f"{fence}text\n{text}\n{fence}"


def _fence(text: str, least: int) -> str:
    """Returns more backticks than the text has in a row."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
