"""Kind `delay`: the response begins late."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.hit import FaultHit, SendPlan


def _hold(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    pause = hit.pause()
    return Altered(response, f"the answer is held for {round(pause * 1000)} ms", SendPlan(pause=pause), True)


DELAY = Effect(_hold)
