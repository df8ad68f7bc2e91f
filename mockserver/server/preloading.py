"""Loads at once what a server otherwise loads with the first call that needs it.

Inside another program a call may come while a test has replaced files, imports or functions of Python. A server of its
own starts sooner without this.
"""

import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import chain

from mockserver.domain import Kind
from mockserver.foundation.resources import resource
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.registry.factory import bundled_world
from mockserver.scenarios import load_scenario, scenario_names
from mockserver.server.app import MockServer
from mockserver.world import world_names
from mockserver.world.tables import table

_APART = (
    "cli",
    "client",
    "judge",
    "pytest_plugin",
    "__main__",
    "sandbox.persistence.sql",
    "server.hosts",
    "server.host_access",
)
"""Parts of the package that a server does not use; a database, and TLS, are loaded when they are opened."""
_LIBRARIES = (
    "pydantic.dataclasses",
    "pydantic.type_adapter",
    "h11",
    "yaml",
    "ssl",
)
"""Modules of others that functions of ours, or of pydantic, import."""
_EXTRAS = ("prometheus_client.core", "prometheus_client.exposition")
"""Those of extras, which need not be installed."""


def preload(server: MockServer) -> None:
    """Imports every module that may serve a call, and reads every shipped file that one may need."""
    _load_modules()
    _load_files()
    server.load()
    keys = KeyRing.from_file(server.settings.signing_key)
    keys.open(keys.sign({"exp": 1}), 0)
    world = server.sandbox.world
    for agency in world.agencies:
        for kind in Kind:
            if world.count(kind, agency):
                world.entity(kind, agency, 0)


@cache
def _load_modules() -> None:
    for name in chain(_modules_of("mockserver"), _LIBRARIES):
        import_module(name)
    for name in _EXTRAS:
        with suppress(ModuleNotFoundError):
            import_module(name)


def _modules_of(package: str) -> Iterator[str]:
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        if module.name.removeprefix("mockserver.") not in _APART:
            yield module.name
            if module.ispkg:
                yield from _modules_of(module.name)


@cache
def _load_files() -> None:
    for path in resource("fixtures", "tables").glob("*.json"):
        table(path.stem)
    for name in scenario_names():
        load_scenario(name)
    for name in world_names():
        bundled_world(name)
