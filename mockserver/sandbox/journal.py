"""The journal: the bounded record of a sandbox's calls, which counts the entries that it had to drop."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from sys import getsizeof
from typing import Any, Protocol

from mockserver.foundation.clock import iso
from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import Redactor
from mockserver.foundation.responses import Headers
from mockserver.sandbox.entry_bounds import MAX_ENTRY, cut_headers, cut_notes, cut_path, cut_query, cut_violations

_MAX_READ = 16 * 1024
"""Characters of an address that are looked at, more than are kept."""
_MIN_CAPACITY = 1_000
"""A journal of fewer entries than this has room for as many bytes: its bodies may be long."""
_OF_AN_ENTRY = 6 * 1024
"""Bytes of an entry beside its bodies, its query and its headers: path, notes, violations and our own headers."""


@dataclass(slots=True)
class Entry:
    """A recorded call. Bodies are cut at the journal's bound, all else at fixed ones; nothing has secrets."""

    id: int
    at: float
    """Virtual time at the sandbox, epoch seconds."""
    real_at: float
    provider: str
    """Empty when the path is that of no provider."""
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
    """The fault that the call met: `id`, `kind`, `in_contract`."""
    request_headers: Headers = ()
    reply_headers: Headers = ()

    def as_record(self) -> dict[str, Any]:
        """Returns everything as plain JSON."""
        record: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        record["violations"] = [violation.as_dict() for violation in self.violations]
        record["notes"] = list(self.notes)
        record["request_headers"] = texts(self.request_headers)
        record["reply_headers"] = texts(self.reply_headers)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Entry":
        """Reads what `as_record` returned."""
        members = dict(record)
        members["violations"] = [Violation.from_dict(violation) for violation in record["violations"]]
        for name in ("request_headers", "reply_headers"):
            members[name] = tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in record[name])
        return cls(**members)

    def as_dict(self, limit: int) -> dict[str, Any]:
        """Returns the form that the admin API shows; `limit` is the bound on bodies in bytes."""
        return {
            "id": self.id,
            "at": iso(self.at),
            "real_at": iso(self.real_at),
            "provider": self.provider or None,
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
    """Returns headers as pairs of text, as they came."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


class JournalStorage(Protocol):
    """A storage of journal entries, which drops the oldest when it is full."""

    @property
    def total(self) -> int:
        """The number of entries that were added since it was last cleared."""

    @property
    def weight(self) -> int:
        """About how many bytes the entries take in this process."""

    def append(self, entry: Entry, size: int) -> None:
        """Adds an entry, which takes about `size` bytes of memory; the oldest may be dropped."""

    def __len__(self) -> int:
        """Returns the number of stored entries."""

    def __iter__(self) -> Iterator[Entry]:
        """Returns the stored entries, oldest first."""

    def newer(self, after: int) -> Iterator[Entry]:
        """Returns the entries after the one of that id."""

    def clear(self) -> None:
        """Drops all entries, and the total with them."""


class InMemoryJournal:
    """A `JournalStorage` of the newest `capacity` entries, in this process; fewer when they are very large."""

    def __init__(self, capacity: int) -> None:
        self.total = 0
        self._capacity = capacity
        self._entries: deque[Entry] = deque()
        self._sizes: deque[int] = deque()
        self._size = 0
        self._max_size = max(capacity, _MIN_CAPACITY) * MAX_ENTRY

    @property
    def weight(self) -> int:
        return self._size

    def append(self, entry: Entry, size: int) -> None:
        self.total += 1
        self._entries.append(entry)
        self._sizes.append(size)
        self._size += size
        while len(self._entries) > 1 and (len(self._entries) > self._capacity or self._size > self._max_size):
            self._entries.popleft()
            self._size -= self._sizes.popleft()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def newer(self, after: int) -> Iterator[Entry]:
        evicted = self.total - len(self._entries)
        return islice(self._entries, max(0, after - evicted), None)

    def clear(self) -> None:
        self.total = self._size = 0
        self._entries.clear()
        self._sizes.clear()


class Journal:
    """The newest calls of a sandbox, without secrets, oldest first."""

    def __init__(self, storage: JournalStorage, *, body_limit: int, redactor: Redactor) -> None:
        """Bodies are cut at `body_limit` bytes."""
        self.body_limit = body_limit
        self._storage = storage
        self.listeners: set[Callable[[Entry], None]] = set()
        """Functions that receive every entry that this process adds."""
        self.redactor = redactor
        """Removes secrets from everything that the journal keeps."""

    @property
    def total(self) -> int:
        """The number of calls since it was last cleared."""
        return self._storage.total

    @property
    def weight(self) -> int:
        """About how many bytes its entries take in this process."""
        return self._storage.weight

    @property
    def evicted(self) -> int:
        """The number of entries that made room for newer ones."""
        return self._storage.total - len(self._storage)

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
        recorded: str | None = None,
        fault: Mapping[str, Any] | None = None,
        request_headers: Iterable[tuple[bytes, bytes]] = (),
        reply_headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> Entry:
        """Adds one call; what is secret or too long is left out here, so that it is never stored.

        `recorded` is the reply as an earlier entry has it, if it is the same.
        """
        clean, limit = self.redactor, self.body_limit
        sent, sent_size = cut_headers(clean.headers(request_headers))
        answered = clean.headers(reply_headers)
        if fault is not None:
            answered = cut_headers(answered)[0]  # all others are ours, and short
        entry = Entry(
            self._storage.total + 1,
            at,
            real_at,
            provider,
            operation,
            method,
            cut_path(clean.line(path[:_MAX_READ])),
            cut_query(clean.line(query[:_MAX_READ])) if query else "",
            status,
            duration_ms,
            self._without_secrets(violations) if violations else [],
            cut_notes([clean.line(note) for note in notes]) if notes else [],
            clean.body(request, limit) if request else "",
            len(request),
            clean.body(reply, limit, is_ours=status < 400) if recorded is None else recorded,
            len(reply),
            fault,
            sent,
            answered,
        )
        size = _OF_AN_ENTRY + getsizeof(entry.request) + getsizeof(entry.reply) + getsizeof(entry.query)
        self._storage.append(entry, size + sent_size)
        for listener in list(self.listeners) if self.listeners else ():
            listener(entry)
        return entry

    def _without_secrets(self, violations: Sequence[Violation]) -> list[Violation]:
        clean = self.redactor
        return cut_violations(
            [
                replace(violation, message=clean.line(violation.message), pointer=clean.line(violation.pointer))
                for violation in violations
            ]
        )

    def entries(
        self,
        *,
        provider: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        violations: bool | None = None,
        after: int = 0,
    ) -> Iterator[Entry]:
        """Returns the entries that every given filter matches, oldest first; `after` is the id of an entry."""
        for entry in self._storage.newer(after):
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
        """Drops every entry, and both counts."""
        self._storage.clear()
