"""Tokens of Seeker Leads: who gets one, for which address, with which rights, and what refusals look like."""

from typing import Any

import httpx2
import pytest

from mockserver.provider_api.auth.own_addresses import path_below
from mockserver.providers.seeker.auth import CLIENTS, CREATE, READ, SCOPES, describe_credentials
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.server.app import MockServer
from tests.conftest import NOW, MakeClient
from tests.support.in_process import TestClient
from tests.support.seeker import AUDIENCE, BASE, CREDENTIALS, DAY, SANDBOX_AUDIENCE, SANDBOX_BASE, Seeker

TOKEN = "/seeker/oauth/token"
GRANT_SENTENCE = (
    f'Client is not authorized to access "{AUDIENCE}". You need to create a "client-grant" associated to this API. '
    "See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
)


@pytest.fixture
def plain(make_client: MakeClient) -> TestClient:
    """A client without credentials."""
    client = make_client()
    client.auth = httpx2.Auth()
    return client


def ask(client: TestClient, **changes: Any) -> Any:
    """The answer of a token request; a member that is None is left out."""
    body = {**CREDENTIALS, "audience": AUDIENCE, **changes}
    return client.post(TOKEN, json={name: value for name, value in body.items() if value is not None})


def test_a_token_is_had_with_json_or_a_form_and_may_name_an_intermediary(plain: TestClient) -> None:
    for answer in (
        ask(plain, intermediary_id="RC-621209"),
        plain.post(TOKEN, data={**CREDENTIALS, "audience": AUDIENCE}),
        plain.post(
            TOKEN,
            data={"grant_type": "client_credentials", "audience": AUDIENCE},
            auth=("mock-seeker-client", "mock-seeker-secret"),
        ),
    ):
        assert answer.status_code == 200
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 86_400)
        assert body["scope"] == " ".join(sorted(SCOPES))
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "status", "error", "description"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied", "Unauthorized"),
        ({"client_id": "nobody"}, 401, "access_denied", "Unauthorized"),
        ({"audience": None}, 403, "access_denied", "No audience parameter was provided"),
        ({"audience": "https://x.example"}, 403, "access_denied", "Service not found: https://x.example"),
        ({"grant_type": "password"}, 403, "unauthorized_client", "Grant type not allowed for the client."),
        ({"grant_type": None}, 400, "invalid_request", "grant_type is missing"),
        ({"scope": "seeker-leads:other"}, 403, "access_denied", "Client has not been granted scopes."),
        ({"client_id": ["x"]}, 400, "invalid_request", "that is not so for client_id"),
    ],
)
def test_a_refusal_of_a_token_has_the_words_of_the_service(
    plain: TestClient, changes: dict[str, Any], status: int, error: str, description: str
) -> None:
    answer = ask(plain, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert description in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("audience", "address"),
    [
        ("http://localhost:8080/seeker/seeker-leads/v1", BASE),
        ("http://mockserver:18080/seeker/seeker-leads/v1/", BASE),
        ("https://mock.internal/seeker/sandbox/seeker-leads/v1", SANDBOX_BASE),
        ("http://127.0.0.1:8080/~other/seeker/seeker-leads/v1", BASE),
        ("https://api.aviv-group.com/sandbox/seeker-leads/v1/", SANDBOX_BASE),
    ],
)
def test_this_server_is_an_audience_by_whatever_name_a_client_knows_it(
    plain: TestClient, audience: str, address: str
) -> None:
    bearer = {"authorization": f"Bearer {ask(plain, audience=audience).json()['access_token']}"}
    other = {BASE: SANDBOX_BASE, SANDBOX_BASE: BASE}[address]
    assert plain.get(f"{address}/webhook/subscriptions", headers=bearer).status_code == 200
    assert plain.get(f"{other}/webhook/subscriptions", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "audience",
    [
        "https://api.aviv-group.com/seeker/seeker-leads/v1",
        "http://localhost:8080/seeker-leads/v1",
        "http://localhost:8080/seeker/seeker-leads/v2",
        "http://localhost:8080/seeker/seeker-leads/v1?x=1",
        "seeker-leads",
        "http://[/seeker/seeker-leads/v1",
        "http://localhost:x/seeker/seeker-leads/v1",
        "x" * 5_000,
    ],
)
def test_another_audience_is_not_found_and_told_which_are_right(plain: TestClient, audience: str) -> None:
    answer = ask(plain, audience=audience)
    body = answer.json()
    assert (answer.status_code, body["error"]) == (403, "access_denied")
    assert body["error_description"].startswith(f"Service not found: {audience[:100]}")
    assert len(body["error_description"]) < 400
    assert f"{AUDIENCE} or http://127.0.0.1:8080/seeker/seeker-leads/v1, or that of its sandbox" in body["mockReason"]


def test_every_refusal_in_the_words_of_the_service_has_a_reason_of_ours(plain: TestClient) -> None:
    for changes in ({"client_secret": "x"}, {"audience": None}, {"grant_type": "password"}, {"scope": "other"}):
        assert ask(plain, **changes).json()["mockReason"]


