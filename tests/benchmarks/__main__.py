"""Measures our server against its limit and the peers that are installed. Asserts correctness, never a time."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import budgets, figures, page, report
from tests.benchmarks.load import make_generator
from tests.benchmarks.measure import Plan, Results, measure, sample
from tests.benchmarks.peers import peers
from tests.benchmarks.servers import limit, ours

OTHERS = ("road", "making", "size", "stores", "starts", "sandboxes", "calls", "judge")
"""Modules here with a `report()` that returns figures, each held against a rival where there is one."""


def main() -> None:
    """Runs it all; exit code 1 when a server or an answer is not what it should be."""
    options = _options()
    if options.budgets:
        budgets.record()
        return
    if options.page:
        page.write(_measured(options), {name: _report_of(name) for name in page.SECTIONS})
        return
    if options.only:
        found = _report_of(options.only)
        sys.stdout.write(figures.dumped(found) if options.json else figures.as_text(found))
        return
    results, names, about = _measured(options)
    render: Callable[[Results, Sequence[str], str], str] = report.as_json if options.json else report.as_table
    sys.stdout.write(render(results, names, about))
    sys.exit(1 if results.errors else 0)


def _report_of(name: str) -> list[figures.Figure]:
    _tell(f"{name}: one moment")
    found: list[figures.Figure] = import_module(f"tests.benchmarks.{name}").report()
    return found


def _measured(options: argparse.Namespace) -> tuple[Results, list[str], str]:
    """Returns what was measured, the names of the servers, and a line on how it was measured."""
    generator, generate = make_generator(options.generator)
    servers = [ours(), limit(), *([] if options.no_peers else peers(options.peers_dir))]
    with TemporaryDirectory() as folder:
        plan = Plan(
            options.rounds,
            options.seconds,
            options.warm_up,
            options.starts,
            generate,
            _tell,
            tuple(options.connections),
            sample(Path(folder)),
        )
        results = measure(servers, Path(folder), plan)
    names = [server.name for server in servers]
    return results, names, report.about(generator, options.rounds, options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each workload (3)")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="of load on a server in a round (1); whole ones with wrk"
    )
    parser.add_argument("--warm-up", type=float, default=1.0, help="seconds of load before the rounds, not counted (1)")
    parser.add_argument("--starts", type=int, default=5, help="cold starts of each server (5)")
    parser.add_argument(
        "--connections",
        type=int,
        nargs="+",
        default=[16, 128],
        help="numbers of connections, one after another (16 128)",
    )
    parser.add_argument("--generator", choices=["wrk", "python"], help="what makes the load; wrk when it is installed")
    parser.add_argument("--no-peers", action="store_true", help="leave the pact stub, WireMock, Prism and Mockoon out")
    parser.add_argument("--peers-dir", type=Path, help="a folder where peers are installed, beside the path")
    parser.add_argument("--only", choices=OTHERS, help="one of the measurements beside those of the servers")
    parser.add_argument(
        "--budgets",
        action="store_true",
        help="record the steps and instructions of each workload, which tests hold it to",
    )
    parser.add_argument("--page", action="store_true", help="measure everything and write tests/benchmarks/README.md")
    parser.add_argument("--json", action="store_true", help="every figure, instead of a table")
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
