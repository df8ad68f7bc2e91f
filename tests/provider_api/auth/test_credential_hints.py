"""Refused credentials that would have fitted otherwise are told so in the journal, and never repeated."""

from base64 import b64encode, urlsafe_b64encode
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.conftest import AUTH, MakeClient
from tests.support.in_process import TestClient

USER, SECRET = AUTH
ODD = "a+b/c d%41~?>"
GSL = {"client_id": "mock-gsl-client", "client_secret": "mock-gsl-secret"}


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client without credentials of its own, of a server with an odd secret in sandbox `odd`."""
    client = make_client()
    client.auth = httpx2.Auth()
    credentials = {"apimo": {"provider": "77", "token": ODD}, "gsl": {"client_id": "us", "client_secret": ODD}}
    assert client.post("/__admin/sandboxes", json={"id": "odd", "credentials": credentials}).status_code == 201
    return client


def basic(text: str) -> str:
    """HTTP Basic of a text."""
    return f"Basic {b64encode(text.encode()).decode()}"


def notes(client: TestClient, sandbox: str = "default") -> list[str]:
    """The notes of the newest call, none of which has a secret."""
    entry = client.get(f"/__admin/sandboxes/{sandbox}/journal").json()["entries"][-1]
    assert entry["status"] == 401
    found: list[str] = entry["notes"]
    for secret in (SECRET, ODD, GSL["client_secret"]):
        assert secret not in str(found)
    return found


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (basic(f"{USER}:{SECRET}\n"), "without the blanks or the line end"),
        (basic(f" {USER}:{SECRET}"), "without the blanks or the line end"),
        (basic(f'{USER}:"{SECRET}"'), "without the quotes"),
        (basic(f"{USER}:{SECRET.upper()}"), "in lower case"),
        (basic(f"{SECRET}:{USER}"), "the other way round"),
        (basic(f":{b64encode(f'{USER}:{SECRET}'.encode()).decode()}"), "in base64 once and not twice"),
        (f"Basic {basic(f'{USER}:{SECRET}')}", "without a second `Basic`"),
        (f"Basic {USER}:{SECRET}", "in base64: the user, a colon and the secret"),
        (f"{USER}:{SECRET}", "in base64: the user, a colon and the secret"),
        (b64encode(f"{USER}:{SECRET}".encode()).decode(), "after the word `Basic`"),
    ],
)
def test_basic_credentials_that_would_fit_otherwise(client: TestClient, header: str, words: str) -> None:
    assert client.get("/apimo/agencies", headers={"Authorization": header}).status_code == 401
    assert any(words in note for note in notes(client)), notes(client)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (basic(f"77:{quote(ODD, safe='')}"), "percent-decoded"),
        (f"Basic {urlsafe_b64encode(f'77:{ODD}'.encode()).decode().rstrip('=')}", "alphabet of plain base64"),
    ],
)
def test_escaped_credentials_of_http_basic(client: TestClient, header: str, words: str) -> None:
    client.get("/~odd/apimo/agencies", headers={"Authorization": header})
    assert any(words in note for note in notes(client, "odd")), notes(client, "odd")


def test_a_client_secret_in_http_basic_is_form_encoded_first(client: TestClient) -> None:
    grant = {"grant_type": "client_credentials", "scope": "laas:leads:get"}
    client.post("/~odd/gsl/oauth/token", data=grant, headers={"Authorization": basic(f"us:{ODD}")})
    assert any("form-encoded before they are joined, as RFC 6749" in note for note in notes(client, "odd"))
    encoded = basic(f"us:{quote(ODD, safe='')}")
    assert client.post("/~odd/gsl/oauth/token", data=grant, headers={"Authorization": encoded}).status_code == 200


@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_in_a_body_with_a_line_end(client: TestClient, as_json: bool) -> None:
    body: dict[str, Any] = {"grant_type": "client_credentials", **GSL, "client_secret": GSL["client_secret"] + "\n"}
    url = "/gsl/oauth/token"
    answer = client.post(url, json=body) if as_json else client.post(url, data=body)
    assert answer.status_code == 401
    assert any("line end" in note for note in notes(client))


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("Bearer Bearer eyJhbGciOiJub25lIn0.e30.", "`Bearer` is there twice"),
        ('Bearer "eyJhbGciOiJub25lIn0.e30."', "in quotes"),
        ('Bearer {"access_token": "eyJhbGciOiJub25lIn0.e30."}', "its access_token alone"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.%0A", "a blank or a percent sign"),
    ],
)
def test_bearer_tokens_that_are_dressed(client: TestClient, token: str, words: str) -> None:
    for address in ("/gsl/v2/leads/1", "/seeker/seeker-leads/v1/leads"):
        client.get(address, headers={"Authorization": token})
        assert any(words in note for note in notes(client))


def test_wrong_credentials_get_no_hint(client: TestClient) -> None:
    for header in (basic("4321:wrong"), basic("a:b"), "Basic !", "Digest a", "", "Bearer x", f"Basic {'x' * 50_000}"):
        client.get("/apimo/agencies", headers={"Authorization": header})
        assert not any(note.startswith("credentials:") for note in notes(client)), header
