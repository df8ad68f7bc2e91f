"""A fault as it is asked for: checked against the row of its kind, and for sense."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from mockserver.foundation.clock import LAST_SECOND, parse_duration, parse_moment
from mockserver.sandbox.faults.kind import FaultKind
from mockserver.sandbox.faults.kinds import FAULT_KINDS
from mockserver.sandbox.faults.member_patch import MemberPatch
from mockserver.sandbox.faults.members import MATCHING_MEMBERS, FaultMembers, encode_body

MAX_BODY = 64 * 1024
"""The most bytes of a body that a fault brings along."""
_OF_ALL = MATCHING_MEMBERS | {"kind", "seed"}
_MANAGED_HEADERS = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})
"""Headers that follow from how an answer is sent."""


class _NameOfKind:
    """Makes a text one of the names in the table as it is now, in checks and in JSON schemas."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _checked_kind, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(FAULT_KINDS)}


def _checked_kind(value: Any) -> str:
    if isinstance(value, str) and value in FAULT_KINDS:
        return value
    *others, last = map(repr, FAULT_KINDS)
    raise PydanticKnownError("enum", {"expected": f"{', '.join(others)} or {last}"})


def _plain(changes: Sequence[MemberPatch] | None) -> list[dict[str, Any]]:
    """Returns changes as they were given; a value that is to be set may be anything."""
    return [change.model_dump(exclude_unset=True) for change in changes or ()]


class Fault(FaultMembers):
    """A fault: the calls that it meets, and what it does to them. Calls are numbered by those it could meet, from 1."""

    kind: Annotated[str, _NameOfKind()]

    @property
    def definition(self) -> FaultKind:
        """The row of its kind."""
        return FAULT_KINDS[self.kind]

    @model_validator(mode="after")
    def _makes_sense(self) -> "Fault":
        self._check_members()
        self._check_status()
        self._check_lifetime()
        if self.sigma is not None and self.delay_ms is None:
            raise ValueError("`sigma` widens a delay; give `delay_ms`, its median, too")
        if "retry_after_form" in self.model_fields_set and self.retry_after is None:
            raise ValueError("`retry_after_form` says how `retry_after` is written; give `retry_after` too")
        if managed := sorted(_MANAGED_HEADERS & {name.lower() for name in self.headers}):
            raise ValueError(f"header {managed[0]!r} follows from how the answer is sent and cannot be given")
        if len(encode_body(self.body)) > MAX_BODY:
            raise ValueError(f"`body` is larger than {MAX_BODY} bytes, the most that a fault brings along")
        self._check_changes()
        return self

    def _check_changes(self) -> None:
        try:
            size = len(encode_body(_plain(self.changes)))
        except ValueError:
            raise ValueError("`changes` cannot be written as JSON in UTF-8") from None
        if size > MAX_BODY:
            raise ValueError(f"`changes` are larger than {MAX_BODY} bytes, the most that a fault brings along")

    def _check_members(self) -> None:
        definition = self.definition
        present = {name for name in self.model_fields_set if getattr(self, name) is not None}
        for name in sorted(present - _OF_ALL - {*definition.members}):
            kinds = ", ".join(sorted(kind.name for kind in FAULT_KINDS.values() if name in kind.members))
            raise ValueError(f"`{name}` means nothing to kind {self.kind!r}; it belongs to {kinds}")
        for name in definition.needed:
            if getattr(self, name) is None:
                raise ValueError(f"kind {self.kind!r} needs `{name}`")

    def _check_status(self) -> None:
        statuses = self.definition.statuses
        if self.status is not None and statuses is not None and self.status not in statuses.allowed:
            raise ValueError(f"`status` {self.status} is not possible for kind {self.kind!r}; {statuses.text} is")

    def _check_lifetime(self) -> None:
        if self.until is not None and self.lasts is not None:
            raise ValueError("`until` and `lasts` both say when it ends; give one of them")
        if self.until is not None and not 0 <= parse_moment(self.until) <= LAST_SECOND:
            raise ValueError(f"`until` is {self.until}; a moment between the years 1970 and 9999 is needed")
        if self.lasts is not None and parse_duration(self.lasts) <= 0:
            raise ValueError(f"`lasts` is {self.lasts}; a duration of more than nothing is needed")
