"""Reads what the processes of a client write, and ends all of them."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from mockserver.foundation.clock import stopwatch

GRACE = 5.0
"""Seconds between being asked to end and being ended."""
MAX_OUTPUT = 64 * 1024
"""Bytes of output, the last ones."""
_DRAIN = 1.0
"""Seconds until the rest of the output is given up: somebody who left the process group may hold it open."""
_DEATH = 1.0
"""Seconds until the killed are gone at the latest."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05
"""Seconds between two looks at a process that is waited for: each pause is twice as long as the one before."""
_LOOK = 0.01
"""Seconds between two looks at a group that is to end."""


class Tail:
    """Reads what a program writes, so that it never waits for us, and keeps the end."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._end = bytearray()
        self._dropped = False
        self._thread = threading.Thread(target=self._read, args=(pipe,), name="output", daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while block := os.read(pipe.fileno(), MAX_OUTPUT):
                everything = self._end + block
                self._dropped = self._dropped or len(everything) > MAX_OUTPUT
                self._end = everything[-MAX_OUTPUT:]

    def text(self) -> str:
        """Returns the end of what was written, once everybody has closed the pipe."""
        self._thread.join(_DRAIN)
        return self._end.decode("utf-8", "replace")

    def is_held(self) -> bool:
        """Tells whether somebody can still write, once `text` has waited for them."""
        return self._thread.is_alive()

    def is_whole(self) -> bool:
        """Tells whether `text` was everything: nothing was dropped, and nobody can write any more."""
        return not self._dropped and not self._thread.is_alive()


def ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Waits that many seconds at most, and tells whether it has ended.

    The clock of `Popen.wait` is one that a test can freeze, and then its time is never up.
    """
    until, pause = stopwatch() + seconds, _FIRST_PAUSE
    while process.poll() is None:
        rest = until - stopwatch()
        if rest <= 0:
            return False
        threading.Event().wait(min(pause, rest))
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ends a program and all that it started; the program is asked first and alone, so that it can end the rest.

    A process that has left its group, as with `setsid`, is not found here: `leftovers` ends those.
    """
    deadline = stopwatch() + GRACE
    try:
        if process.poll() is None:
            process.terminate()
            ended(process, GRACE / 2)
        if _signal_group(process.pid, signal.SIGTERM):
            _await_group(process, deadline)
    finally:
        if process.poll() is None:
            process.kill()
        if sys.platform != "win32" and _signal_group(process.pid, signal.SIGKILL):
            _await_group(process, stopwatch() + _DEATH)
        process.wait()


def _await_group(process: "subprocess.Popen[bytes]", deadline: float) -> None:
    while stopwatch() < deadline and (not ended(process, _LOOK) or _in_group(process.pid)):
        threading.Event().wait(_LOOK)


def _signal_group(group: int, number: int) -> bool:
    """Signals a group; tells whether it had any process. Windows has no groups: only the program itself is ended."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter when only the dead are left.
        return False
    return True


def _in_group(group: int) -> bool:
    """Tells whether a process of it is alive; where there is no /proc, the dead that nobody has collected count."""
    if not _signal_group(group, 0):
        return False
    stats = [_stat(path) for path in Path("/proc").glob("[0-9]*/stat")]
    return not stats or any(stat[2:3] == [str(group)] and stat[0] not in ("Z", "X") for stat in stats)


def _stat(path: Path) -> list[str]:
    """Returns state, parent and group of a process; nothing of one that has ended meanwhile."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
    except OSError:
        return []
