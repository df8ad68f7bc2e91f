"""A client of the Seeker Leads fake, for tests."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from mockserver.domain import Enquiry, Kind, Person, replace
from mockserver.server.app import MockServer
from tests.conftest import NOW
from tests.support.in_process import TestClient

CREDENTIALS = {
    "client_id": "mock-seeker-client",
    "client_secret": "mock-seeker-secret",
    "grant_type": "client_credentials",
}
AUDIENCE = "https://api.aviv-group.com/seeker-leads/v1"
SANDBOX_AUDIENCE = "https://api.aviv-group.com/sandbox/seeker-leads/v1"
BASE, SANDBOX_BASE = "/seeker/seeker-leads/v1", "/seeker/sandbox/seeker-leads/v1"
DAY = 86_400
WINDOW = 7 * DAY - 60
"""Safely under the longest period, as the one known client has it."""


class Seeker:
    """A client with a token, and the application behind it."""

    def __init__(self, client: TestClient, *, audience: str = AUDIENCE, base: str = BASE, **members: Any) -> None:
        self.client = client
        self.client.auth = httpx2.Auth()  # none: the fixture brings another provider's
        self.base = base
        client.headers.pop("authorization", None)
        app = client.app
        assert isinstance(app, MockServer)
        self.app = app
        answer = client.post("/seeker/oauth/token", json={**CREDENTIALS, "audience": audience, **members})
        assert answer.status_code == 200, answer.text
        self.token: str = answer.json()["access_token"]
        self.client.headers["authorization"] = f"Bearer {self.token}"

    def get(self, path: str, **query: Any) -> Any:
        """The answer of a GET, whatever it is."""
        return self.client.get(self.base + path, params=query)

    def post(self, path: str, body: Any) -> Any:
        """The answer of a POST, whatever it is."""
        return self.client.post(self.base + path, json=body)

    def leads(self, first: int = NOW - 7 * DAY, last: int = NOW, **query: Any) -> Any:
        """The answer of a list, whatever it is."""
        return self.get("/leads", minDate=first, maxDate=last, **query)

    def pages(self, first: int, last: int, limit: int) -> Iterator[Any]:
        """The answers of one period, page after page, as dossier §4 has the known client walk them."""
        start = ""
        for _ in range(1000):
            answer = self.leads(first, last, limit=limit, **({"start": start} if start else {}))
            if answer.status_code == 404:
                return
            assert answer.status_code in (200, 206), answer.text
            yield answer
            items = answer.json()["items"]
            following = answer.json().get("links", {}).get("next", "")
            cursor = parse_qs(urlsplit(following).query).get("start", [""])[0]
            if not items or (not cursor and answer.status_code == 200):
                return
            before, start = start, cursor or items[-1]["metadata"]["leadId"]
            if not start or start == before:
                return
        raise AssertionError("a walk without an end")

    def crawl(self, first: int, last: int, limit: int = 100) -> dict[str, Any]:
        """Every lead between two moments, by id: windows, pages, no lead twice."""
        leads: dict[str, Any] = {}
        while first <= last:
            for answer in self.pages(first, min(first + WINDOW, last), limit):
                leads.update({item["metadata"]["leadId"]: item for item in answer.json()["items"]})
            first += WINDOW
        return leads

    def enquiries(self) -> list[Enquiry]:
        """The world's enquiries of the customer's agencies, in the order of the list."""
        store = self.app.sandbox.store
        leads = [store.get(Kind.ENQUIRY, id) for agency in (101, 102) for id in store.ids(Kind.ENQUIRY, agency)]
        return sorted((e for e in leads if isinstance(e, Enquiry)), key=lambda e: (e.created_at, e.uuid))

    def person(self, enquiry: Enquiry) -> Person:
        """The person that asked."""
        person = self.app.sandbox.store.get(Kind.PERSON, enquiry.seeker)
        assert isinstance(person, Person)
        return person


def erase(app: MockServer, person_id: int) -> None:
    """Erases a seeker and the texts that they wrote, as the world does."""
    sandbox = app.sandbox
    store, now = sandbox.store, sandbox.clock.now()
    person = store.get(Kind.PERSON, person_id)
    assert isinstance(person, Person)
    members = {name: getattr(person, name) for name in ("id", "agency", "created_at", "role", "email", "is_owner")}
    store.put(Kind.PERSON, Person(**members, updated_at=now, language=None, erased=True))
    for id in store.ids(Kind.ENQUIRY, person.agency):
        enquiry = store.get(Kind.ENQUIRY, id)
        if isinstance(enquiry, Enquiry) and enquiry.seeker == person_id:
            store.put(Kind.ENQUIRY, replace(enquiry, message="", updated_at=now))
