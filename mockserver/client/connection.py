"""The connection to the admin API of a server: requests, streams, and refusals as `ClientError`."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mockserver.client.moments import duration_text, moment_text

if TYPE_CHECKING:
    from mockserver.client.http import HttpClient, HttpStream

_TIMEOUT = 30.0
"""Seconds until a call of the admin API that does not answer is given up."""


class ClientError(Exception):
    """A refusal of the server, in its own sentence, or the failure to reach it."""

    def __init__(self, message: str, *, status: int | None = None, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status; None when there was no answer."""
        self.problem: Mapping[str, Any] = problem or {}
        """The problem detail (RFC 9457), where there was one."""


class AdminConnection:
    """Calls below `/__admin` of one server. What speaks HTTP is imported with the first call."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._client: HttpClient | None = None
        self._failures: tuple[type[Exception], ...] = ()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON at a path."""
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> Any:
        """The JSON that a POST answers, or None when it answers nothing."""
        return self.call("POST", path, body=body)

    def get_file(self, path: str) -> bytes:
        """The file at a path, as it is. Raises ClientError."""
        return self._exchange("GET", path, {}, None, {})

    def post_file(self, path: str, file: bytes, params: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        """The JSON that a POST of a file in gzip answers. Raises ClientError."""
        answer = self._exchange("POST", path, params, file, {"content-type": "application/gzip", **headers})
        return self._json(answer, f"POST {self.url}/__admin{path}")

    def call(self, method: str, path: str, *, body: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """Makes a call and returns its JSON; `path` follows `/__admin`. Raises ClientError."""
        content = _content(body)
        headers = {} if content is None else {"content-type": "application/json"}
        answer = self._exchange(method, path, params or {}, content, headers)
        return self._json(answer, f"{method} {self.url}/__admin{path}")

    def _exchange(
        self, method: str, path: str, params: Mapping[str, Any], content: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        """The body of an answer that is a success. Raises ClientError."""
        target, client = _target(path, params), self._open()
        try:
            status, answer = client.request(method, target, headers, content)
        except self._failures as error:
            raise self._unreachable(error) from error
        if not _is_success(status):
            raise refusal(status, answer, f"{method} {self.url}{target}")
        return answer

    @staticmethod
    def _json(answer: bytes, what: str) -> Any:
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            raise refusal(200, answer, what) from None

    def events(self, path: str, params: Mapping[str, Any] | None = None) -> "Events":
        """Server-sent events; the server has begun to send them when this returns. Raises ClientError."""
        target = _target(path, params)
        client = self._open()
        try:
            answer = client.stream(target, {"accept": "text/event-stream"})
        except self._failures as error:
            raise self._unreachable(error) from error
        if not _is_success(answer.status):
            try:
                raise refusal(answer.status, answer.read(), f"GET {self.url}{target}")
            finally:
                answer.close()
        return Events(answer)

    def close(self) -> None:
        """Closes what is open; a later call opens it again."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _open(self) -> "HttpClient":
        if self._client is None:
            from mockserver.client.http import FAILURES, HttpClient

            headers = {} if self._token is None else {"authorization": f"Bearer {self._token}"}
            self._failures = FAILURES
            try:
                self._client = HttpClient(self.url, headers, _TIMEOUT)
            except ValueError as error:
                raise self._unreachable(error) from error
        return self._client

    def _unreachable(self, error: Exception) -> ClientError:
        return ClientError(f"no mock server answers at {self.url}: {error or type(error).__name__}")


class Events(Iterator[str]):
    """The data of server-sent events, one text each, until the server ends or it is closed."""

    def __init__(self, answer: "HttpStream") -> None:
        self._answer = answer
        self._texts = _data(answer.lines())

    def __next__(self) -> str:
        return next(self._texts)

    def close(self) -> None:
        """Ends it."""
        self._answer.close()


def refusal(status: int, content: bytes, what: str) -> ClientError:
    """The error of an answer that is not a success: the problem's sentence, or what there is instead."""
    try:
        problem = json.loads(content)
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or not isinstance(problem.get("detail"), str):
        return ClientError(f"{what} answered {status}, not as a mock server does", status=status)
    return ClientError(problem["detail"], status=status, problem=problem)


def without_none(**members: Any) -> dict[str, Any]:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def flag(value: bool | None) -> str | None:
    """A flag as a query parameter."""
    return None if value is None else str(value).lower()


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _target(path: str, params: Mapping[str, Any] | None) -> str:
    query = urlencode(without_none(**params or {}), doseq=True)
    return f"/__admin{path}?{query}" if query else f"/__admin{path}"


def _content(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body, default=_plain).encode()


def _plain(value: Any) -> Any:
    """The JSON form of a value that has none of its own. Raises ClientError."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise ClientError(f"{value!r} cannot be sent as JSON; give text, numbers, lists, dicts or datetimes")


def _data(lines: Iterator[str]) -> Iterator[str]:
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
