"""Indexes of what was written never go through all of it again, however long nobody asks."""

from collections.abc import Iterator

from mockserver.domain import Enquiry, Kind, replace
from mockserver.sandbox.store.entity_records import Written
from mockserver.sandbox.store.member_indexes import MOST_CHANGES, MemberIndexes
from mockserver.world import World, load_world_file
from tests.conftest import NOW


class Counted:
    """Entities that were written, and how often somebody went through them."""

    def __init__(self) -> None:
        self.entities: list[Written] = []
        self.times = 0

    def __iter__(self) -> Iterator[Written]:
        self.times += 1
        return iter(self.entities)


def an_enquiry() -> Enquiry:
    """An enquiry of agency 101."""
    enquiry = World(load_world_file("small"), origin=NOW).entity(Kind.ENQUIRY, 101, 0)
    assert isinstance(enquiry, Enquiry)
    return enquiry


def test_an_index_is_made_once_and_follows_every_change() -> None:
    indexes, written, model = MemberIndexes(), Counted(), an_enquiry()
    assert indexes.find(Kind.ENQUIRY, 101, "reference", "a", written) == ()
    for id in range(2 * MOST_CHANGES + 10, 0, -1):
        indexes.apply(Kind.ENQUIRY, None, replace(model, id=id, reference="a" if id % 2 else "b"))
    assert list(indexes.find(Kind.ENQUIRY, 101, "reference", "a", written)) == [*range(1, 2 * MOST_CHANGES + 10, 2)]
    old = replace(model, id=3, reference="a")
    indexes.apply(Kind.ENQUIRY, old, replace(old, reference="c"))
    indexes.apply(Kind.ENQUIRY, replace(model, id=5, reference="a"), False)
    indexes.apply(Kind.ENQUIRY, None, replace(model, id=9_999, agency=102, reference="c"))
    assert list(indexes.find(Kind.ENQUIRY, 101, "reference", "a", written))[:3] == [1, 7, 9]
    assert list(indexes.find(Kind.ENQUIRY, 101, "reference", "c", written)) == [3]
    assert written.times == 1
