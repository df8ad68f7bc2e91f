"""What ties a sandbox in this process to its rows: it catches up with others, and collects what changes here."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from mockserver.foundation.clock import real_time
from mockserver.foundation.problems import Problem
from mockserver.foundation.stateful import Keep
from mockserver.sandbox.persistence.sql import schema
from mockserver.sandbox.persistence.sql.encoding import escape_key, from_json, to_json, unescape_key
from mockserver.sandbox.persistence.sql.journal import SqlJournal
from mockserver.sandbox.persistence.sql.statements import Prepared, upsert
from mockserver.sandbox.persistence.sql.transaction import Transactions
from mockserver.sandbox.sandbox import Sandbox, SandboxGone

_SWEEP_EVERY = 1024
"""Revisions between two looks for tombstones that everybody has seen, and the revisions for which they stay."""

_own = schema.sandboxes.c
_their = schema.records.c
_LOOK = Prepared(
    lambda _: (
        select(_own.incarnation, _own.revision, _own.swept, _own.total, _own.touched_at)
        .where(_own.id == bindparam("sandbox"))
        .with_for_update()
    )
)
_NEWS = Prepared(
    lambda _: (
        select(_their.part, _their.record, _their.value)
        .where(_their.sandbox == bindparam("sandbox"), _their.revision > bindparam("seen"))
        .order_by(_their.revision, _their.part, _their.record)
    )
)
_STATE = ("revision", "swept", "total", "touched_at")
_TOUCH = Prepared(
    lambda _: (
        update(schema.sandboxes)
        .where(_own.id == bindparam("sandbox"))
        .values({name: bindparam(name) for name in _STATE})
    )
)
_SWEEP = Prepared(
    lambda _: delete(schema.records).where(
        _their.sandbox == bindparam("sandbox"), _their.value.is_(None), _their.revision <= bindparam("swept")
    )
)
_RECORDS = Prepared(lambda dialect: upsert(schema.records, dialect))
_TOUCH_EVERY = 5.0
"""Real seconds after which a look that changes nothing is noted as use."""


class SandboxSync:
    """See the module. A member of the transactions in which its sandbox is used."""

    def __init__(self, sandbox: Sandbox, incarnation: str, transactions: Transactions) -> None:
        self.incarnation = incarnation
        self.transactions = transactions
        self.total = 0
        """How many entries the journal got."""
        self._sandbox = sandbox
        self._seen: int | None = None
        """The revision up to which what is in memory is what is kept; None when it is to be read anew."""
        self._swept = 0
        self._revision = 0
        self._touched_at = 0.0
        self._total_before = 0
        self._changes: dict[tuple[str, str], Any] = {}
        self._parts = sandbox.parts()
        for name, part in self._parts.items():
            part.keep = self._collect(name)
        self.log = sandbox.journal.log = SqlJournal(self, sandbox.id, sandbox.journal.capacity)

    @property
    def inside(self) -> bool:
        """Whether this thread is in a unit of the sandbox."""
        current = self.transactions.current
        return current is not None and self in current.members

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Sandbox.unit`: everything inside is one transaction, which others wait for."""
        if self.inside:
            yield
            return
        with self.transactions.begin() as transaction:
            self.enter(transaction.connection)
            transaction.members.append(self)
            yield

    def enter(self, connection: Connection) -> None:
        """Locks the sandbox and catches up with what others did. Raises SandboxGone."""
        row = _LOOK(connection, {"sandbox": self._sandbox.id}).one_or_none()
        if row is None or row.incarnation != self.incarnation:
            raise SandboxGone(self._sandbox.id)
        self._revision, self._swept, self._touched_at = row.revision, row.swept, row.touched_at
        self.total = self._total_before = row.total
        if self._seen is None or self._seen < row.swept:
            for part in self._parts.values():
                part.reset()
            self._seen = 0
        if self._seen < row.revision:
            self._catch_up(connection)

    def _catch_up(self, connection: Connection) -> None:
        for row in _NEWS(connection, {"sandbox": self._sandbox.id, "seen": self._seen}):
            # What a newer release keeps is nothing to this one.
            if row.part in self._parts:
                self._parts[row.part].load(
                    unescape_key(row.record), None if row.value is None else from_json(row.value)
                )
        self._seen = self._revision

    def write(self, connection: Connection) -> None:
        """See `Member`."""
        now = real_time()
        changed = bool(self._changes or self.log.added or self.log.cleared)
        if not changed and now - self._touched_at < _TOUCH_EVERY:
            return
        id, swept = self._sandbox.id, self._swept
        self._revision += bool(self._changes)
        if self._changes and self._revision % _SWEEP_EVERY == 0:
            self._swept = max(swept, self._revision - _SWEEP_EVERY)
        state = {"revision": self._revision, "swept": self._swept, "total": self.total, "touched_at": now}
        if _TOUCH(connection, {"sandbox": id, **state}).rowcount == 0:
            # Deleted inside this very unit.
            return
        if self._changes:
            _RECORDS(
                connection,
                [self._row(*key, value) for key, value in self._changes.items()],
            )
        if self._swept > swept:
            _SWEEP(connection, {"sandbox": id, "swept": self._swept})
        self.log.write(connection, self._total_before)

    def _row(self, part: str, record: str, value: Any) -> dict[str, Any]:
        return {
            "sandbox": self._sandbox.id,
            "part": part,
            "record": escape_key(record),
            "revision": self._revision,
            "value": None if value is None else to_json(value).decode(),
        }

    def done(self) -> None:
        """See `Member`."""
        self._seen = self._revision
        self._changes.clear()
        self.log.forget()

    def undo(self) -> None:
        """See `Member`. What the unit left in memory gives way to what is kept, at the latest when next used."""
        tainted = bool(self._changes) or self._seen is None
        self._changes.clear()
        self.log.forget()
        self.total = self._total_before
        if tainted:
            self._seen = None
            with suppress(Problem, SandboxGone), self.transactions.begin() as transaction:
                self.enter(transaction.connection)

    def _collect(self, part: str) -> Keep:
        def keep(record: str, value: Any) -> None:
            if not self.inside:
                raise RuntimeError(f"{part} of sandbox {self._sandbox.id!r} was changed outside of its unit")
            self._changes[part, record] = value

        return keep
