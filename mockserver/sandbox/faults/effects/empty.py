"""Kind `empty`: status and headers without a body."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.hit import FaultHit


def _empty(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response._replace(body=b""), f"no body in the place of {len(response.body)} bytes")


EMPTY = Effect(_empty)
