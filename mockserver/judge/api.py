"""The judge for Python programs: one call, one report."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.judge.command import Command
from mockserver.judge.function import Callee, Function
from mockserver.judge.program import SETTLE, TIMEOUT, Program, ProgramError

if TYPE_CHECKING:
    from mockserver.judge.report import Report


def judge(
    program: Callee | Sequence[str | Path] | Program,
    *,
    provider: str | None = None,
    providers: Sequence[str] = (),
    others: Sequence[str] = (),
    scenarios: Sequence[str | Path] = (),
    timeout: float = TIMEOUT,
    settle: float = SETTLE,
    env: Mapping[str, str] | None = None,
    agency: int | None = None,
    jobs: int | None = None,
    quick: bool = False,
    runs_dir: Path | str | None = None,
    strict: bool = False,
    require_reached: bool = False,
    battery: str | None = None,
) -> "Report":
    """Runs a client through the battery and tells which obligations it holds and which it breaks.

    `program` is the words of a command, or a callable that is given the environment as a mapping, and as `stop` an
    event where it takes one. What it returns is an exit code, None for a run that went well, or the leads that it
    holds, each a mapping with its `id`; raising is a run that failed. `timeout` and `settle` are seconds, `env` has
    variables more, such as `{"API_URL": "{provider.base_url}"}` with the name of a provider. Without providers and
    scenarios all are taken; with `quick` a few scenarios that are for all that a client must do. With providers the
    program is given their variables and those of `others`. `strict` counts the drills of other readings, which are
    advice else; `require_reached` makes a must that the client never came to a failure; `battery` is the version of a
    frozen one, after which nothing that was added counts. Raises ConformError when that cannot be done.
    """
    from mockserver.judge.runner import judge_program

    return judge_program(
        as_program(program, timeout, settle),
        providers=(*([] if provider is None else [provider]), *providers),
        others=others,
        scenarios=[str(scenario) for scenario in scenarios],
        templates=tuple((env or {}).items()),
        agency=agency,
        runs_dir=None if runs_dir is None else Path(runs_dir),
        jobs=jobs,
        quick=quick,
        strict=strict,
        require_reached=require_reached,
        battery=battery,
    )


def as_program(
    program: Program | Callee | Sequence[str | Path], timeout: float = TIMEOUT, settle: float = SETTLE
) -> Program:
    """Makes a program of a callable or of the words of a command. Raises ProgramError."""
    if isinstance(program, str | bytes):
        raise ProgramError(
            f"{program!r} is text; write the command as a list of its words, such as ['python', 'sync.py']"
        )
    if callable(program):
        return Function(program, timeout, settle)
    if isinstance(program, Sequence):
        return Command([os.fspath(word) for word in program], timeout, settle)
    return program
