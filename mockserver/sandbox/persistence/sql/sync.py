"""Keeps a sandbox in this process and its rows the same: loads what others changed, writes what changes here."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from threading import Lock
from typing import Any
from weakref import proxy

from mockserver.foundation.clock import real_time
from mockserver.foundation.problems import Problem
from mockserver.foundation.records import OnChange
from mockserver.foundation.stateful import StatefulComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.sandbox.persistence.sql.batch import OnEnd, Work, join_batch
from mockserver.sandbox.persistence.sql.connection import (
    Look,
    RecordRow,
    SandboxChanges,
    SandboxRow,
    StoreConnection,
)
from mockserver.sandbox.persistence.sql.encoding import escape_key, from_json, to_json, unescape_key
from mockserver.sandbox.persistence.sql.journal import SqlJournal
from mockserver.sandbox.persistence.sql.transaction import Transactions
from mockserver.sandbox.unit_of_work import SandboxGone, StoreBusy

_SWEEP_EVERY = 1024
"""Every this many revisions, tombstones older than that many revisions are deleted."""
_TOUCH_EVERY = 5.0
"""Real seconds after which a transaction that changes nothing is noted as use."""
_COUNTS = frozenset({"tally"})
"""Components that only count calls, so that no client is told of their changes."""
_NOTHING = -1
"""Revision of a memory that has nothing of what the rows have."""


class SandboxSync:
    """The `UnitOfWork` of a sandbox in a database, and a `Member` of the transactions in which it is used."""

    is_shared = True

    def __init__(
        self,
        sandbox: str,
        incarnation: str,
        transactions: Transactions,
        journal_size: int,
        on_gone: Callable[[str], None],
    ) -> None:
        """`on_gone` receives the id of a sandbox that another process deleted or replaced."""
        # Held weakly by its parts: a cycle would outlive the sandbox.
        this = proxy(self)
        self.journal = SqlJournal(
            sandbox, journal_size, transactions, lambda: this.transaction(), lambda: this.is_inside
        )
        self._sandbox = sandbox
        self._incarnation = incarnation
        self._transactions = transactions
        self._on_gone = on_gone
        self._lock = Lock()
        """Held from the beginning of a transaction to its end: other threads of this process wait, too."""
        self._seen = _NOTHING
        """The revision up to which memory has what the rows have."""
        self._file: object = None
        """The file that memory was read from."""
        self._row: SandboxRow | None = None
        """The row as this process last saw it, or left it."""
        self._left: SandboxRow | None = None
        """The row as the changes that were last collected leave it."""
        self._changes: dict[tuple[str, str], Any] = {}
        self._components: Mapping[str, StatefulComponent] = {}

    def attach(self, components: Mapping[str, StatefulComponent]) -> None:
        """Implements `UnitOfWork.attach`."""
        self._components = components
        for name, component in components.items():
            component.on_change(self._collect(name))
        # One that was deleted in the meantime, or is locked, raises again when it is used.
        with suppress(SandboxGone, StoreBusy), self.transaction():
            pass

    def touch(self, now: float) -> None:
        """Does nothing: the transactions of a call note its moment."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Implements `UnitOfWork.transaction`: others wait for its end."""
        if self.is_inside:
            yield
            return
        try:
            with self._transactions.begin(self):
                yield
        except SandboxGone as gone:
            self._on_gone(str(gone))
            raise

    def submit(self, call: Work, on_end: OnEnd) -> None:
        """Implements `UnitOfWork.submit`: calls of one round of the event loop share a transaction."""

        def tell(error: Exception | None) -> None:
            if isinstance(error, SandboxGone):
                self._on_gone(str(error))
            on_end(error)

        try:
            join_batch(self._transactions, self).add(call, tell)
        except SandboxGone as gone:
            self._on_gone(str(gone))
            raise

    @property
    def is_inside(self) -> bool:
        """True in a transaction of the sandbox, in the thread of that."""
        current = self._transactions.current
        return current is not None and self in current.members

    def enter(self, store: StoreConnection) -> None:
        """Implements `Member.enter`."""
        if not self._lock.acquire(blocking=False):
            raise StoreBusy
        try:
            self.look(store)
        except BaseException:
            self._lock.release()
            raise

    def enter_unseen(self) -> bool:
        """Implements `Member.enter_unseen`."""
        if self._row is None or self._seen != self._row.revision:
            return False
        if not self._lock.acquire(blocking=False):
            raise StoreBusy
        self.journal.begin(self._row.total)
        return True

    def look(self, store: StoreConnection) -> None:
        """Implements `Member.look`."""
        if self._file != store.file:
            # Another file, such as a copy of an earlier day, tells another story.
            self._file, self._seen = store.file, _NOTHING
        self.adopt(store.look(self._sandbox, self._seen))

    def adopt(self, look: Look) -> None:
        """Implements `Member.adopt`."""
        row, tainted = look.row, self._changes.keys() - {record[:2] for record in look.news}
        if row is None or row.incarnation != self._incarnation:
            raise SandboxGone(self._sandbox)
        self._changes.clear()
        self._row = row
        self.journal.begin(row.total)
        try:
            if self._seen < row.swept or self._seen == _NOTHING:
                for component in self._components.values():
                    component.reset()
            else:
                # Changed here, but never there.
                for part, record in tainted:
                    self._components[part].load(unescape_key(record), None)
            for part, record, value in look.news:
                # A component of a newer release is unknown to this one.
                if part in self._components:
                    self._components[part].load(unescape_key(record), None if value is None else from_json(value))
        except (ValueError, TypeError, LookupError) as error:
            self._seen = _NOTHING
            raise self._transactions.unreadable(error) from None
        self._seen = row.revision

    def collect(self) -> SandboxChanges | None:
        """Implements `Member.collect`."""
        now, before, journal = real_time(), self._row, self.journal
        assert before is not None
        changed = bool(self._changes) or journal.has_changed
        if not changed and now - before.touched_at < _TOUCH_EVERY:
            return None
        revision, swept = before.revision + bool(self._changes), before.swept
        if self._changes and revision % _SWEEP_EVERY == 0:
            swept = max(swept, revision - _SWEEP_EVERY)
        self._left = SandboxRow(before.incarnation, revision, swept, journal.new_total, now)
        return SandboxChanges(
            self._sandbox,
            before,
            self._left,
            [_record(*key, value) for key, value in self._changes.items()],
            journal.new_entries(),
            journal.is_cleared,
            journal.trimmed,
            any(part not in _COUNTS for part, _ in self._changes),
        )

    def done(self) -> None:
        """Implements `Member.done`."""
        if self._left is not None:
            self._row, self._left = self._left, None
            self._seen = self._row.revision
        self._changes.clear()
        waiting = self.journal.done()
        self._lock.release()
        for function in waiting:
            function()

    def undo(self) -> None:
        """Implements `Member.undo`: memory gives way to the rows, at the latest when it is next used."""
        is_tainted = bool(self._changes) or self._seen == _NOTHING
        self._row = self._left = None
        self._changes.clear()
        self.journal.undo()
        self._lock.release()
        if is_tainted:
            self._seen = _NOTHING
            with suppress(Problem, SandboxGone), self._transactions.begin(self):
                pass

    def _collect(self, part: str) -> OnChange:
        return partial(weakly(self._add_change), part)

    def _add_change(self, part: str, record: str, value: Any) -> None:
        if not self.is_inside:
            raise RuntimeError(f"{part} of sandbox {self._sandbox!r} was changed outside of its unit")
        self._changes[part, escape_key(record)] = value


def _record(part: str, record: str, value: Any) -> RecordRow:
    return part, record, None if value is None else to_json(value).decode()
