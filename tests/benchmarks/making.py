"""Measures what a world costs: a lead alone and with its view, a page of 10,000, and the longest hold of the loop."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import process_time

from mockserver.server.server import freeze_gc
from tests.benchmarks.figures import Figure
from tests.benchmarks.in_process import Connection, bytes_of, make_sized, status_of
from tests.benchmarks.workloads import PAGE_OF_1

_LEADS = 2_000
_PAGE = 10_000
_KINDS = {"Apimo leads": "leads", "Apimo contacts": "contacts"}


def report(leads: int = _LEADS, page: int = _PAGE) -> list[Figure]:
    """Returns microseconds of the processor a lead, the seconds of a large page, and the longest hold of the loop."""
    with _collected_as_served():
        return _figures(leads, page)


@contextmanager
def _collected_as_served() -> Iterator[None]:
    """Has the collector of garbage look as seldom as it does in a server."""
    before = gc.get_threshold()
    gc.collect()
    freeze_gc()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _figures(leads: int, page: int) -> list[Figure]:
    loop = asyncio.new_event_loop()
    alone = min(_entities(leads, seed) for seed in (1, 2, 3)) / leads * 1e6
    shown = [min(_pages(path, leads, seed, loop) for seed in (1, 2)) / leads * 1e6 for path in _KINDS.values()]
    again = _again(leads, loop) / leads * 1e6
    cold, longest = _large_page(page, loop)
    loop.close()
    seen = "a lead shown again"
    return [
        Figure("a lead with its person, made", alone, "µs", None, seen, again),
        *(
            Figure(f"{name}: made, shown and checked, each", took, "µs", 100.0, seen, again)
            for name, took in zip(_KINDS, shown, strict=True)
        ),
        Figure(f"a page of {page:,} leads, cold", cold, "s", 1.5, "the same shown again", again * page / 1e6),
        Figure("the longest that the loop is held for it", longest * 1e3, "ms", 50.0),
    ]


def _entities(leads: int, seed: int) -> float:
    """The seconds in which a world makes its enquiries and their people."""
    world = make_sized(leads, seed).sandbox.world
    began = process_time()
    for position in range(leads):
        world.enquiry(101, position)
        world.person(101, position)
    return process_time() - began


def _pages(kind: str, leads: int, seed: int, loop: asyncio.AbstractEventLoop) -> float:
    """The seconds in which pages show all of them that were never shown before, without those of the first page."""
    return _shown(_Pages(kind, leads, seed, loop))


def _again(leads: int, loop: asyncio.AbstractEventLoop) -> float:
    """The seconds in which pages show leads that were shown before."""
    pages = _Pages("leads", leads, 1, loop)
    _shown(pages)
    return _shown(pages)


def _shown(pages: "_Pages") -> float:
    began = process_time()
    for request in pages.requests:
        pages.show(request)
    return process_time() - began


class _Pages:
    """A connection to a server over a world of so many leads, and the requests that show all of them."""

    def __init__(self, kind: str, leads: int, seed: int, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = Connection(make_sized(leads, seed), loop)
        self.show(_request(f"/apimo/agencies/102/{kind}?limit=1"))
        paths = (f"/apimo/agencies/101/{kind}?limit=100&offset={offset}" for offset in range(0, leads, 100))
        self.requests = [_request(path) for path in paths]

    def show(self, request: bytes) -> None:
        """Raises RuntimeError when a page is not shown."""
        response = self._connection.ask(request)
        if status_of(response) != 200:
            raise RuntimeError(f"no page: {response[:500]!r}")


def _large_page(leads: int, loop: asyncio.AbstractEventLoop) -> tuple[float, float]:
    """The seconds of a page that nobody has looked at, and the longest hold of the loop among them."""
    connection = Connection(make_sized(leads, 1), loop)
    connection.ask(_request("/apimo/agencies/102/leads?limit=1"))
    holds = connection.holds(_request(f"/apimo/agencies/101/leads?limit={leads}"))
    return sum(holds), max(holds)


def _request(path: str) -> bytes:
    return bytes_of(replace(PAGE_OF_1, path=path))
