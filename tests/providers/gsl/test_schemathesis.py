"""Schemathesis over every operation of GSL's contract as served, with real tokens; then a client that walks it all."""

import re
from base64 import b64encode
from collections import Counter
from copy import deepcopy
from typing import Any, ClassVar
from urllib.parse import urlencode

import httpx2
import pytest
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule, run_state_machine_as_test
from schemathesis.engine.recorder import ScenarioRecorder

from mockserver.contract import load_contract
from mockserver.domain import Category
from mockserver.foundation.resources import resource
from mockserver.provider_api.call import Reply
from mockserver.provider_api.pages import Page
from mockserver.providers.gsl.auth import AUDIENCE
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import MockServer
from tests.conftest import NOW
from tests.providers.apimo.test_schemathesis import CHECKS, MakeApp
from tests.support.engine import EngineRun, configuration
from tests.support.gsl import ALL_TIME, CREDENTIALS, DAY, ROUTES, SCOPE, Gsl
from tests.support.in_process import TestClient

pytestmark = pytest.mark.no_cover
"""Thousands of calls, mostly by code that other tests reach too: not traced, which would cost much of their time."""

CONTRACT = load_contract("gsl", resource("contracts", "gsl.yaml"))
SEARCHES = [*ROUTES, "searchLeadsByClassified"]
BASE = "http://127.0.0.1:8080"
FORM = "application/x-www-form-urlencoded"

schemathesis.deserializer("application/json+problem")(lambda context, response: response.json())


class Run(EngineRun):
    """A run of the engine over GSL's document, that also counts leads and cursors."""

    def __init__(
        self, operation: str, app: MockServer, *, max_examples: int = 16, token: str | None = None, seed: int = 1
    ) -> None:
        self.with_items = 0
        """Answers that have at least one lead."""
        self.with_cursor = 0
        """Calls with a `LastItemKey` that were answered with a page."""
        super().__init__(load(app, operation, max_examples, token, seed).include(operation_id=operation))

    def _note(self, recorder: ScenarioRecorder) -> None:
        super()._note(recorder)
        for interaction in recorder.interactions.values():
            if interaction.response and interaction.response.status_code == 200:
                self.with_items += b'"leadMetaInfos"' in (interaction.response.content or b"")
                self.with_cursor += bool(re.search(rb'"LastItemKey": ?"[^"]', interaction.request.body or b""))


def load(app: MockServer, operation: str = "", max_examples: int = 1, token: str | None = None, seed: int = 1) -> Any:
    """The served document, bound to the application. Everything is on and nothing left to chance.

    `token` is what protected operations are called with, by default one from the token endpoint.
    """
    gsl = Gsl(TestClient(app, base_url=BASE))
    numbers = [lead["leadMetaInfos"].get("classifiedID") for lead in gsl.walk()]
    # Values that the small world has: without them nearly every call would find nothing.
    existing: dict[str, list[Any]] = {
        "leadId": [enquiry.uuid for enquiry in gsl.enquiries(*Category)],
        "classifiedId": [number for number, _ in Counter(filter(None, numbers)).most_common(6)],
        "StartDate": [0, NOW - 200 * DAY, NOW - 20 * DAY],
        "EndDate": [NOW, NOW + DAY],
    }
    bound = {"leadId": "path.leadId", "classifiedId": "path.classifiedId"}
    bound |= {name: f"body.SearchCriteria.{name}" for name in ("StartDate", "EndDate")}
    places = {place: name for name, place in bound.items()}
    auth = {"openapi": {"bearerAuth": {"bearer": token or gsl.token}}}
    # A free text in a path cannot be wrong: looking for one that is takes ten seconds, and finds none.
    only_good = operation == "getLeadById"
    config = configuration(existing, places, auth, max_examples=max_examples, seed=seed, only_good=only_good)
    document = gsl.client.get("/__admin/contracts/gsl", headers={"authorization": ""}).json()
    for name in ("leadId", "classifiedId"):
        document["components"]["parameters"][name]["example"] = existing[name][0]
    # The published example has a window without leads, and the cursor of a query that nobody sent.
    by_listing = document["paths"]["/v2/leads/classifieds/{classifiedId}"]["post"]["requestBody"]
    for body in (document["components"]["requestBodies"]["Search"], by_listing):
        sample = body["content"]["application/json"]["examples"]["published"]["value"]
        sample |= {name: ALL_TIME for name in sample if name == "SearchCriteria"}
        sample["Pagination"] = {"Limit": 5, "LastItemKey": "", "Order": "asc"}
    loaded = schemathesis.openapi.from_dict(document, config=config)
    loaded.app = app
    loaded.hooks.hook("map_case")(lambda context, case: sensible(case, gsl))
    return loaded


