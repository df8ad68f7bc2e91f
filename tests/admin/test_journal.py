"""The journal through the admin API: filters, export, judgement, coverage, metrics, and following it."""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockserver.admin import streams
from mockserver.server.app import MockServer
from tests.conftest import AUTH, StartServer
from tests.support.in_process import TestClient
from tests.support.patience import PATIENCE

LEADS = "/apimo/agencies/101/leads"
MakeApp = Callable[..., MockServer]


def some_calls(client: TestClient) -> None:
    """Four calls: fine, struck by a fault, invalid, unrouted."""
    client.get(f"{LEADS}?limit=1")
    client.post("/__admin/faults", json={"kind": "status", "status": 503, "times": 1})
    client.get(f"{LEADS}?limit=2")
    client.post(LEADS, json={"type": "x"})
    client.get("/apimo/nowhere")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("method=post", [3]),
        ("path=/agencies/*", [1, 2, 3]),
        ("path=/nowhere", [4]),
        ("fault=true", [2]),
        ("fault=false", [1, 3, 4]),
        ("after=2", [3, 4]),
        ("after=1&limit=1", [4]),
        ("after=99", []),
        ("operation=listLeads&status=503", [2]),
    ],
)
def test_more_filters_narrow_the_journal_and_the_archive_alike(client: TestClient, query: str, ids: list[int]) -> None:
    some_calls(client)
    found = client.get(f"/__admin/journal?{query}").json()
    assert [entry["id"] for entry in found["entries"]] == ids
    archive = client.get(f"/__admin/journal.har?{query}").json()
    assert [entry["_id"] for entry in archive["log"]["entries"]] == ids


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"operation": "listLead"}, "No provider has an operation 'listLead'; did you mean listLeads?"),
        ({"provider": "apimo", "operation": "searchLeads"}, "Provider apimo has no operation 'searchLeads'; "),
        ({"provider": "apima"}, "There is no provider 'apima'; there is apimo, "),
    ],
    ids=str,
)
def test_a_name_that_no_call_can_have_is_not_taken_for_one_that_was_not_called(
    client: TestClient, given: dict[str, str], said: str
) -> None:
    some_calls(client)
    judged = client.post("/__admin/verify", json={**given, "absent": True})
    assert (judged.status_code, said in judged.json()["detail"]) == (422, True)
    for path in ("journal", "journal.har", "journal/events"):
        answer = client.get(f"/__admin/{path}", params=given)
        assert (answer.status_code, answer.json()["detail"]) == (422, judged.json()["detail"])
    assert client.post("/__admin/verify", json={"order": ["listLeads", "listLead"]}).status_code == 422


def test_calls_that_matched_no_operation_are_those_of_the_empty_name(client: TestClient) -> None:
    some_calls(client)
    assert [entry["id"] for entry in client.get("/__admin/journal?operation=").json()["entries"]] == [4]


def test_an_archive_has_the_addresses_that_the_client_called(client: TestClient) -> None:
    client.post("/__admin/sandboxes", json={"id": "a"})
    client.get(f"/~a{LEADS}?limit=1")
    (entry,) = client.get("/__admin/sandboxes/a/journal.har").json()["log"]["entries"]
    assert entry["request"]["url"] == f"http://127.0.0.1:8080/~a{LEADS}?limit=1"
    assert entry["response"]["status"] == 401


def test_a_verdict_comes_with_the_nearest_miss(client: TestClient) -> None:
    some_calls(client)
    held = client.post("/__admin/verify", json={"operation": "listLeads", "count": 2}).json()
    assert held == {"held": True, "actual": 2, "certain": True, "explanation": "2 calls fit; exactly 2 expected."}
    missed = client.post("/__admin/verify", json={"operation": "listLeads", "query": {"limit": 3}}).json()
    assert missed["held"] is False
    assert missed["nearest"]["entry"]["id"] == 2
    assert missed["nearest"]["differs"] == [{"member": "query/limit", "wanted": 3, "actual": "2"}]


