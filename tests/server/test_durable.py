"""What a client was told is stored is there, however the process that told it ended."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event, Semaphore
from typing import IO, Any

import pytest

from tests.conftest import AUTH, ROOT
from tests.support.databases import MakeStore
from tests.support.lanes import slow
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.no_cover
"""A sweep: other tests reach the same code, and tracing this one takes long."""

CLIENTS = 4
LEADS = "/apimo/agencies/101/leads"
HEADERS = {
    "authorization": f"Basic {b64encode(':'.join(AUTH).encode()).decode()}",
    "content-type": "application/json",
}


class Killable:
    """See `tests.support.killable`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        self.input: IO[str] = process.stdin
        self.output: IO[str] = process.stdout
        self.port = int(self.output.readline())
        self.pid: int | None = None
        """The one that runs."""

    def start(self) -> int:
        """A new server; the id of its process."""
        self.input.write("go\n")
        self.input.flush()
        self.pid = int(self.output.readline())
        return self.pid

    def kill(self, pid: int) -> None:
        """Ends it as nothing can prepare for."""
        os.kill(pid, signal.SIGKILL)
        assert self.output.readline() == "dead\n"
        self.pid = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call that succeeds, with what it answers."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, json.dumps(body) if body else None, {**HEADERS, **headers})
            answer = connection.getresponse()
            content = json.loads(answer.read())
            assert answer.status in (200, 201), content
            return content


@contextmanager
def killable(store: str) -> Iterator[Killable]:
    """Servers of a store, one after the other at one port."""
    command = [sys.executable, "-m", "tests.support.killable", store]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT) as process:
        server = Killable(process)
        try:
            yield server
        finally:
            process.kill()
            # One that was not killed has no parent now that would.
            with suppress(ProcessLookupError):
                os.kill(server.pid or process.pid, signal.SIGKILL)


@contextmanager
def closing_after(over: Event) -> Iterator[None]:
    """Lets the clients end, whatever happens in between."""
    try:
        yield
    finally:
        over.set()


def post(port: int, name: str, told: Semaphore, over: Event) -> list[int]:
    """Posts leads, one after the other, whatever happens to the server; the ids of those that it acknowledged."""
    ids: list[int] = []
    while not over.is_set():
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
            try:
                while not over.is_set():
                    body = json.dumps({"reference": f"{name}-{len(ids)}", "lastname": "Martin"})
                    connection.request("POST", LEADS, body, HEADERS)
                    answer = connection.getresponse()
                    content = json.loads(answer.read())
                    assert answer.status == 200, content
                    ids.append(content["id"])
                    told.release()
            except (OSError, HTTPException):
                continue
    return ids


def listed(server: Killable) -> set[int]:
    """The ids of all leads that the server lists."""
    found: set[int] = set()
    while True:
        page = server.ask("GET", f"{LEADS}?limit=100&offset={len(found)}")["leads"]
        if not page:
            return found
        found |= {lead["id"] for lead in page}


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 5), slow("sqlite", 100), slow("postgresql", 10)])
def test_every_acknowledged_write_is_there_after_kills_under_load(kind: str, kills: int, make_store: MakeStore) -> None:
    store, chance, told, over = make_store(kind), Random(kills), Semaphore(0), Event()
    with ThreadPoolExecutor(CLIENTS) as clients, killable(store) as server, closing_after(over):
        posting = [clients.submit(post, server.port, f"client {number}", told, over) for number in range(CLIENTS)]
        for _ in range(kills):
            pid = server.start()
            for _ in range(chance.randint(1, 6)):
                assert told.acquire(timeout=PATIENCE)
            server.kill(pid)
        pid = server.start()
        over.set()
        acknowledged = [id for future in posting for id in future.result()]
        server.kill(pid)
    with killable(store) as another:
        pid = another.start()
        found = listed(another)
        another.kill(pid)
    assert len(acknowledged) >= kills
    assert len(set(acknowledged)) == len(acknowledged), "no id was given twice"
    assert set(acknowledged) <= found
    if kind == "sqlite":
        with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
