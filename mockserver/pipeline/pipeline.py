"""The request pipeline of one provider: it finds the sandbox of a request, responds there, and sends the response."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from starlette.types import Receive, Scope, Send

from mockserver.foundation.asgi import ClientGone, address_of, check_once, first_values, read_body
from mockserver.foundation.compression import in_sent_form, sent_at_once
from mockserver.foundation.logging import log_failure
from mockserver.foundation.pending_answer import Answer, PendingAnswer
from mockserver.foundation.problems import Problem, excerpt, internal_error, not_found, payload_too_large
from mockserver.foundation.redaction import loggable
from mockserver.foundation.request_head import RequestHead
from mockserver.foundation.responses import EncodedResponse
from mockserver.foundation.settings import Settings
from mockserver.foundation.slices import begin_slice, end_slice
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.faults import NO_FAULT
from mockserver.pipeline.joined_call import JoinedCall
from mockserver.pipeline.run import PipelineRun
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.unit_of_work import StoreBusy, when_free

log = logging.getLogger("mockserver.pipeline")

_MAX_SLICES = 10_000
"""The most slices of one call, a hundred seconds; what is not done then is done whole.

On a machine that has other work as well, little is done in each of them.
"""


class RequestPipeline:
    """The pipeline of one provider, whichever sandbox a request is for."""

    def __init__(self, provider: Provider, sandboxes: SandboxRegistry, settings: Settings) -> None:
        self._sandboxes = sandboxes
        self.use(provider, settings)
        self._joins = sandboxes.repository.shared
        """Whether calls that come together are committed together."""

    def use(self, provider: Provider, settings: Settings) -> None:
        """Answers with that provider, by those settings, from now on."""
        self._provider, self._prefer, self.body_limit = provider, settings.prefer, settings.body_limit

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, mount: str, sandbox_id: str | None
    ) -> None:
        """Does what needs awaiting: reads the body, and sends the response, which a fault may hold back.

        `raw_path` is the percent-encoded path below the provider's mount, `mount` the path of that, `sandbox_id` the
        sandbox that it names. Whatever fails on the way is the provider's own 500.
        """
        exchange = None
        try:
            raw_headers, body_error = scope["headers"], None
            address, server = address_of(scope) + mount, scope.get("server")
            head = RequestHead(
                scope["method"], raw_path, scope["query_string"], raw_headers, address, sandbox_id, server
            )
            head.take_headers(first_values(raw_headers))
            try:
                body = await read_body(head.headers, receive, self.body_limit)
                if head.has_repeated:
                    check_once(raw_headers)
            except Problem as problem:
                body, body_error = b"", problem
            exchange = Exchange(head, body, body_error)
            response = await self._complete(exchange, self._first_turn(exchange))
        except ClientGone:
            return
        except Exception:
            exchange = exchange or Exchange(RequestHead(scope["method"], raw_path))
            response = self._fail(exchange)
        await exchange.fault.send(response, scope, send)

    def begin(self, head: RequestHead, body: bytes) -> Answer | PendingAnswer:
        """Answers a complete request in one synchronous step, as far as that goes.

        Returns the response in its sent form, without Content-Length, where nothing holds it back; else the application
        that goes on with the call and sends its response, or what will be one of both once the call is committed.
        """
        exchange = None
        try:
            body_error = None
            if not head.is_read:
                head.take_headers(first_values(head.raw_headers))
            if len(body) > self.body_limit:
                body, body_error = b"", payload_too_large(self.body_limit)
            elif head.has_repeated:
                try:
                    check_once(head.raw_headers)
                except Problem as problem:
                    body, body_error = b"", problem
            exchange = Exchange(head, body, body_error)
            turn = self._first_turn(exchange)
            if isinstance(turn, JoinedCall):
                return PendingAnswer(partial(self._deliver, exchange, turn))
            return self._answer(exchange, turn)
        except Exception:
            return self._fail(exchange or Exchange(RequestHead(head.method, head.raw_path)))

    def _deliver(self, exchange: Exchange, call: JoinedCall, receive: Callable[[Answer], None]) -> None:
        """Calls a function with the answer to such a request, once its call is over."""

        def end() -> None:
            try:
                answer = self._answer(exchange, self._end_joined(exchange, call))
            except Exception:
                answer = self._fail(exchange)
            receive(answer)

        call.when_over(end)

    def _answer(self, exchange: Exchange, turn: "EncodedResponse | _Turns") -> Answer:
        if exchange.fault is NO_FAULT and isinstance(turn, EncodedResponse):
            response = sent_at_once(turn) if b"accept-encoding" in exchange.head.headers else turn
            if response is not None:
                return response
        return partial(self._send_rest, exchange, turn)

    def respond(self, exchange: Exchange) -> EncodedResponse:
        """Answers a request in one synchronous step, to be driven by ASGI or by anything else.

        Afterwards `exchange.fault` says how the response is sent; a body whose headers say that it is compressed is so
        only in its sent form.
        """
        try:
            return _Turns(self, exchange).take_all()
        except StoreBusy as busy:
            return self.new_run(exchange, self._sandboxes.default, busy).refuse_unrecorded(busy)

    def _first_turn(self, exchange: Exchange) -> "EncodedResponse | _Turns | JoinedCall":
        """Takes a turn that lasts a time slice. Returns the response, or the turns that are left to take."""
        if self._joins:
            return self._join(exchange)
        run = None
        begin_slice()
        try:
            run = self.new_run(exchange, *self.sandbox_of(exchange))
            with run.sandbox.transaction():
                return run.respond() or _Turns(self, exchange, run)
        except (SandboxGone, Problem) as error:
            turns = _Turns(self, exchange, run)
            try:
                return turns.after(error) or turns
            except StoreBusy:
                return turns
        finally:
            end_slice()

    def _join(self, exchange: Exchange) -> "EncodedResponse | _Turns | JoinedCall":
        """Takes such a turn together with other calls; it is to be waited for until it is committed."""
        call = None
        try:
            call = JoinedCall(self.new_run, exchange, *self.sandbox_of(exchange))
            call.begin()
        except (SandboxGone, Problem) as error:
            return self._after(exchange, call, error)
        return call

    def _end_joined(self, exchange: Exchange, call: JoinedCall) -> "EncodedResponse | _Turns":
        try:
            return call.end() or _Turns(self, exchange, call.run)
        except (SandboxGone, Problem) as error:
            return self._after(exchange, call, error)

    def _after(
        self, exchange: Exchange, call: JoinedCall | None, error: SandboxGone | Problem
    ) -> "EncodedResponse | _Turns":
        """Returns the response to a call of which nothing was done, or the turns of one that begins anew."""
        if call is not None and isinstance(error, SandboxGone):
            self.forget(call.sandbox)
        elif call is not None and isinstance(error, Problem) and not isinstance(error, StoreBusy):
            return self.new_run(exchange, call.sandbox, None).refuse_unrecorded(error)
        return _Turns(self, exchange)

    async def _send_rest(
        self,
        exchange: Exchange,
        turn: "EncodedResponse | _Turns | JoinedCall",
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Goes on with a call after its first turn, and sends the response."""
        try:
            response = await self._complete(exchange, turn)
        except Exception:
            response = self._fail(exchange)
        await exchange.fault.send(response, scope, send)

    async def _complete(self, exchange: Exchange, turn: "EncodedResponse | _Turns | JoinedCall") -> EncodedResponse:
        """Returns the response in its sent form, after its first turn."""
        if isinstance(turn, JoinedCall):
            await turn.wait()
            turn = self._end_joined(exchange, turn)
        response = await self._go_on(turn, exchange) if isinstance(turn, _Turns) else turn
        return await in_sent_form(response) if b"accept-encoding" in exchange.head.headers else response

    async def _go_on(self, turns: "_Turns", exchange: Exchange) -> EncodedResponse:
        """Returns the response of a call that takes long, or meets a lock of the store; others have their turns."""
        try:
            with turns.in_progress():
                for _ in range(_MAX_SLICES):
                    await asyncio.sleep(0)
                    if response := await when_free(turns.take_unlocked):
                        return response
                return await when_free(turns.take_all)
        except StoreBusy as busy:
            return self.new_run(exchange, self._sandboxes.default, busy).refuse_unrecorded(busy)

    def new_run(self, exchange: Exchange, sandbox: Sandbox, sandbox_error: Problem | None) -> PipelineRun:
        """Returns a run of the steps in a sandbox, which has not begun."""
        return PipelineRun(self._provider, exchange, sandbox, sandbox_error, self._prefer)

    def _fail(self, exchange: Exchange) -> EncodedResponse:
        """Returns the response to a call that failed where no step expected it."""
        log_failure(log, "%s %s%s failed", exchange.head.method, self._provider.name, loggable(exchange.head.raw_path))
        self._sandboxes.metrics.count_failure(self._provider.name)
        return self.new_run(exchange, self._sandboxes.default, None).refuse_unrecorded(internal_error())

    def forget(self, sandbox: Sandbox) -> None:
        """Unloads a sandbox that another process deleted, or made anew, since this one last looked."""
        self._sandboxes.forget(sandbox.id)

    def sandbox_of(self, exchange: Exchange) -> tuple[Sandbox, Problem | None]:
        """Returns the sandbox that a request is for; or the default one, and why nobody knows which one it is for.

        It goes by path, by header, or by credentials. Of two names that differ the path's wins.
        """
        sandboxes, id = self._sandboxes, exchange.head.sandbox_id
        try:
            if id is None and (named := exchange.head.headers.get(b"x-mockserver-sandbox")) is not None:
                id = named.decode("latin-1")
            if id is not None:
                if (sandbox := sandboxes.get(id)) is not None:
                    return sandbox, None
                detail = f"There is no sandbox {excerpt(id)!r}; it was deleted, or dropped when nobody used it."
                return sandboxes.default, not_found(detail)
            if sandboxes.only_default:
                return sandboxes.default, None
            sandboxes.sweep_if_due()
            user = self._provider.auth.claimed_user(exchange.head.authorization, exchange.body)
            return (user and sandboxes.of_user(self._provider.name, user)) or sandboxes.default, None
        except StoreBusy:
            raise
        except Problem as problem:
            # The store is out of reach.
            return sandboxes.default, problem


