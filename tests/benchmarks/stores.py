"""Measures the cost of state in a database: one server over each kind of store, held against memory in the same run.

Time is that of a call at 16 connections, and the processor's time in our own process beside it, which other load on the
machine does not change. PostgreSQL takes part where it is installed, and writes through to the disk as it does by
default; its round trips are those of single calls, one after the other.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Figure
from tests.benchmarks.load import CONNECTIONS, Generator, make_generator
from tests.benchmarks.servers import Running, Server, ours, running, tokens_of
from tests.benchmarks.workloads import ALL, PAGE_OF_100, POST, Workload, with_tokens
from tests.support.databases import PostgreSQL, find_programs, new_server
from tests.support.round_trips import RoundTrips

WORKLOADS = tuple(workload for workload in ALL if workload.name in ("W1", "W2", "W3", "W4", "W6"))
"""Pages of 100 and of 1, a POST, a GSL search and a Seeker list."""
LIMITS = {
    "sqlite": {PAGE_OF_100.name: 3.0, POST.name: 2.0},
    "postgresql": {PAGE_OF_100.name: 6.0, POST.name: 4.0},
}
"""How many times as long as over memory a call may take."""
_CALLS = 20
"""Single calls whose round trips are counted, after as many that are not."""
_numbers = count(1)


def report(rounds: int = 3, seconds: float = 1.0) -> list[Figure]:
    """Returns microseconds a call by workload and store, and round trips. Raises RuntimeError for a wrong answer."""
    _, generate = make_generator()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        database = stack.enter_context(new_server(quick=False)) if find_programs() is not None else None
        servers = [stack.enter_context(running(server, Path(folder))) for server in _servers(database)]
        workloads = with_tokens(WORKLOADS, tokens_of(servers[0]))
        figures = []
        for workload in workloads:
            figures += _compare(workload, servers, generate, rounds, seconds)
        return figures + (_round_trips(database, workloads, Path(folder)) if database is not None else [])


def _compare(
    workload: Workload, servers: Sequence[Running], generate: Generator, rounds: int, seconds: float
) -> list[Figure]:
    walls: dict[str, list[float]] = {server.server.name: [] for server in servers}
    processor: dict[str, list[float]] = {server.server.name: [] for server in servers}
    for number in range(rounds + 1):
        for server in servers:
            server.answer(workload)
            before = _processor_time(server.process.pid)
            load = generate(server.port, workload, seconds, CONNECTIONS)
            if load.errors or not load.requests:
                raise RuntimeError(f"{server.server.name}: {load} for {workload.name}")
            if number:
                # The first round fills caches.
                walls[server.server.name].append(load.seconds / load.requests * 1e6)
                used = _processor_time(server.process.pid) - before
                processor[server.server.name].append(used / load.requests * 1e6)
    return [
        figure
        for name, limits in LIMITS.items()
        if name in walls
        for figure in (
            _held_against_memory(workload, name, "", walls, limits.get(workload.name)),
            _held_against_memory(workload, name, ", processor", processor, None),
        )
    ]


def _held_against_memory(
    workload: Workload, name: str, what: str, times: dict[str, list[float]], limit: float | None
) -> Figure:
    taken, memory = median(times[name]), median(times["memory"])
    limit = None if limit is None else limit * memory
    return Figure(f"{workload.title} over {name}{what}", taken, "µs", limit, "memory", memory)


def _processor_time(pid: int) -> float:
    """Seconds that a process has computed; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _round_trips(database: PostgreSQL, workloads: Sequence[Workload], folder: Path) -> list[Figure]:
    address = database.database()
    with RoundTrips(database.port).running() as trips:
        store = address.replace(f":{database.port}/", f":{trips.port}/")
        with running(_over("postgresql, counted", store), folder) as server:
            return [_count(server, workload, trips) for workload in workloads]


def _count(server: Running, workload: Workload, trips: RoundTrips) -> Figure:
    for _ in range(_CALLS):
        server.answer(workload)
    trips.take()
    for _ in range(_CALLS):
        server.answer(workload)
    return Figure(f"{workload.title}, round trips to postgresql a call", trips.take() / _CALLS, "", 1.0)


def _servers(database: PostgreSQL | None) -> Iterator[Server]:
    yield Server("memory", ours().command)
    yield Server("sqlite", lambda folder, _: _command(f"sqlite:///{folder}/store-{next(_numbers)}.db"))
    if database is not None:
        yield _over("postgresql", database.database())


def _over(name: str, store: str) -> Server:
    return Server(name, lambda _, __: _command(store))


def _command(store: str) -> list[str]:
    return [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--store", store]
