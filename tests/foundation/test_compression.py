import asyncio
import gzip

import pytest

from mockserver.foundation.compression import MIN_SIZE, CompressedBodies, accepts_gzip, in_sent_form, marked_for_gzip
from mockserver.foundation.responses import EncodedResponse

JSON = (b"content-type", b"application/json")
OFFERED = {b"accept-encoding": b"gzip"}


@pytest.mark.parametrize(
    "value", ["gzip", "GZIP", "br, gzip", "gzip;q=0.5", "deflate , x-gzip ; q=1.0", "*", "br;q=1,*"]
)
def test_a_client_takes_gzip(value: str) -> None:
    assert accepts_gzip({b"accept-encoding": value.encode()})


@pytest.mark.parametrize(
    "value", ["", "identity", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "gzipped", "gzip;q=1.2.3"]
)
def test_a_client_does_not_take_gzip(value: str) -> None:
    assert not accepts_gzip({b"accept-encoding": value.encode()})


def test_who_says_nothing_gets_no_gzip() -> None:
    assert not accepts_gzip({})


def test_an_accept_encoding_without_end_is_not_read() -> None:
    assert not accepts_gzip({b"accept-encoding": b"gzip" + b", x" * 200})


def sent(response: EncodedResponse) -> EncodedResponse:
    """The response as it is sent."""
    return asyncio.run(in_sent_form(response))


@pytest.mark.parametrize("size", [MIN_SIZE, 200_000, 2_000_000])
def test_a_compressed_response_is_the_same_one(size: int) -> None:
    plain = EncodedResponse(200, (JSON,), b"x" * size)
    marked = marked_for_gzip(plain, OFFERED)
    assert marked.headers == (JSON, (b"content-encoding", b"gzip"))
    assert marked.body == plain.body, "the journal has it as text"
    assert gzip.decompress(sent(marked).body) == plain.body
    assert sent(marked) == sent(marked)
    assert len(sent(marked).body) < size / 20


def test_what_was_compressed_lately_is_remembered_up_to_a_number_of_bytes() -> None:
    kept = CompressedBodies(1_600)
    for number in range(100):
        kept.put(b"%032d" % number, b"c" * 8)
    assert [number for number in range(100) if kept.get(b"%032d" % number)] == list(range(60, 100))
    kept.put(b"l" * 101, b"")
    assert kept.get(b"l" * 101) is None, "one that is long would drive many out"


def test_what_is_remembered_takes_no_more_than_what_is_counted() -> None:
    kept, body = CompressedBodies(1_600), b"b" * 40
    kept.put(body, b"c" * 40)
    (own,) = kept._bodies
    assert own == body
    assert own is not body, "the buffer in which the body was made is many times as long"


def test_what_does_not_offer_gets_the_body_as_it_is() -> None:
    plain = EncodedResponse(200, (JSON,), b"x" * MIN_SIZE)
    assert marked_for_gzip(plain, {}) is plain
    assert sent(plain) is plain


@pytest.mark.parametrize(
    "response",
    [
        EncodedResponse(200, (JSON,), b"x" * (MIN_SIZE - 1)),
        EncodedResponse(200, ((b"content-type", b"text/event-stream"),), b"x" * MIN_SIZE),
        EncodedResponse(200, (JSON, (b"content-encoding", b"br")), b"x" * MIN_SIZE),
    ],
    ids=["tiny", "a stream", "encoded already"],
)
def test_what_is_not_worth_it_stays_as_it_is(response: EncodedResponse) -> None:
    assert marked_for_gzip(response, OFFERED) is response
    assert sent(response) is response
