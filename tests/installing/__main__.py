"""Resolves beside each neighbour at both ends; with --lane it runs the quick tests beside all old ones, and all new.

`python -m tests.installing [--lane]`; exit code 1 when something does not fit.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.installing.neighbours import (
    LANE,
    NEIGHBOURS,
    ROOT,
    TOGETHER,
    Bound,
    Neighbour,
    NotResolved,
    make_environment,
    resolve,
)


def main() -> int:
    """Prints a table. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.installing", description=__doc__)
    parser.add_argument("--lane", action="store_true", help="install and run the quick tests, too")
    parser.add_argument("arguments", nargs="*", help="arguments of pytest, behind --")
    options = parser.parse_args()
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(_row, NEIGHBOURS))
    print("| beside | resolves | with |\n|---|---|---|", *(" ".join(row) for row in rows), sep="\n")  # noqa: T201
    failed = any("| no |" in row for row in rows)
    if options.lane:
        failed |= any([_lane(TOGETHER, "lowest-direct", options.arguments), _lane((), "highest", options.arguments)])
    return int(failed)


def _row(neighbour: Neighbour) -> list[str]:
    try:
        pins = neighbour.resolve()
    except NotResolved as error:
        print(f"beside {neighbour.name}: {error}", file=sys.stderr)  # noqa: T201
        return ["|", neighbour.name, "| no |"]
    name = neighbour.requirements[0].partition("==")[0]
    releases = [next(pin for pin in pins[bound] if pin.partition("==")[0] == name) for bound in pins]
    return ["|", neighbour.name, "| yes |", " and ".join(dict.fromkeys(releases)), "|"]


def _lane(requirements: tuple[str, ...], bound: Bound, arguments: list[str]) -> bool:
    """Tells whether a test failed."""
    with TemporaryDirectory() as folder:
        python = make_environment(Path(folder), resolve((*requirements, *LANE), bound), editable=True)
        command = [
            *(str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.installing.lane"),
            # What other libraries deprecate of each other is not ours to mend.
            *("-o", "filterwarnings=error:::mockserver.*", "-m", "not slow", "-n", "auto", "--dist", "worksteal"),
            *arguments,
        ]
        return subprocess.run(command, cwd=ROOT, check=False).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
