"""Estates are passed over by their offers without being made, and the offers are those of the whole estates."""

from functools import partial
from operator import eq

import pytest

from mockserver.domain import EstateType, Kind, MarketStatus, Transaction, details_of, offer_of, replace
from mockserver.sandbox.store import MemoryStore
from mockserver.world import World
from mockserver.world.files import AgencyEntry, Pin, Size, WorldFile
from tests.conftest import NOW

PIN = Pin(kind=Kind.ESTATE, agency=101, position=7, why="withdrawn", set={"status": "WITHDRAWN", "price": None})


def world(estates: int) -> World:
    agencies = (AgencyEntry(id=101), AgencyEntry(id=102))
    size = Size(enquiries=20, estates=estates)
    return World(WorldFile(name="offered", size=size, agencies=agencies, pins=(PIN,)), origin=NOW)


@pytest.mark.parametrize("estates", [8, 60, 600])
def test_offers_and_details_are_those_of_the_whole_estates(estates: int) -> None:
    made = world(estates)
    store = MemoryStore(made)
    whole = [made.estate(101, position) for position in range(made.count(Kind.ESTATE, 101))]
    assert [store.offer_details(estate.id) for estate in whole] == [details_of(estate) for estate in whole]
    for offer in {offer_of(estate) for estate in whole}:
        expected = [estate.id for estate in whole if offer_of(estate) == offer]
        assert store.estates_on_offer(101, partial(eq, offer)) == expected


def test_only_estates_of_the_kind_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(600)
    store, kept = MemoryStore(made), made.in_passing
    passed: list[int] = []

    def in_passing(kind: Kind, agency: int, position: int) -> object:
        passed.append(position)
        return kept(kind, agency, position)

    monkeypatch.setattr(made, "in_passing", in_passing)
    lets = store.estates_on_offer(101, lambda offer: offer.transaction is Transaction.RENT)
    assert passed == []
    assert 0 < len(lets) < 300
    for _ in range(2):
        assert all(store.offer_details(id) for id in lets)
    assert len(passed) == len(lets)
    assert {kind for kind, _, _ in made._made} <= {Kind.ESTATE}
    assert len(made._made) <= 1, "the pinned one alone is made whole"


def test_what_was_written_over_an_estate_counts() -> None:
    made = world(60)
    store = MemoryStore(made)
    sold = made.estate(101, 3)
    store.put(Kind.ESTATE, replace(sold, status=MarketStatus.SOLD, type=EstateType.HOUSE))
    store.remove(Kind.ESTATE, made.id_at(Kind.ESTATE, 101, 4))
    everything = store.estates_on_offer(101, lambda offer: True)
    assert everything == [made.id_at(Kind.ESTATE, 101, position) for position in range(60) if position != 4]
    houses = store.estates_on_offer(101, lambda offer: offer[::2] == (EstateType.HOUSE, MarketStatus.SOLD))
    assert sold.id in houses
    details = store.offer_details(sold.id)
    assert details is not None
    assert details.status is MarketStatus.SOLD
    assert store.offer_details(made.id_at(Kind.ESTATE, 101, 4)) is None
