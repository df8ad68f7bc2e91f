"""Calls the fake as often as is wanted, with data that schemathesis and Hypothesis make up, and looks at every answer.

No answer may be a failure of the server or out of contract, each operation must have accepted something, and memory
must not grow from round to round. Exit code 1 when any of it does not hold.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from mockserver.providers.contracts import provider_names
from tests.soak.rounds import Totals, soak


def main() -> None:
    """Soaks each provider in a process of its own; as many at once as there are cores."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="calls over all providers (100000)")
    parser.add_argument("--provider", action="append", choices=provider_names(), help="only that one; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="other made-up data (1)")
    options = parser.parse_args()
    names = options.provider or provider_names()
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(soak, name, options.cases // len(names), options.seed): name for name in names}
        found = [_told(each.result()) for each in as_completed(running)]
    cases = sum(totals.cases for totals in found)
    sys.stdout.write(f"{cases} calls in {time.monotonic() - began:.0f} s\n")
    sys.exit(1 if any(totals.complaints for totals in found) or cases < options.cases - len(names) else 0)


def _told(totals: Totals) -> Totals:
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(totals.statuses.items()))
    sys.stdout.write(
        f"{totals.provider}: {totals.cases} calls in {totals.rounds} rounds, {len(totals.accepted)} operations; "
        f"{totals.checks} checks; {statuses}; memory {totals.first_megabytes} -> {totals.last_megabytes} MB\n"
    )
    for complaint in totals.complaints[:50]:
        sys.stdout.write(f"  {complaint}\n")
    sys.stdout.flush()
    return totals


if __name__ == "__main__":
    main()
