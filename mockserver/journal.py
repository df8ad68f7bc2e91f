"""The bounded record of the calls of a sandbox. What had to go is counted, never silent."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.clock import iso
from mockserver.problems import Violation
from mockserver.redaction import Redactor


@dataclass(slots=True)
class Entry:
    """One call. Bodies are cut at the journal's bound and hold no secrets; headers are not kept at all."""

    id: int
    at: float
    """Virtual time at the sandbox, epoch seconds."""
    real_at: float
    provider: str
    operation: str
    """The operationId, or empty when no operation was matched."""
    method: str
    path: str
    query: str
    status: int
    duration_ms: float
    violations: Sequence[Violation]
    notes: Sequence[str]
    request: str
    request_bytes: int
    reply: str
    reply_bytes: int

    def as_dict(self, limit: int) -> dict[str, Any]:
        """The form that the admin API shows; `limit` is the bound on bodies in bytes."""
        return {
            "id": self.id,
            "at": iso(self.at),
            "real_at": iso(self.real_at),
            "provider": self.provider,
            "operation": self.operation or None,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "duration_ms": round(self.duration_ms, 3),
            "violations": [violation.as_dict() for violation in self.violations],
            "notes": list(self.notes),
            "request": {"body": self.request, "bytes": self.request_bytes, "cut": self.request_bytes > limit},
            "reply": {"body": self.reply, "bytes": self.reply_bytes, "cut": self.reply_bytes > limit},
        }


class Journal:
    """The last `capacity` calls, oldest first."""

    def __init__(self, *, capacity: int, body_limit: int, redactor: Redactor) -> None:
        self.capacity = capacity
        self.body_limit = body_limit
        self.total = 0
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._redactor = redactor

    @property
    def evicted(self) -> int:
        """How many entries had to make room for newer ones."""
        return self.total - len(self._entries)

    def record(
        self,
        *,
        at: float,
        real_at: float,
        provider: str,
        operation: str,
        method: str,
        path: str,
        query: str,
        status: int,
        duration_ms: float,
        violations: Sequence[Violation],
        notes: Sequence[str],
        request: bytes,
        reply: bytes,
        shown: str | None = None,
    ) -> Entry:
        """Adds one call; what is secret or too long is left out here, so that it is never kept.

        `shown` is what an earlier entry kept of the same reply, if there was one.
        """
        self.total += 1
        clean, limit = self._redactor, self.body_limit
        entry = Entry(
            self.total,
            at,
            real_at,
            provider,
            operation,
            method,
            clean.line(path),
            clean.line(query) if query else "",
            status,
            duration_ms,
            [
                replace(violation, message=clean.line(violation.message), pointer=clean.line(violation.pointer))
                for violation in violations
            ],
            [clean.line(note) for note in notes],
            clean.body(request, limit) if request else "",
            len(request),
            clean.body(reply, limit) if shown is None else shown,
            len(reply),
        )
        self._entries.append(entry)
        return entry

    def entries(
        self,
        *,
        provider: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        violations: bool | None = None,
    ) -> Iterator[Entry]:
        """The entries that fit every filter given, oldest first."""
        for entry in self._entries:
            if provider is not None and entry.provider != provider:
                continue
            if operation is not None and entry.operation != operation:
                continue
            if status is not None and entry.status != status:
                continue
            if violations is not None and bool(entry.violations) is not violations:
                continue
            yield entry

    def clear(self) -> None:
        """Forgets every entry and both counts."""
        self._entries.clear()
        self.total = 0
