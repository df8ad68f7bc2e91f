"""Kind `short_page`: a page has half as many items as were asked for, and its cursor leads on."""

from mockserver.contract import Operation
from mockserver.foundation.responses import EncodedResponse
from mockserver.sandbox.faults.effects.effect import Altered, CallT, Effect
from mockserver.sandbox.faults.hit import FaultHit


def _with_short_pages(call: CallT) -> CallT:
    return call.with_short_pages()


def _note(hit: FaultHit, response: EncodedResponse, operation: Operation) -> Altered:
    return Altered(response, "a list with cursors has half as many items a page as were asked for", in_contract=True)


SHORT_PAGE = Effect(_note, before=_with_short_pages)
