"""The journal's entries in a database."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, insert, select

from mockserver.sandbox.journal import Entry
from mockserver.sandbox.persistence.sql import schema
from mockserver.sandbox.persistence.sql.encoding import from_json, to_json
from mockserver.sandbox.persistence.sql.statements import Prepared

if TYPE_CHECKING:
    from mockserver.sandbox.persistence.sql.sync import SandboxSync

_BATCH = 500
"""Entries that are read at once."""
_TRIM_EVERY = 64
"""Entries that come before those that are too old are thrown away."""

_own = schema.journal.c
_mine = _own.sandbox == bindparam("sandbox")
_READ = (
    select(_own.number, _own.entry).where(_mine, _own.number > bindparam("after")).order_by(_own.number).limit(_BATCH)
)
_ADD = Prepared(lambda _: insert(schema.journal))
_TRIM = delete(schema.journal).where(_mine, _own.number <= bindparam("oldest"))
_CLEAR = delete(schema.journal).where(_mine)


class SqlJournal:
    """See `journal.JournalStorage`. Only the newest `capacity` entries are shown; older ones are deleted in bulk."""

    def __init__(self, bond: "SandboxSync", sandbox: str, capacity: int) -> None:
        self.added: list[Entry] = []
        """By the unit that is under way."""
        self.cleared = False
        """By the unit that is under way."""
        self._bond = bond
        self._sandbox = sandbox
        self._capacity = capacity

    @property
    def total(self) -> int:
        """See `JournalStorage`."""
        with self._bond.transaction():
            return self._bond.total

    def append(self, entry: Entry) -> None:
        """See `JournalStorage`."""
        with self._bond.transaction():
            self.added.append(entry)
            self._bond.total += 1

    def __len__(self) -> int:
        return min(self.total, self._capacity)

    def __iter__(self) -> Iterator[Entry]:
        return self.newer(0)

    def newer(self, after: int) -> Iterator[Entry]:
        """See `JournalStorage`."""
        last = max(after, self.total - self._capacity)
        yield from () if self.cleared else self._written(last)
        yield from [entry for entry in self.added if entry.id > last]

    def clear(self) -> None:
        """See `JournalStorage`."""
        with self._bond.transaction():
            self.added.clear()
            self.cleared = True
            self._bond.total = 0

    def write(self, connection: Connection, before: int) -> None:
        """Writes what the unit did; there were `before` entries in all when it began."""
        if self.cleared:
            connection.execute(_CLEAR, {"sandbox": self._sandbox})
            before = 0
        if self.added:
            _ADD(connection, [self._row(entry) for entry in self.added])
        if self._bond.total // _TRIM_EVERY > before // _TRIM_EVERY:
            connection.execute(_TRIM, {"sandbox": self._sandbox, "oldest": self._bond.total - self._capacity})

    def forget(self) -> None:
        """The unit is over."""
        self.added.clear()
        self.cleared = False

    def _written(self, last: int) -> Iterator[Entry]:
        while True:
            with self._bond.transactions.reading() as connection:
                rows = connection.execute(_READ, {"sandbox": self._sandbox, "after": last}).all()
            for number, entry in rows:
                last = number
                yield Entry.from_record(from_json(entry))
            if len(rows) < _BATCH:
                return

    def _row(self, entry: Entry) -> dict[str, object]:
        return {"sandbox": self._sandbox, "number": entry.id, "entry": to_json(entry.as_record())}
