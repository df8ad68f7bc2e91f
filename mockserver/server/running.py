"""The HTTP server of an application: uvicorn's, with another front where real hosts are answered."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import uvicorn

from mockserver.server.limits import Limits
from mockserver.server.uvicorn_protocol import uvicorn_options

if TYPE_CHECKING:
    from mockserver.server.app import MockServer
    from mockserver.server.prompt_server import PromptServer
    from mockserver.server.watching import WatchedServer


_OF_THE_FRONT: Mapping[str, Any] = {"loop": "asyncio:SelectorEventLoop"} if sys.platform == "win32" else {}
"""Options of uvicorn where connections are looked at before they are read: the usual loop of Windows cannot do that."""


def make_http_server(app: "MockServer", watched: "WatchedServer | None" = None) -> uvicorn.Server:
    """Returns the server of a process, which signals stop; calls come by `watched`, if its files are."""
    config = uvicorn.Config(watched or app, **uvicorn_options(), **_options_of(app))
    if app.hosting is None:
        return uvicorn.Server(config)
    from mockserver.server.hosts.server import HostingServer

    return HostingServer(config, Limits())


def make_prompt_server(app: "MockServer", limits: Limits, **options: Any) -> "PromptServer":
    """Returns a server in a thread; `options` are those of uvicorn that differ from ours."""
    from mockserver.server.prompt_server import PromptServer

    config = uvicorn.Config(app, **{**uvicorn_options(limits), **options, **_options_of(app)})
    if app.hosting is None:
        return PromptServer(config)
    from mockserver.server.hosts.server import PromptHostingServer

    return PromptHostingServer(config, limits)


def _options_of(app: "MockServer") -> Mapping[str, Any]:
    return {} if app.hosting is None else _OF_THE_FRONT
