"""Problems, which are named errors that belong to no provider. Each provider renders them in its own envelope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

MessagePart = Literal["path", "query", "header", "body", "reply"]


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
        self.detail = detail
        self.violations = tuple(violations)
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
    detail = "; ".join(violation.message for violation in violations)
    return Problem(404, "invalid_path", detail, violations=violations)


def method_not_allowed(method: str, allow: str) -> Problem:
    """405: the address exists, the method does not. `allow` is the sorted list of the methods that do."""
    return Problem(405, "method_not_allowed", f"{method} is not possible here; {allow} is.", headers=[("allow", allow)])


def request_timeout(detail: str) -> Problem:
    """408: the request did not come whole in the time that it has."""
    return Problem(408, "request_timeout", detail)


def payload_too_large(limit: int) -> Problem:
    """413: the body is over `limit` bytes. The server discards the rest of it, so that the client sees the response."""
    return Problem(
        413, "payload_too_large", f"The request body is larger than {limit} bytes, the most that this server reads."
    )


def unsupported_media_type(media_type: str, accepted: Sequence[str]) -> Problem:
    """415: the body is in a format that the operation does not read."""
    error = f"Content-Type is {media_type!r}" if media_type else "Content-Type is missing"
    return Problem(415, "unsupported_media_type", f"{error}; send {' or '.join(accepted)}.")


def invalid(violations: Sequence[Violation]) -> Problem:
    """422: the request can be read, but breaks the contract. A provider may render it with another status."""
    return Problem(422, "invalid", "; ".join(violation.message for violation in violations), violations=violations)


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


def phrase(status: int) -> str:
    """Returns the reason phrase of a status, or `Error` for an unknown one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
