"""Load on one server: by wrk when it is installed, else by a client of our own. One of them for a whole run."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.workloads import HOST, MARK, Workload

CONNECTIONS = 16
"""The number of connections where nothing else is said."""
_SCRIPT = Path(__file__).with_name("load.lua")
_PER_RUN = 10_000_000
"""More requests than one run can send: each run has that many references to itself."""


@dataclass(frozen=True, slots=True)
class Load:
    """The result of one run: answers, how many of them were not as expected or never came, bytes received, seconds."""

    requests: int
    seconds: float
    errors: int
    received: int
    p50: float = 0.0
    """Seconds in which half of the answers came."""
    p99: float = 0.0
    """Seconds in which all but one in a hundred came."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


Generator = Callable[[int, Workload, float, int], Load]
"""Loads the server at a port for some seconds, over that many connections."""


def make_generator(name: str | None = None) -> tuple[str, Generator]:
    """The generator of that name (`wrk` or `python`), or the best there is; with a phrase that says which it is."""
    runs = count(1)
    if name == "wrk" or (name is None and shutil.which("wrk")):
        return "wrk -t1", lambda port, workload, seconds, connections: _wrk(
            port, workload, seconds, connections, next(runs) * _PER_RUN
        )
    about = "a client in Python (no wrk: fast servers look closer than they are)"
    return about, lambda port, workload, seconds, connections: _client(
        port, workload, seconds, connections, next(runs) * _PER_RUN
    )


def _wrk(port: int, workload: Workload, seconds: float, connections: int, first: int) -> Load:
    headers = [part for name, value in workload.headers.items() for part in ("-H", f"{name}: {value}")]
    with TemporaryDirectory() as folder:
        body = Path(folder, "body")
        body.write_text(workload.body, encoding="utf-8")
        arguments = [workload.method, str(body), MARK, str(first), "bench-%014d"] if workload.body else ["GET"]
        command = ["wrk", "-t1", f"-c{connections}", f"-d{math.ceil(seconds)}", "-s", str(_SCRIPT), *headers]
        return _run([*command, f"http://{HOST}:{port}{workload.path}", "--", *arguments], workload)


def _client(port: int, workload: Workload, seconds: float, connections: int, first: int) -> Load:
    numbers = [str(port), str(seconds), str(connections), str(first)]
    return _run([sys.executable, "-m", "tests.benchmarks.client", *numbers], workload, _request(port, workload))


def _request(port: int, workload: Workload) -> str:
    lines = [f"{workload.method} {workload.path} HTTP/1.1", f"Host: {HOST}:{port}"]
    lines += [f"{name}: {value}" for name, value in workload.headers.items()]
    lines += [f"Content-Length: {len(workload.body)}"] if workload.body else []
    return "\r\n".join([*lines, "", workload.body])


def _run(command: list[str], workload: Workload, text: str = "") -> Load:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    counts = json.loads(done.stdout.strip().splitlines()[-1])
    lost, refused = counts.pop("lost"), counts.pop("refused")
    unexpected = counts["requests"] - refused if workload.status >= 400 else refused
    return Load(**counts, errors=lost + unexpected)
