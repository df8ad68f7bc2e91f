"""Measures whether memory stays bounded: a million calls, most of them different, to one sandbox."""

import asyncio
from base64 import b64encode
from pathlib import Path
from time import perf_counter
from typing import Any

from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer, build
from tests.benchmarks.figures import Figure

_BASIC = b64encode(b"4321:0123456789abcdef0123456789abcdef01234567")


def report(calls: int = 1_000_000) -> list[Figure]:
    """Returns resident memory after a tenth and after all of the calls, held against that after a hundredth."""
    return asyncio.run(_report(calls))


async def _report(calls: int) -> list[Figure]:
    app = build(Settings(now=1_767_225_600))
    figures: list[Figure] = []
    first = 0.0
    began = perf_counter()
    for number in range(1, calls + 1):
        await _call(app, number)
        if number in (calls // 100, calls // 10, calls):
            journal = app.sandbox.journal
            kept = f"{journal.total - journal.evicted:,} of {journal.total:,} calls in the journal"
            resident = _resident() / 1e6
            first = first or resident
            figures.append(Figure(f"memory after {number:,} calls", resident, "MB", None, "first figure", first, kept))
    rate = calls / (perf_counter() - began)
    return [*figures, Figure("calls a second, in process", rate)]


async def _call(app: MockServer, number: int) -> None:
    """A page somewhere, with a parameter that nobody knows: what is kept by address would grow with it."""
    query = f"limit=2&offset={number % 300}&stranger{number}={number}"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/apimo/agencies/101/leads",
        "raw_path": b"/apimo/agencies/101/leads",
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8080"), (b"authorization", b"Basic " + _BASIC)],
        "server": ("127.0.0.1", 8080),
    }
    await app(scope, _nothing, _swallow)


async def _nothing() -> Any:
    return {"type": "http.request", "body": b""}


async def _swallow(message: Any) -> None:
    if message["type"] == "http.response.start" and message["status"] != 200:
        raise RuntimeError(f"status {message['status']}")


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096
