"""Measures whether memory stays bounded: a million calls, most of them different, to one sandbox."""

import asyncio
from base64 import b64encode
from pathlib import Path
from time import perf_counter
from typing import Any

from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer, build

_BASIC = b64encode(b"4321:0123456789abcdef0123456789abcdef01234567")


def report(calls: int = 1_000_000) -> str:
    """A table: resident memory after a hundredth, a tenth and all of the calls, and the ratio to the first."""
    return asyncio.run(_report(calls))


async def _report(calls: int) -> str:
    app = build(Settings(now=1_767_225_600))
    lines = ["calls        resident MB   ratio   journal kept   evicted"]
    first = 0.0
    began = perf_counter()
    for number in range(1, calls + 1):
        await _call(app, number)
        if number in (calls // 100, calls // 10, calls):
            resident = _resident()
            first = first or resident
            journal = app.sandbox.journal
            held = journal.total - journal.evicted
            lines.append(
                f"{number:<12,} {resident / 1e6:>11.0f} {resident / first:>7.2f} {held:>14,} {journal.evicted:>9,}"
            )
    lines.append(f"{calls / (perf_counter() - began):,.0f} calls a second, in process")
    return "\n".join(lines) + "\n"


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
