"""HTTP to one server with nothing but the standard library: connections are kept for the next call of any thread."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import BadStatusLine, HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

FAILURES = (OSError, HTTPException, ValueError)
"""What a call raises that gets no answer: nobody there, an answer that is no HTTP, or a URL that is none."""

_REPEATABLE = ("GET", "HEAD", "PUT", "DELETE")
_SAFE = "/%:@!$&'()*+,;=~?"


class HttpClient:
    """Calls one origin; an answer of any status is returned."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout: float) -> None:
        """`timeout` is in seconds, for each wait. Raises ValueError for what is no URL of HTTP."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("it is no http:// or https:// URL")
        self._parts = parts
        self._timeout = timeout
        self._proxy = _proxy_for(parts)
        self._headers = {**headers, **self._proxy_headers()}
        self._idle: list[HTTPConnection] = []

    def request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, bytes]:
        """Returns status and body. Raises one of FAILURES."""
        connection = self._take()
        was_idle = connection.sock is not None
        try:
            return self._exchange(connection, method, target, headers, body)
        except (ConnectionError, BadStatusLine):
            # The server may have ended it in this very moment; a call that may be made twice is made once more.
            if not was_idle or method not in _REPEATABLE:
                raise
        return self._exchange(self._connect(), method, target, headers, body)

    def _exchange(
        self, connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        try:
            connection.request(method, self._target(target), body, {**self._headers, **headers})
            answer = connection.getresponse()
            content = answer.read()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return answer.status, content

    def stream(self, target: str, headers: Mapping[str, str]) -> "HttpStream":
        """Returns the answer to a GET as soon as it has begun; its body may go on for ever. Raises one of FAILURES."""
        connection = self._connect()
        try:
            connection.connect()
            wire: socket.socket = connection.sock
            connection.request("GET", self._target(target), headers={**self._headers, **headers})
            answer = connection.getresponse()
            wire.settimeout(None)
        except BaseException:
            connection.close()
            raise
        return HttpStream(connection, wire, answer)

    def close(self) -> None:
        """Closes the connections that wait for a call."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> HTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.sock is None or _is_quiet(connection.sock):
                return connection
            connection.close()  # The server has ended it meanwhile.
        return self._connect()

    def _connect(self) -> HTTPConnection:
        parts, via = self._parts, self._proxy or self._parts
        assert via.hostname is not None
        if parts.scheme == "http":
            return HTTPConnection(via.hostname, via.port, timeout=self._timeout)
        connection = HTTPSConnection(
            via.hostname, via.port, timeout=self._timeout, context=ssl.create_default_context()
        )
        if self._proxy is not None:
            connection.set_tunnel(str(parts.hostname), parts.port, _basic(self._proxy))
        return connection

    def _target(self, target: str) -> str:
        path = quote(self._parts.path.rstrip("/") + target, safe=_SAFE)
        is_whole = self._proxy is not None and self._parts.scheme == "http"
        return f"http://{self._parts.netloc}{path}" if is_whole else path

    def _proxy_headers(self) -> dict[str, str]:
        return _basic(self._proxy) if self._proxy is not None and self._parts.scheme == "http" else {}


class HttpStream:
    """An answer whose body is read line by line, until the server ends it or it is closed, by any thread."""

    def __init__(self, connection: HTTPConnection, wire: socket.socket, answer: HTTPResponse) -> None:
        self._connection = connection
        self._wire = wire
        self._answer = answer
        self._is_closed = False
        self.status = answer.status

    def read(self) -> bytes:
        """Returns the whole body."""
        return self._answer.read()

    def lines(self) -> Iterator[str]:
        """Yields the lines of the body, without their ends; an answer that breaks off ends them. Then it is closed."""
        try:
            for line in self._answer:
                yield line.decode().rstrip("\r\n")
        except Exception as error:
            # An answer that another thread closes breaks off anywhere in the standard library.
            if not self._is_closed and not isinstance(error, (OSError, HTTPException)):
                raise
        # Nobody else closes an answer that the server has ended.
        self.close()

    def close(self) -> None:
        """Closes the connection. A thread that waits for a line is woken first: it holds a lock that closing needs."""
        self._is_closed = True
        with suppress(OSError):
            self._wire.shutdown(socket.SHUT_RDWR)
        self._answer.close()
        self._connection.close()


def is_local(url: str) -> bool:
    """Tells whether the URL names this machine."""
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _is_quiet(wire: socket.socket) -> bool:
    """Nothing has come, not even the end."""
    with DefaultSelector() as selector:
        selector.register(wire, EVENT_READ)
        return not selector.select(0)


def _proxy_for(parts: SplitResult) -> SplitResult | None:
    """Returns the proxy of the environment; it is not the way to this machine."""
    if is_local(parts.geturl()) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxies = getproxies()
    url = proxies.get(parts.scheme) or proxies.get("all")
    if not url:
        return None
    proxy = urlsplit(url if "://" in url else f"http://{url}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise ValueError(f"the proxy of the environment ({parts.scheme}_proxy) is no http:// URL")
    return proxy


def _basic(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}
