"""Which fault meets a call, what comes instead of the provider's answer, what becomes of one that was made."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import orjson

from mockserver.contract import ReplySpec
from mockserver.foundation.clock import stopwatch
from mockserver.pipeline.exchange import Journey
from mockserver.pipeline.responses import Answer, encode_head
from mockserver.provider_api.provider import Call, Provider, Scene
from mockserver.sandbox.faults import Delivery, Fault, FaultKind, Strike, reshape, unknown_values
from mockserver.sandbox.faults import replacements as replacing
from mockserver.sandbox.faults.model import encoded
from mockserver.sandbox.faults.prefer import ID, NotUnderstood, wanted
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import MemoryStore

NOTHING: Answer = (0, (), b"", None)
"""What is sent when the connection breaks before an answer begins; its status is none."""


def meet(provider: str, journey: Journey, sandbox: Sandbox) -> Strike | None:
    """The fault that this call meets: the one it asks for itself, or else the oldest in the book that strikes."""
    assert journey.operation is not None
    if journey.prefers:
        try:
            asked = wanted(journey.scope["headers"])
        except NotUnderstood as wrong:
            journey.notes.append(f"header Prefer: passed over, {wrong}")
        else:
            if asked:
                return Strike(ID, asked[0], journey.number, asked[1])
    return sandbox.faults.meet(provider, journey.operation.id, journey.method, journey.raw_path)


def instead(strike: Strike, provider: Provider, scene: Scene, journey: Journey, sandbox: Sandbox) -> Answer | None:
    """What is answered before anything is read or done, or None when the call is to be carried out."""
    fault = strike.fault
    match fault.kind:
        case FaultKind.STATUS:
            return _refusal(fault, provider, scene, journey, sandbox)
        case FaultKind.REDIRECT:
            location = fault.location or _elsewhere(journey)
            return fault.status or 307, ((b"location", location.encode()),), b"", None
        case FaultKind.CONTENT_TYPE:
            body = replacing.PAGE if fault.body is None else encoded(fault.body)
            headers = replacing.overridden(((b"content-type", replacing.HTML.encode()),), fault)
            return fault.status or 200, headers, body, None
        case FaultKind.RESET if fault.at == "before":
            return NOTHING
    return None


def misled(strike: Strike, call: Call) -> Call:
    """The call as its handler sees it: a read that is to be stale finds everything as it was in the beginning."""
    if strike.fault.kind is not FaultKind.STALE or not _reads(call.operation.method, call.operation.replies.get(200)):
        return call
    before = copy(call.sandbox)
    before.store = MemoryStore(call.sandbox.world)
    return replace(call, sandbox=before)


def settle(strike: Strike, answer: Answer, journey: Journey, sandbox: Sandbox) -> Answer:
    """What is really sent. It is noted in the journal's words, and whether the contract has an answer like that."""
    assert journey.operation is not None
    strike.began, strike.began_real = sandbox.clock.time(), stopwatch()
    kind = strike.fault.kind
    spec = journey.operation.replies.get(answer[0])
    if kind in (FaultKind.DELAY, FaultKind.DRIP, FaultKind.STALE):
        # The road has checked it; only its time, or its age, is another.
        said, strike.in_contract = _slowed(strike, journey.operation.method, spec), True
    else:
        answer, said = _changed(strike, answer, spec)
        strike.in_contract = not strike.delivery.end and _fits(answer, journey.operation.replies.get(answer[0]))
    journey.notes.append(f"fault {strike.id} ({kind.value}): {said}{'' if strike.in_contract else '; out of contract'}")
    if strike.applied and answer[0]:
        status, headers, body, page = answer
        return status, (*headers, (b"preference-applied", strike.applied.encode())), body, page
    return answer


def _refusal(fault: Fault, provider: Provider, scene: Scene, journey: Journey, sandbox: Sandbox) -> Answer:
    assert fault.status is not None
    # A public operation has credentials of its own, if any: the challenge is that of the others.
    public = journey.operation is None or journey.operation.public
    date = formatdate(sandbox.clock.now() + (fault.retry_after or 0), usegmt=True)
    reply = provider.dress(replacing.refusal(fault, None if public else provider.access.challenge, date), scene)
    body = orjson.dumps(reply.body) if fault.body is None else encoded(fault.body)
    return fault.status, replacing.overridden(encode_head(reply), fault), body, None


def _elsewhere(journey: Journey) -> str:
    scheme, _, rest = journey.base_url.partition("://")
    host, slash, path = rest.partition("/")
    server = journey.scope.get("server")
    origin = replacing.other_name(f"{scheme}://{host}", server[0] if server else None)
    query = f"?{journey.query.decode('latin-1')}" if journey.query else ""
    return f"{origin}{slash}{path}{journey.raw_path}{query}"


