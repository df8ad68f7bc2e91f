"""Every sandbox of a server: making, finding, dropping them, and whom a call is for."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import Field

from mockserver.accounts import Account, Accounts
from mockserver.birth import Birth
from mockserver.clock import Clock, real_time
from mockserver.contract import Contract
from mockserver.domain import Epoch, Frozen
from mockserver.journal import Journal
from mockserver.keeper import IdTaken, Keeper, MemoryKeeper, UserTaken
from mockserver.provider import Provider
from mockserver.redaction import Redactor
from mockserver.sandbox import Sandbox
from mockserver.settings import Settings, SettingsError
from mockserver.world import WorldFile, load_world_file, world_names
from mockserver.worlds import Worlds

DEFAULT = "default"
SLUG = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What a sandbox may be called: it stands in paths, headers and challenges."""
MOST_SNAPSHOTS = 20
_SWEEP_EVERY = 10.0
"""Real seconds between two looks for idle sandboxes."""


class SandboxRefused(ValueError):
    """A sandbox that cannot be made; the message is one sentence that says what would do."""


class SandboxTaken(SandboxRefused):
    """The id, or the credentials, are another sandbox's."""


class TooManySandboxes(SandboxRefused):
    """There are as many as the settings allow."""


class SandboxRequest(Frozen):
    """What a new sandbox is to be; what is not said is as in the default one."""

    id: str | None = Field(default=None, pattern=SLUG)
    """Made up when it is missing."""
    world: str | WorldFile | None = None
    """The name of a world that comes with the package, or a world file's content."""
    seed: int | None = None
    now: Epoch | None = None
    """Where its clock stands still, and where its world ends."""
    variants: Mapping[str, Mapping[str, str]] = {}
    scenario: Mapping[str, Any] | None = None
    credentials: Mapping[str, Mapping[str, Any]] = {}
    """By provider, in the provider's own words; for those that are not named they are made."""


