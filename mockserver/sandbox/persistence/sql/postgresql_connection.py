"""Connections to PostgreSQL: a transaction takes two round trips, one when nothing was changed elsewhere."""

from collections.abc import Sequence
from functools import lru_cache
from select import select
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from mockserver.sandbox.persistence.sql.connection import Look, SandboxChanges, SandboxRow, StoreConnection

if TYPE_CHECKING:
    from psycopg import Connection as Driver

_SETTINGS = (
    # Whoever meets a lock tries again, and meanwhile holds up nobody else.
    "SET lock_timeout = '1ms'",
    "SET statement_timeout = '10s'",
    # A process that hangs inside a transaction must not hang all others.
    "SET idle_in_transaction_session_timeout = '30s'",
    # Our statements are few, and go by primary keys: a plan made once is as good for any parameters.
    "SET plan_cache_mode = 'force_generic_plan'",
)
_IDLE = 0
"""libpq's status of a connection without a transaction."""
_ROW = "s.incarnation, s.revision, s.swept, s.total, s.touched_at"
_LOOK = (
    "SELECT incarnation, revision, swept, total, touched_at FROM mockserver_sandboxes WHERE id = %(sandbox)s FOR UPDATE"
)
_SINCE = "n.revision > CASE WHEN s.swept > %(seen)s THEN -1 ELSE %(seen)s END"
_NEWS = (
    "SELECT n.part, n.record, n.value FROM mockserver_sandboxes s JOIN mockserver_records n ON n.sandbox = s.id "
    f"WHERE s.id = %(sandbox)s AND {_SINCE} ORDER BY n.revision, n.part, n.record"
)
_CLEAR = "DELETE FROM mockserver_journal WHERE sandbox = %(sandbox)s"
_PARTS = {
    "held": (
        "UPDATE mockserver_sandboxes SET revision = %(revision)s, swept = %(swept)s, total = %(total)s, "
        "touched_at = %(touched_at)s WHERE id = %(sandbox)s AND incarnation = %(incarnation)s "
        "AND revision = %(seen)s AND total = %(old_total)s RETURNING id"
    ),
    "records": (
        "INSERT INTO mockserver_records (sandbox, part, record, revision, value) "
        "SELECT held.id, w.part, w.record, %(revision)s, w.value "
        "FROM held, unnest(%(parts)b::text[], %(records)b::text[], %(values)b::text[]) AS w (part, record, value) "
        "ON CONFLICT (sandbox, part, record) DO UPDATE SET revision = excluded.revision, value = excluded.value"
    ),
    "entries": (
        "INSERT INTO mockserver_journal (sandbox, number, entry) SELECT held.id, %(base)s + w.number, w.entry "
        "FROM held, unnest(%(entries)b::bytea[]) WITH ORDINALITY AS w (entry, number)"
    ),
    "swept": (
        "DELETE FROM mockserver_records r USING held "
        "WHERE r.sandbox = held.id AND r.value IS NULL AND r.revision <= %(swept)s"
    ),
    "trimmed": "DELETE FROM mockserver_journal j USING held WHERE j.sandbox = held.id AND j.number <= %(trimmed)s",
}
_COMMITTED = (
    # What was committed so is not lost when our process dies, but may be when the database's machine does.
    "SELECT CASE WHEN NOT %(told)s THEN set_config('synchronous_commit', 'off', true) END, "
    "NULL::bigint, NULL::bigint, NULL::bigint, NULL::float8, NULL::bigint, NULL, NULL, NULL FROM held"
)
_OTHERS = (
    f"SELECT {_ROW}, n.revision, n.part, n.record, n.value FROM mockserver_sandboxes s LEFT JOIN LATERAL ("
    f"SELECT n.* FROM mockserver_records n WHERE n.sandbox = s.id AND {_SINCE} UNION "
    "SELECT n.* FROM unnest(%(parts)b::text[], %(records)b::text[]) AS w (part, record) JOIN mockserver_records n "
    "ON n.sandbox = s.id AND n.part = w.part AND n.record = w.record) n ON true "
    "WHERE s.id = %(sandbox)s AND NOT EXISTS (SELECT FROM held)"
)


@lru_cache
def _statement(parts: tuple[str, ...]) -> str:
    """Returns the statement that makes those changes of a sandbox, or shows what others changed."""
    made = ", ".join(f"{name} AS ({_PARTS[name]})" for name in ("held", *parts))
    return f"WITH {made} {_COMMITTED} UNION ALL {_OTHERS}"


