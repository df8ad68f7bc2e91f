"""`mockserver conform --selftest` shows that the judge can be trusted where it is installed."""

import io
import sys
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr
from typing import Any

import click

from mockserver.cli.tables import print_table


def selftest(providers: Sequence[str], jobs: int | None) -> int:
    """Judges the clients that come with the package, and prints a table. Returns the exit code."""
    from mockserver.foundation.clock import stopwatch
    from mockserver.judge.progress import bar
    from mockserver.judge.reports.wording import counted
    from mockserver.judge.selftest import run_selftest, table_of

    began = stopwatch()
    with redirect_stderr(_WithoutClients(sys.stderr)), bar(sys.stderr.isatty()) as on_progress:
        results = run_selftest(providers, jobs=jobs, on_progress=on_progress)
    print_table(("verdict", "provider", "breaks", "client", "what the judge says"), table_of(results))
    wrong = sum(not result.right for result in results)
    of_all = f"{wrong} of {counted(len(results), 'client')}" if wrong else f"all of {counted(len(results), 'client')}"
    how = "wrongly: this release must not be trusted" if wrong else "rightly"
    click.echo(f"{of_all} judged {how}, in {stopwatch() - began:.0f} s")
    return int(wrong > 0)


class _WithoutClients(io.TextIOBase):
    """Standard error without the words of clients: each runs in a thread that is named after it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        if not threading.current_thread().name.startswith("client "):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return bool(self._stream.isatty())
