"""The store in memory: copy-on-write, and never an encoded form that no longer holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain import Category, Enquiry, Kind, Person, replace
from mockserver.sandbox.store import MemoryStore
from mockserver.sandbox.store.deferred import DeferredWrite
from mockserver.sandbox.store.ids import Ids
from mockserver.sandbox.store.member_indexes import MOST_CHANGES
from mockserver.world import World, load_world_file
from tests.conftest import NOW


@pytest.fixture(scope="module")
def world() -> World:
    """The small world, which no test may change."""
    return World(load_world_file("small"), origin=NOW)


def newest(store: MemoryStore) -> Enquiry:
    """The newest enquiry of agency 101."""
    enquiry = store.get(Kind.ENQUIRY, store.ids(Kind.ENQUIRY, 101)[-1])
    assert isinstance(enquiry, Enquiry)
    return enquiry


def added(store: MemoryStore, **members: object) -> Enquiry:
    """A copy of the newest enquiry with an id of its own, put into the store."""
    update = {"id": store.next_id(Kind.ENQUIRY), "updated_at": NOW, **members}
    enquiry = replace(newest(store), **update)
    store.put(Kind.ENQUIRY, enquiry)
    return enquiry


def test_what_one_store_writes_no_other_sees(world: World) -> None:
    one, other = MemoryStore(world), MemoryStore(world)
    changed = replace(newest(one), message="changed")
    one.put(Kind.ENQUIRY, changed)
    new = added(one)
    assert one.get(Kind.ENQUIRY, changed.id) == changed
    assert newest(other).message != "changed"
    assert one.count(Kind.ENQUIRY, 101) == other.count(Kind.ENQUIRY, 101) + 1
    assert other.get(Kind.ENQUIRY, new.id) is None
    assert one.ids(Kind.ENQUIRY, 101)[-1] == new.id


def test_every_change_counts_the_revision_up_and_drops_what_was_derived(world: World) -> None:
    store = MemoryStore(world)
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [store.derived("k", make), store.derived("k", make)] == [1, 1]
    before = store.revision
    added(store)
    assert store.revision > before
    assert store.derived("k", make) == 2


def test_moments_and_indexes_follow_writes(world: World) -> None:
    store = MemoryStore(world)
    assert list(store.ids_since(Kind.ENQUIRY, 101, updated=0)) == list(store.ids(Kind.ENQUIRY, 101))
    assert store.find(Kind.ENQUIRY, 101, "reference", "mine") is None
    one, two = added(store, reference="mine"), added(store, reference="mine", updated_at=NOW + 5)
    assert store.find(Kind.ENQUIRY, 101, "reference", "mine") == one, "the oldest one counts"
    assert list(store.ids_since(Kind.ENQUIRY, 101, updated=NOW + 5)) == [two.id]
    store.put(Kind.ENQUIRY, replace(one, reference="other", updated_at=NOW + 9))
    assert store.find(Kind.ENQUIRY, 101, "reference", "mine") == two
    assert list(store.ids_since(Kind.ENQUIRY, 101, updated=NOW + 5)) == [one.id, two.id]
    assert list(store.ids_since(Kind.ENQUIRY, 101, updated=NOW + 6)) == [one.id]


@pytest.mark.parametrize("members", [{"agency": 102}, {"created_at": NOW - 9}], ids=["agency", "moment"])
def test_an_id_that_another_process_gave_first_is_that_ones(world: World, members: dict[str, int]) -> None:
    store, other = MemoryStore(world), MemoryStore(world)
    mine, theirs = added(store), added(other, **members)
    assert mine.id == theirs.id
    assert [len(store.by_creation(agency)[1]) for agency in (101, 102)] == [1, 0]
    for name, record in other.dump().items():
        store.load(name, record)
    assert store.get(Kind.ENQUIRY, mine.id) == theirs
    for agency in (101, 102):
        assert list(store.ids(Kind.ENQUIRY, agency)) == list(other.ids(Kind.ENQUIRY, agency))
        assert [list(row) for row in store.by_creation(agency)] == [list(row) for row in other.by_creation(agency)]
    store.remove(Kind.ENQUIRY, mine.id)
    assert list(store.ids(Kind.ENQUIRY, theirs.agency)) == list(world.ids(Kind.ENQUIRY, theirs.agency))


def test_encoded_forms_of_the_world_are_shared_until_they_no_longer_hold(world: World) -> None:
    one, other = MemoryStore(world), MemoryStore(world)
    enquiry = newest(one)
    one.cache_encoded("v", Kind.ENQUIRY, enquiry.id, b"world")
    assert other.encoded("v", Kind.ENQUIRY, enquiry.id) == b"world"
    other.put(Kind.ENQUIRY, replace(enquiry, message="changed"))
    assert other.encoded("v", Kind.ENQUIRY, enquiry.id) is None
    other.cache_encoded("v", Kind.ENQUIRY, enquiry.id, b"own")
    assert (one.encoded("v", Kind.ENQUIRY, enquiry.id), other.encoded("v", Kind.ENQUIRY, enquiry.id)) == (
        b"world",
        b"own",
    )


def test_a_changed_person_drops_every_encoded_form_of_that_store_alone(world: World) -> None:
    one, other = MemoryStore(world), MemoryStore(world)
    enquiry = newest(one)
    one.cache_encoded("v", Kind.ENQUIRY, enquiry.id, b"world")
    person = other.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    other.put(Kind.PERSON, replace(person, lastname="changed"))
    assert other.encoded("v", Kind.ENQUIRY, enquiry.id) is None
    other.cache_encoded("v", Kind.ENQUIRY, enquiry.id, b"with the new name")
    assert one.encoded("v", Kind.ENQUIRY, enquiry.id) == b"world"


def test_a_counter_ends_and_starts_anew(world: World) -> None:
    store = MemoryStore(world)
    assert [store.bump("c", until=NOW + 1, now=NOW) for _ in range(3)] == [1, 2, 3]
    assert store.bump("c", until=NOW + 2, now=NOW + 1) == 1
    assert store.bump("other", until=NOW + 2, now=NOW + 1) == 1


def test_counters_that_ended_do_not_pile_up(world: World) -> None:
    store = MemoryStore(world)
    for second in range(3_000):
        store.bump(f"second/{second}", until=NOW + second + 1, now=NOW + second)
    assert len(store._counters) <= 1_001


@given(st.integers(0, 9), st.sets(st.integers(0, 8)), st.sets(st.integers(100, 120), max_size=9), st.slices(20))
def test_ids_are_a_sequence_like_any_other(made: int, gone: set[int], more: set[int], part: slice) -> None:
    missing = sorted(id for id in gone if id < made)
    ids, plain = Ids(range(made), missing, sorted(more)), [*sorted(set(range(made)) - gone), *sorted(more)]
    assert list(ids) == plain
    assert ids[part] == plain[part]
    assert len(ids) == len(plain)
    if plain:
        assert ids[-1] == plain[-1]


def test_an_id_of_a_created_entity_is_new_and_its_uuid_repeatable(world: World) -> None:
    one, other = MemoryStore(world), MemoryStore(world)
    ids = [one.next_id(Kind.ENQUIRY) for _ in range(3)]
    assert ids == [other.next_id(Kind.ENQUIRY) for _ in range(3)]
    assert all(world.locate(Kind.ENQUIRY, id) is None for id in ids)
    uuids = {world.new_uuid(Kind.ENQUIRY, id) for id in ids}
    assert len(uuids) == 3
    assert uuids == {World(world.file, origin=NOW).new_uuid(Kind.ENQUIRY, id) for id in ids}


def test_a_state_that_is_captured_is_what_its_records_are(world: World) -> None:
    store, other = MemoryStore(world), MemoryStore(world)
    for _ in range(3):
        added(store)
    gone = store.ids(Kind.ENQUIRY, 101)[0]
    store.remove(Kind.ENQUIRY, gone)
    captured, records, written = store.capture(), dict(store.dump()), store.written
    added(store, message="later")
    store.remove(Kind.ENQUIRY, store.ids(Kind.ENQUIRY, 101)[0])
    assert dict(captured) == records, "what came later is not in it"
    for of, state in ((store, captured), (store, captured), (other, records)):
        of.replace(state)
        assert dict(of.dump()) == records
        assert of.written == written
        assert of.get(Kind.ENQUIRY, gone) is None
    assert list(store.ids(Kind.ENQUIRY, 101)) == list(other.ids(Kind.ENQUIRY, 101))
    assert list(store.ids_since(Kind.ENQUIRY, 101, updated=NOW)) == list(
        other.ids_since(Kind.ENQUIRY, 101, updated=NOW)
    )
    assert store.oldest(Kind.ENQUIRY, 101) == other.oldest(Kind.ENQUIRY, 101)
    assert added(store).id == added(other).id
    assert dict(captured) == records
    store.reset()
    assert (dict(store.dump()), store.written) == ({}, 0)


def test_leads_of_a_period_are_counted_by_category(world: World) -> None:
    store = MemoryStore(world)
    ids = store.ids(Kind.ENQUIRY, 101)
    store.remove(Kind.ENQUIRY, ids[5])
    changed = store.get(Kind.ENQUIRY, ids[9])
    assert isinstance(changed, Enquiry)
    other = Category.AGENCY if changed.category is Category.CLASSIFIED else Category.CLASSIFIED
    store.put(Kind.ENQUIRY, replace(changed, category=other))
    for category in (Category.AGENCY, Category.ESTIMATION, Category.ESTIMATION):
        added(store, category=category, created_at=NOW)
    leads = [lead for id in store.ids(Kind.ENQUIRY, 101) if isinstance(lead := store.get(Kind.ENQUIRY, id), Enquiry)]
    middle = leads[len(leads) // 2].created_at
    for first, end in ((0, 1 << 62), (middle, NOW), (NOW, NOW + 1), (0, middle), (NOW, middle)):
        for categories in ([Category.ESTIMATION], [Category.AGENCY, Category.CLASSIFIED], list(Category)):
            expected = [lead for lead in leads if lead.category in categories and first <= lead.created_at < end]
            assert store.count_created(101, categories, first, end) == len(expected)


def test_many_with_one_reference_are_not_made_to_find_the_first(world: World) -> None:
    store = MemoryStore(world)
    first = added(store, reference="again")
    assert store.find(Kind.ENQUIRY, 101, "reference", "again") == first
    made: list[int] = []

    class Write(DeferredWrite):
        def member(self, kind: Kind, name: str) -> object:
            return "again"

        def make(self, kind: Kind) -> Enquiry:
            made.append(1)
            return first

        @property
        def weight(self) -> int:
            return 1

    for _ in range(2 * MOST_CHANGES + 1):
        store.defer(Write(101, NOW), {Kind.ENQUIRY: store.next_id(Kind.ENQUIRY)})
    assert store.find(Kind.ENQUIRY, 101, "reference", "again") == first
    assert len(store.ids_since(Kind.ENQUIRY, 101, updated=NOW)) >= 2 * MOST_CHANGES
    assert store.in_hand(Kind.ENQUIRY, 101)[-1] < first.id
    assert made == []
