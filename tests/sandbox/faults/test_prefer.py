"""A fault that a call asks for itself, by the header Prefer."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.sandbox.faults import Fault
from mockserver.sandbox.faults.prefer import NotUnderstood, preferred_fault
from mockserver.server.app import MockServer
from tests.support.in_process import TestClient

PATH = "/apimo/agencies/101/leads"

MakeClient = Callable[..., TestClient]


def asked(*values: str) -> tuple[dict[str, Any], str] | None:
    """What headers of those values ask for."""
    hit = preferred_fault([(b"host", b"x"), *((b"prefer", value.encode("latin-1")) for value in values)], 7)
    if hit is None:
        return None
    assert (hit.id, hit.number) == ("prefer", 7)
    return hit.fault.as_dict(), hit.applied


def status(code: int, **more: Any) -> tuple[dict[str, Any], str]:
    """A status, as it is asked for by `code`."""
    return {"kind": "status", "status": code, **more}, f"code={code}"


UNDERSTOOD: list[tuple[tuple[str, ...], tuple[dict[str, Any], str] | None]] = [
    ((), None),
    (("",), None),
    (("return=minimal",), None),
    (("respond-async, wait=10",), None),
    (("code=503",), status(503)),
    (('code="503"',), status(503)),
    (("Code = 503",), status(503)),
    (("code=429; retry_after=5",), status(429, retry_after=5)),
    (("code=429;retry_after=5 ; retry_after_form=date",), status(429, retry_after=5, retry_after_form="date")),
    (("return=minimal, code=503",), status(503)),
    (("return=minimal; foo, , code=503",), status(503)),
    (("return=minimal", "code=503"), status(503)),
    (("code=503", "code=500"), status(503)),
    (("code=503; status=500",), status(503)),
    (("fault=empty",), ({"kind": "empty"}, "fault=empty")),
    (("fault=truncate; length=wrong",), ({"kind": "truncate", "length": "wrong"}, "fault=truncate")),
    (("fault=delay; delay_ms=200",), ({"kind": "delay", "delay_ms": 200}, "fault=delay")),
    (('fault=delay;;delay_ms="200";',), ({"kind": "delay", "delay_ms": 200}, "fault=delay")),
    (
        ('fault=content_type; body="<p>a, b; \\"c\\"</p>"',),
        ({"kind": "content_type", "body": '<p>a, b; "c"</p>'}, "fault=content_type"),
    ),
]


@pytest.mark.parametrize(("values", "expected"), UNDERSTOOD, ids=lambda value: str(value)[:50])
def test_the_header_is_read_as_rfc_7240_writes_it(
    values: tuple[str, ...], expected: tuple[dict[str, Any], str] | None
) -> None:
    assert asked(*values) == expected


REFUSED = [
    ("code=200", "400 to 599"),
    ("code", "status"),
    ("code=abc", "`status`"),
    ("fault=explode", "`kind`"),
    ("fault=delay", "needs `delay_ms`"),
    ("fault=delay; delay_ms=soon", "`delay_ms`"),
    ("fault=empty; times=3", "`times` says which calls"),
    ("fault=empty; operation=listLeads", "`operation` says which calls"),
    ("fault=empty; colour=red", "`colour`"),
    ('fault=patch; changes="[{"', "`changes` begins like a list in JSON, and is none"),
    ('fault=patch; changes="[]"', "`changes`"),
    ('fault=patch; changes="/expires_in"', "`changes`"),
    ("code=503 please", "there is no sense in 'please'"),
    ('code="503', "there is no sense in"),
    ("code=503" + " " * 5000, "longer than 4096"),
]


@pytest.mark.parametrize(("value", "message"), REFUSED, ids=lambda value: value[:40])
def test_what_cannot_be_is_told_with_what_could(value: str, message: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        asked(value)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.lists(st.text(st.characters(max_codepoint=255)) | st.text('code=503;,fault delay"\\ \t'), max_size=3))
def test_no_header_does_more_than_be_passed_over(values: list[str]) -> None:
    with suppress(NotUnderstood):
        found = asked(*values)
        assert found is None or found[1].startswith(("code=", "fault="))


def test_a_call_gets_the_fault_that_it_asks_for(client: TestClient) -> None:
    answer = client.get(PATH, headers={"Prefer": "code=503; retry_after=7"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.headers["preference-applied"] == "code=503"
    (entry,) = client.get("/__admin/journal").json()["entries"]
    assert entry["fault"] == {"id": "prefer", "kind": "status", "in_contract": True}
    assert client.get(PATH).status_code == 200


def test_a_preference_that_is_passed_over_is_noted_and_nothing_else(client: TestClient) -> None:
    answer = client.get(PATH, headers={"Prefer": "code=200"})
    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers
    (entry,) = client.get("/__admin/journal").json()["entries"]
    assert entry["fault"] is None
    assert entry["notes"] == [
        "header Prefer: passed over, `status` 200 is not possible for kind 'status'; 400 to 599 is"
    ]


def test_it_wins_over_the_book_and_counts_nowhere(client: TestClient) -> None:
    assert isinstance(client.app, MockServer)
    book = client.app.sandbox.faults
    book.add(Fault.model_validate({"kind": "status", "status": 500, "times": 1}))
    assert client.get(PATH, headers={"Prefer": "fault=empty"}).content == b""
    assert [(placed.seen, placed.fired) for placed in book.list()] == [(0, 0)]
    # One that asks for nothing of ours, or for what cannot be, meets the book like any other.
    assert client.get(PATH, headers={"Prefer": "return=minimal"}).status_code == 500
    assert client.get(PATH, headers={"Prefer": "fault=empty"}).content == b""
    assert client.get(PATH).status_code == 200


def test_it_can_be_switched_off(make_client: MakeClient) -> None:
    client = make_client(prefer=False)
    answer = client.get(PATH, headers={"Prefer": "code=503"})
    assert answer.status_code == 200
    (entry,) = client.get("/__admin/journal").json()["entries"]
    assert entry["notes"] == []


def test_who_is_not_let_in_gets_no_fault(client: TestClient) -> None:
    assert client.get(PATH, auth=None, headers={"Prefer": "code=503"}).status_code == 401


def test_chance_in_it_follows_from_the_number_of_the_call(make_client: MakeClient) -> None:
    runs = []
    for _ in range(2):
        client = make_client()
        answers = [client.get(PATH, headers={"Prefer": "fault=reorder_items"}).content for _ in range(3)]
        assert len(set(answers)) == 3
        runs.append(answers)
    assert runs[0] == runs[1]
