"""Refusals by name, neutral: what was wrong, where, and what would be right. Each provider dresses them its own way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

MessagePart = Literal["path", "query", "header", "body", "reply"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of a contract that a message broke."""

    place: MessagePart
    pointer: str
    """RFC 6901 into the body or the reply; the name of the parameter (`/limit`) elsewhere."""
    rule: str
    """The keyword that was broken, for example `required` or `type`."""
    message: str

    def as_dict(self) -> dict[str, str]:
        """The form that the journal and the admin API show."""
        return {"in": self.place, "pointer": self.pointer, "rule": self.rule, "message": self.message}

    @classmethod
    def from_dict(cls, shown: Mapping[str, Any]) -> "Violation":
        """The inverse of `as_dict`."""
        return cls(shown["in"], shown["pointer"], shown["rule"], shown["message"])


class Problem(Exception):
    """A call that gets an error answer. Raised by the verbs below, caught by `dispatch`, dressed by the provider."""

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
    """401: nobody, or nobody we know. `challenge` is the value of `WWW-Authenticate`."""
    return Problem(401, "unauthorized", detail, headers=[("www-authenticate", challenge)])


def forbidden(detail: str) -> Problem:
    """403: known, but not allowed."""
    return Problem(403, "forbidden", detail)


def not_found(detail: str) -> Problem:
    """404: there is no such thing, or no such address."""
    return Problem(404, "not_found", detail)


def invalid_path(violations: Sequence[Violation]) -> Problem:
    """404: a part of the path cannot be what it stands for. Providers may answer it with another status of theirs."""
    detail = "; ".join(violation.message for violation in violations)
    return Problem(404, "invalid_path", detail, violations=violations)


def method_not_allowed(method: str, allow: str) -> Problem:
    """405: the address exists, the method does not. `allow` is the sorted list of those that do."""
    return Problem(405, "method_not_allowed", f"{method} is not possible here; {allow} is.", headers=[("allow", allow)])


def payload_too_large(limit: int) -> Problem:
    """413: the body is over `limit` bytes. What still comes of it is passed over; the client sees the answer."""
    return Problem(
        413, "payload_too_large", f"The request body is larger than {limit} bytes, the most that this server reads."
    )


def unsupported_media_type(given: str, accepted: Sequence[str]) -> Problem:
    """415: the body is in a format that the operation does not read."""
    said = f"Content-Type is {given!r}" if given else "Content-Type is missing"
    return Problem(415, "unsupported_media_type", f"{said}; send {' or '.join(accepted)}.")


def invalid(violations: Sequence[Violation]) -> Problem:
    """422: readable, but against the contract. Providers may answer it with another status of theirs."""
    return Problem(422, "invalid", "; ".join(violation.message for violation in violations), violations=violations)


def too_many_requests(detail: str, *, retry_after: int) -> Problem:
    """429: a quota is used up for `retry_after` seconds."""
    return Problem(429, "too_many_requests", detail, headers=[("retry-after", str(retry_after))])


def internal_error(violations: Sequence[Violation] = ()) -> Problem:
    """500: a fault of this server, never of the caller."""
    detail = "The mock server made an answer that it could not stand by; its journal and its log say why."
    return Problem(500, "internal_error", detail, violations=violations)


def unavailable(detail: str) -> Problem:
    """503: this server cannot do its work now; the same call may succeed later."""
    return Problem(503, "unavailable", detail)


def phrase(status: int) -> str:
    """What HTTP calls a status; one that it does not know is an error all the same."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
