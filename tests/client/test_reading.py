"""The typed client against the OpenAPI document of the admin API: it reads every property of every answer."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mockserver.admin.endpoints import ENDPOINTS
from mockserver.admin.openapi import make_document
from mockserver.client import Client, ProviderHandle, SandboxHandle
from mockserver.client.connection import AdminConnection

DOCUMENT = make_document(ENDPOINTS)
NAMES = ("apimo", "gsl")
"""Keys of every mapping in a sample: those by provider must be names of providers."""
STATUSES = ("200", "404")
"""Keys of mappings by status."""
A_TIME = "2026-01-01T00:00:00Z"

Call = Callable[[Client, SandboxHandle, ProviderHandle], Any]
CALLS: Mapping[str, Call] = {
    "live": lambda client, sandbox, provider: client.is_live(),
    "ready": lambda client, sandbox, provider: client.is_ready(),
    "version": lambda client, sandbox, provider: client.release(),
    "getHosts": lambda client, sandbox, provider: client.hosts(),
    "getOpenapi": lambda client, sandbox, provider: client.openapi(),
    "getContract": lambda client, sandbox, provider: client.contract("gsl"),
    "getFidelity": lambda client, sandbox, provider: client.fidelity(),
    "listScenarios": lambda client, sandbox, provider: client.scenarios(),
    "listSandboxes": lambda client, sandbox, provider: client.sandboxes.listing(),
    "createSandbox": lambda client, sandbox, provider: client.sandboxes.create(),
    "loadCapsule": lambda client, sandbox, provider: client.sandboxes.load(b"capsule"),
    "getSandbox": lambda client, sandbox, provider: sandbox.description(),
    "makeSnapshot": lambda client, sandbox, provider: sandbox.snapshot(),
    "getClock": lambda client, sandbox, provider: sandbox.clock.state(),
    "setClock": lambda client, sandbox, provider: sandbox.clock.advance("PT1H"),
    "listFaults": lambda client, sandbox, provider: sandbox.faults.list(),
    "addFault": lambda client, sandbox, provider: sandbox.faults.next(status=503),
    "getFault": lambda client, sandbox, provider: sandbox.faults.get("f1"),
    "getScenario": lambda client, sandbox, provider: sandbox.scenario.state(),
    "startScenario": lambda client, sandbox, provider: sandbox.scenario.start("stale-cursor"),
    "signalScenario": lambda client, sandbox, provider: sandbox.scenario.signal("down"),
    "getLeads": lambda client, sandbox, provider: sandbox.leads.page(),
    "addLeads": lambda client, sandbox, provider: sandbox.leads.arrive(),
    "getLead": lambda client, sandbox, provider: sandbox.leads.get(1),
    "changeLead": lambda client, sandbox, provider: sandbox.leads.update(1, message="x"),
    "duplicateLead": lambda client, sandbox, provider: sandbox.leads.duplicate(1),
    "eraseLead": lambda client, sandbox, provider: sandbox.leads.erase(1),
    "eraseSeeker": lambda client, sandbox, provider: sandbox.seekers.erase(1),
    "rotateAccess": lambda client, sandbox, provider: provider.rotate(),
    "rotateKeys": lambda client, sandbox, provider: sandbox.tokens.rotate_keys("gsl"),
    "getWebhooks": lambda client, sandbox, provider: (
        sandbox.webhooks.subscriptions,
        sandbox.webhooks.deliveries,
        sandbox.webhooks.counts,
    ),
    "flushWebhooks": lambda client, sandbox, provider: sandbox.webhooks.flush(),
    "listDeliveryFaults": lambda client, sandbox, provider: sandbox.webhooks.delivery_faults.list(),
    "addDeliveryFault": lambda client, sandbox, provider: sandbox.webhooks.delivery_faults.next("duplicate"),
    "getDeliveryFault": lambda client, sandbox, provider: sandbox.webhooks.delivery_faults.get("w1"),
    "getJournal": lambda client, sandbox, provider: sandbox.journal.page(),
    "getHar": lambda client, sandbox, provider: sandbox.journal.har(),
    "verifyCalls": lambda client, sandbox, provider: sandbox.verify(),
    "getCoverage": lambda client, sandbox, provider: sandbox.coverage(),
}
"""A call of the client for each operation that answers JSON."""


class Answer(dict[str, Any]):
    """An object of an answer that notes the members that were read."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self.unread = set(members)

    def __getitem__(self, name: str) -> Any:
        self.unread.discard(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.unread.discard(name)
        return super().get(name, default)

    def items(self) -> Any:
        self.unread.clear()
        return super().items()


def sample(schema: Mapping[str, Any]) -> Any:
    """A value that a schema allows, with every member, and two of whatever there may be many of."""
    if "$ref" in schema:
        return sample(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return sample(next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            return Answer({name: sample(member) for name, member in schema["properties"].items()})
        case "object" if "patternProperties" in schema:
            (counted,) = schema["patternProperties"].values()
            return {status: sample(counted) for status in STATUSES}
        case "object":
            additional = schema.get("additionalProperties")
            return {name: sample(additional if isinstance(additional, Mapping) else {}) for name in NAMES}
        case "array":
            return [sample(schema.get("items", {})), sample(schema.get("items", {}))]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
    return A_TIME


def unread(value: Any, pointer: str = "") -> Iterator[str]:
    """The members that nobody has read, in objects that somebody has."""
    if isinstance(value, Answer):
        yield from (f"{pointer}/{name}" for name in value.unread)
        value = {name: member for name, member in dict.items(value) if name not in value.unread}
    if isinstance(value, dict):
        for name, member in value.items():
            yield from unread(member, f"{pointer}/{name}")
    elif isinstance(value, list):
        for member in value:
            yield from unread(member, f"{pointer}/-")


class SampleConnection(AdminConnection):
    """A connection to a server that answers each call with a sample of what its document says."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:8080", None)
        self.answers: dict[str, Any] = {}
        """The answer of each operation that was called: one, so that several calls may share the reading."""

    def call(self, method: str, path: str, *, body: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        operation = next(
            item[method.lower()]
            for template, item in DOCUMENT["paths"].items()
            if re.fullmatch(re.sub(r"\\?\{\w+\\?\}", "[^/]+", re.escape(template)), path) and method.lower() in item
        )
        schema = answer_schema(operation)
        return None if schema is None else self.answers.setdefault(operation["operationId"], sample(schema))

    def post_file(self, path: str, file: bytes, params: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        return self.call("POST", path)


def answer_schema(operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of an operation's answer, if that is JSON."""
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "application/json" in answer.get("content", {}):
            schema: Mapping[str, Any] = answer["content"]["application/json"]["schema"]
            return schema
    return None


def test_the_client_has_a_call_for_every_operation_that_answers() -> None:
    answering = {
        operation["operationId"]
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if answer_schema(operation) is not None and not operation["operationId"].endswith("OfDefault")
    }
    assert set(CALLS) == answering


@pytest.mark.parametrize("operation", CALLS)
def test_every_property_of_an_answer_is_read(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = SampleConnection()
    monkeypatch.setattr("mockserver.client.client.AdminConnection", lambda url, token: connection)
    client = Client()
    sandbox = client.sandbox("mine")
    CALLS[operation](client, sandbox, ProviderHandle(sandbox, connection, "gsl"))
    assert list(unread(connection.answers[operation])) == []


def test_a_member_that_is_not_read_would_be_noticed() -> None:
    answer = sample({"$ref": "#/components/schemas/JournalPageSchema"})
    assert set(unread(answer)) == {"/entries", "/total", "/evicted"}
    assert answer["entries"][1]["fault"]["id"]
    assert {"/total", "/entries/-/id", "/entries/-/fault", "/entries/-/fault/kind"} <= set(unread(answer))