def test_coverage_tells_what_was_seen_and_what_was_relied_on(client: TestClient) -> None:
    some_calls(client)
    apimo = client.get("/__admin/coverage").json()["apimo"]
    assert (apimo["calls"], apimo["seen"], apimo["unrouted"]) == (4, 2, {"404": 1})
    assert apimo["of"] == len(apimo["operations"])
    listed = apimo["operations"]["listLeads"]
    assert listed["calls"] == 2
    assert listed["statuses"]["seen"] == {"200": 1, "503": 1}
    assert 401 in listed["statuses"]["not_seen"]
    assert listed["parameters"] == {"seen": {"agency_id": 1, "limit": 1}, "not_seen": ["offset", "timestamp"]}, (
        "the call that a fault struck was not read"
    )
    assert apimo["operations"]["updateLead"]["calls"] == 0
    relied = {(row["operation"], row["subject"]): row for row in apimo["relied_on"]}
    assert relied["", "variant list-order"]["chosen"] == "oldest-first"
    assert ("", "variant quota") not in relied, "that is documented"
    assert ("", "unrouted 405") not in relied, "nobody asked so"
    assert ("listLeads", "response 422") not in relied, "nobody got that"
    client.get(f"{LEADS}?limit=x")
    client.patch(LEADS)
    relied = {
        (row["operation"], row["subject"]): row for row in client.get("/__admin/coverage").json()["apimo"]["relied_on"]
    }
    assert relied["listLeads", "response 422"]["level"] == "assumed"


def test_coverage_of_schemas_is_that_of_the_answers_given(client: TestClient) -> None:
    def schemas() -> set[str]:
        rows = client.get("/__admin/coverage").json()["apimo"]["relied_on"]
        return {row["subject"] for row in rows if row["subject"].startswith("schema ")}

    assert schemas() == set()
    client.get("/apimo/agencies/101/contacts?limit=1")
    assert "schema MaybeDay" in schemas()
    assert not any(subject.startswith("schema Request") for subject in schemas())


def test_coverage_is_each_sandboxs_own(client: TestClient) -> None:
    client.post("/__admin/sandboxes", json={"id": "a"})
    some_calls(client)
    assert client.get("/__admin/sandboxes/a/coverage").json()["apimo"]["calls"] == 0
    client.post("/__admin/reset")
    assert client.get("/__admin/coverage").json()["apimo"]["calls"] == 0


def test_a_journal_that_is_cleared_takes_its_coverage_along(client: TestClient) -> None:
    some_calls(client)
    assert client.delete("/__admin/journal").status_code == 204
    assert client.get("/__admin/coverage").json()["apimo"]["calls"] == 0


