"""The fault that matched a call, as one object that acts on the call phase by phase."""

from typing import Any, Protocol

import orjson
from starlette.types import Scope, Send

from mockserver.contract import Operation
from mockserver.foundation.clock import stopwatch
from mockserver.foundation.connection import connection_of
from mockserver.foundation.problems import Problem
from mockserver.foundation.responses import EncodedResponse, media_type_of
from mockserver.pipeline.faults.delay import ResponseDelay
from mockserver.pipeline.faults.sending import send_planned
from mockserver.provider_api.call import Call
from mockserver.sandbox.faults import FAULT_KINDS, FaultHit
from mockserver.sandbox.faults.effects.effect import CallFacts
from mockserver.sandbox.faults.effects.json_values import is_json
from mockserver.sandbox.faults.hit import AT_ONCE
from mockserver.sandbox.faults.members import encode_body
from mockserver.sandbox.sandbox import Sandbox


class FaultyCall(Protocol):
    """A call on its way through the pipeline, as far as a fault needs it to make a response."""

    def facts(self) -> CallFacts:
        """Returns what a response in the handler's place may depend on."""

    def render(self, problem: Problem) -> EncodedResponse:
        """Returns a problem in the provider's envelope, whether or not the contract has it."""


class MatchedFault:
    """A fault that matched a call."""

    __slots__ = ("_effect", "_hit", "_in_contract", "_made_at", "_made_at_real", "_operation", "_plan", "_sandbox")

    def __init__(self, hit: FaultHit, operation: Operation, sandbox: Sandbox) -> None:
        self._hit = hit
        self._effect = FAULT_KINDS[hit.fault.kind].effect
        self._operation = operation
        self._sandbox = sandbox
        self._in_contract = False
        self._plan = AT_ONCE
        self._made_at = self._made_at_real = 0.0

    def replace(self, call: FaultyCall) -> EncodedResponse | None:
        """Returns the response in the place of the handler's; None when the call is to be carried out."""
        replacement = self._effect.replace(self._hit, call.facts())
        if isinstance(replacement, Problem):
            replacement = call.render(replacement)
        return None if replacement is None else self._with_members(replacement)

    def before(self, call: Call) -> Call:
        """Returns the call as its handler sees it."""
        return self._effect.before(call)

    def after(self, response: EncodedResponse, notes: list[str]) -> EncodedResponse:
        """Returns the response as it is sent, and notes for the journal what was done to it."""
        hit = self._hit
        self._made_at, self._made_at_real = self._sandbox.clock.time(), stopwatch()
        response, note, self._plan, in_contract = self._effect.after(hit, response, self._operation)
        self._in_contract = self._is_in_contract(response) if in_contract is None else in_contract
        outside = "" if self._in_contract else "; out of contract"
        notes.append(f"fault {hit.id} ({hit.fault.kind}): {note}{outside}")
        if hit.applied and response.status:
            applied = (b"preference-applied", hit.applied.encode())
            return response._replace(headers=(*response.headers, applied))
        return response

    async def send(self, response: EncodedResponse, scope: Scope, send: Send) -> None:
        """Sends the response late, in pieces or not to its end, never while the sandbox's transaction is open."""
        delay = ResponseDelay(self._sandbox, self._hit, self._made_at, self._made_at_real, connection_of(scope))
        await send_planned(response, self._plan, delay, scope, send)

    @property
    def compresses(self) -> bool:
        """Tells whether the response is compressed for a client that takes that; known after `after`."""
        return self._plan.compress

    def as_dict(self) -> dict[str, Any]:
        """Returns the form of the journal."""
        return {"id": self._hit.id, "kind": self._hit.fault.kind, "in_contract": self._in_contract}

    def _with_members(self, response: EncodedResponse) -> EncodedResponse:
        """Returns the response with the headers and the body that the fault brings along."""
        fault = self._hit.fault
        headers = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in fault.headers.items())
        names = {name for name, _ in headers}
        return EncodedResponse(
            response.status,
            (*(pair for pair in response.headers if pair[0] not in names), *headers),
            response.body if fault.body is None else encode_body(fault.body),
        )

    def _is_in_contract(self, response: EncodedResponse) -> bool:
        spec = self._operation.replies.get(response.status)
        if self._plan.end or spec is None or not is_json(response.body):
            return False
        return not spec.check(media_type_of(response), orjson.loads(response.body))
