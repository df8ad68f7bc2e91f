"""What a sandbox is made from: settings or a request, completed by its scenario, the world file, the providers."""

import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import Field

from mockserver.contract import Contract
from mockserver.domain import Frozen
from mockserver.foundation.clock import Clock
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.provider_api.provider import Provider, ProvidersByName
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.spec import SandboxSpec
from mockserver.scenarios import ScenarioError, choose_scenario, load_scenario
from mockserver.world import WorldFile, load_world_file, world_names

DEFAULT = "default"
SLUG = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What a sandbox may be called: it stands in paths, headers and challenges."""
MAX_OF_A_CREDENTIAL = 1_000
"""Characters of a user or of a secret that somebody gives."""


Variants = Mapping[str, Mapping[str, str]]


class SandboxRefused(ValueError):
    """A sandbox that cannot be made; the message is one sentence that says what would do."""


class SandboxTaken(SandboxRefused):
    """The id, or the credentials, are another sandbox's."""


class TooManySandboxes(SandboxRefused):
    """There are as many as the settings allow."""


class SandboxRequest(Frozen):
    """A sandbox to be made; members that are not given are as in the default one."""

    id: str | None = Field(default=None, pattern=SLUG, description="Made up when it is missing.")
    world: str | WorldFile | None = Field(
        default=None, description="The name of a bundled world, or a world file's content; never a path."
    )
    seed: int | None = None
    now: Epoch | None = Field(default=None, description="Where its clock stands still, and where its world ends.")
    variants: Mapping[str, Mapping[str, str]] = Field(
        default={}, description="Readings that are not the default, by provider and variant."
    )
    scenario: str | Mapping[str, Any] | None = Field(
        default=None,
        description="The name of a bundled scenario, or a scenario's content; at work from the start. Its world, seed, "
        "moment and variants hold where the request has none.",
    )
    credentials: Mapping[str, Mapping[str, Any]] = Field(
        default={},
        description="By provider, in the provider's own words; for those that are not named they are made.",
    )


def default_spec(settings: Settings, providers: ProvidersByName) -> SandboxSpec:
    """What the default sandbox is made from. Raises SettingsError or WorldError."""
    scenario = _default_scenario(settings, providers)
    wanted = _filled(
        SandboxRequest(seed=settings.seed, now=settings.now, variants=settings.variants, scenario=scenario)
    )
    # The name of the default world is what settings say that say nothing of the world.
    its_world = settings.world == Settings.model_fields["world"].default and wanted.world
    named = its_world or settings.world
    file = named if isinstance(named, WorldFile) else load_world_file(named)
    origin = wanted.now if wanted.now is not None else Clock().now()
    return _complete(DEFAULT, file, origin, wanted, providers)


def build_spec(
    wanted: SandboxRequest, base: SandboxSpec, settings: Settings, providers: ProvidersByName
) -> SandboxSpec:
    """What another sandbox is made from; `base` is the default one. Raises SandboxRefused or SettingsError."""
    wanted = _with_scenario(wanted, providers)
    file = _world_file(wanted.world, base)
    said: dict[str, Any] = {"variants": _merged(settings.variants, wanted.variants)}
    if wanted.now is None:
        said["now"] = base.now
    if wanted.seed is None and wanted.world is None:
        said["seed"] = base.seed
    origin = base.origin if wanted.now is None else wanted.now
    return _complete(wanted.id or secrets.token_hex(5), file, origin, wanted.model_copy(update=said), providers)


def resolve_variants(contract: Contract, wanted: Mapping[str, str]) -> dict[str, str]:
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


def check_settings_match(wanted: SandboxSpec, kept: SandboxSpec, settings: Settings) -> None:
    """A store goes on with the world that it has; settings that say otherwise are refused, not passed over."""
    same = (wanted.world, wanted.variants, wanted.scenario) == (kept.world, kept.variants, kept.scenario)
    if same and (settings.seed is None or settings.seed == kept.seed) and settings.now in (None, kept.now):
        return
    raise SettingsError(
        f"the store holds a default sandbox of world {kept.world.name!r}, seed {kept.seed}, made with other settings; "
        "start with the same world, seed, moment, variants and scenario as then, or with another store"
    )


