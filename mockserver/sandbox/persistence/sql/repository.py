"""Sandboxes in a database: they outlive the process, and several processes can share them."""

import secrets
from collections.abc import Mapping

from sqlalchemy import Engine, delete, func, insert, select, update

from mockserver.foundation.clock import real_time
from mockserver.sandbox.persistence.repository import Dump, IdTaken, UserTaken
from mockserver.sandbox.persistence.sql import schema
from mockserver.sandbox.persistence.sql.encoding import escape_key, from_json, to_json, unescape_key
from mockserver.sandbox.persistence.sql.statements import insert_new, savepoint, upsert
from mockserver.sandbox.persistence.sql.sync import SandboxSync
from mockserver.sandbox.persistence.sql.transaction import Transactions
from mockserver.sandbox.spec import SandboxSpec, read_spec

_MAX_REMEMBERED = 10_000
"""The limit of users whose sandboxes are remembered."""

_sandboxes = schema.sandboxes.c
_records = schema.records.c
_users = schema.users.c
_PROBE, _ROOM = "probe", "-" * 262_144
"""A row that is written where the store was in trouble, and dropped at once."""
_snapshots = schema.snapshots.c


class SqlRepository:
    """The `SandboxRepository` of a database. Every method raises a 503 `Problem` when that cannot be reached."""

    shared = True

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect.name
        self._transactions = Transactions(engine)
        self._incarnations: dict[str, str] = {}
        """The incarnations of those that were added or found, until they are opened."""
        self._sandbox_of: dict[tuple[str, str], str] = {}
        """The sandboxes of users that were looked up; those of a deleted one are forgotten."""

    def add(self, spec: SandboxSpec) -> None:
        # Another process may add the same one at this moment: that is known once it has committed.
        self._transactions.patiently(lambda: self._add(spec))

    def _add(self, spec: SandboxSpec) -> None:
        incarnation, now = secrets.token_hex(8), real_time()
        row = {
            "id": spec.id,
            "incarnation": incarnation,
            "spec": to_json(spec.as_record()).decode(),
            "made_at": now,
            "touched_at": now,
            "revision": 0,
            "swept": 0,
            "total": 0,
        }
        with self._transactions.begin() as transaction, savepoint(transaction.connection) as connection:
            if connection.execute(insert_new(schema.sandboxes, self._dialect), row).first() is None:
                raise IdTaken(spec.id)
            for provider, user in spec.users():
                row = {"provider": provider, "user_name": escape_key(user), "sandbox": spec.id}
                if connection.execute(insert_new(schema.users, self._dialect), row).first() is None:
                    raise UserTaken(provider, user, self._look_up(provider, user))
        self._incarnations[spec.id] = incarnation

    def find(self, id: str) -> SandboxSpec | None:
        query = select(_sandboxes.incarnation, _sandboxes.spec).where(_sandboxes.id == escape_key(id))
        with self._transactions.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            self._forget(id)
            return None
        self._incarnations[id] = row.incarnation
        try:
            return read_spec(from_json(row.spec))
        except ValueError as error:
            raise self._transactions.unreadable(error) from None

    def find_user(self, provider: str, user: str) -> str | None:
        id = self._sandbox_of.get((provider, user))
        if id is None and (id := self._look_up(provider, user)) is not None:
            if len(self._sandbox_of) >= _MAX_REMEMBERED:
                self._sandbox_of.clear()
            self._sandbox_of[provider, user] = id
        return id

    def ids(self) -> list[str]:
        with self._transactions.reading() as connection:
            return list(connection.scalars(select(_sandboxes.id).order_by(_sandboxes.made_at, _sandboxes.id)))

    def delete(self, id: str) -> bool:
        with self._transactions.begin() as transaction:
            connection = transaction.connection
            # First the row that a transaction locks: whoever is in one ends before the rest goes.
            deleted = connection.execute(delete(schema.sandboxes).where(_sandboxes.id == escape_key(id))).rowcount
            for table in schema.OF_A_SANDBOX:
                connection.execute(delete(table).where(table.c.sandbox == escape_key(id)))
        self._forget(id)
        return deleted > 0

    def idle_since(self, moment: float) -> list[str]:
        is_idle = (_sandboxes.touched_at < moment) & (_sandboxes.id != "default")
        query = select(_sandboxes.id).where(is_idle).order_by(_sandboxes.made_at, _sandboxes.id)
        with self._transactions.reading() as connection:
            return list(connection.scalars(query))

    def holding(self, component: str, start: str) -> Mapping[str, int]:
        begins = _records.record.startswith(escape_key(start), autoescape=True)
        query = (
            select(_records.sandbox, func.max(_records.revision).label("revision"))
            .where(_records.part == component, begins, _records.value.is_not(None))
            .group_by(_records.sandbox)
        )
        with self._transactions.reading() as connection:
            return {row.sandbox: row.revision for row in connection.execute(query)}

    def open(self, id: str, journal_size: int) -> SandboxSync:
        return SandboxSync(id, self._incarnations.pop(id, ""), self._transactions, journal_size, self._forget)

    def save_snapshot(self, id: str, name: str, dump: Dump) -> None:
        newest = select(func.coalesce(func.max(_snapshots.number), 0))
        with self._transactions.begin() as transaction:
            number = transaction.connection.scalar(newest.where(_snapshots.sandbox == id))
            row = {"sandbox": id, "name": escape_key(name), "number": (number or 0) + 1, "dump": to_json(dump)}
            transaction.connection.execute(upsert(schema.snapshots, self._dialect, leave=("number",)), row)

    def snapshot(self, id: str, name: str) -> Dump | None:
        query = select(_snapshots.dump).where(_snapshots.sandbox == escape_key(id), _snapshots.name == escape_key(name))
        with self._transactions.reading() as connection:
            row = connection.scalar(query)
        dump: Dump | None = None if row is None else from_json(row)
        return dump

    def snapshots(self, id: str) -> list[str]:
        query = select(_snapshots.name).where(_snapshots.sandbox == escape_key(id)).order_by(_snapshots.number)
        with self._transactions.reading() as connection:
            return [unescape_key(name) for name in connection.scalars(query)]

    def check(self) -> None:
        # Writes what is there already: what can only be read is of no use.
        default = _sandboxes.id == "default"
        statement = update(schema.sandboxes).where(default).values(touched_at=_sandboxes.touched_at)
        with self._transactions.begin() as transaction:
            rows = transaction.connection.execute(statement).rowcount
        if not rows:
            raise self._transactions.unreadable(LookupError("default"))
        if self._transactions.in_trouble:
            self._need_room()

    def _need_room(self) -> None:
        """Raises a 503 when there is no room for a call or two: a full disk still takes what is small."""
        rest = delete(schema.meta).where(schema.meta.c.name == _PROBE)
        with self._transactions.begin() as transaction:
            transaction.connection.execute(rest)
            transaction.connection.execute(insert(schema.meta).values(name=_PROBE, value=_ROOM))
        with self._transactions.begin() as transaction:
            transaction.connection.execute(rest)

    def close(self) -> None:
        self._transactions.close()

    def _look_up(self, provider: str, user: str) -> str | None:
        query = select(_users.sandbox).where(_users.provider == provider, _users.user_name == escape_key(user))
        with self._transactions.reading() as connection:
            id: str | None = connection.scalar(query)
        return id

    def _forget(self, id: str) -> None:
        self._incarnations.pop(id, None)
        for user in [user for user, sandbox in self._sandbox_of.items() if sandbox == id]:
            del self._sandbox_of[user]
