"""Measures the cost of state in a database: one worker over each kind of store, as ratios to memory in the same run.

`python -m tests.benchmarks.stores [--rounds N] [--seconds S]`. PostgreSQL takes part where it is installed, and writes
through to the disk as it does by default.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.load import make_generator
from tests.benchmarks.measure import Plan, measure
from tests.benchmarks.report import about, as_table
from tests.benchmarks.servers import Server, ours
from tests.support.databases import find_programs, new_server

_numbers = count(1)


def main() -> None:
    """Runs it all; exit code 1 when an answer is not what it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stores", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each workload (3)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of load on a server in a round (1)")
    options = parser.parse_args()
    generator, generate = make_generator()
    plan = Plan(options.rounds, options.seconds, 1.0, 1, generate, lambda text: None)
    with _servers() as servers, TemporaryDirectory() as folder:
        results = measure(servers, Path(folder), plan)
    names = [server.name for server in servers]
    sys.stdout.write(as_table(results, names, about(generator, options.rounds, options.seconds)))
    sys.exit(1 if results.errors else 0)


@contextmanager
def _servers() -> Iterator[list[Server]]:
    # In each start a database of its own: a cold start is one over an empty store.
    sqlite = Server("sqlite", lambda folder, _: _command(f"sqlite:///{folder}/store-{next(_numbers)}.db"))
    if find_programs() is None:
        yield [ours(), sqlite]
        return
    with new_server(quick=False) as database:
        yield [ours(), sqlite, Server("postgresql", lambda _, __: _command(database.database()))]


def _command(store: str) -> list[str]:
    return [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--store", store]


if __name__ == "__main__":
    main()
