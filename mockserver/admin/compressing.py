"""Long answers of the admin API are compressed for who asks, by the same rules as those of providers."""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.foundation.asgi import first_values, length_of
from mockserver.foundation.compression import VARY, accepts_gzip, in_sent_form, marked_for_gzip
from mockserver.foundation.responses import EncodedResponse, media_type_of


class CompressingAnswers:
    """Middleware that compresses answers that are sent whole; what comes in pieces, such as events, stays as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = first_values(scope["headers"])
        is_asked = scope["method"] != "HEAD" and accepts_gzip(headers)
        start: Message | None = None

        async def compress(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], VARY]}
                if is_asked and not _stays_as_it_is(message):
                    start = message
                    return
            if start is not None:
                begin, start = start, None
                if not message.get("more_body"):
                    answer = EncodedResponse(begin["status"], tuple(begin["headers"]), bytes(message.get("body", b"")))
                    answer = await in_sent_form(marked_for_gzip(answer, headers))
                    begin = {**begin, "headers": _with_length(answer)}
                    message = {**message, "body": answer.body}
                await send(begin)
            await send(message)

        await self._app(scope, receive, compress)


def _stays_as_it_is(start: Message) -> bool:
    """Tells whether an answer is a stream, or a file that is compressed already."""
    media_type = media_type_of(EncodedResponse(0, tuple(start["headers"]), b""))
    return media_type.startswith(("text/event-stream", "application/gzip"))


def _with_length(answer: EncodedResponse) -> list[Any]:
    length = length_of(len(answer.body))
    return [length if name == length[0] else (name, value) for name, value in answer.headers]
