"""A client that a generator made from the served contract works over TCP, typed models and all."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import urlopen

import pytest

from mockserver.contract import load_contract
from mockserver.foundation.resources import resource
from tests.conftest import AUTH, Served

PACKAGE = "apimo_client_for_tests"
CONTRACT = load_contract("apimo", resource("contracts", "apimo.yaml"))
AGENCY = 101

Operation = Callable[..., Any]


@pytest.fixture(scope="module")
def generated(live: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a package made by openapi-python-client from the document that the server hands out."""
    folder = tmp_path_factory.mktemp("generated")
    with urlopen(f"{live.url}/__admin/contracts/apimo") as reply:
        (folder / "apimo.json").write_bytes(reply.read())
    # No formatting afterwards: nothing but the generator is asked.
    config = {"post_hooks": [], "package_name_override": PACKAGE}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "apimo.json", "--meta", "none"]
    command += ["--config", "config.json", "--output-path", PACKAGE, "--fail-on-warning"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def client(generated: Path, live: Served) -> Iterator[Any]:
    """A client as its user makes one: the address, and HTTP Basic by hand since the generator knows tokens only."""
    token = base64.b64encode(":".join(AUTH).encode()).decode()
    package = import_module(PACKAGE)
    with package.AuthenticatedClient(base_url=f"{live.url}/apimo", token=token, prefix="Basic") as made:
        yield made


def operation(name: str) -> Operation:
    """The function of an operation that gives the whole answer, status and all."""
    found: Operation = import_module(f"{PACKAGE}.api.default.{name}").sync_detailed
    return found


def model(name: str) -> Any:
    """A class that the generator made of a schema."""
    module: ModuleType = import_module(f"{PACKAGE}.models")
    return getattr(module, name)


def test_every_operation_becomes_a_function(generated: Path) -> None:
    modules = {path.stem for path in (generated / "api" / "default").glob("*.py")} - {"__init__"}

    assert {name.replace("_", "") for name in modules} == {id.lower() for id in CONTRACT.operations}


def test_leads_are_listed_in_two_pages(client: Any) -> None:
    list_leads = operation("list_leads")
    pages = [list_leads(AGENCY, client=client, limit=7, offset=offset).parsed for offset in (0, 7)]
    whole = list_leads(AGENCY, client=client, limit=14).parsed

    assert [type(page).__name__ for page in pages] == ["LeadList", "LeadList"]
    assert [len(page.leads) for page in pages] == [7, 7]
    assert pages[0].leads + pages[1].leads == whole.leads
    assert len({lead.id for lead in whole.leads}) == 14
    assert whole.total_items > 14
    assert whole.timestamp > 0
    assert type(whole.leads[0].criteria).__name__ == "Criteria"


def test_a_lead_is_created_updated_and_read_back(client: Any) -> None:
    body = model("LeadInput")(reference="generated-1", lastname="Bréhan", type_="1", price_max=350_000)
    created = operation("create_lead")(AGENCY, client=client, body=body)
    assert created.status_code == 200
    lead = created.parsed.id
    change = model("LeadUpdate")(message="À rappeler", step=2)
    updated = operation("update_lead")(AGENCY, lead, client=client, body=change)
    assert updated.parsed == created.parsed

    since = operation("list_leads")(AGENCY, client=client, limit=1).parsed.timestamp
    news = operation("list_leads")(AGENCY, client=client, timestamp=since).parsed.leads
    shown = next(entry for entry in news if entry.id == lead)
    assert (shown.reference, shown.lastname, shown.message) == ("generated-1", "Bréhan", "À rappeler")
    assert (shown.type_, shown.step, shown.criteria.price.max_) == ("1", "2", 350_000)
    assert shown.email in ("", None)


def test_a_request_is_created_updated_and_matched(client: Any) -> None:
    needed = {"contact": "1", "user": "3801", "category": "1", "country": "FR"}
    created = operation("create_request")(AGENCY, client=client, body=model("RequestInput")(**needed, types="1,2"))
    request = created.parsed.id
    operation("update_request")(AGENCY, request, client=client, body=model("RequestInput")(active=True, margin=20))
    matches = operation("list_request_crossings")(AGENCY, request, client=client).parsed.crossings

    assert matches
    back = operation("list_property_crossings")(AGENCY, matches[0].property_id, client=client).parsed.crossings
    assert request in [match.request_id for match in back]
    assert operation("get_property")(AGENCY, matches[0].property_id, client=client).parsed.type_ in (1, 2)


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("list_requests", "requests"),
        ("list_properties", "properties"),
        ("list_contacts", "contacts"),
        ("list_users", "users"),
    ],
)
def test_every_list_of_an_agency_fits_the_generated_models(client: Any, name: str, member: str) -> None:
    reply = operation(name)(AGENCY, client=client, limit=50)

    assert len(getattr(reply.parsed, member)) > 2
    assert reply.parsed.to_dict() == json.loads(reply.content)


def test_agencies_and_catalogs_fit_the_generated_models_too(client: Any) -> None:
    agencies = operation("list_agencies")(client=client).parsed.agencies
    catalogs = operation("list_catalogs")(client=client).parsed
    entries = operation("get_catalog")(catalogs[0].name, client=client, culture="en").parsed

    assert [agency.id for agency in agencies] == ["101", "102"]
    assert [entry.culture for entry in entries] == ["en"] * len(entries)


def test_a_refusal_is_the_generated_problem(client: Any) -> None:
    refused = operation("list_leads")(103, client=client)

    assert refused.status_code == 403
    assert type(refused.parsed).__name__ == "Problem"
    assert refused.parsed.detail.startswith("Agency 103 exists")
