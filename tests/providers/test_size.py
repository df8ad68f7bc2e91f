"""No call looks at more of a world than it shows and what is in hand: ten million leads cost what a thousand do."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer, build
from mockserver.world import World
from tests.conftest import AUTH, NOW
from tests.support.gsl import Gsl
from tests.support.in_process import TestClient
from tests.support.seeker import Seeker

pytestmark = pytest.mark.no_cover

MILLIONS = 10_000_000
LIMIT = 10
MOST_MADE = 700
"""The entities that a call may make: the enquiries in hand with their people are most of them."""
MOST_MEMORY = 120_000
"""Kilobytes of a server, at its highest."""
DAY = 86_400
APIMO = "/apimo/agencies/101"
SEEKER = "/seeker/seeker-leads/v1"
PERIOD = {"StartDate": NOW - 30 * DAY, "EndDate": NOW}
WINDOW = f"minDate={NOW - 7 * DAY}&maxDate={NOW}&limit={LIMIT}"


@dataclass(frozen=True)
class Sized:
    """An application with a world of some size, and the enquiry in the middle of it."""

    client: TestClient
    app: MockServer
    count: int
    middle: Enquiry
    tokens: dict[str, str]


def sized(folder: Path, count: int) -> Sized:
    path = folder / f"{count}.yaml"
    path.write_text(f"name: sized\nsize: {{enquiries: {count}}}\nagencies: [{{id: 101}}, {{id: 102}}]\n")
    app = build(Settings(world=str(path), now=NOW))
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    tokens = {"gsl": Gsl(client).token, "seeker": Seeker(client).token}
    client.headers.pop("authorization")
    client.auth = AUTH
    return Sized(client, app, count, app.sandbox.world.enquiry(101, count // 2), tokens)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[Sized]:
    folder = tmp_path_factory.mktemp("worlds")
    return [sized(folder, count) for count in (1_000, MILLIONS)]


def get(path: str) -> Callable[[Sized], Any]:
    """A call of Apimo; `DEEP` in its path is a place far down the list."""
    return lambda world: world.client.get(f"{APIMO}{path.replace('DEEP', str(world.count // 2))}")


def post(path: str, body: dict[str, Any]) -> Callable[[Sized], Any]:
    return lambda world: world.client.post(f"{APIMO}{path}", json=body)


def search(path: str, *, windowed: bool = True, **pagination: Any) -> Callable[[Sized], Any]:
    body = {**({"SearchCriteria": PERIOD} if windowed else {}), "Pagination": {"Limit": LIMIT, **pagination}}

    def call(world: Sized) -> Any:
        headers = {"authorization": f"Bearer {world.tokens['gsl']}"}
        estate = world.app.sandbox.world.estate(101, 0)
        address = path.replace("ESTATE", str(estate.classified_number))
        return world.client.post(f"/gsl/v2/leads{address}", json=body, headers=headers, auth=httpx2.Auth())

    return call


def lead_of(provider: str, start: str) -> Callable[[Sized], Any]:
    return lambda world: world.client.get(
        f"{start}/leads/{world.middle.uuid}",
        headers={"authorization": f"Bearer {world.tokens[provider]}"},
        auth=httpx2.Auth(),
    )


def seeker(path: str) -> Callable[[Sized], Any]:
    def call(world: Sized) -> Any:
        headers = {"authorization": f"Bearer {world.tokens['seeker']}"}
        newest = world.app.sandbox.world.enquiry(101, world.count - 3)
        return world.client.get(f"{SEEKER}{path.replace('LEAD', newest.uuid)}", headers=headers, auth=httpx2.Auth())

    return call


def submitted(world: Sized) -> Any:
    body = {
        "classifiedId": world.app.sandbox.world.estate(101, 1).classified_id,
        "lastName": "Martin",
        "email": "martin@example.org",
        "phoneNumbers": [{"number": "+33639980001"}],
        "message": "Bonjour",
        "submittedDate": "2026-01-01T00:00:00Z",
    }
    headers = {"authorization": f"Bearer {world.tokens['seeker']}"}
    return world.client.post(f"{SEEKER}/leads", json=body, headers=headers, auth=httpx2.Auth())


def put(kind: Kind, path: str, body: dict[str, Any]) -> Callable[[Sized], Any]:
    def call(world: Sized) -> Any:
        id = world.app.sandbox.world.id_at(kind, 101, world.app.sandbox.world.count(kind, 101) // 3)
        return world.client.put(f"{APIMO}/{path}/{id}", json=body)

    return call


def crossings_of_newest(world: Sized) -> Any:
    made = world.app.sandbox.world
    id = made.id_at(Kind.PROFILE, 101, made.count(Kind.PROFILE, 101) - 1)
    return world.client.get(f"{APIMO}/requests/{id}/crossings")


def admin(method: str, path: str, body: dict[str, Any] | None = None) -> Callable[[Sized], Any]:
    def call(world: Sized) -> Any:
        places = {"DEEP": str(world.count), "UUID": world.middle.uuid, "SEEKER": str(world.middle.seeker)}
        address = path
        for name, value in places.items():
            address = address.replace(name, value)
        return world.client.request(method, f"/__admin{address}", json=body, auth=httpx2.Auth())

    return call


CALLS: dict[str, list[Callable[[Sized], Any]]] = {
    "apimo.listLeads": [
        get(f"/leads?limit={LIMIT}{query}")
        for query in ("", "&offset=DEEP", f"&timestamp={NOW - 3 * DAY}", f"&timestamp={NOW - 3 * DAY}&offset=200")
    ],
    "apimo.listRequests": [get(f"/requests?limit={LIMIT}{query}") for query in ("", f"&timestamp={NOW - 3 * DAY}")],
    "apimo.listContacts": [
        get(f"/contacts?limit={LIMIT}{query}") for query in ("", "&offset=DEEP", f"&timestamp={NOW - 3 * DAY}")
    ],
    "apimo.listProperties": [
        get(f"/properties?limit={LIMIT}{query}")
        for query in ("", "&step=3", "&status=1", f"&timestamp={NOW - 9 * DAY}")
    ],
    "apimo.getProperty": [get("/properties/5120001")],
    "apimo.listRequestCrossings": [crossings_of_newest],
    "apimo.listPropertyCrossings": [get("/properties/5120001/crossings")],
    "apimo.listUsers": [get("/users"), get(f"/users?timestamp={NOW - 99 * DAY}")],
    "apimo.createLead": [
        post("/leads", {"reference": "first", "type": 1}),
        post("/leads", {"reference": "first", "type": 1, "property_reference": "VI1"}),
        get(f"/contacts?limit={LIMIT}"),
        get(f"/leads?limit={LIMIT}&timestamp={NOW - DAY}"),
    ],
    "apimo.updateLead": [put(Kind.ENQUIRY, "leads", {"firstname": "Zoé"})],
    "apimo.createRequest": [post("/requests", {"contact": 4_942_001, "user": 3_801, "category": 1, "country": "FR"})],
    "apimo.updateRequest": [put(Kind.PROFILE, "requests", {"comment": "later"})],
    "gsl.searchLeads": [search(""), search("", Order="desc")],
    "gsl.searchClassifiedLeads": [search("/classifieds")],
    "gsl.searchLeadsByClassified": [
        search("/classifieds/ESTATE", windowed=False),
        search("/classifieds/ESTATE", windowed=False, Order="desc"),
    ],
    "gsl.searchAgencyLeads": [search("/agencies")],
    "gsl.searchEstimationLeads": [search("/estimations")],
    "gsl.searchProjectLeads": [search("/projects")],
    "gsl.getLeadById": [lead_of("gsl", "/gsl/v2")],
    "seeker.getLeads": [seeker(f"/leads?{WINDOW}"), seeker(f"/leads?{WINDOW}&start=LEAD")],
    "seeker.getLeadById": [lead_of("seeker", SEEKER)],
    "seeker.createLead": [submitted],
    "admin": [
        admin("GET", "/leads?limit=10"),
        admin("GET", "/leads?limit=10&offset=DEEP"),
        admin("GET", "/leads?limit=10&agency=102&newest_first=false"),
        admin("GET", "/leads/UUID"),
        admin("GET", "/leads/newest:101"),
        admin("GET", "/leads/oldest"),
        admin("PATCH", "/leads/UUID", {"seeker": {"firstname": "Zoé"}}),
        admin("POST", "/leads/UUID/duplicate", {}),
        admin("POST", "/leads", {"count": 2, "category": "CLASSIFIED", "intention": "RENT"}),
        admin("POST", "/snapshot", {}),
        admin("POST", "/leads/UUID/erase", {}),
        admin("POST", "/seekers/SEEKER/erase", {}),
        admin("DELETE", "/leads/UUID"),
        admin("POST", "/reset"),
    ],
}
"""Calls of every operation that looks for leads, with the parameters that could make it look at all of them."""
WITHOUT_LEADS = {
    "apimo": {"listCatalogs", "getCatalog", "listAgencies"},
    "gsl": {"issueToken", "openidConfiguration", "jwks"},
    "seeker": {
        *("issueToken", "openidConfiguration", "jwks", "createSubscription", "listSubscriptions"),
        *("updateSubscription", "deleteSubscription", "subscriptionAuditById"),
    },
}
"""The operations to which a world's leads are nothing."""


