"""Our contracts use string formats that JSON Schema does not know."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache

import jsonschema_rs

from mockserver.foundation.patterns import late_pattern

_MYSQL = late_pattern(r"[1-9]\d{3}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?", re.ASCII)
_USUAL = late_pattern(r"[1-9]\d{3}-\d{2}-\d{2}(?: (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)?", re.ASCII)
"""What all but a mistake looks like: only the day has still to be one that there is."""
_EMAIL = late_pattern(r"[^@\s]+@[^@\s]+")


def is_mysql_datetime(text: str) -> bool:
    """`YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`, a real date; or nothing at all, which many clients send for "none".

    The years are 1000 to 9999, as in MySQL: before year 1 there would be moments that no reader can hold.
    """
    if not text:
        return True
    if _USUAL.fullmatch(text):
        return _is_day(text[:10])
    if not _MYSQL.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(4096)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_email_or_empty(text: str) -> bool:
    """Something with one `@` and no blanks, or nothing: a stricter check would refuse addresses that work."""
    return not text or _EMAIL.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Tells whether a text is of format `email`: the address of RFC 5321, in ASCII."""
    return _email_format().is_valid(text)


@cache
def _email_format() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"type": "string", "format": "email"}, validate_formats=True)


FORMATS: dict[str, Callable[[str], bool]] = {
    "mysql-datetime": is_mysql_datetime,
    "email-or-empty": is_email_or_empty,
}

_DAY = (
    "[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
SURE_PATTERNS = {
    "mysql-datetime": f"^(?:{_DAY}(?: (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?)?$",
    "email-or-empty": "^(?:[!-?A-~]+@[!-?A-~]+)?$",
}
"""By format of ours: texts of this pattern have it for sure, and of the others few, such as a 29th of February."""

HINTS = {
    "mysql-datetime": "a date like 2026-01-31, or 2026-01-31 12:00:00",
    "email-or-empty": "an e-mail address, or nothing",
    "email": "an e-mail address",
    "date": "a date like 2026-01-31",
    "date-time": "a moment like 2026-01-31T12:00:00Z",
    "uri": "an absolute URI",
    "uuid": "a UUID",
}
"""Examples of valid values by format, for messages."""

_BLANKS = r"[ \t\r\n]*"
_ADDRESS = (
    r"^https?://([A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
    r"([/?]([A-Za-z0-9._~!$&()*+,;=:@/?\-]|%[0-9A-Fa-f]{2})*)?$"
)
PATTERN_HINTS = {
    rf"^{_BLANKS}(-?\d{{1,15}}(\.\d{{1,9}})?)?{_BLANKS}$": "a number, such as 80 or 80.5,",
    rf"^{_BLANKS}\d{{0,15}}{_BLANKS}$": "a whole number of at most 15 digits",
    rf"^{_BLANKS}\d{{1,15}}{_BLANKS}$": "a whole number of at most 15 digits",
    rf"^{_BLANKS}(\d{{1,15}}({_BLANKS},{_BLANKS}\d{{1,15}})*)?{_BLANKS}$": "a list of whole numbers, such as 1,2,",
    "^([0-9]{2})([1-9A-NP-Z]{10})$": "an id such as 24YX12AB34CD: two digits, then ten of 1 to 9 and A to Z without O,",
    r"^[+]?[0-9() \/.\-]{6,21}[0-9]$": "a telephone number, such as +33639980001,",
    "^.+@.+$": "an e-mail address",
    "^[!-~]([ -~]*[!-~])?$": "printable ASCII without blanks around it",
    _ADDRESS: "an http or https address, such as https://example.com/leads,",
    "^[01]?$": "0, 1 or nothing",
    "^[1-3]?$": "1, 2, 3 or nothing",
    "^([A-Za-z]{2})?$": "a code of two letters, such as FR, or nothing",
    "^([A-Za-z]{3})?$": "a code of three letters, such as EUR, or nothing",
}
"""The patterns of what clients write, in words, for messages."""
