"""Values of the header Host: what RFC 9112 §3.2 allows."""

import re
from ipaddress import IPv6Address

from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.patterns import late_pattern

_VALUE = late_pattern(
    rb"(?:\[(?:(?P<ipv6>[0-9A-Fa-f:.]{2,45})(?:%25[\w.~%-]+)?|[vV][0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+)\]"
    rb"|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::(?P<port>[0-9]*))?",
    re.ASCII,
)
"""`uri-host [":" port]` of RFC 3986, with the zones of RFC 6874; a name, and a port, may be empty."""
_LARGEST_PORT = 65_535


@cached_when_short(256, 300)
def is_valid_host(value: bytes) -> bool:
    """Tells whether a Host is one by RFC 9112 §3.2; anything else is answered with 400."""
    parts = _VALUE.fullmatch(value.strip())
    if parts is None or len(port := (parts["port"] or b"0").lstrip(b"0")) > 5 or int(port or b"0") > _LARGEST_PORT:
        return False
    try:
        return parts["ipv6"] is None or bool(IPv6Address(parts["ipv6"].decode()))
    except ValueError:
        return False
