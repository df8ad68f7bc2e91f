"""A crawl as the dossier describes it ends with exactly the world's leads, whatever happens meanwhile."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.foundation.settings import Settings
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient
from tests.support.seeker import DAY, Seeker, erase

BASE = build(Settings(world="small", now=NOW))
SPAN = 95 * DAY
Events = list[tuple[str, int]]
EVENTS = st.lists(
    st.tuples(st.sampled_from(["arrive", "create", "erase", "wait", "nothing"]), st.integers(0, 40)), max_size=30
)


def fresh() -> Seeker:
    """A client of a sandbox of its own over the small world."""
    app = MockServer(BASE.settings, BASE.providers, SandboxRegistry(BASE.settings, BASE.providers))
    return Seeker(TestClient(app, base_url="http://127.0.0.1:8080"))


class Crawler(Seeker):
    """A crawl between whose pages something happens."""

    def __init__(self, seeker: Seeker, events: Events) -> None:
        self.__dict__.update(seeker.__dict__)
        self.events = events
        self.erased: set[int] = set()

    def leads(self, *window: int, **query: Any) -> Any:
        answer = super().leads(*window, **query)
        if self.events:
            self.happen(*self.events.pop(0))
        return answer

    def happen(self, event: str, number: int) -> None:
        """Something of the world, at the virtual moment that it has."""
        sandbox = self.app.sandbox
        match event:
            case "arrive":
                apimo = TestClient(self.app)
                body = {"reference": f"r{number}", "type": "1", "lastname": "Neu"}
                answer = apimo.post("/apimo/agencies/101/leads", json=body, auth=AUTH)
                assert answer.status_code == 200
            case "create":
                from tests.providers.seeker.test_reads import new_lead

                assert self.post("/leads", new_lead(self)).status_code == 200
            case "erase":
                enquiries = self.enquiries()
                person = self.person(enquiries[number % len(enquiries)])
                self.erased.add(person.id)
                erase(self.app, person.id)
            case "wait":
                sandbox.clock.advance(number)


@given(limit=st.integers(1, 100), events=EVENTS)
@settings(max_examples=15)
def test_a_crawl_ends_with_exactly_the_leads_that_there_were(limit: int, events: Events) -> None:
    crawler = Crawler(fresh(), list(events))
    before = {enquiry.uuid for enquiry in crawler.enquiries()}

    found = crawler.crawl(NOW - SPAN, NOW + 2 * DAY, limit)
    after = {enquiry.uuid for enquiry in crawler.enquiries()}
    assert before <= set(found) <= after

    crawler.events = []
    crawler.app.sandbox.clock.advance(60)
    # The next poll overlaps; what it has is newer.
    found.update(crawler.crawl(NOW - 2 * 3_600, crawler.app.sandbox.clock.now(), limit))
    visible = {enquiry.uuid: enquiry for enquiry in crawler.enquiries()}
    assert set(found) == set(visible)

    again = crawler.crawl(NOW - SPAN, crawler.app.sandbox.clock.now(), limit)
    for id, lead in again.items():
        assert (lead["contactRequest"]["message"] is None) is crawler.person(visible[id]).erased
        assert crawler.get(f"/leads/{id}").json() == lead


@given(limit=st.integers(1, 100))
@settings(max_examples=10)
def test_any_page_size_gives_the_same_leads_in_the_same_order(limit: int) -> None:
    seeker = fresh()
    assert list(seeker.crawl(NOW - SPAN, NOW, limit)) == [enquiry.uuid for enquiry in seeker.enquiries()]
