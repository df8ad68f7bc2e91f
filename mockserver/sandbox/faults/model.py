"""One deliberate misbehaviour, as it is asked for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, StringConstraints, model_validator

from mockserver.domain import Frozen
from mockserver.foundation.clock import LAST_SECOND, parse_duration, parse_moment

MAX_BODY = 64 * 1024
"""The most bytes of a body that a fault brings along."""
AN_HOUR_MS = 3_600_000
_BODYLESS = (204, 205, 304)


class Kind(StrEnum):
    """What a fault does: to when an answer comes, to what is in it, to what comes in its place, to how it is sent."""

    DELAY = "delay"
    DRIP = "drip"
    STALE = "stale"
    DUPLICATE_ITEMS = "duplicate_items"
    REORDER_ITEMS = "reorder_items"
    EXTRA_MEMBERS = "extra_members"
    UNKNOWN_VALUES = "unknown_values"
    WRONG_TYPE = "wrong_type"
    STATUS = "status"
    REDIRECT = "redirect"
    CONTENT_TYPE = "content_type"
    EMPTY = "empty"
    MALFORMED = "malformed"
    TRUNCATE = "truncate"
    RESET = "reset"


_ABOUT_CALLS = ("provider", "operation", "path", "method", "after", "calls", "times", "probability", "until", "lasts")
_OF_ALL = frozenset({"kind", "seed", *_ABOUT_CALLS})
_OF_KIND: Mapping[Kind, frozenset[str]] = {
    Kind.DELAY: frozenset({"delay_ms", "sigma"}),
    Kind.DRIP: frozenset({"delay_ms", "piece_bytes"}),
    Kind.WRONG_TYPE: frozenset({"pointer"}),
    Kind.STATUS: frozenset({"status", "headers", "body", "retry_after", "retry_after_form", "delay_ms", "sigma"}),
    Kind.REDIRECT: frozenset({"status", "location"}),
    Kind.CONTENT_TYPE: frozenset({"status", "headers", "body"}),
    Kind.TRUNCATE: frozenset({"keep_bytes", "length"}),
    Kind.RESET: frozenset({"at"}),
}
"""Which members mean something to which kind, beside those of all."""
_NEEDED: Mapping[Kind, tuple[str, ...]] = {Kind.DELAY: ("delay_ms",), Kind.STATUS: ("status",)}
_STATUSES: Mapping[Kind, tuple[frozenset[int], str]] = {
    Kind.STATUS: (frozenset(range(400, 600)), "400 to 599"),
    Kind.REDIRECT: (frozenset({301, 302, 303, 307, 308}), "301, 302, 303, 307 or 308"),
    Kind.CONTENT_TYPE: (frozenset(range(200, 600)) - {*_BODYLESS}, "200 to 599, of one that has a body"),
}
_OURS = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})
"""Headers that follow from how an answer is sent."""

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\t\x20-\x7e\xa1-\xff]{0,2000}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Milliseconds = Annotated[int, Field(ge=0, le=AN_HOUR_MS)]
CallNumber = Annotated[int, Field(ge=1)]


class Fault(Frozen):
    """Which calls it meets, and what it does to them. Calls are numbered by those that it could meet, from 1."""

    kind: Kind
    provider: Name | None = None
    operation: Name | None = None
    """An operationId."""
    path: Annotated[str, StringConstraints(pattern=r"^[/*?\[]", max_length=300)] | None = None
    """A glob on the path below the provider's origin: `/v2/leads*`. A `*` also stands for slashes."""
    method: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,20}$", to_upper=True)] | None = None
    after: int = Field(default=0, ge=0)
    """How many calls it lets pass first."""
    calls: tuple[CallNumber, ...] | None = Field(default=None, min_length=1, max_length=1000)
    """The only calls that it strikes, by number."""
    times: int | None = Field(default=None, ge=1)
    """How many calls it strikes at most."""
    probability: float | None = Field(default=None, gt=0, le=1)
    """The chance of each call to be struck. The same in every run: it follows from the seed and the call's number."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """What all chance in it starts from; its id when there is none."""
    until: str | None = None
    """ISO 8601 moment on the sandbox's clock after which it strikes no more."""
    lasts: str | None = None
    """The same as an ISO 8601 duration from when it was put there."""

    status: int | None = None
    headers: Mapping[HeaderName, HeaderValue] = Field(default={}, max_length=50)
    """Take the place of those with the same names."""
    body: Any = None
    """In the place of the provider's own: a text as it stands, anything else as JSON."""
    retry_after: int | None = Field(default=None, ge=0, le=31_536_000)
    """Seconds of the header Retry-After."""
    retry_after_form: Literal["seconds", "date"] = "seconds"
    delay_ms: Milliseconds | None = None
    """How long the answer is held; with `sigma` the median. Between two pieces in a drip."""
    sigma: float | None = Field(default=None, gt=0, le=4)
    """The delay is log-normal, with this standard deviation of its logarithm."""
    keep_bytes: int | None = Field(default=None, ge=0)
    """How much of the body is left; half when it is not said."""
    length: Literal["right", "wrong"] = "right"
    """Whether Content-Length is that of what is left, or of the whole body and the connection ends too early."""
    at: Literal["before", "middle", "after"] = "after"
    """When the connection is reset: before anything is done, in the middle of the answer, or where it would begin."""
    piece_bytes: int = Field(default=64, ge=1, le=65_536)
    pointer: Annotated[str, StringConstraints(pattern=r"^(/([^~/]|~[01])*)*$", max_length=500)] | None = None
    """RFC 6901 to the member that gets a wrong type; any member when it is not said."""
    location: Annotated[str, StringConstraints(pattern=r"^(https?://|/)[\x21-\x7e]*$", max_length=2000)] | None = None
    """Where a redirect leads; to the same address by the other name of this machine when it is not said."""

    @model_validator(mode="after")
    def _makes_sense(self) -> "Fault":
        self._check_members()
        self._check_status()
        self._check_lifetime()
        if self.sigma is not None and self.delay_ms is None:
            raise ValueError("`sigma` widens a delay; give `delay_ms`, its median, too")
        if "retry_after_form" in self.model_fields_set and self.retry_after is None:
            raise ValueError("`retry_after_form` says how `retry_after` is written; give `retry_after` too")
        if ours := sorted(_OURS & {name.lower() for name in self.headers}):
            raise ValueError(f"header {ours[0]!r} follows from how the answer is sent and cannot be given")
        if len(encoded(self.body)) > MAX_BODY:
            raise ValueError(f"`body` is larger than {MAX_BODY} bytes, the most that a fault brings along")
        return self

    def _check_members(self) -> None:
        own = _OF_KIND.get(self.kind, frozenset())
        said = {name for name in self.model_fields_set if getattr(self, name) is not None}
        for name in sorted(said - _OF_ALL - own):
            kinds = ", ".join(sorted(kind for kind, members in _OF_KIND.items() if name in members))
            raise ValueError(f"`{name}` means nothing to kind {self.kind.value!r}; it belongs to {kinds}")
        for name in _NEEDED.get(self.kind, ()):
            if getattr(self, name) is None:
                raise ValueError(f"kind {self.kind.value!r} needs `{name}`")

    def _check_status(self) -> None:
        if self.status is not None and self.status not in _STATUSES[self.kind][0]:
            wanted = _STATUSES[self.kind][1]
            raise ValueError(f"`status` {self.status} is not possible for kind {self.kind.value!r}; {wanted} is")

    def _check_lifetime(self) -> None:
        if self.until is not None and self.lasts is not None:
            raise ValueError("`until` and `lasts` both say when it ends; give one of them")
        if self.until is not None and not 0 <= parse_moment(self.until) <= LAST_SECOND:
            raise ValueError(f"`until` is {self.until}; a moment between the years 1970 and 9999 is needed")
        if self.lasts is not None and parse_duration(self.lasts) <= 0:
            raise ValueError(f"`lasts` is {self.lasts}; a duration of more than nothing is needed")

    def as_dict(self) -> dict[str, Any]:
        """What was said of it, as plain JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


def encoded(body: Any) -> bytes:
    """A body in bytes: a text as it stands, anything else as JSON; ValueError when that cannot be."""
    if body is None:
        return b""
    try:
        return body.encode() if isinstance(body, str) else orjson.dumps(body)
    except (TypeError, UnicodeEncodeError):
        raise ValueError("`body` cannot be written as JSON in UTF-8") from None