def _reads(method: str, spec: ReplySpec | None) -> bool:
    """Whether an operation only looks: a GET, or a search by POST, which answers a list."""
    return method == "GET" or (spec is not None and spec.listing is not None)


def _slowed(strike: Strike, method: str, spec: ReplySpec | None) -> str:
    fault = strike.fault
    if fault.kind is FaultKind.DELAY:
        strike.delivery = Delivery(pause=strike.pause())
        return f"the answer is held for {round(strike.delivery.pause * 1000)} ms"
    if fault.kind is FaultKind.DRIP:
        between = 0.1 if fault.delay_ms is None else fault.delay_ms / 1000
        strike.delivery = Delivery(piece=fault.piece_bytes, between=between)
        return f"{fault.piece_bytes} bytes at a time, {round(between * 1000)} ms from one piece to the next"
    if not _reads(method, spec):
        return "only what is read can be stale; this was carried out as usual"
    return "the answer shows everything as it was before anything changed"


def _changed(strike: Strike, answer: Answer, spec: ReplySpec | None) -> tuple[Answer, str]:
    status, headers, body, _ = answer
    fault = strike.fault
    match fault.kind:
        case FaultKind.STATUS:
            strike.delivery = Delivery(pause=strike.pause())
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
            return _truncated(strike, answer)
        case FaultKind.RESET:
            return _reset(strike, answer)
    return _reshaped(strike, answer, spec)


def _truncated(strike: Strike, answer: Answer) -> tuple[Answer, str]:
    status, headers, body, _ = answer
    keep = strike.fault.keep_bytes
    left = body[: len(body) // 2 if keep is None else keep]
    said = f"{len(left)} of {len(body)} bytes"
    if strike.fault.length == "wrong" and len(left) < len(body):
        strike.delivery = Delivery(length=len(body), end="close")
        said += ", with the Content-Length of all; then the connection ends"
    return (status, headers, left, None), said


def _reset(strike: Strike, answer: Answer) -> tuple[Answer, str]:
    status, headers, body, _ = answer
    if strike.fault.at == "before":
        strike.delivery = Delivery(end="reset")
        return NOTHING, "the connection is reset, and nothing was done"
    if strike.fault.at == "after":
        strike.delivery = Delivery(end="reset")
        return NOTHING, f"the connection is reset in the place of the answer, {status}; what it tells of was done"
    strike.delivery = Delivery(length=len(body), end="reset")
    left = body[: len(body) // 2]
    return (status, headers, left, None), f"the connection is reset after {len(left)} of {len(body)} bytes"


def _reshaped(strike: Strike, answer: Answer, spec: ReplySpec | None) -> tuple[Answer, str]:
    status, headers, body, _ = answer
    value: Any = orjson.loads(body) if body else None
    path = spec.listing.path if spec and spec.listing else ()
    media_type = _media_type(headers)

    def fits(value: Any) -> bool:
        return spec is not None and not spec.check(media_type, value)

    match strike.fault.kind:
        case FaultKind.DUPLICATE_ITEMS:
            changed, said = reshape.duplicate_items(value, path, strike.dice("item"))
        case FaultKind.REORDER_ITEMS:
            changed, said = reshape.reorder_items(value, path, strike.dice("order"))
        case FaultKind.EXTRA_MEMBERS:
            changed, said = reshape.extra_members(value, path, fits)
        case FaultKind.UNKNOWN_VALUES:
            changed, said = _renewed(value, path, status, spec, media_type)
        case _:
            changed, said = reshape.wrong_type(value, strike.fault.pointer, strike.dice("member"), fits)
    if changed is value:
        return answer, said
    return (status, headers, orjson.dumps(changed), None), said


def _renewed(value: Any, path: Sequence[str], status: int, spec: ReplySpec | None, media_type: str) -> tuple[Any, str]:
    validator = spec.media.get(media_type.partition(";")[0]) if spec else None
    if validator is None or status >= 300:
        return value, "only what the contract has of a success can have values that it does not know"
    return unknown_values.unknown_values(value, path, validator.iter_errors)


def _fits(answer: Answer, spec: ReplySpec | None) -> bool:
    """Whether the contract has the answer, as it is sent."""
    _, headers, body, _ = answer
    return spec is not None and replacing.is_json(body) and not spec.check(_media_type(headers), orjson.loads(body))


def _media_type(headers: tuple[tuple[bytes, bytes], ...]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == b"content-type"), "")