class _Turns:
    """The turns in which a request is answered; the sandbox is as others left it when each of them begins."""

    __slots__ = ("_exchange", "_pipeline", "_run")

    def __init__(self, pipeline: RequestPipeline, exchange: Exchange, run: PipelineRun | None = None) -> None:
        """`run` is the one that goes on; without it, the next turn begins anew."""
        self._pipeline = pipeline
        self._exchange = exchange
        self._run = run

    def in_progress(self) -> AbstractContextManager[None]:
        """Returns a context in which the sandbox knows that the call goes on."""
        return nullcontext() if self._run is None else self._run.sandbox.long_calls

    def take(self) -> EncodedResponse | None:
        """Returns the response, or None when the time slice ended first. Raises StoreBusy when nothing was done."""
        run = self._run
        try:
            if run is None:
                run = self._run = self._pipeline.new_run(self._exchange, *self._pipeline.sandbox_of(self._exchange))
            with run.sandbox.transaction():
                return run.respond()
        except (SandboxGone, Problem) as error:
            return self.after(error)

    def after(self, error: SandboxGone | Problem) -> EncodedResponse | None:
        """Returns the response to a call whose turn ended so; None when it begins anew. Raises StoreBusy again."""
        run = self._run
        if run is None:
            raise error
        if isinstance(error, SandboxGone):
            self._pipeline.forget(run.sandbox)
            self._run = None
            return None
        if isinstance(error, StoreBusy):
            if not run.has_begun:
                self._run = None
            raise error
        # The store is out of reach, and with it the journal: the client is told, and nothing was done.
        return run.refuse_unrecorded(error)

    def take_unlocked(self) -> EncodedResponse | None:
        """Takes a turn that lasts a time slice. Raises StoreBusy when nothing was done in it."""
        begin_slice()
        try:
            return self.take()
        finally:
            end_slice()

    def take_all(self) -> EncodedResponse:
        """Returns the response, however long it takes."""
        while (response := self.take()) is None:
            pass
        return response
