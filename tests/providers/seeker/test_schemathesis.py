"""Schemathesis over every operation of Seeker Leads' contract as served; then a client that subscribes and reads."""

import asyncio
from collections import Counter
from typing import Any, ClassVar
from urllib.parse import urlencode

import httpx2
import pytest
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule, run_state_machine_as_test

from mockserver.contract import load_contract
from mockserver.foundation.resources import resource
from mockserver.provider_api.call import Reply
from mockserver.provider_api.pages import Page
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.webhooks import DeliveryAttempt
from mockserver.server.app import MockServer
from tests.conftest import NOW
from tests.providers.apimo.test_schemathesis import CHECKS, MakeApp
from tests.providers.seeker.test_reads import estate_of, new_lead
from tests.support.engine import EngineRun, configuration
from tests.support.in_process import TestClient
from tests.support.seeker import AUDIENCE, BASE, CREDENTIALS, DAY, Seeker

CONTRACT = load_contract("seeker", resource("contracts", "seeker.yaml"))
FORM = "application/x-www-form-urlencoded"
URL = "http://localhost:9/hook"
# A free text in a path cannot be wrong: looking for one that is takes ten seconds, and finds none.
FREE_TEXT = {"getLeadById", "deleteSubscription"}

pytestmark = pytest.mark.no_cover

schemathesis.deserializer("application/json+problem")(lambda context, response: response.json())


class Run(EngineRun):
    """A run of the engine over Seeker Leads' document."""

    good = (200, 201, 206)

    def __init__(self, operation: str, app: MockServer, *, max_examples: int = 12, seed: int = 1) -> None:
        super().__init__(load(app, operation, max_examples, seed).include(operation_id=operation))


def load(app: MockServer, operation: str = "", max_examples: int = 1, seed: int = 1) -> Any:
    """The served document, bound to the application. Everything is on and nothing left to chance."""
    seeker = Seeker(TestClient(app, base_url="http://127.0.0.1:8080"))
    subscribe(app)
    # Values that the small world has: without them nearly every call would find nothing.
    existing: dict[str, list[Any]] = {
        "leadId": [enquiry.uuid for enquiry in seeker.enquiries()][:40],
        "id": [kept.id for kept in app.sandbox.webhooks.list()],
        "classifiedId": [estate_of(seeker).classified_id],
        "minDate": [NOW - 7 * DAY, NOW - 6 * DAY],
        "maxDate": [NOW, NOW - DAY],
    }
    bound = {"leadId": "path.leadId", "id": "path.id", "classifiedId": "body.classifiedId"}
    bound |= {name: f"query.{name}" for name in ("minDate", "maxDate")}
    places = {place: name for name, place in bound.items()}
    auth = {"openapi": {"bearerAuth": {"bearer": seeker.token}}}
    only_good = operation in FREE_TEXT
    config = configuration(existing, places, auth, max_examples=max_examples, seed=seed, only_good=only_good)
    document = seeker.client.get("/__admin/contracts/seeker", headers={"authorization": ""}).json()
    for name, parameter in (
        ("leadId", "leadId"),
        ("subscriptionId", "id"),
        ("minDate", "minDate"),
        ("maxDate", "maxDate"),
    ):
        document["components"]["parameters"][name]["example"] = existing[parameter][0]
    loaded = schemathesis.openapi.from_dict(document, config=config)
    loaded.app = app
    loaded.hooks.hook("map_case")(lambda context, case: sensible(case, app))
    return loaded


def subscribe(app: MockServer) -> None:
    """The same twenty subscriptions again, whatever became of them."""
    webhooks = app.sandbox.webhooks
    webhooks.reset()
    for number in range(20):
        made = webhooks.add("seeker", "mock-seeker-client", f"{URL}/{number}", "k", True, NOW)
        webhooks.record(made.id, DeliveryAttempt(at=NOW, lead="x", succeeded=number % 2 == 0, status=200))


