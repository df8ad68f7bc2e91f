"""A call as it came, secrets included, of which the journal makes an entry when somebody looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from sys import getsizeof
from typing import Any, NoReturn

from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import Redactor
from mockserver.foundation.request_head import RequestHead
from mockserver.sandbox.entry_bounds import cut_headers, cut_notes, cut_path, cut_query, cut_violations
from mockserver.sandbox.journal_entry import Entry

_MAX_READ = 16 * 1024
"""Characters of an address that are looked at, more than are kept."""
WEIGHT_OF_CALL = 6 * 1024
"""Bytes of a call beside its bodies, its query and its headers: path, notes, violations and our own headers."""


def _refuse_copy(part: object) -> NoReturn:
    raise TypeError(f"a {type(part).__name__} may hold secrets: only the entry that is made of it may leave")


class LateNotes(NamedTuple):
    """Notes that only a look at the journal needs; they follow from what a client sent."""

    after: int
    """The number of the other notes that come before them."""
    make: Callable[[], Sequence[str]]

    def among(self, notes: Sequence[str]) -> list[str]:
        """Returns all notes; what was noted before is not noted again."""
        before = notes[: self.after]
        return [*before, *(note for note in self.make() if note not in before), *notes[self.after :]]

    def __repr__(self) -> str:
        return "<LateNotes>"

    def __reduce__(self) -> NoReturn:
        _refuse_copy(self)


class RawCall(NamedTuple):
    """The parts of a call with their secrets, none of them longer than an entry needs it."""

    id: int
    at: float
    real_at: float
    provider: str
    operation: str
    head: RequestHead
    status: int
    duration_ms: float
    violations: Sequence[Violation]
    notes: Sequence[str]
    request: bytes
    request_bytes: int
    reply: "bytes | RecordedBody"
    """The beginning of the answer's body, or what other calls that were answered so have as well."""
    reply_bytes: int
    fault: Mapping[str, Any] | None
    reply_headers: Sequence[tuple[bytes, bytes]]
    late_notes: LateNotes | None = None

    def __repr__(self) -> str:
        return f"<RawCall {self.id}>"

    def __reduce__(self) -> NoReturn:
        _refuse_copy(self)


raw_call: Callable[[tuple[Any, ...]], RawCall] = partial(tuple.__new__, RawCall)
"""Makes a `RawCall` of all its parts; the constructor itself takes longer, since it is Python's."""


class EntryMaker:
    """Makes entries of calls: it leaves out what is secret or too long."""

    __slots__ = ("body_limit", "redactor")

    def __init__(self, redactor: Redactor, body_limit: int) -> None:
        """Bodies are cut at `body_limit` bytes."""
        self.redactor = redactor
        self.body_limit = body_limit

    def make(self, raw: RawCall) -> tuple[Entry, int]:
        """Returns the entry of a call, and about how many bytes it takes."""
        clean, limit, head = self.redactor, self.body_limit, raw.head
        notes = raw.notes if raw.late_notes is None else raw.late_notes.among(raw.notes)
        sent, sent_size = cut_headers(clean.headers(head.raw_headers))
        answered = clean.headers(raw.reply_headers)
        if raw.fault is not None:
            answered = cut_headers(answered)[0]  # all others are ours, and short
        is_ours = raw.status < 400
        if isinstance(raw.reply, bytes):
            reply = clean.body(raw.reply, limit, is_ours=is_ours)
        else:
            reply = raw.reply.text(clean, limit, is_ours=is_ours)
        entry = Entry(
            raw.id,
            raw.at,
            raw.real_at,
            raw.provider,
            raw.operation,
            head.method,
            cut_path(clean.line(head.raw_path[:_MAX_READ])),
            cut_query(clean.line(head.query[:_MAX_READ].decode("latin-1"))) if head.query else "",
            raw.status,
            raw.duration_ms,
            self._without_secrets(raw.violations) if raw.violations else [],
            cut_notes([clean.line(note) for note in notes]) if notes else [],
            clean.body(raw.request, limit) if raw.request else "",
            raw.request_bytes,
            reply,
            raw.reply_bytes,
            raw.fault,
            sent,
            answered,
        )
        size = WEIGHT_OF_CALL + getsizeof(entry.request) + getsizeof(entry.reply) + getsizeof(entry.query)
        return entry, size + sent_size

    def _without_secrets(self, violations: Sequence[Violation]) -> list[Violation]:
        clean = self.redactor
        return cut_violations(
            [
                replace(violation, message=clean.line(violation.message), pointer=clean.line(violation.pointer))
                for violation in violations
            ]
        )


class _Guarded:
    """Something with secrets in it: whoever prints, copies or stores it gets nothing of them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        _refuse_copy(self)


class RecordedBody(_Guarded):
    """The beginning of an answer's body, until the journal has made its text; equal answers share one."""

    __slots__ = ("_beginning", "_text", "size")

    def __init__(self, body: bytes, most: int) -> None:
        """Keeps `most` bytes of the body, so that it does not keep the whole of a long one alive."""
        self.size = len(body)
        """The number of bytes of the whole body."""
        self._beginning: bytes = body if len(body) <= most else body[:most]
        self._text: str | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return len(self._beginning) if self._text is None else getsizeof(self._text)

    def text(self, redactor: Redactor, limit: int, *, is_ours: bool) -> str:
        """Returns the first `limit` bytes as text without secrets, as `Redactor.body` makes it, once."""
        if self._text is None:
            self._text = redactor.body(self._beginning, limit, is_ours=is_ours)
            self._beginning = b""
        return self._text


class RecordedCall(_Guarded):
    """A call in the journal: its facts, until they are replaced by the entry that is made of them."""

    __slots__ = ("_entry", "_maker", "_raw", "is_dropped", "weight")

    def __init__(self, maker: EntryMaker, raw: RawCall | None, weight: int, entry: Entry | None = None) -> None:
        """Takes the facts, or the entry that was made of them elsewhere."""
        self._maker = maker
        self._raw = raw
        self._entry = entry
        self.is_dropped = False
        """Whether its storage no longer has it."""
        self.weight = weight
        """About how many bytes it takes."""

    @classmethod
    def of_entry(cls, maker: EntryMaker, entry: Entry) -> "RecordedCall":
        """Returns a call of which there is only the entry, which was made elsewhere."""
        weight = WEIGHT_OF_CALL + getsizeof(entry.request) + getsizeof(entry.reply) + getsizeof(entry.query)
        return cls(maker, None, weight, entry)

    @property
    def is_made(self) -> bool:
        """Tells whether the entry was made, so that the facts are gone."""
        return self._raw is None

    def dropped(self) -> int:
        """Notes that its storage no longer has it. Returns its weight."""
        self.is_dropped = True
        return self.weight

    @property
    def entry(self) -> Entry:
        """The entry, which is made when it is first asked for."""
        if self._raw is not None:
            self._entry, self.weight = self._maker.make(self._raw)
            self._raw = None
        assert self._entry is not None
        return self._entry
