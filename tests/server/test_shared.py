"""Several server processes on one store behave as one server, however calls are spread over them."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import AUTH, NOW, Served, start
from tests.support.databases import MakeStore
from tests.support.gsl import CREDENTIALS, DAY, SCOPE
from tests.support.lanes import slow

NOBODY = httpx2.Auth()
LEADS = "/apimo/agencies/101/leads"


@dataclass
class Servers:
    """Clients of the processes; `next` is the one whose turn it is."""

    clients: list[httpx2.Client]
    turns: Iterator[httpx2.Client]

    def next(self) -> httpx2.Client:
        """Spreads calls over the processes, as a load balancer does."""
        return next(self.turns)

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """A call that succeeds, to the one whose turn it is; what it answers."""
        answer = self.next().request(method, path, **given)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="module", params=[slow("two processes on postgresql"), "two workers on sqlite"])
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Two processes; of workers, nobody knows which of them answers a new connection."""
    common = ("--world", "small", "--now", "2026-01-01T00:00:00Z", "--store")
    folder = tmp_path_factory.mktemp("shared")
    started: list[Served] = []
    if request.param == "two workers on sqlite":
        started.append(start(folder, *common, f"sqlite:///{folder}/store.db", "--workers", "2"))
        urls = [started[0].url] * 2
    else:
        store = request.getfixturevalue("postgresql").database()
        for name in ("one", "two"):
            (folder / name).mkdir()
            started.append(start(folder / name, *common, store))
        urls = [served.url for served in started]
    limits = httpx2.Limits(max_keepalive_connections=0)
    clients = [httpx2.Client(base_url=url, auth=AUTH, limits=limits) for url in urls]
    yield Servers(clients, cycle(clients))
    for client in clients:
        client.close()
    for served in started:
        assert served.stop() == 0
        assert "Traceback" not in served.log()
        assert served.process.stdout is not None
        served.process.stdout.close()


@dataclass
class Made:
    """A sandbox: where its leads and its part of the admin API are, and who may read them."""

    leads: str
    admin: str
    auth: tuple[str, str]


Make = Callable[..., Made]


@pytest.fixture
def make(servers: Servers) -> Iterator[Make]:
    """Makes sandboxes, each with credentials of its own."""
    made: list[Made] = []

    def make_(**wanted: Any) -> Made:
        auth = (str(7_000 + len(made)), "a" * 40)
        credentials = {"apimo": {"provider": auth[0], "token": auth[1]}}
        id = servers.ask("POST", "/__admin/sandboxes", json={"credentials": credentials, **wanted})["id"]
        made.append(Made(f"/~{id}{LEADS}", f"/__admin/sandboxes/{id}", auth))
        return made[-1]

    yield make_
    for one in made:
        servers.ask("DELETE", one.admin)
        assert servers.next().get(one.admin).status_code == 404
        assert servers.next().get(one.leads).status_code == 404


def test_a_sandbox_made_at_one_is_used_at_the_other_also_by_its_credentials(servers: Servers, make: Make) -> None:
    made = make(seed=5)
    for _ in range(4):
        by_path = servers.next().get(made.leads, auth=made.auth)
        by_credentials = servers.next().get(LEADS, auth=made.auth)
        assert by_path.status_code == by_credentials.status_code == 200
        assert by_path.json() == by_credentials.json()
        assert servers.next().get(made.leads).status_code == 401
    assert servers.ask("GET", f"{made.admin}/journal")["total"] == 12


def test_a_fault_set_at_one_strikes_exactly_as_often_as_it_should_over_both(servers: Servers, make: Make) -> None:
    made = make()
    fault = {"kind": "status", "status": 503, "provider": "apimo", "times": 7}
    servers.ask("POST", f"{made.admin}/faults", json=fault)
    with ThreadPoolExecutor(4) as clients:
        calls = [clients.submit(servers.clients[n % 2].get, made.leads, auth=made.auth) for n in range(30)]
        statuses = [call.result().status_code for call in calls]
    assert statuses.count(503) == 7
    (placed,) = servers.ask("GET", f"{made.admin}/faults")["faults"]
    assert placed["fired"] == 7


def test_a_clock_advanced_at_one_is_advanced_at_the_other(servers: Servers, make: Make) -> None:
    made = make()
    servers.ask("PUT", f"{made.admin}/clock", json={"advance": "PT1H"})
    for _ in range(4):
        assert servers.ask("GET", f"{made.admin}/clock")["now"].startswith("2026-01-01T01:00:00")
        assert servers.next().get(made.leads).headers["date"] == "Thu, 01 Jan 2026 01:00:00 GMT"


