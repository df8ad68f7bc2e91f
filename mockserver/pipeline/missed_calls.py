"""Calls that no provider answers, since their address has not the beginning of one: they are told and recorded."""

from collections.abc import Mapping

import orjson
from starlette.types import Receive, Scope, Send

from mockserver.contract.nearest import OperationFinder
from mockserver.foundation.asgi import ClientGone, first_values, prefix_of, read_body
from mockserver.foundation.clock import real_time, stopwatch
from mockserver.foundation.problems import Problem
from mockserver.foundation.request_head import RequestHead
from mockserver.foundation.responses import EncodedResponse
from mockserver.foundation.settings import Settings
from mockserver.pipeline.faults import NO_FAULT
from mockserver.pipeline.responses import server_and_date
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import Sandbox, SandboxGone

_PROBLEM = (b"content-type", b"application/problem+json")


class MissedCalls:
    """Answers calls at addresses of no provider with a 404 that names the nearest operation (RFC 9457).

    They are in the journal of the sandbox that they name, else in that of the default one, with no provider.
    """

    def __init__(self, providers: Mapping[str, Provider], sandboxes: SandboxRegistry, settings: Settings) -> None:
        contracts = {f"/{name}": provider.contract for name, provider in providers.items()}
        self._finder = OperationFinder(contracts)
        self._sandboxes = sandboxes
        self._body_limit = settings.body_limit

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, sandbox_id: str | None
    ) -> None:
        """Answers one call; `raw_path` is percent-encoded, below the sandbox that the path names."""
        started, started_real = stopwatch(), real_time()
        head = RequestHead(scope["method"], raw_path, scope["query_string"], scope["headers"])
        head.take_headers(first_values(head.raw_headers))
        try:
            body = await read_body(head.headers, receive, self._body_limit)
        except Problem:
            body = b""
        except ClientGone:
            return
        named = head.headers.get(b"x-mockserver-sandbox", b"").decode("latin-1")
        sandbox, root = self._sandbox(sandbox_id or named), prefix_of(scope)
        prefix = f"{root}/~{sandbox_id}" if sandbox_id == sandbox.id else root
        near = self._finder.nearest(scope["method"], raw_path, prefix)
        detail = f"There is nothing at this path; did you mean {near}?" if near else "There is nothing at this path."
        response = _not_found(f"{detail} `{root}/` tells what there is.", sandbox)
        try:
            with sandbox.transaction():
                sandbox.journal.record(
                    at=sandbox.clock.time(),
                    real_at=started_real,
                    provider="",
                    operation="",
                    head=head,
                    status=response.status,
                    duration_ms=(stopwatch() - started) * 1000,
                    violations=(),
                    notes=(f"the path is that of no provider; did you mean {near}?" if near else _NO_PROVIDER,),
                    request=body,
                    reply=response.body,
                    reply_headers=response.headers,
                )
        except (Problem, SandboxGone):
            # The store is out of reach, or the sandbox was deleted just now: the answer is the same.
            pass
        await NO_FAULT.send(response, scope, send)

    def _sandbox(self, id: str) -> Sandbox:
        try:
            return (id and self._sandboxes.get(id)) or self._sandboxes.default
        except Problem:
            return self._sandboxes.default


_NO_PROVIDER = "the path is that of no provider"


def _not_found(detail: str, sandbox: Sandbox) -> EncodedResponse:
    body = orjson.dumps({"type": "about:blank", "title": "Not Found", "status": 404, "detail": detail})
    return EncodedResponse(404, (_PROBLEM, *server_and_date(sandbox.clock.now())), body)
