"""Where sandboxes are kept when they must last or be shared: see `SandboxRepository`."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Engine, delete, func, select

from mockserver.foundation.clock import real_time
from mockserver.sandbox.persistence.repository import Dump, IdTaken, UserTaken
from mockserver.sandbox.persistence.sql import schema
from mockserver.sandbox.persistence.sql.encoding import escape_key, from_json, to_json, unescape_key
from mockserver.sandbox.persistence.sql.statements import insert_new, upsert
from mockserver.sandbox.persistence.sql.sync import SandboxSync
from mockserver.sandbox.persistence.sql.transaction import Transactions
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.spec import SandboxSpec

_MAX_REMEMBERED = 10_000

_own = schema.sandboxes.c


class SqlRepository:
    """See the module. Every method raises a 503 `Problem` when the database cannot be reached."""

    shared = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name
        self._transactions = Transactions(engine)
        self._found: dict[str, str] = {}
        """The incarnations of those that were added or found, until they are attached."""
        self._led: dict[tuple[str, str], str] = {}
        """To which sandbox users led; those of one that is gone are forgotten."""

    def add(self, spec: SandboxSpec) -> None:
        incarnation, now = secrets.token_hex(8), real_time()
        row = {
            "id": spec.id,
            "incarnation": incarnation,
            "birth": spec.model_dump_json(),
            "made_at": now,
            "touched_at": now,
            "revision": 0,
            "swept": 0,
            "total": 0,
        }
        with self._transactions.begin() as transaction, transaction.connection.begin_nested():
            connection = transaction.connection
            if connection.execute(insert_new(schema.sandboxes, self._dialect), row).first() is None:
                raise IdTaken(spec.id)
            for provider, user in spec.users():
                lead = {"provider": provider, "user_name": escape_key(user), "sandbox": spec.id}
                if connection.execute(insert_new(schema.users, self._dialect), lead).first() is None:
                    raise UserTaken(provider, user, self._lead(provider, user))
        self._found[spec.id] = incarnation

    def find(self, id: str) -> SandboxSpec | None:
        query = select(_own.incarnation, _own.birth).where(_own.id == escape_key(id))
        with self._transactions.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            self._forget(id)
            return None
        self._found[id] = row.incarnation
        return SandboxSpec.model_validate_json(row.birth)

    def find_user(self, provider: str, user: str) -> str | None:
        led = self._led.get((provider, user))
        if led is None and (led := self._lead(provider, user)) is not None:
            if len(self._led) >= _MAX_REMEMBERED:
                self._led.clear()
            self._led[provider, user] = led
        return led

    def ids(self) -> list[str]:
        with self._transactions.reading() as connection:
            return list(connection.scalars(select(_own.id).order_by(_own.made_at, _own.id)))

    def delete(self, id: str) -> bool:
        with self._transactions.begin() as transaction:
            # First the row that a unit locks: whoever is in one ends before the rest goes.
            gone = transaction.connection.execute(delete(schema.sandboxes).where(_own.id == escape_key(id))).rowcount
            for table in schema.OF_A_SANDBOX:
                transaction.connection.execute(delete(table).where(table.c.sandbox == escape_key(id)))
        self._forget(id)
        return gone > 0

    def idle_since(self, moment: float) -> list[str]:
        query = select(_own.id).where(_own.touched_at < moment, _own.id != "default").order_by(_own.made_at, _own.id)
        with self._transactions.reading() as connection:
            return list(connection.scalars(query))

    def holding(self, part: str, start: str) -> Mapping[str, int]:
        kept = schema.records.c
        query = (
            select(kept.sandbox, func.max(kept.revision).label("revision"))
            .where(
                kept.part == part, kept.record.startswith(escape_key(start), autoescape=True), kept.value.is_not(None)
            )
            .group_by(kept.sandbox)
        )
        with self._transactions.reading() as connection:
            return {row.sandbox: row.revision for row in connection.execute(query)}

    def attach(self, sandbox: Sandbox) -> None:
        bond = SandboxSync(sandbox, self._found.pop(sandbox.id, ""), self._transactions)
        sandbox.shared, sandbox.unit_of = bond, self._unit
        try:
            with bond.transaction():
                pass
        except SandboxGone:
            # Deleted in the meantime: whoever uses it is told so.
            self._forget(sandbox.id)

    def save_snapshot(self, id: str, name: str, dump: Dump) -> None:
        newest = select(func.coalesce(func.max(schema.snapshots.c.number), 0))
        with self._transactions.begin() as transaction:
            number = transaction.connection.scalar(newest.where(schema.snapshots.c.sandbox == id))
            row = {"sandbox": id, "name": escape_key(name), "number": (number or 0) + 1, "dump": to_json(dump)}
            transaction.connection.execute(upsert(schema.snapshots, self._dialect, leave=("number",)), row)

    def snapshot(self, id: str, name: str) -> Dump | None:
        kept = schema.snapshots.c
        with self._transactions.reading() as connection:
            dump = connection.scalar(
                select(kept.dump).where(kept.sandbox == escape_key(id), kept.name == escape_key(name))
            )
        found: Dump | None = None if dump is None else from_json(dump)
        return found

    def snapshots(self, id: str) -> list[str]:
        kept = schema.snapshots.c
        with self._transactions.reading() as connection:
            names = connection.scalars(select(kept.name).where(kept.sandbox == escape_key(id)).order_by(kept.number))
            return [unescape_key(name) for name in names]

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _unit(self, sandbox: Sandbox) -> Iterator[None]:
        try:
            with sandbox.shared.transaction():
                yield
        except SandboxGone as gone:
            self._forget(str(gone))
            raise

    def _lead(self, provider: str, user: str) -> str | None:
        kept = schema.users.c
        query = select(kept.sandbox).where(kept.provider == provider, kept.user_name == escape_key(user))
        with self._transactions.reading() as connection:
            led: str | None = connection.scalar(query)
        return led

    def _forget(self, id: str) -> None:
        self._found.pop(id, None)
        for user in [user for user, led in self._led.items() if led == id]:
            del self._led[user]
