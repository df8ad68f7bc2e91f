"""Kind `truncate`: the body breaks off, with a Content-Length that is right or wrong."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.hit import AT_ONCE, FaultHit, SendPlan


def _truncate(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    body, keep = response.body, hit.fault.keep_bytes
    left = body[: len(body) // 2 if keep is None else keep]
    note, plan = f"{len(left)} of {len(body)} bytes", AT_ONCE
    if hit.fault.length == "wrong" and len(left) < len(body):
        note += ", with the Content-Length of all; then the connection ends"
        plan = SendPlan(length=len(body), end="close")
    return Altered(response._replace(body=left), note, plan)


TRUNCATE = Effect(_truncate)
