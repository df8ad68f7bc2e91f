"""Kind `reset`: the connection is reset before anything is done, in the middle of the response, or in its place."""

from mockserver.contract import Operation
from mockserver.foundation.responses import NOTHING, EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, CallFacts, Effect
from mockserver.sandbox.faults.hit import FaultHit, SendPlan

_RESET = SendPlan(end="reset")


def _before(hit: FaultHit, facts: CallFacts) -> EncodedResponse | None:
    return NOTHING if hit.fault.at == "before" else None


def _reset(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    if hit.fault.at == "before":
        return Altered(NOTHING, "the connection is reset, and nothing was done", _RESET)
    if hit.fault.at == "after":
        note = f"the connection is reset in the place of the answer, {response.status}; what it tells of was done"
        return Altered(NOTHING, note, _RESET)
    body = response.body
    left = body[: len(body) // 2]
    note = f"the connection is reset after {len(left)} of {len(body)} bytes"
    return Altered(response._replace(body=left), note, SendPlan(length=len(body), end="reset"))


RESET = Effect(_reset, replace=_before)
