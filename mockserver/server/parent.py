"""Ends this process when the one that started it is gone, however that ended, so that no server is left behind."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

_LOOK_EVERY = 0.5
"""Seconds between two looks. Linux could send a signal, but does so when the thread that started us ends."""


def follow_parent(parent: int | None = None, end: Callable[[], None] | None = None) -> threading.Thread:
    """Calls `end` soon after the parent process is gone; by default that is the signal SIGTERM to this process.

    `parent` is its id, for who has asked for it earlier: between the start and this call it may have gone already.
    """
    wait = _wait_on_windows if sys.platform == "win32" else _wait_by_looking
    followed, finish = os.getppid() if parent is None else parent, end or _terminate

    def follow() -> None:
        wait(followed)
        finish()

    thread = threading.Thread(target=follow, name="mockserver-parent", daemon=True)
    thread.start()
    return thread


def _wait_by_looking(parent: int) -> None:
    """A child without a parent is given to another one."""
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_LOOK_EVERY)


def _wait_on_windows(parent: int) -> None:
    import ctypes

    kernel: Any = vars(ctypes)["windll"].kernel32
    process = kernel.OpenProcess(0x0010_0000, False, parent)  # SYNCHRONIZE
    if process:
        kernel.WaitForSingleObject(process, 0xFFFF_FFFF)
        kernel.CloseHandle(process)


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
