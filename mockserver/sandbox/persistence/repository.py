"""Repositories store sandboxes: what each was made from, who leads to it, and its records. This one is in memory."""

from collections.abc import Mapping
from typing import Any, Protocol

from mockserver.foundation.stateful import ComponentState
from mockserver.sandbox.spec import SandboxSpec
from mockserver.sandbox.unit_of_work import InMemoryUnitOfWork, UnitOfWork

Dump = Mapping[str, Mapping[str, Any]]
"""The records of a sandbox by component and key."""


class IdTaken(Exception):
    """There is a sandbox of that id already."""


class UserTaken(Exception):
    """The credentials lead to another sandbox; `(provider, user, sandbox)`."""


class SandboxRepository(Protocol):
    """The place where sandboxes are stored, for the registry."""

    shared: bool
    """Whether other processes may store sandboxes at the same place."""

    def add(self, spec: SandboxSpec) -> None:
        """Stores a new sandbox. Raises IdTaken or UserTaken."""

    def find(self, id: str) -> SandboxSpec | None:
        """Returns what the sandbox was made from, or None when there is none of that id."""

    def find_user(self, provider: str, user: str) -> str | None:
        """Returns the id of the sandbox that has an account of that user."""

    def ids(self) -> list[str]:
        """Returns all sandboxes, in the order in which they were made."""

    def delete(self, id: str) -> bool:
        """Deletes a sandbox with all its records; False when there was none."""

    def idle_since(self, moment: float) -> list[str]:
        """Returns the sandboxes that were last called before that moment, in real seconds; never `default`."""

    def holding(self, component: str, start: str) -> Mapping[str, int]:
        """Maps each sandbox that has records of a component whose keys begin so to a fingerprint of them.

        A different fingerprint means that one of those records has changed.
        """

    def open(self, id: str, journal_size: int) -> UnitOfWork:
        """Opens a sandbox that was added or found; its journal has at most so many entries."""

    def save_snapshot(self, id: str, name: str, dump: Dump) -> None:
        """Stores a dump of a sandbox."""

    def snapshot(self, id: str, name: str) -> Dump | None:
        """Returns a stored dump, or None."""

    def snapshots(self, id: str) -> list[str]:
        """Returns the names of the stored dumps, oldest first."""

    def check(self) -> None:
        """Raises a 503 `Problem` when nothing can be stored now, and StoreBusy when another process has the lock."""

    def close(self) -> None:
        """Closes files and connections."""


class InMemoryRepository:
    """The `SandboxRepository` of a single process; everything is gone with it."""

    shared = False

    def __init__(self) -> None:
        self._specs: dict[str, SandboxSpec] = {}
        self._users: dict[tuple[str, str], str] = {}
        self._opened: dict[str, InMemoryUnitOfWork] = {}
        self._snapshots: dict[str, dict[str, Dump]] = {}

    def add(self, spec: SandboxSpec) -> None:
        if spec.id in self._specs:
            raise IdTaken(spec.id)
        for user in spec.users():
            if user in self._users:
                raise UserTaken(*user, self._users[user])
        self._specs[spec.id] = spec
        self._users.update(dict.fromkeys(spec.users(), spec.id))

    def find(self, id: str) -> SandboxSpec | None:
        return self._specs.get(id)

    def find_user(self, provider: str, user: str) -> str | None:
        return self._users.get((provider, user))

    def ids(self) -> list[str]:
        return list(self._specs)

    def replace(self, spec: SandboxSpec) -> None:
        """Stores another spec of a sandbox; snapshots of one in another world are dropped with it."""
        before = self._specs[spec.id]
        self._specs[spec.id] = spec
        for user in before.users():
            del self._users[user]
        self._users.update(dict.fromkeys(spec.users(), spec.id))
        if (before.world, before.seed, before.origin) != (spec.world, spec.seed, spec.origin):
            self._drop_snapshots(spec.id)

    def delete(self, id: str) -> bool:
        spec = self._specs.pop(id, None)
        if spec is None:
            return False
        for user in spec.users():
            del self._users[user]
        self._opened.pop(id, None)
        self._drop_snapshots(id)
        return True

    def _drop_snapshots(self, id: str) -> None:
        for dump in self._snapshots.pop(id, {}).values():
            _dispose(dump)

    def idle_since(self, moment: float) -> list[str]:
        return [id for id, opened in self._opened.items() if opened.used_at < moment and id != "default"]

    def holding(self, component: str, start: str) -> Mapping[str, int]:
        fingerprints = {}
        for id, opened in self._opened.items():
            dump = opened.components[component].dump()
            records = {key: value for key, value in dump.items() if key.startswith(start)}
            if records:
                fingerprints[id] = hash(repr(sorted(records.items())))
        return fingerprints

    def open(self, id: str, journal_size: int) -> UnitOfWork:
        self._opened[id] = opened = InMemoryUnitOfWork(journal_size)
        return opened

    def save_snapshot(self, id: str, name: str, dump: Dump) -> None:
        snapshots = self._snapshots.setdefault(id, {})
        replaced = snapshots.get(name)
        snapshots[name] = dump
        if replaced is not None:
            _dispose(replaced)

    def snapshot(self, id: str, name: str) -> Dump | None:
        return self._snapshots.get(id, {}).get(name)

    def snapshots(self, id: str) -> list[str]:
        return list(self._snapshots.get(id, {}))

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


def _dispose(dump: Dump) -> None:
    for records in dump.values():
        if isinstance(records, ComponentState):
            records.dispose()
