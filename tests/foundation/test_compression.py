import gzip

import pytest

from mockserver.foundation.compression import MIN_SIZE, accepts_gzip, body_to_send, marked_for_gzip
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


def test_a_compressed_response_is_the_same_one() -> None:
    plain = EncodedResponse(200, (JSON,), b"x" * MIN_SIZE)
    marked = marked_for_gzip(plain, OFFERED)
    assert marked.headers == (JSON, (b"vary", b"accept-encoding"), (b"content-encoding", b"gzip"))
    assert marked.body == plain.body, "the journal has it as text"
    assert gzip.decompress(body_to_send(marked)) == plain.body
    assert body_to_send(marked) == body_to_send(marked)
    assert len(body_to_send(marked)) < MIN_SIZE


def test_what_does_not_offer_gets_the_body_as_it_is_and_caches_hear_of_it() -> None:
    plain = EncodedResponse(200, (JSON,), b"x" * MIN_SIZE)
    marked = marked_for_gzip(plain, {})
    assert marked.headers == (JSON, (b"vary", b"accept-encoding"))
    assert body_to_send(marked) is plain.body


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
    assert body_to_send(response) is response.body
