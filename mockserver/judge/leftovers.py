"""Finds and ends what a run leaves behind: processes in sessions and groups of their own, daemons among them.

Each run has a mark in its environment, which its processes inherit, whatever session they begin. On Linux this process
is their new parent once theirs has ended, so that the dead among them can be collected. Elsewhere there is no way to
find them: what is left shows in that the output is still held.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from mockserver.foundation.clock import stopwatch

MARK = "MOCKSERVER_RUN"
"""The variable that marks the processes of a run."""
_PROC = Path("/proc")
_SET_CHILD_SUBREAPER, _GET_CHILD_SUBREAPER = 36, 37
"""Of prctl(2)."""
_ROUNDS = 20
"""Looks for processes that are started while others are ended."""
_LOOK = 0.01
"""Seconds between two looks."""
_numbers = count(1)


def new_mark() -> str:
    """Returns a mark that no other run has, of this program or of another one that runs beside it."""
    return f"{os.getpid()}-{next(_numbers)}-{os.urandom(8).hex()}"


def children_of(parent: int) -> set[int]:
    """Returns the living processes that a process has started, or adopted; none where there is no /proc."""
    return {stat.pid for stat in _stats() if stat.parent == parent and stat.state not in ("Z", "X")}


def marked(mark: str, spared: Collection[int] | None = None) -> list[int]:
    """Returns the living processes that have the mark, and those that they have started; none where there is no /proc.

    A process that has taken the mark off is found as long as the one that started it is there. Where there is only one
    run, all children of this process but the `spared` ones are its.
    """
    parents = {stat.pid: stat.parent for stat in _stats() if stat.state not in ("Z", "X")}
    variable = f"{MARK}={mark}".encode()
    roots = {pid for pid in parents if variable in _environment(pid)}
    if spared is not None:
        roots |= {pid for pid, parent in parents.items() if parent == os.getpid() and pid not in spared}
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    left, processes = list(roots), set(roots)
    while left:
        for child in children.get(left.pop(), ()):
            if child not in processes:
                processes.add(child)
                left.append(child)
    return sorted(processes - {os.getpid()})


def end_marked(mark: str, grace: float, spared: Collection[int] | None = None) -> int:
    """Ends the processes that `marked` finds, asking them first; returns how many there were."""
    first = marked(mark, spared)
    if not first:
        return 0
    over = stopwatch() + grace
    _signal(first, signal.SIGTERM)
    while stopwatch() < over and marked(mark, spared):
        threading.Event().wait(_LOOK)
    seen = set(first)
    for _ in range(_ROUNDS):
        left = marked(mark, spared)
        if not left:
            break
        seen.update(left)
        _signal(left, signal.SIGKILL)
        threading.Event().wait(_LOOK)
    return len(seen)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


class _Stat(NamedTuple):
    pid: int
    state: str
    parent: int
    session: int


def _stats() -> Iterator[_Stat]:
    """Yields the processes of this machine."""
    for path in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            row = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            yield _Stat(int(path.parent.name), row[0], int(row[1]), int(row[3]))


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


class _Adoption:
    """Makes this process the new parent of orphans among its descendants, for as long as there are runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._programs: set[int] = set()
        self._others: set[int] = set()
        """The children that this process had before, which somebody else waits for."""
        self._before = 0

    def begin(self, start: Callable[[], "subprocess.Popen[bytes]"]) -> "subprocess.Popen[bytes]":
        """Starts a program; nobody takes it for an orphan in between."""
        with self._lock:
            if not self._programs:
                self._others = {stat.pid for stat in _stats() if stat.parent == os.getpid()}
                self._before = _is_subreaper()
                _set_subreaper(1)
            try:
                process = start()
                self._programs.add(process.pid)
            finally:
                self._let_go()
            return process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Collects the dead, and ends the adoption with the last program."""
        with self._lock:
            # The others that there are now, and that share our session, are no orphans of runs: those left it.
            ours, session = os.getpid(), os.getsid(0)
            for stat in _stats():
                is_orphan = stat.parent == ours and stat.session != session and stat.state == "Z"
                if is_orphan and stat.pid not in self._programs | self._others:
                    with suppress(ChildProcessError):
                        os.waitpid(stat.pid, os.WNOHANG)
            self._programs.discard(process.pid)
            self._let_go()

    def _let_go(self) -> None:
        if not self._programs:
            _set_subreaper(self._before)


_adoption = _Adoption()


@contextmanager
def adopting_orphans(start: Callable[[], "subprocess.Popen[bytes]"]) -> Iterator["subprocess.Popen[bytes]"]:
    """Starts a program, whose orphans are children of this process as long as it lasts; only Linux can do that."""
    if sys.platform != "linux":
        yield start()
        return
    process = _adoption.begin(start)
    try:
        yield process
    finally:
        _adoption.end(process)


def _is_subreaper() -> int:
    value = ctypes.c_int(0)
    _prctl(_GET_CHILD_SUBREAPER, ctypes.byref(value))
    return value.value


def _set_subreaper(value: int) -> None:
    _prctl(_SET_CHILD_SUBREAPER, ctypes.c_ulong(value))


def _prctl(option: int, argument: object) -> None:
    # A libc without it, or a sandbox that forbids it, leaves orphans to whoever collects them else.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(ctypes.c_int(option), argument, 0, 0, 0)
