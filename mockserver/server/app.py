"""The composition root: settings, contracts and providers become one ASGI application."""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract import Contract
from mockserver.delivery.deferred import DeferredDispatcher
from mockserver.delivery.lifespan import run_lifespan
from mockserver.foundation.asgi import at_public_url, below_root, header, length_of
from mockserver.foundation.connection import sandbox_of_connection
from mockserver.foundation.logging import log_failure
from mockserver.foundation.redaction import loggable
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.suggestions import hint
from mockserver.pipeline.pipeline import RequestPipeline
from mockserver.provider_api.provider import Provider
from mockserver.providers.contracts import provider_names, read_contract_of
from mockserver.providers.loading import load_providers
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.persistence.repository import SandboxRepository
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks.guard import TargetGuard
from mockserver.server.request_target import ProviderAddress

if TYPE_CHECKING:
    from mockserver.delivery.dispatcher import WebhookDispatcher
    from mockserver.delivery.outbox_worker import Rules
    from mockserver.pipeline.missed_calls import MissedCalls
    from mockserver.server.cross_origin import CrossOrigin
    from mockserver.server.hosts.hosting import Hosting
    from mockserver.server.hosts.routes import HostRoute

log = logging.getLogger("mockserver.server")

_NO_PORTS: Mapping[int, str] = MappingProxyType({})


_OURS, _ADMIN = ("/", "/favicon.ico"), "/__admin"
"""The index page with what every browser asks for beside it, and the beginning of the admin API."""