def metrics(client: TestClient) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    answer = client.get("/__admin/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_count_what_happened_and_nothing_takes_it_away(client: TestClient) -> None:
    client.post("/__admin/sandboxes", json={"id": "a"})
    some_calls(client)
    client.get(f"/~a{LEADS}")
    client.delete("/__admin/sandboxes/a")
    found = metrics(client)
    assert found["mockserver_calls_total", "listLeads", "apimo", "200"] == 1
    assert found["mockserver_calls_total", "listLeads", "apimo", "401"] == 1
    assert found["mockserver_calls_total", "", "apimo", "404"] == 1
    assert found["mockserver_faults_total", "status", "apimo"] == 1
    assert found["mockserver_violations_total", "apimo"] >= 2
    assert (found["mockserver_sandboxes",], found["mockserver_sandboxes_created_total",]) == (1, 1)
    assert (found["mockserver_journal_entries",], found["mockserver_journal_evicted",]) == (4, 0)
    client.delete("/__admin/journal")
    client.post("/__admin/reset")
    again = metrics(client)
    assert again["mockserver_journal_entries",] == 0
    assert again["mockserver_calls_total", "listLeads", "apimo", "200"] == 1
    assert AUTH[1] not in client.get("/__admin/metrics").text


class Following:
    """A client of an event stream, in process: the application runs as a task of the same loop."""

    def __init__(self, app: MockServer, path: str, headers: list[tuple[bytes, bytes]] = []) -> None:  # noqa: B006
        self.pieces: asyncio.Queue[Any] = asyncio.Queue()
        self._hung_up = asyncio.Event()
        path, _, query = path.partition("?")
        scope = {
            **{
                "type": "http",
                "method": "GET",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query.encode(),
            },
            **{"headers": [(b"host", b"127.0.0.1:8080"), *headers], "scheme": "http", "http_version": "1.1"},
            **{"server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1), "root_path": ""},
        }
        self.task = asyncio.ensure_future(app(scope, self._receive, self.pieces.put))

    async def _receive(self) -> dict[str, Any]:
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def start(self) -> dict[str, Any]:
        """The head of the answer."""
        head: dict[str, Any] = await asyncio.wait_for(self.pieces.get(), PATIENCE)
        return head

    async def next(self) -> str:
        """The next piece of the body."""
        message = await asyncio.wait_for(self.pieces.get(), PATIENCE)
        return str(message["body"].decode())

    async def end(self) -> None:
        """Hangs up."""
        self._hung_up.set()
        await asyncio.wait_for(self.task, PATIENCE)


def follow(work: Callable[[MockServer, TestClient], Coroutine[Any, Any, None]], app: MockServer) -> None:
    """Runs a test in a loop, with a client whose calls run in other threads."""
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        client.auth = AUTH
        asyncio.run(work(app, client))


def event(piece: str) -> tuple[int, dict[str, Any]]:
    """Id and data of an event."""
    lines = dict(line.split(": ", 1) for line in piece.strip().split("\n"))
    assert lines["event"] == "call"
    return int(lines["id"]), json.loads(lines["data"])


def test_a_journal_is_followed_from_now_on(make_app: MakeApp) -> None:
    async def work(app: MockServer, client: TestClient) -> None:
        await asyncio.to_thread(client.get, f"{LEADS}?limit=1")
        following = Following(app, "/__admin/journal/events?operation=listLeads")
        head = await following.start()
        assert (head["status"], dict(head["headers"])[b"content-type"]) == (200, b"text/event-stream; charset=utf-8")
        assert await following.next() == ": the calls of sandbox default\n\n"
        await asyncio.to_thread(client.get, "/apimo/catalogs")
        await asyncio.to_thread(client.get, f"{LEADS}?limit=2")
        id, data = event(await following.next())
        assert (id, data["query"]) == (3, "limit=2")
        assert data == client.get("/__admin/journal?after=2").json()["entries"][0]
        await following.end()
        assert not app.sandbox.journal.listeners - {app.sandboxes.metrics.count}

    follow(work, make_app())


def test_a_client_that_was_cut_off_goes_on_where_it_was(make_app: MakeApp) -> None:
    async def work(app: MockServer, client: TestClient) -> None:
        for limit in (1, 2, 3):
            await asyncio.to_thread(client.get, f"{LEADS}?limit={limit}")
        for path, headers, ids in (
            ("?after=1", [], [2, 3]),
            ("?after=0", [(b"last-event-id", b"2")], [3]),
            ("?after=0&status=200", [], [1, 2, 3]),
        ):
            following = Following(app, f"/__admin/journal/events{path}", headers)
            await following.start()
            await following.next()
            assert [event(await following.next())[0] for _ in ids] == ids
            await following.end()

    follow(work, make_app())


def test_calls_that_were_evicted_before_they_could_be_sent_are_told(make_app: MakeApp) -> None:
    async def work(app: MockServer, client: TestClient) -> None:
        for _ in range(5):
            await asyncio.to_thread(client.get, "/apimo/catalogs")
        following = Following(app, "/__admin/journal/events?after=1")
        await following.start()
        await following.next()
        assert await following.next() == ": 2 calls were evicted before they could be sent\n\n"
        assert event(await following.next())[0] == 4
        await following.end()

    follow(work, make_app(journal_size=2))


def test_a_long_journal_is_sent_in_parts_and_whole(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MAX_AT_ONCE", 2)

    async def work(app: MockServer, client: TestClient) -> None:
        for _ in range(5):
            await asyncio.to_thread(client.get, "/apimo/catalogs")
        following = Following(app, "/__admin/journal/events?after=0")
        await following.start()
        await following.next()
        assert [event(await following.next())[0] for _ in range(5)] == [1, 2, 3, 4, 5]
        await following.end()

    follow(work, make_app())


def test_a_stream_of_a_store_finds_the_calls_of_other_processes(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_LOOK", 0.01)
    store = f"sqlite:///{tmp_path}/shared.db"
    here, there = make_app(store=store), make_app(store=store)

    async def work(app: MockServer, client: TestClient) -> None:
        following = Following(there, "/__admin/journal/events")
        await following.start()
        await following.next()
        await asyncio.to_thread(client.get, f"{LEADS}?limit=1")
        assert event(await following.next())[1]["query"] == "limit=1"
        await following.end()

    follow(work, here)
    for app in (here, there):
        app.sandboxes.repository.close()


def test_a_stream_ends_with_its_sandbox(make_app: MakeApp) -> None:
    async def work(app: MockServer, client: TestClient) -> None:
        client.post("/__admin/sandboxes", json={"id": "a"})
        following = Following(app, "/__admin/sandboxes/a/journal/events")
        await following.start()
        await following.next()
        assert client.delete("/__admin/sandboxes/a").status_code == 204
        await asyncio.wait_for(following.task, PATIENCE)
        assert following.pieces.get_nowait() == {"type": "http.response.body", "body": b"", "more_body": False}

    follow(work, make_app())


def test_a_silent_stream_has_a_heartbeat(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.01)

    async def work(app: MockServer, client: TestClient) -> None:
        following = Following(app, "/__admin/journal/events")
        await following.start()
        await following.next()
        assert await following.next() == ": still here\n\n"
        await following.end()

    follow(work, make_app())


def test_a_journal_that_is_cleared_is_followed_from_its_new_beginning(make_app: MakeApp) -> None:
    async def work(app: MockServer, client: TestClient) -> None:
        for _ in range(3):
            await asyncio.to_thread(client.get, "/apimo/catalogs")
        following = Following(app, "/__admin/journal/events")
        await following.start()
        await following.next()
        await asyncio.to_thread(client.delete, "/__admin/journal")
        await asyncio.to_thread(client.get, f"{LEADS}?limit=1")
        assert event(await following.next())[0] == 1
        await following.end()

    follow(work, make_app())


def test_the_number_of_streams_is_bounded(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_STREAMS", 1)

    async def work(app: MockServer, client: TestClient) -> None:
        following = Following(app, "/__admin/journal/events")
        await following.start()
        await following.next()
        answer = client.get("/__admin/journal/events")
        assert (answer.status_code, answer.json()["detail"]) == (
            503,
            "1 streams are open, the most at once; close one.",
        )
        assert "mockserver_streams 1.0" in client.get("/__admin/metrics").text
        await following.end()
        assert "mockserver_streams 0.0" in client.get("/__admin/metrics").text

    follow(work, make_app())


def test_what_is_no_id_of_an_event_is_refused(client: TestClient) -> None:
    answer = client.get("/__admin/journal/events", headers={"last-event-id": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/Last-Event-ID")


def test_a_stream_asked_for_by_head_ends_at_once(client: TestClient) -> None:
    answer = client.head("/__admin/journal/events")
    assert (answer.status_code, answer.text) == (200, "")


def test_an_open_stream_does_not_hold_a_server_that_stops(start_server: StartServer) -> None:
    served = start_server("--world", "small")
    where = urlsplit(served.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /__admin/journal/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        received = b""
        while b"the calls of sandbox default" not in received:
            received += connection.recv(4096)
        assert served.stop() == 0
        rest = b""
        while piece := connection.recv(4096):
            rest += piece
    assert rest.endswith(b"0\r\n\r\n"), "the answer ends as an answer does"
    assert "Cancel" not in served.log()
    assert "Traceback" not in served.log()
