"""Which fault meets a call, what comes instead of the provider's answer, what becomes of one that was made."""

from collections.abc import Sequence
from email.utils import formatdate
from typing import Any

import orjson

from mockserver.contract import ResponseSpec
from mockserver.foundation.clock import stopwatch
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.responses import EncodedResponse, encode_head
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ErrorContext, Provider
from mockserver.sandbox.faults import Fault, FaultHit, FaultKind, SendPlan, reshape, unknown_values
from mockserver.sandbox.faults import replacements as replacing
from mockserver.sandbox.faults.model import encoded
from mockserver.sandbox.faults.prefer import ID, NotUnderstood, wanted
from mockserver.sandbox.sandbox import Sandbox

NOTHING: EncodedResponse = (0, (), b"", None)
"""What is sent when the connection breaks before an answer begins; its status is none."""


def meet(provider: str, exchange: Exchange, sandbox: Sandbox) -> FaultHit | None:
    """The fault that this call meets: the one it asks for itself, or else the oldest in the book that strikes."""
    assert exchange.operation is not None
    if exchange.prefers:
        try:
            asked = wanted(exchange.scope["headers"])
        except NotUnderstood as wrong:
            exchange.notes.append(f"header Prefer: passed over, {wrong}")
        else:
            if asked:
                return FaultHit(ID, asked[0], exchange.number, asked[1])
    return sandbox.faults.meet(provider, exchange.operation.id, exchange.method, exchange.raw_path)


def instead(
    hit: FaultHit, provider: Provider, error_context: ErrorContext, exchange: Exchange, sandbox: Sandbox
) -> EncodedResponse | None:
    """What is answered before anything is read or done, or None when the call is to be carried out."""
    fault = hit.fault
    match fault.kind:
        case FaultKind.STATUS:
            return _refusal(fault, provider, error_context, exchange, sandbox)
        case FaultKind.REDIRECT:
            location = fault.location or _elsewhere(exchange)
            return fault.status or 307, ((b"location", location.encode()),), b"", None
        case FaultKind.CONTENT_TYPE:
            body = replacing.PAGE if fault.body is None else encoded(fault.body)
            headers = replacing.overridden(((b"content-type", replacing.HTML.encode()),), fault)
            return fault.status or 200, headers, body, None
        case FaultKind.RESET if fault.at == "before":
            return NOTHING
    return None


def misled(hit: FaultHit, call: Call) -> Call:
    """The call as its handler sees it: a read that is to be stale finds everything as it was in the beginning."""
    if hit.fault.kind is not FaultKind.STALE or not _reads(call.operation.method, call.operation.replies.get(200)):
        return call
    return call.with_stale_store()


def settle(hit: FaultHit, answer: EncodedResponse, exchange: Exchange, sandbox: Sandbox) -> EncodedResponse:
    """What is really sent. It is noted in the journal's words, and whether the contract has an answer like that."""
    assert exchange.operation is not None
    hit.began, hit.began_real = sandbox.clock.time(), stopwatch()
    kind = hit.fault.kind
    spec = exchange.operation.replies.get(answer[0])
    if kind in (FaultKind.DELAY, FaultKind.DRIP, FaultKind.STALE):
        # The road has checked it; only its time, or its age, is another.
        said, hit.in_contract = _slowed(hit, exchange.operation.method, spec), True
    else:
        answer, said = _changed(hit, answer, spec)
        hit.in_contract = not hit.delivery.end and _fits(answer, exchange.operation.replies.get(answer[0]))
    exchange.notes.append(f"fault {hit.id} ({kind.value}): {said}{'' if hit.in_contract else '; out of contract'}")
    if hit.applied and answer[0]:
        status, headers, body, page = answer
        return status, (*headers, (b"preference-applied", hit.applied.encode())), body, page
    return answer


def _refusal(
    fault: Fault, provider: Provider, error_context: ErrorContext, exchange: Exchange, sandbox: Sandbox
) -> EncodedResponse:
    assert fault.status is not None
    # A public operation has credentials of its own, if any: the challenge is that of the others.
    public = exchange.operation is None or exchange.operation.public
    date = formatdate(sandbox.clock.now() + (fault.retry_after or 0), usegmt=True)
    reply = provider.render_problem(
        replacing.refusal(fault, None if public else provider.auth.challenge, date), error_context
    )
    body = orjson.dumps(reply.body) if fault.body is None else encoded(fault.body)
    return fault.status, replacing.overridden(encode_head(reply), fault), body, None


def _elsewhere(exchange: Exchange) -> str:
    scheme, _, rest = exchange.base_url.partition("://")
    host, slash, path = rest.partition("/")
    server = exchange.scope.get("server")
    origin = replacing.other_name(f"{scheme}://{host}", server[0] if server else None)
    query = f"?{exchange.query.decode('latin-1')}" if exchange.query else ""
    return f"{origin}{slash}{path}{exchange.raw_path}{query}"


def _reads(method: str, spec: ResponseSpec | None) -> bool:
    """Whether an operation only looks: a GET, or a search by POST, which answers a list."""
    return method == "GET" or (spec is not None and spec.listing is not None)


