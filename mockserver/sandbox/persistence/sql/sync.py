"""Keeps a sandbox in this process and its rows the same: loads what others changed, writes what changes here."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from weakref import proxy

from sqlalchemy import Connection, bindparam, delete, select, update

from mockserver.foundation.clock import real_time
from mockserver.foundation.problems import Problem
from mockserver.foundation.records import OnChange
from mockserver.foundation.stateful import StatefulComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.sandbox.persistence.sql import schema
from mockserver.sandbox.persistence.sql.encoding import escape_key, from_json, to_json, unescape_key
from mockserver.sandbox.persistence.sql.engine import file_of
from mockserver.sandbox.persistence.sql.journal import SqlJournal
from mockserver.sandbox.persistence.sql.statements import Prepared, upsert
from mockserver.sandbox.persistence.sql.transaction import Transactions
from mockserver.sandbox.unit_of_work import SandboxGone, StoreBusy

_SWEEP_EVERY = 1024
"""Every this many revisions, tombstones older than that many revisions are deleted."""

_sandboxes = schema.sandboxes.c
_records = schema.records.c
_LOOK = Prepared(
    lambda _: (
        select(_sandboxes.incarnation, _sandboxes.revision, _sandboxes.swept, _sandboxes.total, _sandboxes.touched_at)
        .where(_sandboxes.id == bindparam("sandbox"))
        .with_for_update()
    )
)
_NEWS = Prepared(
    lambda _: (
        select(_records.part, _records.record, _records.value)
        .where(_records.sandbox == bindparam("sandbox"), _records.revision > bindparam("seen"))
        .order_by(_records.revision, _records.part, _records.record)
    )
)
_STATE = ("revision", "swept", "total", "touched_at")
_TOUCH = Prepared(
    lambda _: (
        update(schema.sandboxes)
        .where(_sandboxes.id == bindparam("sandbox"))
        .values({name: bindparam(name) for name in _STATE})
    )
)
_SWEEP = Prepared(
    lambda _: delete(schema.records).where(
        _records.sandbox == bindparam("sandbox"), _records.value.is_(None), _records.revision <= bindparam("swept")
    )
)
_WRITE = Prepared(lambda dialect: upsert(schema.records, dialect))
_TOUCH_EVERY = 5.0
"""Real seconds after which a transaction that changes nothing is noted as use."""


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
        self.journal = SqlJournal(sandbox, journal_size, transactions, lambda: this.transaction())
        self._sandbox = sandbox
        self._incarnation = incarnation
        self._transactions = transactions
        self._on_gone = on_gone
        self._seen: int | None = None
        """The revision up to which memory has what the rows have; None when all is to be read anew."""
        self._file: object = None
        """The file that memory was read from."""
        self._swept = 0
        self._revision = 0
        self._touched_at = 0.0
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
        if self._is_inside:
            yield
            return
        try:
            with self._transactions.begin(self._enter) as transaction:
                transaction.members.append(self)
                yield
        except SandboxGone as gone:
            self._on_gone(str(gone))
            raise

    @property
    def _is_inside(self) -> bool:
        """True in a transaction of the sandbox, in the thread of that."""
        current = self._transactions.current
        return current is not None and self in current.members

    def _enter(self, connection: Connection) -> None:
        """Locks the sandbox and loads what others changed. Raises SandboxGone."""
        row = _LOOK(connection, {"sandbox": self._sandbox}).one_or_none()
        if row is None or row.incarnation != self._incarnation:
            raise SandboxGone(self._sandbox)
        self._revision, self._swept, self._touched_at = row.revision, row.swept, row.touched_at
        self.journal.begin(row.total)
        if self._file != (file := file_of(connection)):
            # Another file, such as a copy of an earlier day, tells another story.
            self._file, self._seen = file, None
        if self._seen is None or self._seen < row.swept:
            for component in self._components.values():
                component.reset()
            self._seen = 0
        if self._seen < row.revision:
            self._catch_up(connection)

    def _catch_up(self, connection: Connection) -> None:
        for row in _NEWS(connection, {"sandbox": self._sandbox, "seen": self._seen}):
            # A component of a newer release is unknown to this one.
            if row.part in self._components:
                try:
                    value = None if row.value is None else from_json(row.value)
                    self._components[row.part].load(unescape_key(row.record), value)
                except (ValueError, TypeError, LookupError) as error:
                    self._seen = None
                    raise self._transactions.unreadable(error) from None
        self._seen = self._revision

    def write(self, connection: Connection) -> None:
        """Implements `Member.write`."""
        now = real_time()
        changed = bool(self._changes) or self.journal.has_changed
        if not changed and now - self._touched_at < _TOUCH_EVERY:
            return
        id, swept = self._sandbox, self._swept
        self._revision += bool(self._changes)
        if self._changes and self._revision % _SWEEP_EVERY == 0:
            self._swept = max(swept, self._revision - _SWEEP_EVERY)
        total = self.journal.new_total
        state = {"revision": self._revision, "swept": self._swept, "total": total, "touched_at": now}
        if _TOUCH(connection, {"sandbox": id, **state}).rowcount == 0:
            # Deleted inside this very transaction.
            return
        if self._changes:
            _WRITE(connection, [self._row(*key, value) for key, value in self._changes.items()])
        if self._swept > swept:
            _SWEEP(connection, {"sandbox": id, "swept": self._swept})
        self.journal.write(connection)

    def _row(self, part: str, record: str, value: Any) -> dict[str, Any]:
        return {
            "sandbox": self._sandbox,
            "part": part,
            "record": escape_key(record),
            "revision": self._revision,
            "value": None if value is None else to_json(value).decode(),
        }

    def done(self) -> None:
        """Implements `Member.done`."""
        self._seen = self._revision
        self._changes.clear()
        self.journal.done()

    def undo(self) -> None:
        """Implements `Member.undo`: memory gives way to the rows, at the latest when it is next used."""
        tainted = bool(self._changes) or self._seen is None
        self._changes.clear()
        self.journal.undo()
        if tainted:
            self._seen = None
            with suppress(Problem, SandboxGone), self._transactions.begin(self._enter):
                pass

    def _collect(self, part: str) -> OnChange:
        return partial(weakly(self._add_change), part)

    def _add_change(self, part: str, record: str, value: Any) -> None:
        if not self._is_inside:
            raise RuntimeError(f"{part} of sandbox {self._sandbox!r} was changed outside of its unit")
        self._changes[part, record] = value
