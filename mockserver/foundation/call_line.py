"""A call as one line for people who watch what is called."""

from collections.abc import Sequence
from typing import Protocol

from mockserver.foundation.texts import plain, trimmed

_MAX_LINE = 2_000
"""Characters of a line; notes and violations may be long."""


class LoggedViolation(Protocol):
    """A rule of a contract that was broken."""

    @property
    def place(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def message(self) -> str: ...


class LoggedCall(Protocol):
    """A call, as the journal of a server or a client of it has it."""

    @property
    def provider(self) -> str | None: ...
    @property
    def operation(self) -> str | None: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def duration_ms(self) -> float: ...
    @property
    def violations(self) -> Sequence[LoggedViolation]: ...
    @property
    def notes(self) -> Sequence[str]: ...


def call_line(call: LoggedCall, fault: str | None = None) -> str:
    """Returns operation, status, milliseconds and what there is to note, such as the kind of a fault that it met."""
    operation = call.operation or f"no operation: {call.method} {call.path}"
    remarks = [f"{rule.place} {rule.pointer or '/'}: {rule.message}" for rule in call.violations]
    remarks += [] if fault is None else [f"fault {fault}"]
    remarks += call.notes
    line = f"{call.provider or 'no provider,'} {operation} {call.status} {call.duration_ms:.1f} ms"
    return trimmed(plain(f"{line} - {'; '.join(remarks)}" if remarks else line), _MAX_LINE)