def _default_scenario(settings: Settings, providers: ProvidersByName) -> dict[str, Any] | None:
    if settings.scenario is None:
        return None
    try:
        return load_scenario(settings.scenario, providers).as_document()
    except ScenarioError as error:
        raise SettingsError(str(error)) from None


def _with_scenario(wanted: SandboxRequest, providers: ProvidersByName) -> SandboxRequest:
    if wanted.scenario is None:
        return wanted
    try:
        document = choose_scenario(wanted.scenario, providers).as_document()
    except ScenarioError as error:
        raise SandboxRefused(str(error)) from None
    return _filled(wanted.model_copy(update={"scenario": document}))


def _filled(wanted: SandboxRequest) -> SandboxRequest:
    """With what the document of its scenario says of the sandbox, where the request says nothing."""
    if not isinstance(wanted.scenario, Mapping):
        return wanted
    said = SandboxRequest.model_validate(
        {name: wanted.scenario[name] for name in ("world", "seed", "now", "variants") if name in wanted.scenario}
    )
    asked = {name: value for name, value in wanted if value is not None}
    return said.model_copy(update={**asked, "variants": _merged(said.variants, wanted.variants)})


def _merged(base: Mapping[str, Mapping[str, str]], over: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: {**base.get(name, {}), **over.get(name, {})} for name in {**base, **over}}


def _complete(
    id: str, file: WorldFile, origin: Epoch, wanted: SandboxRequest, providers: ProvidersByName
) -> SandboxSpec:
    for what in (wanted.variants, wanted.credentials):
        if unknown := sorted(set(what) - set(providers)):
            raise SettingsError(f"there is no provider {unknown[0]!r}; there is {', '.join(providers)}")
    credentials, scenario = wanted.credentials, wanted.scenario
    return SandboxSpec(
        id=id,
        world=file,
        seed=file.seed if wanted.seed is None else wanted.seed,
        origin=origin,
        now=wanted.now,
        variants={
            name: resolve_variants(provider.contract, wanted.variants.get(name, {}))
            for name, provider in providers.items()
        },
        accounts={
            name: tuple(account.as_record() for account in _accounts(id, provider, file, credentials.get(name)))
            for name, provider in providers.items()
        },
        scenario=None if isinstance(scenario, str) else scenario,
    )


def _world_file(wanted: str | WorldFile | None, base: SandboxSpec) -> WorldFile:
    if wanted is None or wanted == base.world.name:
        return base.world
    if isinstance(wanted, WorldFile):
        return wanted
    # Never a path: who may make a sandbox may not therefore read this machine's files.
    if wanted not in world_names():
        known = ", ".join(world_names())
        raise SandboxRefused(f"There is no world {wanted!r}; there is {known}, or give a world file's content.")
    return _bundled(wanted)


_bundled = lru_cache(load_world_file)


def _accounts(id: str, provider: Provider, file: WorldFile, given: Mapping[str, Any] | None) -> Iterable[Account]:
    granted = [agency.id for agency in file.agencies if agency.granted]
    if given is None:
        return provider.auth.make_accounts(id, granted)
    try:
        _check_agencies(given.get("agencies", granted))
        account = provider.auth.parse_credentials(given, granted)
        _check_account(account, {agency.id for agency in file.agencies})
    except ValueError as error:
        raise SandboxRefused(f"credentials.{provider.name}: {error}.") from None
    return [account]


def _check_agencies(given: object) -> None:
    """Raises ValueError for what is no list of ids."""
    if not isinstance(given, list | tuple) or not all(type(id) is int for id in given):
        raise ValueError("`agencies` is a list of ids, such as [101]")


def _check_account(account: Account, agencies: set[int]) -> None:
    """Raises ValueError for what no provider could hold, or this world does not have."""
    if max(len(account.user), len(account.secret)) > MAX_OF_A_CREDENTIAL:
        raise ValueError(f"neither of the two may have more than {MAX_OF_A_CREDENTIAL} characters")
    if strangers := sorted(account.agencies - agencies):
        known = ", ".join(map(str, sorted(agencies)))
        raise ValueError(f"there is no agency {strangers[0]} in this world; there is {known}")
