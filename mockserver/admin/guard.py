"""The admin API is for this machine, or for who has the token; never for a web page from elsewhere."""

from email.utils import formatdate
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.admin.problems import nothing_here, problem_response
from mockserver.foundation.asgi import header, prefix_of, values
from mockserver.foundation.clock import real_time
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.settings import Settings

_OPEN = ("/__admin/health/live", "/__admin/health/ready", "/__admin/version", "/__admin/ca.pem")
"""Calls that an orchestrator must be able to make without credentials; a certificate is for everybody."""

_CONTRACT = late_pattern(r"/__admin/contracts/[A-Za-z0-9_-]{1,64}")
"""Documents that are no secret, and that a page of documentation may load from a browser, wherever it is."""
_EVERY_PAGE = (b"access-control-allow-origin", b"*")


class AdminGuard:
    """ASGI middleware around our own pages; it also dates the answers, which the HTTP server leaves to us."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", formatdate(real_time(), usegmt=True).encode())]
            await send(message)

        if scope["type"] == "http" and "\n" in scope["path"]:
            # Starlette's routes end with `$`, which a line end may follow.
            await problem_response(404, nothing_here(prefix_of(scope)))(scope, receive, dated)
            return
        if scope["type"] == "http" and _reads_contract(scope):
            await self._show_contract(scope, receive, dated)
            return
        if scope["type"] == "http" and scope["path"].startswith("/__admin") and scope["path"] not in _OPEN:
            refusal = self._refusal(scope)
            if refusal:
                status, detail = refusal
                headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
                await problem_response(status, detail, headers)(scope, receive, dated)
                return
        await self._app(scope, receive, dated)

    async def _show_contract(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _EVERY_PAGE]
            await send(message)

        if scope["method"] != "OPTIONS":
            await self._app(scope, receive, opened)
            return
        headers = [(b"access-control-allow-methods", b"GET, HEAD"), (b"access-control-max-age", b"600")]
        if names := values(scope, b"access-control-request-headers"):
            headers.append((b"access-control-allow-headers", b", ".join(names)))
        if header(scope, b"access-control-request-private-network") == "true":
            headers.append((b"access-control-allow-private-network", b"true"))
        await opened({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        if any(len(values(scope, name)) > 1 for name in (b"host", b"origin", b"sec-fetch-site")):
            return 403, "Host, Origin and Sec-Fetch-Site say who asks; each of them must be there once only."
        host = header(scope, b"host") or ""
        origin = header(scope, b"origin")
        if origin is not None and _authority(origin) != host:
            return 403, f"The admin API is not for pages of {origin!r}."
        if header(scope, b"sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "The admin API is not for requests that another site makes."
        token = self._settings.admin_token
        if token is None:
            # No token: only this machine can connect, and a name that was rebound to it is not a name of it.
            return None if _is_local(host) else (403, f"Host {host!r} is not a name of this machine.")
        if has_token(scope, token):
            return None
        return 401, "The admin API wants `Authorization: Bearer` with the token that was shown at the start."


def has_token(scope: Scope, token: str) -> bool:
    """Tells whether a request has the admin token."""
    scheme, _, credentials = (header(scope, b"authorization") or "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(credentials.strip().encode(), token.encode())


def _reads_contract(scope: Scope) -> bool:
    """Tells whether a request reads a contract, or asks on behalf of a page whether that may."""
    if not _CONTRACT.fullmatch(scope["path"]):
        return False
    is_preflight = scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method") is not None
    return is_preflight or scope["method"] in ("GET", "HEAD")


def _authority(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
