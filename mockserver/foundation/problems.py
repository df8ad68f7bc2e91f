"""Problems, which are named errors that belong to no provider. Each provider renders them in its own envelope."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.reasons import reason

MessagePart = Literal["path", "query", "header", "body", "reply"]

MAX_VIOLATIONS = 20
"""No more violations than this are reported for one message, wherever they come from."""
MAX_MESSAGE = 1_000
"""The most characters of a pointer or a message of a violation; names that clients send are in them."""
_MAX_EXCERPT, _MAX_DETAIL = 60, 8_000


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of a contract that a request or a response broke."""

    place: MessagePart
    pointer: str
    """RFC 6901 pointer into the body or the reply; elsewhere the name of the parameter (`/limit`)."""
    rule: str
    """The JSON Schema keyword that was broken, for example `required` or `type`."""
    message: str

    def as_dict(self) -> dict[str, str]:
        """Returns the JSON form for the journal and the admin API."""
        return {"in": self.place, "pointer": self.pointer, "rule": self.rule, "message": self.message}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Violation":
        """Reads the form that `as_dict` returns."""
        return cls(document["in"], document["pointer"], document["rule"], document["message"])


def excerpt(text: str, most: int = _MAX_EXCERPT) -> str:
    """Returns a text that a client sent, cut behind so many characters, for a sentence about it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def bounded(violations: Sequence[Violation], left_out: int = 0) -> tuple[Violation, ...]:
    """Returns the first `MAX_VIOLATIONS`, each cut at `MAX_MESSAGE`; the last one says how many more there are.

    `left_out` is the number of those that the caller has counted and not listed.
    """
    more = left_out + max(0, len(violations) - MAX_VIOLATIONS)
    first = [_cut(violation) for violation in violations[:MAX_VIOLATIONS]]
    if more and first:
        first[-1] = replace(first[-1], message=f"{first[-1].message}; {more} more {'is' if more == 1 else 'are'} wrong")
    return tuple(first)


def _cut(violation: Violation) -> Violation:
    if len(violation.message) <= MAX_MESSAGE and len(violation.pointer) <= MAX_MESSAGE:
        return violation
    pointer, message = excerpt(violation.pointer, MAX_MESSAGE), excerpt(violation.message, MAX_MESSAGE)
    return replace(violation, pointer=pointer, message=message)


class Problem(Exception):
    """The reason of an error response. The functions below make one, the pipeline catches it, a provider renders it."""

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        violations: Sequence[Violation] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = excerpt(detail, _MAX_DETAIL)
        self.violations = bounded(violations) if violations else ()
        self.headers = tuple(headers)


def malformed(detail: str) -> Problem:
    """400: the message cannot be read at all."""
    return Problem(400, "malformed", detail)


def missing_body() -> Problem:
    """400: there is no body, and the operation needs one."""
    return Problem(400, "missing_body", "The body is empty; a JSON object is needed.")


def unreadable_body(detail: str) -> Problem:
    """400: the body is not in the format that it claims."""
    return Problem(400, "unreadable_body", detail)


def unauthorized(detail: str, *, challenge: str) -> Problem:
    """401: the credentials are missing or unknown. `challenge` is the value of `WWW-Authenticate`."""
    return Problem(401, "unauthorized", detail, headers=[("www-authenticate", challenge)])


def forbidden(detail: str) -> Problem:
    """403: the credentials are valid, but do not allow this call."""
    return Problem(403, "forbidden", detail)


def not_found(detail: str) -> Problem:
    """404: there is no such resource, or no such address."""
    return Problem(404, "not_found", detail)


def invalid_path(violations: Sequence[Violation]) -> Problem:
    """404: a path parameter has an invalid value. A provider may render it with another status."""
    violations = bounded(violations)
    return Problem(404, "invalid_path", _all_messages(violations), violations=violations)


def method_not_allowed(method: str, allow: str) -> Problem:
    """405: the address exists, the method does not. `allow` is the sorted list of the methods that do."""
    return Problem(405, "method_not_allowed", f"{method} is not possible here; {allow} is.", headers=[("allow", allow)])


def payload_too_large(limit: int) -> Problem:
    """413: the body is over `limit` bytes. The server discards the rest of it, so that the client sees the response."""
    return Problem(
        413, "payload_too_large", f"The request body is larger than {limit} bytes, the most that this server reads."
    )


def unsupported_media_type(media_type: str | None, accepted: Sequence[str]) -> Problem:
    """415: the body is in a format that the operation does not read; None when the request does not say in which."""
    error = "Content-Type is missing" if media_type is None else f"Content-Type is {excerpt(media_type)!r}"
    return Problem(415, "unsupported_media_type", f"{error}; send {' or '.join(accepted)}.")


def unsupported_charset(charset: str) -> Problem:
    """415: the body is in characters that this server does not read."""
    detail = f"Content-Type says charset={excerpt(charset)}; send the body in UTF-8."
    return Problem(415, "unsupported_media_type", detail)


def unsupported_coding(coding: str) -> Problem:
    """415: the body is compressed. By RFC 9110 §15.5.16 the answer says by Accept-Encoding what would be read."""
    detail = f"Content-Encoding is {excerpt(coding)!r}; compressed bodies are not read here: send the body as it is."
    violations = [Violation("header", "/content-encoding", "unsupported_media_type", detail)]
    headers = [("accept-encoding", "identity")]
    return Problem(415, "unsupported_media_type", detail, violations=violations, headers=headers)


def invalid(violations: Sequence[Violation], left_out: int = 0) -> Problem:
    """422: the request can be read, but breaks the contract. A provider may render it with another status.

    `left_out` is the number of violations beside those that are listed.
    """
    violations = bounded(violations, left_out)
    return Problem(422, "invalid", _all_messages(violations), violations=violations)


def too_many_requests(detail: str, *, retry_after: int) -> Problem:
    """429: a quota is exhausted for `retry_after` seconds."""
    return Problem(429, "too_many_requests", detail, headers=[("retry-after", str(retry_after))])


def internal_error(violations: Sequence[Violation] = ()) -> Problem:
    """500: this server is at fault, never the client."""
    detail = "The mock server made an answer that it could not stand by; its journal and its log say why."
    return Problem(500, "internal_error", detail, violations=violations)


def unavailable(detail: str) -> Problem:
    """503: this server cannot answer now; the same call may succeed later."""
    return Problem(503, "unavailable", detail)


def _all_messages(violations: Sequence[Violation]) -> str:
    return "; ".join(violation.message for violation in violations)


def phrase(status: int) -> str:
    """Returns the reason phrase of a status, or `Error` for an unknown one."""
    return reason(status) or "Error"
