"""Kind `stale`: a read sees everything as it was before anything changed."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, CallT, Effect, reads
from mockserver.sandbox.faults.hit import FaultHit


def _with_stale_store(call: CallT) -> CallT:
    return call.with_stale_store() if reads(call.operation) else call


def _note(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    if reads(operation, response.status):
        note = "the answer shows everything as it was before anything changed"
    else:
        note = "only what is read can be stale; this was carried out as usual"
    return Altered(response, note, in_contract=True)


STALE = Effect(_note, before=_with_stale_store)
