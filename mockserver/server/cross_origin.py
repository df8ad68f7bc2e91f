"""Cross-origin requests (CORS) of pages in browsers: the providers allow none, and the fake does so on request only."""

from collections.abc import Collection, Iterable

from starlette.types import Message, Scope, Send

from mockserver.foundation.asgi import header, values

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_MAX_AGE = "600"
"""Seconds for which a browser may keep the answer to a preflight."""


class CrossOrigin:
    """The origins whose pages may call providers; never the admin API, which refuses every other origin."""

    def __init__(self, origins: Collection[str]) -> None:
        """`*` allows every origin."""
        self._origins = frozenset(origins)

    def allows(self, scope: Scope) -> bool:
        """Tells whether a request comes from a page that may read the answer."""
        origins = values(scope, b"origin")
        return len(origins) == 1 and ("*" in self._origins or origins[0].decode("latin-1").lower() in self._origins)

    def is_preflight(self, scope: Scope) -> bool:
        """Tells whether a request only asks what a later one may do; it has no credentials."""
        return scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method") is not None

    async def answer_preflight(self, scope: Scope, send: Send) -> None:
        """Allows every method, and the headers that the page wants to send."""
        headers = [
            *_allowed(scope),
            (b"access-control-allow-methods", _METHODS.encode()),
            (b"access-control-max-age", _MAX_AGE.encode()),
        ]
        if names := values(scope, b"access-control-request-headers"):
            headers.append((b"access-control-allow-headers", b", ".join(names)))
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def opened(self, scope: Scope, send: Send) -> Send:
        """Returns a `send` that adds to an answer what lets the page read it, with all of its headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                message = {**message, "headers": [*headers, *_allowed(scope), *_exposed(headers)]}
            await send(message)

        return sending


def _allowed(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", values(scope, b"origin")[0]), (b"vary", b"Origin")]


def _exposed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = sorted({name.lower() for name, _ in headers})
    return [(b"access-control-expose-headers", b", ".join(names))] if names else []