def sensible(case: Any, gsl: Gsl) -> Any:
    """A case of good data that also is what no schema can say: a window in order, a cursor of this query, credentials.

    A case of bad data is left alone.
    """
    if case.meta.generation.mode.value != "positive" or not isinstance(case.body, dict):
        return case
    if case.operation.definition.raw["operationId"] == "issueToken":
        # Unknown parameters stay, but one of several values is one that is repeated, which RFC 6749 §5.2 wants refused.
        repeated = (list, dict) if case.media_type == FORM else list
        strangers = {name: value for name, value in case.body.items() if not isinstance(value, repeated)}
        chosen = {name: value for name, value in (("scope", SCOPE), ("audience", AUDIENCE)) if name in case.body}
        case.body = {**strangers, **CREDENTIALS, **chosen}
    else:
        case.body = searchable(case, gsl)
    return case


def searchable(case: Any, gsl: Gsl) -> dict[str, Any]:
    """The body of a search with its dates in order, and with the second page's cursor where it has any cursor."""
    body: dict[str, Any] = deepcopy(case.body)
    if criteria := body.get("SearchCriteria"):
        criteria["StartDate"], criteria["EndDate"] = sorted((criteria["StartDate"], criteria["EndDate"]))
    if "LastItemKey" in body.get("Pagination", {}):
        first = {**body, "Pagination": {**body["Pagination"], "Limit": 1, "LastItemKey": ""}}
        answer = gsl.client.post(f"/gsl{case.formatted_path}", json=first)
        cursor = answer.json()["Data"].get("LastItemKey") if answer.status_code == 200 else None
        body["Pagination"]["LastItemKey"] = cursor or ""
    return body


@pytest.mark.parametrize("operation", CONTRACT.operations)
def test_every_operation_keeps_its_contract_for_good_data_and_bad(operation: str, make_app: MakeApp) -> None:
    run = Run(operation, make_app(journal_size=1))
    of = CONTRACT.operations[operation]

    assert run.problems == []
    assert run.selected == 1
    assert run.checks.keys() >= (CHECKS - {"ignored_auth"} if of.public else CHECKS)
    # None of this may be true of nothing: good data is accepted, and what is refused is refused for its data.
    assert run.accepted("coverage") > 0.15
    assert run.accepted("fuzzing") > 0.5
    assert bool(run.seen(status=401)) is not of.public, "without a token: 401, where there must be one"
    assert run.seen(status=403) == 0, "the token lacks the scope"
    assert run.seen(status=405, mode="negative")
    if of.body:
        assert run.seen(status=400, mode="negative") > 20
        assert run.seen(status=415, mode="negative")
        assert run.seen(status=200, mode="positive") > 20
    if operation in SEARCHES:
        assert run.with_items > 10
        assert run.with_cursor > 3
    if of.path_parameters:
        assert run.seen(status=404)


def test_schemathesis_sees_every_operation_of_the_contract(make_app: MakeApp) -> None:
    schema = load(make_app())
    ids = [found.ok().definition.raw["operationId"] for found in schema.get_all_operations()]

    assert sorted(ids) == sorted(CONTRACT.operations)
    assert schema.statistic.operations.selected == len(CONTRACT.operations) == 10


def test_two_runs_send_the_same_requests_and_get_the_same_answers(make_app: MakeApp) -> None:
    first, second = (Run("searchLeadsByClassified", make_app(), max_examples=5).calls for _ in range(2))

    assert len(first) > 30
    assert first == second


