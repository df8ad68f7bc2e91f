"""Where sandboxes are kept: which there are, who leads to which, and their records. In memory here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.sandbox.spec import SandboxSpec

if TYPE_CHECKING:
    from mockserver.sandbox.sandbox import Sandbox

Dump = Mapping[str, Mapping[str, Any]]


class IdTaken(Exception):
    """There is a sandbox of that id already."""


class UserTaken(Exception):
    """The credentials lead to another sandbox; `(provider, user, sandbox)`."""


class SandboxRepository(Protocol):
    """What the registry of sandboxes asks of whoever keeps them."""

    shared: bool
    """Whether other processes may keep sandboxes at the same place."""

    def add(self, spec: SandboxSpec) -> None:
        """Keeps a new sandbox. Raises IdTaken or UserTaken."""

    def find(self, id: str) -> SandboxSpec | None:
        """What the sandbox was made from, or None when there is none of that id."""

    def find_user(self, provider: str, user: str) -> str | None:
        """The id of the sandbox that has an account of that user."""

    def ids(self) -> list[str]:
        """All sandboxes, in the order in which they were made."""

    def delete(self, id: str) -> bool:
        """Forgets a sandbox with all its records; whether there was one."""

    def idle_since(self, moment: float) -> list[str]:
        """The sandboxes that were last called before that moment, in real seconds; never `default`."""

    def holding(self, part: str, start: str) -> Mapping[str, int]:
        """The sandboxes that have records of that part whose keys begin so, each with a number that is another one
        whenever one of those records has changed.
        """

    def attach(self, sandbox: "Sandbox") -> None:
        """Binds a sandbox of this process to what is kept of it; its records and its journal are there then."""

    def save_snapshot(self, id: str, name: str, dump: Dump) -> None:
        """Keeps a dump of a sandbox."""

    def snapshot(self, id: str, name: str) -> Dump | None:
        """A dump that was kept, or None."""

    def snapshots(self, id: str) -> list[str]:
        """The names of those that were kept, oldest first."""

    def close(self) -> None:
        """Lets go of files and connections."""


class InMemoryRepository:
    """See `SandboxRepository`: everything is gone with the process, and no other process sees it."""

    shared = False

    def __init__(self) -> None:
        self._births: dict[str, SandboxSpec] = {}
        self._users: dict[tuple[str, str], str] = {}
        self._attached: dict[str, Sandbox] = {}
        self._snapshots: dict[str, dict[str, Dump]] = {}

    def add(self, spec: SandboxSpec) -> None:
        if spec.id in self._births:
            raise IdTaken(spec.id)
        for user in spec.users():
            if user in self._users:
                raise UserTaken(*user, self._users[user])
        self._births[spec.id] = spec
        self._users.update(dict.fromkeys(spec.users(), spec.id))

    def find(self, id: str) -> SandboxSpec | None:
        return self._births.get(id)

    def find_user(self, provider: str, user: str) -> str | None:
        return self._users.get((provider, user))

    def ids(self) -> list[str]:
        return list(self._births)

    def delete(self, id: str) -> bool:
        spec = self._births.pop(id, None)
        if spec is None:
            return False
        for user in spec.users():
            del self._users[user]
        self._attached.pop(id, None)
        self._snapshots.pop(id, None)
        return True

    def idle_since(self, moment: float) -> list[str]:
        return [id for id, sandbox in self._attached.items() if sandbox.used_at < moment and id != "default"]

    def holding(self, part: str, start: str) -> Mapping[str, int]:
        found = {}
        for id, sandbox in self._attached.items():
            records = {key: value for key, value in sandbox.parts()[part].dump().items() if key.startswith(start)}
            if records:
                found[id] = hash(repr(sorted(records.items())))
        return found

    def attach(self, sandbox: "Sandbox") -> None:
        self._attached[sandbox.id] = sandbox

    def save_snapshot(self, id: str, name: str, dump: Dump) -> None:
        self._snapshots.setdefault(id, {})[name] = dump

    def snapshot(self, id: str, name: str) -> Dump | None:
        return self._snapshots.get(id, {}).get(name)

    def snapshots(self, id: str) -> list[str]:
        return list(self._snapshots.get(id, {}))

    def close(self) -> None:
        pass
