"""A proxy that takes a prefix off the path says so with `X-Forwarded-Prefix`; it is trusted as uvicorn trusts it."""

from collections.abc import Iterable

from mockserver.foundation.patterns import late_pattern

_PREFIX = late_pattern(r"(?:/[A-Za-z0-9._~!$&'()*+;=:@%-]+)+")


def forwarded_prefix(values: Iterable[bytes]) -> str:
    """Returns the prefix that the headers say, percent-encoded as it came, or nothing for what is no path.

    Proxies in a row say one each, the outermost first.
    """
    parts = [part.strip().rstrip("/") for value in values for part in value.decode("latin-1").split(",")]
    return "".join(part for part in parts if _PREFIX.fullmatch(part))
