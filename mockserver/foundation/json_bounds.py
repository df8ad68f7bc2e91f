"""The number of values of a JSON text, found before it is read: a million small objects take seconds to make."""

import re

from mockserver.foundation.patterns import late_pattern

MAX_VALUES = 10_000
"""The most values of a body, at all depths; a bound of ours, so that none takes long to look at."""
_STRING = late_pattern(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_PART = 128 * 1024
"""Bytes of the beginning of a long text that is looked at first: mostly that is enough."""
TOO_MANY_VALUES = f"The body has more than {MAX_VALUES} values, the most that this server reads."


def has_too_many_values(raw: bytes) -> bool:
    """Tells whether a JSON text has more values than are read."""
    if len(raw) <= MAX_VALUES or raw.count(b",") + raw.count(b"[") + raw.count(b"{") < MAX_VALUES:
        return False
    return _values(raw[:_PART]) > MAX_VALUES or (len(raw) > _PART and _values(raw) > MAX_VALUES)


def _values(raw: bytes) -> int:
    """Returns the number of values; each but the first comes after a comma, or is the first of its list or object."""
    bare = _STRING.sub(b"s", raw).translate(None, b" \t\r\n")
    containers = bare.count(b"[") + bare.count(b"{") - bare.count(b"[]") - bare.count(b"{}")
    return 1 + bare.count(b",") + containers