def test_a_run_finds_an_operation_that_breaks_its_contract(make_app: MakeApp) -> None:
    app = make_app()
    handlers: dict[str, Any] = dict(app.providers["gsl"].handlers)
    handlers["searchAgencyLeads"] = lambda call: Reply(Page([], {"Data": {}, "Total": 3}))
    object.__setattr__(app.providers["gsl"], "handlers", handlers)

    problems = Run("searchAgencyLeads", app, max_examples=2).problems

    assert any("server_error" in problem for problem in problems)


def test_a_run_with_a_token_of_nobody_does_not_pass_for_a_good_one(make_app: MakeApp) -> None:
    run = Run("searchLeads", make_app(), max_examples=2, token="nobody")

    assert run.accepted("coverage") == 0
    assert run.accepted("fuzzing") == 0
    assert run.seen(status=200) == 0


class Walk:
    """A search that is under way, and what it must find."""

    def __init__(self, path: str, first: int, limit: int, order: str, expected: list[str]) -> None:
        self.path = path
        window = {**ALL_TIME, "StartDate": first}
        self.body: dict[str, Any] = {"SearchCriteria": window, "Pagination": {"Limit": limit, "Order": order}}
        self.limit = limit
        self.expected = expected
        self.found: list[dict[str, Any]] = []
        self.at_the_end = False
        self.tokens: set[str] = set()


def basic() -> str:
    """The client's credentials as HTTP Basic."""
    return "Basic " + b64encode(f"{CREDENTIALS['client_id']}:{CREDENTIALS['client_secret']}".encode()).decode()


