"""The one road for every call: route, authenticate, fault, read, check, answer, check again, record."""

import logging
from difflib import get_close_matches
from email.utils import formatdate
from hashlib import blake2b

import orjson
from starlette.types import Receive, Scope, Send

from mockserver.contract import Match, ResponseSpec
from mockserver.foundation.asgi import ClientGone, header, length_of, read_body, send_reply
from mockserver.foundation.clock import real_time, stopwatch
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import (
    MessagePart,
    Problem,
    Violation,
    internal_error,
    invalid,
    invalid_path,
    malformed,
    method_not_allowed,
    not_found,
)
from mockserver.foundation.settings import Settings
from mockserver.foundation.version import __version__
from mockserver.pipeline.exchange import Exchange, read_body_value, read_parameters
from mockserver.pipeline.faults import deliver, instead, meet, misled, settle
from mockserver.pipeline.responses import EncodedResponse, Headers, encode_head, encode_headers, encode_reply
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ErrorContext, Provider
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox, SandboxGone

log = logging.getLogger("mockserver.road")

_SERVER = (b"server", f"mockserver/{__version__}".encode())
_Sent = tuple[int, Headers, bytes]
"""Status, headers and body as they are sent; status 0 is nothing at all."""


class RequestPipeline:
    """The road to one provider, whichever sandbox a call is for."""

    def __init__(self, provider: Provider, sandboxes: SandboxRegistry, settings: Settings) -> None:
        self.provider = provider
        self.sandboxes = sandboxes
        self._body_limit = settings.body_limit
        self._prefer = settings.prefer
        self._date = (-1, b"")

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, base_url: str, sandbox_id: str | None
    ) -> None:
        """Answers one request. `raw_path` is the percent-encoded path below the provider's mount, `sandbox_id` what
        the path before that says.
        """
        exchange = Exchange(scope, raw_path, base_url)
        try:
            exchange.raw = await read_body(scope, receive, self._body_limit)
        except Problem as problem:
            exchange.problem = problem
        except ClientGone:
            return
        sandbox = self._sandbox(exchange, sandbox_id)
        try:
            answer = self._pass(exchange, sandbox)
        except SandboxGone:
            # Another process deleted it, or made it anew, since this one last looked.
            self.sandboxes.forget(sandbox.id)
            exchange = Exchange(scope, raw_path, base_url, raw=exchange.raw, problem=exchange.problem)
            sandbox = self._sandbox(exchange, sandbox_id)
            answer = self._pass(exchange, sandbox)
        status, headers, body = answer
        if exchange.hit is not None:
            await deliver(sandbox, exchange.hit, scope, send, status, headers, body)
        elif exchange.method == "HEAD":
            await send({"type": "http.response.start", "status": status, "headers": [*headers, length_of(len(body))]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send_reply(send, status, headers, body)

    def _sandbox(self, exchange: Exchange, named: str | None) -> Sandbox:
        try:
            return self._look_up(exchange, named)
        except Problem as problem:
            # The store is out of reach.
            exchange.sandbox_error = problem
            return self.sandboxes.default

    def _look_up(self, exchange: Exchange, named: str | None) -> Sandbox:
        """Whom the call is for: by path, by header, or by its credentials. Of two names that differ the path's wins."""
        sandboxes = self.sandboxes
        id = named if named is not None else header(exchange.scope, b"x-mockserver-sandbox")
        if id is not None:
            sandbox = sandboxes.get(id)
            if sandbox is None:
                exchange.sandbox_error = not_found(
                    f"There is no sandbox {id!r}; it was deleted, or dropped when nobody used it."
                )
            return sandbox or sandboxes.default
        if sandboxes.only_default:
            return sandboxes.default
        sandboxes.sweep_if_due()
        user = self.provider.auth.claimed_user(header(exchange.scope, b"authorization"), exchange.raw)
        return (user and sandboxes.of_user(self.provider.name, user)) or sandboxes.default

    def _pass(self, exchange: Exchange, sandbox: Sandbox) -> _Sent:
        """Everything between reading the request and sending the answer; nobody else sees the sandbox in between."""
        try:
            with sandbox.transaction():
                return self._answer_and_record(exchange, sandbox)
        except Problem as problem:
            # The store is out of reach, and with it the journal: the client is told, and nothing was done.
            exchange.hit = None
            status, headers, body, _ = self._refuse(problem, exchange, sandbox)
            return status, (*headers, _SERVER, (b"date", self._http_date(sandbox))), body

    def _answer_and_record(self, exchange: Exchange, sandbox: Sandbox) -> _Sent:
        began, real_at = stopwatch(), real_time()
        # What is for no sandbox is only recorded in the default one: its scenario does not count it.
        scenario = None if exchange.sandbox_error else sandbox.scenario
        if not exchange.sandbox_error:
            sandbox.process_due()
        exchange.number = sandbox.usage.next_number(self.provider.name)
        answer = self._answer(exchange, sandbox)
        if exchange.hit is not None:
            answer = settle(exchange.hit, answer, exchange, sandbox)
        status, headers, body, page = answer
        operation = exchange.operation.id if exchange.operation else ""
        sandbox.usage.add(self.provider.name, operation, status, exchange.given)
        if scenario:
            exchange.notes.extend(scenario.on_response(self.provider.name, operation, status))
        if status:
            if self.provider.headers:
                headers += encode_headers(self.provider.headers(self._error_context(exchange, sandbox)))
            headers = (*headers, _SERVER, (b"date", self._http_date(sandbox)))
        # Recorded before it is sent: a client that has its answer finds the call in the journal.
        entry = sandbox.journal.record(
            at=sandbox.clock.time(),
            real_at=real_at,
            provider=self.provider.name,
            operation=operation,
            method=exchange.method,
            path=exchange.raw_path,
            query=exchange.query.decode("latin-1"),
            status=status,
            duration_ms=(stopwatch() - began) * 1000,
            violations=exchange.violations,
            notes=exchange.notes,
            request=exchange.raw,
            reply=body,
            shown=page.shown if page else None,
            fault=exchange.hit.as_dict() if exchange.hit is not None else None,
            request_headers=exchange.scope["headers"],
            reply_headers=headers,
        )
        if page:
            page.shown = entry.reply
        return status, headers, body

    def _answer(self, exchange: Exchange, sandbox: Sandbox) -> EncodedResponse:
        try:
            if exchange.sandbox_error:
                raise exchange.sandbox_error
            match = self._route(exchange)
            if exchange.method == "OPTIONS":
                return 204, ((b"allow", match.allow.encode()),), b"", None
            now = sandbox.clock.now()
            account = self._enter(exchange, sandbox, now)
            if (self._prefer and self._prefers(exchange)) or sandbox.faults.has_active:
                exchange.hit = meet(self.provider.name, exchange, sandbox)
            hit = exchange.hit
            if hit and (
                answer := instead(hit, self.provider, self._error_context(exchange, sandbox), exchange, sandbox)
            ):
                return answer
            call = self._read(exchange, match, sandbox, account, now)
            if hit:
                call = misled(hit, call)
            reply = self.provider.handlers[call.operation.id](call)
            return encode_reply(reply, self._spec(reply.status, exchange))
        except Problem as problem:
            return self._refuse(problem, exchange, sandbox)
        except Exception:
            log.exception("%s %s%s failed", exchange.method, self.provider.name, exchange.raw_path)
            return self._refuse(internal_error(), exchange, sandbox)

    def _route(self, exchange: Exchange) -> Match:
        try:
            match = self.provider.contract.router.match(exchange.raw_path)
        except ValueError:
            raise malformed("The path is not UTF-8 in percent-encoding.") from None
        if match is None:
            raise not_found(self._no_such_path(exchange.raw_path))
        method = "GET" if exchange.method == "HEAD" else exchange.method
        exchange.operation = match.operations.get(method)
        if exchange.operation is None and exchange.method != "OPTIONS":
            raise method_not_allowed(exchange.method, match.allow)
        return match

    def _no_such_path(self, raw_path: str) -> str:
        templates = sorted({operation.path for operation in self.provider.contract.operations.values()})
        close = get_close_matches(raw_path, templates, n=1, cutoff=0.5)
        return "There is nothing at this path" + (f"; the nearest operation is at {close[0]}." if close else ".")

    def _enter(self, exchange: Exchange, sandbox: Sandbox, now: Epoch) -> Account | None:
        """Who calls; nobody needs to be known where the operation is public."""
        assert exchange.operation is not None
        account = None
        if not exchange.operation.public:
            authorization = header(exchange.scope, b"authorization")
            account = self.provider.auth.authenticate(authorization, sandbox, now)
        if exchange.problem:
            raise exchange.problem
        return account

    def _prefers(self, exchange: Exchange) -> bool:
        exchange.prefers = header(exchange.scope, b"prefer") is not None
        return exchange.prefers

    def _read(self, exchange: Exchange, match: Match, sandbox: Sandbox, account: Account | None, now: Epoch) -> Call:
        operation = exchange.operation
        assert operation is not None
        reading = read_parameters(operation, match, exchange)
        call = Call(
            sandbox,
            sandbox.store,
            self.provider.contract,
            operation,
            reading.values,
            reading.key,
            account,
            exchange.base_url,
            exchange.raw_path,
            now,
            exchange.headers,
            notes=exchange.notes,
        )
        if wrong := [violation for violation in reading.violations if violation.place == "path"]:
            raise invalid_path(wrong)
        self.provider.auth.authorize(call)
        if reading.violations:
            raise invalid(reading.violations)
        if operation.body:
            call.body = read_body_value(operation, exchange)
        elif exchange.raw and not operation.query_from_body:
            exchange.notes.append("the request has a body; this operation reads none")
        return call

    def _spec(self, status: int, exchange: Exchange) -> ResponseSpec | None:
        if exchange.operation and status in exchange.operation.replies:
            return exchange.operation.replies[status]
        # What no operation answers: an address or a method that is not there.
        return self.provider.contract.unrouted.get(status)

    def _refuse(self, problem: Problem, exchange: Exchange, sandbox: Sandbox) -> EncodedResponse:
        exchange.violations.extend(problem.violations or _broken(problem, exchange))
        if not exchange.violations:
            exchange.notes.append(problem.detail)
        if problem.status >= 500 and problem.violations:
            log.error("%s answered out of contract: %s", self.provider.name, [v.as_dict() for v in problem.violations])
        error_context = self._error_context(exchange, sandbox)
        try:
            reply = self.provider.render_problem(problem, error_context)
            return encode_reply(reply, self._spec(reply.status, exchange))
        except Problem as broken:
            # The envelope itself is wrong: a fault of ours that must show, in the journal as well as in the status.
            exchange.violations.extend(broken.violations)
            log.error("%s cannot dress %s: %s", self.provider.name, problem.name, broken.violations)
            reply = self.provider.render_problem(internal_error(), error_context)
            return 500, encode_head(reply), orjson.dumps(reply.body), None

    def _error_context(self, exchange: Exchange, sandbox: Sandbox) -> ErrorContext:
        name = self.provider.name
        number = f"{sandbox.world.seed}/{sandbox.id}/{name}/{exchange.number}"
        call_id = blake2b(number.encode(), digest_size=16).hexdigest()
        operation = exchange.operation.id if exchange.operation else ""
        return ErrorContext(sandbox.variants[name], operation, call_id, exchange.headers)

    def _http_date(self, sandbox: Sandbox) -> bytes:
        now = sandbox.clock.now()
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True).encode())
        return self._date[1]


_PLACES: dict[str, MessagePart] = {
    **dict.fromkeys(("malformed", "missing_body", "unreadable_body", "payload_too_large"), "body"),
    "unsupported_media_type": "header",
    "method_not_allowed": "path",
    "not_found": "path",
}


def _broken(problem: Problem, exchange: Exchange) -> list[Violation]:
    """What a call breaks of the contract as a whole: a body that cannot be read, an address or method that is none."""
    if problem.name not in _PLACES or problem is exchange.sandbox_error:
        return []
    if problem.name == "not_found" and exchange.operation is not None:
        return []  # the address is one, only there is nothing at it
    pointer = "/content-type" if problem.name == "unsupported_media_type" else ""
    return [Violation(_PLACES[problem.name], pointer, problem.name, problem.detail)]
