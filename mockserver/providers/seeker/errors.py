"""Seeker Leads' error envelope: `errorResponse` (seed 003), or the generic one of another page of the portal."""

from typing import Any

from mockserver.foundation.problems import Problem, Violation
from mockserver.provider_api.auth.client_credentials import TOKEN_OPERATION
from mockserver.provider_api.auth.oauth_errors import OAuthProblem
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
    title_of,
)
from mockserver.provider_api.provider import ErrorContext
from mockserver.provider_api.tracing import headers

_CODE = {400: "INVALID_REQUEST", 500: "INTERNAL_ERROR"}
"""Codes of the generic form; where none is here, the title in its spelling."""
_BAD_SCOPE = "Bad Scope"
_AVIV_SENTENCES = {
    **AVIV_SENTENCES,
    "invalid": NOT_VALIDATED,
    "invalid_path": NOT_VALIDATED,
    "bad_scope": _BAD_SCOPE,
}
"""Sentences of the sister API, word for word (dossier seeker §8), and what a client met for a wrong scope."""
_AUTH0 = {
    "invalid_client": (401, "access_denied", "Unauthorized"),
    "unsupported_grant_type": (403, "unauthorized_client", "Grant type not allowed for the client."),
    "invalid_scope": (403, "access_denied", "Client has not been granted scopes."),
}
"""Refusals of a token request in the words of the service that it looks like (dossier seeker §7)."""
_OAUTH = {400: "invalid_request", 403: "access_denied", 405: "invalid_request", 413: "invalid_request"}
_OAUTH |= {415: "invalid_request", 429: "too_many_requests"}


def render_problem(problem: Problem, error_context: ErrorContext) -> Reply:
    """Puts the problem into Seeker Leads' envelope; the token endpoint speaks OAuth instead."""
    if error_context.operation == TOKEN_OPERATION:
        return _oauth(problem)
    status, variants = status_of(problem), error_context.variants
    body = _generic(problem, status) if variants["error-body"] == "generic" else _problem(problem, error_context)
    return Reply(body, status, media_type_of(status, variants["error-media-type"]), problem.headers)


def _problem(problem: Problem, error_context: ErrorContext) -> dict[str, Any]:
    if problem.name == "bad_scope" and error_context.variants["bad-scope"] == "title":
        return {**problem_body(problem, error_context, {}), "title": _BAD_SCOPE}
    body = problem_body(problem, error_context, _AVIV_SENTENCES)
    if is_validation(problem):
        body["errors"] = [{"name": _pointer(broken), "reason": broken.message} for broken in problem.violations]
    return {**body, **error_source(problem)}


def _pointer(violation: Violation) -> str:
    return violation.pointer or "/"


def _generic(problem: Problem, status: int) -> dict[str, Any]:
    if is_validation(problem):
        details = [{"field": _member(broken), "message": broken.message} for broken in problem.violations]
        message = "The request parameters are invalid"
        return {"error": {"code": "INVALID_REQUEST", "message": message, "details": details}}
    code = _CODE.get(status, title_of(status).upper().replace(" ", "_"))
    return {"error": {"code": code, "message": _AVIV_SENTENCES.get(problem.name, problem.detail)}}


def _member(violation: Violation) -> str:
    return violation.pointer.removeprefix("/").replace("/", ".") or "body"


def _oauth(problem: Problem) -> Reply:
    status, detail = status_of(problem), refusal_detail(problem)
    status, error, sentence = _AUTH0.get(problem.name, (status, _OAUTH.get(status, "server_error"), ""))
    if isinstance(problem, OAuthProblem) and problem.words:
        sentence = problem.words
    body = {"error": error, "error_description": sentence or detail, **({"mockReason": detail} if sentence else {})}
    return refusal_reply(body, status, problem)


__all__ = ["headers", "render_problem"]
