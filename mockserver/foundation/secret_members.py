"""Members that are named like a secret, in JSON, forms, multipart and XML, however the names are spelled or escaped."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote, unquote_plus

from mockserver.foundation.caches import cached_when_short

MASK = "[redacted]"

_ENDS = (
    *("password", "passwd", "pwd", "secret", "token", "apikey", "authorization", "assertion", "codeverifier", "jwt"),
    *("signature", "subscriptionkey"),
)
"""The ends of names, without the marks that separate their words."""
_OF_QUERIES = frozenset({"key", "pass", "sig", "auth", "bearer", "sessionid", "credentials", "code"})
"""Names in an address; in a body they are words like any other."""
HINTS = (
    *(b"passw", b"secret", b"token", b"api", b"authorization", b"pwd", b"assertion", b"verifier", b"jwt"),
    *(b"signature", b"subscription"),
)
"""Parts of the names, one of which is in every text that has such a name in plain letters."""
_MAX_DECODED = 3
"""A text may be encoded in another that is encoded."""

# A value may be a text, an array, an object or bare; cut off by the bound on bodies, it ends with what is left. All
# patterns take a time that grows with the text alone, as clients send the texts.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_SPELLINGS = "|".join(
    ("password", "passwd", "(?:client[-_]?)?secret", "(?:(?:access|refresh|id)[-_]?)?token", "api[-_]?key")
)
_NAME = re.compile(rf'"(?:[\w-]{{0,40}}[-_])?(?:{_SPELLINGS}|authorization)"\s*+:\s*+', re.IGNORECASE)
_STRING_OR_NAME = re.compile(rf"({_STRING})(\s*+:\s*+)?+")
_VALUE = re.compile(rf'{_STRING}|[^\s",{{}}\[\]]+')
_STRING_OR_BRACKET = re.compile(rf"{_STRING}|[\[\]{{}}]")
_PAIR = re.compile(r"((?:^|[?&\s])([^=&?\s]++)\s?=)([^&]*)")
_PAIR_IN_JSON = re.compile(r'((?:[?&\s"])([^=&?\s"]++)=)([^&\s"\\]*)')
_COLON = re.compile(rf"(\b({_SPELLINGS})['\"]?\s?:\s?['\"]?)([^\s'\",;}}\[\]]{{8,}})", re.IGNORECASE)
"""Matches a name and its value in what is nearly JSON, or a list of lines."""
_USER_INFO = re.compile(r"(?<=://)[^/@\s]{1,500}@")
_PART = re.compile(
    r"""(\bname\*?=(?:[\w-]{0,20}'[\w-]{0,20}')?"?([^";\r\n]{1,100})"?[^\r\n]{0,200}(?:\r?\n[^\r\n]{1,200}){0,4}\r?\n\r?\n)(.*?)(?=\r?\n--|\Z)""",
    re.DOTALL,
)
_ELEMENT = re.compile(r"(<(?:\w{1,60}:)?([\w.-]{1,100})(?:\s[^<>]{0,200})?>)([^<]*)")
_BETWEEN = (re.compile(r'([\s&?/="<>,;]+)'), re.compile(r'([\s&?="<>,;]+)'))
"""Marks between the parts of a text in percent-encoding; a slash may be one, or belong to a part."""
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_LAST_WORD = re.compile(r"[^\[\].:]+")


@cached_when_short(1024, 60)
def is_secret_name(name: str) -> bool:
    """Tells whether a member is named like a secret; its name may be escaped, or that of a member within others."""
    words = _LAST_WORD.findall(_decoded(name))
    return bool(words) and _plain(words[-1]).endswith(_ENDS)


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


def may_have_secrets(raw: bytes) -> bool:
    """Tells whether a text may have a member that is named like a secret, or a secret that is escaped."""
    if b"%" in raw or (b"\\" in raw and (b"\\u00" in raw or b"\\/" in raw)):
        return True
    return any(map(raw.lower().__contains__, HINTS))


def masked_members(text: str, clean: Callable[[str], str], depth: int = 0) -> str:
    """Returns the text without the values of secret members, and without what `clean` changes once it is decoded."""
    is_json = text.lstrip()[:1] in ("{", "[", '"')
    if '"' in text:
        text = _without_values(text, (match.end() for match in _NAME.finditer(text)))
    if "\\" in text:
        text = _without_values(text, _escaped_names(text))
        if depth < _MAX_DECODED:
            text = _STRING_OR_NAME.sub(lambda match: _clean_string(match[1], clean, depth) + (match[2] or ""), text)
    if "=" in text:
        text = (_PAIR_IN_JSON if is_json else _PAIR).sub(_mask_pair, text)
    if ("name=" in text or "name*=" in text) and "\n" in text:
        text = _PART.sub(_mask_pair, text)
    if "<" in text:
        text = _ELEMENT.sub(_mask_pair, text)
    if ":" in text:
        text = _COLON.sub(_mask_pair, text)
    return clean_encoded(text, clean)


def clean_encoded(text: str, clean: Callable[[str], str]) -> str:
    """Returns the text with a mask for each part in percent-encoding that `clean` changes once it is decoded."""
    if "%" not in text:
        return text
    for marks in _BETWEEN:
        parts = marks.split(text)
        text = "".join(MASK if "%" in part and _is_changed(part, clean) else part for part in parts)
    return text


def masked_pairs(text: str) -> str:
    """Returns a query, or a text with queries in it, without the values of secret members."""
    if "://" in text:
        text = _USER_INFO.sub(f"{MASK}@", text)
    return _PAIR.sub(_mask_pair_of_query, text) if "=" in text else text


def _mask_pair(match: re.Match[str]) -> str:
    if match[3] and is_secret_name(match[2]):
        return f"{match[1]}{MASK}"
    if ";" in match[3] and "=" in match[3]:
        # Some read a semicolon like an ampersand.
        return match[1] + ";".join(_PAIR.sub(_mask_pair, part) for part in match[3].split(";"))
    return match[0]


def _mask_pair_of_query(match: re.Match[str]) -> str:
    if match[3] and _plain(match[2]) in _OF_QUERIES:
        return f"{match[1]}{MASK}"
    if ";" in match[3] and not is_secret_name(match[2]):
        first, *others = match[3].split(";")
        return match[1] + ";".join([first, *(_PAIR.sub(_mask_pair_of_query, part) for part in others)])
    return _mask_pair(match)


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
        for _ in range(_MAX_DECODED):
            if not _ESCAPE.search(text):
                break
            text = decode(text)
            if clean(text) != text:
                return True
    return False


def _decoded(text: str) -> str:
    for _ in range(_MAX_DECODED):
        plain = unquote_plus(text)
        if plain == text:
            break
        text = plain
    return text