def test_every_operation_is_called(worlds: list[Sized]) -> None:
    for name, provider in worlds[0].app.providers.items():
        operations = {operation.id for operation in provider.contract.operations.values()}
        called = {call.partition(".")[2] for call in CALLS if call.startswith(f"{name}.")}
        assert called | WITHOUT_LEADS[name] == operations


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Kind, int, int]]:
    """The places of the entities that are made, in their order."""
    places: list[tuple[Kind, int, int]] = []
    make = World.entity

    def entity(world: World, kind: Kind, agency: int, position: int) -> Any:
        if (kind, agency, position) not in world._made:
            places.append((kind, agency, position))
        return make(world, kind, agency, position)

    monkeypatch.setattr(World, "entity", entity)
    return places


@pytest.mark.parametrize("name", CALLS)
def test_a_call_makes_as_few_entities_of_ten_million_as_of_a_thousand(
    worlds: list[Sized], made: list[tuple[Kind, int, int]], name: str
) -> None:
    for call in CALLS[name]:
        for world in worlds:
            world.app.sandbox.world.drop_cache()
            made.clear()
            answer = call(world)
            assert answer.status_code in (200, 201, 204, 206), answer.text
            assert len(made) <= MOST_MADE, (name, world.count, len(made))


@pytest.mark.parametrize(
    ("call", "most"),
    [
        (get(f"/contacts?limit={LIMIT}"), {Kind.PERSON: LIMIT, Kind.ENQUIRY: 0, Kind.ESTATE: 0}),
        (get(f"/properties?limit={LIMIT}&step=3"), {Kind.ESTATE: LIMIT, Kind.ENQUIRY: 0}),
        (search("/classifieds/ESTATE", windowed=False), {Kind.ENQUIRY: 2 * LIMIT, Kind.ESTATE: 3}),
    ],
    ids=["contacts", "properties", "classified"],
)
def test_what_a_list_passes_over_is_not_made(
    worlds: list[Sized], made: list[tuple[Kind, int, int]], call: Callable[[Sized], Any], most: dict[Kind, int]
) -> None:
    worlds[1].app.sandbox.world.drop_cache()
    made.clear()
    assert call(worlds[1]).status_code == 200
    counted = Counter(kind for kind, _, _ in made)
    assert {kind: counted[kind] for kind in most if counted[kind] > most[kind]} == {}, counted


