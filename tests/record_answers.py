"""Records anew how the fake answers the requests of `recorded/answers.json`: `python -m tests.record_answers`.

The requests are sent in their order to a fresh application in process, whose clock stands still, and each answer takes
the place of the one that the file has. After a deliberate change of answers this is run, the difference of the file
is read, and both are committed together.

A request has `method` and `path`, and where it needs them `headers`, `body` (or `body_hex` for what is no text), and
`save`: names for values of its answer, each with a JSON pointer into the body. Later requests write `${name}` for such
a value. A new request needs no answer yet and can stand anywhere in the list; the test asserts how many there are.

What cannot repeat, or changes with every release, is written as a word: the version of the package, in headers and
bodies; the real time of a call and how long it took, in the journal; how many deliveries a flush still found to make;
the date of an answer that no provider gives.
Where that changes how long a body is, its Content-Length follows. Nothing else is left out.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import httpx2

from mockserver import __version__, asgi_app
from tests.support.in_process import TestClient

FILE = Path(__file__).parent / "recorded" / "answers.json"
ORIGIN = "http://127.0.0.1:8080"
NOW = "2026-01-01T00:00:00Z"
BODY_LIMIT = 2_048
"""It is small, so that a body over it does not fill the file."""

_LONGEST = 2_000
"""A body of more bytes is recorded as its beginning, its length and its digest."""
_BEGINNING = 200
_PROVIDER = re.compile(r"/(~[^/]*/)?(apimo|gsl|seeker)(/|$)")
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
_VERSION = re.escape(__version__.encode())
_UNREPEATABLE: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb'"real_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"'), b'"real_at":"REAL_TIME"'),
    (re.compile(rb'"duration_ms":\d+(\.\d+)?'), b'"duration_ms":0'),
    (re.compile(rb'\A\{"attempts":\d+\}\Z'), b'{"attempts":"NUMBER"}'),
    (re.compile(rb'"version":"%b"' % _VERSION), b'"version":"VERSION"'),
    (re.compile(rb"mockserver/%b" % _VERSION), b"mockserver/VERSION"),
)


class Request(TypedDict):
    """Describes a request; its headers Host and Content-Length follow from the rest."""

    method: str
    path: str
    headers: NotRequired[dict[str, str]]
    body: NotRequired[str]
    body_hex: NotRequired[str]
    save: NotRequired[dict[str, str]]


class LongBody(TypedDict):
    """Stands for a body that is too long to be recorded as it is."""

    length: int
    sha256: str
    begins: str


class Answer(TypedDict):
    """Describes an answer; its headers are `name: value`, in their order and case."""

    status: int
    headers: list[str]
    body: str | LongBody


class Exchange(TypedDict):
    """Pairs a request with its answer."""

    request: Request
    answer: Answer


def load() -> list[Exchange]:
    """Reads the exchanges of the file."""
    exchanges: list[Exchange] = json.loads(FILE.read_text(encoding="utf-8"))
    return exchanges


def play(requests: Iterable[Request]) -> Iterator[Answer]:
    """Sends the requests to a fresh application, each when the answer before it was taken."""
    for request, response in send(requests):
        yield _answer(request.url.raw_path.decode("ascii"), response)


def send(requests: Iterable[Request]) -> Iterator[tuple[httpx2.Request, httpx2.Response]]:
    """Sends the requests to a fresh application; yields them as they were sent, each with its response."""
    app = asgi_app(now=NOW, body_limit=BODY_LIMIT)
    client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    values: dict[str, str] = {}
    for request in requests:
        path = _filled(request["path"], values).removeprefix(ORIGIN)
        written = _written(request, path, values)
        response = client.send(written)
        yield written, response
        # Only now: an answer that lacks such a value is compared first, and reported as what it is.
        values |= {name: str(_value_at(response.json(), place)) for name, place in request.get("save", {}).items()}


def record() -> int:
    """Writes the file anew, and returns how many answers differ from those that it had."""
    before = load()
    requests = [exchange["request"] for exchange in before]
    after: list[Exchange] = [
        {"request": request, "answer": answer} for request, answer in zip(requests, play(requests), strict=True)
    ]
    FILE.write_text(json.dumps(after, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return sum(old != new for old, new in zip(before, after, strict=True))


def _written(request: Request, path: str, values: Mapping[str, str]) -> httpx2.Request:
    """Writes the request without the client's own headers, which change with what is installed beside it."""
    headers = {name: _filled(value, values) for name, value in request.get("headers", {}).items()}
    text = _filled(request.get("body", ""), values)
    body = bytes.fromhex(request["body_hex"]) if "body_hex" in request else text.encode()
    return httpx2.Request(request["method"], ORIGIN + path, headers=headers, content=body or None)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], text)


def _value_at(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        value = value[int(token) if isinstance(value, list) else token]
    return value


def _answer(path: str, response: httpx2.Response) -> Answer:
    raw, body = response.content, _repeatable(response.content)
    headers: list[str] = []
    for name, value in response.headers.raw:
        # A length that is wrong was made so by a fault, and stays.
        if name.lower() == b"content-length" and value == b"%d" % len(raw):
            value = b"%d" % len(body)
        line = _repeatable(b"%b: %b" % (name, value)).decode("latin-1")
        real = name.lower() == b"date" and not _PROVIDER.match(path)
        headers.append(_DATE.sub("REAL_TIME", line) if real else line)
    return {"status": response.status_code, "headers": headers, "body": _recorded(body)}


def _repeatable(text: bytes) -> bytes:
    for pattern, word in _UNREPEATABLE:
        text = pattern.sub(word, text)
    return text


def _recorded(body: bytes) -> str | LongBody:
    if len(body) <= _LONGEST:
        return body.decode("utf-8", "backslashreplace")
    begins = body[:_BEGINNING].decode("utf-8", "backslashreplace")
    return {"length": len(body), "sha256": hashlib.sha256(body).hexdigest(), "begins": begins}


if __name__ == "__main__":
    sys.stdout.write(f"{record()} answers differ from those that were recorded\n")
