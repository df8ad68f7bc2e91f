"""The Starlette application behind everything that is not a provider's."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mockserver import __version__
from mockserver.admin.guard import Guard
from mockserver.admin.index import index_page
from mockserver.admin.problems import on_error, on_http_exception

if TYPE_CHECKING:
    from mockserver.app import MockServer


def make_admin(server: "MockServer") -> Starlette:
    """Index page and admin API of a server."""
    routes = [
        Route("/", Index),
        Route("/__admin/health/live", Live),
        Route("/__admin/health/ready", Live),
        Route("/__admin/version", Version),
        Route("/__admin/contracts/{provider}", ContractDocument),
        Route("/__admin/fidelity", Fidelity),
        Route("/__admin/journal", JournalEntries),
    ]
    application = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, settings=server.settings)],
        exception_handlers={HTTPException: on_http_exception, Exception: on_error},
    )
    # A trailing slash is another address; a redirect would only hide a client's mistake.
    application.router.redirect_slashes = False
    application.state.server = server
    return application


def _server(request: Request) -> "MockServer":
    server: MockServer = request.app.state.server
    return server


class Index(HTTPEndpoint):
    """Where everything is."""

    async def get(self, request: Request) -> Response:
        return index_page(_server(request), request)


class Live(HTTPEndpoint):
    """The process answers. It is ready then, too: no socket is bound before every contract and the world are loaded."""

    async def get(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})


class Version(HTTPEndpoint):
    """Which release this is."""

    async def get(self, request: Request) -> Response:
        return JSONResponse({"name": "lead-mockserver", "version": __version__})


class ContractDocument(HTTPEndpoint):
    """A contract as served, overlays applied."""

    async def get(self, request: Request) -> Response:
        name = request.path_params["provider"]
        providers = _server(request).providers
        if name not in providers:
            raise HTTPException(404, f"There is no provider {name!r}; there is {', '.join(providers)}.")
        return JSONResponse(providers[name].contract.document)


class Fidelity(HTTPEndpoint):
    """How sure we are of each thing that the contracts say; `?provider=` narrows it."""

    async def get(self, request: Request) -> Response:
        wanted = request.query_params.get("provider")
        providers = _server(request).providers
        if wanted is not None and wanted not in providers:
            raise HTTPException(404, f"There is no provider {wanted!r}; there is {', '.join(providers)}.")
        rows = [
            row.as_dict()
            for name, provider in providers.items()
            if wanted in (None, name)
            for row in provider.contract.ledger
        ]
        return JSONResponse({"rows": rows})


class JournalEntries(HTTPEndpoint):
    """The calls of the default sandbox."""

    async def get(self, request: Request) -> Response:
        from mockserver.admin.journal import read_filter

        chosen = read_filter(request)
        journal = _server(request).sandbox.journal
        entries = list(
            journal.entries(
                provider=chosen.provider,
                operation=chosen.operation,
                status=chosen.status,
                violations=chosen.violations,
            )
        )
        shown = [entry.as_dict(journal.body_limit) for entry in entries[-chosen.limit :]]
        return JSONResponse({"entries": shown, "total": journal.total, "evicted": journal.evicted})

    async def delete(self, request: Request) -> Response:
        _server(request).sandbox.journal.clear()
        return Response(status_code=204)
