"""A client of an application in this process, without a thread and without an event loop that runs beside the test.

A call of Starlette's own client goes through a thread and six tasks, which takes eight times as long as the answer.
"""

import asyncio
import threading
from collections.abc import Coroutine, MutableMapping
from typing import Any
from urllib.parse import unquote

import httpx2
import starlette.testclient

Message = MutableMapping[str, Any]


class TestClient(starlette.testclient.TestClient):
    """Starlette's client, but a call runs the application in this thread until it has answered.

    Within `with client:` it is Starlette's client altogether: with a lifespan, and a loop that runs in a thread, so
    that several threads may call at once, and tasks of the application go on between calls.
    """

    def __init__(self, app: Any, base_url: str = "http://testserver", **options: Any) -> None:
        super().__init__(app, base_url, **options)
        self._in_thread = self._transport
        self._direct = InProcess(self.app, raise_server_exceptions=options.get("raise_server_exceptions", True))
        self._transport = self._direct

    def __enter__(self) -> "TestClient":
        self._transport = self._in_thread
        super().__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        super().__exit__(*failure)
        self._transport = self._direct


class InProcess(httpx2.BaseTransport):
    """Calls an application, and hands over the answer when it is whole."""

    def __init__(self, app: Any, *, raise_server_exceptions: bool) -> None:
        self._app = app
        self._raise = raise_server_exceptions

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answers a request. Exceptions of the application are raised, as by Starlette's client."""
        call = _Call(request)
        try:
            run(self._app(_scope(request), call.receive, call.send))
        except Exception:
            if self._raise or call.start is None:
                raise
        assert call.start is not None, "the application has not answered"
        return httpx2.Response(
            call.start["status"],
            headers=[(name.decode(), value.decode()) for name, value in call.start.get("headers", [])],
            stream=httpx2.ByteStream(b"" if request.method == "HEAD" else call.body),
            request=request,
        )


class _Call:
    """Both ends of one call, as ASGI has them."""

    def __init__(self, request: httpx2.Request) -> None:
        self._unread: bytes | None = request.read()
        self._over = asyncio.Event()
        self.start: Message | None = None
        self.body = b""

    async def receive(self) -> Message:
        body, self._unread = self._unread, None
        if body is None:
            await self._over.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        assert not self._over.is_set(), f"{message['type']} after the answer was whole"
        if message["type"] == "http.response.start":
            assert self.start is None, "the answer began twice"
            self.start = message
            return
        assert self.start is not None, "a body without a beginning"
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            self._over.set()


def _scope(request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.partition(b"?")[0],
        "root_path": "",
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("testclient", 50000),
        "server": (url.host, url.port or {"http": 80, "https": 443}[url.scheme]),
        "state": {},
    }


# The loop of the test that runs


_runners: list[asyncio.Runner] = []
"""At most one: all calls of a test run in one event loop, as they do in a server."""
_calling = threading.Lock()


def run(call: Coroutine[Any, Any, None]) -> None:
    """Runs a call to its end in the loop of this test."""
    assert _calling.acquire(blocking=False), "two calls at once are made within `with client:`"
    try:
        if not _runners:
            _runners.append(asyncio.Runner())
        _runners[0].get_loop().run_until_complete(call)
    finally:
        _calling.release()


def end_loop() -> None:
    """Ends what still runs in the loop of this test, and the loop."""
    while _runners:
        _runners.pop().close()
