"""Calls in a sandbox that others share are committed together with those that come with them, then answered."""

import asyncio
from collections.abc import Callable

from mockserver.foundation.problems import Problem
from mockserver.foundation.responses import EncodedResponse
from mockserver.foundation.slices import begin_slice, end_slice
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.faults import NO_FAULT
from mockserver.pipeline.run import PipelineRun
from mockserver.sandbox.sandbox import Sandbox

NewRun = Callable[[Exchange, Sandbox, Problem | None], PipelineRun]


class JoinedCall:
    """The first turn of a call, which lasts a time slice; what it did counts once it is committed."""

    __slots__ = (
        *("_error", "_exchange", "_is_over", "_new_run", "_on_end", "_sandbox_error"),
        *("response", "run", "sandbox"),
    )

    def __init__(self, new_run: NewRun, exchange: Exchange, sandbox: Sandbox, sandbox_error: Problem | None) -> None:
        self._new_run = new_run
        self._exchange = exchange
        self.sandbox = sandbox
        self._sandbox_error = sandbox_error
        self.run: PipelineRun | None = None
        """The run that answers, or goes on."""
        self.response: EncodedResponse | None = None
        """The response; None where the time slice ended before."""
        self._is_over = False
        self._error: Exception | None = None
        self._on_end: Callable[[], None] | None = None

    def begin(self) -> None:
        """Takes the turn. Raises SandboxGone, StoreBusy and other problems of the store: then nothing was done."""
        self.sandbox.submit(self._take, self._end)

    def when_over(self, function: Callable[[], None]) -> None:
        """Calls a function once it is committed or undone, which may be now."""
        if self._is_over:
            function()
        else:
            self._on_end = function

    async def wait(self) -> None:
        """Waits until it is committed or undone."""
        over = asyncio.Event()
        self.when_over(over.set)
        await over.wait()

    def end(self) -> EncodedResponse | None:
        """Returns the response of a call that is over, None where the time slice ended before.

        Raises what `begin` does, when it was undone.
        """
        if self._error is not None:
            raise self._error
        return self.response

    def _take(self) -> None:
        """Does the call, anew when others were first."""
        self._exchange.set_fault(NO_FAULT)
        run = self.run = self._new_run(self._exchange, self.sandbox, self._sandbox_error)
        begin_slice()
        try:
            self.response = run.respond()
        finally:
            end_slice()

    def _end(self, error: Exception | None) -> None:
        self._is_over, self._error = True, error
        if error is not None:
            # It met one in a sandbox that is gone, or as it was before others changed it.
            self._exchange.set_fault(NO_FAULT)
        if self._on_end is not None:
            self._on_end()
