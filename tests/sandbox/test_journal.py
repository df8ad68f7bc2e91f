"""The journal: bounded, counted, and free of secrets."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.foundation.problems import Violation
from mockserver.foundation.redaction import MASK, Redactor
from mockserver.sandbox.entry_bounds import MAX_ENTRY
from mockserver.sandbox.journal import Entry, InMemoryJournal, Journal, LateNotes
from mockserver.sandbox.recorded_call import EntryMaker, RawCall, RecordedBody, RecordedCall
from tests.support.recorded_calls import head_of, record_call

SECRET = "0123456789abcdef0123456789abcdef01234567"


def redactor_of(secret: str) -> Redactor:
    """A redactor that knows one secret."""
    redactor = Redactor()
    redactor.add(secret)
    return redactor


def journal(capacity: int = 3, body_limit: int = 50) -> Journal:
    """A journal that knows one secret."""
    return Journal(InMemoryJournal(capacity), body_limit=body_limit, redactor=redactor_of(SECRET))


def test_the_oldest_entries_make_room_and_are_counted() -> None:
    kept = journal(capacity=3)
    for status in (200, 201, 202, 203, 204):
        record_call(kept, status=status)
    assert [entry.status for entry in kept.entries()] == [202, 203, 204]
    assert [entry.id for entry in kept.entries()] == [3, 4, 5]
    assert (kept.total, kept.evicted) == (5, 2)
    kept.clear()
    assert (list(kept.entries()), kept.total, kept.evicted) == ([], 0, 0)


def test_a_long_body_is_cut_and_says_so() -> None:
    kept = journal(body_limit=10)
    record_call(kept, request=b"x" * 11)
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


ODD_BODIES = (
    "client_secret%00=@@",
    " client_secret =@@",
    "client_secret;=@@",
    "client_secret\n=@@",
    "a=b;client_secret=@@",
    "assertion=x&client_assertion=@@",
    "code_verifier=@@",
    "{'client_secret':'@@'}",
    "{client_secret: @@}",
    "client_secret: @@",
    '"client_secret=@@"',
    '{"x-api-key":"@@"}',
    '{"client secret":"@@"}',
    '{"user":{"new_password":"@@"}}',
    "--b\r\nContent-Disposition: form-data; name*=utf-8''client%5Fsecret\r\n\r\n@@\r\n--b--\r\n",
)
ODD_LINES = ("x-api-key", "pwd", "sig", "signature", "jwt", "bearer", "auth", "key", "pass", "sessionid", "credentials")
ODD_HEADERS = ("Authentication", "X-Password", "Ocp-Apim-Subscription-Key", "X-Session", "X-Goog-Iap-Jwt-Assertion")
HIDDEN = "SECRETSECRETSECRET"


@pytest.mark.parametrize("text", ODD_BODIES)
def test_a_secret_is_masked_however_odd_the_body_is(text: str) -> None:
    redactor = Redactor()
    assert HIDDEN not in redactor.body(text.replace("@@", HIDDEN).encode(), 4_096)


@pytest.mark.parametrize("name", ODD_LINES)
def test_a_secret_in_a_query_is_masked_by_its_name(name: str) -> None:
    assert HIDDEN not in Redactor().line(f"limit=1&{name}={HIDDEN}")
    assert HIDDEN not in Redactor().line(f"limit=1;{name}={HIDDEN}" + ";a=b" * 5_000)


@pytest.mark.parametrize("name", ODD_HEADERS)
def test_a_secret_in_a_header_is_masked_by_its_name(name: str) -> None:
    assert HIDDEN not in str(Redactor().headers([(name.encode(), HIDDEN.encode())]))


def test_a_secret_in_a_note_is_masked() -> None:
    body = f'{{"client_secret":"{HIDDEN}"}}'
    assert HIDDEN not in Redactor().line(f"form member {body!r} is unknown, ignored")


def test_a_password_in_an_absolute_address_is_masked() -> None:
    assert Redactor().line(f"http://user:{HIDDEN}@127.0.0.1/leads") == f"http://{MASK}@127.0.0.1/leads"


def test_a_secret_in_an_address_is_masked() -> None:
    kept = journal()
    record_call(kept, path=f"/{SECRET}/leads", query=f"t={SECRET}")
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
    record_call(kept, request_headers=headers, reply_headers=[(b"location", b"/a?token=" + b"t" * 9)])
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
    record_call(
        kept,
        violations=[wrong],
        notes=["a"],
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
    record_call(kept)
    record_call(kept)
    kept.listeners.clear()
    record_call(kept)
    assert [entry.id for entry in heard] == [1, 2]


def test_entries_after_one_are_those_that_came_later() -> None:
    kept = journal()
    for _ in range(3):
        record_call(kept)
    assert [entry.id for entry in kept.entries(after=1)] == [2, 3]


# Secrets that are escaped

GRANT = "grant_type=client_credentials"


@pytest.mark.parametrize(
    "body",
    [
        f"{GRANT}&client%5Fsecret=XYZWXYZW&a=1",
        f"{GRANT}&client%255Fsecret=XYZWXYZW",
        f"{GRANT}&%63lient_secre%74=XYZWXYZW",
        f"{GRANT}&oauth[client_secret]=XYZWXYZW",
        f"{GRANT}&oauth%5Bclient%5Fsecret%5D=XYZWXYZW",
        f"{GRANT}&clientSecret=XYZWXYZW",
        f"{GRANT}&client-secret=XYZWXYZW",
        f"client_secret=XYZW XYZW&{GRANT}",
        '{"client\\u005fsecret": "XYZWXYZW", "a": 1}',
        '{"\\u0063lient_secret": "XYZWXYZW"}',
        '{"a": {"b": [{"client\\u005Fsecret": "XYZWXYZW"}]}}',
        '{"token": {"a": {"b": 1}, "c": "XYZWXYZW"}, "d": 1}',
        '{"token": [["a"], "XYZWXYZW"], "d": 1}',
        '{"clientSecret": "XYZWXYZW"}',
        '{"body": "{\\"client_secret\\": \\"XYZWXYZW\\"}"}',
        '{"body": "{\\"client\\\\u005fsecret\\": \\"XYZWXYZW\\"}"}',
        '{"url": "http://127.0.0.1/?client_secret=XYZWXYZW"}',
        '{"url": "http:\\/\\/127.0.0.1\\/?client%5Fsecret=XYZWXYZW"}',
        '{"client\\u005fsecret": "XYZWXYZW',
        '{"body": "{\\"client_secret\\": \\"XYZWXYZW',
        '--b\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\nXYZWXYZW\r\n--b--',
        "--b\nContent-Disposition: form-data; name=client_secret\nContent-Type: text/plain\n\nXYZWXYZW\n--b--",
        "<a><ns:clientSecret type='b'>XYZWXYZW</ns:clientSecret></a>",
    ],
)
def test_what_is_called_a_secret_is_masked_however_its_name_is_spelled(body: str) -> None:
    text = Redactor().body(body.encode(), 4096)
    assert "XYZW" not in text
    assert MASK in text


@pytest.mark.parametrize(
    "escaped",
    [
        "a+b/c%25d",
        "%61%2Bb%2Fc%25d",
        "a%252Bb%252Fc%2525d",
        '{"x": "a+b\\/c%d"}',
        '{"x": "\\u0061+b/c%d"}',
        '{"x": "{\\"y\\": \\"\\\\u0061+b/c%d\\"}"}',
        "x=a%2bb%2fc%25d&y=1",
    ],
)
def test_a_known_secret_is_masked_however_it_is_escaped(escaped: str) -> None:
    redactor = redactor_of("a+b/c%d")
    for text in (redactor.body(escaped.encode(), 4096), *([] if "{" in escaped else [redactor.line(escaped)])):
        assert MASK in text
        assert "b/c" not in text.replace("\\", "")


def test_addresses_in_headers_are_masked() -> None:
    headers = [(b"referer", b"http://a/?client%5Fsecret=XYZW"), (b"x-forwarded-uri", b"/b?a=1&token=XYZW")]
    assert [value for _, value in Redactor().headers(headers)] == [
        f"http://a/?client%5Fsecret={MASK}".encode(),
        f"/b?a=1&token={MASK}".encode(),
    ]


@given(st.text(alphabet='"\\{}[]:,%5Ffu0=&?<>/\r\n-nametoken ', max_size=300))
def test_any_text_is_masked_without_a_failure(text: str) -> None:
    redactor = redactor_of(SECRET)
    redactor.body(text.encode(), 200)
    redactor.line(text)


@pytest.mark.parametrize("unit", ['"\\"', '{"token":', "token=", "%5", "%5F", "name=token\n", "<token", '\\"', "a?b&"])
def test_no_text_takes_more_time_than_its_length(unit: str) -> None:
    """With a pattern that looks again and again at the rest, these would take minutes."""
    redactor = redactor_of(SECRET)
    body = unit * (200_000 // len(unit))
    redactor.body(body.encode(), len(body))
    redactor.line(body)


# Entries that are as long as clients make them


def size_of(entry: Entry) -> int:
    """The bytes of an entry in the admin API."""
    return len(json.dumps(entry.as_dict(4096), ensure_ascii=False).encode())


LONG: dict[str, Any] = {
    "path": {"path": "/" + "p" * 500_000},
    "query": {"query": "q" * 500_000},
    "a header": {"request_headers": [(b"accept", b"*/*"), (b"x-long", b"h" * 500_000), (b"x-after", b"a")]},
    "a name": {"request_headers": [(b"n" * 500_000, b"v")]},
    "headers": {"request_headers": [(b"x-%d" % number, b"v" * 20) for number in range(20_000)]},
    "answered headers": {"reply_headers": [(b"x-long", b"h" * 500_000)], "fault": {"id": "f1", "kind": "status"}},
    "notes": {"notes": ["n" * 50_000] * 100},
    "many notes": {"notes": ["n"] * 100_000},
    "violations": {"violations": [Violation("query", "/" + "p" * 50_000, "type", "m" * 50_000)] * 20},
}


@pytest.mark.parametrize("part", [*LONG, "all"])
def test_an_entry_is_bounded_as_a_whole_and_says_what_was_cut(part: str) -> None:
    kept = Journal(InMemoryJournal(10), body_limit=4096, redactor=redactor_of(SECRET))
    long = (
        {name: value for members in LONG.values() for name, value in members.items()} if part == "all" else LONG[part]
    )
    record_call(kept, **long, request=b"r" * 500_000, reply=b"s" * 500_000)
    (entry,) = kept.entries()
    assert size_of(entry) <= MAX_ENTRY
    assert "[cut]" in str(entry.as_dict(4096))
    if part == "a header":
        names = [name for name, _ in entry.as_dict(4096)["request"]["headers"]]
        assert names == ["accept", "x-long", "x-after"]


def call_of(number: int, weight: int) -> RecordedCall:
    """A call with nothing in it that takes so many bytes, because somebody says so."""
    raw = RawCall(number, 0.0, 0.0, "p", "o", head_of(), 200, 1.0, [], [], b"", 0, b"", 0, None, ())
    return RecordedCall(EntryMaker(Redactor(), 50), raw, weight)


def test_the_oldest_entries_go_when_all_together_are_too_large() -> None:
    stored = InMemoryJournal(1_000)
    for number in range(1, 101):
        stored.append(call_of(number, 1_000_000))
    assert (stored.total, len(stored)) == (100, 65)
    assert [entry.id for entry in stored.newer(98)] == [99, 100]
    assert [entry.id for entry in stored] == list(range(36, 101))
    stored.append(call_of(101, 10**9))
    assert [entry.id for entry in stored] == [101]


@pytest.mark.no_cover
def test_a_thousand_of_the_largest_entries_fit_into_64_mb() -> None:
    kept = Journal(InMemoryJournal(1_000), body_limit=4096, redactor=redactor_of(SECRET))
    long = {name: value for members in LONG.values() for name, value in members.items()}
    tracemalloc.start()
    for number in range(9):
        smile = f"{number}\N{GRINNING FACE}".encode() * 2_000
        record_call(kept, **{**long, "path": f"/{number}" * 3_000}, request=smile, reply=smile)
        if number == 0:
            first, _ = tracemalloc.get_traced_memory()
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert memory - first < 8 * MAX_ENTRY


# Calls that wait for somebody who looks


def raw_of(kept: Journal) -> RawCall:
    """The newest call of a journal as it waits there."""
    raw = kept.waiting()[-1]._raw
    assert raw is not None
    return raw


def test_a_call_waits_until_somebody_looks_and_is_made_once() -> None:
    kept = journal()
    record_call(kept)
    record_call(kept)
    assert [call.is_made for call in kept.waiting()] == [False, False]
    first, second = kept.entries()
    assert not kept.waiting()
    assert list(kept.entries()) == [first, second]
    assert next(kept.entries()) is first


def test_a_long_body_waits_cut_where_nothing_secret_is_cut_in_two() -> None:
    kept = Journal(InMemoryJournal(3), body_limit=100, redactor=redactor_of(SECRET))
    body = b"x" * 90 + SECRET.encode() + b"y" * 100_000
    record_call(kept, request=body)
    longest = len(raw_of(kept).request) - 100
    assert longest == kept.redactor.longest < 100
    (entry,) = kept.entries()
    assert (entry.request, entry.request_bytes) == ("x" * 90, len(body))


@pytest.mark.parametrize("limit", range(0, 60, 7))
def test_a_body_that_waited_is_shown_as_one_that_did_not(limit: int) -> None:
    redactor = redactor_of(SECRET)
    kept = Journal(InMemoryJournal(3), body_limit=limit, redactor=redactor)
    body = b"a" * 10 + SECRET.encode() + b"b" * 200
    record_call(kept, request=body)
    record_call(kept, status=400, reply=body)
    first, second = kept.entries()
    assert first.request == redactor.body(body, limit)
    assert second.reply == redactor.body(body, limit)


def test_a_secret_that_was_known_when_the_call_came_is_masked_and_so_is_one_that_came_later() -> None:
    kept = journal(body_limit=500)
    record_call(kept, request=f"{SECRET} and another-secret-0123".encode(), query=f"a={SECRET}&b=another-secret-0123")
    kept.redactor.add("another-secret-0123")
    (entry,) = kept.entries()
    assert entry.request == f"{MASK} and {MASK}"
    assert entry.query == f"a={MASK}&b={MASK}"


@pytest.mark.parametrize("part", [*LONG])
def test_a_call_that_is_long_outside_of_its_bodies_does_not_wait(part: str) -> None:
    kept = Journal(InMemoryJournal(10), body_limit=4096, redactor=redactor_of(SECRET))
    record_call(kept, **LONG[part])
    assert not kept.waiting()


def test_the_weight_is_that_of_what_is_kept_whoever_looked_at_it() -> None:
    kept = journal(capacity=2, body_limit=4_096)
    smile = "\N{GRINNING FACE}".encode() * 100
    for _ in range(2):
        record_call(kept, request=smile, path="/" + "p" * 100)
    before, waiting = kept.weight, kept.waiting()
    kept.read(waiting[0])
    assert kept.weight == before - waiting[1].weight + waiting[0].weight != before
    record_call(kept)
    kept.read(waiting[0])
    record_call(kept)
    kept.read(waiting[1])
    alike = kept.weight
    kept.clear()
    assert kept.weight == 0
    kept.read(waiting[1])
    assert kept.weight == 0
    record_call(kept)
    record_call(kept)
    assert kept.weight == alike


def test_late_notes_stand_where_they_were_due_and_repeat_nothing() -> None:
    kept = journal()
    made: list[int] = []

    def make() -> list[str]:
        made.append(1)
        return ["b", f"c={SECRET}", "a"]

    record_call(kept, notes=["a", "d"], late_notes=LateNotes(1, make))
    assert not made
    (entry,) = kept.entries()
    assert (entry.notes, made) == (["a", "b", f"c={MASK}", "d"], [1])
    assert next(kept.entries()).notes is entry.notes


def test_equal_answers_share_one_text() -> None:
    kept = journal()
    body = RecordedBody(b"the same", 100)
    for _ in range(2):
        record_call(kept, reply=body)
    first, second = kept.entries()
    assert first.reply is second.reply
    assert (first.reply, first.reply_bytes) == ("the same", 8)
