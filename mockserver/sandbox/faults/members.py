"""The members of a fault: which calls it meets, and what belongs to its kind."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, StringConstraints

from mockserver.foundation.bounds import AN_HOUR_MS, MOST_CALLS
from mockserver.foundation.models import Given
from mockserver.sandbox.faults.member_patch import JsonPointer, MemberPatches

_HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
_HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\t\x20-\x7e\xa1-\xff]{0,2000}$")]
_Target = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Milliseconds = Annotated[int, Field(ge=0, le=AN_HOUR_MS)]
_CallNumber = Annotated[int, Field(ge=1, le=MOST_CALLS)]

MATCHING_MEMBERS = frozenset(
    {"provider", "operation", "path", "method", "after", "calls", "times", "probability", "until", "lasts"}
)
"""The members that say which calls a fault meets."""


class FaultMembers(Given):
    """All that can be said of a fault; the row of its kind tells which of it means something."""

    kind: str
    provider: _Target | None = None
    operation: _Target | None = None
    """An operationId."""
    path: Annotated[str, StringConstraints(pattern=r"^[/*?\[]", max_length=300)] | None = None
    """A glob on the path below the provider's origin: `/v2/leads*`. A `*` also stands for slashes."""
    method: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,20}$", to_upper=True)] | None = None
    after: int = Field(default=0, ge=0, le=MOST_CALLS)
    """How many calls it lets pass first."""
    calls: tuple[_CallNumber, ...] | None = Field(default=None, min_length=1, max_length=1000)
    """The only calls that it strikes, by number."""
    times: int | None = Field(default=None, ge=1, le=MOST_CALLS)
    """How many calls it strikes at most."""
    probability: float | None = Field(default=None, gt=0, le=1)
    """The chance of each call to meet it. The same in every run: it follows from the seed and the call's number."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """What all chance in it starts from; its id when there is none."""
    until: str | None = None
    """ISO 8601 moment on the sandbox's clock after which it strikes no more."""
    lasts: str | None = None
    """The same as an ISO 8601 duration from when it was put there."""

    status: int | None = Field(default=None, ge=100, le=599)
    headers: Mapping[_HeaderName, _HeaderValue] = Field(default={}, max_length=50)
    """Take the place of those with the same names."""
    body: Any = None
    """In the place of the provider's own: a text as it stands, anything else as JSON."""
    retry_after: int | None = Field(default=None, ge=0, le=31_536_000)
    """Seconds of the header Retry-After."""
    retry_after_form: Literal["seconds", "date"] = "seconds"
    delay_ms: _Milliseconds | None = None
    """How long the answer is held; with `sigma` the median. Between two pieces in a drip."""
    sigma: float | None = Field(default=None, gt=0, le=4)
    """The delay is log-normal, with this standard deviation of its logarithm."""
    keep_bytes: int | None = Field(default=None, ge=0, le=1024**3)
    """How much of the body is left; half when it is not said."""
    length: Literal["right", "wrong"] = "right"
    """Whether Content-Length is that of what is left, or of the whole body and the connection ends too early."""
    at: Literal["before", "middle", "after"] = "after"
    """When the connection is reset: before anything is done, in the middle of the answer, or where it would begin."""
    piece_bytes: int = Field(default=64, ge=1, le=65_536)
    pointer: JsonPointer | None = None
    """RFC 6901 to the member that gets a wrong type; any member when it is not said."""
    changes: MemberPatches | None = None
    """The changes of members of the answer, in their order."""
    location: Annotated[str, StringConstraints(pattern=r"^(https?://|/)[\x21-\x7e]*$", max_length=2000)] | None = None
    """Where a redirect leads; to the same address by the other name of this machine when it is not said."""

    def as_dict(self) -> dict[str, Any]:
        """Returns the members that were given, as plain JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


def encode_body(body: Any) -> bytes:
    """Returns a body in bytes: a text as it stands, anything else as JSON; ValueError when that cannot be."""
    if body is None:
        return b""
    try:
        return body.encode() if isinstance(body, str) else orjson.dumps(body)
    except (TypeError, UnicodeEncodeError):
        raise ValueError("`body` cannot be written as JSON in UTF-8") from None
