"""Shows the progress of a battery: a bar with the time that is left, where a person looks on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockserver.foundation.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SuiteProgress:
    """The progress of a battery."""

    done: int
    """Drills that have been judged."""
    total: int
    drill: str
    """The one that was judged last."""


@contextmanager
def bar(terminal: bool) -> Iterator[Callable[[SuiteProgress], None]]:
    """Shows progress on standard error for as long as the block lasts; nothing where that is no terminal.

    What it yields may be called from any thread.
    """
    if not terminal:
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(file=sys.stderr), transient=True) as live:
        task = live.add_task("starting", total=None)
        yield lambda now: live.update(task, completed=now.done, total=now.total, description=escape(now.drill))
