"""A lead that was written is in a database as it came: another process makes of it what this one does."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from mockserver.domain import Entity, Kind
from mockserver.foundation.problems import Problem
from mockserver.foundation.settings import Settings
from mockserver.providers.apimo.new_lead import NewLead
from mockserver.sandbox.changes.erasure import erase
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import MemoryStore
from mockserver.sandbox.store.deferred import AS_IT_CAME, DeferredWrite
from mockserver.server.app import MockServer, build
from tests.conftest import NOW
from tests.providers.apimo.test_deferred_writes import AGENCY, LEADS, SCHEMAS, bodies, client_of
from tests.support.databases import KINDS, MakeStore

WRITTEN = (Kind.PERSON, Kind.ENQUIRY)
LEAD = {"reference": "R1", "lastname": "MARTIN", "city": "Cannes", "message": "Bonjour", "room_min": "2", "fax": None}


@pytest.fixture(scope="module")
def app() -> MockServer:
    return build(Settings(world="small", now=NOW))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[DeferredWrite]:
    """The writes that are made from now on."""
    writes: list[DeferredWrite] = []
    defer = MemoryStore.defer

    def noted(store: MemoryStore, write: DeferredWrite, ids: Any) -> None:
        writes.append(write)
        defer(store, write, ids)

    monkeypatch.setattr(MemoryStore, "defer", noted)
    return writes


def rows_of(store: str) -> dict[str, Any]:
    """The records of persons and enquiries in a database, by key."""
    engine = create_engine(store)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT record, value FROM mockserver_records WHERE part = 'store'")).all()
    engine.dispose()
    return {key: json.loads(value) for key, value in found if value and key.startswith(("person/", "enquiry/"))}


def written(sandbox: Sandbox) -> list[Entity | None]:
    """Every person and every enquiry that was added."""
    with sandbox.transaction():
        places = [(kind, id) for kind in WRITTEN for id in sandbox.store.ids(kind, AGENCY)]
        return [sandbox.store.get(*place) for place in places if sandbox.world.locate(*place) is None]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_read_again_is_what_was_written(app: MockServer, data: st.DataObject) -> None:
    body = {**data.draw(bodies(app, "LeadUpdate")), "reference": data.draw(st.sampled_from(["R1", 7]))}
    with pytest.MonkeyPatch.context() as patch:
        writes: list[Any] = []
        patch.setattr(MemoryStore, "defer", lambda store, write, ids: writes.append(write))
        assert client_of(app).post(LEADS, json=body).status_code == 200
    (lead,) = writes
    records = lead.records()
    if not records:
        assert any(isinstance(value, float | list | dict) for value in body.values())
    for kind, record in records.items():
        reader = app.sandboxes.providers[record[AS_IT_CAME]].read_write
        read = reader(orjson.loads(orjson.dumps(record)), app.sandbox.world.new_uuid)
        assert repr(read.make(kind)) == repr(lead.make(kind))
        assert (read.agency, read.moment) == (lead.agency, lead.moment)
        for member in ("source_key", "seeker", "uuid", "estate", "category", "in_contacts"):
            assert kind is Kind.PERSON or read.member(kind, member) == lead.member(kind, member)


def test_each_member_of_a_body_is_in_one_of_the_records_unless_it_is_a_link(
    app: MockServer, kept: list[DeferredWrite]
) -> None:
    values = dict.fromkeys(SCHEMAS["LeadUpdate"]["properties"], "1") | {"date": "2025-01-25", "email": "a@b"}
    values |= {"recipient_email": "", "country": "FR", "property_country": "FR", "language": "fr", "currency": "EUR"}
    values |= dict.fromkeys(("start_at", "end_at", "opened", "assigned", "closed"), "2025-01-25")
    assert client_of(app).post(LEADS, json=values).status_code == 200
    shown = [record["body"].keys() for record in kept[0].records().values()]
    assert sum(map(len, shown)) == len({*shown[0], *shown[1]})
    assert {*shown[0], *shown[1]} == values.keys() - {"property", "contact", "request", "user"}


@pytest.mark.parametrize("kind", KINDS)
def test_another_process_makes_it_when_somebody_looks_there(
    kind: str, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = NewLead.make

    def counted(lead: NewLead, kind_made: Kind) -> Entity:
        made.append(kind_made.value)
        return make(lead, kind_made)

    monkeypatch.setattr(NewLead, "make", counted)
    store = make_store(kind)
    here, there = (build(Settings(world="small", now=NOW, store=store)) for _ in range(2))
    for number in range(2):
        answer = client_of(here).post(LEADS, json={**LEAD, "reference": f"R{number}", "token": "seen-by-nobody"})
        assert answer.status_code == 200
    assert made == []
    # A value that is nested is written as the entity that it becomes.
    nested = {**LEAD, "reference": "R2", "opened": {"date": "2025-01-25", "user": 5}}
    assert client_of(there).post(LEADS, json=nested).status_code == 200
    rows = rows_of(store)
    assert sorted(AS_IT_CAME in record for record in rows.values()) == [False] * 2 + [True] * 4
    assert "seen-by-nobody" not in str(rows)
    del made[:]
    later = build(Settings(world="small", now=NOW, store=store))
    assert made == []
    leads = [client_of(app).get(f"{LEADS}?limit=1000").json()["leads"][-3:] for app in (here, there, later)]
    assert leads[0] == leads[1] == leads[2]
    assert [lead["reference"] for lead in leads[0]] == ["R0", "R1", "R2"]
    assert written(here.sandbox) == written(there.sandbox) == written(later.sandbox)
    assert len(written(here.sandbox)) == 6
    # The same reference once more: the parent is found among what another process wrote.
    client_of(later).post(LEADS, json=LEAD)
    child, parent = client_of(later).get(f"{LEADS}?limit=1000").json()["leads"][-1], leads[0][1]
    assert later.sandbox.store.get(Kind.ENQUIRY, child["id"]).parent == parent["id"]  # type: ignore[union-attr]
    for app in (here, there, later):
        app.sandboxes.repository.close()


def test_what_is_changed_removed_or_restored_later_is_so_everywhere(make_store: MakeStore) -> None:
    store = make_store("sqlite")
    here, there = (build(Settings(world="small", now=NOW, store=store)) for _ in range(2))
    ids = [client_of(here).post(LEADS, json={**LEAD, "reference": f"R{number}"}).json()["id"] for number in range(3)]
    with there.sandbox.transaction():
        kept_dump = there.sandbox.snapshot("kept")
    before = written(here.sandbox)
    assert client_of(there).put(f"{LEADS}/{ids[0]}", json={"message": "Encore"}).status_code == 200
    with there.sandbox.transaction():
        there.sandbox.store.remove(Kind.ENQUIRY, ids[1])
        seeker = there.sandbox.store.get(Kind.ENQUIRY, ids[2]).seeker  # type: ignore[union-attr]
        erase(there.sandbox, seeker)
    later = build(Settings(world="small", now=NOW, store=store))
    assert written(here.sandbox) == written(there.sandbox) == written(later.sandbox)
    assert len(written(later.sandbox)) == 5
    of_erased = [record for key, record in rows_of(store).items() if key in (f"person/{seeker}", f"enquiry/{ids[2]}")]
    assert len(of_erased) == 2
    assert "MARTIN" not in str(of_erased)
    assert "Bonjour" not in str(of_erased)
    with later.sandbox.transaction():
        later.sandbox.restore(kept_dump)
    assert written(here.sandbox) == written(later.sandbox) == before
    for app in (here, there, later):
        app.sandboxes.repository.close()


@pytest.mark.parametrize("damage", ["nobody", "gsl", 5])
def test_a_record_in_words_that_nobody_reads_is_told(make_store: MakeStore, damage: Any) -> None:
    store = make_store("sqlite")
    here = build(Settings(world="small", now=NOW, store=store))
    id = client_of(here).post(LEADS, json=LEAD).json()["id"]
    engine = create_engine(store)
    with engine.begin() as connection:
        value = json.dumps({AS_IT_CAME: damage, "agency": AGENCY})
        connection.execute(
            text("UPDATE mockserver_records SET value = :value, revision = revision + 1 WHERE record = :record"),
            {"value": value, "record": f"enquiry/{id}"},
        )
        connection.execute(text("UPDATE mockserver_sandboxes SET revision = revision + 1"))
    engine.dispose()
    with pytest.raises(Problem, match="it holds what this server cannot read"), here.sandbox.transaction():
        pass
    here.sandboxes.repository.close()
