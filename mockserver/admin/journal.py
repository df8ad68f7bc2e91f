"""The filter of the journal."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request


class JournalFilter(BaseModel):
    """The query parameters of `GET /__admin/journal`; what is not given does not filter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str | None = None
    operation: str | None = None
    status: int | None = None
    violations: bool | None = None
    """Only calls with, or only calls without violations."""
    limit: int = Field(default=1_000_000, ge=1)
    """The newest so many of those that fit."""


def read_filter(request: Request) -> JournalFilter:
    """The filter that a request asks for. Raises a 400 that names the parameter."""
    try:
        return JournalFilter.model_validate(dict(request.query_params))
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        known = ", ".join(JournalFilter.model_fields)
        raise HTTPException(400, f"Query parameter {found['loc'][0]!r}: {found['msg']}. Known are {known}.") from None