class MockServer:
    """The application: provider traffic goes to its pipeline, everything else to our own pages."""

    def __init__(
        self,
        settings: Settings,
        providers: Mapping[str, Provider],
        sandboxes: SandboxRegistry,
        *,
        provider_ports: Mapping[int, str] = _NO_PORTS,
    ) -> None:
        """`provider_ports` tells the provider of the ports that are one's alone."""
        self.settings = settings
        self.providers = providers
        self.sandboxes = sandboxes
        self.ports = provider_ports
        self.public_url = settings.public_url
        """The address at which clients reach the server, where a setting says it."""
        self.hosting = self._make_hosting() if settings.tls or settings.host_routes else None
        """The real hosts that are answered here, if any are."""
        self._deferred = DeferredDispatcher(sandboxes, self._make_dispatcher)
        self._cross_origin = _cross_origin(settings)
        self._pipelines = {name: RequestPipeline(provider, sandboxes, settings) for name, provider in providers.items()}

    def use(self, settings: Settings, providers: Mapping[str, Provider]) -> None:
        """Goes on with those settings and providers, as the sandboxes do already."""
        self.settings, self.providers = settings, providers
        self._cross_origin = _cross_origin(settings)
        for name, pipeline in self._pipelines.items():
            pipeline.use(providers[name], settings)
        for made_of_them in ("_missed_calls", "_admin_app"):
            vars(self).pop(made_of_them, None)

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""
        return self.sandboxes.default

    @property
    def dispatcher(self) -> "WebhookDispatcher":
        """The dispatcher of webhooks."""
        return self._deferred.dispatcher

    def _make_dispatcher(self) -> "WebhookDispatcher":
        from mockserver.delivery.dispatcher import WebhookDispatcher
        from mockserver.sandbox.changes.erasure import erase

        return WebhookDispatcher(self.sandboxes, rules_of(self.settings), self.sandboxes.guard, erase)

    def _make_hosting(self) -> "Hosting":
        from mockserver.server.hosts.making import make_hosting

        return make_hosting(self.settings, self.providers, self.sandboxes)

    @cached_property
    def _missed_calls(self) -> "MissedCalls":
        from mockserver.pipeline.missed_calls import MissedCalls

        return MissedCalls(self.providers, self.sandboxes, self.settings)

    @cached_property
    def _admin_app(self) -> ASGIApp:
        # Made with the first call that needs it: a client of a provider never waits for it.
        from mockserver.admin import make_admin

        return make_admin(self)

    def load(self) -> None:
        """Makes what is otherwise made with the first call that needs it."""
        _ = self._admin_app, self._missed_calls, self.dispatcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await run_lifespan(self._deferred, receive, send)
            return
        if scope["type"] != "http":
            await self._serve_pages(self._admin_app, scope, receive, send)
            return
        if scope.get("root_path"):
            scope = below_root(scope)
        path = _raw_path(scope)
        address = None if self.hosting is None else self._find_by_host(self.hosting, scope, path)
        if address is None:
            if self.public_url is not None:
                scope = at_public_url(scope, self.public_url)
            address = self.find_provider(path, scope["server"][1] if scope.get("server") else None)
        if address is None:
            await self._serve_pages(self._pages_at(path), scope, receive, send)
            return
        if self._cross_origin is not None and self._cross_origin.allows(scope):
            if self._cross_origin.is_preflight(scope):
                await self._cross_origin.answer_preflight(scope, send)
                return
            send = self._cross_origin.opened(scope, send)
        await address.pipeline.handle(
            scope, receive, send, raw_path=address.raw_path, mount=address.mount, sandbox_id=address.sandbox_id
        )

    def find_provider(self, path: str, port: int | None) -> ProviderAddress | None:
        """Returns the address of a provider to which a percent-encoded path leads at a port; None for other paths."""
        sandbox, below = _split_sandbox(path)
        alone = self.ports.get(port) if self.ports and port is not None else None
        name, _, rest = below[1:].partition("/")
        pipeline = self._pipelines.get(alone or name)
        if pipeline is None:
            return None
        mount = ("" if sandbox is None else f"/~{sandbox}") + ("" if alone else f"/{name}")
        return ProviderAddress(pipeline, below if alone else f"/{rest}", mount, sandbox)

    def find_at_host(self, route: "HostRoute", path: str, sandbox_id: str | None = None) -> ProviderAddress:
        """Returns the address to which a percent-encoded path of a real host leads."""
        return ProviderAddress(self._pipelines[route.provider], route.path(path), "", sandbox_id)

    def _find_by_host(self, hosting: "Hosting", scope: Scope, path: str) -> ProviderAddress | None:
        route = hosting.routes.find(header(scope, b"host") or "")
        return route and self.find_at_host(route, path, sandbox_of_connection(scope))

    def _pages_at(self, path: str) -> ASGIApp:
        sandbox, below = _split_sandbox(path)
        if below in _OURS or below.startswith(_ADMIN) or not below.startswith("/"):
            return self._admin_app if "_admin_app" in vars(self) else self._serve_first_admin_call
        return partial(self._missed_calls.handle, raw_path=below, sandbox_id=sandbox)

    async def _serve_first_admin_call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Loads the admin API in a thread, which takes longer than other clients should wait, and serves a call."""
        pages = await asyncio.to_thread(getattr, self, "_admin_app")
        await pages(scope, receive, send)

    async def _serve_pages(self, pages: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves what is no provider's. What escapes it is one line in the log, and a problem for the client."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await pages(scope, receive, noting)
        except Exception:
            if scope["type"] != "http":
                raise
            log_failure(log, "%s %s failed", scope["method"], loggable(scope["path"]))
            self.sandboxes.metrics.count_failure()
            if not has_begun:
                await _send_failure(send)


def _cross_origin(settings: Settings) -> "CrossOrigin | None":
    if not settings.cors:
        return None
    from mockserver.server.cross_origin import CrossOrigin

    return CrossOrigin(settings.cors)


async def _send_failure(send: Send) -> None:
    """Sends a problem detail (RFC 9457) by itself: whatever would make one may be what failed."""
    detail = "The mock server failed; its log says why."
    body = json.dumps({"type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": detail})
    headers = [(b"content-type", b"application/problem+json"), length_of(len(body))]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


def build(
    settings: Settings, *, own_ports: Iterable[int] = (), provider_ports: Mapping[int, str] = _NO_PORTS
) -> MockServer:
    """Makes the application, ready to serve, with the ports of `MockServer`; it listens at `own_ports`.

    Raises ContractError, WorldError or SettingsError, each with one sentence.
    """
    providers = providers_of(settings)
    check_provider_names(settings, providers)
    sandboxes = open_sandboxes(settings, providers, target_guard_of(settings, own_ports))
    if settings.log_calls:
        from mockserver.server.call_log import log_calls

        log_calls(sandboxes)
    return MockServer(settings, providers, sandboxes, provider_ports=provider_ports)


def check_provider_names(settings: Settings, providers: Iterable[str]) -> None:
    """Raises SettingsError for settings of a provider that there is not."""
    names = list(providers)
    routed = {place.partition("/")[0] for place in settings.host_routes.values()}
    for what in (settings.ports, settings.overlays, settings.variants, routed):
        if unknown := sorted(set(what) - set(names)):
            raise SettingsError(f"there is no provider {unknown[0]!r}; {hint(unknown[0], names)}")


def target_guard_of(settings: Settings, own_ports: Iterable[int] = ()) -> TargetGuard:
    """The judge of addresses of webhooks. Raises SettingsError for a host that is none."""
    try:
        return TargetGuard(settings.webhook_hosts, own_ports=own_ports, public_url=settings.public_url)
    except ValueError as error:
        raise SettingsError(f"--allow-webhook-host: {error}") from None


def rules_of(settings: Settings) -> "Rules":
    """The rules by which webhooks are delivered."""
    from mockserver.delivery.outbox_worker import Rules

    return Rules(settings.webhook_retries, settings.webhook_timeout, settings.webhook_header, settings.webhook_ca)


def open_sandboxes(
    settings: Settings, providers: Mapping[str, Provider], guard: TargetGuard | None = None
) -> SandboxRegistry:
    """All sandboxes of the store that the settings name. Raises SettingsError."""
    repository = open_repository(settings)
    try:
        return SandboxRegistry(settings, providers, repository, guard)
    except BaseException:
        if repository is not None:
            repository.close()
        raise


def open_repository(settings: Settings) -> SandboxRepository | None:
    """The repository of the store that the settings name; None is in memory. Raises SettingsError."""
    if settings.store == "memory":
        if settings.workers > 1:
            raise SettingsError(
                f"{settings.workers} workers need a store that they share: "
                "add `--store sqlite:///mockserver.db`, or the address of a PostgreSQL database"
            )
        return None
    from mockserver.foundation.extras import needs_extra

    store_and_extra = (
        ("a PostgreSQL store", "postgresql") if settings.store.startswith("postgres") else ("a SQLite store", "store")
    )
    with needs_extra(*store_and_extra, "sqlalchemy", SettingsError):
        from mockserver.sandbox.persistence.sql import open_repository as open_sql

    return open_sql(settings.store)


def providers_of(settings: Settings) -> dict[str, Provider]:
    """Every provider by name, with its contract. Raises ContractError."""
    return load_providers(lambda name: read_contract(name, settings))


def read_contract(name: str, settings: Settings) -> Contract:
    """The contract of a provider with the overlays of the settings. Raises ContractError."""
    return read_contract_of(name, settings.overlays.get(name, ()))


def read_contracts(settings: Settings) -> dict[str, Contract]:
    """All contracts by provider."""
    return {name: read_contract(name, settings) for name in provider_names()}


def _split_sandbox(path: str) -> tuple[str | None, str]:
    """`/~id/rest` as id and `/rest`; a path that names no sandbox as it is."""
    if not path.startswith("/~"):
        return None, path
    id, _, rest = path[2:].partition("/")
    return id, f"/{rest}"


def _raw_path(scope: Scope) -> str:
    """The path as it came, percent-encoding included: `%2F` and `%0A` must not become structure."""
    raw = scope.get("raw_path")
    # Starlette's client of applications, before its release 0.45, wrote the query behind it.
    return raw.partition(b"?")[0].decode("latin-1") if raw else quote(scope["path"])
