"""The fault of a call that none matched leaves everything as it is."""

from typing import Any, cast

import pytest

from mockserver.foundation.responses import EncodedResponse
from mockserver.pipeline.faults import NO_FAULT, MatchedFault, NoFault
from mockserver.pipeline.faults.matched import FaultyCall
from mockserver.provider_api.call import Call
from tests.support.in_process import run

RESPONSE = EncodedResponse(200, ((b"x", b"y"),), b"{}")
CALL = cast(Call, object())


def test_it_replaces_nothing_and_notes_nothing() -> None:
    notes: list[str] = []
    fault = cast(MatchedFault | NoFault, NO_FAULT)
    assert fault.replace(cast(FaultyCall, object())) is None
    assert fault.as_dict() is None
    assert NO_FAULT.before(CALL) is CALL
    assert NO_FAULT.after(RESPONSE, notes) is RESPONSE
    assert notes == []


@pytest.mark.parametrize(
    ("method", "status", "length", "body"),
    [
        ("GET", 200, [(b"content-length", b"2")], b"{}"),
        ("HEAD", 200, [(b"content-length", b"2")], b""),
        ("OPTIONS", 204, [], b"{}"),
    ],
)
def test_it_sends_a_response_whole(method: str, status: int, length: list[tuple[bytes, bytes]], body: bytes) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    run(NO_FAULT.send(RESPONSE._replace(status=status), {"type": "http", "method": method}, send))
    assert sent == [
        {"type": "http.response.start", "status": status, "headers": [(b"x", b"y"), *length]},
        {"type": "http.response.body", "body": body},
    ]
