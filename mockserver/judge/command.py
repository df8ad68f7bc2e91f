"""A client that is a command, run in processes of its own."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.processes import GRACE, Tail, ended, stop
from mockserver.judge.environment import PREFIX
from mockserver.judge.leftovers import MARK, adopting_orphans, end_marked, new_mark
from mockserver.judge.program import SETTLE, TIMEOUT, ProgramError, RunResult, RunTimer, Watch
from mockserver.judge.proxies import past_proxies


class Command:
    """A command line, in a session of its own, so that all that it starts ends with it.

    On Linux that goes for children that begin a session themselves (`setsid`, a daemon), too. Elsewhere those are not
    found; when one still holds the output, the result says so.
    """

    def __init__(
        self, argv: Sequence[str], timeout: float = TIMEOUT, settle: float = SETTLE, cwd: Path | None = None
    ) -> None:
        """Raises ProgramError when there is no such command."""
        self.argv, self.cwd = list(argv), cwd
        self.name = shlex.join(self.argv)
        self._timer = RunTimer(timeout, settle)
        if not self.argv or not self.argv[0]:
            raise ProgramError("there is no command; write it as a list of its words, such as ['python', 'sync.py']")
        # A path is looked up where it will run, a bare name on PATH.
        program = self.argv[0]
        where = os.path.join(cwd, program) if cwd and os.path.dirname(program) else program
        if shutil.which(where) is None:
            raise self._unusable(
                "it is no program that can be executed" if os.path.exists(where) else "it is not there"
            )

    def run(self, environment: Mapping[str, str], watch: Watch, unset: Collection[str] = ()) -> RunResult:
        """Runs the command once, without the variables in `unset`.

        Raises ProgramError when it cannot be started, and Interrupted.
        """
        self._timer.check()
        began = stopwatch()
        mark = new_mark()
        variables = {**_inherited(unset), **environment, MARK: mark}
        with adopting_orphans(lambda: self._start(variables)) as process:
            try:
                assert process.stdout is not None
                tail = Tail(process.stdout)
                ending = self._timer.wait(lambda seconds: ended(process, seconds), watch)
            finally:
                stop(process)
                seconds = stopwatch() - began
                left = end_marked(mark, GRACE / 2)
        exit_code, output = process.returncode if ending == "itself" else None, tail.text()
        return RunResult(
            exit_code,
            ending,
            output,
            seconds,
            output_is_whole=tail.is_whole(),
            left_behind=_left_behind(left if ending == "itself" else 0, tail),
        )

    def stop(self) -> None:
        """Stops the runs that are under way in other threads, and those to come."""
        self._timer.interrupt()

    def _start(self, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env={**environment, **past_proxies(environment)},
                start_new_session=True,
            )
        except OSError as error:
            raise self._unusable(str(error.strerror or error)) from None

    def _unusable(self, why: str) -> ProgramError:
        return ProgramError(
            f"the command {self.argv[0]!r} cannot be started: {why}; name a program, and then its arguments"
        )


def _left_behind(ended_processes: int, tail: Tail) -> str:
    """Returns a sentence about what a run left behind; empty when it left nothing."""
    if tail.is_held():
        return "it left a process behind that cannot be found and still holds its output"
    if not ended_processes:
        return ""
    return f"it left {ended_processes} process{'es' if ended_processes > 1 else ''} behind, which had to be ended"


def _inherited(unset: Collection[str]) -> dict[str, str]:
    """Returns the variables that a client has from us: neither ours, nor those that it is not to have."""
    variables = os.environ.items()
    return {name: value for name, value in variables if name not in unset and not name.upper().startswith(PREFIX)}
