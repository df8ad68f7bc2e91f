"""Refusals of the HTTP server itself: what is no request has no provider, and gets a problem detail of ours."""

import json
import logging

import httptools

from mockserver.foundation.reasons import reason

log = logging.getLogger("mockserver.server")


class RequestRefused(Exception):
    """A request that the server does not take, with the status and the sentence of its answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def refusal_of(error: httptools.HttpParserError) -> RequestRefused:
    """Returns the refusal that an error of the parser stands for; it carries one that a callback has raised."""
    cause = error.__context__
    if isinstance(cause, RequestRefused):
        return cause
    if isinstance(error, httptools.HttpParserCallbackError):
        log.error("a request could not be taken: %r", cause)
        log.debug("the request that could not be taken", exc_info=cause)
        return RequestRefused(500, "The mock server failed; its log says why.")
    message = str(error)
    if message == "Pause on PRI/Upgrade":
        return http_version_refused("2.0")
    return RequestRefused(400, f"This is not an HTTP/1.1 request that can be read. The parser says: {message}.")


def http_version_refused(version: str) -> RequestRefused:
    """Returns the refusal of a version of HTTP that is not spoken here."""
    return RequestRefused(505, f"HTTP/{version} is not spoken here; send HTTP/1.1.")


def target_refused(target: bytes) -> RequestRefused:
    """Returns the refusal of a request line without a path."""
    start = target[:100].decode("latin-1")
    return RequestRefused(400, f"The target of the request, {start!r}, is no path; it must begin with `/`.")


def fragment_refused() -> RequestRefused:
    """Returns the refusal of a target with a fragment, which clients keep to themselves."""
    return RequestRefused(400, "The target has a `#`; a fragment is never sent (RFC 9110 §7.1), and a `#` is `%23`.")


def problem_body(status: int, detail: str) -> bytes:
    """Returns a problem detail as JSON."""
    title = reason(status)
    return json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail}).encode()


def refusal_bytes(status: int, detail: str) -> bytes:
    """Returns a whole answer after which the connection ends."""
    body = problem_body(status, detail)
    head = (
        f"HTTP/1.1 {status} {reason(status)}\r\ncontent-type: application/problem+json\r\n"
        f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
