"""A written lead is made when somebody looks at it: whatever happened until then, it is what it was when it came."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract import load_contract
from mockserver.domain import Entity, Estate, Kind, Transaction, replace
from mockserver.foundation.records import as_json
from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.providers.apimo.new_lead import NewLead
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient

AGENCY, OURS = 101, "/apimo/agencies/101"
LEADS = f"{OURS}/leads"
SCHEMAS = load_contract("apimo", resource("contracts", "apimo.yaml")).document["components"]["schemas"]
_NUMBERS = ["", " ", "1", "2", "3", " 4 ", "007", None, 1, 2]
_TEXTS = ["", None, "a", "Ça va ?", "x" * 30]
SAMPLES: dict[str, list[Any]] = {
    "NumberText": [*_NUMBERS, "12.50", "-3", 2.5, 1e14],
    "IdText": [*_NUMBERS, "999999999999999"],
    "IdListText": ["", None, "1,2", " 3 ,4", "999"],
    "DateText": [
        "",
        None,
        "2025-01-25",
        "2016-08-01 11:02:11",
        "1000-01-01",
        "9999-12-31 23:59:59",
        "2025-10-26 02:30:00",
    ],
    "CountryText": ["", None, "fr", "DE"],
    "LanguageText": ["", None, "fr", "DE"],
    "CurrencyText": ["", None, "eur", "USD"],
    "EmailText": ["", None, "a@b"],
    "IdList": ["", None, "1,2", 3, ["1", 2]],
    "Flag": ["", None, "1", 0, True],
    "Operator": ["", None, "1", 3],
}
"""Values by schema; of a member without one, texts."""
MEMBERS: dict[str, list[Any]] = {
    **{name: [None, {"date": "2025-01-25", "user": 5}, {"date": ""}] for name in ("opened", "assigned", "closed")},
    "area": [None, {}, {"min": "20", "max": 30.5}],
    "price": [None, {"min": None, "currency": "usd"}],
    "floor": [None, {"operator": "2", "value": "-1"}],
    "view": [None, {"type": "1"}],
    "emailing": [None, {"subscription": "0", "last_at": "2025-01-25"}],
    "areas": [None, "1,2", 3, [{"type": 1, "number": "2", "area_min": "9.5"}, 4, "5"]],
    "locations": [None, "Antibes, Nice, Nowhere", [{"city": {"name": "Paris"}}, {"region": {"name": "Corse"}}, {}]],
    "coordinates": [None, {"any": [1]}],
    "tags_customized": [None, ["a", {"comment": 3}, {}]],
}
"""Values by member, where no schema of its own tells them."""


@pytest.fixture(scope="module")
def app() -> MockServer:
    return build(Settings(world="small", now=NOW))


def client_of(app: MockServer) -> TestClient:
    """A client with Apimo's credentials."""
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    return client


@pytest.fixture(scope="module")
def writes(app: MockServer) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Leads and requests, each with its path, and links to what there is as well as to what there is not."""
    leads, requests = bodies(app, "LeadUpdate"), bodies(app, "RequestInput")
    reference = st.fixed_dictionaries({"reference": st.sampled_from(["R1", "R2", 7])})
    whole_leads = st.builds(lambda lead, required: {**lead, **required}, leads, reference)
    return st.one_of(st.tuples(st.just("leads"), whole_leads), st.tuples(st.just("requests"), requests))


def bodies(app: MockServer, schema_name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies that a schema allows."""
    linking = {"user": Kind.AGENT, "request": Kind.PROFILE, "property": Kind.ESTATE, "contact": Kind.PERSON}
    ids = {name: list(app.sandbox.store.ids(kind, AGENCY)[-3:]) for name, kind in linking.items()}
    named = {name: [*some, str(some[0]), 5, None, ""] for name, some in ids.items()}
    named["property_reference"] = [*[estate.reference for estate in _estates(app.sandbox)][:2], "none such", "", None]
    members: dict[str, st.SearchStrategy[Any]] = {}
    for name, schema in SCHEMAS[schema_name]["properties"].items():
        of_schema = SAMPLES.get(str(schema.get("$ref", "")).rpartition("/")[2], _TEXTS)
        members[name] = st.sampled_from(named.get(name) or MEMBERS.get(name) or of_schema)
    return st.fixed_dictionaries({}, optional=members)


