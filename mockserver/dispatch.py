"""The one road for every call: route, authenticate, read, authorize, check, answer, check again, record."""

import logging
from difflib import get_close_matches
from email.utils import formatdate
from hashlib import blake2b
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from mockserver import __version__
from mockserver.clock import real_time, stopwatch
from mockserver.contract import Match, ReplySpec
from mockserver.contract.checks import violations
from mockserver.http import ClientGone, header, read_body, send_reply
from mockserver.intake import Journey, read_body_value, read_parameters
from mockserver.problems import (
    Problem,
    Violation,
    internal_error,
    invalid,
    invalid_path,
    malformed,
    method_not_allowed,
    not_found,
)
from mockserver.provider import Call, Page, Provider, Reply, Scene
from mockserver.sandbox import Sandbox, SandboxGone
from mockserver.sandboxes import Sandboxes
from mockserver.settings import Settings

log = logging.getLogger("mockserver.road")

_SERVER = (b"server", f"mockserver/{__version__}".encode())
_MOST_KEPT = 256 * 1024
"""Bytes of a page's body that are kept beside its items; larger pages are joined anew each time."""


class Road:
    """The road to one provider, whichever sandbox a call is for."""

    def __init__(self, provider: Provider, sandboxes: Sandboxes, settings: Settings) -> None:
        self.provider = provider
        self.sandboxes = sandboxes
        self._settings = settings
        self._date = (-1, b"")

    async def travel(
        self, scope: Scope, receive: Receive, send: Send, *, raw_path: str, base_url: str, sandbox_id: str | None
    ) -> None:
        """Answers one request. `raw_path` is the percent-encoded path below the provider's mount, `sandbox_id` what
        the path before that says.
        """
        journey = Journey(scope, raw_path, base_url)
        try:
            journey.raw = await read_body(scope, receive, self._settings.body_limit)
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
            answer = self._pass(journey, self._sandbox(journey, sandbox_id))
        status, headers, body = answer
        if journey.method == "HEAD":
            await send({"type": "http.response.start", "status": status, "headers": [*headers, _length(body)]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send_reply(send, status, headers, body)

    def _sandbox(self, journey: Journey, named: str | None) -> Sandbox:
        """Whom the call is for: by path, by header, or by its credentials. Of two names that differ the path's wins."""
        sandboxes = self.sandboxes
        id = named if named is not None else header(journey.scope, b"x-mockserver-sandbox")
        if id is not None:
            sandbox = sandboxes.get(id)
            if sandbox is None:
                journey.problem = not_found(
                    f"There is no sandbox {id!r}; it was deleted, or dropped when nobody used it."
                )
            return sandbox or sandboxes.default
        if sandboxes.alone:
            return sandboxes.default
        sandboxes.sweep_if_due()
        user = self.provider.access.user_in(header(journey.scope, b"authorization"), journey.raw)
        return (user and sandboxes.of_user(self.provider.name, user)) or sandboxes.default

    def _pass(self, journey: Journey, sandbox: Sandbox) -> "_Sent":
        """Everything between reading the request and sending the answer; nobody else sees the sandbox in between."""
        with sandbox.unit():
            return self._answer_and_record(journey, sandbox)

    def _answer_and_record(self, journey: Journey, sandbox: Sandbox) -> "_Sent":
        began, real_at = stopwatch(), real_time()
        sandbox.catch_up()
        journey.number = sandbox.tally.next_number(self.provider.name)
        status, headers, body, page = self._answer(journey, sandbox)
        operation = journey.operation.id if journey.operation else ""
        sandbox.tally.add(self.provider.name, operation, status, journey.given)
        if sandbox.script:
            journey.notes.extend(sandbox.script.after(self.provider.name, operation, status))
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
        )
        if page:
            page.shown = entry.reply
        if self.provider.headers:
            headers += _encode(self.provider.headers(self._scene(journey, sandbox)))
        return status, (*headers, _SERVER, (b"date", self._http_date(sandbox))), body

    def _answer(self, journey: Journey, sandbox: Sandbox) -> "_Answer":
        try:
            match = self._route(journey)
            if journey.method == "OPTIONS":
                return 204, ((b"allow", match.allow.encode()),), b"", None
            call = self._read(journey, match, sandbox)
            reply = self.provider.handlers[call.operation.id](call)
            return self._check(reply, journey)
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

    def _read(self, journey: Journey, match: Match, sandbox: Sandbox) -> Call:
        operation, scope = journey.operation, journey.scope
        assert operation is not None
        now = sandbox.clock.now()
        access = self.provider.access
        account = None if operation.public else access.authenticate(header(scope, b"authorization"), sandbox, now)
        if journey.problem:
            raise journey.problem
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
            scope,
            notes=journey.notes,
        )
        if wrong := [violation for violation in reading.violations if violation.place == "path"]:
            raise invalid_path(wrong)
        access.authorize(call)
        if reading.violations:
            raise invalid(reading.violations)
        if operation.body:
            call.body = read_body_value(operation, journey)
        elif journey.raw and not operation.query_from_body:
            journey.notes.append("the request has a body; this operation reads none")
        return call

    def _check(self, reply: Reply, journey: Journey) -> "_Answer":
        """The reply in bytes. Raises `internal_error` when the contract does not have it like that."""
        spec = self._spec(reply.status, journey)
        page = reply.body if isinstance(reply.body, Page) else None
        if page:
            wrong, body = ([], page.encoded) if page.encoded else _check_page(page, spec)
        else:
            wrong = spec.check(reply.media_type, reply.body) if spec else _undocumented(reply.status)
            body = b"" if wrong else orjson.dumps(reply.body)
        if wrong:
            raise internal_error(wrong)
        headers = ((b"content-type", reply.media_type.encode()), *_encode(reply.headers))
        return reply.status, headers, body, page

    def _spec(self, status: int, journey: Journey) -> ReplySpec | None:
        if journey.operation and status in journey.operation.replies:
            return journey.operation.replies[status]
        # What no operation answers: an address or a method that is not there.
        return self.provider.contract.unrouted.get(status)

    def _refuse(self, problem: Problem, journey: Journey, sandbox: Sandbox) -> "_Answer":
        journey.violations.extend(problem.violations)
        if problem.status >= 500 and problem.violations:
            log.error("%s answered out of contract: %s", self.provider.name, [v.as_dict() for v in problem.violations])
        scene = self._scene(journey, sandbox)
        try:
            return self._check(self.provider.dress(problem, scene), journey)
        except Problem as broken:
            # The envelope itself is wrong: a fault of ours that must show, in the journal as well as in the status.
            journey.violations.extend(broken.violations)
            log.error("%s cannot dress %s: %s", self.provider.name, problem.name, broken.violations)
            reply = self.provider.dress(internal_error(), scene)
            return 500, ((b"content-type", reply.media_type.encode()),), orjson.dumps(reply.body), None

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


_Headers = tuple[tuple[bytes, bytes], ...]
_Answer = tuple[int, _Headers, bytes, Page | None]
_Sent = tuple[int, _Headers, bytes]


def _check_page(page: Page, spec: ReplySpec | None) -> tuple[list[Violation], bytes]:
    if spec is None or spec.listing is None:
        return _undocumented(200), b""
    path = spec.listing.path
    envelope = {path[0]: [], **page.envelope}
    if len(path) == 2:
        envelope[path[0]] = {path[1]: [], **page.envelope[path[0]]}
    if wrong := violations(spec.listing.envelope, envelope, "reply"):
        return wrong, b""
    # The array comes first in its object, so the first place that looks like it is it.
    empty = b'"%b":[]' % path[-1].encode()
    before, _, after = orjson.dumps(envelope).partition(empty)
    body = b"%b%b%b]%b" % (before, empty[:-1], b",".join(page.items), after)
    if len(body) <= _MOST_KEPT:
        page.encoded = body
    return [], body


def _undocumented(status: int) -> list[Violation]:
    return [Violation("reply", "", "status", f"status {status} is not in the contract of this operation")]


def _encode(headers: Any) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode(), value.encode("latin-1", "replace")) for name, value in headers)


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % len(body)
