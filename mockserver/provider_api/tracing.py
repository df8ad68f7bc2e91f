"""W3C Trace Context: which trace a call belongs to, as its answer says."""

import re

from mockserver.foundation.patterns import late_pattern
from mockserver.provider_api.provider import ErrorContext

_TRACEPARENT = late_pattern(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
"""W3C Trace Context §3.2: neither version ff nor an id of zeros is one."""


def headers(error_context: ErrorContext) -> list[tuple[str, str]]:
    """Every answer tells the trace that it belongs to."""
    return [("traceparent", traceparent(error_context))]


def traceparent(error_context: ErrorContext) -> str:
    """The client's own `traceparent` when it sent a good one, else one of this call."""
    sent = error_context.headers.get(b"traceparent")
    if sent is not None and _TRACEPARENT.fullmatch(text := sent.decode("latin-1")):
        return text
    return f"00-{error_context.call_id}-{error_context.call_id[:16]}-01"