def test_on_a_port_of_its_own_the_port_tells_whose_an_audience_is() -> None:
    own = "http://127.0.0.1:8082"
    assert path_below("http://mockserver:8082/seeker-leads/v1/", own, "seeker", real_hosts=()) == "/seeker-leads/v1"
    assert path_below("http://mockserver:8083/seeker-leads/v1", own, "seeker", real_hosts=()) is None
    assert path_below("https://mockserver/x", "https://other", "seeker", real_hosts=()) == "/x"
    # Who calls a real host that is answered here may still name the API as it is reached without that.
    assert (
        path_below("http://127.0.0.1:8080/~a/seeker/x", "https://auth.real", "seeker", real_hosts=("auth.real",))
        == "/x"
    )


def sandbox_with(app: MockServer, scope: str) -> str:
    """A sandbox whose client has those scopes; its id."""
    given = {"client_id": "c", "client_secret": "s", "scope": scope}
    return app.sandboxes.create(SandboxRequest(id="other", credentials={"seeker": given})).id


def test_a_client_without_any_right_to_the_api_is_told_to_create_a_grant(plain: TestClient) -> None:
    app = plain.app
    assert isinstance(app, MockServer)
    sandbox_with(app, "")
    answer = ask(plain, client_id="c", client_secret="s")
    assert answer.status_code == 403
    reason = "This client is granted no scope; the admin API can grant it some."
    assert answer.json() == {
        "error": "access_denied",
        "error_description": GRANT_SENTENCE,
        "mockReason": reason,
    }


def test_a_token_minted_before_the_right_was_opened_is_a_bad_scope_until_a_new_one_is_had(plain: TestClient) -> None:
    app = plain.app
    assert isinstance(app, MockServer)
    accounts = app.sandboxes.get(sandbox_with(app, CREATE)).accounts  # type: ignore[union-attr]

    def leads(token: str) -> Any:
        query = {"minDate": NOW - DAY, "maxDate": NOW}
        return plain.get(f"{BASE}/leads", params=query, headers={"authorization": f"Bearer {token}"})

    def token() -> str:
        return str(ask(plain, client_id="c", client_secret="s").json()["access_token"])

    old = token()
    answer = leads(old)
    assert (answer.status_code, answer.json()["title"]) == (403, "Bad Scope")
    assert READ in answer.json()["detail"]

    accounts.put("seeker", CLIENTS.parse_credentials({"client_id": "c", "client_secret": "s"}, [101, 102]))
    assert leads(old).status_code == 403, "the token is as it was minted"
    assert leads(token()).status_code in (200, 206)


def test_a_token_is_for_one_of_the_two_addresses(make_client: MakeClient) -> None:
    real = Seeker(make_client())
    tested = Seeker(make_client(), audience=SANDBOX_AUDIENCE, base=SANDBOX_BASE)
    assert real.get("/webhook/subscriptions").status_code == 200
    assert tested.get("/webhook/subscriptions").status_code == 200

    real.base, tested.base = tested.base, real.base
    for wrong in (real, tested):
        answer = wrong.get("/webhook/subscriptions")
        assert answer.status_code == 401
        assert "request another" in answer.json()["mockReason"]


@pytest.mark.parametrize("path", ["/leads", "/leads/x", "/webhook/subscriptions", "/webhook/subscriptions/x/audit"])
def test_without_a_token_or_with_one_that_is_over_nothing_is_told(make_client: MakeClient, path: str) -> None:
    seeker = Seeker(make_client())
    seeker.client.headers["authorization"] = ""
    assert seeker.get(path).status_code == 401
    seeker.client.headers["authorization"] = f"Bearer {seeker.token}"
    seeker.app.sandbox.clock.advance(DAY)
    answer = seeker.get(path)
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")
    assert "expired" in answer.json()["mockReason"]


def test_a_client_that_is_gone_has_no_token(make_client: MakeClient) -> None:
    seeker = Seeker(make_client())
    seeker.app.sandbox.accounts.remove("seeker", "mock-seeker-client")
    assert seeker.get("/webhook/subscriptions").status_code == 401


def test_keys_and_metadata_are_where_they_say(make_client: MakeClient) -> None:
    client = make_client()
    document = client.get("/seeker/.well-known/openid-configuration").json()
    assert document["token_endpoint"].endswith("/seeker/oauth/token")
    assert client.get(document["jwks_uri"]).json()["keys"]


def test_credentials_are_shown_as_a_client_needs_them() -> None:
    given = {"client_id": "c", "client_secret": "s"}
    assert describe_credentials(CLIENTS.parse_credentials(given, [101])) == {**given, "audience": AUDIENCE}
    assert describe_credentials(CLIENTS.parse_credentials({**given, "scope": READ}, [101])) == {
        **given,
        "audience": AUDIENCE,
        "scope": READ,
    }
    with pytest.raises(ValueError, match="both text"):
        CLIENTS.parse_credentials({"client_id": 1}, [])


def test_every_sandbox_has_a_client_of_its_own(plain: TestClient) -> None:
    app = plain.app
    assert isinstance(app, MockServer)
    sandbox = app.sandboxes.create(SandboxRequest(id="mine"))
    (account,) = sandbox.accounts["seeker"].values()
    answer = ask(plain, client_id=account.user, client_secret=account.secret)
    assert answer.status_code == 200
    token = answer.json()["access_token"]
    path = f"{BASE}/webhook/subscriptions"
    body = {"url": "http://localhost:1/", "apiKey": "k"}
    assert plain.post(path, json=body, headers={"authorization": f"Bearer {token}"}).status_code == 201
    assert (len(sandbox.webhooks), len(app.sandbox.webhooks)) == (1, 0)
