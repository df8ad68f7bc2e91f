"""Error answers outside the providers: RFC 9457 problem details."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem detail with the status's own title."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """What Starlette refuses, or a handler with it."""
    assert isinstance(error, HTTPException)
    detail = error.detail
    headers: dict[str, Any] = dict(error.headers or {})
    if error.status_code == 404 and detail == "Not Found":
        detail = "There is nothing at this path; `/` tells what there is."
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted({*headers.get("Allow", "").split(", "), "HEAD"} - {""}))
        detail = f"{request.method} is not possible here; {headers['Allow']} is."
    return problem(error.status_code, detail, headers)


async def on_error(request: Request, error: Exception) -> JSONResponse:
    """A fault of ours; the log has the traceback."""
    return problem(500, "The mock server failed; its log says why.")
