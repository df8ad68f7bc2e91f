"""The clients that come with the package to test the judge: a reference for each provider, and clients with one bug."""

import importlib
import sys
import threading
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.resources import resource
from mockserver.judge.program import ConformError

_PACKAGE = "tests.clients"
"""The package that the clients are modules of. In a wheel it is among the data, and not on the path."""


@dataclass(frozen=True, slots=True)
class ShippedClient:
    """A client that comes with the package."""

    provider: str
    about: str
    """Its bug in a few words; of a reference that it has none."""
    obligation: str | None
    """The one that it breaks; None for a reference, which breaks none."""
    create: Callable[[Mapping[str, str], threading.Event], Any]

    def run(self, environment: Mapping[str, str], stop: threading.Event) -> int:
        """Runs it once; returns the exit code."""
        code: int = self.create(environment, stop).run()
        return code


def reference_client(provider: str) -> ShippedClient:
    """Returns the client that holds every obligation. Raises ConformError where the clients are not installed."""
    return ShippedClient(provider, "the reference, without a bug", None, _module(provider).Client)


def broken_clients(provider: str) -> list[ShippedClient]:
    """Returns the clients with one bug each. Raises ConformError where the clients are not installed."""
    broken: Mapping[str, tuple[Any, str]] = _module(f"broken_{provider}").BROKEN
    return [ShippedClient(provider, about, obligation, create) for about, (create, obligation) in broken.items()]


def _module(name: str) -> ModuleType:
    folder = resource("tests")
    if not (folder / "clients" / f"{name}.py").is_file():
        raise ConformError(
            "the clients of the selftest are not installed here; install the wheel of this release, or run it in a "
            "checkout"
        )
    place = str(folder.parent)
    sys.path.insert(0, place)
    try:
        return importlib.import_module(f"{_PACKAGE}.{name}")
    finally:
        sys.path.remove(place)
