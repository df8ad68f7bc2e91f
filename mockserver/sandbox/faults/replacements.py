"""What comes in the place of a provider's answer: refusals that were asked for, pages of a proxy, broken JSON."""

import orjson

from mockserver.foundation.problems import Problem
from mockserver.sandbox.faults.model import Fault

PAGE = b"""<!DOCTYPE html>
<html>
<head><title>Please stand by</title></head>
<body>
<center><h1>Please stand by</h1></center>
<hr><center>proxy</center>
</body>
</html>
"""
HTML = "text/html; charset=utf-8"

_SAID = {
    400: ("malformed", "The request cannot be read."),
    401: ("unauthorized", "The credentials are not good any more."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is no such thing."),
    429: ("too_many_requests", "Too many requests."),
    500: ("internal_error", "An error has occurred."),
    502: ("bad_gateway", "The gateway got no good answer."),
    503: ("unavailable", "The service is not available now."),
    504: ("gateway_timeout", "The gateway got no answer in time."),
}


def refusal(fault: Fault, challenge: str | None, retry_date: str) -> Problem:
    """The status that was asked for as a problem. `challenge` is that of a 401, `retry_date` a date for Retry-After."""
    assert fault.status is not None
    name, detail = _SAID.get(fault.status, ("refused", "The request was not carried out."))
    headers = []
    if fault.status == 401 and challenge:
        headers.append(("www-authenticate", challenge))
    if fault.retry_after is not None:
        headers.append(("retry-after", retry_date if fault.retry_after_form == "date" else str(fault.retry_after)))
    return Problem(fault.status, name, detail, headers=headers)


def overridden(headers: tuple[tuple[bytes, bytes], ...], fault: Fault) -> tuple[tuple[bytes, bytes], ...]:
    """The headers with those that the fault brings along in the place of those with the same names."""
    own = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in fault.headers.items())
    names = {name for name, _ in own}
    return (*(pair for pair in headers if pair[0] not in names), *own)


def other_name(origin: str, server: str | None) -> str:
    """The same origin by another name of the same machine, so that it is another one to a client."""
    scheme, _, host = origin.partition("://")
    name, port = host, ""
    if not host.endswith("]") and ":" in host:
        name, _, port = host.rpartition(":")
    other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(name)
    if other is None:
        other = server if server and server != name and "/" not in server and ":" not in server else "localhost"
    return f"{scheme}://{other}" + (f":{port}" if port else "")


def malformed(body: bytes) -> bytes:
    """The same bytes, but no JSON any more: the first colon between a name and its value is another sign."""
    broken = body.replace(b'":', b'"=', 1)
    return broken if broken != body and not is_json(broken) else b'{"' + body


def is_json(body: bytes) -> bool:
    """Whether it can be read."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
