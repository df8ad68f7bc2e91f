"""Kind `gzip`: the body comes compressed to a client that says it takes that, and as it is to any other."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.hit import FaultHit, SendPlan


def _compress(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response, "compressed for who takes gzip", SendPlan(compress=True), in_contract=True)


GZIP = Effect(_compress)
