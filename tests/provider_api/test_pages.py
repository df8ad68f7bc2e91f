"""Pages are encoded and checked item by item once; after that they are looked up and copied as a whole."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from mockserver.domain import Kind
from mockserver.foundation.slices import SliceOver, begin_slice, end_slice
from mockserver.pipeline import responses
from mockserver.provider_api import pages
from mockserver.provider_api.pages import Page
from mockserver.provider_api.walks import Walks
from mockserver.sandbox.store import MemoryStore
from tests.conftest import MakeClient


@pytest.mark.parametrize("items", [[], [b"{}"], [b"1", b"2", b"3"]])
def test_items_are_joined_between_what_stands_around_them(items: list[bytes]) -> None:
    before = list(items)
    assert responses.joined(b'{"a":[', items, b"]}") == b'{"a":[' + b",".join(before) + b"]}"
    assert items == before, "the page keeps its items as they are"


def test_another_page_of_known_items_asks_the_store_once_and_checks_nothing(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(seed=83_218)
    leads = client.get("/apimo/agencies/101/leads?limit=20").json()["leads"]
    asked, made = Counter[int](), Counter[str]()
    all_encoded, encode_item = MemoryStore.all_encoded, pages.encode_item

    def ask(self: MemoryStore, view: str, kind: Kind, ids: Sequence[int]) -> list[bytes | None]:
        asked[len(ids)] += 1
        return all_encoded(self, view, kind, ids)

    def make(*arguments: Any) -> bytes:
        made["item"] += 1
        return encode_item(*arguments)

    monkeypatch.setattr(MemoryStore, "all_encoded", ask)
    monkeypatch.setattr(pages, "encode_item", make)
    assert client.get("/apimo/agencies/101/leads?limit=19&offset=1").json()["leads"] == leads[1:]
    assert (asked, made) == ({19: 1}, {})
    client.get("/apimo/agencies/101/leads?limit=20&offset=1")
    assert made == {"item": 1}, "one item is new"


def test_a_large_page_is_put_together_in_a_slice_of_its_own(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, pauses, looks = make_client(seed=83_219), Counter[bool](), Counter[str]()
    path = "/apimo/agencies/101/leads?limit=25"
    expected = client.get(path).content
    pause_once, encode_page = Walks.pause_once, pages.encode_page

    def pause(self: Walks) -> None:
        pauses[self.has_paused] += 1
        pause_once(self)

    def encode(*arguments: Any, **named: Any) -> Page:
        looks["page"] += 1
        return encode_page(*arguments, **named)

    monkeypatch.setattr(responses, "MANY", 24)
    monkeypatch.setattr(Walks, "pause_once", pause)
    monkeypatch.setattr("mockserver.providers.apimo.paging.encode_page", encode)
    second = make_client(seed=83_219)
    assert second.get(path).content == expected
    assert pauses == {False: 1, True: 1}
    assert looks == {"page": 1}, "the store keeps the page until then"
    pauses.clear()
    assert second.get(path).content == expected
    assert not pauses, "an answer that is known is there at once"


def test_a_call_pauses_in_slices_only() -> None:
    Walks().pause_once()
    walks = Walks()
    begin_slice()
    try:
        with pytest.raises(SliceOver):
            walks.pause_once()
        walks.pause_once()
    finally:
        end_slice()
