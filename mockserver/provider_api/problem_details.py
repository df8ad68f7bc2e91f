"""Problems in an envelope after RFC 7807, as AVIV's APIs write them: `detail`, `instance`, `errors`, `errorSource`."""

from collections.abc import Mapping
from typing import Any

from mockserver.foundation.problems import Problem, not_found, phrase
from mockserver.provider_api.call import JSON
from mockserver.provider_api.provider import ErrorContext
from mockserver.provider_api.tracing import traceparent

AVIV_SENTENCES: Mapping[str, str] = {
    "unauthorized": "Invalid token. Please check your authentication token, it can either be not valid or expired.",
    "internal_error": "An error has occurred, please contact the customer support team",
    "missing_body": "Body is not defined",
    "unreadable_body": "Validator could not parse body",
}
"""Sentences of the API whose chapter on errors is published, word for word, by the name of the problem."""
NOT_VALIDATED = "Your request has not been validated"

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


def no_resource(id: object) -> Problem:
    """404 in the family's words, its grammar included: nothing that the customer may see has this id."""
    return not_found(f"The resource you are trying to operate with doesn't exists: {id}.")


def status_of(problem: Problem) -> int:
    """Returns the status of the answer; a value that breaks the contract is always a 400."""
    return _STATUS.get(problem.name, problem.status)


def title_of(status: int) -> str:
    """Returns the title of an answer with that status."""
    return _TITLE.get(status) or phrase(status)


def is_validation(problem: Problem) -> bool:
    """Tells whether a problem lists violations, which `errors` shows."""
    return problem.name in _STATUS


def problem_body(problem: Problem, error_context: ErrorContext, sentences: Mapping[str, str]) -> dict[str, Any]:
    """Returns the members that every problem has. The provider's sentence, if any, moves ours to `mockReason`."""
    status, sentence = status_of(problem), sentences.get(problem.name)
    return {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        **({"detail": sentence, "mockReason": problem.detail} if sentence else {"detail": problem.detail}),
        "instance": traceparent(error_context),
    }


def error_source(problem: Problem) -> dict[str, str]:
    """Returns `errorSource`, the part of the request that is wrong; empty where a problem has no such part."""
    if problem.name == "unsupported_media_type":
        return {"errorSource": "contentType"}
    return {"errorSource": _SOURCE[problem.violations[0].place]} if is_validation(problem) else {}


def media_type_of(status: int, variant: str) -> str:
    """Returns the content type of an error under variant `error-media-type`: `sister`, `standard` or `json`."""
    if variant == "standard":
        return "application/problem+json"
    return JSON if variant == "json" or status == 401 else "application/json+problem"
