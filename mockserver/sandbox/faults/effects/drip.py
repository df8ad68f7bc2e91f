"""Kind `drip`: the body comes in small pieces, with a rest between them."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.hit import FaultHit, SendPlan

_SECONDS_BETWEEN = 0.1


def _drip(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    fault = hit.fault
    between = _SECONDS_BETWEEN if fault.delay_ms is None else fault.delay_ms / 1000
    note = f"{fault.piece_bytes} bytes at a time, {round(between * 1000)} ms from one piece to the next"
    return Altered(response, note, SendPlan(piece=fault.piece_bytes, between=between), True)


DRIP = Effect(_drip)
