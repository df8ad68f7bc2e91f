"""Settings, contracts and providers become one ASGI application."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.clock import Clock
from mockserver.contract import Contract, load_contract
from mockserver.dispatch import Road
from mockserver.http import header
from mockserver.journal import Journal
from mockserver.loading import load_providers, provider_names
from mockserver.provider import Provider
from mockserver.redaction import Redactor
from mockserver.resources import resource
from mockserver.sandbox import Account, Sandbox
from mockserver.settings import Settings, SettingsError
from mockserver.store import MemoryStore
from mockserver.world import World, load_world_file


class MockServer:
    """The application: provider traffic goes down its road, everything else to our own pages."""

    def __init__(self, settings: Settings, providers: Mapping[str, Provider], sandbox: Sandbox) -> None:
        self.settings = settings
        self.providers = providers
        self.sandbox = sandbox
        self.ports: dict[int, str] = {}
        """Which provider has a port of its own; filled by who binds the ports."""
        self._roads = {
            name: Road(provider, sandbox, body_limit=settings.body_limit) for name, provider in providers.items()
        }

    @cached_property
    def _ours(self) -> ASGIApp:
        # Made when it is first asked for: a client of a provider never is the one who waits for it.
        from mockserver.admin import make_admin

        return make_admin(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._ours(scope, receive, send)
            return
        path = _raw_path(scope)
        alone = self.ports.get(scope["server"][1]) if self.ports and scope.get("server") else None
        name, _, rest = path[1:].partition("/")
        road = self._roads.get(alone or name)
        if road is None:
            await self._ours(scope, receive, send)
            return
        base_url = f"{scope['scheme']}://{_host(scope)}" + ("" if alone else f"/{name}")
        await road.travel(scope, receive, send, raw_path=path if alone else f"/{rest}", base_url=base_url)


def build(settings: Settings) -> MockServer:
    """The application, ready to serve. Raises ContractError, WorldError or SettingsError, each with one sentence."""
    providers = load_providers(lambda name: read_contract(name, settings))
    for what in (settings.ports, settings.overlays, settings.variants):
        if unknown := sorted(set(what) - set(providers)):
            raise SettingsError(f"there is no provider {unknown[0]!r}; there is {', '.join(providers)}")
    return MockServer(settings, providers, make_sandbox(settings, providers))


def read_contract(name: str, settings: Settings) -> Contract:
    """The contract of a provider with the overlays of the settings."""
    return load_contract(name, resource("contracts", f"{name}.yaml"), settings.overlays.get(name, ()))


def read_contracts(settings: Settings) -> dict[str, Contract]:
    """All contracts by provider."""
    return {name: read_contract(name, settings) for name in provider_names()}


def make_sandbox(settings: Settings, providers: Mapping[str, Provider]) -> Sandbox:
    """The default sandbox."""
    clock = Clock(settings.now, frozen=settings.now is not None)
    world = World(load_world_file(settings.world), origin=clock.now(), seed=settings.seed)
    granted = [agency.id for agency in world.agencies.values() if agency.granted]
    accounts = {
        name: {account.user: account for account in provider.access.default_accounts(granted)}
        for name, provider in providers.items()
    }
    journal = Journal(
        capacity=settings.journal_size, body_limit=settings.journal_body, redactor=Redactor(_secrets(accounts))
    )
    variants = {name: _choose(provider.contract, settings) for name, provider in providers.items()}
    authorities = {name: provider.access.make_authority("default", settings) for name, provider in providers.items()}
    return Sandbox("default", world, MemoryStore(world), clock, journal, variants, accounts, authorities)


def _secrets(accounts: Mapping[str, Mapping[str, Account]]) -> list[str]:
    return [account.secret for by_user in accounts.values() for account in by_user.values()]


def _choose(contract: Contract, settings: Settings) -> dict[str, str]:
    chosen = {name: variant.default for name, variant in contract.variants.items()}
    for name, value in settings.variants.get(contract.name, {}).items():
        if name not in contract.variants:
            known = ", ".join(contract.variants)
            raise SettingsError(f"provider {contract.name} has no variant {name!r}; it has {known}")
        if value not in contract.variants[name].values:
            known = ", ".join(contract.variants[name].values)
            raise SettingsError(f"variant {contract.name}.{name} cannot be {value!r}; it can be {known}")
        chosen[name] = value
    return chosen


def _raw_path(scope: Scope) -> str:
    """The path as it came, percent-encoding included: `%2F` and `%0A` must not become structure."""
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if raw else quote(scope["path"])


@lru_cache(256)
def _is_plain(host: str) -> bool:
    return bool(host) and all(char.isalnum() or char in ".-_:[]" for char in host)


def _host(scope: Scope) -> str:
    """What the client calls us; links in answers must work from where it stands."""
    host = header(scope, b"host") or ""
    if _is_plain(host):
        return host
    server = scope.get("server") or ("localhost", None)
    return f"{server[0]}:{server[1]}" if server[1] else str(server[0])
