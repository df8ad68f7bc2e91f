"""The HTTP server of an application: uvicorn's, with another front where real hosts are answered."""

from typing import TYPE_CHECKING, Any

import uvicorn

from mockserver.server.limits import Limits
from mockserver.server.uvicorn_protocol import uvicorn_options

if TYPE_CHECKING:
    from mockserver.server.app import MockServer
    from mockserver.server.prompt_server import PromptServer
    from mockserver.server.watching import WatchedServer


def make_http_server(app: "MockServer", watched: "WatchedServer | None" = None) -> uvicorn.Server:
    """Returns the server of a process, which signals stop; calls come by `watched`, if its files are."""
    config = uvicorn.Config(watched or app, **uvicorn_options())
    if app.hosting is None:
        return uvicorn.Server(config)
    from mockserver.server.hosts.server import HostingServer

    return HostingServer(config, Limits())


def make_prompt_server(app: "MockServer", limits: Limits, **options: Any) -> "PromptServer":
    """Returns a server in a thread; `options` are those of uvicorn that differ from ours."""
    from mockserver.server.prompt_server import PromptServer

    config = uvicorn.Config(app, **{**uvicorn_options(limits), **options})
    if app.hosting is None:
        return PromptServer(config)
    from mockserver.server.hosts.server import PromptHostingServer

    return PromptHostingServer(config, limits)
