"""Loads a capsule as a sandbox: all of it is read and checked before anybody can see anything of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import ProvidersByName
from mockserver.registry.capsules.document import Capsule
from mockserver.registry.capsules.restoring import Restoring, differences, spec_of, without_routes
from mockserver.registry.capsules.withholding import missing_secret
from mockserver.registry.factory import SandboxTaken, new_id
from mockserver.sandbox.persistence.repository import IdTaken, SandboxRepository, UserTaken
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.spec import SandboxSpec


class SandboxHome(Protocol):
    """The registry, as far as a capsule needs it."""

    @property
    def settings(self) -> Settings:
        """The settings of the server."""

    @property
    def providers(self) -> ProvidersByName:
        """Its providers."""

    @property
    def repository(self) -> SandboxRepository:
        """The place where its sandboxes are."""

    def check_limits(self) -> None:
        """Raises TooManySandboxes when no other one may be made."""

    def assemble(self, spec: SandboxSpec) -> Sandbox:
        """Makes a sandbox that nobody finds, in memory."""

    def admit(self, spec: SandboxSpec) -> Sandbox:
        """Makes a sandbox that was added to the repository, for everybody to be found."""

    def delete(self, id: str) -> bool:
        """Deletes a sandbox."""


def begin_loading(
    home: SandboxHome, capsule: Capsule, id: str | None, credentials: Mapping[str, Mapping[str, Any]]
) -> "CapsuleLoading":
    """Begins to make a sandbox of a capsule; without an id it gets that of the saved one, where that is free here.

    Raises what `check_limits` and `spec_of` raise.
    """
    home.check_limits()
    if id is None:
        saved = capsule.head.sandbox
        id = saved if home.repository.find(saved) is None else new_id()
    return CapsuleLoading(home, capsule, id, credentials)


class CapsuleLoading:
    """A capsule that becomes a sandbox: `for _ in loading: …`, each step short, then `admit` and `fill`."""

    def __init__(
        self, home: SandboxHome, capsule: Capsule, id: str, credentials: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Raises what `spec_of` raises."""
        self._home = home
        self._capsule = capsule
        self._credentials = credentials
        self.spec = spec_of(capsule, id, home.providers, home.settings, credentials)
        self._restoring: Restoring | None = None
        self._sandbox: Sandbox | None = None
        self._is_added = False

    def __iter__(self) -> Iterator[None]:
        hidden = self._home.assemble(self.spec)
        is_adopted = not self._home.repository.shared
        restoring = Restoring(
            self._capsule, hidden, self.spec, self._home.providers, self._credentials, is_adopted=is_adopted
        )
        yield from restoring
        self._restoring = restoring

    def warnings(self) -> list[str]:
        """Returns a sentence on everything that is not as where it was saved."""
        needless = {
            missing_secret(account["user"], provider)
            for provider in self._credentials
            for account in self.spec.accounts[provider]
        }
        withheld = [sentence for sentence in self._capsule.head.withheld if sentence not in needless]
        sentences = [*withheld, *differences(self._capsule.head, self._home.settings)]
        if not self.spec.is_found_by_user:
            sentences.append(
                "Its credentials lead to another sandbox here where a call names none: use its own addresses, or the "
                "header X-Mockserver-Sandbox."
            )
        return sentences

    def admit(self) -> Sandbox:
        """Makes the sandbox there, still without what changed. After StoreBusy it can be called again.

        Raises SandboxTaken.
        """
        if not self._is_added:
            self.add()
        self._sandbox = self._home.admit(self.spec)
        return self._sandbox

    def add(self) -> None:
        """Adds the sandbox to the repository, without what changed. Raises SandboxTaken."""
        try:
            try:
                self._home.repository.add(self.spec)
            except UserTaken:
                self.spec = without_routes(self.spec)
                self._home.repository.add(self.spec)
        except IdTaken:
            raise SandboxTaken(
                f"There is a sandbox {self.spec.id!r} already; delete it, or load the capsule as another one."
            ) from None
        self._is_added = True

    def fill(self) -> None:
        """Has the sandbox take over what changed, and the calls of the journal, in one transaction.

        Any thread may call it; nothing of the sandbox stays when it cannot be done.
        """
        assert self._sandbox is not None
        try:
            self.fill_up(self._sandbox)
        except BaseException:
            self._home.delete(self.spec.id)
            raise

    def fill_up(self, sandbox: Sandbox) -> None:
        """Has a sandbox take over what changed, and the calls of the journal, in one transaction."""
        assert self._restoring is not None
        with sandbox.transaction():
            sandbox.restore(self._restoring.records)
            sandbox.journal.restore(self._restoring.entries, self._capsule.head.calls)
        for wake in list(sandbox.outbox.listeners):
            wake()
