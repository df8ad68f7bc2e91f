"""Values of the domain are frozen dataclasses, which need no other library; as JSON they come back the same."""

import subprocess
import sys
from copy import deepcopy
from dataclasses import FrozenInstanceError, replace
from pickle import dumps, loads
from typing import Any

import pytest

from mockserver import domain
from mockserver.domain import Address, Category, Enquiry, Entity, Kind, Milestone, Place, SearchProfile
from mockserver.foundation.dataclass_fields import field_defaults, field_names
from mockserver.foundation.records import as_json, json_reader
from mockserver.world import World
from mockserver.world.loading import load_world_file
from tests.conftest import NOW


@pytest.fixture(scope="module")
def entities() -> list[Entity]:
    """Some entities of each kind."""
    world = World(load_world_file("small"), origin=NOW)
    agency = next(iter(world.agencies))
    return [
        world.entity(kind, agency, position) for kind in Kind for position in range(min(30, world.count(kind, agency)))
    ]


def kinds_of(value: Any) -> Any:
    """Returns JSON with the types in place of the values."""
    if isinstance(value, dict):
        return {name: kinds_of(part) for name, part in value.items()}
    return [kinds_of(part) for part in value] if isinstance(value, list) else type(value)


def test_the_domain_needs_no_library() -> None:
    told = subprocess.check_output(
        [sys.executable, "-c", "import sys, mockserver.domain; print(*sys.modules)"], text=True, timeout=60
    )
    assert {"pydantic", "pydantic_core", "orjson"} & set(told.split()) == set()


def test_a_record_is_read_as_what_it_was(entities: list[Entity]) -> None:
    """The world makes what a reader makes of its record, down to the types: no reader has to convert anything."""
    for entity in entities:
        read = json_reader(type(entity))(as_json(entity))
        assert read == entity
        assert type(read) is type(entity)
        assert kinds_of(as_json(read)) == kinds_of(as_json(entity))


def test_a_changed_copy_is_what_the_standard_library_makes(entities: list[Entity]) -> None:
    for entity in entities:
        changes: dict[str, Any] = {"updated_at": NOW + 1, field_names(type(entity))[-1]: None}
        copy = domain.replace(entity, **changes)
        assert copy == replace(entity, **changes) != entity
        assert type(copy) is type(entity)
        assert domain.replace(entity) == entity


def test_a_copy_is_as_frozen_as_its_original_and_has_no_other_members(entities: list[Entity]) -> None:
    copy, name = domain.replace(entities[0], agency=1), field_names(type(entities[0]))[0]
    with pytest.raises(FrozenInstanceError):
        setattr(copy, name, 2)
    assert not hasattr(copy, "__dict__")
    with pytest.raises(AttributeError, match="nickname"):
        domain.replace(copy, nickname="Ada")


def test_values_can_be_copied_and_compared_by_what_they_are(entities: list[Entity]) -> None:
    for entity in entities:
        assert loads(dumps(entity)) == deepcopy(entity) == entity
    assert hash(Address(city="Pau")) == hash(Address(city="Pau"))


def test_no_two_entities_share_a_default_that_could_change() -> None:
    one, other = (field_defaults(Enquiry)["extras"] for _ in range(2))
    assert one == other == {}
    assert one is not other


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"nickname": "Ada"}, "nickname"),
        ({"opened": {"when": 3}}, "opened.when"),
        ({"category": "GOSSIP"}, "category"),
        ({"extras": 3}, "extras"),
    ],
)
def test_a_record_with_something_else_is_refused(
    entities: list[Entity], change: dict[str, Any], complaint: str
) -> None:
    enquiry = next(entity for entity in entities if isinstance(entity, Enquiry))
    with pytest.raises(ValueError, match=complaint):
        json_reader(Enquiry)({**as_json(enquiry), **change})


def test_json_has_plain_values_at_all_depths() -> None:
    moments: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    profile = SearchProfile(
        id=1, agency=2, **moments, contact=None, agent=None, created_by=None, updated_by=None,
        places=(Place(name="Pau", covers=(1, 2)),), extras={"tags": [{"of": Category.AGENCY}], "zone": ("a",)},
    )  # fmt: skip
    record = as_json(profile)
    assert record["places"] == [{"commune": None, "name": "Pau", "district": None, "covers": [1, 2]}]
    assert record["extras"] == {"tags": [{"of": "AGENCY"}], "zone": ["a"]}
    assert type(record["extras"]["tags"][0]["of"]) is str
    assert as_json(Milestone(at=3)) == {"at": 3, "agent": None}
