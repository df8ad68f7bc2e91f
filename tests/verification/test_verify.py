"""Expectations on the journal: what holds, what does not, what cannot be told, and which call came nearest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mockserver.foundation.redaction import Redactor
from mockserver.sandbox.journal import InMemoryJournal, Journal
from mockserver.verification import Expectation, Verdict, to_har, verify
from tests.support.recorded_calls import record_call

BODY_LIMIT = 60


def journal(capacity: int = 100) -> Journal:
    """An empty journal."""
    redactor = Redactor()
    redactor.add("hunter22")
    return Journal(InMemoryJournal(capacity), body_limit=BODY_LIMIT, redactor=redactor)


def call(into: Journal, operation: str = "listLeads", **given: Any) -> None:
    """Records a call with little in it."""
    body = given.pop("body", None)
    usual: dict[str, Any] = {
        **{
            "at": 1.5,
            "real_at": 2.25,
            "provider": "p",
            "path": "/v2/leads",
        },
        "reply": b"{}",
        "request": b"" if body is None else json.dumps(body).encode(),
    }
    record_call(into, operation=operation, **{**usual, **given})


def ask(of: Journal, **wanted: Any) -> Verdict:
    """The verdict on an expectation as it comes from JSON."""
    return verify(of, Expectation.model_validate_json(json.dumps(wanted), strict=True))


def some() -> Journal:
    """Five calls."""
    kept = journal()
    call(kept, query="limit=1&offset=0")
    call(kept, status=401)
    call(
        kept,
        "createLead",
        method="POST",
        path="/v2/leads/new",
        body={"reference": "a", "tags": [1, 2], "deep": {"x": None}},
    )
    call(kept, "", path="/nowhere", status=404)
    call(kept, provider="q", query="limit=20&limit=30")
    return kept


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [
        ({}, 5),
        ({"provider": "p"}, 4),
        ({"provider": "other"}, 0),
        ({"operation": "listLeads"}, 3),
        ({"method": "post"}, 1),
        ({"path": "/v2/*"}, 4),
        ({"path": "/v2/leads"}, 3),
        ({"status": 404}, 1),
        ({"query": {"limit": 1}}, 1),
        ({"query": {"limit": "1", "offset": "0"}}, 1),
        ({"query": {"limit": [20, 30]}}, 1),
        ({"query": {"limit": 30}}, 1),
        ({"query": {"limit": True}}, 0),
        ({"body": {"reference": "a"}}, 1),
        ({"body": {"reference": "b"}}, 0),
        ({"body": {"tags": [1]}}, 1),
        ({"body": {"tags": [2]}}, 0),
        ({"body": {"tags": [1, 2, 3]}}, 0),
        ({"body": {"tags": [True]}}, 0),
        ({"body": {"deep": {"x": None}}}, 1),
        ({"body": {"deep": {"y": None}}}, 0),
        ({"after": 3}, 2),
        ({"operation": "listLeads", "status": 200, "provider": "p"}, 1),
    ],
    ids=str,
)
def test_all_members_that_are_given_must_fit(wanted: dict[str, Any], actual: int) -> None:
    verdict = ask(some(), **wanted)
    assert verdict.actual == actual
    assert verdict.held == (actual > 0)
    assert ask(some(), **wanted, count=actual).held
    assert not ask(some(), **wanted, count=actual + 1).held
    assert ask(some(), **wanted, absent=True).held == (actual == 0)


@pytest.mark.parametrize(
    ("count", "held"),
    [
        (3, True),
        (2, False),
        (4, False),
        ({"min": 3}, True),
        ({"min": 4}, False),
        ({"max": 3}, True),
        ({"max": 2}, False),
    ],
    ids=str,
)
def test_a_count_is_exact_or_between_bounds(count: Any, held: bool) -> None:
    verdict = ask(some(), operation="listLeads", count=count)
    assert (verdict.held, verdict.actual, verdict.certain) == (held, 3, True)


def test_the_nearest_miss_names_what_was_wanted_and_what_was_there() -> None:
    verdict = ask(some(), operation="createLead", method="POST", body={"reference": "b", "deep": {"y": 1}})
    assert not verdict.held
    assert verdict.nearest is not None
    assert verdict.nearest.entry.id == 3
    assert [difference.as_dict() for difference in verdict.nearest.differs] == [
        {"member": "body/reference", "wanted": "b", "actual": "a"},
        {"member": "body/deep/y", "wanted": 1, "actual": None},
    ]
    assert verdict.explanation == (
        "0 calls fit; at least 1 expected. The nearest is call 3, which differs in body/reference, body/deep/y."
    )


def test_of_several_that_are_equally_near_the_newest_is_shown() -> None:
    kept = journal()
    for limit in (1, 2, 3):
        call(kept, query=f"limit={limit}")
    verdict = ask(kept, query={"limit": 4})
    assert verdict.nearest is not None
    assert verdict.nearest.entry.id == 3
    assert verdict.nearest.differs[0].as_dict() == {"member": "query/limit", "wanted": 4, "actual": "3"}


def test_a_call_too_many_is_shown_itself() -> None:
    verdict = ask(some(), operation="createLead", absent=True)
    assert verdict.nearest is not None
    assert (verdict.nearest.entry.id, verdict.nearest.differs) == (3, [])
    assert verdict.explanation == "1 call fit; none expected."


def test_nothing_is_near_where_nothing_was_called() -> None:
    verdict = ask(journal(), operation="listLeads")
    assert (verdict.held, verdict.nearest) == (False, None)
    assert verdict.explanation == "0 calls fit; at least 1 expected. There was no other call."


@pytest.mark.parametrize(
    ("order", "held", "actual"),
    [
        (["listLeads", "createLead"], True, 2),
        (["createLead", "listLeads"], True, 2),
        (["listLeads", "listLeads", "createLead", "listLeads"], True, 4),
        (["createLead", "createLead"], False, 1),
        (["updateLead"], False, 0),
        (["createLead", "listLeads", "listLeads"], False, 2),
    ],
    ids=str,
)
def test_an_order_is_found_among_other_calls(order: list[str], held: bool, actual: int) -> None:
    verdict = ask(some(), order=order)
    assert (verdict.held, verdict.actual) == (held, actual)
    if not held:
        assert order[actual] in verdict.explanation


def test_an_order_counts_only_the_calls_that_fit() -> None:
    assert not ask(some(), order=["createLead", "listLeads"], provider="p").held


@pytest.mark.parametrize(
    ("wanted", "held", "certain"),
    [
        ({"operation": "a", "count": {"min": 1}}, True, True),
        ({"operation": "a", "count": {"max": 1}}, False, True),
        ({"operation": "a", "count": 2}, False, False),
        ({"operation": "b", "absent": True}, False, False),
        ({"operation": "b"}, False, False),
        ({"order": ["a", "a"]}, True, True),
        ({"order": ["b", "a"]}, False, False),
        ({"operation": "a", "count": 2, "after": 1}, True, True),
        ({"operation": "b", "absent": True, "after": 1}, True, True),
    ],
    ids=str,
)
def test_what_was_evicted_is_never_claimed(wanted: dict[str, Any], held: bool, certain: bool) -> None:
    kept = journal(capacity=2)
    call(kept, "b")
    call(kept, "a")
    call(kept, "a")
    verdict = ask(kept, **wanted)
    assert (verdict.held, verdict.certain) == (held, certain)
    assert ("not certain" in verdict.explanation) is not certain


def test_a_body_that_was_cut_leaves_it_open() -> None:
    kept = journal()
    call(kept, body={"reference": "a", "message": "x" * BODY_LIMIT})
    present, absent = ask(kept, body={"reference": "a"}), ask(kept, body={"reference": "a"}, absent=True)
    assert (present.held, present.certain, absent.held, absent.certain) == (False, False, False, False)
    other = ask(kept, status=500, body={"reference": "a"}, absent=True)
    assert (other.held, other.certain) == (True, True), "it differs in more than what is not known"


def test_a_form_body_is_compared_by_its_fields() -> None:
    kept = journal()
    form = [(b"content-type", b"application/x-www-form-urlencoded")]
    call(kept, request=b"grant_type=client_credentials&scope=a+b", request_headers=form)
    assert ask(kept, body={"grant_type": "client_credentials", "scope": "a b"}).held
    assert not ask(kept, body={"grant_type": "password"}).held


def test_a_body_that_is_no_json_is_a_text() -> None:
    kept = journal()
    call(kept, request=b"not JSON")
    assert ask(kept, body="not JSON").held


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"count": 1, "absent": True}, "two questions"),
        ({"count": 1, "order": ["a"]}, "two questions"),
        ({"order": ["a"], "operation": "b"}, "leave `operation` out"),
        ({"count": {"min": 3, "max": 2}}, "no count would do"),
        ({"count": -1}, "greater than or equal to 0"),
        ({"order": []}, "at least 1"),
        ({"stauts": 200}, "not permitted"),
        ({"status": "200"}, "valid integer"),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ask(journal(), **wanted)


@given(
    calls=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([200, 404])), max_size=12),
    capacity=st.integers(1, 12),
    question=st.one_of(
        st.fixed_dictionaries({"count": st.integers(0, 6)}),
        st.fixed_dictionaries({"count": st.fixed_dictionaries({"min": st.integers(0, 4), "max": st.integers(4, 6)})}),
        st.just({"absent": True}),
        st.just({}),
        st.fixed_dictionaries({"order": st.lists(st.sampled_from("ab"), min_size=1, max_size=4)}),
    ),
    status=st.sampled_from([None, 200, 404]),
)
def test_a_verdict_that_is_certain_is_that_of_a_journal_that_has_everything(
    calls: list[tuple[str, int]], capacity: int, question: dict[str, Any], status: int | None
) -> None:
    bounded, whole = journal(capacity), journal()
    for operation, answered in calls:
        call(bounded, operation, status=answered)
        call(whole, operation, status=answered)
    wanted = {
        **question,
        **({"status": status} if status else {}),
        **({} if "order" in question else {"operation": "a"}),
    }
    seen, truth = ask(bounded, **wanted), ask(whole, **wanted)
    assert truth.certain
    if seen.certain:
        assert seen.held == truth.held
    else:
        assert not seen.held
    fits = [at for at, (operation, answered) in enumerate(calls) if status in (None, answered)]
    if "order" not in question:
        assert truth.actual == sum(calls[at][0] == "a" for at in fits)


def test_a_har_has_what_the_journal_has_and_no_secret() -> None:
    kept = journal()
    call(
        kept,
        method="POST",
        query="limit=1&limit=2&empty=",
        status=302,
        request=b'{"password": "hunter22", "a": "hunter22"}',
        request_headers=[(b"content-type", b"application/json"), (b"authorization", b"Basic hunter22")],
        reply_headers=[(b"location", b"/elsewhere"), (b"content-type", b"text/html")],
        reply=b"x" * 100,
        notes=["one", "two"],
        fault={"id": "f1", "kind": "redirect", "in_contract": False},
    )
    har = to_har(kept.entries(), {"p": "http://host/p"}, BODY_LIMIT)
    assert "hunter22" not in json.dumps(har)
    assert har["log"]["version"] == "1.2"
    (entry,) = har["log"]["entries"]
    assert entry["startedDateTime"] == "1970-01-01T00:00:02.250Z"
    assert entry["request"]["url"] == "http://host/p/v2/leads?limit=1&limit=2&empty="
    assert entry["request"]["queryString"] == [
        {"name": "limit", "value": "1"},
        {"name": "limit", "value": "2"},
        {"name": "empty", "value": ""},
    ]
    assert entry["request"]["postData"]["mimeType"] == "application/json"
    response = entry["response"]
    assert (response["status"], response["statusText"], response["redirectURL"]) == (302, "Found", "/elsewhere")
    assert response["content"]["comment"] == "cut after 60 of 100 bytes"
    assert (entry["comment"], entry["_fault"]["kind"], entry["_at"]) == (
        "one; two",
        "redirect",
        "1970-01-01T00:00:01.500Z",
    )
