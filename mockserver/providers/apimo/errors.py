"""Apimo's error envelope. No literal body is known; clients read `status`, `title`, `detail` (dossier apimo §5)."""

from typing import Any

from mockserver.foundation.problems import Problem, Violation, phrase
from mockserver.provider_api.call import JSON, Reply
from mockserver.provider_api.provider import ErrorContext

_TYPE = "http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html"


def render_problem(problem: Problem, error_context: ErrorContext) -> Reply:
    """The problem as Apimo would say it, under variants `error-body` and `error-media-type`."""
    variants = error_context.variants
    body = _problem(problem) if variants["error-body"] == "problem" else _message(problem)
    as_problem = variants["error-body"] == "problem" and variants["error-media-type"] == "problem"
    media_type = "application/problem+json" if as_problem else JSON
    return Reply(body, problem.status, media_type, problem.headers)


def _problem(problem: Problem) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": _TYPE,
        "title": phrase(problem.status),
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.name == "invalid":
        messages: dict[str, dict[str, str]] = {}
        for violation in problem.violations:
            messages.setdefault(_field(violation), {})[violation.rule] = violation.message
        body["validation_messages"] = messages
    return body


def _message(problem: Problem) -> dict[str, Any]:
    if problem.name != "invalid":
        return {"message": problem.detail}
    errors: dict[str, list[str]] = {}
    for violation in problem.violations:
        errors.setdefault(_field(violation), []).append(violation.message)
    return {"message": "Validation failed", "errors": errors}


def _field(violation: Violation) -> str:
    """The member of the body, or the parameter, that the violation lies in."""
    return violation.pointer.lstrip("/").split("/")[0] or "body"
