"""The published commands, run with curl over TCP against `mockserver serve` started as a process."""

import json
import os
import shutil
import socket
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver.foundation.settings import Settings
from mockserver.server.app import read_contract
from tests.conftest import AUTH, Served, StartServer
from tests.support.patience import PATIENCE

# Word by word from the published pages, their odd line ends included. Leads:
GET_LEADS = r"""curl --request GET \
--url '{agency_id}/leads' \
--user 'provider:token'
"""
POST_LEADS = r"""curl --request POST \
--url '{agency_id}/leads' \
--user 'provider:token' \
--header 'content-type: application/json' \
--data '{ "reference": "6794b6a365e35", "date": "2025-01-25 11:02:11", "step": "1", "type": "1", "language": "fr", "country": "FR", "title": "1", "lastname": "MARTIN", "firstname": "Jean", "email": "", "phone": "+33106060600", "fax": "+33106060601", "mobile": "+33606060606", "address": "131 rue d Antibes", "address_more": "Second floor", "zipcode": "06400", "city": "Cannes", "message": "Hello, please can you call me back. Jean", "recipient_lastname": "DUPONT", "recipient_firstname": "Monique", "recipient_email": "", "area_min": "80", "area_max": "120", "area_unit": "1", "room_min": "1", "room_max": "4", "bedroom_min": "1", "bedroom_max": "3", "price_min": "400000", "price_max": "450000", "currency": "EUR", "start_at": "2016-08-01", "end_at": "2016-08-31", "referral": "1", "subreferral": "1234", "property_reference": "123456", "property_address": "80 boulevard de la Croisette", "property_address_more": "Immeuble Azur", "property_zipcode": "06400", "property_city": "Cannes", "property_country": "FR", "property_category": "1", "property_types": "1,2,3", "property_sybtype": "3", "property_view_landscape": "1", "property_location": "6" }' \
"""  # noqa: E501
# Requests:
GET_REQUESTS = r"""curl --request GET \
--url 'https://api.apimo.pro/agencies/{agency_id}/requests' \
--user 'provider:token'
"""
POST_REQUESTS = r"""curl --request POST \
--url 'https://api.apimo.pro/agencies/{agency_id}/requests' \
--user 'provider:token' \
--header 'content-type: application/json' \
--data '{ "active": "1", "contact": "5155262", "user": "3896", "ranking": "5", "last_action": "2020-05-27", "auto": "1", "category": "1", "subcategory": "", "types": "1,2", "subtype": "", "referral": "", "country": "FR", "locations": "Antibes, Nice, Paris 7ème", "rooms_operator": "2", "rooms": "4", "bedrooms": "2", "standing": "1", "condition": "1", "availability": "1", "margin": "10", "areas": "1,2,4", "proximities": "1,4", "services": "1,2,4", "activities": "1,5", "tags": "1,2,3", "comment": "Free text", "free_criteria": "More free text" }' \
--include
"""  # noqa: E501
PUT_REQUEST = r"""curl --request PUT \
--url 'https://api.apimo.pro/agencies/{agency_id}/requests/{request_id}' \
--user 'provider:token' \
--header 'content-type: application/json' \
--data '{ "id": "1004656", "active": "1", "contact": "5155262", "user": "3896", "ranking": "5", "last_action": "2020-05-27", "auto": "1", "category": "1", "subcategory": "", "types": "1,2", "subtype": "", "referral": "", "country": "FR", "locations": "Antibes, Nice, Paris 7ème", "rooms_operator": "2", "rooms": "4", "bedrooms": "2", "standing": "1", "condition": "1", "availability": "1", "margin": "10", "areas": "1,2,4", "proximities": "1,4", "services": "1,2,4", "activities": "1,5", "tags": "1,2,3", "comment": "Free text", "free_criteria": "More free text" }' \
--include
"""  # noqa: E501
GET_CROSSINGS = r"""curl --request GET \
--url 'https://api.apimo.pro/agencies/{agency_id}/requests/{request_id}/crossings' \
--user 'provider:token'
"""

