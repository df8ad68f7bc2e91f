"""The fault of a call that none matched: NO_FAULT, which is all that most calls ever need of faults."""

from starlette.types import Scope, Send

from mockserver.foundation.asgi import length_of
from mockserver.foundation.responses import EncodedResponse
from mockserver.provider_api.call import Call


class NoFault:
    """The fault of a call that none matched: it lets everything be as it is."""

    __slots__ = ()

    @property
    def compresses(self) -> bool:
        """Leaves the body as it is."""
        return False

    def replace(self, call: object) -> None:
        """Leaves the response to the handler."""

    def before(self, call: Call) -> Call:
        """Returns the call as it is."""
        return call

    def after(self, response: EncodedResponse, notes: list[str]) -> EncodedResponse:
        """Returns the response as it is."""
        return response

    async def send(self, response: EncodedResponse, scope: Scope, send: Send) -> None:
        """Sends the response whole, with its Content-Length, which a 204 must not have (RFC 9110 §8.6)."""
        status, headers, body = response
        is_head = scope["method"] == "HEAD"
        length = () if status == 204 and not is_head else (length_of(len(body)),)
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
        await send({"type": "http.response.body", "body": b"" if is_head else body})

    def as_dict(self) -> None:
        """Returns nothing for the journal."""


NO_FAULT = NoFault()
