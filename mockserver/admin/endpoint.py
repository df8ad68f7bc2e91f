"""Every call of the admin API takes these steps: read with a bound, find the sandbox, check, handle, answer."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from mockserver.admin.context import AdminApi, AnswerWithHeaders, Context, EncodedAnswer
from mockserver.admin.problems import error_response, problem_response
from mockserver.admin.request import check_file_type, parse_body, parse_query
from mockserver.admin.routes import EndpointSpec
from mockserver.admin.turns import at_once, in_turns
from mockserver.foundation.asgi import ClientGone, first_values, header, read_body
from mockserver.foundation.logging import log_failure
from mockserver.foundation.problems import malformed, method_not_allowed, not_found
from mockserver.foundation.redaction import loggable
from mockserver.registry.sandboxes import DEFAULT
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.unit_of_work import when_free

log = logging.getLogger("mockserver.admin")


class AdminEndpoint:
    """The ASGI application of one path of the admin API: the methods are looked up inside."""

    def __init__(self, api: AdminApi, methods: Mapping[str, EndpointSpec]) -> None:
        self._api = api
        self._methods = methods
        self._allow = ", ".join(sorted({*methods, *({"HEAD"} if "GET" in methods else ())}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(scope, receive)
        except ClientGone:
            return
        except Exception as error:
            response = error_response(error) or self._failed(scope)
        await response(scope, receive, _without_body(send) if scope["method"] == "HEAD" else send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        endpoint = self._methods.get(method)
        if endpoint is None:
            raise method_not_allowed(scope["method"], self._allow)
        limit = endpoint.file_limit or self._api.services.settings.body_limit
        raw = await read_body(first_values(scope["headers"]), receive, limit)
        id = scope["path_params"].get("sandbox", DEFAULT)
        addressed = await when_free(lambda: self._sandbox(id)) if endpoint.of_sandbox else None
        context = Context(self._api, scope, addressed)
        return _response(endpoint, await self._call(endpoint, context, _arguments(endpoint, scope, raw)))

    def _sandbox(self, id: str) -> Sandbox:
        sandbox = self._api.services.sandboxes.get(id)
        if sandbox is None:
            raise not_found(f"There is no sandbox {id!r}; it was deleted, or dropped when nobody used it.")
        return sandbox

    async def _call(self, endpoint: EndpointSpec, context: Context, arguments: list[Any]) -> Any:
        sandbox = context.addressed
        if sandbox is None:
            if iscoroutinefunction(endpoint.handler):
                return await endpoint.handler(context, *arguments)
            return await when_free(lambda: endpoint.handler(context, *arguments))
        try:
            return await _in_sandbox(sandbox, endpoint, context, arguments)
        except SandboxGone:
            # Another process deleted it, or made it anew, since this one last looked.
            self._api.services.sandboxes.forget(sandbox.id)
            again = await when_free(lambda: self._sandbox(sandbox.id))
            return await _in_sandbox(again, endpoint, replace(context, addressed=again), arguments)

    def _failed(self, scope: Scope) -> Response:
        log_failure(log, "%s %s failed", scope["method"], loggable(scope["path"]))
        self._api.services.sandboxes.metrics.count_failure()
        return problem_response(500, "The mock server failed; its log says why.")


async def _in_sandbox(sandbox: Sandbox, endpoint: EndpointSpec, context: Context, arguments: list[Any]) -> Any:
    def handle() -> Any:
        sandbox.process_due()
        return endpoint.handler(context, *arguments)

    if endpoint.method == "GET" and not iscoroutinefunction(endpoint.handler):
        return await in_turns(sandbox, handle)
    await in_turns(sandbox, sandbox.process_due)
    if iscoroutinefunction(endpoint.handler):
        # Begun when others, too, see what was caught up with.
        return await endpoint.handler(context, *arguments)
    return await at_once(sandbox, handle)


def _arguments(endpoint: EndpointSpec, scope: Scope, raw: bytes) -> list[Any]:
    arguments: list[Any] = []
    if endpoint.file_limit is not None:
        check_file_type(header(scope, b"content-type"))
        arguments.append(raw)
    elif endpoint.body is not None:
        arguments.append(parse_body(endpoint.body, raw, header(scope, b"content-type")))
    elif raw.strip() not in (b"", b"{}"):
        raise malformed("This call reads no body; send none.")
    query = parse_query(endpoint.query, scope["query_string"])
    return arguments if query is None else [*arguments, query]


def _response(endpoint: EndpointSpec, answer: Any) -> Response:
    if isinstance(answer, Response):
        return answer
    headers: dict[str, str] = {}
    if isinstance(answer, AnswerWithHeaders):
        answer, headers = answer.body, dict(answer.headers)
    if answer is None:
        return Response(status_code=204)
    body = answer.body if isinstance(answer, EncodedAnswer) else orjson.dumps(answer, _plain, orjson.OPT_NON_STR_KEYS)
    return Response(body, endpoint.status, headers, media_type=endpoint.media)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")


def _without_body(send: Send) -> Send:
    async def bare(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bare