CONTRACT = read_contract("apimo", Settings())
USER = ":".join(AUTH)


class Answer(NamedTuple):
    """What curl printed with `--include`."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The JSON in the body."""
        return json.loads(self.text)


@pytest.fixture
def curlrc(tmp_path: Path) -> dict[str, str]:
    """An environment in which curl shows headers and no progress, so that the commands need not be touched."""
    if shutil.which("curl") is None:
        pytest.fail("curl is needed: the published commands are curl commands; install it (apt-get install curl)")
    (tmp_path / ".curlrc").write_text("include\nsilent\nshow-error\n", encoding="utf-8")
    return {**os.environ, "CURL_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}


def run(command: str, environment: dict[str, str], url: str = "", request: int = 0) -> Answer:
    """Runs a published command in a shell; only origin, agency, request and credentials are put in."""
    at_home = command.replace("'{agency_id}", "'https://api.apimo.pro/agencies/{agency_id}")
    for blank, value in (
        ("https://api.apimo.pro", f"{url}/apimo"),
        ("{agency_id}", "101"),
        ("{request_id}", str(request)),
        ("provider:token", USER),
    ):
        at_home = at_home.replace(blank, value)
    done = subprocess.run(
        ["/bin/sh", "-c", at_home], capture_output=True, env=environment, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    head, _, text = done.stdout.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    fields = [line.split(": ", 1) for line in lines]
    return Answer(int(first.split()[1]), {name.lower(): value for name, value in fields}, text)


def assert_in_contract(answer: Answer, operation: str) -> None:
    """Status 200, the documented content type, and a body that the contract allows."""
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.text.encode()))
    assert CONTRACT.operations[operation].replies[200].check("application/json", answer.body) == []


def test_a_lead_that_was_posted_is_listed_at_once(live: Served, curlrc: dict[str, str]) -> None:
    before = run(GET_LEADS, curlrc, live.url)
    assert_in_contract(before, "listLeads")
    created = run(POST_LEADS, curlrc, live.url)
    assert_in_contract(created, "createLead")
    assert set(created.body) == {"id", "created_at", "updated_at"}
    after = run(GET_LEADS, curlrc, live.url)
    assert_in_contract(after, "listLeads")
    assert after.body["total_items"] == before.body["total_items"] + 1
    (lead,) = [lead for lead in after.body["leads"] if lead["id"] == created.body["id"]]
    assert (lead["reference"], lead["lastname"], lead["firstname"]) == ("6794b6a365e35", "MARTIN", "Jean")
    assert (lead["created_at"], lead["updated_at"]) == (created.body["created_at"], created.body["updated_at"])


def test_a_request_is_posted_put_listed_and_crossed(live: Served, curlrc: dict[str, str]) -> None:
    assert_in_contract(run(GET_REQUESTS, curlrc, live.url), "listRequests")
    created = run(POST_REQUESTS, curlrc, live.url)
    assert_in_contract(created, "createRequest")
    changed = run(PUT_REQUEST, curlrc, live.url, created.body["id"])
    assert_in_contract(changed, "updateRequest")
    assert changed.body["id"] == created.body["id"], "the path says which request it is, whatever the body's id"
    listed = run(GET_REQUESTS, curlrc, live.url)
    (request,) = [request for request in listed.body["requests"] if request["id"] == created.body["id"]]
    assert (request["comment"], request["types"], request["active"]) == ("Free text", ["1", "2"], True)
    assert [place["city"]["name"] for place in request["locations"]][:2] == ["Antibes", "Nice"]
    crossings = run(GET_CROSSINGS, curlrc, live.url, created.body["id"])
    assert_in_contract(crossings, "listRequestCrossings")


