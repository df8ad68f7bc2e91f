"""Calls of the admin API take turns: one that takes long is done in slices, and none waits inside the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TypeVar

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.slices import SLICE, SliceOver, Uninterrupted, begin_slice, end_slice, look_at_the_time
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.unit_of_work import when_free

T = TypeVar("T")
U = TypeVar("U")

_MAX_SLICES = 10_000
"""The most slices of one call, a hundred seconds; what is not done then is done whole.

On a machine that has other work as well, little is done in each of them.
"""
_AT_ONCE = 100
"""Items, such as calls of a journal, that are done without a pause: some milliseconds."""


async def in_turns(sandbox: Sandbox, work: Callable[[], T]) -> T:
    """Calls a function in a transaction of the sandbox, and again as often as its time slice ends before it does.

    Raises SandboxGone, and StoreBusy after a while.
    """

    def take() -> Iterator[T]:
        with sandbox.transaction():
            begin_slice()
            try:
                return iter((work(),))
            except SliceOver:
                return iter(())
            finally:
                end_slice()

    for _ in range(_MAX_SLICES):
        for result in await when_free(take):
            return result
        await asyncio.sleep(0)
    return await at_once(sandbox, work)


async def at_once(sandbox: Sandbox, work: Callable[[], T]) -> T:
    """Calls a function in one transaction of the sandbox. Raises SandboxGone, and StoreBusy after a while."""

    def take() -> T:
        with sandbox.transaction():
            return work()

    return await when_free(take)


async def beside_others(sandbox: Sandbox, work: Callable[[], T]) -> T:
    """Calls a function in one transaction of the sandbox; where a database has it, in a thread, since it takes long."""
    if not sandbox.is_shared:
        return await at_once(sandbox, work)

    def take() -> T:
        with sandbox.transaction():
            return work()

    return await asyncio.to_thread(take)


async def one_by_one(sandbox: Sandbox, parts: Iterable[T]) -> list[T]:
    """Returns what an iterator makes, each part of it whole. In a shared sandbox all of them are one transaction."""
    results: list[T] = []
    if sandbox.is_shared:
        return await at_once(sandbox, lambda: list(parts))
    remaining = iter(parts)

    def go_on() -> None:
        while True:
            with Uninterrupted():
                before = len(results)
                results.extend([part for _, part in zip(range(1), remaining, strict=False)])
            if len(results) == before:
                return
            look_at_the_time()

    await in_turns(sandbox, go_on)
    return results


async def each_of(work: Callable[[T], U], items: Iterable[T]) -> list[U]:
    """Returns what a function makes of each item, which needs no transaction; others have their turn in between."""
    results = []
    for number, item in enumerate(items, 1):
        results.append(work(item))
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return results


async def in_slices(parts: Iterable[T]) -> AsyncIterator[T]:
    """Yields what an iterator makes, which needs no transaction; others have their turn when a slice of it is over."""
    begun = stopwatch()
    for part in parts:
        yield part
        if stopwatch() - begun >= SLICE:
            await asyncio.sleep(0)
            begun = stopwatch()