def sensible(case: Any, app: MockServer) -> Any:
    """A case of good data that also is what no schema can say: a period, a lead to start from, credentials.

    A case of bad data is left alone.
    """
    subscribe(app)
    if case.meta.generation.mode.value != "positive":
        return case
    operation = case.operation.definition.raw["operationId"]
    if operation == "issueToken" and isinstance(case.body, dict):
        # Unknown parameters stay, but one of several values is one that is repeated, which RFC 6749 §5.2 wants refused.
        repeated = (list, dict) if case.media_type == FORM else list
        strangers = {name: value for name, value in case.body.items() if not isinstance(value, repeated)}
        strangers.pop("scope", None)
        case.body = {**strangers, **CREDENTIALS, "audience": AUDIENCE}
    if operation == "getLeads" and {"minDate", "maxDate"} <= set(case.query or {}):
        first, last = sorted(int(case.query[name]) for name in ("minDate", "maxDate"))
        case.query |= {"minDate": max(first, last - 7 * DAY), "maxDate": last}
        if case.query.get("start"):
            seeker = object.__new__(Seeker)  # its view of the world, without its token
            seeker.app = app
            case.query["start"] = seeker.enquiries()[-5].uuid
    return case


@pytest.mark.parametrize("operation", CONTRACT.operations)
def test_every_operation_keeps_its_contract_for_good_data_and_bad(operation: str, make_app: MakeApp) -> None:
    app = make_app(journal_size=1)
    app.sandbox.webhooks.refuse = lambda url: None  # no schema tells which hosts are allowed
    run = Run(operation, app)
    of = CONTRACT.operations[operation]

    assert run.problems == []
    assert run.selected == 1
    assert run.checks.keys() >= (CHECKS - {"ignored_auth"} if of.public else CHECKS)
    # None of this may be true of nothing: good data is accepted, and what is refused is refused for its data.
    assert run.accepted("coverage") > 0.15
    assert run.accepted("fuzzing") > 0.5
    assert bool(run.seen(status=401)) is not of.public, "without a token: 401, where there must be one"
    assert run.seen(status=403, mode="positive") == 0, "the token lacks the scope"
    assert run.seen(status=405, mode="negative")
    if of.body:
        assert run.seen(status=400, mode="negative") > 10
        assert run.seen(status=415, mode="negative")
    if of.path_parameters:
        assert run.seen(status=404)


def test_schemathesis_sees_every_operation_of_the_contract(make_app: MakeApp) -> None:
    schema = load(make_app())
    ids = [found.ok().definition.raw["operationId"] for found in schema.get_all_operations()]

    assert sorted(ids) == sorted(CONTRACT.operations)
    assert schema.statistic.operations.selected == len(CONTRACT.operations) == 11


def test_a_run_finds_an_operation_that_breaks_its_contract(make_app: MakeApp) -> None:
    app = make_app()
    handlers: dict[str, Any] = dict(app.providers["seeker"].handlers)
    handlers["getLeads"] = lambda call: Reply(Page([], {"metadata": {"total": 3}, "links": {}}))
    object.__setattr__(app.providers["seeker"], "handlers", handlers)

    problems = Run("getLeads", app, max_examples=2).problems

    assert any("server_error" in problem for problem in problems)


