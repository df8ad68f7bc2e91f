"""A client that is a Python callable, run in a thread of this process."""

import asyncio
import inspect
import json
import threading
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.processes import GRACE, MAX_OUTPUT
from mockserver.judge.program import SETTLE, TIMEOUT, ProgramError, RunResult, RunTimer, Watch
from mockserver.judge.proxies import without_proxies

Callee: TypeAlias = Callable[..., Any]
"""`callee(environment)` or `callee(environment, stop)`: an exit code, nothing, or the leads that are held."""


class Function:
    """A callable, in a daemon thread. One that takes no `stop` cannot be stopped: it is left to itself."""

    def __init__(self, callee: Callee, timeout: float = TIMEOUT, settle: float = SETTLE) -> None:
        """Raises ProgramError when it cannot be called with an environment."""
        self.name = _name(callee)
        self._callee, self._form = callee, _form(callee, self.name)
        self._timer = RunTimer(timeout, settle)

    def run(self, environment: Mapping[str, str], watch: Watch, unset: Collection[str] = ()) -> RunResult:
        """Calls it once; its environment has nothing inherited.

        Raises ProgramError for a result that cannot be understood, and Interrupted.
        """
        self._timer.check()
        with without_proxies():
            return self._run(environment, watch)

    def stop(self) -> None:
        """Stops the runs that are under way in other threads, and those to come."""
        self._timer.interrupt()

    def _run(self, environment: Mapping[str, str], watch: Watch) -> RunResult:
        began = stopwatch()
        ends: list[_End] = []
        halt = threading.Event()
        arguments = (dict(environment), halt, ends)
        thread = threading.Thread(target=self._thread, args=arguments, name=f"client {self.name}", daemon=True)
        thread.start()
        try:
            ending = self._timer.wait(lambda seconds: _joined(thread, seconds), watch)
        except BaseException:
            halt.set()
            if self._form != "plain":
                _joined(thread, GRACE)  # Its folder is removed next, and it may be writing there.
            raise
        halt.set()
        if ending != "itself":
            over = _joined(thread, GRACE)
            if ending == "settled" and not (over and self._form != "plain"):
                # It was not stopped: either it was at work in silence, or it never ends.
                ending = "itself" if over else "timeout"
        end = ends[0] if ends else _End()
        if end.error is not None:
            raise end.error
        exit_code = end.exit_code if ending == "itself" else None
        return RunResult(exit_code, ending, end.output[-MAX_OUTPUT:], stopwatch() - began, output_is_whole=False)

    def _thread(self, environment: dict[str, str], halt: threading.Event, ends: "list[_End]") -> None:
        ends.append(self._call(environment, halt))

    def _call(self, environment: dict[str, str], halt: threading.Event) -> "_End":
        try:
            if self._form == "named":
                result = self._callee(environment, stop=halt)
            else:
                result = self._callee(environment, halt) if self._form == "pair" else self._callee(environment)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
            return _End(self._read(result, environment))
        except ProgramError as error:
            return _End(error=error)
        except SystemExit as leave:
            exit_code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
            return _End(exit_code, leave.code if isinstance(leave.code, str) else "")
        except BaseException:  # Whatever it is, it ends the client and not the judge.
            return _End(output=traceback.format_exc())

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


@dataclass(frozen=True, slots=True)
class _End:
    """The result of a callable; that of a thread which has not ended is the default."""

    exit_code: int = 1
    output: str = ""
    error: ProgramError | None = None


def _joined(thread: threading.Thread, seconds: float) -> bool:
    thread.join(seconds)
    return not thread.is_alive()


def _name(callee: Callee) -> str:
    inner = getattr(callee, "func", callee)  # functools.partial
    return str(getattr(inner, "__qualname__", type(inner).__qualname__))


def _form(callee: Callee, name: str) -> str:
    """Returns the form of its calls: `plain`, a `pair` with a second argument, or with a `named` one."""
    try:
        signature = inspect.signature(callee)
    except ValueError:  # One that is written in C may have none.
        return "plain"
    named = signature.parameters.get("stop")
    positional = [item for item in signature.parameters.values() if item.kind <= item.POSITIONAL_OR_KEYWORD]
    needed = [item for item in positional if item.default is item.empty]
    form, arguments, keywords = "plain", [None], {}
    if len(needed) == 2:
        form, arguments = "pair", [None, None]
    elif named is not None and named.kind is not named.POSITIONAL_ONLY:
        form, keywords = "named", {"stop": None}
    try:
        signature.bind(*arguments, **keywords)
    except TypeError:
        message = f"{name}{signature} cannot be called; (environment) or (environment, stop) is right"
        raise ProgramError(message) from None
    return form


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
