"""Specs of sandboxes: settings or a request, completed by its scenario, the world file and the providers."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mockserver.contract import Contract
from mockserver.foundation.clock import Clock
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.suggestions import ended, hint
from mockserver.provider_api.provider import Provider, ProvidersByName
from mockserver.registry.choices import SandboxChoices, Variants
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.spec import SandboxSpec
from mockserver.scenarios.errors import ScenarioError
from mockserver.world import WorldFile, load_world_file, world_names

DEFAULT = "default"
MAX_CREDENTIAL_LENGTH = 1_000
"""The most characters of a given user or secret."""


class SandboxRefused(ValueError):
    """A sandbox that cannot be made; the message is one sentence that says what would do."""


class SandboxTaken(SandboxRefused):
    """The id, or the credentials, are another sandbox's."""


class TooManySandboxes(SandboxRefused):
    """There are as many as the settings allow."""


def make_default_spec(settings: Settings, providers: ProvidersByName) -> SandboxSpec:
    """Returns the spec of the default sandbox. Raises SettingsError or WorldError."""
    scenario = _default_scenario(settings, providers)
    request = _with_choices_of_scenario(
        SandboxChoices(seed=settings.seed, now=settings.now, variants=settings.variants, scenario=scenario)
    )
    # The name of the default world stands for no choice of a world.
    is_chosen = settings.world != Settings().world
    world = settings.world if is_chosen or request.world is None else request.world
    file = world if isinstance(world, WorldFile) else load_world_file(world)
    origin = Clock().now() if request.now is None else request.now
    return _complete(DEFAULT, file, origin, request, providers)


def build_spec(
    id: str | None, request: SandboxChoices, base: SandboxSpec, settings: Settings, providers: ProvidersByName
) -> SandboxSpec:
    """Returns the spec of another sandbox; `base` is the default one's. Without an id it gets one.

    Raises SandboxRefused, SettingsError, or WorldError for pins of its world that cannot be.
    """
    request = _with_scenario(request, providers)
    file = _world_file(request.world, base)
    defaults: dict[str, Any] = {"variants": _merged(settings.variants, request.variants)}
    if request.now is None:
        defaults["now"] = base.now
    if request.seed is None and request.world is None:
        defaults["seed"] = base.seed
    origin = base.origin if request.now is None else request.now
    return _complete(id or new_id(), file, origin, request._replace(**defaults), providers)


def new_id() -> str:
    """Returns an id for a sandbox of which nobody said one."""
    import secrets

    return secrets.token_hex(5)


def resolve_variants(contract: Contract, choices: Mapping[str, str]) -> dict[str, str]:
    """Returns a reading for every variant of a contract. Raises SettingsError for a choice that there is not."""
    readings = {name: variant.default for name, variant in contract.variants.items()}
    mistakes = []
    for name, value in choices.items():
        if name not in contract.variants:
            detail = hint(name, contract.variants, "it has")
            mistakes.append(f"provider {contract.name} has no variant {name!r}; {detail}")
        elif value not in contract.variants[name].values:
            detail = hint(value, contract.variants[name].values, "it can be")
            mistakes.append(f"variant {contract.name}.{name} cannot be {value!r}; {detail}")
        readings[name] = value
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return readings


def check_settings_match(spec: SandboxSpec, stored: SandboxSpec, settings: Settings) -> None:
    """Raises SettingsError when settings ask for another default sandbox than the stored one, which goes on as it is.

    `spec` is what the settings make.
    """
    is_same_seed = settings.seed is None or settings.seed == stored.seed
    is_same = (spec.world, spec.variants) == (stored.world, stored.variants)
    if is_same and is_same_seed and settings.now in (None, stored.now) and _is_same_scenario(spec, stored):
        return
    raise SettingsError(
        f"the store holds a default sandbox of world {stored.world.name!r}, seed {stored.seed}, made with other "
        "settings; start with the same world, seed, moment, variants and scenario as then, or with another store"
    )


def _is_same_scenario(spec: SandboxSpec, stored: SandboxSpec) -> bool:
    if spec.scenario is None or stored.scenario is None or spec.scenario == stored.scenario:
        return spec.scenario == stored.scenario
    from mockserver.scenarios.loading import parse_scenario

    # A document in a database may be older than the names of today.
    try:
        return parse_scenario(stored.scenario).as_document() == spec.scenario
    except ScenarioError:
        return False


