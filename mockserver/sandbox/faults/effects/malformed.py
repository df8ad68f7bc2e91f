"""Kind `malformed`: a body that says it is JSON and is none."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, Effect
from mockserver.sandbox.faults.effects.json_values import is_json
from mockserver.sandbox.faults.hit import FaultHit


def _break(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response._replace(body=malformed(response.body)), "a body that is no JSON")


def malformed(body: bytes) -> bytes:
    """Returns the same bytes, but no JSON: the first colon between a name and its value is another sign."""
    broken = body.replace(b'":', b'"=', 1)
    return broken if broken != body and not is_json(broken) else b'{"' + body


MALFORMED = Effect(_break)