class Sandboxes:
    """See the module. Raises SettingsError when the keeper has another default sandbox than the settings want."""

    def __init__(self, settings: Settings, providers: Mapping[str, Provider], keeper: Keeper | None = None) -> None:
        self.settings = settings
        self.providers = providers
        self.keeper: Keeper = keeper or MemoryKeeper()
        self.listeners: set[Callable[[Sandbox], None]] = set()
        """Told of every sandbox that this process gets at hand from now on."""
        self.created = 0
        self.expired = 0
        self._worlds = Worlds()
        self._here: dict[str, Sandbox] = {}
        self._swept_at = real_time()
        self._birth = self._default_birth()
        self._here[DEFAULT] = self._make(self._birth)

    @property
    def default(self) -> Sandbox:
        """The one that needs no address. Another process may have replaced what it holds, never it."""
        return self._here[DEFAULT]

    @property
    def alone(self) -> bool:
        """Whether there is only the default one, so that no call has to say whom it is for."""
        return len(self._here) == 1 and not self.keeper.shared

    def get(self, id: str) -> Sandbox | None:
        """The sandbox of that id; it counts as used now."""
        sandbox = self._here.get(id)
        if sandbox is None:
            birth = self.keeper.find(id)
            if birth is None:
                return None
            sandbox = self._here[id] = self._make(birth)
        sandbox.used_at = real_time()
        return sandbox

    def here(self, id: str) -> Sandbox | None:
        """The sandbox of that id, if this process has it at hand; that does not count as use."""
        return self._here.get(id)

    def of_user(self, provider: str, user: str) -> Sandbox | None:
        """The sandbox to which the credentials of that user lead."""
        id = self.keeper.find_user(provider, user)
        return None if id is None else self.get(id)

    def ids(self) -> list[str]:
        """All sandboxes, in the order in which they were made."""
        return self.keeper.ids()

    def create(self, wanted: SandboxRequest) -> Sandbox:
        """A new sandbox. Raises SandboxRefused."""
        self.sweep()
        most = self.settings.sandbox_limit
        if len(self.keeper.ids()) > most:
            detail = f"There are {most} sandboxes beside the default one, the most that this server keeps"
            raise TooManySandboxes(f"{detail}; delete some, or start it with a higher --sandbox-limit.")
        birth = self._birth_of(wanted)
        try:
            self.keeper.add(birth)
        except IdTaken:
            raise SandboxTaken(f"There is a sandbox {birth.id!r} already; delete it, or choose another id.") from None
        except UserTaken as taken:
            provider, user, other = taken.args
            detail = f"The credentials of {user} at {provider} lead to sandbox {other!r}"
            raise SandboxTaken(f"{detail}; each sandbox has its own. Leave them out to get some.") from None
        self.created += 1
        sandbox = self._here[birth.id] = self._make(birth)
        sandbox.used_at = real_time()
        return sandbox

    def delete(self, id: str) -> bool:
        """Drops a sandbox; whether there was one. The default one stays: SandboxRefused."""
        if id == DEFAULT:
            raise SandboxRefused("The default sandbox is always there; reset it instead.")
        self.forget(id)
        return self.keeper.delete(id)

    def forget(self, id: str) -> None:
        """Lets go of what this process holds of a sandbox; it is looked up anew at its next call."""
        if id == DEFAULT:
            self._here[DEFAULT] = self._make(self.keeper.find(DEFAULT) or self._birth)
        else:
            self._here.pop(id, None)

    def sweep(self) -> None:
        """Drops what nobody has called for longer than the settings allow."""
        self._swept_at = real_time()
        if not self.settings.sandbox_idle:
            return
        for id in self.keeper.idle_since(real_time() - self.settings.sandbox_idle):
            self.forget(id)
            self.expired += self.keeper.delete(id)

    def sweep_if_due(self) -> None:
        """`sweep`, when the last one is a while ago."""
        if real_time() - self._swept_at > _SWEEP_EVERY:
            self.sweep()

    def _make(self, birth: Birth) -> Sandbox:
        settings = self.settings
        clock = Clock(birth.now, frozen=birth.now is not None)
        world = self._worlds.get(birth.world, birth.seed, birth.origin)
        redactor = Redactor()
        journal = Journal(capacity=settings.journal_size, body_limit=settings.journal_body, redactor=redactor)
        accounts = Accounts(
            {name: [Account.from_record(entry) for entry in kept] for name, kept in birth.accounts.items()},
            on_secret=redactor.add,
        )
        authorities = {
            name: provider.access.make_authority(birth.id, settings) for name, provider in self.providers.items()
        }
        sandbox = Sandbox(birth.id, world, clock, journal, birth.variants, accounts, authorities)
        self.keeper.attach(sandbox)
        for listener in list(self.listeners):
            listener(sandbox)
        return sandbox

    def _default_birth(self) -> Birth:
        settings = self.settings
        origin = settings.now if settings.now is not None else Clock().now()
        file = load_world_file(settings.world)
        birth = self._complete(DEFAULT, file, settings.seed, origin, settings.now, settings.variants, {}, None)
        try:
            self.keeper.add(birth)
        except IdTaken:
            kept = self.keeper.find(DEFAULT)
            assert kept is not None
            _agree(birth, kept, settings)
            return kept
        return birth

    def _birth_of(self, wanted: SandboxRequest) -> Birth:
        base = self._birth
        file = self._world_file(wanted.world)
        now = wanted.now if wanted.now is not None else base.now
        return self._complete(
            wanted.id or secrets.token_hex(5),
            file,
            wanted.seed if wanted.seed is not None or wanted.world is not None else base.seed,
            wanted.now if wanted.now is not None else base.origin,
            now,
            _merged(self.settings.variants, wanted.variants),
            wanted.credentials,
            wanted.scenario,
        )

    def _complete(
        self,
        id: str,
        file: WorldFile,
        seed: int | None,
        origin: Epoch,
        now: Epoch | None,
        variants: Mapping[str, Mapping[str, str]],
        credentials: Mapping[str, Mapping[str, Any]],
        scenario: Mapping[str, Any] | None,
    ) -> Birth:
        for what in (variants, credentials):
            if unknown := sorted(set(what) - set(self.providers)):
                raise SettingsError(f"there is no provider {unknown[0]!r}; there is {', '.join(self.providers)}")
        granted = [agency.id for agency in file.agencies if agency.granted]
        return Birth(
            id=id,
            world=file,
            seed=file.seed if seed is None else seed,
            origin=origin,
            now=now,
            variants={
                name: choose(provider.contract, variants.get(name, {})) for name, provider in self.providers.items()
            },
            accounts={
                name: tuple(account.as_record() for account in _accounts(id, provider, granted, credentials.get(name)))
                for name, provider in self.providers.items()
            },
            scenario=scenario,
        )

    def _world_file(self, wanted: str | WorldFile | None) -> WorldFile:
        if wanted is None or wanted == self._birth.world.name:
            return self._birth.world
        if isinstance(wanted, WorldFile):
            return wanted
        # Never a path: who may make a sandbox may not therefore read this machine's files.
        if wanted not in world_names():
            known = ", ".join(world_names())
            raise SandboxRefused(f"There is no world {wanted!r}; there is {known}, or give a world file's content.")
        return _bundled(wanted)


def choose(contract: Contract, wanted: Mapping[str, str]) -> dict[str, str]:
    """A reading for every variant of a contract. Raises SettingsError for one that there is not."""
    chosen = {name: variant.default for name, variant in contract.variants.items()}
    for name, value in wanted.items():
        if name not in contract.variants:
            known = ", ".join(contract.variants)
            raise SettingsError(f"provider {contract.name} has no variant {name!r}; it has {known}")
        if value not in contract.variants[name].values:
            known = ", ".join(contract.variants[name].values)
            raise SettingsError(f"variant {contract.name}.{name} cannot be {value!r}; it can be {known}")
        chosen[name] = value
    return chosen


def _merged(base: Mapping[str, Mapping[str, str]], over: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: {**base.get(name, {}), **over.get(name, {})} for name in {**base, **over}}


_bundled = lru_cache(load_world_file)


def _accounts(id: str, provider: Provider, granted: list[int], given: Mapping[str, Any] | None) -> Iterable[Account]:
    if given is None:
        return provider.access.make_accounts(id, granted)
    try:
        return [provider.access.read_account(given, granted)]
    except ValueError as error:
        raise SandboxRefused(f"credentials.{provider.name}: {error}.") from None


def _agree(wanted: Birth, kept: Birth, settings: Settings) -> None:
    """A store goes on with the world that it has; settings that say otherwise are refused, not passed over."""
    same = wanted.world == kept.world and wanted.variants == kept.variants
    if same and (settings.seed is None or settings.seed == kept.seed) and settings.now in (None, kept.now):
        return
    raise SettingsError(
        f"the store holds a default sandbox of world {kept.world.name!r}, seed {kept.seed}, made with other settings; "
        "start with the same world, seed, moment and variants as then, or with another store"
    )
