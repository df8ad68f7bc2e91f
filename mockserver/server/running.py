"""The HTTP server of an application: uvicorn's, with another front where real hosts are answered."""

from typing import TYPE_CHECKING, Any

import uvicorn

from mockserver.server.limits import Limits
from mockserver.server.uvicorn_protocol import uvicorn_options

if TYPE_CHECKING:
    from mockserver.server.app import MockServer


def make_http_server(app: "MockServer", limits: Limits | None = None, **options: Any) -> uvicorn.Server:
    """Returns a server that serves the application; `options` are those of uvicorn that differ from ours."""
    config = uvicorn.Config(app, **{**uvicorn_options(limits), **options})
    if app.hosting is None:
        return uvicorn.Server(config)
    from mockserver.server.hosts.server import HostingServer

    return HostingServer(config, app.find_at_host, app.hosting, limits)