class Consumer(RuleBasedStateMachine):
    """A client that gets tokens, searches, follows `LastItemKey` to the end and reads each lead, while time passes."""

    base: ClassVar[MockServer]
    schema: ClassVar[Any]
    seen: ClassVar[Counter[str]]
    tours = Bundle("tours")
    """A walk by each route."""

    def __init__(self) -> None:
        super().__init__()
        # A sandbox of its own; the contract is loaded once for all.
        self.app = MockServer(
            self.base.settings, self.base.providers, SandboxRegistry(self.base.settings, self.base.providers)
        )
        self.client = TestClient(self.app, base_url=BASE)
        self.client.auth = httpx2.Auth()
        self.token = ""
        self.expires = 0
        gsl = object.__new__(Gsl)  # its view of the world, without its token
        gsl.app = self.app
        self.world = {category: gsl.enquiries(category) for category in Category}

    def call(self, method: str, path: str, template: str, **sent: Any) -> Any:
        """A call that must work; its answer is checked by Schemathesis too, and not by our own validators alone."""
        reply = self.client.request(method, f"/gsl{path}", **sent)
        assert reply.status_code == 200, reply.text
        self.schema[template][method].validate_response(reply)
        return reply.json()

    def protected(self, method: str, path: str, template: str, **sent: Any) -> Any:
        """A call with the token that the client has. When it ended: 401, then a fresh one, then the call again."""
        sent["headers"] = {"authorization": f"Bearer {self.token}"}
        if self.app.sandbox.clock.now() >= self.expires:
            reply = self.client.request(method, f"/gsl{path}", **sent)
            assert reply.status_code == 401, reply.text
            self.schema[template][method].validate_response(reply)
            self.seen["a token that ended" if self.token else "no token yet"] += 1
            self.get_a_token("json")
            sent["headers"] = {"authorization": f"Bearer {self.token}"}
        return self.call(method, path, template, **sent)

    @rule(way=st.sampled_from(["json", "form", "basic"]))
    def get_a_token(self, way: str) -> None:
        self.seen["get_a_token"] += 1
        grant = {"grant_type": "client_credentials", "scope": SCOPE}
        form = {"content-type": FORM}
        ways: dict[str, dict[str, Any]] = {
            "json": {"json": {**CREDENTIALS, **grant}},
            "form": {"content": urlencode({**CREDENTIALS, **grant}), "headers": form},
            "basic": {"content": urlencode(grant), "headers": {**form, "authorization": basic()}},
        }
        answer = self.call("POST", "/oauth/token", "/oauth/token", **ways[way])
        assert answer["access_token"] != self.token
        self.token = answer["access_token"]
        self.expires = self.app.sandbox.clock.now() + answer["expires_in"]

    @rule(
        target=tours,
        limit=st.integers(2, 30),
        order=st.sampled_from(["asc", "desc"]),
        first=st.sampled_from([0, NOW - 60 * DAY]),
    )
    def search(self, limit: int, order: str, first: int) -> list[Walk]:
        self.seen["search"] += 1
        tour = []
        for path, category in ROUTES.values():
            expected = [enquiry.uuid for enquiry in self.world[category] if enquiry.created_at >= first]
            tour.append(Walk(path, first, limit, order, expected if order == "asc" else expected[::-1]))
            self.turn(tour[-1])
        return tour

    @rule(tour=tours, which=st.integers(0, len(ROUTES) - 1))
    def follow(self, tour: list[Walk], which: int) -> None:
        self.seen["follow"] += 1
        if not tour[which].at_the_end:
            self.turn(tour[which])

    @rule(tour=consumes(tours))
    def follow_to_the_end_and_read_each_lead(self, tour: list[Walk]) -> None:
        self.seen["follow_to_the_end_and_read_each_lead"] += 1
        for walk in tour:
            while not walk.at_the_end:
                self.turn(walk)
            assert [lead["leadMetaInfos"]["leadId"] for lead in walk.found] == walk.expected
            for lead in walk.found:
                self.read(lead)
            # The last of each listing stands for the others.
            for lead in {lead["leadMetaInfos"].get("classifiedID"): lead for lead in walk.found}.values():
                if lead["leadMetaInfos"]["leadCategory"] == "CLASSIFIED" and "classifiedID" in lead["leadMetaInfos"]:
                    self.find_by_listing(lead)

    def turn(self, walk: Walk) -> None:
        """Reads the next page."""
        answer = self.protected("POST", walk.path, walk.path, json=walk.body)
        items, key = answer["Data"]["Items"], answer["Data"].get("LastItemKey")
        assert answer["Count"] == len(items) <= walk.limit
        walk.found += items
        assert len(walk.found) <= len(walk.expected), "a walk that finds too much may have no end"
        walk.tokens.add(self.token)
        walk.at_the_end = key is None
        walk.body["Pagination"]["LastItemKey"] = key or ""
        if key:
            assert len(items) == walk.limit, "a page that is not the last is full"
            self.seen["a page before the last"] += 1
        if len(walk.tokens) > 1:
            self.seen["a walk went on with another token"] += 1

    def read(self, lead: dict[str, Any]) -> None:
        """Reads a lead of a list by its id."""
        meta = lead["leadMetaInfos"]
        assert self.protected("GET", f"/v2/leads/{meta['leadId']}", "/v2/leads/{leadId}") == lead
        self.seen[f"read a lead of {meta['leadCategory']}"] += 1

    def find_by_listing(self, lead: dict[str, Any]) -> None:
        """Finds a lead among those of its listing."""
        path = f"/v2/leads/classifieds/{lead['leadMetaInfos']['classifiedID']}"
        answer = self.protected("POST", path, "/v2/leads/classifieds/{classifiedId}", json={})
        assert lead in answer["Data"]["Items"]
        self.seen["a lead found by its listing"] += 1

    @rule(seconds=st.sampled_from([DAY // 2, DAY - 1, DAY]))
    def let_time_pass(self, seconds: int) -> None:
        self.seen["let_time_pass"] += 1
        self.app.sandbox.clock.advance(seconds)


def test_a_client_walks_from_the_token_to_each_lead(make_app: MakeApp) -> None:
    class Machine(Consumer):
        base: ClassVar[MockServer] = make_app()
        schema: ClassVar[Any] = load(base)
        seen: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(Machine, settings=settings(max_examples=8, stateful_step_count=12))

    rules = {rule.function.__name__ for rule in Machine().rules}
    assert len(rules) == 5
    happened = rules | {"a token that ended", "no token yet", "a page before the last", "a lead found by its listing"}
    happened |= {"a walk went on with another token"}
    happened |= {f"read a lead of {category}" for category in ("CLASSIFIED", "AGENCY", "ESTIMATION", "PROPERTY_SEARCH")}
    assert set(Machine.seen) == happened, Machine.seen
