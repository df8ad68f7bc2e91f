"""The bounded record of the calls of a sandbox. What had to go is counted, never silent."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Any, Protocol

from mockserver.foundation.clock import iso
from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import Redactor
from mockserver.foundation.responses import Headers


@dataclass(slots=True)
class Entry:
    """One call. Bodies are cut at the journal's bound; neither they nor headers hold secrets."""

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
    fault: Mapping[str, Any] | None = None
    """The fault that struck: `id`, `kind`, `in_contract`."""
    request_headers: Headers = ()
    reply_headers: Headers = ()

    def as_record(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        record: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        record["violations"] = [violation.as_dict() for violation in self.violations]
        record["notes"] = list(self.notes)
        record["request_headers"] = texts(self.request_headers)
        record["reply_headers"] = texts(self.reply_headers)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Entry":
        """The inverse of `as_record`."""
        kept = dict(record)
        kept["violations"] = [Violation.from_dict(violation) for violation in record["violations"]]
        for name in ("request_headers", "reply_headers"):
            kept[name] = tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in record[name])
        return cls(**kept)

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
            "fault": self.fault,
            "request": {
                "headers": texts(self.request_headers),
                "body": self.request,
                "bytes": self.request_bytes,
                "cut": self.request_bytes > limit,
            },
            "reply": {
                "headers": texts(self.reply_headers),
                "body": self.reply,
                "bytes": self.reply_bytes,
                "cut": self.reply_bytes > limit,
            },
        }


def texts(headers: Headers) -> list[list[str]]:
    """Headers as pairs of text, as they came."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


class JournalStorage(Protocol):
    """Where a journal keeps its entries."""

    @property
    def total(self) -> int:
        """How many were added since it was last cleared."""

    def append(self, entry: Entry) -> None:
        """Adds an entry; the oldest may have to go."""

    def __len__(self) -> int:
        """How many are kept."""

    def __iter__(self) -> Iterator[Entry]:
        """Those that are kept, oldest first."""

    def newer(self, after: int) -> Iterator[Entry]:
        """Those after the entry of that id."""

    def clear(self) -> None:
        """Forgets them all, and the total."""


class InMemoryJournal:
    """The newest `capacity` entries, in this process."""

    def __init__(self, capacity: int) -> None:
        self.total = 0
        self._entries: deque[Entry] = deque(maxlen=capacity)

    def append(self, entry: Entry) -> None:
        self.total += 1
        self._entries.append(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def newer(self, after: int) -> Iterator[Entry]:
        evicted = self.total - len(self._entries)
        return islice(self._entries, max(0, after - evicted), None)

    def clear(self) -> None:
        self.total = 0
        self._entries.clear()


class Journal:
    """The last `capacity` calls, oldest first."""

    def __init__(self, *, capacity: int, body_limit: int, redactor: Redactor) -> None:
        self.capacity = capacity
        self.body_limit = body_limit
        self.log: JournalStorage = InMemoryJournal(capacity)
        self.listeners: set[Callable[[Entry], None]] = set()
        """Told of every entry that this process adds."""
        self._redactor = redactor

    @property
    def total(self) -> int:
        """How many calls there were since it was last cleared."""
        return self.log.total

    @property
    def evicted(self) -> int:
        """How many entries had to make room for newer ones."""
        return self.log.total - len(self.log)

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
        fault: Mapping[str, Any] | None = None,
        request_headers: Iterable[tuple[bytes, bytes]] = (),
        reply_headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> Entry:
        """Adds one call; what is secret or too long is left out here, so that it is never kept.

        `shown` is what an earlier entry kept of the same reply, if there was one.
        """
        clean, limit = self._redactor, self.body_limit
        entry = Entry(
            self.log.total + 1,
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
            fault,
            clean.headers(request_headers),
            clean.headers(reply_headers),
        )
        self.log.append(entry)
        for listener in list(self.listeners) if self.listeners else ():
            listener(entry)
        return entry

    def entries(
        self,
        *,
        provider: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        violations: bool | None = None,
        after: int = 0,
    ) -> Iterator[Entry]:
        """The entries that fit every filter given, oldest first; `after` is the id of an entry."""
        for entry in self.log.newer(after):
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
        self.log.clear()
