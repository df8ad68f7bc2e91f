"""Error answers outside the providers: RFC 9457 problem details."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from mockserver.foundation.asgi import prefix_of
from mockserver.foundation.problems import Problem
from mockserver.foundation.reasons import reason


def problem_response(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> JSONResponse:
    """A problem detail with the status's own title; `errors` says what is wrong, by pointer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": reason(status),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [dict(error) for error in errors]
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def error_response(error: Exception) -> JSONResponse | None:
    """The answer to an exception of a call, or None when that is a fault of ours."""
    if isinstance(error, Problem):
        return problem_response(error.status, error.detail, dict(error.headers), getattr(error, "errors", ()))
    status = next((status for kind, status in _status_by_exception() if isinstance(error, kind)), None)
    return None if status is None else problem_response(status, _sentence(str(error)))


def _status_by_exception() -> tuple[tuple[type[Exception], int], ...]:
    """Exceptions of the parts of a sandbox with their statuses, the special before the general."""
    from mockserver.foundation.settings import SettingsError
    from mockserver.registry.capsules.document import CapsuleRefused
    from mockserver.registry.sandboxes import SandboxRefused, SandboxTaken, TooManySandboxes
    from mockserver.sandbox.changes import ChangeRefused, KeysRefused
    from mockserver.sandbox.faults import FaultRefused
    from mockserver.sandbox.sandbox import SandboxGone
    from mockserver.scenarios import ScenarioError
    from mockserver.world import WorldError

    return (
        (SandboxTaken, 409),
        (TooManySandboxes, 409),
        (SandboxRefused, 422),
        (CapsuleRefused, 422),
        (SettingsError, 422),
        (WorldError, 422),
        (ScenarioError, 422),
        (KeysRefused, 409),
        (ChangeRefused, 422),
        (FaultRefused, 422),
        (SandboxGone, 404),
    )


def _sentence(text: str) -> str:
    """With a capital where it begins with a word and not with a name such as `credentials.gsl`."""
    if text.partition(" ")[0].isalpha():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."


def nothing_here(prefix: str) -> str:
    """Returns the sentence about an address of ours at which nothing is; `prefix` is where the server is mounted."""
    return f"There is nothing at this path; `{prefix}/` tells what there is."


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """The answer to what Starlette refuses."""
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404 and detail == "Not Found":
        detail = nothing_here(prefix_of(request.scope))
    return problem_response(error.status_code, detail, error.headers)


async def on_error(request: Request, error: Exception) -> JSONResponse:
    """The answer to a fault of ours; the log has the traceback."""
    return problem_response(500, "The mock server failed; its log says why.")
