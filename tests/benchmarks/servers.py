"""The servers under test, each started as a process of its own: ours, and the limit. Peers are in `peers`."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.workloads import HOST, MARK, PAGE_OF_1, POST, TOKEN_REQUESTS, Workload, reference

ROOT = Path(__file__).parents[2]
_PATIENCE = 60
"""Seconds until a start counts as failed; a JVM on a busy machine is slow."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can be started: `command` gets a folder with the answers it is to give, and a port."""

    name: str
    command: Callable[[Path, int], list[str]]
    announces: bool = True
    """Whether its first line says where it listens; else it listens at the port it was given."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its process and its port."""

    server: Server
    process: "subprocess.Popen[str]"
    port: int
    started_in: float
    """Seconds from the start of the process to its first answer, a page of 1."""

    def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: str = ""
    ) -> tuple[int, bytes]:
        """Makes one request on a connection of its own: status and body."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_PATIENCE)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def answer(self, workload: Workload) -> bytes:
        """The answer to a workload. Raises RuntimeError unless it has the expected status and is full."""
        body = workload.body.replace(MARK, reference(time.time_ns() % 10**14))
        status, answer = self.ask(workload.method, workload.path, headers=workload.headers, body=body)
        if status != workload.status or not workload.is_full(answer):
            raise RuntimeError(f"{self.server.name} answers {workload.name} with {status}: {answer[:200]!r}")
        return answer

    def memory(self) -> "Memory":
        """The memory that it and its children hold now, and held at most."""
        return _memory(self.process.pid)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in bytes; 0 where there is no /proc."""

    resident: int = 0
    peak: int = 0


def ours() -> Server:
    """`mockserver serve` as everybody starts it: authentication, contract checks and journal on."""
    return Server("mockserver", lambda _, __: [sys.executable, "-m", "mockserver", "serve", "--port", "0"])


def limit() -> Server:
    """Constant bytes on the same uvicorn."""
    return Server("constant", lambda folder, _: [sys.executable, "-m", "tests.benchmarks.constant", str(folder)])


@contextmanager
def running(server: Server, folder: Path) -> Iterator[Running]:
    """A server from its start until the end of the block. Raises RuntimeError when it does not answer."""
    port = 0 if server.announces else _free_port()
    log = folder / f"{server.name}.log"
    # Whoever forbids bytecode compiles everything at each start.
    removed = ("MOCKSERVER_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(removed)}
    with log.open("w", encoding="utf-8") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(
            server.command(folder, port),
            stdout=subprocess.PIPE if server.announces else subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
    try:
        yield _first_answer(server, process, port, began, log)
    finally:
        _stop(process)


def tokens_of(server: Running) -> dict[str, str]:
    """The tokens that our server issues; all of its processes take them, since they sign with one key."""
    tokens = {}
    for provider, wanted in TOKEN_REQUESTS.items():
        headers = {"Content-Type": "application/json"}
        status, answer = server.ask("POST", f"/{provider}/oauth/token", headers=headers, body=json.dumps(wanted))
        if status != 200:
            raise RuntimeError(f"{provider} issues no token: {status} {answer!r}")
        tokens[provider] = str(json.loads(answer)["access_token"])
    return tokens


def everything_is_on(server: Running) -> None:
    """Raises RuntimeError unless authentication, contract checks and journal show in the answers of our server."""
    path, headers = POST.path, POST.headers
    refused = server.ask(POST.method, path, headers={**headers, "Authorization": "Basic eDp5"}, body=POST.body)[0]
    wrong = server.ask(POST.method, path, headers=headers, body='{"reference": []}')[0]
    total = journal(server)["total"]
    if (refused, wrong) != (401, 422) or total < 2:
        raise RuntimeError(
            f"not everything is on: {refused} without credentials, {wrong} for nonsense, {total} in journal"
        )


def journal(server: Running) -> dict[str, Any]:
    """The journal of our server with its newest entry."""
    entries: dict[str, Any] = json.loads(server.ask("GET", "/__admin/journal?limit=1")[1])
    return entries


def total_items(server: Running) -> int:
    """The number of leads that our server lists where the workload posts them."""
    status, answer = server.ask("GET", PAGE_OF_1.path, headers=PAGE_OF_1.headers)
    assert status == 200, answer
    return int(json.loads(answer)["total_items"])


def _first_answer(server: Server, process: "subprocess.Popen[str]", port: int, began: float, log: Path) -> Running:
    if process.stdout is not None:
        line = process.stdout.readline()
        port = int(json.loads(line)["url"].rpartition(":")[2]) if line else 0
    candidate = Running(server, process, port, 0)
    while process.poll() is None and port and time.perf_counter() - began < _PATIENCE:
        try:
            candidate.answer(PAGE_OF_1)
        except (ConnectionError, RuntimeError):
            if server.announces:
                raise
            time.sleep(0.002)
        else:
            return Running(server, process, port, time.perf_counter() - began)
    raise RuntimeError(f"{server.name} did not start: {log.read_text(encoding='utf-8')[-500:]}")


def _stop(process: "subprocess.Popen[str]") -> None:
    """Ends the process and its children: they have a process group to themselves."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def _memory(pid: int) -> Memory:
    process = Path("/proc", str(pid))
    try:
        lines = (process / "status").read_text().splitlines()
        children = (process / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return Memory()
    values = {
        name: int(value.split()[0]) * 1024
        for name, _, value in (line.partition(":") for line in lines)
        if name in ("VmRSS", "VmHWM")
    }
    below = [_memory(int(child)) for child in children]
    return Memory(
        values.get("VmRSS", 0) + sum(memory.resident for memory in below),
        values.get("VmHWM", 0) + sum(memory.peak for memory in below),
    )
