"""Databases of an earlier version open: their records, snapshots and scenarios are understood, and stay as they are.

`earlier_records.json` is the dump of a sandbox of the world `small` that the version before the records had tables
made, with records of every component.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from mockserver.domain import Kind
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import DeliveryFaultKind, DeliveryState
from mockserver.scenarios import ScenarioRunner
from mockserver.server.app import build
from tests.conftest import NOW
from tests.support.databases import MakeStore, OpenStore

RECORDS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("earlier_records.json").read_text(encoding="utf-8")
)


def fresh() -> Sandbox:
    """A sandbox such as the one that was dumped was at its start."""
    return build(Settings(world="small", now=NOW)).sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox that loads the records one by one, as from a database."""
    sandbox = fresh()
    for name, component in sandbox.components().items():
        for key, value in RECORDS[name].items():
            component.load(key, value)
    return sandbox


def test_every_component_has_records_of_an_earlier_version(sandbox: Sandbox) -> None:
    assert sandbox.components().keys() == RECORDS.keys()
    assert [name for name, records in RECORDS.items() if not records] == ["authority/gsl"]


def with_later_members(records: Any) -> Any:
    """Returns records with the defaults of members that entities have got since."""
    if isinstance(records, list):
        return [with_later_members(part) for part in records]
    if not isinstance(records, dict):
        return records
    later = {**({"offers": False} if "role" in records else {}), **({"asker": None} if "intention" in records else {})}
    return {**{name: with_later_members(part) for name, part in records.items()}, **later}


def test_the_records_are_the_same_again(sandbox: Sandbox) -> None:
    assert json.loads(json.dumps(sandbox.dump())) == with_later_members(RECORDS)
    other = fresh()
    other.restore(RECORDS)
    assert json.loads(json.dumps(other.dump())) == with_later_members(RECORDS)


def test_deliveries_and_their_faults_go_on(sandbox: Sandbox) -> None:
    outbox = sandbox.outbox
    assert [(delivery.number, delivery.attempts, delivery.state) for delivery in outbox.list()] == [
        (1, 1, DeliveryState.PENDING),
        (2, 0, DeliveryState.PENDING),
        (3, 1, DeliveryState.DELIVERED),
        (4, 1, DeliveryState.PENDING),
    ]
    first = outbox.get(1)
    assert first is not None
    assert (first.faults, first.reordered, first.claim) == ((DeliveryFaultKind.REORDER,), False, "worker/1")
    record = {**RECORDS["outbox"]["pending/2"], "number": 5, "behind": True}
    outbox.load("pending/5", record)
    waiting = outbox.get(5)
    assert waiting is not None
    assert waiting.reordered
    assert outbox.dump()["pending/5"] == record
    reorder, duplicate = sandbox.delivery_faults.list()
    assert (reorder.fault.kind, reorder.fired, duplicate.fault.copies) == (DeliveryFaultKind.REORDER, 2, 3)


def test_a_scenario_goes_on_whose_actions_had_other_names(sandbox: Sandbox) -> None:
    assert isinstance(sandbox.scenario, ScenarioRunner)
    assert sandbox.scenario.state().step == 1
    notes = sandbox.scenario.on_response("apimo", "listLeads", 200)
    assert notes == [
        "scenario mine, step 2: delivery fault w3 (delay) was placed",
        "scenario mine, step 2: the cursors given out so far ended",
    ]


def test_an_entity_that_was_added_and_removed_may_have_a_record(sandbox: Sandbox) -> None:
    """An earlier version left it as false, which says nothing of an id that the world does not have."""
    id = sandbox.store.next_id(Kind.ENQUIRY)
    before = list(sandbox.store.ids(Kind.ENQUIRY, 101))
    sandbox.store.load(f"enquiry/{id}", False)
    assert sandbox.store.get(Kind.ENQUIRY, id) is None
    assert list(sandbox.store.ids(Kind.ENQUIRY, 101)) == before


STEPS = [
    {"when": "start", "do": [{"revoke_agency": {"agency": 101}}]},
    {"when": {"calls": 2}, "do": [{"delivery_fault": {"kind": "delay"}}]},
]


@pytest.mark.parametrize(
    ("former", "fits"),
    [
        ({"revoke_agency": "cut", "delivery_fault": "misdeliver"}, True),
        ({"revoke_agency": "grant"}, False),
        ({"revoke_agency": "unheard_of"}, False),
    ],
)
def test_a_store_goes_on_with_a_scenario_whose_actions_had_other_names(
    make_store: MakeStore, open_store: OpenStore, tmp_path: Path, former: dict[str, str], fits: bool
) -> None:
    store, scenario = make_store("sqlite"), tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"name": "mine", "why": "because", "steps": STEPS}), encoding="utf-8")
    open_store(store, scenario=str(scenario))
    engine = create_engine(store)
    with engine.begin() as connection:
        for today, name in former.items():
            statement = text("UPDATE mockserver_sandboxes SET spec = replace(spec, :today, :name)")
            connection.execute(statement, {"today": f'"{today}"', "name": f'"{name}"'})
    engine.dispose()
    if fits:
        assert open_store(store, scenario=str(scenario)).default.scenario.dump() == {}
    else:
        with pytest.raises(SettingsError, match="made with other settings"):
            open_store(store, scenario=str(scenario))
