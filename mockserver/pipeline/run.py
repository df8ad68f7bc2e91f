"""A run of the pipeline: route, authenticate, match faults, read, check, answer, check again, record."""

import logging
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from mockserver.contract import Operation, ResponseSpec
from mockserver.foundation.clock import real_time, stopwatch
from mockserver.foundation.compression import marked_for_gzip
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.logging import log_failure
from mockserver.foundation.problems import Problem, Violation, internal_error, invalid, invalid_path
from mockserver.foundation.redaction import loggable
from mockserver.foundation.responses import EncodedResponse, Headers, encoded_response
from mockserver.foundation.slices import SliceOver
from mockserver.pipeline.answer_keys import answer_key, size_of_key
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.faults import NO_FAULT
from mockserver.pipeline.notes import note_unknown_names, notes_on_credentials
from mockserver.pipeline.reading import read_body_value, read_parameters
from mockserver.pipeline.responses import encode_headers, encode_reply, encode_unchecked, is_large, server_and_date
from mockserver.pipeline.routing import Route, route
from mockserver.pipeline.violations import broken_rules
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ErrorContext, Provider
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.journal import LateNotes, RecordedBody
from mockserver.sandbox.known_answers import KnownAnswer
from mockserver.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from mockserver.sandbox.faults.effects.effect import CallFacts

log = logging.getLogger("mockserver.pipeline")
_COMPRESSION = "compression"
"""The variant of a contract that tells whether its provider compresses; without it, the provider never does."""


