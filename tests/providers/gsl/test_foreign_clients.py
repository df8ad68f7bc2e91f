"""Clients that are not ours, over TCP: stock OAuth libraries, and clients that generators made from the contract."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.conftest import Served
from tests.support.patience import PATIENCE

CLIENT, SECRET, SCOPE = "mock-gsl-client", "mock-gsl-secret", "laas:leads:get"
BODY = {"SearchCriteria": {"StartDate": 0, "EndDate": 1_767_312_000}, "Pagination": {"Limit": 50}}


@pytest.fixture
def plain_http_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both OAuth libraries refuse plain HTTP unless told otherwise."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


def post_json(url: str, body: Any, **headers: str) -> Any:
    """The answer of a POST by the standard library."""
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json", **headers})
    with urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def walk(url: str, token: str) -> list[str]:
    """All lead ids, page by page, by the standard library."""
    ids: list[str] = []
    pagination: dict[str, Any] = {"Limit": 50}
    while True:
        answer = post_json(f"{url}/gsl/v2/leads", {**BODY, "Pagination": pagination}, authorization=f"Bearer {token}")
        ids += [lead["leadMetaInfos"]["leadId"] for lead in answer["Data"]["Items"]]
        if not answer["Data"].get("LastItemKey"):
            return ids
        pagination["LastItemKey"] = answer["Data"]["LastItemKey"]


@pytest.fixture(scope="module")
def token(live: Served) -> str:
    """A token by a JSON body, as the provider's own documents have it."""
    body = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, "scope": SCOPE}
    answer: dict[str, Any] = post_json(f"{live.url}/gsl/oauth/token", body)
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 86_400, SCOPE)
    return str(answer["access_token"])


@pytest.mark.usefixtures("plain_http_is_fine")
def test_requests_oauthlib_gets_a_token_and_uses_it(live: Served) -> None:
    from oauthlib.oauth2 import BackendApplicationClient
    from requests_oauthlib import OAuth2Session

    with OAuth2Session(client=BackendApplicationClient(client_id=CLIENT, scope=[SCOPE])) as session:
        session.fetch_token(f"{live.url}/gsl/oauth/token", client_secret=SECRET, include_client_id=True)
        answer = session.post(f"{live.url}/gsl/v2/leads", json=BODY)
    assert answer.json()["Count"] == 50


@pytest.mark.usefixtures("plain_http_is_fine")
@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_authlib_gets_a_token_and_uses_it(live: Served, method: str) -> None:
    from authlib.integrations.requests_client import OAuth2Session

    with OAuth2Session(CLIENT, SECRET, scope=SCOPE, token_endpoint_auth_method=method) as session:
        session.fetch_token(f"{live.url}/gsl/oauth/token", grant_type="client_credentials")
        answer = session.post(f"{live.url}/gsl/v2/leads", json=BODY)
    assert answer.json()["Count"] == 50


def test_a_stock_library_verifies_our_token_with_our_published_keys(live: Served, token: str) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    with urlopen(f"{live.url}/gsl/.well-known/openid-configuration", timeout=PATIENCE) as answer:
        configuration = json.load(answer)
    with urlopen(configuration["jwks_uri"], timeout=PATIENCE) as answer:
        keys = KeySet.import_key_set(json.load(answer))
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    assert claims["iss"] == configuration["issuer"]
    assert claims["scope"] == SCOPE
    assert claims["exp"] - claims["iat"] == 86_400
    assert (claims["azp"], claims["gty"], claims["sub"]) == (CLIENT, "client-credentials", f"{CLIENT}@clients")


@pytest.fixture(scope="module")
def document(live: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract as served."""
    path = tmp_path_factory.mktemp("contract") / "gsl.json"
    with urlopen(f"{live.url}/__admin/contracts/gsl", timeout=PATIENCE) as answer:
        path.write_bytes(answer.read())
    return path


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose packages can be imported for the length of a test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("gsl_"):
            del sys.modules[name]


def generate(command: str, *arguments: str) -> None:
    """Runs a generator that is installed beside this Python; its output is the message when it fails."""
    script = Path(sys.executable).parent / command
    run = subprocess.run([str(script), *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_client_of_openapi_python_client_walks_to_the_end(
    live: Served, token: str, document: Path, importable: Path
) -> None:
    config = importable / "config.yml"
    config.write_text("package_name_override: gsl_generated\nproject_name_override: gsl-generated\npost_hooks: []\n")
    target = importable / "made"
    options = ["--path", str(document), "--output-path", str(target), "--meta", "none", "--config", str(config)]
    generate("openapi-python-client", "generate", *options)
    target.rename(importable / "gsl_generated")
    package = importlib.import_module("gsl_generated")
    search = importlib.import_module("gsl_generated.api.default.search_leads")
    models = importlib.import_module("gsl_generated.models")
    ids: list[str] = []
    pagination: dict[str, Any] = {"Limit": 50}
    with package.AuthenticatedClient(base_url=f"{live.url}/gsl", token=token) as client:
        while True:
            body = models.SearchRequest.from_dict({**BODY, "Pagination": pagination})
            answer = search.sync(client=client, body=body).to_dict()
            ids += [lead["leadMetaInfos"]["leadId"] for lead in answer["Data"]["Items"]]
            if not answer["Data"].get("LastItemKey"):
                break
            pagination["LastItemKey"] = answer["Data"]["LastItemKey"]
    assert ids == walk(live.url, token)
    assert len(ids) > 100


@pytest.mark.slow
def test_a_client_of_openapi_generator_walks_to_the_end(
    live: Served, token: str, document: Path, importable: Path
) -> None:
    options = ["-i", str(document), "-g", "python", "-o", str(importable), "--package-name", "gsl_made"]
    generate("openapi-generator-cli", "generate", *options, "--skip-validate-spec")
    package = importlib.import_module("gsl_made")
    configuration = package.Configuration(host=f"{live.url}/gsl", access_token=token)
    ids: list[str] = []
    pagination: dict[str, Any] = {"Limit": 50}
    with package.ApiClient(configuration) as client:
        api = package.DefaultApi(client)
        while True:
            answer = api.search_leads(package.SearchRequest.from_dict({**BODY, "Pagination": pagination}))
            ids += [lead.actual_instance.lead_meta_infos.lead_id for lead in answer.data.items]
            if not answer.data.last_item_key:
                break
            pagination["LastItemKey"] = answer.data.last_item_key
    assert ids == walk(live.url, token)
