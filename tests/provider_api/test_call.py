"""A call, as handlers get it, and the context in which views show entities."""

import inspect
from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from mockserver.foundation.settings import Settings
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.provider import Provider
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.contracts import provider_names
from mockserver.providers.loading import lead_view
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.store import MemoryStore
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.in_process import TestClient


def call_of(operation: str, method: str, path: str, **request: Any) -> Call:
    """The call that the handler of an Apimo operation gets."""
    server = build(Settings(world="small", now=NOW))
    calls: list[Call] = []

    def handler(call: Call) -> Reply:
        calls.append(call)
        return Reply([])

    apimo = server.providers["apimo"]
    members = {field.name: getattr(apimo, field.name) for field in fields(Provider)}
    replaced = Provider(**{**members, "handlers": {**apimo.handlers, operation: handler}})
    providers = {**server.providers, "apimo": replaced}
    app = MockServer(server.settings, providers, SandboxRegistry(server.settings, providers))
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    client.request(method, f"/apimo{path}", auth=AUTH, **request)
    (call,) = calls
    return call


def test_a_call_has_its_account_its_address_and_its_headers() -> None:
    call = call_of("listLeads", "GET", "/agencies/101/leads?limit=1", headers={"X-One": b"\xe9"})
    assert call.authenticated_account.user == AUTH[0]
    assert call.authorization.user == AUTH[0]
    assert (call.base_url, call.raw_path) == ("http://127.0.0.1:8080/apimo", "/agencies/101/leads")
    assert (call.header("x-one"), call.header("x-two")) == ("é", None)
    assert (call.params["limit"], call.body) == (1, None)


def test_a_public_operation_has_no_account_and_says_so() -> None:
    call = call_of("listLeads", "GET", "/agencies/101/leads")
    nobody = Call(**{field.name: getattr(call, field.name) for field in fields(Call)} | {"account": None})
    with pytest.raises(RuntimeError, match="operation listLeads is public"):
        _ = nobody.authenticated_account


def test_a_call_takes_its_body_and_is_the_same_otherwise() -> None:
    call = call_of("createLead", "POST", "/agencies/101/leads", json={"reference": "R1"})
    assert call.body == {"reference": "R1"}
    before = {field.name: getattr(call, field.name) for field in fields(Call)}
    call.take_body([1], b"[1]")
    assert (call.body, call.raw_body) == ([1], b"[1]")
    assert all(getattr(call, name) is value for name, value in before.items() if name not in ("body", "raw_body"))


def test_a_stale_call_reads_the_world_as_it_was() -> None:
    call = call_of("listLeads", "GET", "/agencies/101/leads")
    stale = call.with_stale_store()
    assert stale.store is not call.store
    assert isinstance(stale.store, MemoryStore)
    assert (stale.sandbox, stale.view_context.store) == (call.sandbox, stale.store)


def test_the_context_of_a_call_is_the_context_of_its_sandbox_for_its_account() -> None:
    call = call_of("listLeads", "GET", "/agencies/101/leads")
    context = ViewContext.of(call.sandbox, call.contract, account=call.account, base_url=call.base_url)
    assert call.view_context == context
    assert context.variant("lead-ids") == call.variant("lead-ids")


@pytest.mark.parametrize("name", provider_names())
def test_a_view_takes_a_context_and_never_a_call(name: str) -> None:
    view = lead_view(name)
    entity, context = inspect.signature(view).parameters
    hints = get_type_hints(view)
    assert (hints[entity].__name__, hints[context]) == ("Enquiry", ViewContext)
