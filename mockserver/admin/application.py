"""The Starlette application behind everything that is not a provider's."""

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.admin.compressing import CompressingAnswers
from mockserver.admin.context import AdminApi
from mockserver.admin.endpoint import AdminEndpoint
from mockserver.admin.endpoints import ENDPOINTS
from mockserver.admin.guard import AdminGuard
from mockserver.admin.index import index_page
from mockserver.admin.problems import on_error, on_http_exception
from mockserver.admin.routes import by_path
from mockserver.admin.services import Services
from mockserver.admin.streams import Streams


def make_admin(services: Services) -> Starlette:
    """Makes the index page and the admin API of a server."""
    api = AdminApi(services, ENDPOINTS, Streams())

    class Index(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return index_page(services, request)

        # Starlette names it in `Allow` by itself only in its newer releases.
        head = get

    # One route for each path: the methods are looked up inside, so that `Allow` is right.
    routes = [Route(f"/__admin{path}", AdminEndpoint(api, methods)) for path, methods in by_path(ENDPOINTS).items()]
    application = Starlette(
        routes=[Route("/", Index), *routes],
        middleware=[Middleware(AdminGuard, settings=services.settings), Middleware(CompressingAnswers)],
        exception_handlers={HTTPException: on_http_exception, Exception: on_error},
    )
    # A trailing slash is another address; a redirect would only hide a client's mistake. Starlette's constructor has
    # no argument for it.
    application.router.redirect_slashes = False
    return application
