"""The journal: the bounded record of a sandbox's calls, which counts the entries that it had to drop."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeAlias

from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import Redactor
from mockserver.foundation.request_head import RequestHead, weight_of_headers
from mockserver.sandbox.entry_bounds import MAX_ENTRY
from mockserver.sandbox.journal_entry import Entry, texts
from mockserver.sandbox.recorded_call import (
    WEIGHT_OF_CALL,
    EntryMaker,
    LateNotes,
    RawCall,
    RecordedBody,
    RecordedCall,
    raw_call,
)

__all__ = [
    "Entry",
    "InMemoryJournal",
    "Journal",
    "JournalStorage",
    "LateNotes",
    "RecordedBody",
    "RecordedCall",
    "texts",
]

_MIN_CAPACITY = 1_000
"""A journal of fewer entries than this has room for as many bytes: its bodies may be long."""
_MAX_WAITING = 8 * 1024
"""Bytes of headers, path and query, and of notes and violations, above which an entry is made, and cut, at once."""
CallCounter: TypeAlias = Callable[[str, str, int, int, Mapping[str, Any] | None], None]
"""Receives provider, operation and status of a call, the number of its violations, and the fault that it met."""


def _count_nothing(
    provider: str, operation: str, status: int, violations: int, fault: Mapping[str, Any] | None
) -> None:
    return None


class JournalStorage(Protocol):
    """A storage of journal entries, which drops the oldest when it is full."""

    @property
    def total(self) -> int:
        """The number of entries that were added since it was last cleared."""

    @property
    def weight(self) -> int:
        """About how many bytes the entries take in this process."""

    @property
    def when_stored(self) -> "Callable[[Callable[[], None]], None] | None":
        """Calls a function when what was added is stored for good, or never; None where that is at once."""

    def append(self, call: RecordedCall) -> None:
        """Adds a call; the oldest may be dropped. A storage outside of this process gets its entry alone."""

    def __len__(self) -> int:
        """Returns the number of stored entries."""

    def __iter__(self) -> Iterator[Entry]:
        """Returns the stored entries, oldest first."""

    def newer(self, after: int) -> Iterator[Entry]:
        """Returns the entries after the one of that id."""

    def waiting(self) -> Sequence[RecordedCall]:
        """Returns the calls of which no entry was made yet."""

    def read(self, call: RecordedCall) -> Entry:
        """Returns the entry of a call that is stored here."""

    def clear(self) -> None:
        """Drops all entries, and the total with them."""

    def restore(self, calls: Sequence[RecordedCall], total: int) -> None:
        """Takes over the newest calls of a journal that counted so many, in place of its own."""


class InMemoryJournal:
    """A `JournalStorage` of the newest `capacity` calls, in this process; fewer when they are very large."""

    when_stored = None

    def __init__(self, capacity: int) -> None:
        self.total = 0
        self._capacity = max(capacity, 1)
        self._calls: deque[RecordedCall] = deque()
        self._size = 0
        self._max_size = max(capacity, _MIN_CAPACITY) * MAX_ENTRY

    @property
    def weight(self) -> int:
        return self._size

    def append(self, call: RecordedCall) -> None:
        self.total += 1
        calls = self._calls
        calls.append(call)
        self._size += call.weight
        if len(calls) > self._capacity:
            self._size -= calls.popleft().dropped()
        if self._size > self._max_size:
            self._make_room()

    def _make_room(self) -> None:
        calls = self._calls
        while len(calls) > 1 and self._size > self._max_size:
            self._size -= calls.popleft().dropped()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Entry]:
        return map(self.read, self._calls)

    def newer(self, after: int) -> Iterator[Entry]:
        evicted = self.total - len(self._calls)
        return map(self.read, islice(self._calls, max(0, after - evicted), None))

    def waiting(self) -> Sequence[RecordedCall]:
        return [call for call in self._calls if not call.is_made]

    def read(self, call: RecordedCall) -> Entry:
        before, entry = call.weight, call.entry
        if not call.is_dropped:
            # An entry may take more memory than the call, or less.
            self._size += call.weight - before
        return entry

    def clear(self) -> None:
        self.total = self._size = 0
        for call in self._calls:
            call.dropped()
        self._calls.clear()

    def restore(self, calls: Sequence[RecordedCall], total: int) -> None:
        self.clear()
        self.total = total - len(calls)
        for call in calls:
            self.append(call)


class Journal:
    """The newest calls of a sandbox, oldest first; whoever looks at them sees entries, which have no secrets."""

    def __init__(
        self,
        storage: JournalStorage,
        *,
        body_limit: int,
        redactor: Redactor,
        count: CallCounter = _count_nothing,
    ) -> None:
        """Bodies are cut at `body_limit` bytes; `count` is called for each call that this process adds."""
        self.body_limit = body_limit
        self._storage = storage
        self._maker = EntryMaker(redactor, body_limit)
        self._count = count
        self.listeners: set[Callable[[Entry], None]] = set()
        """Functions that receive every entry that this process adds, for which it is made at once."""
        self.redactor = redactor
        """Removes secrets from everything that the journal shows."""

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

    def body_of(self, reply: bytes) -> RecordedBody:
        """Returns what the journal needs of an answer's body, to be recorded with every call that is answered so."""
        return RecordedBody(reply, self.body_limit + self.redactor.longest)

    def record(
        self,
        at: float,
        real_at: float,
        provider: str,
        operation: str,
        head: RequestHead,
        status: int,
        duration_ms: float,
        violations: Sequence[Violation],
        notes: Sequence[str],
        request: bytes,
        reply: bytes | RecordedBody,
        fault: Mapping[str, Any] | None = None,
        reply_headers: Sequence[tuple[bytes, bytes]] = (),
        late_notes: LateNotes | None = None,
    ) -> None:
        """Adds one call. Its entry is made when somebody looks: then what is secret or too long is left out.

        Nothing of it may change afterwards. Nothing is kept that the entry does not need: a long body is cut here, and
        of a call that is long elsewhere the entry is made at once. `late_notes` are made with the entry.
        """
        storage, size, most = self._storage, len(request), self.body_limit + self.redactor.longest
        if size > most:
            request = request[:most]
        if isinstance(reply, bytes):
            reply_size = len(reply)
            if reply_size > most:
                reply = reply[:most]
            weight = WEIGHT_OF_CALL + head.weight + len(request) + len(reply)
        else:
            reply_size = reply.size
            weight = WEIGHT_OF_CALL + head.weight + len(request) + reply.weight
        raw = raw_call(
            (
                storage.total + 1,
                at,
                real_at,
                provider,
                operation,
                head,
                status,
                duration_ms,
                violations,
                notes,
                request,
                size,
                reply,
                reply_size,
                fault,
                reply_headers,
                late_notes,
            )
        )
        call, length = RecordedCall(self._maker, raw, weight), head.weight
        if notes or violations or fault is not None:
            length += _length_of(notes, violations)
            length += 0 if fault is None else weight_of_headers(reply_headers)
        # Made before it is stored, since it may take more memory than the call does.
        entry = call.entry if length > _MAX_WAITING or self.listeners else None
        storage.append(call)
        if storage.when_stored is not None:
            storage.when_stored(partial(self._tell, raw, entry))
        elif entry is not None:
            self._tell(raw, entry)
        else:
            self._count(provider, operation, status, len(violations), fault)

    def _tell(self, raw: RawCall, entry: Entry | None) -> None:
        self._count(raw.provider, raw.operation, raw.status, len(raw.violations), raw.fault)
        if entry is not None:
            for listener in list(self.listeners):
                listener(entry)

    def waiting(self) -> Sequence[RecordedCall]:
        """Returns the calls of which no entry was made yet: of many at once it takes long, and is done in turns."""
        return self._storage.waiting()

    def read(self, call: RecordedCall) -> Entry:
        """Returns the entry of a call in this journal, which is made if need be."""
        return self._storage.read(call)

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

    def restore(self, entries: Sequence[Entry], total: int) -> None:
        """Takes over the newest entries of another journal that counted so many calls. Nobody is told of them."""
        self._storage.restore([RecordedCall.of_entry(self._maker, entry) for entry in entries], total)


def _length_of(notes: Sequence[str], violations: Sequence[Violation]) -> int:
    length = sum(map(len, notes))
    for violation in violations:
        length += len(violation.message) + len(violation.pointer)
    return length
