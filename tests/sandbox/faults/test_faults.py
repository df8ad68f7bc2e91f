"""Faults by themselves: which make sense, which calls they strike, what chance in them is worth, how they are kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError

from mockserver.contract import Contract
from mockserver.contract.checks import violations
from mockserver.foundation.clock import Clock
from mockserver.sandbox.faults import Fault, FaultHit, FaultRefused, FaultRegistry, check_names
from mockserver.sandbox.faults.effects.duplicate_items import duplicate_items
from mockserver.sandbox.faults.effects.extra_members import extra_members
from mockserver.sandbox.faults.effects.malformed import malformed
from mockserver.sandbox.faults.effects.redirect import other_name
from mockserver.sandbox.faults.effects.reorder_items import reorder_items
from mockserver.sandbox.faults.effects.unknown_values import NUMBER, WORD, unknown_values
from mockserver.sandbox.faults.effects.wrong_type import wrong_type
from mockserver.sandbox.faults.registry import MAX_FAULTS
from mockserver.world.rng import KeyedRandom
from tests.conftest import NOW
from tests.contract.test_compiling import MINIMAL

CALL = ("apimo", "listLeads", "GET", "/agencies/101/leads")


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock(NOW, frozen=True)


@pytest.fixture
def book(clock: Clock) -> FaultRegistry:
    """An empty book."""
    return FaultRegistry(clock)


def struck(book: FaultRegistry, calls: int, call: Sequence[str] = CALL) -> list[str | None]:
    """The ids of the faults that the next calls meet."""
    return [hit.id if (hit := book.match(*call)) else None for _ in range(calls)]


# ----------------------------------------------------------------------------------------------------- the model
NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"kind": "explode"}, "kind"),
    ({"kind": "delay"}, "kind 'delay' needs `delay_ms`"),
    ({"kind": "status"}, "kind 'status' needs `status`"),
    ({"kind": "delay", "delay_ms": 1, "status": 503}, "`status` means nothing to kind 'delay'"),
    ({"kind": "empty", "delay_ms": 1}, "`delay_ms` means nothing to kind 'empty'; it belongs to delay, drip, status"),
    ({"kind": "empty", "at": "before"}, "`at` means nothing to kind 'empty'; it belongs to reset"),
    ({"kind": "reset", "keep_bytes": 1}, "it belongs to truncate"),
    ({"kind": "empty", "body": "x"}, "`body` means nothing to kind 'empty'; it belongs to content_type, status"),
    ({"kind": "status", "status": 503, "sigma": 1}, "give `delay_ms`"),
    ({"kind": "status", "status": 399}, "400 to 599"),
    ({"kind": "redirect", "status": 304}, "301, 302, 303, 307 or 308"),
    ({"kind": "content_type", "status": 204}, "of one that has a body"),
    ({"kind": "status", "status": 429, "retry_after_form": "date"}, "give `retry_after` too"),
    ({"kind": "status", "status": 429, "retry_after": -1}, "retry_after"),
    ({"kind": "status", "status": 503, "headers": {"Content-Length": "3"}}, "'content-length' follows from how"),
    ({"kind": "status", "status": 503, "headers": {"x": "a\r\nb: c"}}, "headers"),
    ({"kind": "status", "status": 503, "headers": {"a b": "c"}}, "headers"),
    ({"kind": "status", "status": 503, "body": "x" * 65_537}, "65536 bytes"),
    ({"kind": "status", "status": 503, "body": "\ud800"}, "UTF-8"),
    ({"kind": "redirect", "location": "javascript:alert(1)"}, "location"),
    ({"kind": "redirect", "location": "http://a/\r\nb: c"}, "location"),
    ({"kind": "delay", "delay_ms": 3_600_001}, "delay_ms"),
    ({"kind": "delay", "delay_ms": -1}, "delay_ms"),
    ({"kind": "drip", "piece_bytes": 0}, "piece_bytes"),
    ({"kind": "empty", "times": 0}, "times"),
    ({"kind": "empty", "after": -1}, "after"),
    ({"kind": "empty", "calls": []}, "calls"),
    ({"kind": "empty", "calls": [0]}, "calls"),
    ({"kind": "empty", "probability": 0}, "probability"),
    ({"kind": "empty", "probability": 1.1}, "probability"),
    ({"kind": "empty", "path": "agencies"}, "path"),
    ({"kind": "empty", "until": "2026-01-01T00:00:00Z", "lasts": "PT1M"}, "give one of them"),
    ({"kind": "empty", "until": "tomorrow"}, "not an ISO 8601 moment"),
    ({"kind": "empty", "until": "9999-12-31T23:59:59-12:00"}, "between the years 1970 and 9999"),
    ({"kind": "empty", "until": "0001-01-01T00:00:00+12:00"}, "between the years 1970 and 9999"),
    ({"kind": "empty", "lasts": "a minute"}, "not an ISO 8601 duration"),
    ({"kind": "empty", "lasts": "PT0S"}, "more than nothing"),
    ({"kind": "wrong_type", "pointer": "leads/0"}, "pointer"),
    ({"kind": "empty", "colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("document", "message"), NONSENSE, ids=lambda value: str(value)[:60])
def test_what_makes_no_sense_is_refused_with_a_sentence(document: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Fault.model_validate(document)
    assert message in str(refusal.value)


def test_members_that_are_null_say_nothing() -> None:
    fault = Fault.model_validate({"kind": "empty", "status": None, "delay_ms": None, "provider": None})
    assert fault.status is None


def test_a_method_is_taken_in_either_case() -> None:
    assert Fault(kind="empty", method="get").method == "GET"


def test_names_that_there_are_not_are_refused_with_the_nearest() -> None:
    operations: dict[str, dict[str, None]] = {"apimo": {"listLeads": None}, "gsl": {"searchLeads": None}}
    check_names(Fault(kind="empty", provider="gsl", operation="searchLeads"), operations)
    check_names(Fault(kind="empty", operation="listLeads"), operations)
    for document, message in (
        ({"provider": "apima"}, "There is no provider 'apima'; there is apimo, gsl."),
        ({"operation": "listLead"}, "No provider has an operation 'listLead'; did you mean listLeads?"),
        ({"provider": "gsl", "operation": "zzz"}, "Provider gsl has no operation 'zzz'; there are searchLeads."),
    ):
        with pytest.raises(FaultRefused, match=message.replace("?", r"\?")):
            check_names(Fault.model_validate({"kind": "empty", **document}), operations)


# ------------------------------------------------------------------------------------------------------ matching
@pytest.mark.parametrize(
    ("members", "meets"),
    [
        ({}, True),
        ({"provider": "apimo"}, True),
        ({"provider": "gsl"}, False),
        ({"operation": "listLeads"}, True),
        ({"operation": "listUsers"}, False),
        ({"method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"path": "/agencies/101/leads"}, True),
        ({"path": "/agencies/*/leads"}, True),
        ({"path": "/agencies/*"}, True),
        ({"path": "*leads"}, True),
        ({"path": "/agencies/10[12]/leads"}, True),
        ({"path": "/agencies/10[!1]/leads"}, False),
        ({"path": "/agencies/101/lead"}, False),
        ({"path": "/AGENCIES/*"}, False),
        ({"provider": "apimo", "operation": "listLeads", "method": "GET", "path": "/a*"}, True),
        ({"provider": "apimo", "operation": "listLeads", "method": "GET", "path": "/b*"}, False),
    ],
)
def test_a_fault_meets_the_calls_that_it_names(book: FaultRegistry, members: dict[str, Any], meets: bool) -> None:
    placed = book.add(Fault.model_validate({"kind": "empty", **members}))
    assert struck(book, 1) == ["f1" if meets else None]
    after = book.get(placed.id)
    assert after
    assert (after.seen, after.fired) == ((1, 1) if meets else (0, 0))


@dataclass
class Model:
    """What a fault should do, without the book."""

    id: str
    fault: Fault
    seen: int = 0
    fired: int = 0

    def sees(self) -> bool:
        """Counts a call; whether it is one to strike."""
        if self.fault.times is not None and self.fired >= self.fault.times:
            return False
        self.seen += 1
        return self.seen > self.fault.after and (self.fault.calls is None or self.seen in self.fault.calls)


FAULTS = st.builds(
    Fault,
    kind=st.just("empty"),
    operation=st.sampled_from([None, "a", "b"]),
    after=st.integers(0, 4),
    calls=st.none() | st.lists(st.integers(1, 8), min_size=1, max_size=3).map(tuple),
    times=st.none() | st.integers(1, 3),
)


@given(faults=st.lists(FAULTS, max_size=5), calls=st.lists(st.sampled_from("ab"), max_size=20))
def test_after_calls_and_times_are_what_a_model_says(faults: list[Fault], calls: list[str]) -> None:
    book = FaultRegistry(Clock(NOW, frozen=True))
    models = [Model(book.add(fault).id, fault) for fault in faults]
    for operation in calls:
        fitting = [model for model in models if model.fault.operation in (None, operation)]
        striking = [model for model in fitting if model.sees()]
        if striking:
            striking[0].fired += 1
        assert struck(book, 1, ("p", operation, "GET", "/")) == [striking[0].id if striking else None]
    assert [(p.id, p.seen, p.fired) for p in book.list()] == [(m.id, m.seen, m.fired) for m in models]
    left = [m for m in models if m.fault.times is None or m.fired < m.fault.times]
    assert book.has_active == bool(left)
    assert [p.exhausted for p in book.list()] == [m not in left for m in models]


def test_a_lifetime_ends_on_the_clock_of_the_sandbox(book: FaultRegistry, clock: Clock) -> None:
    book.add(Fault(kind="empty", lasts="PT1M"))
    clock.advance(59.9)
    assert struck(book, 1) == ["f1"]
    clock.advance(0.1)
    assert struck(book, 2) == [None, None]
    (placed,) = book.list()
    assert (placed.exhausted, placed.seen, placed.until) == (True, 1, NOW + 60)
    assert placed.as_dict()["until"] == "2026-01-01T00:01:00.000Z"
    clock.advance(-30)
    assert struck(book, 1) == ["f1"]


def test_a_moment_is_the_other_way_to_say_it(book: FaultRegistry, clock: Clock) -> None:
    book.add(Fault(kind="empty", until="2026-01-01T01:00:00+01:00"))
    book.add(Fault(kind="empty", until="2026-01-01T00:00:01Z"))
    assert struck(book, 1) == ["f2"]
    clock.advance(1)
    assert struck(book, 1) == [None]


def test_there_is_a_most_number_of_faults(book: FaultRegistry) -> None:
    for _ in range(MAX_FAULTS):
        book.add(Fault(kind="empty"))
    with pytest.raises(FaultRefused, match="There are 100 faults"):
        book.add(Fault(kind="empty"))
    assert book.remove("f1")
    assert book.add(Fault(kind="empty")).id == "f101"


def test_who_waits_is_told_when_a_fault_goes_away(book: FaultRegistry) -> None:
    told: list[int] = []
    book.add(Fault(kind="empty"))
    book.listeners.add(lambda: told.append(len(book.list())))
    assert not book.remove("f2")
    assert told == []
    assert book.remove("f1")
    assert told == [0]
    book.add(Fault(kind="empty"))
    book.clear()
    assert told == [0, 0]
    assert not book.has_active


# -------------------------------------------------------------------------------------------------------- chance
def chance(probability: float, calls: int, *, seed: int | None = None, before: int = 0) -> list[bool]:
    """Which calls a fault strikes that is the only one but for some that came before it."""
    book = FaultRegistry(Clock(NOW, frozen=True))
    for _ in range(before):
        book.add(Fault(kind="empty", provider="other"))
    book.add(Fault.model_validate({"kind": "empty", "probability": probability, "seed": seed}))
    return [id is not None for id in struck(book, calls)]


def test_chance_is_the_same_every_time_and_follows_from_the_seed() -> None:
    assert chance(0.3, 200) == chance(0.3, 200)
    assert chance(0.3, 200) != chance(0.3, 200, seed=7)
    assert chance(0.3, 200, seed=7) == chance(0.3, 200, seed=7, before=3)
    assert chance(0.3, 200, before=3) != chance(0.3, 200)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95])
def test_chance_is_about_as_great_as_it_was_asked_for(probability: float) -> None:
    assert abs(sum(chance(probability, 2000, seed=1)) / 2000 - probability) < 0.03
    assert all(chance(1, 50))


def test_a_log_normal_delay_has_its_median_and_repeats() -> None:
    fault = Fault(kind="delay", delay_ms=200, sigma=0.5)
    pauses = sorted(FaultHit("f1", fault, number).pause() for number in range(1, 1001))
    assert pauses == sorted(FaultHit("f1", fault, number).pause() for number in range(1, 1001))
    assert 0.18 < pauses[500] < 0.22
    # One standard deviation up and down, in the logarithm: 200 ms times and through 1.65.
    assert 0.11 < pauses[159] < 0.14
    assert 0.29 < pauses[841] < 0.37
    assert FaultHit("f1", Fault(kind="delay", delay_ms=3_600_000, sigma=4.0), 3).pause() <= 3600
    assert FaultHit("f1", Fault(kind="delay", delay_ms=70), 1).pause() == 0.07


# -------------------------------------------------------------------------------------------------------- records
@given(faults=st.lists(FAULTS, max_size=4), first=st.integers(0, 6), then=st.integers(0, 6))
def test_a_book_that_was_dumped_goes_on_where_it_was(faults: list[Fault], first: int, then: int) -> None:
    clock = Clock(NOW, frozen=True)
    book, other = FaultRegistry(clock), FaultRegistry(clock)
    for fault in faults:
        book.add(fault)
    struck(book, first, ("p", "a", "GET", "/"))
    records = json.loads(json.dumps(dict(book.dump())))
    for key in sorted(records, reverse=True):
        other.load(key, records[key])
    assert other.list() == book.list()
    assert other.has_active == book.has_active
    assert struck(other, then, ("p", "a", "GET", "/")) == struck(book, then, ("p", "a", "GET", "/"))
    assert other.dump() == book.dump()


def test_every_change_is_told_to_who_keeps_the_records(book: FaultRegistry, clock: Clock) -> None:
    kept: dict[str, Any] = {}

    def keep(key: str, value: Any) -> None:
        kept.pop(key, None)
        if value is not None:
            kept[key] = json.loads(json.dumps(value))

    book.on_change(keep)
    for members in ({"after": 1}, {"times": 1, "lasts": "PT1H"}, {"provider": "gsl"}):
        book.add(Fault.model_validate({"kind": "empty", **members}))
        assert kept == book.dump()
    for _ in range(3):
        struck(book, 1)
        assert kept == book.dump()
    book.remove("f2")
    assert kept == book.dump()
    replica = FaultRegistry(clock)
    for key, value in kept.items():
        replica.load(key, value)
    # The other process sees what was taken away, and how the counts moved.
    replica.load("f1", None)
    replica.load("f3", {**kept["f3"], "seen": 9})
    assert [(placed.id, placed.seen) for placed in replica.list()] == [("f3", 9)]
    book.replace({})
    assert kept == {}
    assert book.list() == []
    assert book.add(Fault(kind="empty")).id == "f1"


# ------------------------------------------------------------------------------------------------- changed answers
LISTS = st.lists(st.integers(0, 3), max_size=8)


@given(items=LISTS, seed=st.integers(0, 1000))
def test_another_order_is_really_another_and_has_the_same_items(items: list[int], seed: int) -> None:
    body = {"a": {"b": items, "c": 1}}
    changed, _ = reorder_items(body, ("a", "b"), KeyedRandom(seed))
    assert sorted(changed["a"]["b"]) == sorted(items)
    assert changed["a"]["c"] == 1
    assert (changed["a"]["b"] != items) == (len(set(items)) > 1)
    assert body == {"a": {"b": items, "c": 1}}


@given(items=LISTS, seed=st.integers(0, 1000))
def test_one_item_comes_twice(items: list[int], seed: int) -> None:
    changed, _ = duplicate_items(items, (), KeyedRandom(seed))
    assert changed[: len(items)] == items
    assert len(changed) == len(items) + bool(items)
    assert not items or changed[-1] in items


def test_members_are_added_where_the_contract_lets_them() -> None:
    body = {"items": [{"a": {"b": 1}}], "n": {}}
    everywhere, _ = extra_members(body, ("items",), lambda value: True)
    assert {"mockExtraFault"} <= everywhere.keys() & everywhere["n"].keys() & everywhere["items"][0]["a"].keys()
    closed, _ = extra_members(body, ("items",), lambda value: "mockExtraFault" not in value)
    assert closed.keys() == body.keys()
    assert "mockExtraFault" in closed["items"][0]["a"]
    assert extra_members([1, 2], (), lambda value: True)[0] == [1, 2]


ENUMERATIONS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "anyOf": [
                    {
                        "properties": {
                            "kind": {"enum": ["A", "B"]},
                            "gender": {"anyOf": [{"enum": ["MALE"]}, {"type": "null"}]},
                            "tags": {"type": "array", "items": {"enum": ["x", "y"]}},
                            "step": {"type": "string", "pattern": r"^\d+$"},
                            "agency": {"type": "string", "pattern": r"^\d+$"},
                            "leadId": {"type": "string", "pattern": r"^\d+$"},
                            "code": {"type": "string", "pattern": "^[A-Z]$"},
                            "name": {"type": "string"},
                        }
                    },
                    {"required": ["other"], "properties": {"kind": {"enum": ["C"]}}},
                ]
            },
        },
        "Bearer": {"const": "Bearer"},
    },
}


def renewed(body: Any, *path: str) -> tuple[Any, str]:
    return unknown_values(body, path, Draft202012Validator(ENUMERATIONS).iter_errors)


def test_every_enumeration_of_every_item_has_another_word_and_nothing_else_has() -> None:
    item = {"agency": "7", "leadId": "8", "code": "A", "name": "MALE", "other": None}
    known = {"kind": "A", "gender": "MALE", "tags": ["x", "y"], "step": "1"}
    body: Any = {"items": [{**item, **known}, {**item, "kind": "C", "gender": None, "tags": []}], "Bearer": "Bearer"}
    changed, said = renewed(body, "items")
    assert changed["items"] == [
        {**item, "kind": WORD, "gender": WORD, "tags": [WORD, WORD], "step": NUMBER},
        {**item, "kind": WORD, "gender": None, "tags": []},
    ]
    assert changed["Bearer"] == "Bearer"
    assert said == "values that no document names in kind, gender, tags, step"
    assert body["items"][0]["kind"] == "A"
    assert renewed(body)[0] == changed, "also where nothing says that it is a list"


@pytest.mark.parametrize("body", [None, [], {}, {"items": []}, {"items": [{"name": "A", "gender": None}]}])
def test_where_no_enumeration_is_nothing_gets_another_value(body: Any) -> None:
    changed, said = renewed(body, "items")
    assert changed is body
    assert said == "there is no enumeration here that could have a value more"


@given(seed=st.integers(0, 1000))
def test_a_wrong_type_is_one_that_the_schema_refuses(seed: int) -> None:
    spec = Contract("test", json.loads(json.dumps(MINIMAL))).operations["getThing"].replies[200]
    validator = spec.media["application/json"]
    body = {"id": 1, "free": [{"anything": 2}]}
    changed, said = wrong_type(body, None, KeyedRandom(seed), lambda value: not violations(validator, value, "reply"))
    assert violations(validator, changed, "reply")
    assert said == "/id has a wrong type"
    assert body["id"] == 1


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [("/a~1b/1/c", {"a/b": [0, {"c": {"mock": True}}]}), ("/a~1b/0", {"a/b": [{"mock": True}, {"c": 1}]})],
)
def test_a_pointer_says_which_member_gets_a_wrong_type(pointer: str, expected: Any) -> None:
    assert wrong_type({"a/b": [0, {"c": 1}]}, pointer, KeyedRandom(1), lambda value: False)[0] == expected


@pytest.mark.parametrize("pointer", ["/x", "/a~1b/2", "/a~1b/-", "/a~1b/1/c/d"])
def test_a_pointer_that_leads_nowhere_changes_nothing_and_says_so(pointer: str) -> None:
    body = {"a/b": [0, {"c": 1}]}
    changed, said = wrong_type(body, pointer, KeyedRandom(1), lambda value: False)
    assert changed is body
    assert said.startswith(f"there is no {pointer}")


@given(
    value=st.recursive(st.none() | st.booleans() | st.text(), lambda of: st.lists(of) | st.dictionaries(st.text(), of))
)
def test_malformed_is_never_json(value: Any) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(malformed(json.dumps(value, separators=(",", ":")).encode()))


@pytest.mark.parametrize(
    ("origin", "server", "expected"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", "http://localhost:8080"),
        ("http://localhost:8080", "127.0.0.1", "http://127.0.0.1:8080"),
        ("http://localhost", None, "http://127.0.0.1"),
        ("http://mock:8080", "10.0.0.3", "http://10.0.0.3:8080"),
        ("https://mock", None, "https://localhost"),
        ("http://[::1]:8080", "::1", "http://localhost:8080"),
        ("http://[::1]", "::1", "http://localhost"),
    ],
)
def test_this_machine_has_another_name(origin: str, server: str | None, expected: str) -> None:
    assert other_name(origin, server) == expected
