"""Fixtures that tests share: an application in process, and a real server as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from unittest import TestCase

import pytest
from hypothesis import settings

from mockserver.foundation.settings_reading import read_settings
from mockserver.server.app import MockServer, build
from tests.support.databases import make_store, open_store, postgresql, providers  # noqa: F401 - fixtures, asked for by name
from tests.support.in_process import TestClient, end_loop
from tests.support.patience import PATIENCE
from tests.support.shortcuts import (  # noqa: F401 - fixtures of every run
    certificates_are_read_once,
    clients_are_patient,
    garbage_is_collected,
    keys_reach_programs,
    no_proxy_is_asked,
    sources_are_parsed_once,
    worlds_are_made_once,
)

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "tests" / "benchmarks"
NOW = 1_767_225_600
"""2026-01-01T00:00:00Z: where the clock stands in tests that do not say otherwise."""
AUTH = ("4321", "0123456789abcdef0123456789abcdef01234567")
"""Apimo's default credentials."""

# The same examples in every run: a test that fails here fails everywhere.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

MakeClient = Callable[..., TestClient]
StartServer = Callable[..., "Served"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tests wait much of their time, for servers and clients: one more runs at once than there are cores."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what is slow before the rest, so that no worker begins with it when the others are done.

    Nor is it traced for coverage, which takes as long again: quick tests reach the same lines. So it is with state
    machines, and what the benchmarks' own tests reach is no code of the package.
    """
    for item in items:
        if item.get_closest_marker("slow") or _reaches_nothing_new(item):
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _reaches_nothing_new(item: pytest.Item) -> bool:
    cls = getattr(item, "cls", None)
    return BENCHMARKS in item.path.parents or (cls is not None and issubclass(cls, TestCase))


class Served:
    """A running `mockserver serve`: its first line, its log, its end."""

    def __init__(self, process: "subprocess.Popen[str]", first_line: str, log: Path) -> None:
        self.process = process
        self.first: dict[str, Any] = json.loads(first_line)
        self.url: str = self.first["url"]
        self._log = log

    @property
    def port(self) -> int:
        """The port of the main address."""
        return int(self.url.rpartition(":")[2])

    def log(self) -> str:
        """Standard error so far."""
        return self._log.read_text(encoding="utf-8")

    def stop(self) -> int:
        """Ends it with SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE)


@pytest.fixture
def make_app() -> Callable[..., MockServer]:
    """Builds an application from settings; by default the small world with its clock standing at `NOW`."""

    def make(**settings: Any) -> MockServer:
        return build(read_settings({"world": "small", "now": NOW, **settings}))

    return make


@pytest.fixture
def make_client(make_app: Callable[..., MockServer]) -> MakeClient:
    """A client of a fresh application in process, with Apimo's credentials."""

    def make(**settings: Any) -> TestClient:
        client = TestClient(make_app(**settings), base_url="http://127.0.0.1:8080")
        client.auth = AUTH
        return client

    return make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of a fresh application over the small world."""
    return make_client()


def start(tmp: Path, *arguments: str, environment: dict[str, str] | None = None) -> Served:
    """Starts `mockserver serve --port 0` with arguments and waits for its first line."""
    log = tmp / "stderr.log"
    stderr: IO[str] = log.open("w", encoding="utf-8")
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=ROOT, env={**clean, **(environment or {})}
    )
    stderr.close()
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the server did not start: {log.read_text(encoding='utf-8')}"
    return Served(process, line, log)


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers as processes; they are stopped after the test."""
    running: list[Served] = []

    def run(*arguments: str, environment: dict[str, str] | None = None) -> Served:
        served = start(tmp_path, *arguments, environment=environment)
        running.append(served)
        return served

    yield run
    for served in running:
        served.stop()
        assert served.process.stdout is not None
        served.process.stdout.close()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serves for the whole run, over the default world with the clock standing: for tests that only read or add."""
    served = start(tmp_path_factory.mktemp("live"), "--now", "2026-01-01T00:00:00Z")
    yield served
    served.stop()
    assert served.process.stdout is not None
    served.process.stdout.close()


def children() -> set[int]:
    """Processes that this one has started and that are there, those of other tests included."""
    pids = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1]) == os.getpid():
                pids.add(int(stat.parent.name))
    return pids


@pytest.fixture(autouse=True)
def loop_ends_with_the_test() -> Iterator[None]:
    """Nothing that a test has started goes on in the next one."""
    yield
    end_loop()
