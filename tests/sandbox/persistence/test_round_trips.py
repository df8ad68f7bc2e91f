"""Calls over PostgreSQL take one round trip when nothing was changed elsewhere, and two otherwise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW
from tests.support.databases import PostgreSQL
from tests.support.gsl import CREDENTIALS, DAY, SCOPE
from tests.support.in_process import TestClient
from tests.support.round_trips import RoundTrips

_numbers = count(1)

pytestmark = pytest.mark.slow
LEADS = "/apimo/agencies/101/leads"
SEARCH = {"SearchCriteria": {"StartDate": 0, "EndDate": NOW + DAY}, "Pagination": {"Limit": 5}}


@dataclass
class Counted:
    """A server over a database, and the number of its round trips."""

    app: MockServer
    client: TestClient
    trips: RoundTrips
    bearer: str = ""

    def call(self, name: str) -> None:
        """Makes a call that succeeds."""
        bearer = {"authorization": self.bearer}
        answer = {
            "a page": lambda: self.client.get(LEADS, auth=AUTH),
            "a lead": lambda: self.client.post(LEADS, auth=AUTH, json={"reference": f"lead-{next(_numbers)}"}),
            "a search": lambda: self.client.post("/gsl/v2/leads", headers=bearer, json=SEARCH),
            "a refusal": lambda: self.client.get("/gsl/v2/leads/1", headers={"authorization": "Bearer nonsense"}),
        }[name]()
        assert answer.status_code == (401 if name == "a refusal" else 200), answer.text


MakeCounted = Callable[[], Counted]


@pytest.fixture
def make_counted(make_app: Callable[..., MockServer], postgresql: PostgreSQL) -> Iterator[MakeCounted]:
    """Makes servers over one database, each with a way to it that is counted."""
    address = postgresql.database()
    opened: list[Counted] = []
    with RoundTrips(postgresql.port).running() as one, RoundTrips(postgresql.port).running() as two:
        ways = iter((one, two))

        def make() -> Counted:
            trips = next(ways)
            store = address.replace(f":{postgresql.port}/", f":{trips.port}/")
            # Without a look for idle sandboxes, which would be counted, too.
            app = make_app(store=store, sandbox_idle=0)
            counted = Counted(app, TestClient(app, base_url="http://127.0.0.1:8080"), trips)
            opened.append(counted)
            token = counted.client.post("/gsl/oauth/token", json={**CREDENTIALS, "scope": SCOPE})
            counted.bearer = f"Bearer {token.json()['access_token']}"
            return counted

        yield make
        for counted in opened:
            counted.app.sandboxes.repository.close()


@pytest.mark.parametrize("name", ["a page", "a lead", "a search", "a refusal"])
def test_a_call_takes_one_round_trip_and_two_after_a_change_elsewhere(make_counted: MakeCounted, name: str) -> None:
    here, there = make_counted(), make_counted()
    # Each statement is prepared when a connection first needs it.
    for server in (here, there) * 3:
        server.call(name)
    seen = []
    for server in (here, here, there, there, here, here):
        here.trips.take()
        there.trips.take()
        server.call(name)
        seen.append((here.trips.take(), there.trips.take()))
    assert seen == [(2, 0), (1, 0), (0, 2), (0, 1), (2, 0), (1, 0)]


def test_a_transaction_takes_two_round_trips(make_counted: MakeCounted) -> None:
    here = make_counted()
    sandbox = here.app.sandbox
    for _ in range(2):
        with sandbox.transaction():
            sandbox.clock.advance(1)
        here.trips.take()
        with sandbox.transaction():
            sandbox.clock.advance(1)
        assert here.trips.take() == 2
