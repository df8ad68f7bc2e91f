"""Members that are named like a secret, in JSON, forms, multipart and XML, however the names are spelled or escaped."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote, unquote_plus

from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.secret_names import SPELLINGS, is_secret_name, is_secret_parameter
from mockserver.foundation.secret_values import MASK, has_userinfo

_OUR_HINTS = (b"passw", b"secret", b"token", b"authorization")
"""Parts of the names that answers of ours have, one of which is in every text with such a name in plain letters.

The names of keys of an API have another pattern, since `api` is a part of French words.
"""
_API_KEY = late_pattern(rb"api[^a-z0-9]*key")
_HINTS = (
    *_OUR_HINTS,
    b"api",
    *(b"pwd", b"assertion", b"verifier", b"private", b"subscription", b"session", b"jwt", b"bearer", b"basic"),
    b"credential",
)
"""The same of all names, and the names of schemes: of texts that clients send."""
_MAX_DEPTH = 3
"""A text may be a string in another that is one."""

# A value may be a text, an array, an object or bare; cut off by the bound on bodies, it ends with what is left. All
# patterns take a time that grows with the text alone, as clients send the texts.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_NAME = late_pattern(rf'"[\s;=]*+(?:[\w-]{{0,40}}[-_])?{SPELLINGS}[\s;=]*+"\s*+:\s*+', re.IGNORECASE)
_NAME_IN_LIST = late_pattern(rf'\[\s*+"[\s;=]*+{SPELLINGS}[\s;=]*+"\s*+,\s*+(?=")', re.IGNORECASE)
"""A name before its value, as pairs are written in lists."""
_LOOSE_NAME = late_pattern(rf"""(?:^|(?<=[\s{{,;\['"&])){SPELLINGS}['"]?\s*+[:=]\s*+""", re.IGNORECASE)
"""A name in a text that is neither JSON nor a form, but has names and values all the same."""
_LOOSE_VALUE = late_pattern(r"""'[^'\r\n]*'?|"[^"\r\n]*"?|[^\r\n,;&}\]'"]+""")
_JSON = late_pattern(r'\s*(?:\{\s*"|\[\s*[\[{"]|")')
_STRING_OR_NAME = late_pattern(rf"({_STRING})(\s*+:\s*+)?+")
_VALUE = late_pattern(rf'{_STRING}|[^\s",{{}}\[\]]+')
_STRING_OR_BRACKET = late_pattern(rf"{_STRING}|[\[\]{{}}]")
_PAIR_NAME = late_pattern(r"(?:^|[?&;\s])([^=&?;\s]++)[\s;]*+=")
_PAIR_NAME_IN_JSON = late_pattern(r'(?:[?&;\s"])([^=&?;\s"]++)[\s;]*+=')
_PAIR_VALUE, _PAIR_VALUE_IN_JSON = late_pattern(r"[^&]*"), late_pattern(r'[^&\s"\\]*')
_PART = late_pattern(
    r'(\bname\*?="?([^";\r\n]{1,100})"?[^\r\n]{0,200}(?:\r?\n[^\r\n]{1,200}){0,4}\r?\n\r?\n)(.*?)(?=\r?\n--|\Z)',
    re.DOTALL,
)
_ELEMENT = late_pattern(r"(<(?:\w{1,60}:)?([\w.-]{1,100})(?:\s[^<>]{0,200})?>)([^<]*)")
_BETWEEN = (late_pattern(r'([\s&?/="<>,;]+)'), late_pattern(r'([\s&?="<>,;]+)'))
"""Marks between the parts of a text in percent-encoding; a slash may be one, or belong to a part."""
_ESCAPE, _ESCAPED_BYTE = late_pattern("%[0-9A-Fa-f]{2}"), late_pattern(rb"%[0-9A-Fa-f]{2}")


def may_have_secrets(raw: bytes, *, is_ours: bool = False) -> bool:
    """Tells whether a text may have a member that is named like a secret, or a secret that is escaped.

    An answer of ours has no names but its own, and costs less to look at.
    """
    if b"\\" in raw and (b"\\u00" in raw or b"\\/" in raw):
        return True
    if is_ours:
        # A sign of percent stands in many of our texts, and begins an escape in hardly any.
        if b"%" in raw and _ESCAPED_BYTE.search(raw):
            return True
        lowered = raw.lower()
        return any(map(lowered.__contains__, _OUR_HINTS)) or (
            b"api" in lowered and _API_KEY.search(lowered) is not None
        )
    if b"%" in raw:
        return True
    if b"=" in raw and raw.lstrip()[:1] not in (b"{", b"[", b'"'):
        return True
    return any(map(raw.lower().__contains__, _HINTS)) or has_userinfo(raw)


def masked_members(text: str, clean: Callable[[str], str], depth: int = 0) -> str:
    """Returns the text without the values of secret members, and without what `clean` changes once it is decoded."""
    is_json = _JSON.match(text) is not None
    if '"' in text:
        text = _without_values(text, (match.end() for match in _NAME.finditer(text)))
        text = _without_values(text, (match.end() for match in _NAME_IN_LIST.finditer(text)))
    if not is_json:
        text = _without_loose_values(text)
    if "\\" in text:
        text = _without_values(text, _escaped_names(text))
        if depth < _MAX_DEPTH:
            text = _STRING_OR_NAME.sub(lambda match: _clean_string(match[1], clean, depth) + (match[2] or ""), text)
    text = _masked_pairs_in_json(text) if is_json else masked_pairs(text)
    if "name" in text and "\n" in text:
        text = _PART.sub(_mask_pair, text)
    if "<" in text:
        text = _ELEMENT.sub(_mask_pair, text)
    return clean_encoded(text, clean)


def clean_encoded(text: str, clean: Callable[[str], str]) -> str:
    """Returns the text with a mask for each part in percent-encoding that `clean` changes once it is decoded."""
    if "%" not in text:
        return text
    for marks in _BETWEEN:
        parts = marks.split(text)
        text = "".join(MASK if "%" in part and _is_changed(part, clean) else part for part in parts)
    return text


def masked_pairs(text: str, is_secret: Callable[[str], bool] = is_secret_parameter) -> str:
    """Returns a query, or a text with queries or JSON in it, without the values of secret members."""
    if '"' in text:
        text = _without_values(text, (match.end() for match in _NAME.finditer(text)))
    return _without_pair_values(text, _PAIR_NAME, _PAIR_VALUE, is_secret) if "=" in text else text


def _masked_pairs_in_json(text: str) -> str:
    return _without_pair_values(text, _PAIR_NAME_IN_JSON, _PAIR_VALUE_IN_JSON) if "=" in text else text


def _without_pair_values(
    text: str,
    names: re.Pattern[str],
    value: re.Pattern[str],
    is_secret: Callable[[str], bool] = is_secret_parameter,
) -> str:
    secret = (match.end() for match in names.finditer(text) if is_secret(match[1]))
    return _with_masks(text, secret, value)


def _without_loose_values(text: str) -> str:
    return _with_masks(text, (match.end() for match in _LOOSE_NAME.finditer(text)), _LOOSE_VALUE)


def _with_masks(text: str, starts: Iterable[int], value: re.Pattern[str]) -> str:
    """Returns a text with a mask for each value that starts there; one that starts within another is part of it."""
    parts, written = [], 0
    for start in starts:
        if start >= written and (match := value.match(text, start)) and match[0]:
            parts += [text[written:start], MASK]
            written = match.end()
    return "".join([*parts, text[written:]]) if parts else text


def _mask_pair(match: re.Match[str]) -> str:
    return f"{match[1]}{MASK}" if match[3] and is_secret_name(match[2]) else match[0]


def _without_values(text: str, starts: Iterable[int]) -> str:
    """Returns a text with JSON in it with a mask for each of the values that start there."""
    parts, written = [], 0
    for start in starts:
        if start >= written:
            parts += [text[written:start], f'"{MASK}"']
            written = _end_of_value(text, start)
    return "".join([*parts, text[written:]]) if parts else text


def _escaped_names(text: str) -> Iterator[int]:
    """Yields where the values of secret members start whose names are escaped."""
    for match in _STRING_OR_NAME.finditer(text):
        if match[2] and "\\" in match[1] and is_secret_name(_unescaped(match[1])):
            yield match.end()


def _end_of_value(text: str, start: int) -> int:
    if text[start : start + 1] not in ("{", "["):
        match = _VALUE.match(text, start)
        return match.end() if match else start
    depth = 0
    for part in _STRING_OR_BRACKET.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(part[0], 0)
        if depth == 0:
            return part.end()
    return len(text)


def _unescaped(literal: str) -> str:
    """Returns the text that a JSON string stands for, also one that was cut; as it is when it cannot be read."""
    try:
        return str(json.loads(literal if literal.endswith('"') else literal.rstrip("\\") + '"', strict=False))
    except ValueError:
        return literal[1:]


def _clean_string(literal: str, clean: Callable[[str], str], depth: int) -> str:
    if "\\" not in literal:
        return literal
    plain = _unescaped(literal)
    inside = masked_members(clean(plain), clean, depth + 1)
    return literal if inside == plain else json.dumps(inside)


def _is_changed(part: str, clean: Callable[[str], str]) -> bool:
    """Tells whether `clean` changes a text in percent-encoding, decoded once or more often; `+` may be a blank."""
    for decode in (unquote, unquote_plus):
        text = part
        for _ in range(_MAX_DEPTH):
            if not _ESCAPE.search(text):
                break
            text = decode(text)
            if clean(text) != text or _has_members(text):
                return True
    return False


def _has_members(text: str) -> bool:
    """Tells whether a text that was in percent-encoding has a secret member: a pair, or JSON."""
    if masked_pairs(text) != text:
        return True
    return _NAME.search(text) is not None or (not _JSON.match(text) and _without_loose_values(text) != text)
