"""Schemathesis over every operation of the contract as served, in process, with guards against passing for nothing."""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any, ClassVar

import pytest
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mockserver.contract import load_contract
from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.provider_api.call import Reply
from mockserver.provider_api.pages import Page
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.engine import EMAILS, EngineRun, configuration
from tests.support.in_process import TestClient

pytestmark = pytest.mark.no_cover
"""Thousands of calls, mostly by code that other tests reach too: not traced, which would cost much of their time."""

MakeApp = Callable[..., MockServer]

CONTRACT = load_contract("apimo", resource("contracts", "apimo.yaml"))
EXISTING: dict[str, list[Any]] = {
    "agency_id": [101, 102],
    "lead_id": [170_001, 170_002],
    "request_id": [156_001, 156_002],
    "property_id": [5_120_001, 5_120_047],
    "catalog_id": ["lead_type", "property_type"],
}
"""Values of path parameters that the small world has; without them nearly every call would end in a 404.

Of leads, requests and properties the first is of the first agency, the second of the second.
"""

CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
}
"""What must have been checked at least once over a run; the rest of the built-in checks has nothing to bite on here."""

_WRITTEN = st.one_of(
    st.just(""), st.dates().map(str), st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat(" "))
)
schemathesis.openapi.format("mysql-datetime", _WRITTEN.filter(lambda text: not text.startswith("0")))
schemathesis.openapi.format("email-or-empty", st.one_of(st.just(""), EMAILS))


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


class Run(EngineRun):
    """A run of the engine over Apimo's document."""

    def __init__(
        self, operation: str, app: MockServer, *, max_examples: int = 12, password: str = AUTH[1], seed: int = 1
    ) -> None:
        super().__init__(load(app, configured(max_examples, password, seed)).include(operation_id=operation))


@cache
def run_of(operation: str) -> Run:
    """The run of an operation that tests share."""
    return Run(operation, fresh())


def fresh() -> MockServer:
    """An application over the small world that was never called."""
    return build(Settings(world="small", now=NOW, journal_size=1))


def configured(max_examples: int = 1, password: str = AUTH[1], seed: int = 1) -> schemathesis.Config:
    """The engine with the values of the small world, as Apimo's client."""
    places = {f"path.{name}": name for name in EXISTING}
    auth = {"basic": {"username": AUTH[0], "password": password}}
    return configuration(EXISTING, places, auth, max_examples=max_examples, seed=seed)


def load(app: MockServer, config: schemathesis.Config | None = None) -> Any:
    """The served document with existing values as examples of its path parameters, bound to the application."""
    document = TestClient(app, base_url="http://127.0.0.1:8080").get("/__admin/contracts/apimo").json()
    for name in EXISTING:
        document["components"]["parameters"][name]["example"] = EXISTING[name][0]
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        schemas[name] = with_siblings(schema, schemas)
    loaded = schemathesis.openapi.from_dict(document, config=config or configured())
    loaded.app = app
    loaded.hooks.hook("map_case")(lambda context, case: sensible(case))
    return loaded


def sensible(case: Any) -> Any:
    """A case of good data whose lead, request or property is one of its agency. A case of bad data is left alone."""
    if case.meta.generation.mode.value == "positive":
        for name, value in (case.path_parameters or {}).items():
            if name not in ("agency_id", "catalog_id") and value in EXISTING[name]:
                case.path_parameters["agency_id"] = EXISTING["agency_id"][EXISTING[name].index(value)]
                break
    return case


