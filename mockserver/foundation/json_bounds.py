"""The number of values of a JSON text, found before it is read: a million small objects take seconds to make."""

import re

MAX_VALUES = 10_000
"""The most values of a body, at all depths; a bound of ours, so that none takes long to look at."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
TOO_MANY_VALUES = f"The body has more than {MAX_VALUES} values, the most that this server reads."


def has_too_many_values(raw: bytes) -> bool:
    """Tells whether a JSON text has more values than are read."""
    if len(raw) <= MAX_VALUES or raw.count(b",") + raw.count(b"[") + raw.count(b"{") < MAX_VALUES:
        return False
    bare = _STRING.sub(b"s", raw).translate(None, b" \t\r\n")
    # Each value but the first of all comes after a comma, or is the first of its list or object.
    containers = bare.count(b"[") + bare.count(b"{") - bare.count(b"[]") - bare.count(b"{}")
    return bare.count(b",") + containers >= MAX_VALUES