def test_a_token_and_a_cursor_of_one_are_good_at_the_other_until_revoked(servers: Servers) -> None:
    token = servers.ask("POST", "/gsl/oauth/token", json={**CREDENTIALS, "scope": SCOPE}, auth=NOBODY)["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    body: dict[str, Any] = {"SearchCriteria": {"StartDate": 0, "EndDate": NOW + DAY}, "Pagination": {"Limit": 5}}
    whole = {**body, "Pagination": {"Limit": 100}}
    everything = servers.ask("POST", "/gsl/v2/leads", json=whole, headers=headers, auth=NOBODY)["Data"]["Items"]
    found: list[Any] = []
    while True:
        page = servers.ask("POST", "/gsl/v2/leads", json=body, headers=headers, auth=NOBODY)["Data"]
        found += page["Items"]
        if "LastItemKey" not in page:
            break
        body["Pagination"]["LastItemKey"] = page["LastItemKey"]
    assert found == everything
    assert len(found) > 5
    servers.ask("POST", "/__admin/tokens/gsl/revoke", json={})
    for _ in range(4):
        refused = servers.next().post("/gsl/v2/leads", json=body, headers=headers, auth=NOBODY)
        assert refused.status_code == 401


def test_a_reference_posted_to_both_at_once_is_stored_once(servers: Servers, make: Make) -> None:
    made = make(variants={"apimo": {"duplicate-reference": "refuse"}})
    total = servers.ask("GET", made.leads, auth=made.auth)["total_items"]
    with ThreadPoolExecutor(8) as clients:
        for number in range(3):
            lead = {"reference": f"same-{number}", "lastname": "Martin"}
            calls = [
                clients.submit(servers.clients[n % 2].post, made.leads, auth=made.auth, json=lead) for n in range(8)
            ]
            statuses = sorted(call.result().status_code for call in calls)
            assert statuses == [200] + [422] * 7
    assert servers.ask("GET", made.leads, auth=made.auth)["total_items"] == total + 3


def test_a_quota_counts_the_calls_of_both(servers: Servers, make: Make) -> None:
    made = make(variants={"apimo": {"quota": "documented"}}, now="2026-01-01T00:00:00Z")
    statuses = [servers.next().get(made.leads, auth=made.auth).status_code for _ in range(14)]
    assert statuses == [200] * 10 + [429] * 4


def test_the_journal_has_the_calls_of_both_each_once(servers: Servers, make: Make) -> None:
    made = make()
    with ThreadPoolExecutor(4) as clients:
        list(clients.map(lambda n: servers.clients[n % 2].get(f"{made.leads}?offset={n}", auth=made.auth), range(40)))
    for _ in range(2):
        journal = servers.ask("GET", f"{made.admin}/journal")
        assert [entry["id"] for entry in journal["entries"]] == list(range(1, 41))
        assert {entry["query"] for entry in journal["entries"]} == {f"offset={n}" for n in range(40)}


def test_a_worker_that_dies_is_replaced_and_the_end_is_orderly(tmp_path: Path, make_store: MakeStore) -> None:
    served = start(
        tmp_path, "--workers", "2", "--store", make_store("sqlite"), "--world", "small", "--ports", "apimo=0"
    )
    origin = served.first["origins"]["apimo"]
    assert served.first["pid"] == served.process.pid
    lead = {"reference": "before", "lastname": "Martin"}
    stored = httpx2.post(f"{origin}/agencies/101/leads", auth=AUTH, json=lead)
    assert stored.status_code == 200
    workers = children(served.process.pid)
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    # Whoever connects now waits in the queue of the socket, which the parent holds.
    listed = httpx2.get(f"{origin}/agencies/101/leads?limit=100", auth=AUTH)
    assert stored.json()["id"] in [lead["id"] for lead in listed.json()["leads"]]
    assert not set(children(served.process.pid)) & set(workers)
    assert served.stop() == 0
    assert served.log().count("died; another takes its place") >= 1
    assert served.log().rstrip().endswith("stopped")
    assert served.process.stdout is not None
    assert served.process.stdout.read() == ""
    served.process.stdout.close()


def children(pid: int) -> list[int]:
    """The process ids of its children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
