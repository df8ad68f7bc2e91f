"""The admin API against its own OpenAPI document: complete, valid, and kept under good data and bad."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from openapi_spec_validator import validate

from mockserver.admin.endpoints import ENDPOINTS
from mockserver.admin.openapi import make_document
from mockserver.server.app import MockServer
from tests.support.engine import EngineRun
from tests.support.in_process import TestClient

pytestmark = pytest.mark.no_cover
"""A sweep: other tests reach the same code, and tracing this one takes long."""

MakeApp = Callable[..., MockServer]

DOCUMENT = make_document(ENDPOINTS)
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
IN_PATH: dict[str, list[Any]] = {
    "sandbox": ["default"],
    "provider": ["gsl"],
    "fault": ["f1"],
    "delivery_fault": ["w1"],
    "lead": ["newest", "oldest:102"],
    "seeker": [4_942_073],
    "agency": [101, 102],
}
"""Values of path parameters that the small world has."""
GOOD_BODIES: dict[str, list[Any]] = {
    "createSandbox": [{"id": "mine"}, {}],
    "restoreSnapshot": [{"snapshot": "s1"}],
    "setClock": [{"advance": "PT1H"}, {"frozen": True}, {"set": "2026-02-01T00:00:00Z"}],
    "addFault": [{"kind": "status", "status": 503}, {"kind": "delay", "delay_ms": 0}],
    "addDeliveryFault": [{"kind": "duplicate", "copies": 3}, {"kind": "delay", "seconds": 60}],
    "startScenario": [{"name": "quota-reached"}],
    "signalScenario": [{"name": "down"}],
    "rotateAccess": [{}],
}
"""Bodies that mean something: what a schema allows is often refused for what it says together."""
TOKEN = "let-me-in"
ONE_THAT_MAY_GO = "expendable"
TRIED = [
    name
    for name in OPERATIONS
    # Those of the default sandbox are the same rows, a stream has no end, and no schema makes a file in gzip.
    if not name.endswith("OfDefault") and name not in ("followJournal", "loadCapsule")
]


def test_the_document_is_openapi_3_1() -> None:
    validate(DOCUMENT)


def test_the_document_is_served_as_it_is_made(client: TestClient) -> None:
    assert client.get("/__admin/openapi.json").json() == DOCUMENT


def test_every_route_is_in_the_document_and_nothing_else(client: TestClient) -> None:
    for path, item in DOCUMENT["paths"].items():
        for name, values in IN_PATH.items():
            path = path.replace(f"{{{name}}}", str(values[0]))
        answer = client.request("TRACE", f"/__admin{path}")
        allowed = {*(method.upper() for method in item), *(["HEAD"] if "get" in item else [])}
        assert (answer.status_code, answer.headers["allow"]) == (405, ", ".join(sorted(allowed)))


def test_what_is_below_a_sandbox_is_there_without_it_for_the_default_one() -> None:
    below = "/sandboxes/{sandbox}/"
    paths = DOCUMENT["paths"]
    shortened = [path for path in paths if path.startswith(below)]
    assert len(shortened) > 20
    for path in shortened:
        assert set(paths[path]) == set(paths["/" + path.removeprefix(below)])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_says_what_it_does_and_how_it_refuses(operation: str) -> None:
    method, path, described = OPERATIONS[operation]
    assert described["summary"]
    statuses = set(described["responses"])
    assert statuses & {"200", "201", "204"}
    assert {"400", "500"} <= statuses
    assert path.startswith(("/health", "/version")) or {"401", "403"} <= statuses
    assert "{" not in path or "404" in statuses
    if "requestBody" in described:
        assert method != "GET"
        assert {"413", "415", "422"} <= statuses
    for status, answer in described["responses"].items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]


class Run(EngineRun):
    """A run of the engine over the admin API's document."""

    def __init__(self, operation: str, app: MockServer) -> None:
        document = prepared(operation)
        loaded = schemathesis.openapi.from_dict(document, config=configuration(operation))
        loaded.app = app
        super().__init__(loaded.include(operation_id=operation))


def configuration(operation: str) -> schemathesis.Config:
    """Everything on, nothing left to chance, and nothing learnt from one answer for the next request."""
    quiet = {"extra-data-sources": {"responses": False}}
    return schemathesis.Config.from_dict(
        {
            "seed": 1,
            "headers": {"authorization": f"Bearer {TOKEN}"},
            "generation": {
                "mode": "all",
                "max-examples": 3,
                "deterministic": True,
                "with-security-parameters": False,
            },
            # Data that a schema allows may still name what is not there; that this is told is checked by hand.
            "checks": {"positive_data_acceptance": {"enabled": False}},
            "phases": {"examples": quiet, "coverage": quiet, "fuzzing": quiet, "stateful": {"enabled": False}},
            "dictionaries": {
                name: {"values": [ONE_THAT_MAY_GO] if operation == "deleteSandbox" else values}
                for name, values in IN_PATH.items()
            },
            "parameters": {f"path.{name}": {"dictionary": name, "probability": 0.9} for name in IN_PATH},
        }
    )


def prepared(operation: str) -> dict[str, Any]:
    """The path of an operation with good values as examples, under the address at which the application has it."""
    path = OPERATIONS[operation][1]
    document: dict[str, Any] = deepcopy({**DOCUMENT, "paths": {path: DOCUMENT["paths"][path]}})
    for described in document["paths"][path].values():
        for parameter in described.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["example"] = (
                    ONE_THAT_MAY_GO if operation == "deleteSandbox" else IN_PATH[parameter["name"]][0]
                )
        bodies = GOOD_BODIES.get(described["operationId"])
        if bodies:
            media = described["requestBody"]["content"]["application/json"]
            media["examples"] = {str(number): {"value": body} for number, body in enumerate(bodies)}
    document["servers"] = [{"url": "http://127.0.0.1:8080/__admin"}]
    return document


def ready(app: MockServer) -> None:
    """Something of everything that an operation may name."""
    client = TestClient(app, base_url="http://127.0.0.1:8080", headers={"authorization": f"Bearer {TOKEN}"})
    made = [
        client.post("/__admin/snapshot"),
        client.post("/__admin/sandboxes", json={"id": ONE_THAT_MAY_GO}),
        client.post("/__admin/faults", json={"kind": "status", "status": 503, "after": 1_000_000}),
        client.put("/__admin/scenario", json={"name": "outage-on-signal"}),
        client.post("/__admin/webhooks/delivery-faults", json={"kind": "erased"}),
    ]
    assert [answer.status_code for answer in made] == [200, 201, 201, 200, 201]


@pytest.mark.parametrize("operation", TRIED)
def test_every_operation_keeps_its_document_for_good_data_and_bad(operation: str, make_app: MakeApp) -> None:
    app = make_app(journal_size=5, admin_token=TOKEN, tls=operation == "getCertificate")
    ready(app)

    run = Run(operation, app)

    assert run.problems == []
    assert run.selected == 1
    good = sum(count for (_, mode, status), count in run.statuses.items() if mode == "positive" and status < 300)
    assert good, f"{operation} never did what it is for: {run.statuses}"
    if "requestBody" in OPERATIONS[operation][2]:
        assert any(status in (400, 422) for _, _, status in run.statuses)