def _slowed(hit: FaultHit, method: str, spec: ResponseSpec | None) -> str:
    fault = hit.fault
    if fault.kind is FaultKind.DELAY:
        hit.delivery = SendPlan(pause=hit.pause())
        return f"the answer is held for {round(hit.delivery.pause * 1000)} ms"
    if fault.kind is FaultKind.DRIP:
        between = 0.1 if fault.delay_ms is None else fault.delay_ms / 1000
        hit.delivery = SendPlan(piece=fault.piece_bytes, between=between)
        return f"{fault.piece_bytes} bytes at a time, {round(between * 1000)} ms from one piece to the next"
    if not _reads(method, spec):
        return "only what is read can be stale; this was carried out as usual"
    return "the answer shows everything as it was before anything changed"


def _changed(hit: FaultHit, answer: EncodedResponse, spec: ResponseSpec | None) -> tuple[EncodedResponse, str]:
    status, headers, body, _ = answer
    fault = hit.fault
    match fault.kind:
        case FaultKind.STATUS:
            hit.delivery = SendPlan(pause=hit.pause())
            return answer, f"{status}, and nothing was done"
        case FaultKind.REDIRECT:
            return answer, f"{status} to {headers[0][1].decode()}, and nothing was done"
        case FaultKind.CONTENT_TYPE:
            return answer, f"{status} with a page that is no JSON, and nothing was done"
        case FaultKind.EMPTY:
            return (status, headers, b"", None), f"no body in the place of {len(body)} bytes"
        case FaultKind.MALFORMED:
            return (status, headers, replacing.malformed(body), None), "a body that is no JSON"
        case FaultKind.TRUNCATE:
            return _truncated(hit, answer)
        case FaultKind.RESET:
            return _reset(hit, answer)
    return _reshaped(hit, answer, spec)


def _truncated(hit: FaultHit, answer: EncodedResponse) -> tuple[EncodedResponse, str]:
    status, headers, body, _ = answer
    keep = hit.fault.keep_bytes
    left = body[: len(body) // 2 if keep is None else keep]
    said = f"{len(left)} of {len(body)} bytes"
    if hit.fault.length == "wrong" and len(left) < len(body):
        hit.delivery = SendPlan(length=len(body), end="close")
        said += ", with the Content-Length of all; then the connection ends"
    return (status, headers, left, None), said


def _reset(hit: FaultHit, answer: EncodedResponse) -> tuple[EncodedResponse, str]:
    status, headers, body, _ = answer
    if hit.fault.at == "before":
        hit.delivery = SendPlan(end="reset")
        return NOTHING, "the connection is reset, and nothing was done"
    if hit.fault.at == "after":
        hit.delivery = SendPlan(end="reset")
        return NOTHING, f"the connection is reset in the place of the answer, {status}; what it tells of was done"
    hit.delivery = SendPlan(length=len(body), end="reset")
    left = body[: len(body) // 2]
    return (status, headers, left, None), f"the connection is reset after {len(left)} of {len(body)} bytes"


def _reshaped(hit: FaultHit, answer: EncodedResponse, spec: ResponseSpec | None) -> tuple[EncodedResponse, str]:
    status, headers, body, _ = answer
    value: Any = orjson.loads(body) if body else None
    path = spec.listing.path if spec and spec.listing else ()
    media_type = _media_type(headers)

    def fits(value: Any) -> bool:
        return spec is not None and not spec.check(media_type, value)

    match hit.fault.kind:
        case FaultKind.DUPLICATE_ITEMS:
            changed, said = reshape.duplicate_items(value, path, hit.rng("item"))
        case FaultKind.REORDER_ITEMS:
            changed, said = reshape.reorder_items(value, path, hit.rng("order"))
        case FaultKind.EXTRA_MEMBERS:
            changed, said = reshape.extra_members(value, path, fits)
        case FaultKind.UNKNOWN_VALUES:
            changed, said = _renewed(value, path, status, spec, media_type)
        case _:
            changed, said = reshape.wrong_type(value, hit.fault.pointer, hit.rng("member"), fits)
    if changed is value:
        return answer, said
    return (status, headers, orjson.dumps(changed), None), said


def _renewed(
    value: Any, path: Sequence[str], status: int, spec: ResponseSpec | None, media_type: str
) -> tuple[Any, str]:
    validator = spec.media.get(media_type.partition(";")[0]) if spec else None
    if validator is None or status >= 300:
        return value, "only what the contract has of a success can have values that it does not know"
    return unknown_values.unknown_values(value, path, validator.iter_errors)


def _fits(answer: EncodedResponse, spec: ResponseSpec | None) -> bool:
    """Whether the contract has the answer, as it is sent."""
    _, headers, body, _ = answer
    return spec is not None and replacing.is_json(body) and not spec.check(_media_type(headers), orjson.loads(body))


def _media_type(headers: tuple[tuple[bytes, bytes], ...]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == b"content-type"), "")
