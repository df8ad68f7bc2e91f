"""GSL's error envelope: RFC 7807, `errors`, `errorSource` (seed 002; texts of the sister API, dossier gsl §7)."""

from typing import Any

from mockserver.foundation.problems import Problem, Violation, phrase
from mockserver.provider_api.call import JSON, Reply
from mockserver.provider_api.provider import ErrorContext
from mockserver.provider_api.tracing import headers, traceparent
from mockserver.providers.gsl.unknown_members import add_unknown_members

TOKEN_OPERATION = "issueToken"

_NO_STORE = (("cache-control", "no-store"), ("pragma", "no-cache"))

_STATUS = {"invalid": 400, "invalid_path": 400}
_TITLE = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    413: "Payload too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal Server Error",
}
_SOURCE = {"body": "body", "query": "requestParameter", "path": "requestParameter", "header": "header"}
_VALIDATION_TYPE = "https://sandbox.leads.api.groupeseloger.com#section/Errors/Validation-Error"
_SISTER = {
    "unauthorized": "Invalid token. Please check your authentication token, it can either be not valid or expired.",
    "forbidden": "You don't have sufficient permissions to perform this action. "
    "Please check the scopes set in your authentication token.",
    "internal_error": "An error has occurred, please contact the customer support team",
    "missing_body": "Body is not defined",
    "unreadable_body": "Validator could not parse body",
}
"""What the sister API says, word for word (dossier gsl §7.2)."""
_OAUTH = {
    401: "invalid_client",
    403: "invalid_scope",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}
"""Codes for problems that OAuth does not name; other 4xx are invalid requests, other 5xx errors of the server."""


def render_problem(problem: Problem, error_context: ErrorContext) -> Reply:
    """The problem as GSL would say it; the token endpoint speaks RFC 6749 instead."""
    if error_context.operation == TOKEN_OPERATION:
        return _oauth(problem, error_context)
    status = _STATUS.get(problem.name, problem.status)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLE.get(status) or phrase(status),
        "status": status,
        **_detail(problem),
        "instance": traceparent(error_context),
    }
    if problem.name in ("invalid", "invalid_path"):
        body.update(_validation(problem, error_context.variants["error-items"]))
    if problem.name == "unsupported_media_type":
        body["errorSource"] = "contentType"
    body = add_unknown_members(body, error_context.variants["additional-members"])
    return Reply(body, status, _media_type(status, error_context.variants["error-media-type"]), problem.headers)


def _detail(problem: Problem) -> dict[str, str]:
    """The sister API's own sentence where it has one; what we know beyond it is in a member of ours."""
    said = _SISTER.get(problem.name)
    return {"detail": said, "mockReason": problem.detail} if said else {"detail": problem.detail}


def _validation(problem: Problem, variant: str) -> dict[str, Any]:
    name, reason = ("title", "message") if variant == "title-message" else ("name", "reason")
    return {
        "type": _VALIDATION_TYPE,
        "detail": "Your request has not been validated",
        "errors": [{name: _field(violation), reason: _message(violation)} for violation in problem.violations],
        "errorSource": _SOURCE[problem.violations[0].place],
    }


def _field(violation: Violation) -> str:
    """Both published examples name the member alone; the sister API's `name` is a pointer to it."""
    return violation.pointer.rsplit("/", 1)[-1] or "body"


def _message(violation: Violation) -> str:
    if violation.rule != "required":
        return violation.message
    # The published sentence writes the member in camel case, whatever its own spelling.
    member = violation.pointer.rsplit("/", 1)[-1]
    return f"Missing required parameter '{member[:1].lower()}{member[1:]}'."


def _media_type(status: int, variant: str) -> str:
    if variant == "standard":
        return "application/problem+json"
    return JSON if status == 401 else "application/json+problem"


def _oauth(problem: Problem, error_context: ErrorContext) -> Reply:
    """RFC 6749 §5.2; a problem that is not OAuth's own is an invalid request."""
    status = _STATUS.get(problem.name, problem.status)
    error = problem.name if problem.name in OAUTH_ERRORS else _oauth_error(status)
    detail = _not_text(problem) if problem.name == "invalid" else problem.detail
    known = {name for name, _ in problem.headers}
    headers = [*problem.headers, *(pair for pair in _NO_STORE if pair[0] not in known)]
    # RFC 6749 §5.2: printable ASCII, without the quote and the backslash.
    description = "".join(char if char in _OAUTH_TEXT else "'" if char == '"' else "?" for char in detail)
    body = add_unknown_members(
        {"error": error, "error_description": description}, error_context.variants["additional-members"]
    )
    return Reply(body, status, JSON, headers)


def _oauth_error(status: int) -> str:
    return _OAUTH.get(status) or ("invalid_request" if status < 500 else "server_error")


def _not_text(problem: Problem) -> str:
    """All that a token request can break of its schema, without the value: it may be a secret."""
    members = [violation.pointer[1:] for violation in problem.violations]
    if not all(members):
        return "The body must be a form, or a JSON object, of parameters."
    return f"A parameter is given once, and as text; that is not so for {', '.join(members)}."


_OAUTH_TEXT = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}


OAUTH_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant"),
        *("unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    }
)
"""The error codes of RFC 6749 §5.2."""

__all__ = ["OAUTH_ERRORS", "TOKEN_OPERATION", "headers", "render_problem"]
