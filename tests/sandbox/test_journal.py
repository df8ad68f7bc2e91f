"""The journal: bounded, counted, and free of secrets."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import MASK, Redactor
from mockserver.sandbox.journal import Entry, InMemoryJournal, Journal

SECRET = "0123456789abcdef0123456789abcdef01234567"


def redactor_of(secret: str) -> Redactor:
    """A redactor that knows one secret."""
    redactor = Redactor()
    redactor.add(secret)
    return redactor


def journal(capacity: int = 3, body_limit: int = 50) -> Journal:
    """A journal that knows one secret."""
    return Journal(InMemoryJournal(capacity), body_limit=body_limit, redactor=redactor_of(SECRET))


CALL: dict[str, Any] = {
    **{"at": 0.0, "real_at": 0.0, "provider": "p", "operation": "o", "method": "GET", "path": "/a", "query": ""},
    **{"status": 200, "duration_ms": 1.0, "violations": (), "notes": ()},
}


def record(into: Journal, *, status: int = 200, request: bytes = b"", path: str = "/a", query: str = "") -> None:
    """Records a call with little in it."""
    into.record(
        at=0.0,
        real_at=0.0,
        provider="p",
        operation="o",
        method="GET",
        path=path,
        query=query,
        status=status,
        duration_ms=1.0,
        violations=(),
        notes=(),
        request=request,
        reply=b"",
    )


def test_the_oldest_entries_make_room_and_are_counted() -> None:
    kept = journal(capacity=3)
    for status in (200, 201, 202, 203, 204):
        record(kept, status=status)
    assert [entry.status for entry in kept.entries()] == [202, 203, 204]
    assert [entry.id for entry in kept.entries()] == [3, 4, 5]
    assert (kept.total, kept.evicted) == (5, 2)
    kept.clear()
    assert (list(kept.entries()), kept.total, kept.evicted) == ([], 0, 0)


def test_a_long_body_is_cut_and_says_so() -> None:
    kept = journal(body_limit=10)
    record(kept, request=b"x" * 11)
    (entry,) = kept.entries()
    assert entry.as_dict(10)["request"] == {"headers": [], "body": "x" * 10, "bytes": 11, "cut": True}


@given(before=st.binary(max_size=80), times=st.integers(1, 3), after=st.binary(max_size=80), limit=st.integers(0, 200))
def test_a_known_secret_is_never_kept_wherever_the_body_is_cut(
    before: bytes, times: int, after: bytes, limit: int
) -> None:
    # Letters that the secret does not have, so that a piece of it cannot be there by chance.
    around = [bytes(byte | 0x80 for byte in part) for part in (before, after)]
    text = redactor_of(SECRET).body(around[0] + SECRET.encode() * times + around[1], limit)
    assert not any(SECRET[start : start + 4] in text for start in range(len(SECRET) - 3))


@given(
    name=st.sampled_from(["password", "Token", "client_secret", "access_token", "api_key", "apiKey", "Authorization"]),
    value=st.text(alphabet="XYZW", min_size=4, max_size=40),
    limit=st.integers(0, 80),
)
def test_what_is_called_a_secret_is_masked_even_when_cut(name: str, value: str, limit: int) -> None:
    redactor = Redactor()
    assert value not in redactor.body(f'{{"a": 1, "{name}": "{value}", "b": 2}}'.encode(), 200)
    assert "XYZW"[:1] * 4 not in redactor.body(f'{{"{name}": "{"X" * 40}"}}'.encode(), limit)
    assert value not in redactor.body(f"{name}={value}&b=2".encode(), 200)
    assert value not in redactor.line(f"a=1&{name}={value}")


def test_other_members_are_kept_as_they_are() -> None:
    redactor = Redactor()
    body = b'{"lastname": "MARTIN", "tokens_left": 3, "message": "my password is good"}'
    assert redactor.body(body, 200) == body.decode()
    assert redactor.line("limit=3&offset=0") == "limit=3&offset=0"


def test_a_secret_in_an_address_is_masked() -> None:
    kept = journal()
    record(kept, path=f"/{SECRET}/leads", query=f"t={SECRET}")
    (entry,) = kept.entries()
    assert (entry.path, entry.query) == (f"/{MASK}/leads", f"t={MASK}")


def test_headers_are_kept_without_the_values_that_are_secret_by_name_or_by_what_they_hold() -> None:
    kept = journal()
    headers = [
        (b"authorization", b"Basic abc"),
        (b"x-api-key", b"k"),
        (b"accept", b"*/*"),
        (b"x-odd", b"is " + SECRET.encode()),
        (b"x-jwt", b"eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.abc"),
    ]
    kept.record(
        **CALL, request=b"", reply=b"", request_headers=headers, reply_headers=[(b"location", b"/a?token=" + b"t" * 9)]
    )
    (entry,) = kept.entries()
    shown = entry.as_dict(50)
    assert shown["request"]["headers"] == [
        ["authorization", MASK],
        ["x-api-key", MASK],
        ["accept", "*/*"],
        ["x-odd", f"is {MASK}"],
        ["x-jwt", MASK],
    ]
    assert SECRET not in str(entry)


def test_an_entry_is_the_same_after_it_was_a_record() -> None:
    kept = journal()
    wrong = Violation("query", "/limit", "type", "a number is needed")
    kept.record(
        **{**CALL, "violations": [wrong], "notes": ["a"]},
        request=b"r",
        reply=b"s",
        fault={"id": "f1", "kind": "delay", "in_contract": True},
        request_headers=[(b"accept", b"caf\xe9")],
    )
    (entry,) = kept.entries()
    assert Entry.from_record(json.loads(json.dumps(entry.as_record()))) == entry


def test_listeners_hear_of_every_entry_once() -> None:
    kept = journal()
    heard: list[Entry] = []
    kept.listeners.add(heard.append)
    record(kept)
    record(kept)
    kept.listeners.clear()
    record(kept)
    assert [entry.id for entry in heard] == [1, 2]


def test_entries_after_one_are_those_that_came_later() -> None:
    kept = journal()
    for _ in range(3):
        record(kept)
    assert [entry.id for entry in kept.entries(after=1)] == [2, 3]
