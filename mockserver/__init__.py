"""A faithful fake of French real-estate lead APIs, and a judge of the programs that call them."""

from typing import TYPE_CHECKING, Any

from mockserver.foundation.version import __version__

if TYPE_CHECKING:
    from mockserver.client import Client, ClientError
    from mockserver.server.embedded import EmbeddedServer, asgi_app

__all__ = ["Client", "ClientError", "EmbeddedServer", "__version__", "asgi_app"]

_DISTRIBUTION = "lead-mockserver"
"""Tells this package from another one of its name; `__main__` looks for it."""
_LAZY = {
    "Client": "mockserver.client",
    "ClientError": "mockserver.client",
    "EmbeddedServer": "mockserver.server.embedded",
    "asgi_app": "mockserver.server.embedded",
}


def __getattr__(name: str) -> Any:
    """Imports an export when it is first used: the command and the pytest plugin must not wait for it."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
