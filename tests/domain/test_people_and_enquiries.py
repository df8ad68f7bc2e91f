"""The little that people and enquiries know by themselves: names, numbers, keys, retention and milestones."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from mockserver.domain import Category, Enquiry, Intention, Person, replace, retention_end
from mockserver.domain.enquiry import Milestone, reached
from mockserver.domain.person import Phone, PhoneKind, Role
from mockserver.foundation.clock import iso, parse_moment
from tests.conftest import NOW

EVERY = {"id": 1, "agency": 101, "created_at": NOW, "updated_at": NOW}


def person(**members: Any) -> Person:
    return Person(**{**EVERY, "role": next(iter(Role)), **members})


def enquiry(**members: Any) -> Enquiry:
    needed = {"uuid": "u", "reference": "r", "category": Category.CLASSIFIED, "intention": Intention.BUY}
    return Enquiry(**{**EVERY, **needed, "portal": None, "seeker": 1, "contacted_at": NOW, **members})


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({"firstname": "Zoé", "lastname": "Noël"}, "Zoé Noël"),
        ({"firstname": "Zoé"}, "Zoé"),
        ({"lastname": "Noël"}, "Noël"),
        ({}, ""),
    ],
)
def test_a_full_name_has_what_there_is_of_it(members: dict[str, Any], name: str) -> None:
    assert person(**members).full_name == name


def test_the_first_number_of_a_kind_is_given_as_it_is() -> None:
    first, *others = PhoneKind
    phones = (Phone(kind=first, number="06 12"), Phone(kind=first, number="07 34"))
    assert person(phones=phones).number(first) == "06 12"
    assert [person(phones=phones).number(kind) for kind in others] == [None] * len(others)


def test_a_value_cannot_be_changed_and_has_no_other_members() -> None:
    ada = person(firstname="Ada")
    name: Any = "firstname"
    with pytest.raises(FrozenInstanceError):
        setattr(ada, name, "Eve")
    with pytest.raises(TypeError, match="nickname"):
        person(nickname="Ada")
    with pytest.raises(AttributeError, match="nickname"):
        replace(ada, nickname="Ada")


def test_the_same_reference_of_another_sender_is_another_lead() -> None:
    sent = [enquiry(reference="r", extras={"provider": name} if name else {}) for name in ("a", "b", "a", None)]
    keys = [lead.source_key for lead in sent]
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("created", "ends"),
    [
        ("2026-09-02T07:24:47Z", "2029-09-02T07:24:47Z"),
        ("2025-01-31T23:59:59Z", "2028-01-31T23:59:59Z"),
        ("2024-02-28T23:59:59Z", "2027-02-28T23:59:59Z"),
        ("2024-02-29T00:00:00Z", "2027-03-01T00:00:00Z"),
        ("2024-02-29T23:59:59Z", "2027-03-01T00:00:00Z"),
        ("2024-03-01T00:00:00Z", "2027-03-01T00:00:00Z"),
        ("2025-03-01T00:00:00Z", "2028-03-01T00:00:00Z"),
    ],
)
def test_a_lead_is_kept_for_three_calendar_years(created: str, ends: str) -> None:
    assert iso(enquiry(created_at=parse_moment(created)).expires_at) == ends.replace("Z", ".000Z")


def test_of_two_leads_the_later_never_ends_first() -> None:
    ends = [retention_end(moment) for moment in range(1_700_000_000, 1_860_000_000, 10_007)]
    assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("step", "names"),
    [(0, []), (1, []), (2, ["opened"]), (3, ["opened", "assigned"]), (4, ["opened", "assigned", "closed"]), (5, [])],
)
def test_a_step_implies_the_milestones_up_to_it(step: int, names: list[str]) -> None:
    assert reached(enquiry(agent=7), step, NOW) == {name: Milestone(at=NOW, agent=7) for name in names}


def test_a_milestone_that_was_reached_before_stays_as_it_was() -> None:
    before = Milestone(at=NOW - 60, agent=3)
    assert list(reached(enquiry(opened=before), 3, NOW)) == ["assigned"]
