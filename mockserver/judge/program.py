"""A client program, run once: as a command in processes of its own, or as a function in a thread of this one."""

import asyncio
import inspect
import json
import os
import shlex
import shutil
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from mockserver.foundation.clock import stopwatch
from mockserver.judge.evidence import Ending
from mockserver.judge.processes import GRACE, KEPT, Tail, ended, stop

TIMEOUT = 60.0
"""Seconds that a run may take."""
SETTLE = 5.0
"""Seconds without a call after which a client that goes on is taken to have done what it had to."""
PATIENCE = 6
"""How many times as long it may be quiet after a failure: it may be waiting before it tries again."""
_SOONER = 2
"""By how much sooner one is taken to have done so that calls on and on, and is told the same each time."""
_STEP = 0.05
"""Seconds between two looks at a client that runs; that it has ended is seen sooner."""
_OURS = "MOCKSERVER_"

Callee: TypeAlias = Callable[..., Any]
"""`callee(environment)` or `callee(environment, stop)`: an exit code, nothing, or the leads that are held."""


class ConformError(ValueError):
    """What was asked of the judge cannot be done; the message is one sentence that says what would be right."""


class ProgramError(ConformError):
    """A program that cannot be run."""


class Interrupted(Exception):
    """Runs were stopped from another thread."""


class Watch(Protocol):
    """What a run must know of the calls that its client makes."""

    def quiet(self) -> float:
        """Real seconds since the client's last call, or the last webhook to it, or since the run began."""

    def got_error(self) -> bool:
        """Whether the client's last call was answered by a failure."""

    def called(self) -> bool:
        """Whether it has called at all in this run."""

    def idle(self) -> float:
        """Real seconds for which the client has gone round and round, with rests, and been told nothing new; else 0."""

    def tick(self) -> None:
        """Lets the bench do its part; called about every 50 ms."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run went."""

    exit_code: int | None
    """None when it did not end by itself."""
    ending: Ending
    output: str
    """The last part of what it wrote to both its outputs."""
    seconds: float
    output_is_whole: bool = True
    """Whether all that it wrote is in `output`: of much it is the end, of a callable the reason why it failed."""


class Program(Protocol):
    """Something that can be run as a client is."""

    name: str

    def run(self, environment: Mapping[str, str], watch: Watch) -> RunResult:
        """Runs it once and tells how that went. Nothing of it that can be found is left. Raises ProgramError."""

    def stop(self) -> None:
        """Stops the runs that are under way in other threads, which then raise Interrupted, and those to come."""


def as_program(
    given: Program | Callee | Sequence[str | Path], timeout: float = TIMEOUT, settle: float = SETTLE
) -> Program:
    """The program that a callable or a command line is. Raises ProgramError."""
    if isinstance(given, str | bytes):
        raise ProgramError(
            f"{given!r} is text; write the command as a list of its words, such as ['python', 'sync.py']"
        )
    if callable(given):
        return Function(given, timeout, settle)
    if isinstance(given, Sequence):
        return Command([os.fspath(word) for word in given], timeout, settle)
    return given


class Command:
    """A command line, in a session of its own, so that all that it starts ends with it.

    A child that begins a session itself (`setsid`, a daemon) is not found, and survives the run.
    """

    def __init__(
        self, argv: Sequence[str], timeout: float = TIMEOUT, settle: float = SETTLE, cwd: Path | None = None
    ) -> None:
        """Raises ProgramError when there is no such command."""
        self.argv, self.cwd = list(argv), cwd
        self.name = shlex.join(self.argv)
        self._patience = _Patience(timeout, settle)
        if not self.argv or not self.argv[0]:
            raise ProgramError("there is no command; write it as a list of its words, such as ['python', 'sync.py']")
        # A path is looked up where it will run, a bare name on PATH.
        program = self.argv[0]
        where = os.path.join(cwd, program) if cwd and os.path.dirname(program) else program
        if shutil.which(where) is None:
            raise self._unusable(
                "it is no program that can be executed" if os.path.exists(where) else "it is not there"
            )

    def run(self, environment: Mapping[str, str], watch: Watch) -> RunResult:
        """See `Program`."""
        self._patience.check()
        began = stopwatch()
        process = self._start(environment)
        assert process.stdout is not None
        tail = Tail(process.stdout)
        try:
            ending = self._patience.wait(lambda seconds: ended(process, seconds), watch)
        finally:
            stop(process)
        seconds = stopwatch() - began
        exit_code, output = process.returncode if ending == "itself" else None, tail.text()
        return RunResult(exit_code, ending, output, seconds, output_is_whole=tail.is_whole())

    def stop(self) -> None:
        """See `Program`."""
        self._patience.over.set()

    def _start(self, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        clean = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OURS)}
        try:
            return subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env={**clean, **environment},
                start_new_session=True,
            )
        except OSError as error:
            raise self._unusable(str(error.strerror or error)) from None

    def _unusable(self, why: str) -> ProgramError:
        return ProgramError(
            f"the command {self.argv[0]!r} cannot be started: {why}; name a program, and then its arguments"
        )


