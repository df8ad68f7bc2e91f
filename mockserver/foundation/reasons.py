"""Reason phrases of statuses, the same in bodies whatever Python serves: a status line has what uvicorn writes."""

from http import HTTPStatus

_OLDER = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
"""Those that RFC 9110 renamed, as does Python 3.13. The providers' servers are older than that."""


def reason(status: int) -> str | None:
    """Returns the reason phrase of a status, or None for one that has no name."""
    try:
        return _OLDER.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return None