def with_siblings(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The same rules without members beside a `$ref`: Schemathesis lets those hide what the `$ref` says."""
    if "$ref" not in schema or not schema.keys() & {"required", "properties"}:
        return schema
    merged: dict[str, Any] = deepcopy(schemas[schema["$ref"].rpartition("/")[2]])
    for name, member in schema.get("properties", {}).items():
        merged["properties"][name] = {"allOf": [merged["properties"][name], member]}
    return {**merged, "required": schema.get("required", [])}


def constrained(operation: str) -> bool:
    """Whether data can be wrong at all: a body, or a parameter of the query that is not free text."""
    of = CONTRACT.operations[operation]
    return bool(of.body) or any(parameter.type != "string" for parameter in of.query_parameters.values())


@pytest.mark.parametrize("operation", CONTRACT.operations)
def test_every_operation_keeps_its_contract_for_good_data_and_bad(operation: str) -> None:
    run = run_of(operation)

    assert run.problems == []
    assert run.selected == 1
    assert run.checks.keys() >= CHECKS
    # None of this may be true of nothing: good data is accepted, and what is refused is refused for its data.
    assert run.accepted("coverage") > 0.15
    assert run.accepted("fuzzing") > 0.5
    assert run.seen(status=401), "nobody tried without credentials"
    assert run.seen(status=405, mode="negative")
    if constrained(operation):
        assert run.seen(status=422, mode="negative")
    if CONTRACT.operations[operation].body:
        assert run.seen(status=415, mode="negative")
        assert run.seen(status=200, mode="positive") > 100


def test_schemathesis_sees_every_operation_of_the_contract(make_app: MakeApp) -> None:
    schema = load(make_app())
    ids = [found.ok().definition.raw["operationId"] for found in schema.get_all_operations()]

    assert sorted(ids) == sorted(CONTRACT.operations)
    assert schema.statistic.operations.selected == len(CONTRACT.operations)


def test_two_runs_send_the_same_requests_and_get_the_same_answers() -> None:
    # One after the other: Hypothesis draws from the code that is loaded, which calls of other operations add to.
    first, second = (Run("updateRequest", fresh()).calls for _ in range(2))

    assert len(first) > 400
    assert first == second


def test_a_run_finds_an_operation_that_breaks_its_contract(make_app: MakeApp) -> None:
    app = make_app()
    handlers: dict[str, Any] = dict(app.providers["apimo"].handlers)
    handlers["listUsers"] = lambda call: Reply(Page([], {"users_total": 3}))
    object.__setattr__(app.providers["apimo"], "handlers", handlers)

    problems = Run("listUsers", app, max_examples=2).problems

    assert any("server_error" in problem for problem in problems)


def test_a_run_with_a_wrong_password_does_not_pass_for_a_good_one(make_app: MakeApp) -> None:
    run = Run("listUsers", make_app(), max_examples=2, password="wrong")

    assert run.accepted("coverage") == 0
    assert run.accepted("fuzzing") == 0


def basic(credentials: str) -> str:
    """The header of HTTP Basic."""
    return "Basic " + b64encode(credentials.encode()).decode()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, "There is no Authorization header"),
        ("", "The Authorization header is empty"),
        (basic(f"4322:{AUTH[1]}"), "User or password is wrong"),
        (basic(f"{AUTH[0]}:{AUTH[1][:-1]}0"), "User or password is wrong"),
        (basic(f"{AUTH[0]}:"), "User or password is wrong"),
        (basic(AUTH[0]), "no colon"),
        (f"Basic {AUTH[0]}:{AUTH[1]}", "not base64"),
        ("Basic", "no colon"),
        (f"Bearer {AUTH[1]}", "scheme is 'Bearer'"),
        (f"{AUTH[0]}:{AUTH[1]}", "scheme is not the name of a scheme"),
        (f"Provider {AUTH[0]}:{AUTH[1]}", "scheme is 'Provider'"),
    ],
)
def test_other_credentials_are_told_why_they_do_not_do(make_app: MakeApp, header: str | None, said: str) -> None:
    client = TestClient(make_app(), base_url="http://127.0.0.1:8080")
    headers = {} if header is None else {"authorization": header}

    reply = client.get("/apimo/agencies/101/leads", headers=headers)

    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith('Basic realm="Apimo"')
    assert said in reply.json()["detail"]
    assert AUTH[1] not in reply.text


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_name_of_the_scheme_may_be_written_in_any_case(make_app: MakeApp, scheme: str) -> None:
    client = TestClient(make_app(), base_url="http://127.0.0.1:8080")
    header = basic(":".join(AUTH)).replace("Basic", scheme)

    assert client.get("/apimo/catalogs", headers={"authorization": header}).status_code == 200


class Consumer(RuleBasedStateMachine):
    """A client that writes leads and requests in any order, with a model of what it must read afterwards."""

    base: ClassVar[MockServer]
    schema: ClassVar[Any]
    seen: ClassVar[Counter[str]]
    lead_ids = Bundle("lead_ids")
    request_ids = Bundle("request_ids")

    def __init__(self) -> None:
        super().__init__()
        # A sandbox of its own; the contract is loaded once for all.
        self.app = MockServer(
            self.base.settings, self.base.providers, SandboxRegistry(self.base.settings, self.base.providers)
        )
        self.client = TestClient(self.app, base_url="http://127.0.0.1:8080")
        self.client.auth = AUTH
        self.leads: dict[int, dict[str, Any]] = {}
        self.requests: dict[int, dict[str, Any]] = {}
        self.before = {name: len(self.all(name)) for name in ("leads", "requests")}
        self.properties = self.all("properties")

    def call(self, method: str, path: str, template: str, body: Any = None) -> Any:
        """A call that must work; its answer is checked by Schemathesis too, and not by our own validators alone."""
        reply = self.client.request(method, f"/apimo/agencies/101/{path}", json=body)
        assert reply.status_code == 200, reply.text
        self.schema[f"/agencies/{{agency_id}}/{template}"][method].validate_response(reply)
        return reply.json()

    def all(self, name: str) -> dict[int, dict[str, Any]]:
        """A list read in pages, by id."""
        found: dict[int, dict[str, Any]] = {}
        while True:
            page = self.call("GET", f"{name}?limit=20&offset={len(found)}", name)
            found |= {item["id"]: item for item in page[name]}
            if page["total_items"] <= len(found):
                return found
            assert page[name], "a page before the last one is empty"

    @initialize(target=lead_ids)
    def begin_with_a_lead(self) -> Any:
        return self.create_lead("Petit", 0)

    @initialize(target=request_ids)
    def begin_with_a_request(self) -> Any:
        return self.create_request("1", "", 400_000)

    @rule(target=lead_ids, lastname=NAMES, price=st.integers(0, 10**9))
    def create_lead(self, lastname: str, price: int) -> int:
        self.seen["create_lead"] += 1
        reference = f"mine-{len(self.leads)}"
        receipt = self.call(
            "POST", "leads", "leads", {"reference": reference, "lastname": lastname, "price_max": str(price)}
        )
        assert receipt["id"] not in self.leads
        self.leads[receipt["id"]] = {
            "reference": reference,
            "parent": None,
            "lastname": lastname,
            "message": "",
            "step": "1",
            **{name: receipt[name] for name in ("created_at", "updated_at")},
        }
        return int(receipt["id"])

    @rule(target=lead_ids, lead=lead_ids)
    def create_the_same_lead_again(self, lead: int) -> int:
        self.seen["create_the_same_lead_again"] += 1
        reference = self.leads[lead]["reference"]
        first = min(id for id, known in self.leads.items() if known["reference"] == reference)
        receipt = self.call("POST", "leads", "leads", {"reference": reference})
        self.leads[receipt["id"]] = {"reference": reference, "parent": first, "lastname": None, "message": ""}
        return int(receipt["id"])

    @rule(lead=lead_ids, message=NAMES, step=st.sampled_from("1234"))
    def update_lead(self, lead: int, message: str, step: str) -> None:
        self.seen["update_lead"] += 1
        receipt = self.call("PUT", f"leads/{lead}", "leads/{lead_id}", {"message": message, "step": step})
        self.leads[lead] |= {"message": message, "step": step, "updated_at": receipt["updated_at"]}

    @rule()
    def list_leads(self) -> None:
        self.seen["list_leads"] += 1
        listed = self.all("leads")
        assert len(listed) == self.before["leads"] + len(self.leads)
        for id, known in self.leads.items():
            assert listed[id].items() >= known.items()

    @rule(
        target=request_ids,
        category=st.sampled_from("12"),
        types=st.sampled_from(["1", "2", "1,2", ""]),
        price=st.sampled_from([10_000_000, 400_000]),
    )
    def create_request(self, category: str, types: str, price: int) -> int:
        self.seen["create_request"] += 1
        body = {"contact": "1", "user": "3801", "category": category, "country": "FR", "types": types}
        receipt = self.call("POST", "requests", "requests", {**body, "price": {"max": str(price)}})
        self.requests[receipt["id"]] = {
            "category": category,
            "types": [type for type in types.split(",") if type],
            "price": {"min": None, "max": str(price), "currency": "EUR"},
            "active": True,
        }
        return int(receipt["id"])

    @rule(request=request_ids, active=st.booleans(), rooms=st.integers(1, 5))
    def update_request(self, request: int, active: bool, rooms: int) -> None:
        self.seen["update_request"] += 1
        body = {"active": str(int(active)), "rooms": str(rooms)}
        receipt = self.call("PUT", f"requests/{request}", "requests/{request_id}", body)
        self.requests[request] |= {"active": active, "rooms": rooms, "updated_at": receipt["updated_at"]}

    @rule()
    def list_requests(self) -> None:
        self.seen["list_requests"] += 1
        listed = self.all("requests")
        assert len(listed) == self.before["requests"] + len(self.requests)
        for id, known in self.requests.items():
            assert listed[id].items() >= known.items()

    @rule(request=request_ids)
    def cross(self, request: int) -> None:
        self.seen["cross"] += 1
        known = self.requests[request]
        found = self.call("GET", f"requests/{request}/crossings", "requests/{request_id}/crossings")["crossings"]
        assert known["active"] or not found
        for match in found:
            shown = self.properties[match["property_id"]]
            assert str(shown["category"]) == known["category"]
            assert not known["types"] or str(shown["type"]) in known["types"]
            path = f"properties/{shown['id']}/crossings"
            back = self.call("GET", path, "properties/{property_id}/crossings")["crossings"]
            del match["property_id"]
            assert {"request_id": request, **match} in back
            self.seen["a match seen from both sides"] += 1

    @rule(seconds=st.integers(1, 100_000))
    def let_time_pass(self, seconds: int) -> None:
        self.seen["let_time_pass"] += 1
        self.app.sandbox.clock.advance(seconds)


def test_whatever_a_client_writes_it_reads_back(make_app: MakeApp) -> None:
    class Machine(Consumer):
        base: ClassVar[MockServer] = make_app()
        schema: ClassVar[Any] = load(base)
        seen: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(Machine, settings=settings(max_examples=13, stateful_step_count=20))

    rules = {rule.function.__name__ for rule in Machine().rules}
    assert len(rules) == 9
    assert rules | {"a match seen from both sides"} == set(Machine.seen), Machine.seen
