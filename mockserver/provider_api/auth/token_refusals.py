"""Refusals of a token endpoint: the reason without any secret, and an answer that no cache stores."""

from collections.abc import Mapping
from typing import Any

from mockserver.foundation.problems import Problem
from mockserver.provider_api.auth.oauth_errors import NO_STORE
from mockserver.provider_api.call import JSON, Reply


def refusal_detail(problem: Problem) -> str:
    """Returns the reason of a refused token request, without any value of its members: it may be a secret."""
    if problem.name != "invalid":
        return problem.detail
    members = [violation.pointer[1:] for violation in problem.violations]
    if not all(members):
        return "The body must be a form, or a JSON object, of parameters."
    return f"A parameter is given once, and as text; that is not so for {', '.join(members)}."


def refusal_reply(body: Mapping[str, Any], status: int, problem: Problem) -> Reply:
    """Returns the answer of a token endpoint, which no cache may store (RFC 6749 §5.1)."""
    names = {name for name, _ in problem.headers}
    return Reply(body, status, JSON, [*problem.headers, *(pair for pair in NO_STORE if pair[0] not in names)])