def kilobytes_of(server: subprocess.Popen[str]) -> int:
    """Kilobytes of memory of a process: the most that it took where the system says that, else what it takes now.

    What `wait4` says begins with what the process had before it was the server: the memory of the tests.
    """
    status = Path("/proc", str(server.pid), "status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(server.pid)]))


@pytest.mark.slow
def test_a_server_of_ten_million_enquiries_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "millions.yaml"
    path.write_text(f"name: sized\nsize: {{enquiries: {MILLIONS}}}\nagencies: [{{id: 101}}, {{id: 102}}]\n")
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--world", str(path)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["url"]
        with httpx2.Client(base_url=address, auth=AUTH, timeout=60) as client:
            since = int(time.time()) - DAY
            for query in ("limit=100", f"limit=100&offset={MILLIONS - 100}", f"limit=100&timestamp={since}"):
                for name in ("leads", "contacts", "requests", "properties"):
                    assert client.get(f"{APIMO}/{name}?{query}").status_code == 200
            assert client.post(f"{APIMO}/leads", json={"reference": "first", "type": 1}).status_code == 200
            assert client.get(f"/__admin/leads?offset={MILLIONS}", auth=httpx2.Auth()).status_code == 200
        assert kilobytes_of(server) < MOST_MEMORY
    finally:
        server.terminate()
        server.communicate()