def test_crossings_of_a_seeded_request_are_in_the_contract(live: Served, curlrc: dict[str, str]) -> None:
    ids = [request["id"] for request in run(GET_REQUESTS, curlrc, live.url).body["requests"]]
    answers = [run(GET_CROSSINGS, curlrc, live.url, id) for id in ids[:5]]
    for answer in answers:
        assert_in_contract(answer, "listRequestCrossings")
    assert any(answer.body["crossings"] for answer in answers)


def test_parameters_in_the_body_of_a_get_count_as_clients_of_2018_sent_them(
    live: Served, curlrc: dict[str, str]
) -> None:
    everything = run(GET_LEADS, curlrc, live.url).body["leads"]
    command = GET_LEADS.rstrip() + """ --header 'content-type: application/json' --data '{"limit": 2, "offset": 1}'"""
    answer = run(command, curlrc, live.url)
    assert_in_contract(answer, "listLeads")
    assert answer.body["leads"] == everything[1:3]


def test_head_says_what_get_would_without_a_body(live: Served, curlrc: dict[str, str]) -> None:
    address = f"{live.url}/apimo/agencies/101/users"
    get = run(f"curl --user '{USER}' {address}", curlrc)
    head = run(f"curl -I --user '{USER}' {address}", curlrc)
    assert (head.status, head.text) == (200, "")
    assert head.headers == get.headers


def test_options_tells_the_methods_without_credentials(live: Served, curlrc: dict[str, str]) -> None:
    answer = run(f"curl -X OPTIONS {live.url}/apimo/agencies/101/requests", curlrc)
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert "content-length" not in answer.headers, "RFC 9110 §8.6 forbids it in a 204"


CALLS = [
    *(f"GET /apimo/agencies/101/{kind}" for kind in ("leads", "requests", "properties", "contacts", "users")),
    *(f"GET /apimo/{path}" for path in ("agencies", "catalogs", "catalogs/property_type", "agencies/103/leads")),
    'POST /apimo/agencies/101/leads {"reference": "twice", "lastname": "Martin"}',
    'POST /apimo/agencies/101/leads {"reference": "twice", "lastname": "Martin"}',
    'PUT /apimo/agencies/101/leads/170001 {"step": 2}',
    'POST /apimo/agencies/101/requests {"contact": "1", "user": "1", "category": "1", "country": "FR"}',
    'PUT /apimo/agencies/101/requests/156001 {"comment": "Éte"}',
    "GET /apimo/agencies/101/leads?timestamp=1767225600&typo=1",
    "GET /apimo/agencies/101/requests?limit=3&offset=1",
    "GET /apimo/agencies/101/requests/156001/crossings",
    'POST /apimo/agencies/101/leads {"type": "x", "step": [], "price_min": {}}',
    "HEAD /apimo/agencies/101/leads",
    "OPTIONS /apimo/agencies/101/leads",
    "DELETE /apimo/agencies/101/leads",
    "GET /apimo/nowhere",
]


def answers(server: Served) -> list[bytes]:
    """The bytes of every answer, headers included."""
    return [_exchange(server.port, call) for call in CALLS]


def _exchange(port: int, call: str) -> bytes:
    method, path, *rest = call.split(" ", 2)
    body = " ".join(rest).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Authorization: Basic {b64encode(USER.encode()).decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + body)
        return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def test_two_fresh_servers_at_the_same_moment_answer_the_same_bytes(start_server: StartServer) -> None:
    runs = [
        answers(start_server("--now", "2026-01-01T00:00:00Z", environment=environment))
        for environment in ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "TZ": "UTC"})
    ]
    for call, one, other in zip(CALLS, *runs, strict=True):
        assert one.startswith(b"HTTP/1.1 "), call
        assert one == other, call
    statuses = [int(answer[9:12]) for answer in runs[0]]
    assert statuses[:8] == [200] * 8
    assert statuses[8:] == [403, 200, 200, 200, 200, 200, 200, 200, 200, 422, 200, 204, 405, 404]
