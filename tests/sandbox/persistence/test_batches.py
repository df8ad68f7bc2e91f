"""Calls that come together are committed together: none is told before, and each is as if it had come alone."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from mockserver.foundation.problems import Problem
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.persistence.sql.sqlite_connection import SqliteConnection
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.unit_of_work import StoreBusy
from tests.sandbox.persistence.test_repositories import record
from tests.support.databases import KINDS, MakeStore, OpenStore


def paths(sandbox: Sandbox) -> list[str]:
    """The paths of the journal."""
    with sandbox.transaction():
        entries = [(entry.id, entry.path) for entry in sandbox.journal.entries()]
    assert [id for id, _ in entries] == list(range(1, len(entries) + 1))
    return [path for _, path in entries]


class Calls:
    """Calls of a sandbox, each of which counts, and is in the journal."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.done: list[str] = []
        self.ends: list[tuple[str, Exception | None]] = []

    def add(self, path: str, fail: Callable[[], object] = lambda: None) -> None:
        """Makes one."""

        def call() -> None:
            self.done.append(path)
            self.sandbox.usage.next_number("apimo")
            record(self.sandbox, path=path)
            fail()

        self.sandbox.submit(call, lambda error: self.ends.append((path, error)))


def in_loop(work: Callable[[], object], rounds: int = 2) -> None:
    """Does something in an event loop, which makes some rounds afterwards."""

    async def run() -> None:
        work()
        for _ in range(rounds):
            await asyncio.sleep(0)

    asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
def test_none_is_told_before_all_of_them_are_stored(kind: str, make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store(kind)
    here, there = open_store(store).default, open_store(store).default
    calls = Calls(here)

    def work() -> None:
        for number in range(3):
            calls.add(f"/{number}")
        assert calls.ends == []

    in_loop(work)
    assert calls.ends == [("/0", None), ("/1", None), ("/2", None)]
    assert calls.done == ["/0", "/1", "/2"]
    assert paths(there) == paths(here) == ["/0", "/1", "/2"]
    with there.transaction():
        assert there.usage.next_number("apimo") == 4


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_sees_what_is_pending(kind: str, make_store: MakeStore, open_store: OpenStore) -> None:
    calls = Calls(open_store(make_store(kind)).default)

    def work() -> None:
        calls.add("/pending")
        assert paths(calls.sandbox) == ["/pending"]
        assert calls.ends == [("/pending", None)], "it was committed before another transaction began"

    in_loop(work)
    assert calls.done == ["/pending"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_fails_takes_no_other_with_it(kind: str, make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store(kind)
    here, there = open_store(store).default, open_store(store).default
    calls = Calls(here)

    def work() -> None:
        calls.add("/before")
        with pytest.raises(ZeroDivisionError):
            calls.add("/failed", lambda: 1 / 0)
        calls.add("/after")

    in_loop(work)
    assert calls.ends == [("/before", None), ("/after", None)]
    assert paths(there) == paths(here) == ["/before", "/after"]
    with there.transaction():
        assert there.usage.next_number("apimo") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_event_loop_each_is_committed_at_once(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    store = make_store(kind)
    calls = Calls(open_store(store).default)
    for path in ("/one", "/two"):
        calls.add(path)
        assert calls.ends[-1] == (path, None)
    assert paths(open_store(store).default) == ["/one", "/two"]


@pytest.mark.slow
def test_calls_are_done_again_when_others_were_first(make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store("postgresql")
    here, there = open_store(store).default, open_store(store).default
    calls, heard = Calls(here), list[str]()
    here.journal.listeners.add(lambda entry: heard.append(entry.path))

    def work() -> None:
        calls.add("/one")
        calls.add("/two")
        # Nothing is locked meanwhile.
        record(there, path="/first")
        with there.transaction():
            there.usage.next_number("gsl")
            there.clock.advance(1)

    in_loop(work)
    assert calls.done == ["/one", "/two"] * 2
    assert heard == ["/one", "/two"]
    assert calls.ends == [("/one", None), ("/two", None)]
    assert paths(there) == paths(here) == ["/first", "/one", "/two"]
    assert there.dump() == here.dump()


@pytest.mark.slow
def test_who_loses_twice_locks_the_sandbox(make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store("postgresql")
    here, there = open_store(store).default, open_store(store).default
    calls = Calls(here)
    rivals = iter(("/first", "/second"))

    def overtake() -> None:
        for path in rivals:
            record(there, path=path)
            break

    in_loop(lambda: calls.add("/mine", overtake))
    assert calls.done == ["/mine"] * 3
    assert calls.ends == [("/mine", None)]
    assert paths(there) == paths(here) == ["/first", "/second", "/mine"]
    assert there.dump() == here.dump()


@pytest.mark.slow
def test_calls_wait_for_a_lock_that_another_process_holds(make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store("postgresql")
    here, there = open_store(store).default, open_store(store).default
    calls = Calls(here)

    async def run() -> None:
        with there.transaction():
            there.clock.advance(1)
            calls.add("/waits")
            await asyncio.sleep(0.02)
            calls.add("/waits, too")
            with pytest.raises(StoreBusy), here.transaction():
                raise AssertionError("what is pending comes first")
            assert calls.ends == []
        while len(calls.ends) < 2:
            await asyncio.sleep(0.001)

    asyncio.run(run())
    assert calls.ends == [("/waits", None), ("/waits, too", None)]
    assert paths(there) == paths(here) == ["/waits", "/waits, too"]
    assert there.dump() == here.dump()


@pytest.mark.parametrize("kind", KINDS)
def test_calls_of_a_sandbox_that_another_process_deletes_are_told(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    store = make_store(kind)
    here, there = open_store(store), open_store(store)
    calls = Calls(here.create(SandboxRequest(id="short")))
    calls.add("/stored")
    there.delete("short")
    ends: list[Exception | None] = []
    try:
        calls.add("/gone")
    except SandboxGone as gone:
        ends.append(gone)
    ends += [error for path, error in calls.ends if path == "/gone"]
    assert [type(error) for error in ends] == [SandboxGone]
    assert here.repository.find("short") is None


def test_a_store_that_fails_at_the_end_undoes_all_of_them(
    make_store: MakeStore, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store("sqlite")
    calls = Calls(open_store(store).default)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    def work() -> None:
        monkeypatch.setattr(SqliteConnection, "finish", fail)
        calls.add("/one")
        calls.add("/two")

    calls.add("/stored")
    in_loop(work)
    monkeypatch.undo()
    assert [path for path, error in calls.ends if isinstance(error, Problem)] == ["/one", "/two"]
    assert paths(calls.sandbox) == paths(open_store(store).default) == ["/stored"]
    with calls.sandbox.transaction():
        assert calls.sandbox.usage.next_number("apimo") == 2
