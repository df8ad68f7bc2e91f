"""Random changes between reads: both fakes always agree on who is there, and records tell the whole state."""

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver.domain import Category, Enquiry, Kind
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import lead_ids_of
from mockserver.sandbox.changes import (
    Arrival,
    ChangeRefused,
    LeadPatch,
    SeekerGiven,
    arrive,
    duplicate,
    erase,
    expire_cursors,
    grant_agency,
    list_leads,
    revoke_agency,
    update,
    withdraw,
)
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.gsl import ROUTES, Gsl
from tests.support.in_process import TestClient

pytestmark = pytest.mark.no_cover
"""A sweep: other tests reach the same code, and tracing this one takes long."""

SEARCHES = {category: path for operation, (path, category) in ROUTES.items() if operation != "searchLeads"}
AGENCIES = (101, 102)
PICK = st.integers(0, 10_000)


def make(world: str) -> Gsl:
    """A fresh application, and a client of it."""
    return Gsl(TestClient(build(Settings(world=world, now=NOW)), base_url="http://127.0.0.1:8080"))


def apimo_pages(gsl: Gsl, agency: int) -> list[bytes]:
    """Apimo's list of leads to its end, as it is sent."""
    pages: list[bytes] = []
    while True:
        query = f"limit=40&offset={40 * len(pages)}"
        answer = gsl.client.get(f"/apimo/agencies/{agency}/leads?{query}", auth=AUTH)
        assert answer.status_code == 200, answer.text
        pages.append(answer.content)
        if len(answer.json()["leads"]) < 40:
            return pages


class Changes(RuleBasedStateMachine):
    """The model: which leads there are, of which agency and category, and whose; and which were ever there."""

    @initialize(world=st.sampled_from(["small", "empty"]))
    def begin(self, world: str) -> None:
        self.world = world
        self.gsl = make(world)
        self.app: MockServer = self.gsl.app
        self.sandbox: Sandbox = self.app.sandbox
        self.open = set(AGENCIES)
        store = self.sandbox.store
        found = [store.get(Kind.ENQUIRY, id) for agency in AGENCIES for id in store.ids(Kind.ENQUIRY, agency)]
        self.leads = {lead.id: lead for lead in found if isinstance(lead, Enquiry)}
        self.ever = set(self.leads)
        self.erased: set[int] = set()

    def pick(self, number: int) -> Enquiry:
        return list(self.leads.values())[number % len(self.leads)]

    def add(self, *leads: Enquiry) -> None:
        for lead in leads:
            assert lead.id not in self.ever, "an id is never given again"
            self.ever.add(lead.id)
            self.leads[lead.id] = lead

    @rule(category=st.sampled_from([None, *Category]), agency=st.sampled_from(AGENCIES), count=st.integers(1, 3))
    def arrives(self, category: Category | None, agency: int, count: int) -> None:
        with self.sandbox.transaction():
            self.add(*arrive(self.sandbox, Arrival(category=category, agency=agency, count=count)))

    @precondition(lambda self: self.leads)
    @rule(number=PICK)
    def returns(self, number: int) -> None:
        lead = self.pick(number)
        arrival = Arrival(seeker=SeekerGiven(id=lead.seeker))
        if lead.seeker in self.erased:
            with pytest.raises(ChangeRefused):
                arrive(self.sandbox, arrival)
        else:
            self.add(*arrive(self.sandbox, arrival))

    @precondition(lambda self: self.leads)
    @rule(number=PICK)
    def repeats(self, number: int) -> None:
        lead = self.pick(number)
        if lead.seeker in self.erased:
            with pytest.raises(ChangeRefused):
                duplicate(self.sandbox, lead)
        else:
            self.add(duplicate(self.sandbox, lead))

    @precondition(lambda self: self.leads)
    @rule(number=PICK, category=st.sampled_from(Category), step=st.integers(1, 4), lastname=st.text(max_size=5))
    def changes(self, number: int, category: Category, step: int, lastname: str) -> None:
        lead = self.pick(number)
        named: dict[str, Any] = {"category": category, "step": step}
        if lead.seeker not in self.erased:
            named |= {"message": lastname, "seeker": {"lastname": lastname}}
        self.sandbox.clock.advance(1)
        self.leads[lead.id] = update(self.sandbox, lead, LeadPatch(**named))

    @precondition(lambda self: self.leads)
    @rule(number=PICK)
    def goes(self, number: int) -> None:
        lead = self.pick(number)
        withdraw(self.sandbox, lead)
        del self.leads[lead.id]

    @precondition(lambda self: self.leads)
    @rule(number=PICK)
    def is_forgotten(self, number: int) -> None:
        lead = self.pick(number)
        changed = {one.id for one in erase(self.sandbox, lead.seeker)}
        same = {id for id, one in self.leads.items() if one.seeker == lead.seeker}
        assert changed == (set() if lead.seeker in self.erased else same)
        self.erased.add(lead.seeker)

    @rule(agency=st.sampled_from(AGENCIES))
    def access_changes(self, agency: int) -> None:
        (revoke_agency if agency in self.open else grant_agency)(self.sandbox, agency)
        self.open ^= {agency}

    @rule()
    def cursors_go_stale(self) -> None:
        expire_cursors(self.sandbox)

    @rule()
    def starts_again(self) -> None:
        dump = json.loads(json.dumps(self.sandbox.dump()))
        before = self.bytes(self.gsl)
        fresh = make(self.world)
        fresh.app.sandbox.restore(dump)
        assert self.bytes(fresh) == before
        self.gsl, self.app, self.sandbox = fresh, fresh.app, fresh.app.sandbox

    def bytes(self, gsl: Gsl) -> list[Any]:
        """What both fakes show of what is there."""
        pages = [apimo_pages(gsl, agency) for agency in sorted(self.open)]
        return [*pages, [gsl.walk(path) for path in SEARCHES.values()]]

    @invariant()
    def both_fakes_agree(self) -> None:
        seen = {lead.id: lead for lead in self.leads.values() if lead.agency in self.open}
        for agency in AGENCIES:
            if agency not in self.open:
                assert self.gsl.client.get(f"/apimo/agencies/{agency}/leads", auth=AUTH).status_code == 403
                continue
            pages = [json.loads(page) for page in apimo_pages(self.gsl, agency)]
            ids = [item["id"] for page in pages for item in page["leads"]]
            assert sorted(ids) == sorted(id for id, lead in seen.items() if lead.agency == agency)
            assert {page["total_items"] for page in pages} == {len(ids)}
        for category, path in SEARCHES.items():
            found = {item["leadMetaInfos"]["leadId"]: item for item in self.gsl.walk(path)}
            assert found.keys() == {lead.uuid for lead in seen.values() if lead.category is category}
            for uuid in list(found)[-3:]:
                assert self.gsl.client.get(f"/gsl/v2/leads/{uuid}").json() == found[uuid]
        neutral = list_leads(self.sandbox, lead_ids_of(self.app.providers), limit=1_000)
        assert {form.id for form in neutral if form.agency in AGENCIES} == self.leads.keys()
        assert {form.seeker.id for form in neutral if form.erased} <= self.erased

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.reset()
            self.open = set(AGENCIES)
            assert self.bytes(self.gsl) == self.bytes(make(self.world))


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=8, stateful_step_count=12, deadline=None, derandomize=True)
