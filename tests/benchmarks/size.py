"""Measures calls in a large world against the same calls in a small one, each with its world untouched.

Each size has a process of its own, `python -m tests.benchmarks.size ENQUIRIES`, which first makes every call in another
world: what is measured is what a world of that size adds, not imports. Seconds are those of the processor.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any, NoReturn

from tests.benchmarks.figures import Figure
from tests.benchmarks.in_process import NOW, Connection, body_of, bytes_of, make_server, make_sized, prepared, status_of
from tests.benchmarks.workloads import MARK, POST, Workload, reference

SMALL, LARGE = 1_000, 10_000_000
"""Enquiries of an agency."""
_ROOT = Path(__file__).parents[2]
_MS, _MOST_MS, _MOST_RATIO, _MOST_MB = 1e3, 20.0, 1.2, 120.0
_SEEDS = (1, 2, 3)
_WRITTEN = 100_000
_GIVEN_UP = 10.0
"""Seconds after which a call is broken off, and counts as that long."""
_DAY = 86_400


class _TakesTooLongError(KeyboardInterrupt):
    """Nothing on the way takes it for a failure of its own; a loop passes on no other exception of a task."""


def report(small: int = SMALL, large: int = LARGE, written: int = _WRITTEN) -> list[Figure]:
    """Returns the milliseconds of each call in both worlds, memory, and what written leads cost."""
    few, many = _measured(small), _measured(large)
    limit = f"{small:,} enquiries"
    figures = [
        Figure(
            f"{name}, cold, among {large:,}",
            took,
            "ms",
            _MOST_MS,
            limit,
            few["calls"][name],
            _too_much(took, few, name),
        )
        for name, took in many["calls"].items()
    ]
    figures.append(Figure(f"memory after all of them, {large:,}", many["memory"], "MB", _MOST_MB, limit, few["memory"]))
    return [*figures, *_written(written)]


def _too_much(took: float, few: dict[str, Any], name: str) -> str:
    return "" if took <= few["calls"][name] * _MOST_RATIO else f"more than {_MOST_RATIO:g} times"


def _measured(enquiries: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.size", str(enquiries)]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{enquiries:,} enquiries: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _main(enquiries: int) -> None:
    loop = asyncio.new_event_loop()
    make_calls(300, 9, loop)
    rounds = [make_calls(enquiries, seed, loop) for seed in _SEEDS]
    calls = {name: median(times[name] for times in rounds) * _MS for name in rounds[0]}
    sys.stdout.write(json.dumps({"calls": calls, "memory": _resident() / 1e6}) + "\n")


def make_calls(enquiries: int, seed: int, loop: asyncio.AbstractEventLoop) -> dict[str, float]:
    """Makes each call in a world that nobody has looked at; returns the seconds that it took."""
    took = {}
    tokens = {workload.token_of: workload.authorization for workload in prepared(make_server(seed), loop)}
    for name, ask_for in _requests(enquiries, tokens).items():
        connection = Connection(make_sized(enquiries, seed), loop)
        request = bytes_of(ask_for(connection))
        began = process_time()
        with _given_up():
            response = connection.ask(request)
            if status_of(response) not in (200, 201, 206):
                raise RuntimeError(f"{name}: {response[:1000]!r}")
        took[name] = process_time() - began
    return took


def _requests(enquiries: int, tokens: dict[str, str]) -> dict[str, Callable[[Connection], Workload]]:
    """The calls by name; some need to know what another one shows."""
    leads, admin = "/apimo/agencies/101/leads", "/__admin/sandboxes/default"
    week = {"SearchCriteria": {"StartDate": NOW - 37 * _DAY, "EndDate": NOW - 30 * _DAY}, "Pagination": {"Limit": 100}}
    seeker = f"/seeker/seeker-leads/v1/leads?minDate={NOW - 37 * _DAY}&maxDate={NOW - 31 * _DAY}&limit=100"

    def gsl(path: str, body: Any) -> Workload:
        return Workload("", "", "POST", f"/gsl{path}", body=json.dumps(body), authorization=tokens["gsl"])

    def get(path: str, authorization: str = POST.authorization) -> Callable[[Connection], Workload]:
        return lambda _: Workload("", "", "GET", path, authorization=authorization)

    def by_classified(connection: Connection) -> Workload:
        shown = _shown(connection, gsl("/v2/leads/classifieds", {**week, "Pagination": {"Limit": 1}}))
        listing = shown["Data"]["Items"][0]["leadMetaInfos"]["classifiedID"]
        return gsl(f"/v2/leads/classifieds/{listing}", {"Pagination": {"Limit": 100}})

    def crossings(connection: Connection) -> Workload:
        shown = _shown(connection, get("/apimo/agencies/101/requests?limit=1")(connection))
        return get(f"/apimo/agencies/101/requests/{shown['requests'][0]['id']}/crossings?limit=10")(connection)

    def erasure(connection: Connection) -> Workload:
        lead = _shown(connection, get(f"{admin}/leads?limit=1")(connection))["leads"][0]
        return Workload("", "", "POST", f"{admin}/leads/{lead['id']}/erase")

    return {
        "first POST": lambda _: Workload("", "", "POST", leads, body=POST.body.replace(MARK, reference(1))),
        "page of 100 at the end": get(f"{leads}?limit=100&offset={enquiries - 100}"),
        "timestamp= of a day ago": get(f"{leads}?limit=100&timestamp={NOW - _DAY}"),
        "GSL search of a week": lambda _: gsl("/v2/leads", week),
        "GSL leads of a classified": by_classified,
        "Seeker list of six days": get(seeker, tokens["seeker"]),
        "contacts": get("/apimo/agencies/101/contacts?limit=100"),
        "crossings of a request": crossings,
        "crossings of a property": get("/apimo/agencies/101/properties/5120001/crossings?limit=10"),
        "properties by step": get("/apimo/agencies/101/properties?limit=100&step=3"),
        "admin list of leads": get(f"{admin}/leads?limit=100"),
        "erasure": erasure,
    }


def _shown(connection: Connection, workload: Workload) -> Any:
    return json.loads(body_of(connection.ask(bytes_of(workload))))


@contextmanager
def _given_up() -> Iterator[None]:
    def break_off(number: int, frame: Any) -> NoReturn:
        raise _TakesTooLongError

    before = signal.signal(signal.SIGALRM, break_off)
    signal.setitimer(signal.ITIMER_REAL, _GIVEN_UP)
    try:
        yield
    except _TakesTooLongError:
        """It counts as long as it was given."""
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _written(leads: int) -> list[Figure]:
    """Returns the cost of a POST among many written leads, of each of them in memory, and of a reset."""
    app, loop = make_server(1), asyncio.new_event_loop()
    connection = Connection(app, loop)
    head, _, tail = bytes_of(POST).partition(MARK.encode())
    times, before = [], _resident()
    for number in range(leads):
        request = head + reference(number).encode() + tail
        began = process_time()
        connection.ask(request)
        times.append(process_time() - began)
    kept = (_resident() - before) / leads
    began = process_time()
    app.sandbox.reset()
    reset = (process_time() - began) * 1e3
    loop.close()
    first, last = (quantiles(part, n=100)[98] * 1e6 for part in (times[: leads // 10], times[-leads // 10 :]))
    return [
        Figure(f"POST p99, the last tenth of {leads:,}", last, "µs", None, "the first tenth", first),
        Figure("memory of a written lead", kept / 1e3, "KB", 2.5),
        Figure("reset, of a thousand written leads", reset / leads * 1e3, "ms", 1.0),
    ]


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    _main(int(sys.argv[1]))
