"""Finds programs that fail because they were not given the variables of other providers that they call, too."""

from collections.abc import Sequence

from mockserver.judge.drill_run import DrillResult
from mockserver.judge.evidence import Run
from mockserver.judge.other_providers import ended_after
from mockserver.judge.program import ConformError


def unexplained(result: DrillResult) -> Run | None:
    """Returns the first run that ended by itself and failed, though no answer gave it a reason."""
    return next(filter(_fails_for_nothing, _runs(result)), None)


def check_needs(failed: Run, with_all: DrillResult) -> None:
    """Raises ConformError if the run does not fail so when all variables are there, and others are called beside it."""
    runs = _runs(with_all)
    names = list(dict.fromkeys(call.entry.provider for run in runs for call in run.other_calls))
    again = runs[failed.number - 1]
    if not names or not again.calls or _fails_for_nothing(again):
        return
    provider, others = with_all.drill.provider, ", ".join(names)
    raise ConformError(
        f"the program calls {others}, too, and ended with exit code {failed.exit_code} in the drill "
        f"{with_all.drill.name} of {provider}, where it had no variables of {others}; give it those as well: "
        f"--with {','.join(names)}, or others={names} in Python"
    )


def _runs(result: DrillResult) -> Sequence[Run]:
    return (*result.evidence.runs, *result.excluded)


def _fails_for_nothing(run: Run) -> bool:
    return run.ending == "itself" and run.exit_code != 0 and not run.got_error and not ended_after(run)
