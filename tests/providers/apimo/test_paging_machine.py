"""Lists as a client pages and syncs them: nothing twice, nothing lost, whatever happens in between."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient

pytestmark = pytest.mark.no_cover
"""A sweep: other tests reach the same code, and tracing this one takes long."""

LISTS = {
    "agencies": ("agencies", "id"),
    "agencies/101/leads": ("leads", "id"),
    "agencies/101/requests": ("requests", "id"),
    "agencies/101/properties": ("properties", "id"),
    "agencies/101/contacts": ("contacts", "id"),
    "agencies/101/users": ("users", "id"),
    "agencies/101/requests/156004/crossings": ("crossings", "property_id"),
    "agencies/101/properties/5120019/crossings": ("crossings", "request_id"),
}
"""Every list with its member and what tells its items apart; the request and the property are of the small world."""

WRITTEN = ("leads", "requests", "contacts")
"""Lists that change when a client writes."""


@cache
def base(variants: tuple[tuple[str, str], ...]) -> MockServer:
    """An application from which sandboxes are made; its own stays untouched."""
    return build(Settings(world="small", now=NOW, variants={"apimo": dict(variants)}))


class Api:
    """A client of a sandbox of its own."""

    def __init__(self, **variants: str) -> None:
        shared = base(tuple((name.replace("_", "-"), value) for name, value in variants.items()))
        self.app = MockServer(shared.settings, shared.providers, SandboxRegistry(shared.settings, shared.providers))
        self._client = TestClient(self.app, base_url="http://127.0.0.1:8080")
        self._client.auth = AUTH
        self._references = 0

    def get(self, path: str, **query: int) -> dict[str, Any]:
        reply = self._client.get(f"/apimo/{path}", params=query)
        assert reply.status_code == 200, reply.text
        page: dict[str, Any] = reply.json()
        return page

    def items(self, name: str, **query: int) -> list[dict[str, Any]]:
        """A whole list of agency 101."""
        found: list[dict[str, Any]] = self.get(f"agencies/101/{name}", **query)[name]
        return found

    def write(self, method: str, path: str, body: dict[str, Any]) -> int:
        reply = self._client.request(method, f"/apimo/agencies/101/{path}", json=body)
        assert reply.status_code == 200, reply.text
        return int(reply.json()["id"])

    def create(self, name: str) -> int:
        """One more lead or request; a lead brings a contact."""
        if name == "requests":
            return self.write("POST", "requests", {"contact": "1", "user": "3801", "category": "1", "country": "FR"})
        self._references += 1
        return self.write("POST", "leads", {"reference": f"mine-{self._references}"})

    def update(self, name: str, which: int, text: str) -> None:
        """Changes one of those that are listed, so that it is seen in the list of that name."""
        of = "requests" if name == "requests" else "leads"
        ids = [item["id"] for item in self.items(of)]
        # A lead shows the name of its person, whom other leads may show too.
        members = ("comment",) if of == "requests" else ("message", "lastname")
        self.write("PUT", f"{of}/{ids[which % len(ids)]}", dict.fromkeys(members, text))


@pytest.fixture(scope="module", params=["oldest-first", "newest-first"])
def untouched(request: pytest.FixtureRequest) -> Api:
    """An API that is only read, in both orders that a list may have."""
    return Api(list_order=request.param)


@pytest.mark.parametrize("path", LISTS)
@settings(max_examples=12)
@given(limits=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_pages_of_any_sizes_partition_a_list(untouched: Api, path: str, limits: list[int]) -> None:
    member, id = LISTS[path]
    whole = untouched.get(path)[member]
    assert len(whole) > 1
    read: list[dict[str, Any]] = []
    turn = 0
    while len(read) < len(whole):
        limit = limits[turn % len(limits)]
        page = untouched.get(path, limit=limit, offset=len(read))
        assert len(page[member]) == min(limit, len(whole) - len(read))
        assert page["total_items"] == len(whole)
        read += page[member]
        turn += 1
    assert read == whole
    assert len({item[id] for item in read}) == len(read)


@pytest.mark.parametrize("path", LISTS)
@settings(max_examples=12)
@given(limit=st.integers(1, 10**12), offset=st.integers(0, 60) | st.integers(0, 10**12))
def test_a_page_is_a_slice_and_its_timestamp_the_newest_in_it(
    untouched: Api, path: str, limit: int, offset: int
) -> None:
    member, _ = LISTS[path]
    whole = untouched.get(path)[member]
    page = untouched.get(path, limit=limit, offset=offset)

    assert page[member] == whole[offset : offset + limit]
    assert page["total_items"] == len(whole)
    newest = max((item["updated_at"] for item in page[member]), default=None)
    assert paris(page["timestamp"]) == newest


@pytest.mark.parametrize("path", [path for path in LISTS if path not in ("agencies", "agencies/101/users")])
@settings(max_examples=12)
@given(since=st.integers(NOW - 700 * 86_400, NOW + 10), limit=st.integers(1, 20))
def test_since_a_timestamp_come_those_updated_since_and_no_others(
    untouched: Api, path: str, since: int, limit: int
) -> None:
    member, _ = LISTS[path]
    expected = [item for item in untouched.get(path)[member] if item["updated_at"] >= paris(since)]
    page = untouched.get(path, timestamp=since, limit=limit)

    assert page[member] == expected[:limit]
    assert page["total_items"] == len(expected)


@pytest.mark.parametrize("path", [path for path in LISTS if path not in ("agencies", "agencies/101/users")])
def test_a_list_without_news_is_empty_and_its_timestamp_null(untouched: Api, path: str) -> None:
    member, _ = LISTS[path]

    assert untouched.get(path, timestamp=NOW + 1) == {member: [], "total_items": 0, "timestamp": None}


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.just(0)),
        st.tuples(st.just("update"), st.integers(0, 40)),
        st.tuples(st.just("wait"), st.integers(0, 3)),
        st.tuples(st.just("sync"), st.just(0)),
    ),
    max_size=25,
)


class Mirror:
    """An incremental client: it asks for what is new since the timestamp of its last answer, in pages."""

    def __init__(self, api: Api, name: str, limit: int) -> None:
        self.api, self.name, self.limit = api, name, limit
        self.items: dict[int, dict[str, Any]] = {}
        self.since: int | None = None
        self.received = 0

    def sync(self) -> None:
        timestamps = []
        for page in self._pages():
            self.items |= {item["id"]: item for item in page[self.name]}
            self.received += len(page[self.name])
            timestamps.append(page["timestamp"])
        self.since = max((stamp for stamp in timestamps if stamp is not None), default=self.since)

    def _pages(self) -> Iterator[dict[str, Any]]:
        query = {} if self.since is None else {"timestamp": self.since}
        offset, total = 0, 1
        while offset < total:
            page = self.api.get(f"agencies/101/{self.name}", **query, limit=self.limit, offset=offset)
            offset, total = offset + self.limit, page["total_items"]
            yield page


@pytest.mark.parametrize("order", ["oldest-first", "newest-first"])
@pytest.mark.parametrize("name", WRITTEN)
@settings(max_examples=8)
@given(actions=ACTIONS, limit=st.sampled_from([3, 10, 10_000]))
def test_an_incremental_client_ends_up_with_what_a_full_read_gives(
    name: str, order: str, actions: list[tuple[str, int]], limit: int
) -> None:
    api = Api(list_order=order)
    mirror = Mirror(api, name, limit)
    for number, (action, value) in enumerate(actions):
        match action:
            case "create":
                api.create(name)
            case "update":
                api.update(name, value, f"change {number}")
            case "wait":
                api.app.sandbox.clock.advance(value)
            case "sync":
                mirror.sync()
    mirror.sync()

    assert mirror.items == {item["id"]: item for item in api.items(name)}


@pytest.mark.parametrize("name", WRITTEN)
def test_an_incremental_client_gets_only_what_changed(name: str) -> None:
    api = Api()
    mirror = Mirror(api, name, 10_000)
    mirror.sync()
    everything = mirror.received
    newest = [item for item in mirror.items.values() if item["updated_at"] == paris(mirror.since)]
    api.app.sandbox.clock.advance(10)
    api.create(name)
    api.update(name, 1, "changed")  # of somebody with no other lead, which would be new, too
    mirror.sync()

    # Two are new, and those of the newest second before are given once more, since the bound is inclusive.
    assert mirror.received - everything == 2 + len(newest)
    assert mirror.since == NOW + 10


@settings(max_examples=12)
@given(limit=st.integers(1, 9), arrivals=st.lists(st.integers(0, 3), max_size=8))
def test_leads_that_arrive_between_two_pages_are_neither_lost_nor_doubled(limit: int, arrivals: list[int]) -> None:
    api = Api()
    read: list[int] = []
    for turn in range(100):
        page = api.get("agencies/101/leads", limit=limit, offset=len(read))
        read += [lead["id"] for lead in page["leads"]]
        if len(read) >= page["total_items"]:
            break
        for _ in range(arrivals[turn] if turn < len(arrivals) else 0):
            api.create("leads")

    assert read == [lead["id"] for lead in api.items("leads")]


def paris(moment: int | None) -> str | None:
    """An epoch the way the list shows it, by a way of our own."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, ZoneInfo("Europe/Paris")).strftime("%Y-%m-%d %H:%M:%S")