def _default_scenario(settings: Settings, providers: ProvidersByName) -> dict[str, Any] | None:
    if settings.scenario is None:
        return None
    from mockserver.scenarios.loading import load_scenario

    try:
        return load_scenario(settings.scenario, providers).as_document()
    except ScenarioError as error:
        raise SettingsError(str(error)) from None


def _with_scenario(request: SandboxChoices, providers: ProvidersByName) -> SandboxChoices:
    if request.scenario is None:
        return request
    from mockserver.scenarios.loading import choose_scenario

    try:
        document = choose_scenario(request.scenario, providers).as_document()
    except ScenarioError as error:
        raise SandboxRefused(str(error)) from None
    return _with_choices_of_scenario(request._replace(scenario=document))


def _with_choices_of_scenario(request: SandboxChoices) -> SandboxChoices:
    """Returns the request with the choices that the document of its scenario makes, where it makes none itself."""
    document = request.scenario
    if not isinstance(document, Mapping):
        return request
    from mockserver.registry.requests import read_choices

    members = {name: document[name] for name in ("world", "seed", "now", "variants") if name in document}
    choices = read_choices(members)
    own_choices = {name: value for name, value in request._asdict().items() if value is not None}
    return choices._replace(**{**own_choices, "variants": _merged(choices.variants, request.variants)})


def _merged(base: Variants, over: Variants) -> dict[str, dict[str, str]]:
    return {name: {**base.get(name, {}), **over.get(name, {})} for name in {**base, **over}}


def _complete(
    id: str, file: WorldFile, origin: Epoch, request: SandboxChoices, providers: ProvidersByName
) -> SandboxSpec:
    for by_provider in (request.variants, request.credentials):
        if unknown := sorted(set(by_provider) - set(providers)):
            raise SettingsError(f"there is no provider {unknown[0]!r}; {hint(unknown[0], providers)}")
    return SandboxSpec(
        id=id,
        world=file,
        seed=file.seed if request.seed is None else request.seed,
        origin=origin,
        now=request.now,
        variants={
            name: resolve_variants(provider.contract, request.variants.get(name, {}))
            for name, provider in providers.items()
        },
        accounts={
            name: tuple(account.as_record() for account in _accounts(id, provider, file, request.credentials.get(name)))
            for name, provider in providers.items()
        },
        scenario=None if isinstance(request.scenario, str) else request.scenario,
    )


def _world_file(world: str | WorldFile | None, base: SandboxSpec) -> WorldFile:
    if world is None or world == base.world.name:
        return base.world
    if isinstance(world, WorldFile):
        from mockserver.world.pins import PinBoard

        PinBoard(world).check()
        return world
    # Never a path: who may make a sandbox may not therefore read this machine's files.
    if world not in world_names():
        detail = hint(world, world_names(), end=", or give a world file's content")
        raise SandboxRefused(f"There is no world {world!r}; {ended(detail)}")
    return bundled_world(world)


bundled_world = lru_cache(load_world_file)
"""A world of the package by its name, read once."""


def _accounts(id: str, provider: Provider, file: WorldFile, credentials: Mapping[str, Any] | None) -> Iterable[Account]:
    granted = [agency.id for agency in file.agencies if agency.granted]
    if credentials is None:
        return provider.auth.make_accounts(id, granted)
    try:
        _check_agencies(credentials.get("agencies", granted))
        account = provider.auth.parse_credentials(credentials, granted)
        _check_account(account, {agency.id for agency in file.agencies})
    except ValueError as error:
        raise SandboxRefused(f"credentials.{provider.name}: {error}.") from None
    return [account]


def _check_agencies(agencies: object) -> None:
    """Raises ValueError for what is no list of ids."""
    if not isinstance(agencies, list | tuple) or not all(type(id) is int for id in agencies):
        raise ValueError("`agencies` is a list of ids, such as [101]")


def _check_account(account: Account, agencies: set[int]) -> None:
    """Raises ValueError for what no provider could hold, or this world does not have."""
    if max(len(account.user), len(account.secret)) > MAX_CREDENTIAL_LENGTH:
        raise ValueError(f"neither of the two may have more than {MAX_CREDENTIAL_LENGTH} characters")
    if unknown := sorted(account.agencies - agencies):
        ids = ", ".join(map(str, sorted(agencies)))
        raise ValueError(f"there is no agency {unknown[0]} in this world; there is {ids}")