def _estates(sandbox: Sandbox) -> list[Estate]:
    entities = (sandbox.store.get(Kind.ESTATE, id) for id in sandbox.store.ids(Kind.ESTATE, AGENCY))
    return [entity for entity in entities if isinstance(entity, Estate)]


def _move_the_clock(sandbox: Sandbox) -> None:
    sandbox.clock.advance(86_400)


def _change_the_estates(sandbox: Sandbox) -> None:
    for estate in _estates(sandbox):
        rented = estate.transaction is Transaction.RENT
        sandbox.store.put(
            Kind.ESTATE, replace(estate, transaction=Transaction.BUY if rented else Transaction.RENT, reference="other")
        )


def _remove_what_is_linked(sandbox: Sandbox) -> None:
    for kind in (Kind.AGENT, Kind.PROFILE):
        for id in sandbox.world.ids(kind, AGENCY)[-2:]:
            sandbox.store.remove(kind, id)


def _come_back(sandbox: Sandbox) -> None:
    kept = sandbox.snapshot("kept")
    sandbox.reset()
    sandbox.restore(kept)


def _forget_what_was_made(sandbox: Sandbox) -> None:
    sandbox.store.drop_cache()


HAPPENINGS: list[Callable[[Sandbox], None]] = [
    _move_the_clock, _change_the_estates, _remove_what_is_linked, _come_back, _forget_what_was_made,
]  # fmt: skip


def _entities(sandbox: Sandbox) -> list[tuple[str, Any]]:
    """Everything that was written, with its types."""
    entities = (
        sandbox.store.get(kind, id)
        for kind in (Kind.PERSON, Kind.ENQUIRY, Kind.PROFILE)
        for id in sandbox.store.ids(kind, AGENCY)
        if sandbox.world.locate(kind, id) is None
    )
    return [(repr(entity), as_json(entity)) for entity in entities]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_looked_at_late_is_what_it_was_when_it_came(
    app: MockServer, writes: st.SearchStrategy[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    written = data.draw(st.lists(writes, min_size=1, max_size=3))
    happenings = data.draw(st.lists(st.sampled_from(HAPPENINGS), max_size=3))
    seen: list[Any] = []
    for looks_at_once in (True, False):
        with app.sandbox.transaction():
            app.sandbox.reset()
        client, receipts = client_of(app), []
        for name, body in written:
            answer = client.post(f"{OURS}/{name}", json=body)
            assert answer.status_code == 200, answer.text
            receipts.append(answer.json())
            if looks_at_once:
                _entities(app.sandbox)
        early = _entities(app.sandbox) if looks_at_once else []
        for happen in happenings:
            with app.sandbox.transaction():
                happen(app.sandbox)
        late = _entities(app.sandbox)
        assert not looks_at_once or late == early
        listed = [client.get(f"{OURS}/{name}").json() for name in ("leads", "contacts", "requests")]
        notes = [entry.notes for entry in app.sandbox.journal.entries()]
        seen.append((receipts, late, listed, notes, dict(app.sandbox.store.dump())))
    assert seen[0] == seen[1]


def test_a_write_is_made_when_somebody_looks_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = NewLead.make

    def counted(lead: NewLead, kind: Kind) -> Entity:
        made.append(kind.value)
        return make(lead, kind)

    monkeypatch.setattr(NewLead, "make", counted)
    client = client_of(build(Settings(world="small", now=NOW)))
    for number in range(5):
        assert client.post(LEADS, json={"reference": f"R{number}"}).status_code == 200
    assert made == []
    newest = client.get(f"{LEADS}?limit=1&offset={client.get(LEADS).json()['total_items'] - 1}").json()["leads"]
    assert [lead["reference"] for lead in newest] == ["R4"]
    assert sorted(made) == [*["enquiry"] * 5, *["person"] * 5], "each once, however often it is shown"


def test_leads_weigh_what_they_take_and_that_is_little() -> None:
    app = build(Settings(world="small", now=NOW, journal_size=1))
    client, message = client_of(app), "Bonjour, merci de me rappeler. " * 20
    for number in range(100):
        client.post(LEADS, json={"reference": f"warm-{number}", "message": message})
    weight = app.sandbox.store.written
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(300):
            client.post(LEADS, json={"reference": f"lead-{number}", "message": message})
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    weighed = app.sandbox.store.written - weight
    assert taken < 2_500 * 300
    assert 0.8 < weighed / taken < 1.6
