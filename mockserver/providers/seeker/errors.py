"""Seeker Leads' error envelope: `errorResponse` (seed 003), or the generic one of another page of the portal."""

from typing import Any

from mockserver.foundation.problems import Problem, Violation, phrase
from mockserver.provider_api.call import JSON, Reply
from mockserver.provider_api.provider import ErrorContext
from mockserver.provider_api.tracing import headers, traceparent

TOKEN_OPERATION = "issueToken"

_STATUS = {"invalid": 400, "invalid_path": 400}
_TITLE = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Payload too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal Server Error",
}
_CODE = {400: "INVALID_REQUEST", 500: "INTERNAL_ERROR"}
"""Of the generic form; where none is here, the title in its spelling."""
_SOURCE = {"body": "body", "query": "requestParameter", "path": "requestParameter", "header": "header"}
_NOT_VALIDATED = "Your request has not been validated"
_SISTER = {
    "unauthorized": "Invalid token. Please check your authentication token, it can either be not valid or expired.",
    "internal_error": "An error has occurred, please contact the customer support team",
    "missing_body": "Body is not defined",
    "unreadable_body": "Validator could not parse body",
    "invalid": _NOT_VALIDATED,
    "invalid_path": _NOT_VALIDATED,
    "bad_scope": "Bad Scope",
}
"""What the sister API says, word for word (dossier seeker §8); of a wrong scope what a client of this one met."""
_NO_STORE = (("cache-control", "no-store"), ("pragma", "no-cache"))
_AUTH0 = {
    "invalid_client": (401, "access_denied", "Unauthorized"),
    "unsupported_grant_type": (403, "unauthorized_client", "Grant type not allowed for the client."),
    "invalid_scope": (403, "access_denied", "Client has not been granted scopes."),
}
"""Refusals of a token request in the words of the service that it looks like (dossier seeker §7)."""
_OAUTH = {400: "invalid_request", 403: "access_denied", 405: "invalid_request", 413: "invalid_request"}
_OAUTH |= {415: "invalid_request", 429: "too_many_requests"}


def render_problem(problem: Problem, error_context: ErrorContext) -> Reply:
    """The problem as Seeker Leads would say it; the token endpoint speaks OAuth instead."""
    if error_context.operation == TOKEN_OPERATION:
        return _oauth(problem)
    status = _STATUS.get(problem.name, problem.status)
    generic = error_context.variants["error-body"] == "generic"
    body = _generic(problem, status) if generic else _problem(problem, status, error_context)
    return Reply(body, status, _media_type(status, error_context.variants["error-media-type"]), problem.headers)


def _problem(problem: Problem, status: int, error_context: ErrorContext) -> dict[str, Any]:
    said = _SISTER.get(problem.name)
    title = _TITLE.get(status) or phrase(status)
    if problem.name == "bad_scope" and error_context.variants["bad-scope"] == "title":
        title, said = "Bad Scope", None
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        # What we know beyond the provider's own sentence is in a member of ours.
        **({"detail": said, "mockReason": problem.detail} if said else {"detail": problem.detail}),
        "instance": traceparent(error_context),
        **_validation(problem),
    }


def _validation(problem: Problem) -> dict[str, Any]:
    if problem.name == "unsupported_media_type":
        return {"errorSource": "contentType"}
    if problem.name not in ("invalid", "invalid_path"):
        return {}
    return {
        "errors": [{"name": _pointer(each), "reason": each.message} for each in problem.violations],
        "errorSource": _SOURCE[problem.violations[0].place],
    }


def _pointer(violation: Violation) -> str:
    return violation.pointer or "/"


def _generic(problem: Problem, status: int) -> dict[str, Any]:
    if problem.name in ("invalid", "invalid_path"):
        details = [{"field": _member(each), "message": each.message} for each in problem.violations]
        message = "The request parameters are invalid"
        return {"error": {"code": "INVALID_REQUEST", "message": message, "details": details}}
    code = _CODE.get(status, (_TITLE.get(status) or phrase(status)).upper().replace(" ", "_"))
    return {"error": {"code": code, "message": _SISTER.get(problem.name, problem.detail)}}


def _member(violation: Violation) -> str:
    return violation.pointer.removeprefix("/").replace("/", ".") or "body"


def _media_type(status: int, variant: str) -> str:
    if variant == "json" or (variant == "sister" and status == 401):
        return JSON
    return "application/json+problem" if variant == "sister" else "application/problem+json"


def _oauth(problem: Problem) -> Reply:
    status = _STATUS.get(problem.name, problem.status)
    status, error, said = _AUTH0.get(problem.name, (status, _OAUTH.get(status, "server_error"), ""))
    detail = _not_text(problem) if problem.name == "invalid" else problem.detail
    body = {"error": error, "error_description": said or detail, **({"mockReason": detail} if said else {})}
    known = {name for name, _ in problem.headers}
    return Reply(body, status, JSON, [*problem.headers, *(pair for pair in _NO_STORE if pair[0] not in known)])


def _not_text(problem: Problem) -> str:
    """All that a token request can break of its schema, without the value: it may be a secret."""
    members = [violation.pointer[1:] for violation in problem.violations]
    if not all(members):
        return "The body must be a form, or a JSON object, of parameters."
    return f"A parameter is given once, and as text; that is not so for {', '.join(members)}."


__all__ = ["TOKEN_OPERATION", "headers", "render_problem"]
