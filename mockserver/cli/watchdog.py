"""A process that clears up after this one when it is killed: what its command runs, and its temporary folder."""

import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

from mockserver.judge.leftovers import end_marked

_MOST_DESCRIPTORS = 4096
"""Those that a process may have from who started it are not higher."""
_GRACE = 2.0
"""Seconds between being asked to end and being ended."""


class Watchdog:
    """Waits until this process has ended, however that was; it is to be made before there are threads."""

    def __init__(self, mark: str, folder: Path) -> None:
        """`mark` is that of the command's processes, and the folder is removed with them."""
        self.pid: int | None = None
        """Its process; None on Windows, which has no `fork`."""
        if sys.platform == "win32":
            return
        reading, self._life = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self._life)
                _watch(reading, mark, folder)
            finally:
                # Nothing of the parent's is to be done here once more.
                os._exit(0)
        os.close(reading)

    def watch_group(self, group: int) -> None:
        """Tells the process group of the command, which is ended even where a mark cannot be read."""
        if self.pid is not None:
            os.write(self._life, str(group).encode())

    def dismiss(self) -> None:
        """Ends it; there is nothing to clear up any more."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.close(self._life)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = None


def _watch(reading: int, mark: str, folder: Path) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    # Who waits for the end of a pipe must not wait for us.
    os.dup2(reading, 3)
    os.closerange(4, _MOST_DESCRIPTORS)
    os.chdir("/")
    group = b"".join(iter(lambda: os.read(3, 64), b""))
    if group:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(group), signal.SIGTERM)
    end_marked(mark, _GRACE)
    if group:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(group), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