class PipelineRun:
    """An exchange on its way through the steps, in one sandbox, with what is known of it so far.

    The journal gets that, however far the exchange came.
    """

    # Attributes of the class until they are set: most calls need few of them.
    has_begun = False
    """Whether anything was done that must not be done twice."""
    _number = 0
    _route: Route | None = None
    _operation: Operation | None = None
    _parameter_names: tuple[str, ...] = ()
    _recorded: RecordedBody | None = None
    """The body of the handler's answer as the journal keeps it, if an equal one is there already."""
    _violations: Sequence[Violation] = ()
    _late_notes: LateNotes | None = None
    _was_read = False
    _error_context: ErrorContext | None = None
    _call: Call | None = None
    """The call that the handler answers, once the steps before are done."""
    _answered: tuple[EncodedResponse, EncodedResponse] | None = None
    """The answer, and the response that the fault made of it."""

    def __init__(
        self, provider: Provider, exchange: Exchange, sandbox: Sandbox, sandbox_error: Problem | None, prefer: bool
    ) -> None:
        self._provider = provider
        self._exchange = exchange
        self.sandbox: Final = sandbox
        self._sandbox_error = sandbox_error
        """The reason why nobody knows which sandbox the exchange is for."""
        self._prefer = prefer  # whether a request may ask for a fault itself
        self._notes: list[str] = []
        self._started = stopwatch()
        self._started_real = real_time()

    def respond(self) -> EncodedResponse | None:
        """Returns the response, and records the exchange; None when the time slice ended before: then it goes on here.

        What was done until then is not done again.
        """
        try:
            if self._answered is None:
                self._answered = self._make_answer()
            else:
                self._notes.extend(self.sandbox.scenario.go_on())
        except SliceOver:
            return None
        answer, (status, headers, body) = self._answered
        at = self.sandbox.clock.time()
        if status:
            headers += self._common_headers(int(at))
        response = encoded_response((status, headers, body))
        # Recorded before it is sent: a client that has its answer finds the call in the journal.
        self._record(response, self._recorded if body is answer.body else None, at)
        return response

    def _make_answer(self) -> tuple[EncodedResponse, EncodedResponse]:
        """Returns the answer, and what its fault makes of it, after what follows from it was done."""
        sandbox, name = self.sandbox, self._provider.name
        if not self.has_begun:
            # What is for no sandbox is only recorded in the default one: its scenario does not count it.
            if not self._sandbox_error:
                sandbox.process_due()
            self.has_begun = True
            self._number = sandbox.usage.next_number(name)
        answer = altered = self._answer()
        fault = self._exchange.fault
        if fault is not NO_FAULT:
            altered = fault.after(answer, self._notes)
        if b"accept-encoding" in self._exchange.head.headers and self._is_compressed():
            altered = marked_for_gzip(altered, self._exchange.head.headers)
        answered = answer, altered
        operation = self._operation.id if self._operation else ""
        sandbox.usage.add(name, operation, altered.status, self._parameter_names)
        if not self._sandbox_error:
            # Set before: when the slice ends in here, all but the rest of this is done.
            self._answered = answered
            if notes := sandbox.scenario.on_response(name, operation, altered.status):
                self._notes.extend(notes)
        return answered

    def refuse_unrecorded(self, problem: Problem) -> EncodedResponse:
        """Returns the response where the store is out of reach, and with it the journal: nothing was done."""
        self._exchange.set_fault(NO_FAULT)
        status, headers, body = self._error_response(problem)
        return EncodedResponse(status, headers + server_and_date(self.sandbox.clock.now()), body)

    def _answer(self) -> EncodedResponse:
        exchange, provider, noted = self._exchange, self._provider, 0
        try:
            if self._call is None:
                if self._sandbox_error:
                    raise self._sandbox_error
                way = route(provider.contract, exchange.head)
                operation = way.operation
                if operation is None:
                    return EncodedResponse(204, ((b"allow", way.match.allow.encode()),), b"")
                self._route, self._operation = way, operation
                now = self.sandbox.clock.now()
                account = self._authenticate(operation, now)
                self._match_fault(operation)
                if exchange.fault is NO_FAULT:
                    self._call = self._read(operation, way, account, now)
                else:
                    replacement = exchange.fault.replace(self)
                    if replacement is not None:
                        return replacement
                    self._call = exchange.fault.before(self._read(operation, way, account, now))
            noted = len(self._notes)
            return self._handle(self._call)
        except Problem as problem:
            return self._error_response(problem)
        except SliceOver:
            # The handler begins anew in the next slice; it has changed nothing, or it would have gone on.
            del self._notes[noted:]
            raise
        except Exception:
            path = loggable(exchange.head.raw_path, self.sandbox.journal.redactor)
            log_failure(log, "%s %s%s failed", exchange.head.method, provider.name, path)
            return self._error_response(internal_error())

    def _handle(self, call: Call) -> EncodedResponse:
        """Returns the checked answer of the handler, or the one that it gave to the same call, if that still holds."""
        exchange, sandbox = self._exchange, self.sandbox
        if exchange.fault is not NO_FAULT or call.operation.may_change:
            return self._new_answer(call)[1]
        key = answer_key(call, exchange.body)
        answer = sandbox.known_answers.find(key, call.now)
        if answer is not None:
            self._notes.extend(answer.notes)
            self._recorded = answer.recorded
            return answer.response
        noted = len(self._notes)
        until, response = self._new_answer(call)
        if until > call.now:
            self._recorded = recorded = sandbox.journal.body_of(response.body)
            answer = KnownAnswer(call.now, until, response, recorded, tuple(self._notes[noted:]))
            sandbox.known_answers.add(key, size_of_key(call, exchange.body), answer)
        return response

    def _new_answer(self, call: Call) -> tuple[Epoch, EncodedResponse]:
        """Returns the checked answer of the handler, and the moment until which it holds."""
        reply = self._provider.handlers[call.operation.id](call)
        if is_large(reply):
            call.pause_once()
        return reply.until, encode_reply(reply, self._spec(reply.status))

    def _authenticate(self, operation: Operation, now: Epoch) -> Account | None:
        account = None
        if not operation.public:
            account = self._provider.auth.authenticate(self._exchange.head.authorization, self.sandbox, now)
        if self._exchange.body_error:
            raise self._exchange.body_error
        return account

    def _match_fault(self, operation: Operation) -> None:
        exchange, sandbox, hit = self._exchange, self.sandbox, None
        if self._prefer and b"prefer" in exchange.head.headers:
            from mockserver.sandbox.faults.prefer import NotUnderstood, preferred_fault

            try:
                hit = preferred_fault(exchange.head.raw_headers, self._number)
            except NotUnderstood as error:
                self._notes.append(f"header Prefer: passed over, {error}")
        if hit is None and sandbox.faults.has_active:
            hit = sandbox.faults.match(self._provider.name, operation.id, exchange.head.method, exchange.head.raw_path)
        if hit is not None:
            from mockserver.pipeline.faults import MatchedFault

            exchange.set_fault(MatchedFault(hit, operation, sandbox))

    def _read(self, operation: Operation, way: Route, account: Account | None, now: Epoch) -> Call:
        exchange, sandbox = self._exchange, self.sandbox
        parameters = way.parameters or read_parameters(operation, way, exchange)
        if parameters.notes:
            self._notes.extend(parameters.notes)
        self._parameter_names = parameters.names
        call = Call(
            sandbox,
            sandbox.store,
            self._provider.contract,
            operation,
            parameters.values,
            parameters.key,
            account,
            exchange.head.base_url,
            exchange.head.raw_path,
            now,
            exchange.head.headers,
            None,
            self._notes,
        )
        wrong = parameters.violations
        if wrong and (in_path := [violation for violation in wrong if violation.place == "path"]):
            raise invalid_path(in_path)
        self._provider.auth.authorize(call)
        if wrong:
            raise invalid(wrong, parameters.left_out)
        if operation.body is not None or exchange.body:
            call.take_body(read_body_value(operation, way, exchange, self._notes), exchange.body)
        self._was_read = True
        return call

    def _spec(self, status: int) -> ResponseSpec | None:
        if self._operation and status in self._operation.replies:
            return self._operation.replies[status]
        # What no operation answers: an address or a method that is not there.
        return self._provider.contract.unrouted.get(status)

    def _error_response(self, problem: Problem) -> EncodedResponse:
        provider = self._provider
        # What the exchange and this run keep must not keep them in turn by the frames of its traceback.
        problem.with_traceback(None)
        if problem is not self._sandbox_error:
            self._violations = problem.violations or broken_rules(problem, is_routed=self._operation is not None)
        if self._operation is not None and self._route is not None:
            if not self._was_read and problem.status < 500:
                self._late_notes = note_unknown_names(self._operation, self._route.match, self._exchange, self._notes)
            if problem.status == 401:
                self._notes.extend(notes_on_credentials(self._exchange, self.sandbox, provider.name))
        if not self._violations:
            self._notes.append(problem.detail)
        if problem.status >= 500 and problem.violations:
            log.error("%s answered out of contract: %s", provider.name, [v.as_dict() for v in problem.violations])
        if problem.name == "unavailable":
            # This server's own trouble, such as with its store or its memory: no contract needs to know of it.
            return self.render(problem)
        try:
            reply = provider.render_problem(problem, self._context())
            return encode_reply(reply, self._spec(reply.status))
        except Problem as broken:
            # The envelope itself is wrong: a fault of ours that must show, in the journal as well as in the status.
            self._violations = [*self._violations, *broken.violations]
            log.error("%s cannot render %s: %s", provider.name, problem.name, broken.violations)
            return self.render(internal_error())

    def render(self, problem: Problem) -> EncodedResponse:
        """Returns a problem in the provider's envelope, whether or not the contract has it."""
        return encode_unchecked(self._provider.render_problem(problem, self._context()))

    def facts(self) -> "CallFacts":
        """Returns what the response of a fault may depend on."""
        from mockserver.pipeline.fault_facts import facts_of

        return facts_of(self._exchange, self._provider.auth, self._operation, self.sandbox)

    def _context(self) -> ErrorContext:
        """Returns the context of this run's errors, which is made when it is first needed."""
        if self._error_context is None:
            sandbox, name = self.sandbox, self._provider.name
            number = f"{sandbox.world.seed}/{sandbox.identity}/{name}/{self._number}"
            call_id = blake2b(number.encode(), digest_size=16).hexdigest()
            operation = self._operation.id if self._operation else ""
            self._error_context = ErrorContext(sandbox.variants[name], operation, call_id, self._exchange.head.headers)
        return self._error_context

    def _common_headers(self, now: Epoch) -> Headers:
        headers = server_and_date(now)
        if self._provider.headers:
            return encode_headers(self._provider.headers(self._context())) + headers
        return headers

    def _is_compressed(self) -> bool:
        """Tells whether the provider compresses for who takes that; what a fault changes goes out as the fault says."""
        fault = self._exchange.fault
        if fault is NO_FAULT:
            return self.sandbox.variants[self._provider.name].get(_COMPRESSION) == "gzip"
        return fault.compresses

    def _record(self, response: EncodedResponse, recorded: RecordedBody | None, at: float) -> None:
        exchange, sandbox, operation = self._exchange, self.sandbox, self._operation
        status, headers, body = response
        sandbox.journal.record(
            at,
            self._started_real,
            self._provider.name,
            "" if operation is None else operation.id,
            exchange.head,
            status,
            (stopwatch() - self._started) * 1000,
            self._violations,
            self._notes,
            exchange.body,
            body if recorded is None else recorded,
            exchange.fault.as_dict(),
            headers,
            self._late_notes,
        )
