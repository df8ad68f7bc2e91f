"""The Starlette application behind everything that is not a provider's."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.admin.endpoint import AdminEndpoint
from mockserver.admin.endpoints import ROWS
from mockserver.admin.guard import Guard
from mockserver.admin.index import index_page
from mockserver.admin.problems import on_error, on_http_exception
from mockserver.admin.routes import by_path
from mockserver.admin.streams import Streams

if TYPE_CHECKING:
    from mockserver.server.app import MockServer


def make_admin(server: "MockServer") -> Starlette:
    """Index page and admin API of a server."""
    streams = Streams()
    # One route for each path: the methods are looked up inside, so that `Allow` is right.
    places = [Route(f"/__admin{path}", AdminEndpoint(server, streams, rows)) for path, rows in by_path(ROWS).items()]
    application = Starlette(
        routes=[Route("/", Index), *places],
        middleware=[Middleware(Guard, settings=server.settings)],
        exception_handlers={HTTPException: on_http_exception, Exception: on_error},
    )
    # A trailing slash is another address; a redirect would only hide a client's mistake.
    application.router.redirect_slashes = False
    application.state.server = server
    return application


class Index(HTTPEndpoint):
    """Where everything is."""

    async def get(self, request: Request) -> Response:
        return index_page(request.app.state.server, request)
