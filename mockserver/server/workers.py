"""Several processes that serve the same sockets: forked from one that is ready, replaced when they die."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.signals import ending_signals

log = logging.getLogger("mockserver")

_SOON = 1.0
"""Seconds. Who dies younger than this is not replaced at once: it would only die again."""


def run_workers(number: int, work: Callable[[], None], ready: Callable[[], None]) -> None:
    """Has so many processes do the work until SIGTERM, SIGINT or SIGHUP, then lets each of them end it. Needs POSIX.

    `ready` is called when they are there, and a signal is not lost any more.
    """
    alive, life = os.pipe()
    # Taken one by one by who waits for them, never in between.
    waited_for = {*ending_signals(), signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited_for)
    born = {_fork(work, alive, life): stopwatch() for _ in range(number)}
    ready()
    while signal.sigwait(waited_for) is signal.SIGCHLD:
        for pid in _dead(list(born)):
            log.error("worker %d died; another takes its place", pid)
            if stopwatch() - born.pop(pid) < _SOON:
                signal.sigtimedwait([], _SOON)
            born[_fork(work, alive, life)] = stopwatch()
    for pid in born:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in born:
        os.waitpid(pid, 0)


def _dead(pids: list[int]) -> list[int]:
    return [pid for pid in pids if os.waitpid(pid, os.WNOHANG) != (0, 0)]


def _fork(work: Callable[[], None], alive: int, life: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.close(life)
        threading.Thread(target=_follow, args=(alive,), daemon=True).start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*ending_signals(), signal.SIGCHLD})
        work()
        code = 0
    except BaseException:
        log.exception("worker %d failed", os.getpid())
    finally:
        # Nothing of the parent's is to be done here once more.
        os._exit(code)


def _follow(alive: int) -> None:
    """Ends this process when its parent is gone, even by SIGKILL: the pipe's other end closes then."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
