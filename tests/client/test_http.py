"""The client's HTTP over the standard library: connections that are kept, proxies of the environment, and ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mockserver.client import Client, ClientError
from mockserver.client.http import HttpClient


class Wire:
    """A server that answers with the request line and the credentials for a proxy, and counts its connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.lines: list[str] = []
        self.closes = False
        """Whether it ends each connection without having said so."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            wire.connections += 1
            super().setup()

        def do_GET(self) -> None:
            wire.lines.append(self.requestline)
            body = (self.headers.get("Proxy-Authorization") or "none").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = wire.closes

        def do_CONNECT(self) -> None:
            wire.lines.append(f"CONNECT {self.path} {self.headers.get('Proxy-Authorization')}")
            self.send_error(403)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The server, in a thread."""
    made = Wire()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@contextmanager
def calling(url: str) -> Iterator[HttpClient]:
    """A client, which is closed."""
    client = HttpClient(url, {}, 30.0)
    yield client
    client.close()


def test_a_connection_serves_one_call_after_the_other(wire: Wire) -> None:
    with calling(f"{wire.url}/below/") as client:
        for number in range(3):
            assert client.request("GET", f"/{number}?q=é", {}, None) == (200, b"none")
    assert wire.connections == 1
    assert wire.lines[2] == "GET /below/2?q=%C3%A9 HTTP/1.1"


def test_one_that_the_server_has_ended_is_not_used_again(wire: Wire) -> None:
    wire.closes = True
    with calling(wire.url) as client:
        for _ in range(3):
            assert client.request("GET", "/", {}, None)[0] == 200
    assert wire.connections == 3


def test_a_proxy_of_the_environment_is_used_but_for_this_machine(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = wire.url.replace("//", "//us%40er:pass@")
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("no_proxy", "near.invalid")
    with calling("http://far.invalid/x") as client:
        assert client.request("GET", "/y", {}, None) == (200, b"Basic dXNAZXI6cGFzcw==")
    with calling("https://far.invalid") as client, pytest.raises(OSError, match="403"):
        client.request("GET", "/", {}, None)
    with calling(wire.url) as client:
        client.request("GET", "/mine", {}, None)
    with calling("http://near.invalid") as client:
        assert client._proxy is None
    assert wire.lines == [
        "GET http://far.invalid/x/y HTTP/1.1",
        "CONNECT far.invalid:443 Basic dXNAZXI6cGFzcw==",
        "GET /mine HTTP/1.1",
    ]


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://localhost", "http://", "http://localhost:port"])
def test_what_is_no_url_of_http_is_told(url: str) -> None:
    with Client(url) as client, pytest.raises(ClientError, match=r"^no mock server answers at .*: .+"):
        client.version()
