"""`mockserver conform --selftest` shows that the judge can be trusted where it is installed."""

import io
import sys
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr
from typing import Any

import click

from mockserver.cli.stopping import stoppable
from mockserver.cli.tables import print_table


def selftest(providers: Sequence[str], jobs: int | None) -> int:
    """Judges the clients that come with the package, and prints a table. Returns the exit code."""
    from mockserver.foundation.clock import stopwatch
    from mockserver.foundation.texts import counted
    from mockserver.judge.progress import bar
    from mockserver.judge.selftest import run_selftest, table_of

    began = stopwatch()
    with (
        stoppable(lambda: None),
        bar(sys.stderr.isatty()) as on_progress,
        redirect_stderr(_WithoutClients(sys.stderr)),
    ):
        results = run_selftest(providers, jobs=jobs, on_progress=on_progress)
    print_table(("verdict", "provider", "breaks", "client", "what the judge says"), table_of(results))
    wrong = sum(not result.right for result in results)
    of_all = f"{wrong} of {counted(len(results), 'client')}" if wrong else f"all of {counted(len(results), 'client')}"
    how = "wrongly: this release must not be trusted" if wrong else "rightly"
    click.echo(f"{of_all} judged {how}, in {stopwatch() - began:.0f} s")
    return int(wrong > 0)


class _WithoutClients(io.TextIOBase):
    """Standard error without the words of clients, which run in threads and have threads of their own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        if threading.current_thread() is threading.main_thread():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()