class Consumer(RuleBasedStateMachine):
    """A client that subscribes, creates leads, reads them, and looks at what became of its subscriptions."""

    base: ClassVar[MockServer]
    schema: ClassVar[Any]
    seen: ClassVar[Counter[str]]
    subscriptions = Bundle("subscriptions")

    def __init__(self) -> None:
        super().__init__()
        # A sandbox of its own; the contract is loaded once for all.
        self.app = MockServer(
            self.base.settings, self.base.providers, SandboxRegistry(self.base.settings, self.base.providers)
        )
        # Nothing is delivered, so that an audit has no attempts but those of the rule below.
        asyncio.run(self.app.dispatcher.stop())
        self.seeker = Seeker(TestClient(self.app, base_url="http://127.0.0.1:8080"))
        self.seeker.client.auth = httpx2.Auth()
        self.known: dict[str, dict[str, Any]] = {}
        self.created = 0
        self.came = 0

    def call(self, method: str, path: str, template: str, status: int = 200, **sent: Any) -> Any:
        """A call of which the outcome is known; its answer is checked by Schemathesis too."""
        reply = self.seeker.client.request(method, BASE + path, **sent)
        assert reply.status_code == status, reply.text
        self.schema[f"/seeker-leads/v1{template}"][method].validate_response(reply)
        self.seen[f"{method} {template} {status}"] += 1
        return reply.json()

    @rule(target=subscriptions, status=st.sampled_from(["ACTIVE", "INACTIVE"]))
    def subscribe(self, status: str) -> str:
        body = {"url": f"{URL}/{len(self.known)}", "apiKey": "k", "status": status}
        made = self.call("POST", "/webhook/subscriptions", "/webhook/subscriptions", 201, json=body)
        assert (made["url"], made["status"]) == (body["url"], status)
        self.known[made["subscriptionId"]] = made
        id: str = made["subscriptionId"]
        return id

    @rule()
    def list_them(self) -> None:
        listed = self.call("GET", "/webhook/subscriptions", "/webhook/subscriptions")
        assert listed["items"] == list(self.known.values())

    @rule(id=subscriptions, status=st.sampled_from(["ACTIVE", "INACTIVE"]))
    def update(self, id: str, status: str) -> None:
        path = "/webhook/subscriptions/{id}"
        changed = self.call("PUT", path.format(id=id), path, json={"status": status})
        assert changed == {**self.known[id], "status": status, "updatedAt": changed["updatedAt"]}
        self.known[id] = changed

    @rule(id=subscriptions, succeeded=st.booleans())
    def audit(self, id: str, succeeded: bool) -> None:
        path = "/webhook/subscriptions/{id}/audit"
        before = self.call("GET", path.format(id=id), path, params={"limit": 100})
        now = self.app.sandbox.clock.now()
        self.app.sandbox.webhooks.record(id, DeliveryAttempt(at=now, lead="x", succeeded=succeeded))
        after = self.call("GET", path.format(id=id), path, params={"limit": 100})
        # The dispatcher is at work, too: leads that were created are told, and nobody listens.
        recorded = [[event for event in audit["recentEvents"] if event["leadId"] == "x"] for audit in (before, after)]
        assert recorded[1][1:] == recorded[0]
        assert (after["lastSuccessTimestamp"] != before["lastSuccessTimestamp"]) <= succeeded

    @rule(id=consumes(subscriptions))
    def delete(self, id: str) -> None:
        path = "/webhook/subscriptions/{id}"
        gone = self.call("DELETE", path.format(id=id), path)
        assert gone == {**self.known.pop(id), "message": gone["message"]}
        self.call("DELETE", path.format(id=id), path, 404)

    @rule(count=st.integers(1, 6), seconds=st.integers(0, 3))
    def create(self, count: int, seconds: int) -> None:
        for _ in range(count):
            self.call("POST", "/leads", "/leads", json=new_lead(self.seeker))
        self.created += count
        self.wait(seconds)

    @rule(seconds=st.integers(0, 3))
    def wait(self, seconds: int) -> None:
        self.app.sandbox.clock.advance(seconds)
        if seconds >= 2:
            self.came = self.created

    @rule(limit=st.integers(1, 3))
    def read(self, limit: int) -> None:
        now = self.app.sandbox.clock.now()
        query = {"minDate": NOW + 1, "maxDate": NOW + 7 * DAY, "limit": limit}
        found: list[Any] = []
        path = f"/leads?{urlencode(query)}"
        arrived = self.seeker.leads(NOW + 1, NOW + 7 * DAY).status_code != 404
        while arrived:
            reply = self.seeker.client.get(BASE + path)
            self.schema["/seeker-leads/v1/leads"]["GET"].validate_response(reply)
            self.seen[f"a page with {reply.status_code}"] += 1
            found += reply.json()["items"]
            if reply.status_code == 200:
                break
            path = reply.json()["links"]["next"].partition(BASE)[2]
        assert self.came <= len(found) <= self.created
        for lead in found:
            id = lead["metadata"]["leadId"]
            assert self.call("GET", f"/leads/{id}", "/leads/{leadId}") == lead
            assert lead["metadata"]["ingestionDate"] <= now


def test_a_client_subscribes_audits_deletes_creates_and_reads(make_app: MakeApp) -> None:
    class Machine(Consumer):
        base: ClassVar[MockServer] = make_app()
        schema: ClassVar[Any] = load(base)
        seen: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(Machine, settings=settings(max_examples=24, stateful_step_count=20))

    assert set(Machine.seen) >= {
        "POST /webhook/subscriptions 201",
        "GET /webhook/subscriptions 200",
        "PUT /webhook/subscriptions/{id} 200",
        "GET /webhook/subscriptions/{id}/audit 200",
        "DELETE /webhook/subscriptions/{id} 200",
        "DELETE /webhook/subscriptions/{id} 404",
        "POST /leads 200",
        "GET /leads/{leadId} 200",
        "a page with 200",
        "a page with 206",
    }, Machine.seen
