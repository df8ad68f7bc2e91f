"""Judges the clients from outside again and again by the whole battery, also beside busy loops: `python -m
tests.repeat_outside --runs 10 --busy 2`. It writes a row for each client, and ends with 1 when any had a finding that
is more than advice."""

import argparse
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from mockserver.judge import judge
from mockserver.judge.report import Report
from tests.judge.test_outside_clients import EVERY_CASE, INTERPRETERS, OUTSIDE

LOOP = "while True: pass"


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    wrong = 0
    with ExitStack() as stack:
        for _ in range(options.busy):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", LOOP]))
            stack.callback(loop.kill)
        for client, provider in EVERY_CASE:
            if options.client in client and options.provider in ("", provider):
                wrong += row(client, provider, options)
    return 1 if wrong else 0


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.repeat_outside")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--busy", type=int, default=0, help="busy loops beside the clients")
    parser.add_argument("--client", default="", help="a part of a file name")
    parser.add_argument("--provider", default="")
    parser.add_argument("--quick", action="store_true", help="a few drills for each must in the place of all")
    return parser.parse_args(arguments)


def row(client: str, provider: str, options: argparse.Namespace) -> int:
    """Judges one client as often as asked for, writes its row, and returns how many runs were not clean."""
    command = [INTERPRETERS[Path(client).suffix], str(OUTSIDE / client)]
    findings: Counter[str] = Counter()
    seconds, wrong = [], 0
    for _ in range(options.runs):
        report = judge(command, provider=provider, quick=options.quick)
        wrong += report.exit_code != 0
        seconds.append(report.seconds)
        findings.update(findings_of(report))
    told = ", ".join(f"{name} ({count})" for name, count in sorted(findings.items())) or "none"
    each = f"{min(seconds):.0f} to {max(seconds):.0f} s"
    sys.stdout.write(f"{client:18} {provider:7} {options.runs} runs, {each}, {wrong} not clean; findings: {told}\n")
    sys.stdout.flush()
    return wrong


def findings_of(report: Report) -> set[str]:
    """The obligations that were broken, with their severity; faults of ours by the name of the drill."""
    broken = {f"{found.id} {found.severity.value}" for found in report.broken()}
    return broken | {f"{drill.name}: fault of ours" for drill in report.drills if drill.faulty}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
