"""The one way of every call of the admin API: read with a bound, find the sandbox, check, do, answer."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from mockserver.admin.context import Answer, Context
from mockserver.admin.problems import problem, refuse
from mockserver.admin.request import read_body as read_model
from mockserver.admin.request import read_query
from mockserver.admin.routes import EndpointSpec
from mockserver.foundation.asgi import ClientGone, header, read_body
from mockserver.foundation.problems import malformed, method_not_allowed, not_found
from mockserver.registry.sandboxes import DEFAULT
from mockserver.sandbox.sandbox import Sandbox, SandboxGone

if TYPE_CHECKING:
    from mockserver.admin.streams import Streams
    from mockserver.server.app import MockServer

log = logging.getLogger("mockserver.admin")


class AdminEndpoint:
    """One path of the admin API, as an ASGI application: the methods are looked up inside."""

    def __init__(self, server: "MockServer", streams: "Streams", rows: Mapping[str, EndpointSpec]) -> None:
        self._server = server
        self._streams = streams
        self._rows = rows
        self._allow = ", ".join(sorted({*rows, *({"HEAD"} if "GET" in rows else ())}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(scope, receive)
        except ClientGone:
            return
        except Exception as error:
            response = refuse(error) or self._failed(scope)
        await response(scope, receive, _headless(send) if scope["method"] == "HEAD" else send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        row = self._rows.get(method)
        if row is None:
            raise method_not_allowed(scope["method"], self._allow)
        raw = await read_body(scope, receive, self._server.settings.body_limit)
        here = self._sandbox(scope["path_params"].get("sandbox", DEFAULT)) if row.of_sandbox else None
        context = Context(self._server, self._streams, scope, here)
        answer = self._do(row, context, _arguments(row, scope, raw))
        return _response(row, await answer if isawaitable(answer) else answer)

    def _sandbox(self, id: str) -> Sandbox:
        sandbox = self._server.sandboxes.get(id)
        if sandbox is None:
            raise not_found(f"There is no sandbox {id!r}; it was deleted, or dropped when nobody used it.")
        return sandbox

    def _do(self, row: EndpointSpec, context: Context, arguments: list[Any]) -> Any:
        sandbox = context.here
        if sandbox is None:
            return row.do(context, *arguments)
        try:
            return _in_unit(sandbox, row, context, arguments)
        except SandboxGone:
            # Another process deleted it, or made it anew, since this one last looked.
            self._server.sandboxes.forget(sandbox.id)
            again = self._sandbox(sandbox.id)
            return _in_unit(again, row, replace(context, here=again), arguments)

    def _failed(self, scope: Scope) -> Response:
        log.exception("%s %s failed", scope["method"], scope["path"])
        return problem(500, "The mock server failed; its log says why.")


def _in_unit(sandbox: Sandbox, row: EndpointSpec, context: Context, arguments: list[Any]) -> Any:
    with sandbox.transaction():
        sandbox.process_due()
        if not iscoroutinefunction(row.do):
            return row.do(context, *arguments)
    # Begun when others, too, see what was caught up with.
    return row.do(context, *arguments)


def _arguments(row: EndpointSpec, scope: Scope, raw: bytes) -> list[Any]:
    arguments: list[Any] = []
    if row.body is not None:
        arguments.append(read_model(row.body, raw, header(scope, b"content-type")))
    elif raw.strip() not in (b"", b"{}"):
        raise malformed("This call reads no body; send none.")
    query = read_query(row.query, scope["query_string"])
    return arguments if query is None else [*arguments, query]


def _response(row: EndpointSpec, answer: Any) -> Response:
    if isinstance(answer, Response):
        return answer
    headers: dict[str, str] = {}
    if isinstance(answer, Answer):
        answer, headers = answer.body, dict(answer.headers)
    if answer is None:
        return Response(status_code=204)
    body = orjson.dumps(answer, _plain, orjson.OPT_NON_STR_KEYS)
    return Response(body, row.status, headers, media_type=row.media)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")


def _headless(send: Send) -> Send:
    async def bare(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bare
