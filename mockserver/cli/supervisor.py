"""Runs a command as if nothing stood between it and who started it: streams, terminal and signals are its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from mockserver.judge.leftovers import adopting_orphans

SIGNALLED = 128
"""What shells add to the number of the signal that ended a command."""
NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""The exit codes of shells for a command that cannot be started."""
_PASSED_ON = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_OF_KEYS = ("SIGINT", "SIGQUIT")
"""Signals that a terminal sends to a whole group of processes; passed on, they go to one, too."""
_FROM_KERNEL = 0x80
"""The origin of a signal that the terminal has sent (`SI_KERNEL`)."""


class CommandNotStarted(Exception):
    """A command that cannot be started: one sentence, and the exit code that shells have for it."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class Supervisor:
    """Runs one command. Signals that come to this process wait from `watching` on until the command takes them."""

    def __init__(self) -> None:
        self._is_watching = False
        self._mask: set[int] = set()
        """The signals that were blocked before, as they are for the command."""
        self._passed_on: set[int] = set()
        self.own_group = sys.platform != "win32" and not _has_terminal()
        """Whether the command is a process group of its own.

        At a terminal it shares ours, since only one group may read there, and the keys that stop and go on are for
        both. Elsewhere a signal to our group must not reach the command twice.
        """

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keeps signals for the command while the block lasts. Threads that begin there never take one of them."""
        if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
            yield
            return
        ended = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        numbers = {getattr(signal, name) for name in _PASSED_ON}
        # One that is ignored, as with nohup, stays so for the command.
        self._passed_on = {number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN}
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {*self._passed_on, signal.SIGCHLD})
        self._is_watching = True
        try:
            yield
        finally:
            self._is_watching = False
            while pending := signal.sigpending() & self._passed_on:
                signal.sigwait(pending)
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            signal.signal(signal.SIGCHLD, ended)

    @contextmanager
    def running(self, words: Sequence[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
        """Runs the command for as long as the block lasts; on Linux its orphans are children of this process.

        Raises CommandNotStarted.
        """
        if self._is_watching and (pending := signal.sigpending() & self._passed_on):
            number = signal.sigwait(pending)
            raise CommandNotStarted(f"stopped before {words[0]!r} was started", SIGNALLED + number)
        with adopting_orphans(lambda: self._start(words, environment)) as process:
            yield process

    def wait(self, process: "subprocess.Popen[bytes]") -> int:
        """Waits for the end of the command, and passes on signals. Returns its exit code, as shells tell it."""
        if not self._is_watching:
            return _wait_patiently(process)
        watched = {*self._passed_on, signal.SIGCHLD}
        while not _has_ended(process):
            number, from_terminal = _next_signal(watched)
            if number != signal.SIGCHLD and not from_terminal:
                self._pass_on(process.pid, number)
        return process.returncode if process.returncode >= 0 else SIGNALLED - process.returncode

    def end_group(self, process: "subprocess.Popen[bytes]") -> None:
        """Ends what is left of the command's group where a mark finds nobody: that needs Linux."""
        if sys.platform != "linux" and self.own_group:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def _pass_on(self, pid: int, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self.own_group and number in {getattr(signal, name) for name in _OF_KEYS}:
                os.killpg(pid, number)
            else:
                os.kill(pid, number)

    def _start(self, words: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        if self._is_watching:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        try:
            if not words[0]:
                raise FileNotFoundError
            return subprocess.Popen(
                words,
                env=environment,
                # Descriptors that were given to us are for the command; ours are never inherited.
                close_fds=sys.platform == "win32",
                process_group=0 if self.own_group else None,
            )
        except FileNotFoundError:
            what = "the interpreter of " if words[0] and os.path.exists(words[0]) else ""
            sentence = f"{what}{words[0]!r} is not there; name a program, and then its arguments"
            raise CommandNotStarted(sentence, NOT_FOUND) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CommandNotStarted(f"{words[0]!r} cannot be run: {reason}", NOT_EXECUTABLE) from None
        finally:
            if self._is_watching:
                signal.pthread_sigmask(signal.SIG_BLOCK, {*self._passed_on, signal.SIGCHLD})


def _has_terminal() -> bool:
    """Tells whether this process has a terminal that controls it."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Collects the dead: the command, and orphans that this process has adopted."""
    if sys.platform == "linux":
        with suppress(ChildProcessError):
            while dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if dead.si_pid == process.pid:
                    break
                os.waitpid(dead.si_pid, 0)
    return process.poll() is not None


def _next_signal(watched: set[int]) -> tuple[int, bool]:
    """Waits for a signal. Returns its number, and whether the terminal has sent it, to the command as well."""
    if sys.platform == "linux":
        came = signal.sigwaitinfo(watched)
        return came.si_signo, came.si_code == _FROM_KERNEL
    else:
        number = signal.sigwait(watched)
        return number, number in {getattr(signal, name) for name in _OF_KEYS} and _has_terminal()


def _wait_patiently(process: "subprocess.Popen[bytes]") -> int:
    """Waits where signals cannot be passed on; on Windows Ctrl-C reaches the command by itself."""
    while True:
        with suppress(KeyboardInterrupt):
            code = process.wait()
            return code if code >= 0 else SIGNALLED - code
