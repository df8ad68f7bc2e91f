"""The request pipeline of one provider: it finds the sandbox of a request, responds there, and sends the response."""

from starlette.types import Receive, Scope, Send

from mockserver.foundation.asgi import ClientGone, first_values, read_body
from mockserver.foundation.compression import in_sent_form
from mockserver.foundation.problems import Problem, excerpt, not_found
from mockserver.foundation.responses import EncodedResponse
from mockserver.foundation.settings import Settings
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.run import PipelineRun
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import Sandbox, SandboxGone


class RequestPipeline:
    """The pipeline of one provider, whichever sandbox a request is for."""

    def __init__(self, provider: Provider, sandboxes: SandboxRegistry, settings: Settings) -> None:
        self._provider = provider
        self._sandboxes = sandboxes
        self._body_limit = settings.body_limit
        self._prefer = settings.prefer

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, base_url: str, sandbox_id: str | None
    ) -> None:
        """Does what needs awaiting: reads the body, and sends the response, which a fault may hold back.

        `raw_path` is the percent-encoded path below the provider's mount, `sandbox_id` the sandbox that the path before
        that names.
        """
        headers, body_error = first_values(scope), None
        try:
            body = await read_body(headers, receive, self._body_limit)
        except Problem as problem:
            body, body_error = b"", problem
        except ClientGone:
            return
        exchange = Exchange(
            scope["method"],
            raw_path,
            scope["query_string"],
            scope["headers"],
            headers,
            base_url,
            body,
            body_error,
            sandbox_id,
            scope.get("server"),
        )
        response = self.respond(exchange)
        if b"accept-encoding" in headers:
            response = await in_sent_form(response)
        await exchange.fault.send(response, scope, send)

    def respond(self, exchange: Exchange) -> EncodedResponse:
        """Answers a request in one synchronous step, to be driven by ASGI or by anything else.

        Afterwards `exchange.fault` says how the response is sent; a body whose headers say that it is compressed is so
        only in its sent form.
        """
        sandbox, error = self._sandbox_of(exchange)
        try:
            return self._run(exchange, sandbox, error)
        except SandboxGone:
            # Another process deleted it, or made it anew, since this one last looked.
            self._sandboxes.forget(sandbox.id)
            sandbox, error = self._sandbox_of(exchange)
            return self._run(exchange, sandbox, error)

    def _run(self, exchange: Exchange, sandbox: Sandbox, sandbox_error: Problem | None) -> EncodedResponse:
        """Returns what a run of the steps makes of the exchange; nobody else sees the sandbox in between."""
        run = PipelineRun(self._provider, exchange, sandbox, sandbox_error, self._prefer)
        try:
            with sandbox.transaction():
                return run.respond()
        except Problem as problem:
            # The store is out of reach, and with it the journal: the client is told, and nothing was done.
            return run.refuse_unrecorded(problem)

    def _sandbox_of(self, exchange: Exchange) -> tuple[Sandbox, Problem | None]:
        """Returns the sandbox that a request is for; or the default one, and why nobody knows which one it is for."""
        try:
            return self._look_up(exchange)
        except Problem as problem:
            # The store is out of reach.
            return self._sandboxes.default, problem

    def _look_up(self, exchange: Exchange) -> tuple[Sandbox, Problem | None]:
        """Goes by path, by header, or by credentials. Of two names that differ the path's wins."""
        sandboxes, id = self._sandboxes, exchange.sandbox_id
        if id is None and (named := exchange.headers.get(b"x-mockserver-sandbox")) is not None:
            id = named.decode("latin-1")
        if id is not None:
            sandbox = sandboxes.get(id)
            if sandbox is None:
                detail = f"There is no sandbox {excerpt(id)!r}; it was deleted, or dropped when nobody used it."
                return sandboxes.default, not_found(detail)
            return sandbox, None
        if sandboxes.only_default:
            return sandboxes.default, None
        sandboxes.sweep_if_due()
        user = self._provider.auth.claimed_user(exchange.authorization, exchange.body)
        return (user and sandboxes.of_user(self._provider.name, user)) or sandboxes.default, None