class Function:
    """A callable, in a daemon thread. One that takes no `stop` cannot be stopped: it is left to itself."""

    def __init__(self, callee: Callee, timeout: float = TIMEOUT, settle: float = SETTLE) -> None:
        """Raises ProgramError when it cannot be called with an environment."""
        self.name = _name(callee)
        self._callee, self._form = callee, _form(callee, self.name)
        self._patience = _Patience(timeout, settle)

    def run(self, environment: Mapping[str, str], watch: Watch) -> RunResult:
        """See `Program`."""
        self._patience.check()
        began = stopwatch()
        end = _End()
        halt = threading.Event()
        given = dict(environment)
        thread = threading.Thread(target=self._call, args=(given, halt, end), name=f"client {self.name}", daemon=True)
        thread.start()
        try:
            ending = self._patience.wait(lambda seconds: _joined(thread, seconds), watch)
        finally:
            halt.set()
        if ending != "itself":
            over = _joined(thread, GRACE)
            if ending == "settled" and not (over and self._form != "plain"):
                # Nobody told it to stop: it was at work in silence, or it never ends.
                ending = "itself" if over else "timeout"
        if end.error is not None:
            raise end.error
        exit_code = end.exit_code if ending == "itself" else None
        return RunResult(exit_code, ending, end.output[-KEPT:], stopwatch() - began, output_is_whole=False)

    def stop(self) -> None:
        """See `Program`."""
        self._patience.over.set()

    def _call(self, environment: dict[str, str], halt: threading.Event, end: "_End") -> None:
        try:
            if self._form == "named":
                result = self._callee(environment, stop=halt)
            else:
                result = self._callee(environment, halt) if self._form == "pair" else self._callee(environment)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
            end.exit_code = self._read(result, environment)
        except ProgramError as error:
            end.error = error
        except SystemExit as leave:
            end.exit_code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
            end.output = leave.code if isinstance(leave.code, str) else ""
        except BaseException:  # Whatever it is, it ends the client and not the judge.
            end.output = traceback.format_exc()

    def _read(self, result: Any, environment: Mapping[str, str]) -> int:
        if result is None:
            return 0
        if isinstance(result, int) and not isinstance(result, bool):
            return result
        if isinstance(result, Iterable) and not isinstance(result, str | bytes | Mapping):
            leads = list(result)
            if all(isinstance(lead, Mapping) for lead in leads):
                lines = (json.dumps(dict(lead), default=str) + "\n" for lead in leads)
                Path(environment["MOCKSERVER_OUTCOME"]).write_text("".join(lines), encoding="utf-8")
                return 0
        raise ProgramError(
            f"{self.name} returned {_short(result)}; an exit code, None, or the leads that are held, "
            "each a mapping with its id, is right"
        )


@dataclass(slots=True)
class _End:
    """What a callable's thread leaves behind."""

    exit_code: int = 1
    output: str = ""
    error: ProgramError | None = None


class _Patience:
    """How long a run is waited for."""

    def __init__(self, timeout: float, settle: float) -> None:
        if not (0 < timeout < threading.TIMEOUT_MAX and 0 < settle < threading.TIMEOUT_MAX):
            raise ProgramError(f"a timeout of {timeout:g} and a settle of {settle:g} seconds; more than 0 is right")
        self._timeout, self._settle = timeout, settle
        self.over = threading.Event()

    def check(self) -> None:
        """Raises Interrupted when no run may go on."""
        if self.over.is_set():
            raise Interrupted

    def wait(self, ended: Callable[[float], bool], watch: Watch) -> Ending:
        """Until it ended, or is to be stopped. `ended` waits that many seconds at most. Raises Interrupted."""
        began = stopwatch()
        while not ended(_STEP):
            self.check()
            watch.tick()
            if stopwatch() - began >= self._timeout:
                return "timeout"
            if watch.called() and watch.quiet() >= self._settle * (PATIENCE if watch.got_error() else 1):
                return "settled"
            if watch.idle() >= self._settle / _SOONER:
                return "settled"
        return "itself"


def _joined(thread: threading.Thread, seconds: float) -> bool:
    thread.join(seconds)
    return not thread.is_alive()


def _name(callee: Callee) -> str:
    inner = getattr(callee, "func", callee)  # functools.partial
    return str(getattr(inner, "__qualname__", type(inner).__qualname__))


def _form(callee: Callee, name: str) -> str:
    """How it is called: `plain`, with a second argument as a `pair`, or with a `named` one."""
    try:
        signature = inspect.signature(callee)
    except ValueError:  # One that is written in C may have none.
        return "plain"
    named = signature.parameters.get("stop")
    positional = [one for one in signature.parameters.values() if one.kind <= one.POSITIONAL_OR_KEYWORD]
    needed = [one for one in positional if one.default is one.empty]
    wanted: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {"plain": ((None,), {})}
    if len(needed) == 2:
        wanted = {"pair": ((None, None), {})}
    elif named is not None and named.kind is not named.POSITIONAL_ONLY:
        wanted = {"named": ((None,), {"stop": None})}
    for form, (arguments, keywords) in wanted.items():
        try:
            signature.bind(*arguments, **keywords)
        except TypeError:
            break
        return form
    raise ProgramError(f"{name}{signature} cannot be called; (environment) or (environment, stop) is right")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
