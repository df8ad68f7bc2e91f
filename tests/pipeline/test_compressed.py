"""Answers are compressed for who asks for that, and are the same ones."""

import gzip
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
ASKS = {"accept-encoding": "br;q=1.0, gzip;q=0.8, *;q=0.1"}
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    return make_client()


def raw(client: TestClient, path: str = LEADS, method: str = "GET", **headers: str) -> tuple[Any, bytes]:
    """An answer, and the bytes of its body as they were sent."""
    with client.stream(method, path, headers={**ASKS, **headers}) as answer:
        return answer, b"".join(answer.iter_raw())


def test_the_bytes_are_those_of_the_plain_answer_and_the_length_is_that_of_what_is_sent(client: TestClient) -> None:
    plain = client.get(LEADS, headers=PLAIN)
    answer, body = raw(client)
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(body) == plain.content
    assert int(answer.headers["content-length"]) == len(body) < len(plain.content) / 3
    assert raw(client)[1] == body, "the same answer has the same bytes"
    assert {"content-encoding", "content-length"} >= {
        name for name in answer.headers if answer.headers[name] != plain.headers.get(name)
    }


@pytest.mark.parametrize(
    ("asked", "compressed"),
    [
        ("gzip, deflate", True),
        ("*", True),
        ("identity;q=0.5, gzip;q=0.1", False),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("gzip;q=0.5, *;q=0.1", True),
        ("gzip;q=0", False),
        ("*;q=0", False),
        ("br, deflate, zstd", False),
        ("identity", False),
        ("", False),
    ],
)
def test_the_weights_of_accept_encoding_decide(client: TestClient, asked: str, compressed: bool) -> None:
    answer = client.get(LEADS, headers={"accept-encoding": asked})
    assert ("content-encoding" in answer.headers) is compressed
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.json()["total_items"] == 25


def test_who_says_nothing_gets_the_body_as_it_is(client: TestClient) -> None:
    del client.headers["accept-encoding"]
    assert "content-encoding" not in client.get(LEADS).headers


def test_what_is_short_and_what_has_no_body_is_never_compressed(client: TestClient) -> None:
    for path in ("/apimo/agencies/999/leads", f"{LEADS}?limit=0"):
        assert "content-encoding" not in client.get(path, headers=ASKS).headers
    options = client.request("OPTIONS", LEADS, headers=ASKS)
    assert (options.status_code, options.content, "content-encoding" in options.headers) == (204, b"", False)


def test_head_has_the_headers_of_get_and_no_body(client: TestClient) -> None:
    head, body = raw(client, method="HEAD")
    assert (head.status_code, body) == (200, b"")
    assert head.headers == raw(client)[0].headers


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        ({"kind": "truncate", "keep_bytes": 100}, 100),
        ({"kind": "drip", "piece_bytes": 1_000, "delay_ms": 0}, None),
        ({"kind": "patch", "changes": [{"pointer": "/total_items", "set": 25}]}, None),
        ({"kind": "empty"}, 0),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_a_fault_changes_the_body_that_it_tells_of_and_not_a_compressed_one(
    client: TestClient, fault: dict[str, Any], sent: int | None
) -> None:
    plain = client.get(LEADS, headers=PLAIN).content
    assert client.post("/__admin/faults", json={**fault, "times": 1}).status_code == 201
    answer, body = raw(client)
    assert "content-encoding" not in answer.headers
    assert body == (plain if sent is None else plain[:sent])


def test_the_journal_and_its_har_have_the_body_as_text(client: TestClient) -> None:
    body = client.get(f"{LEADS}?limit=2", headers=ASKS).text
    (entry,) = client.get("/__admin/journal").json()["entries"]
    assert entry["reply"]["body"] == body
    (har,) = client.get("/__admin/journal.har").json()["log"]["entries"]
    assert har["response"]["content"]["text"] == body
    assert {"name": "content-encoding", "value": "gzip"} in har["response"]["headers"]


def test_long_answers_of_the_admin_api_are_compressed_too(client: TestClient) -> None:
    for _ in range(5):
        client.get(LEADS)
    plain = client.get("/__admin/journal", headers=PLAIN)
    answer, body = raw(client, "/__admin/journal")
    assert (answer.headers["content-encoding"], int(answer.headers["content-length"])) == ("gzip", len(body))
    assert gzip.decompress(body) == plain.content
    assert answer.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    short, _ = raw(client, "/__admin/version")
    assert "content-encoding" not in short.headers
