"""Measures starts: the server until its first answer, the plugin in a run without it, a test of its own, the judge."""

import asyncio
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.server.app import MockServer, build
from tests.benchmarks.figures import Figure
from tests.benchmarks.measure import sample
from tests.benchmarks.servers import ROOT, Server, limit, ours, running

PLUGIN = """
import time
import pytest
began = time.thread_time()
import mockserver.__main__
mockserver.__main__.pytest_plugin
print((time.thread_time() - began) * 1e3)
"""
CLIENT = "import os, pathlib, time; pathlib.Path(os.environ['STARTED'], str(time.time_ns())).touch()"
_PATIENCE = 60.0
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Whoever forbids bytecode compiles everything at each start."""


def report(times: int = 7) -> list[Figure]:
    """Returns the least of so many starts each, ours and the rival's in turn."""
    with TemporaryDirectory() as folder:
        return [*_cold_starts(Path(folder), times), *_plugin(times), *_sandboxes(times), _first_drill(times)]


def _cold_starts(folder: Path, times: int) -> Iterator[Figure]:
    sample(folder)
    figures: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(times):
        for server in (ours(), limit()):
            figures.setdefault(server.name, []).append(_start(server, folder))
    (wall, cpu, memory), rival = (tuple(map(min, zip(*entries, strict=True))) for entries in figures.values())
    name = "constant bytes"
    yield Figure("cold start to the first answer", wall, "ms", 1.5 * rival[0], name, rival[0])
    yield Figure("the same in CPU time", cpu, "ms", 1.5 * rival[1], name, rival[1])
    yield Figure("memory at the first answer", memory, "MB", 60, name, rival[2])


def _start(server: Server, folder: Path) -> tuple[float, float, float]:
    """Milliseconds until the first answer, those of CPU among them, and megabytes."""
    with running(server, folder) as started:
        schedule = Path("/proc", str(started.process.pid), "schedstat")
        cpu = int(schedule.read_text().split()[0]) / 1e6 if schedule.exists() else 0.0
        return started.started_in * 1e3, cpu, started.memory().resident / 1e6


def _plugin(times: int) -> Iterator[Figure]:
    command = [sys.executable, "-c", PLUGIN]
    took = [
        float(subprocess.run(command, capture_output=True, cwd=ROOT, env=_ENVIRONMENT, check=True).stdout)
        for _ in range(times)
    ]
    yield Figure("plugin in a pytest run that does not use it", min(took), "ms", 15)


def _sandboxes(times: int) -> Iterator[Figure]:
    app, seeds = build(Settings(now=1_767_225_600)), count(100)

    def of_a_test() -> None:
        app.sandboxes.delete(app.sandboxes.create(SandboxRequest()).id)

    def of_own_seed() -> None:
        made = app.sandboxes.create(SandboxRequest(seed=next(seeds)))
        _list_leads(app, made.id)
        app.sandboxes.delete(made.id)

    usual = quantiles(_took(of_a_test, 200 * times), n=100)
    yield Figure("sandbox of a test, made and deleted, p99", usual[98] * 1e3, "ms", 1)
    own = min(_took(of_own_seed, times))
    yield Figure("the same with a seed of its own, and a page of 25 leads", own * 1e3, "ms", 20)


def _took(work: Callable[[], None], times: int) -> list[float]:
    """Seconds of CPU of each time."""
    took = []
    for _ in range(times):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return took


def _list_leads(app: MockServer, sandbox: str) -> None:
    account = next(iter(app.sandboxes.get(sandbox).accounts["apimo"].values()))  # type: ignore[union-attr]
    credentials = b64encode(f"{account.user}:{account.secret}".encode())
    headers = [(b"host", b"localhost"), (b"authorization", b"Basic " + credentials)]
    path = f"/~{sandbox}/apimo/agencies/101/leads"
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"limit=25"}

    async def receive() -> dict[str, str]:
        return {"type": "http.request"}

    async def send(message: dict[str, int]) -> None:
        assert message.get("status", 200) == 200

    server = {"server": ("localhost", 80), "client": None, "scheme": "http", "headers": headers}
    asyncio.run(app({**scope, **server}, receive, send))  # type: ignore[arg-type]


def _first_drill(times: int) -> Figure:
    """The least time from the start of `mockserver conform --quick` to that of the first client."""
    return Figure("conform --quick to its first client", min(_first_client() for _ in range(times)), "ms", 300)


def _first_client() -> float:
    with TemporaryDirectory() as folder, _conform(folder) as process:
        began = time.time_ns()
        while not (started := sorted(os.listdir(folder))):
            if process.poll() is not None or time.time_ns() - began > _PATIENCE * 1e9:
                raise RuntimeError("no client was started")
            time.sleep(0.005)
        return (int(started[0]) - began) / 1e6


@contextmanager
def _conform(folder: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "mockserver", "conform", "--quick", "--provider", "gsl"]
    client = ["--", sys.executable, "-S", "-c", CLIENT]
    environment = {**_ENVIRONMENT, "STARTED": folder}
    with subprocess.Popen(
        [*command, *client], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
