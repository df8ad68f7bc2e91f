"""The measurements: all servers in turn, round after round, so that a change of the machine meets all of them."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.load import CONNECTIONS, Generator, Load
from tests.benchmarks.servers import (
    Memory,
    Running,
    Server,
    everything_is_on,
    journal,
    ours,
    running,
    tokens_of,
    total_items,
)
from tests.benchmarks.workloads import ALL, APIMO, POST, Workload, with_tokens


@dataclass(slots=True)
class Results:
    """Every single figure by what was measured (`W1`, `cold start`…), then by server, in the order of the rounds."""

    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    requests: int = 0
    errors: int = 0

    def add(self, measure: str, server: str, figure: float) -> None:
        """Adds a figure."""
        self.figures.setdefault(measure, {}).setdefault(server, []).append(figure)

    def middle(self, measure: str, server: str) -> float:
        """The median of all rounds."""
        return median(self.figures[measure][server])

    def ratios(self, measure: str, server: str, to: str) -> list[float]:
        """The ratio of two servers in each round."""
        pairs = zip(self.figures[measure][server], self.figures[measure][to], strict=True)
        return [figure / compared for figure, compared in pairs if compared]


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of rounds and starts, and times: `seconds` is one server's time in one round of one workload."""

    rounds: int
    seconds: float
    warm_up: float
    """Load on each server before the first round, not counted: caches fill, a JIT compiles."""
    starts: int
    generate: Generator
    tell: Callable[[str], None]
    connections: tuple[int, ...] = (CONNECTIONS,)
    """Each workload is measured with each of these numbers of connections."""
    workloads: tuple[Workload, ...] = APIMO


def sample(folder: Path) -> tuple[Workload, ...]:
    """Writes our answers to all workloads into the folder, for the others to serve; checks that everything is on.

    Returns the workloads with the tokens that they need.
    """
    with running(ours(), folder) as server:
        workloads = with_tokens(ALL, tokens_of(server))
        for workload in workloads:
            (folder / workload.name).write_bytes(server.answer(workload))
        everything_is_on(server)
    return workloads


def measure(servers: Sequence[Server], folder: Path, plan: Plan) -> Results:
    """Cold starts, then reads, then writes. Raises RuntimeError when an answer is not what it should be."""
    results = Results()
    _cold_starts(servers, folder, plan, results)
    with ExitStack() as stack:
        live = [stack.enter_context(running(server, folder)) for server in servers]
        _note_memory(live, "memory at the first answer", results)
        for workload in plan.workloads:
            if workload.name != POST.name:
                _rounds(workload, live, plan, results)
        _note_memory(live, "memory after reads", results)
        if POST in plan.workloads:
            _rounds(POST, live, plan, results)
            _note_memory(live, "memory after writes", results)
        _note_memory(live, "memory at most", results, of=lambda memory: memory.peak)
    return results


def _cold_starts(servers: Sequence[Server], folder: Path, plan: Plan, results: Results) -> None:
    for number in range(plan.starts):
        plan.tell(f"cold start {number + 1}/{plan.starts}")
        for server in servers:
            with running(server, folder) as started:
                results.add("cold start", server.name, started.started_in)


def _rounds(workload: Workload, live: Sequence[Running], plan: Plan, results: Results) -> None:
    for connections in plan.connections:
        name = measure_name(workload, connections)
        for server in live:
            _load(workload, server, plan.warm_up, connections, plan, results)
        for number in range(plan.rounds):
            plan.tell(f"{name} {workload.title}, {connections} connections, round {number + 1}/{plan.rounds}")
            for server in live:
                load = _load(workload, server, plan.seconds, connections, plan, results)
                results.add(name, server.server.name, load.rate)
                results.add(f"{name} p50", server.server.name, load.p50)
                results.add(f"{name} p99", server.server.name, load.p99)


def measure_name(workload: Workload, connections: int) -> str:
    """Returns the name of a workload's rate: `W1`, or `W1/128` where the number of connections is not the usual one."""
    return workload.name if connections == CONNECTIONS else f"{workload.name}/{connections}"


def _load(workload: Workload, server: Running, seconds: float, connections: int, plan: Plan, results: Results) -> Load:
    """Loads a server. Raises RuntimeError when answers before, under or after the load are not whole."""
    is_ours = server.server.name == ours().name
    least = len(server.answer(workload))
    seen, listed = (journal(server)["total"], total_items(server)) if is_ours else (0, 0)
    load = plan.generate(server.port, workload, seconds, connections)
    results.requests += load.requests
    results.errors += load.errors
    if load.requests == 0 or load.received < load.requests * least:
        raise RuntimeError(f"{server.server.name}: {load} is less than {least} bytes an answer to {workload.name}")
    if is_ours and journal(server)["total"] - seen < load.requests:
        raise RuntimeError(f"{load.requests} answers to {workload.name}, but fewer calls in the journal")
    if is_ours and workload == POST and total_items(server) - listed < load.requests:
        raise RuntimeError(f"{load.requests} answers to {workload.name}, but fewer leads in the list")
    server.answer(workload)
    return load


def _note_memory(
    live: Sequence[Running], name: str, results: Results, of: Callable[[Memory], int] = lambda memory: memory.resident
) -> None:
    for server in live:
        results.add(name, server.server.name, of(server.memory()))
