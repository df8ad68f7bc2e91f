"""The one road for every call: route, authenticate, fault, read, check, answer, check again, record."""

import logging
from difflib import get_close_matches
from email.utils import formatdate
from hashlib import blake2b

import orjson
from starlette.types import Receive, Scope, Send

from mockserver import __version__
from mockserver.contract import Match, ReplySpec
from mockserver.domain import Epoch
from mockserver.foundation.asgi import ClientGone, header, length_of, read_body, send_reply
from mockserver.foundation.clock import real_time, stopwatch
from mockserver.foundation.problems import (
    Place,
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
from mockserver.pipeline.exchange import Journey, read_body_value, read_parameters
from mockserver.pipeline.faults import deliver, instead, meet, misled, settle
from mockserver.pipeline.responses import Answer, Headers, encode_head, encode_headers, encode_reply
from mockserver.provider_api.provider import Call, Provider, Scene
from mockserver.registry.sandboxes import Sandboxes
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox, SandboxGone

log = logging.getLogger("mockserver.road")

_SERVER = (b"server", f"mockserver/{__version__}".encode())
_Sent = tuple[int, Headers, bytes]
"""Status, headers and body as they are sent; status 0 is nothing at all."""


class Road:
    """The road to one provider, whichever sandbox a call is for."""

    def __init__(self, provider: Provider, sandboxes: Sandboxes, settings: Settings) -> None:
        self.provider = provider
        self.sandboxes = sandboxes
        self._body_limit = settings.body_limit
        self._prefer = settings.prefer
        self._date = (-1, b"")

    async def travel(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, base_url: str, sandbox_id: str | None
    ) -> None:
        """Answers one request. `raw_path` is the percent-encoded path below the provider's mount, `sandbox_id` what
        the path before that says.
        """
        journey = Journey(scope, raw_path, base_url)
        try:
            journey.raw = await read_body(scope, receive, self._body_limit)
        except Problem as problem:
            journey.problem = problem
        except ClientGone:
            return
        sandbox = self._sandbox(journey, sandbox_id)
        try:
            answer = self._pass(journey, sandbox)
        except SandboxGone:
            # Another process deleted it, or made it anew, since this one last looked.
            self.sandboxes.forget(sandbox.id)
            journey = Journey(scope, raw_path, base_url, raw=journey.raw, problem=journey.problem)
            sandbox = self._sandbox(journey, sandbox_id)
            answer = self._pass(journey, sandbox)
        status, headers, body = answer
        if journey.strike is not None:
            await deliver(sandbox, journey.strike, scope, send, status, headers, body)
        elif journey.method == "HEAD":
            await send({"type": "http.response.start", "status": status, "headers": [*headers, length_of(len(body))]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send_reply(send, status, headers, body)

    def _sandbox(self, journey: Journey, named: str | None) -> Sandbox:
        try:
            return self._look_up(journey, named)
        except Problem as problem:
            # The store is out of reach.
            journey.astray = problem
            return self.sandboxes.default

    def _look_up(self, journey: Journey, named: str | None) -> Sandbox:
        """Whom the call is for: by path, by header, or by its credentials. Of two names that differ the path's wins."""
        sandboxes = self.sandboxes
        id = named if named is not None else header(journey.scope, b"x-mockserver-sandbox")
        if id is not None:
            sandbox = sandboxes.get(id)
            if sandbox is None:
                journey.astray = not_found(
                    f"There is no sandbox {id!r}; it was deleted, or dropped when nobody used it."
                )
            return sandbox or sandboxes.default
        if sandboxes.alone:
            return sandboxes.default
        sandboxes.sweep_if_due()
        user = self.provider.access.user_in(header(journey.scope, b"authorization"), journey.raw)
        return (user and sandboxes.of_user(self.provider.name, user)) or sandboxes.default

    def _pass(self, journey: Journey, sandbox: Sandbox) -> _Sent:
        """Everything between reading the request and sending the answer; nobody else sees the sandbox in between."""
        try:
            with sandbox.unit():
                return self._answer_and_record(journey, sandbox)
        except Problem as problem:
            # The store is out of reach, and with it the journal: the client is told, and nothing was done.
            journey.strike = None
            status, headers, body, _ = self._refuse(problem, journey, sandbox)
            return status, (*headers, _SERVER, (b"date", self._http_date(sandbox))), body

    def _answer_and_record(self, journey: Journey, sandbox: Sandbox) -> _Sent:
        began, real_at = stopwatch(), real_time()
        # What is for no sandbox is only recorded in the default one: its scenario does not count it.
        script = None if journey.astray else sandbox.script
        if not journey.astray:
            sandbox.catch_up()
        journey.number = sandbox.tally.next_number(self.provider.name)
        answer = self._answer(journey, sandbox)
        if journey.strike is not None:
            answer = settle(journey.strike, answer, journey, sandbox)
        status, headers, body, page = answer
        operation = journey.operation.id if journey.operation else ""
        sandbox.tally.add(self.provider.name, operation, status, journey.given)
        if script:
            journey.notes.extend(script.after(self.provider.name, operation, status))
        if status:
            if self.provider.headers:
                headers += encode_headers(self.provider.headers(self._scene(journey, sandbox)))
            headers = (*headers, _SERVER, (b"date", self._http_date(sandbox)))
        # Recorded before it is sent: a client that has its answer finds the call in the journal.
        entry = sandbox.journal.record(
            at=sandbox.clock.time(),
            real_at=real_at,
            provider=self.provider.name,
            operation=operation,
            method=journey.method,
            path=journey.raw_path,
            query=journey.query.decode("latin-1"),
            status=status,
            duration_ms=(stopwatch() - began) * 1000,
            violations=journey.violations,
            notes=journey.notes,
            request=journey.raw,
            reply=body,
            shown=page.shown if page else None,
            fault=journey.strike.as_dict() if journey.strike is not None else None,
            request_headers=journey.scope["headers"],
            reply_headers=headers,
        )
        if page:
            page.shown = entry.reply
        return status, headers, body

    def _answer(self, journey: Journey, sandbox: Sandbox) -> Answer:
        try:
            if journey.astray:
                raise journey.astray
            match = self._route(journey)
            if journey.method == "OPTIONS":
                return 204, ((b"allow", match.allow.encode()),), b"", None
            now = sandbox.clock.now()
            account = self._enter(journey, sandbox, now)
            if (self._prefer and self._prefers(journey)) or sandbox.faults.armed:
                journey.strike = meet(self.provider.name, journey, sandbox)
            strike = journey.strike
            if strike and (answer := instead(strike, self.provider, self._scene(journey, sandbox), journey, sandbox)):
                return answer
            call = self._read(journey, match, sandbox, account, now)
            if strike:
                call = misled(strike, call)
            reply = self.provider.handlers[call.operation.id](call)
            return encode_reply(reply, self._spec(reply.status, journey))
        except Problem as problem:
            return self._refuse(problem, journey, sandbox)
        except Exception:
            log.exception("%s %s%s failed", journey.method, self.provider.name, journey.raw_path)
            return self._refuse(internal_error(), journey, sandbox)

    def _route(self, journey: Journey) -> Match:
        try:
            match = self.provider.contract.router.match(journey.raw_path)
        except ValueError:
            raise malformed("The path is not UTF-8 in percent-encoding.") from None
        if match is None:
            raise not_found(self._no_such_path(journey.raw_path))
        method = "GET" if journey.method == "HEAD" else journey.method
        journey.operation = match.operations.get(method)
        if journey.operation is None and journey.method != "OPTIONS":
            raise method_not_allowed(journey.method, match.allow)
        return match

    def _no_such_path(self, raw_path: str) -> str:
        templates = sorted({operation.path for operation in self.provider.contract.operations.values()})
        close = get_close_matches(raw_path, templates, n=1, cutoff=0.5)
        return "There is nothing at this path" + (f"; the nearest operation is at {close[0]}." if close else ".")

    def _enter(self, journey: Journey, sandbox: Sandbox, now: Epoch) -> Account | None:
        """Who calls; nobody needs to be known where the operation is public."""
        assert journey.operation is not None
        account = None
        if not journey.operation.public:
            authorization = header(journey.scope, b"authorization")
            account = self.provider.access.authenticate(authorization, sandbox, now)
        if journey.problem:
            raise journey.problem
        return account

    def _prefers(self, journey: Journey) -> bool:
        journey.prefers = header(journey.scope, b"prefer") is not None
        return journey.prefers

    def _read(self, journey: Journey, match: Match, sandbox: Sandbox, account: Account | None, now: Epoch) -> Call:
        operation = journey.operation
        assert operation is not None
        reading = read_parameters(operation, match, journey)
        call = Call(
            sandbox,
            self.provider.contract,
            operation,
            reading.values,
            reading.key,
            account,
            journey.base_url,
            now,
            journey.scope,
            notes=journey.notes,
        )
        if wrong := [violation for violation in reading.violations if violation.place == "path"]:
            raise invalid_path(wrong)
        self.provider.access.authorize(call)
        if reading.violations:
            raise invalid(reading.violations)
        if operation.body:
            call.body = read_body_value(operation, journey)
        elif journey.raw and not operation.query_from_body:
            journey.notes.append("the request has a body; this operation reads none")
        return call

    def _spec(self, status: int, journey: Journey) -> ReplySpec | None:
        if journey.operation and status in journey.operation.replies:
            return journey.operation.replies[status]
        # What no operation answers: an address or a method that is not there.
        return self.provider.contract.unrouted.get(status)

    def _refuse(self, problem: Problem, journey: Journey, sandbox: Sandbox) -> Answer:
        journey.violations.extend(problem.violations or _broken(problem, journey))
        if not journey.violations:
            journey.notes.append(problem.detail)
        if problem.status >= 500 and problem.violations:
            log.error("%s answered out of contract: %s", self.provider.name, [v.as_dict() for v in problem.violations])
        scene = self._scene(journey, sandbox)
        try:
            reply = self.provider.dress(problem, scene)
            return encode_reply(reply, self._spec(reply.status, journey))
        except Problem as broken:
            # The envelope itself is wrong: a fault of ours that must show, in the journal as well as in the status.
            journey.violations.extend(broken.violations)
            log.error("%s cannot dress %s: %s", self.provider.name, problem.name, broken.violations)
            reply = self.provider.dress(internal_error(), scene)
            return 500, encode_head(reply), orjson.dumps(reply.body), None

    def _scene(self, journey: Journey, sandbox: Sandbox) -> Scene:
        name = self.provider.name
        number = f"{sandbox.world.seed}/{sandbox.id}/{name}/{journey.number}"
        call_id = blake2b(number.encode(), digest_size=16).hexdigest()
        operation = journey.operation.id if journey.operation else ""
        return Scene(sandbox.variants[name], operation, call_id, journey.scope)

    def _http_date(self, sandbox: Sandbox) -> bytes:
        now = sandbox.clock.now()
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True).encode())
        return self._date[1]


_PLACES: dict[str, Place] = {
    **dict.fromkeys(("malformed", "missing_body", "unreadable_body", "payload_too_large"), "body"),
    "unsupported_media_type": "header",
    "method_not_allowed": "path",
    "not_found": "path",
}


def _broken(problem: Problem, journey: Journey) -> list[Violation]:
    """What a call breaks of the contract as a whole: a body that cannot be read, an address or method that is none."""
    if problem.name not in _PLACES or problem is journey.astray:
        return []
    if problem.name == "not_found" and journey.operation is not None:
        return []  # the address is one, only there is nothing at it
    pointer = "/content-type" if problem.name == "unsupported_media_type" else ""
    return [Violation(_PLACES[problem.name], pointer, problem.name, problem.detail)]
