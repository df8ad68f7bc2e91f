"""The sandboxes of a server: they are created, found by id or by credentials, and dropped when nobody uses them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.foundation.clock import Clock, real_time
from mockserver.foundation.lazy_exports import lazy_exports
from mockserver.foundation.redaction import Redactor
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.registry.choices import SLUG
from mockserver.registry.factory import (
    DEFAULT,
    SandboxRefused,
    SandboxTaken,
    TooManySandboxes,
    build_spec,
    check_settings_match,
    make_default_spec,
)
from mockserver.registry.memory import SandboxMemory
from mockserver.sandbox.accounts import Account, Accounts
from mockserver.sandbox.journal import Journal
from mockserver.sandbox.metrics import CallMetrics
from mockserver.sandbox.persistence.repository import IdTaken, InMemoryRepository, SandboxRepository, UserTaken
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.spec import SandboxSpec
from mockserver.sandbox.unit_of_work import InMemoryUnitOfWork, UnitOfWork
from mockserver.sandbox.webhooks.guard import TargetGuard
from mockserver.scenarios.runner import ScenarioRunner
from mockserver.world.cache import WorldCache

if TYPE_CHECKING:
    from mockserver.registry.requests import SandboxRequest
    from mockserver.registry.updates import RegistryUpdate

__all__ = [
    "DEFAULT",
    "MAX_SNAPSHOTS",
    "SLUG",
    "SandboxRefused",
    "SandboxRegistry",
    "SandboxRequest",
    "SandboxTaken",
    "TooManySandboxes",
]

__getattr__ = lazy_exports("mockserver.registry", {"SandboxRequest": "requests"})

MAX_SNAPSHOTS = 20
_SWEEP_EVERY = 10.0
"""Real seconds between two looks for idle sandboxes."""


class SandboxRegistry:
    """The sandboxes of one process; those of a shared repository are loaded when they are first used."""

    def __init__(
        self,
        settings: Settings,
        providers: Mapping[str, Provider],
        repository: SandboxRepository | None = None,
        guard: TargetGuard | None = None,
    ) -> None:
        """Without a repository sandboxes are in memory; without a guard, webhooks go where the settings allow it.

        Raises SettingsError when the repository has another default sandbox than the settings want.
        """
        self.settings = settings
        self.providers = dict(providers)
        """By name; the same mapping for whoever works with these sandboxes, whatever is loaded anew."""
        self.repository: SandboxRepository = repository or InMemoryRepository()
        self.guard = guard or TargetGuard(settings.webhook_hosts)
        """Judges where the webhooks of all sandboxes may go."""
        self.metrics = CallMetrics()
        self.listeners: set[Callable[[Sandbox], None]] = set()
        """Functions that receive every sandbox that this process loads from now on."""
        self.created = 0
        self.expired = 0
        self.memory = SandboxMemory(settings)
        self._worlds = WorldCache(self.memory.caches)
        self._loaded: dict[str, Sandbox] = {}
        self._swept_at = real_time()
        if settings.capsule is None:
            self._default = self._stored_default()
            self.admit_default(self._default)
        else:
            from mockserver.registry.capsules.at_start import load_default

            self._default = load_default(self, settings.capsule)

    @property
    def default(self) -> Sandbox:
        """The default sandbox. Its contents may change in another process; it always exists."""
        return self._loaded[DEFAULT]

    @property
    def default_spec(self) -> SandboxSpec:
        """The spec from which the default sandbox was made."""
        return self._default

    @property
    def only_default(self) -> bool:
        """True while the default sandbox is the only one, so that no call has to be matched to one."""
        return len(self._loaded) == 1 and not self.repository.shared

    def get(self, id: str) -> Sandbox | None:
        """Returns the sandbox of that id; it counts as used now."""
        sandbox = self._loaded.get(id)
        if sandbox is None:
            spec = self.repository.find(id)
            if spec is None:
                return None
            sandbox = self._loaded[id] = self._instantiate(spec)
        sandbox.note_use(real_time())
        return sandbox

    def loaded(self, id: str) -> Sandbox | None:
        """Returns the sandbox of that id, if this process has loaded it; that does not count as use."""
        return self._loaded.get(id)

    def of_user(self, provider: str, user: str) -> Sandbox | None:
        """Returns the sandbox to which the credentials of that user lead."""
        id = self.repository.find_user(provider, user)
        return None if id is None else self.get(id)

    def ids(self) -> list[str]:
        """Returns the ids of all sandboxes, in the order in which they were made."""
        return self.repository.ids()

    def all_loaded(self) -> list[Sandbox]:
        """Returns the sandboxes that this process has loaded; of shared ones not all."""
        return list(self._loaded.values())

    def create(self, request: "SandboxRequest") -> Sandbox:
        """Creates a sandbox. Raises SandboxRefused."""
        self.check_limits()
        spec = build_spec(request.id, request.choices(), self._default, self.settings, self.providers)
        try:
            self.repository.add(spec)
        except IdTaken:
            raise SandboxTaken(f"There is a sandbox {spec.id!r} already; delete it, or choose another id.") from None
        except UserTaken as taken:
            provider, user, other = taken.args
            detail = f"The credentials of {user} at {provider} lead to sandbox {other!r}"
            raise SandboxTaken(f"{detail}; each sandbox has its own. Leave them out to get some.") from None
        return self.admit(spec)

    def check_limits(self) -> None:
        """Raises TooManySandboxes when no other one may be made; those that nobody uses any more are dropped first."""
        self.sweep_if_due()
        most = self.settings.sandbox_limit
        if len(self.repository.ids()) > most:
            self.sweep()
        if len(self.repository.ids()) > most:
            detail = f"There are {most} sandboxes beside the default one, the most that this server keeps"
            raise TooManySandboxes(f"{detail}; delete some, or start it with a higher --sandbox-limit.")
        if not self.memory.has_room():
            raise TooManySandboxes(
                f"The sandboxes take about {self.memory.limit >> 20} MiB, the most that this server gives them; delete "
                "some, clear their journals, or start it with a higher --memory-limit."
            )

    def admit(self, spec: SandboxSpec) -> Sandbox:
        """Makes a sandbox that was added to the repository; from now on everybody finds it."""
        self.created += 1
        sandbox = self._loaded[spec.id] = self._instantiate(spec)
        sandbox.note_use(real_time())
        return sandbox

    def admit_default(self, spec: SandboxSpec) -> Sandbox:
        """Makes the default sandbox, which was added to the repository."""
        sandbox = self._loaded[DEFAULT] = self._instantiate(spec)
        return sandbox

    def delete(self, id: str) -> bool:
        """Deletes a sandbox; False when there was none. Raises SandboxRefused for the default one, which stays."""
        if id == DEFAULT:
            raise SandboxRefused("The default sandbox is always there; reset it instead.")
        sandbox = self._loaded.get(id)
        self._unload(id)
        if not self.repository.delete(id):
            return False
        self.memory.look_anew()
        if sandbox is not None and not self.repository.shared:
            sandbox.reset()  # a call that a fault holds back waits for nothing any more
        return True

    def forget(self, id: str) -> None:
        """Unloads a sandbox that another process changed; its next call loads it anew."""
        if self.repository.shared:
            self._unload(id)

    def _unload(self, id: str) -> None:
        if id == DEFAULT:
            self._loaded[DEFAULT] = self._instantiate(self.repository.find(DEFAULT) or self._default)
        else:
            self._loaded.pop(id, None)

    def sweep(self) -> None:
        """Deletes the sandboxes that nobody has called for longer than the settings allow."""
        self._swept_at = real_time()
        if not self.settings.sandbox_idle:
            return
        for id in self.repository.idle_since(real_time() - self.settings.sandbox_idle):
            sandbox = self._loaded.get(id)
            self._unload(id)
            self.expired += self.repository.delete(id)
            if sandbox is not None and not self.repository.shared:
                sandbox.reset()

    def sweep_if_due(self) -> None:
        """Calls `sweep` when the last time is a while ago."""
        if real_time() - self._swept_at > _SWEEP_EVERY:
            self.sweep()

    def adopt(self, update: "RegistryUpdate") -> Iterator[str | None]:
        """Makes the sandboxes anew one by one, with what calls changed in each; yields a sentence on what is lost.

        Between two of them calls that are under way may go on. Only sandboxes in memory can be made anew.
        """
        repository = self.repository
        assert isinstance(repository, InMemoryRepository), "a store keeps the sandboxes of its own settings"
        self.settings, self._worlds = update.settings, update.worlds
        self.providers.clear()
        self.providers.update(update.providers)
        before, self._default = self._default, update.default
        for id in repository.ids():
            old = repository.find(id)
            if old is None:
                continue
            spec = update.default if id == DEFAULT else update.rebased(old, before)
            repository.replace(spec)
            sandbox = self._loaded.get(id)
            if sandbox is None:
                continue
            go_on = old.scenario == spec.scenario
            self._loaded[id] = successor = self._instantiate(spec, sandbox.journal)
            left_out = successor.take_over(sandbox, go_on=go_on)
            self._announce(successor)
            lost = f"sandbox {id}: {left_out} of what was written do not fit the world as it is now, and are gone"
            yield lost if left_out else None

    def _instantiate(self, spec: SandboxSpec, journal: Journal | None = None) -> Sandbox:
        """Makes a sandbox; with a journal, in the place of the one that the journal is of, and without telling."""
        sandbox = self._assemble(spec, self.repository.open(spec.id, self.settings.journal_size), journal)
        self.memory.watch(sandbox, is_kept=spec.id == DEFAULT)
        if journal is None:
            self._announce(sandbox)
        else:
            sandbox.note_use(real_time())
        return sandbox

    def assemble(self, spec: SandboxSpec) -> Sandbox:
        """Makes a sandbox that nobody finds, in memory: what comes into it is seen by nobody else."""
        return self._assemble(spec, InMemoryUnitOfWork(1))

    def _assemble(self, spec: SandboxSpec, unit_of_work: UnitOfWork, journal: Journal | None = None) -> Sandbox:
        settings = self.settings
        if spec.token_lifetime is not None:
            settings = replace(settings, token_lifetime=spec.token_lifetime)
        if journal is None:
            journal = Journal(
                unit_of_work.journal, body_limit=settings.journal_body, redactor=Redactor(), count=self.metrics.count
            )
        return Sandbox(
            spec.id,
            self._worlds.get(spec.world, spec.seed, spec.origin),
            Clock(spec.now, frozen=spec.now is not None),
            journal,
            spec.variants,
            Accounts(
                {name: map(Account.from_record, records) for name, records in spec.accounts.items()},
                on_secret=journal.redactor.add,
            ),
            {
                name: provider.auth.make_token_issuer(spec.origin_id, settings)
                for name, provider in self.providers.items()
            },
            unit_of_work=unit_of_work,
            make_scenario=lambda sandbox: ScenarioRunner(sandbox, self.providers, spec.scenario, spec.now),
            refuse_webhook=self.guard.refuse,
            room=self.memory,
            identity=spec.identity,
            write_readers={name: provider.read_write for name, provider in self.providers.items()},
        )

    def _announce(self, sandbox: Sandbox) -> None:
        for listener in list(self.listeners):
            listener(sandbox)

    def _stored_default(self) -> SandboxSpec:
        spec = make_default_spec(self.settings, self.providers)
        try:
            self.repository.add(spec)
        except IdTaken:
            stored = self.repository.find(DEFAULT)
            assert stored is not None
            check_settings_match(spec, stored, self.settings)
            return stored
        return spec