def prepare_driver(driver: "Driver[Any]") -> None:
    """Sets a new connection up. Raises psycopg.Error."""
    driver.autocommit = True
    driver.execute("; ".join(_SETTINGS))


class PostgresqlConnection(StoreConnection):
    """A `StoreConnection` to PostgreSQL."""

    can_attempt = True

    def __init__(self, alchemy: Connection) -> None:
        super().__init__(alchemy)
        self._driver: Driver[Any] = alchemy.connection.dbapi_connection  # type: ignore[assignment]  # by our address
        self._cursor = self._driver.cursor()
        self._has_to_begin = False

    @property
    def alchemy(self) -> Connection:
        """Implements `StoreConnection.alchemy`."""
        if self._has_to_begin:
            self._has_to_begin = False
            self._cursor.execute("BEGIN")
        return self._alchemy

    def is_usable(self) -> bool:
        """Implements `StoreConnection.is_usable`."""
        driver = self._driver
        if driver.closed or self._alchemy.invalidated:
            return False
        # Nothing is under way, so all that there can be to read is that the server hung up.
        return not select([driver.fileno()], [], [], 0)[0]

    def begin(self) -> None:
        """Implements `StoreConnection.begin`: it is sent with the first statement."""
        self._has_to_begin = True

    def look(self, sandbox: str, seen: int) -> Look:
        """Implements `StoreConnection.look`: one round trip."""
        parameters = {"sandbox": sandbox, "seen": seen}
        first, second = self._driver.cursor(), self._driver.cursor()
        with self._driver.pipeline():
            if self._has_to_begin:
                self._has_to_begin = False
                self._cursor.execute("BEGIN", prepare=True)
            first.execute(_LOOK, parameters, prepare=True)
            second.execute(_NEWS, parameters, prepare=True)
        row = first.fetchone()
        return Look(row and SandboxRow(*row), second.fetchall())

    def finish(self, changes: Sequence[SandboxChanges]) -> None:
        """Implements `StoreConnection.finish`: one round trip."""
        if self._has_to_begin:
            self._has_to_begin = False
            return
        with self._driver.pipeline():
            for change in changes:
                if change.is_cleared:
                    self._driver.cursor().execute(_CLEAR, {"sandbox": change.sandbox})
                self._driver.cursor().execute(*_written(change), prepare=True)
            self._cursor.execute("COMMIT", prepare=True)

    def attempt(self, changes: SandboxChanges) -> Look | None:
        """Implements `StoreConnection.attempt`: one round trip, two when the journal is cleared."""
        if changes.is_cleared:
            return self._attempt_in_two(changes)
        rows = self._cursor.execute(*_written(changes), prepare=True).fetchall()
        if len(rows) == 1 and rows[0][1] is None:
            return None
        if not rows:
            return Look(None, ())
        changed = sorted(row[5:] for row in rows if row[5] is not None)
        return Look(SandboxRow(*rows[0][:5]), [row[1:] for row in changed])

    def _attempt_in_two(self, changes: SandboxChanges) -> Look | None:
        self.begin()
        look = self.look(changes.sandbox, -1)
        if look.row is None or look.row[:4] != changes.before[:4]:
            self.rollback()
            return look
        self.finish([changes])
        return None

    def rollback(self) -> None:
        """Implements `StoreConnection.rollback`."""
        self._has_to_begin = False
        if self._driver.pgconn.transaction_status != _IDLE:
            self._cursor.execute("ROLLBACK")


def _written(changes: SandboxChanges) -> tuple[str, dict[str, Any]]:
    """Returns the statement of some changes and its parameters."""
    before, after, records = changes.before, changes.after, changes.records
    parameters: dict[str, Any] = {
        **after._asdict(),
        "sandbox": changes.sandbox,
        "seen": before.revision,
        "old_total": before.total,
        "told": changes.is_told,
        "parts": [record[0] for record in records],
        "records": [record[1] for record in records],
    }
    parts = []
    if records:
        parts.append("records")
        parameters["values"] = [record[2] for record in records]
    if changes.entries:
        parts.append("entries")
        parameters["entries"] = changes.entries
        parameters["base"] = after.total - len(changes.entries)
    if changes.swept:
        parts.append("swept")
    if changes.trimmed:
        parts.append("trimmed")
        parameters["trimmed"] = changes.trimmed
    return _statement(tuple(parts)), parameters
