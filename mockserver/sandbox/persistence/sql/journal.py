"""The journal's entries in a database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import bindparam, select

from mockserver.sandbox.journal import Entry, RecordedCall
from mockserver.sandbox.persistence.sql import schema
from mockserver.sandbox.persistence.sql.encoding import from_json, to_json
from mockserver.sandbox.persistence.sql.transaction import Transactions

_BATCH = 500
"""The number of entries that are read at once."""
_TRIM_EVERY = 64
"""After every this many entries, those that are too old are deleted."""

_columns = schema.journal.c
_of_sandbox = _columns.sandbox == bindparam("sandbox")
_READ = (
    select(_columns.number, _columns.entry)
    .where(_of_sandbox, _columns.number > bindparam("after"))
    .order_by(_columns.number)
    .limit(_BATCH)
)


class SqlJournal:
    """A `JournalStorage` that shows the newest `capacity` entries, and deletes older ones in bulk.

    It collects what a transaction of its sandbox does, and writes it when that ends.
    """

    def __init__(
        self,
        sandbox: str,
        capacity: int,
        transactions: Transactions,
        transaction: Callable[[], AbstractContextManager[None]],
        is_inside: Callable[[], bool],
    ) -> None:
        """`transaction` is that of the sandbox, and `is_inside` tells whether this thread is in one."""
        self._sandbox = sandbox
        self._capacity = capacity
        self._transactions = transactions
        self._transaction = transaction
        self._is_inside = is_inside
        self._added: list[Entry] = []
        self._encoded: list[bytes] = []
        self._waiting: list[Callable[[], None]] = []
        """Functions to call when the transaction is committed."""
        self._cleared = False
        self._total = 0
        self._total_before = 0
        """The total when the transaction began."""

    @property
    def total(self) -> int:
        """Implements `JournalStorage.total`."""
        if self._is_inside():
            return self._total
        with self._transaction():
            return self._total

    @property
    def weight(self) -> int:
        """Implements `JournalStorage.weight`: the entries are in the database."""
        return 0

    def append(self, call: RecordedCall) -> None:
        """Implements `JournalStorage.append`: what is stored has no secrets."""
        if not self._is_inside():
            with self._transaction():
                self.append(call)
            return
        self._added.append(call.entry)
        self._total += 1

    def when_stored(self, function: Callable[[], None]) -> None:
        """Implements `JournalStorage.when_stored`."""
        if self._is_inside():
            self._waiting.append(function)
        else:
            function()

    def __len__(self) -> int:
        return min(self.total, self._capacity)

    def __iter__(self) -> Iterator[Entry]:
        return self.newer(0)

    def newer(self, after: int) -> Iterator[Entry]:
        """Implements `JournalStorage.newer`."""
        last = max(after, self.total - self._capacity)
        yield from () if self._cleared else self._written(last)
        yield from [entry for entry in self._added if entry.id > last]

    def waiting(self) -> Sequence[RecordedCall]:
        """Implements `JournalStorage.waiting`: entries are made when they are added."""
        return ()

    def read(self, call: RecordedCall) -> Entry:
        """Implements `JournalStorage.read`."""
        return call.entry

    def clear(self) -> None:
        """Implements `JournalStorage.clear`."""
        with self._transaction():
            self._added.clear()
            self._encoded.clear()
            self._cleared = True
            self._total = 0

    def restore(self, calls: Sequence[RecordedCall], total: int) -> None:
        """Implements `JournalStorage.restore`."""
        with self._transaction():
            self.clear()
            self._added = [call.entry for call in calls]
            self._total = total

    def begin(self, total: int) -> None:
        """Begins a transaction, at that total."""
        self._forget()
        self._total = self._total_before = total

    @property
    def has_changed(self) -> bool:
        """True when the transaction did anything."""
        return bool(self._added or self._cleared)

    @property
    def new_total(self) -> int:
        """The total as the transaction leaves it."""
        return self._total

    @property
    def is_cleared(self) -> bool:
        """True when the transaction dropped all entries that were there before."""
        return self._cleared

    def new_entries(self) -> list[bytes]:
        """Returns the entries that the transaction added, as JSON; each is encoded once."""
        encoded = self._encoded
        encoded.extend(to_json(entry.as_record()) for entry in self._added[len(encoded) :])
        return list(encoded)

    @property
    def trimmed(self) -> int:
        """The number up to which entries are too old; 0 while there are few of them."""
        before = 0 if self._cleared else self._total_before
        return max(0, self._total - self._capacity) if self._total // _TRIM_EVERY > before // _TRIM_EVERY else 0

    def done(self) -> list[Callable[[], None]]:
        """Ends the transaction, which was committed. Returns the functions that wait for that."""
        waiting = self._waiting
        self._forget()
        return waiting

    def undo(self) -> None:
        """Ends the transaction, which was rolled back."""
        self._forget()
        self._total = self._total_before

    def _forget(self) -> None:
        self._added.clear()
        self._encoded.clear()
        self._waiting = []
        self._cleared = False

    def _written(self, last: int) -> Iterator[Entry]:
        while True:
            with self._transactions.reading() as connection:
                rows = connection.execute(_READ, {"sandbox": self._sandbox, "after": last}).all()
            for number, entry in rows:
                last = number
                yield Entry.from_record(from_json(entry))
            if len(rows) < _BATCH:
                return

    def _row(self, entry: Entry) -> dict[str, object]:
        return {"sandbox": self._sandbox, "number": entry.id, "entry": to_json(entry.as_record())}
