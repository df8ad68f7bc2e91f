"""GSL's error envelope: RFC 7807, `errors`, `errorSource` (seed 002; texts of the sister API, dossier gsl §7)."""

from typing import Any

from mockserver.foundation.problems import Problem, Violation
from mockserver.provider_api.auth.client_credentials import TOKEN_OPERATION
from mockserver.provider_api.auth.token_refusals import refusal_detail, refusal_reply
from mockserver.provider_api.call import Reply
from mockserver.provider_api.problem_details import (
    AVIV_SENTENCES,
    NOT_VALIDATED,
    error_source,
    is_validation,
    media_type_of,
    problem_body,
    status_of,
)
from mockserver.provider_api.provider import ErrorContext
from mockserver.provider_api.tracing import headers
from mockserver.providers.gsl.unknown_members import add_unknown_members

_VALIDATION_TYPE = "https://sandbox.leads.api.groupeseloger.com#section/Errors/Validation-Error"
_AVIV_SENTENCES = {
    **AVIV_SENTENCES,
    "forbidden": "You don't have sufficient permissions to perform this action. "
    "Please check the scopes set in your authentication token.",
}
"""The sentences of the sister API, word for word (dossier gsl §7.2)."""
_OAUTH = {
    401: "invalid_client",
    403: "invalid_scope",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}
"""Codes for problems that OAuth does not name; other 4xx are invalid requests, other 5xx errors of the server."""
_OAUTH_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant"),
        *("unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    }
)
"""The error codes of RFC 6749 §5.2."""
_OAUTH_TEXT = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}


def render_problem(problem: Problem, error_context: ErrorContext) -> Reply:
    """Puts the problem into GSL's envelope; the token endpoint speaks RFC 6749 instead."""
    status, variants = status_of(problem), error_context.variants
    if error_context.operation == TOKEN_OPERATION:
        body = add_unknown_members(_oauth(problem, status), variants["additional-members"])
        return refusal_reply(body, status, problem)
    body = problem_body(problem, error_context, _AVIV_SENTENCES)
    if is_validation(problem):
        body.update(_validation(problem, variants["error-items"]))
    body = add_unknown_members({**body, **error_source(problem)}, variants["additional-members"])
    return Reply(body, status, media_type_of(status, variants["error-media-type"]), problem.headers)


def _validation(problem: Problem, variant: str) -> dict[str, Any]:
    name, reason = ("title", "message") if variant == "title-message" else ("name", "reason")
    errors = [{name: _field(violation), reason: _message(violation)} for violation in problem.violations]
    return {"type": _VALIDATION_TYPE, "detail": NOT_VALIDATED, "errors": errors}


def _field(violation: Violation) -> str:
    """Both published examples name the member alone; the sister API's `name` is a pointer to it."""
    return violation.pointer.rsplit("/", 1)[-1] or "body"


def _message(violation: Violation) -> str:
    if violation.rule != "required":
        return violation.message
    # The published sentence writes the member in camel case, whatever its own spelling.
    member = violation.pointer.rsplit("/", 1)[-1]
    return f"Missing required parameter '{member[:1].lower()}{member[1:]}'."


def _oauth(problem: Problem, status: int) -> dict[str, str]:
    """Returns the body of RFC 6749 §5.2; a problem that is not OAuth's own is an invalid request."""
    error = problem.name if problem.name in _OAUTH_ERRORS else _oauth_error(status)
    # RFC 6749 §5.2: printable ASCII, without the quote and the backslash.
    detail = refusal_detail(problem)
    description = "".join(char if char in _OAUTH_TEXT else "'" if char == '"' else "?" for char in detail)
    return {"error": error, "error_description": description}


def _oauth_error(status: int) -> str:
    return _OAUTH.get(status) or ("invalid_request" if status < 500 else "server_error")


__all__ = ["headers", "render_problem"]
