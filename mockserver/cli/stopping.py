"""Stops a command that judges at Ctrl-C, SIGTERM and the end of its terminal, once it has cleared up."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from mockserver.foundation.signals import ending_signals

_SIGNALLED = 128
"""What shells add to the number of the signal that ended a command."""


@contextmanager
def stoppable(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` at the first of these signals, has the block clear up, and exits as shells expect.

    Those that come meanwhile change nothing: `timeout` and terminals send one more to the whole group.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        if len(caught) == 1:
            stop()
            raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ending_signals()}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("mockserver: stopped; nothing was judged", err=True)
        sys.exit(_SIGNALLED + (caught[0] if caught else signal.SIGINT))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
