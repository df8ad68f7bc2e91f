"""GSL's tokens over HTTP: who gets one, in which words others are refused, which open the door, what is kept."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest

from mockserver.contract import load_contract
from mockserver.foundation.resources import resource
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth2 import TokenIssuer
from mockserver.providers.gsl.auth import AUDIENCE
from mockserver.server.app import MockServer
from tests.conftest import NOW, MakeClient
from tests.provider_api.auth.test_oauth2 import payload_of, segment, signed
from tests.support.gsl import ALL_TIME, CREDENTIALS, DAY, SCOPE, Gsl
from tests.support.in_process import TestClient
from tests.support.keys import foreign_key

CONTRACT = load_contract("gsl", resource("contracts", "gsl.yaml"))
BASE = "http://127.0.0.1:8080"
ISSUER = f"{BASE}/gsl/"
TOKEN = "/gsl/oauth/token"
SEARCH = "/gsl/v2/leads"
FORM = "application/x-www-form-urlencoded"
CLIENT, SECRET = CREDENTIALS["client_id"], CREDENTIALS["client_secret"]
GRANT = {"grant_type": "client_credentials", "scope": SCOPE}
OTHER = "laas:leads:other"


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of a fresh application, without any credentials."""
    return anonymous(make_client())


def anonymous(client: TestClient) -> TestClient:
    """The client without the credentials that the shared pytest fixture gives it."""
    client.auth = httpx2.Auth()
    return client


def app_of(client: TestClient) -> MockServer:
    """The application behind a client."""
    app = client.app
    assert isinstance(app, MockServer)
    return app


def basic(user: str = CLIENT, secret: str = SECRET) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}


# The three ways to ask


def by_json(client: TestClient, **changed: Any) -> Any:
    """A JSON body with credentials; an Ellipsis leaves a member out."""
    members = {**CREDENTIALS, **changed}
    return client.post(TOKEN, json={name: value for name, value in members.items() if value is not ...})


def by_form(client: TestClient, **changed: Any) -> Any:
    """A form with credentials; an Ellipsis leaves a parameter out."""
    members = {name: value for name, value in {**CREDENTIALS, **changed}.items() if value is not ...}
    return client.post(TOKEN, content=urlencode(members, doseq=True), headers={"content-type": FORM})


def by_basic(client: TestClient, **changed: Any) -> Any:
    """A form whose credentials are in the header."""
    members = {name: value for name, value in {**GRANT, **changed}.items() if value is not ...}
    credentials = basic(members.pop("client_id", CLIENT), members.pop("client_secret", SECRET))
    return client.post(TOKEN, content=urlencode(members, doseq=True), headers={"content-type": FORM, **credentials})


Ask = Callable[..., Any]
WAYS: dict[str, Ask] = {"json": by_json, "form": by_form, "basic": by_basic}


@pytest.fixture(params=[pytest.param(way, id=name) for name, way in WAYS.items()])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each way to ask for a token."""
    way: Ask = request.param
    return way


def test_each_way_gets_a_token_that_opens_the_door(client: TestClient, ask: Ask) -> None:
    answer = ask(client)

    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", DAY, SCOPE)
    claims = payload_of(body["access_token"])
    assert {name: claims[name] for name in ("iss", "sub", "aud", "iat", "exp", "azp", "gty", "scope")} == {
        "iss": ISSUER,
        "sub": f"{CLIENT}@clients",
        "aud": AUDIENCE,
        "iat": NOW,
        "exp": NOW + DAY,
        "azp": CLIENT,
        "gty": "client-credentials",
        "scope": SCOPE,
    }
    assert claims["customer_id"].startswith("RC-")
    assert search(client, body["access_token"]).status_code == 200


def search(client: TestClient, token: str) -> Any:
    """A search with that token."""
    return client.post(SEARCH, json={"SearchCriteria": ALL_TIME}, headers={"authorization": f"Bearer {token}"})


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("grant_type left out", {"grant_type": ...}, 400, "invalid_request"),
    ("grant_type empty", {"grant_type": ""}, 400, "invalid_request"),
    ("another grant", {"grant_type": "password"}, 400, "unsupported_grant_type"),
    ("grant_type in other case", {"grant_type": "Client_Credentials"}, 400, "unsupported_grant_type"),
    ("an unknown client", {"client_id": "nobody"}, 401, "invalid_client"),
    ("a wrong secret", {"client_secret": "wrong"}, 401, "invalid_client"),
    ("a secret in other case", {"client_secret": SECRET.upper()}, 401, "invalid_client"),
    ("a scope that is not granted", {"scope": "laas:leads:delete"}, 400, "invalid_scope"),
    ("a scope in other case", {"scope": SCOPE.upper()}, 400, "invalid_scope"),
    ("a malformed scope", {"scope": f"{SCOPE}  x"}, 400, "invalid_scope"),
    ("a quoted scope", {"scope": f'"{SCOPE}"'}, 400, "invalid_scope"),
    ("an unknown audience", {"audience": "https://elsewhere.example"}, 400, "invalid_request"),
    ("grant_type twice", {"grant_type": ["client_credentials"] * 2}, 400, "invalid_request"),
    ("scope twice", {"scope": [SCOPE, SCOPE]}, 400, "invalid_request"),
    ("audience twice", {"audience": [AUDIENCE, AUDIENCE]}, 400, "invalid_request"),
]


@pytest.mark.parametrize(("changed", "status", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_each_refusal_of_rfc_6749_is_the_same_in_each_way(
    shared: TestClient, ask: Ask, changed: dict[str, Any], status: int, error: str
) -> None:
    refused(ask(shared, **changed), status, error, challenged=status == 401 and ask is by_basic)


@pytest.fixture(scope="module")
def shared() -> TestClient:
    """One client for refusals, which change nothing."""
    from mockserver.foundation.settings import Settings
    from mockserver.server.app import build

    return TestClient(build(Settings(world="small", now=NOW)), base_url=BASE)


def refused(answer: Any, status: int, error: str, *, challenged: bool = False) -> str:
    """Asserts everything that RFC 6749 §5.2 says of a refusal; the description."""
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, error), answer.text
    assert set(body) == {"error", "error_description"}, "not RFC 7807"
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers.get("www-authenticate", "").startswith("Basic realm=") is challenged
    assert ("www-authenticate" in answer.headers) is challenged
    assert all(char in range(0x20, 0x7F) and char not in b'"\\' for char in body["error_description"].encode())
    assert SECRET not in answer.text
    return str(body["error_description"])


Send = Callable[[TestClient], Any]
JSON = {"content-type": "application/json"}


def send(content: bytes | str, **headers: str) -> Send:
    """A token request as it is."""
    return lambda client: client.post(
        TOKEN, content=content, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


FULL = urlencode(CREDENTIALS)
ODD: list[tuple[str, Send, int, str, bool]] = [
    ("client_id left out", lambda c: by_json(c, client_id=...), 401, "invalid_client", False),
    ("client_secret left out", lambda c: by_form(c, client_secret=...), 401, "invalid_client", False),
    ("client_secret empty", lambda c: by_form(c, client_secret=""), 401, "invalid_client", False),
    ("client_secret twice", lambda c: by_form(c, client_secret=[SECRET] * 2), 400, "invalid_request", False),
    ("client_id twice", lambda c: by_form(c, client_id=[CLIENT] * 2), 400, "invalid_request", False),
    ("an unknown parameter twice", lambda c: by_form(c, more=["1", "2"]), 400, "invalid_request", False),
    ("grant_type null", lambda c: by_json(c, grant_type=None), 400, "invalid_request", False),
    ("client_id null", lambda c: by_json(c, client_id=None), 400, "invalid_request", False),
    ("client_secret null", lambda c: by_json(c, client_secret=None), 400, "invalid_request", False),
    ("scope null", lambda c: by_json(c, scope=None), 400, "invalid_request", False),
    ("audience null", lambda c: by_json(c, audience=None), 400, "invalid_request", False),
    ("client_secret a number", lambda c: by_json(c, client_secret=1234567), 400, "invalid_request", False),
    ("scope a list", lambda c: by_json(c, scope=[SCOPE]), 400, "invalid_request", False),
    ("a member twice", send('{"scope": "a", "scope": "b"}', **JSON), 400, "invalid_request", False),
    ("JSON null", send("null", **JSON), 400, "invalid_request", False),
    ("a JSON list", send("[]", **JSON), 400, "invalid_request", False),
    ("no JSON", send("{", **JSON), 400, "invalid_request", False),
    ("JSON, empty", send("", **JSON), 400, "invalid_request", False),
    ("a form, empty", send("", content_type=FORM), 400, "invalid_request", False),
    ("a form that is not UTF-8", send("scope=%ff", content_type=FORM), 400, "invalid_request", False),
    ("a form that says it is JSON", send(FULL, **JSON), 400, "invalid_request", False),
    ("JSON that says it is a form", send(b'{"grant_type":"x"}', content_type=FORM), 400, "invalid_request", False),
    ("no content type", send(FULL), 415, "invalid_request", False),
    ("text", send(FULL, content_type="text/plain"), 415, "invalid_request", False),
    ("multipart", send(FULL, content_type="multipart/form-data; boundary=x"), 415, "invalid_request", False),
    ("another charset", send(FULL, content_type=f"{FORM}; charset=latin-1"), 415, "invalid_request", False),
    ("too large", send(b"a=" + b"a" * 1024 * 1024, content_type=FORM), 413, "invalid_request", False),
    ("the body and Basic", send(FULL, content_type=FORM, **basic()), 400, "invalid_request", False),
    (
        "Basic not base64",
        send(urlencode(GRANT), content_type=FORM, authorization="Basic !"),
        401,
        "invalid_client",
        True,
    ),
    (
        "Basic without colon",
        send(urlencode(GRANT), content_type=FORM, authorization="Basic YQ=="),
        401,
        "invalid_client",
        True,
    ),
    ("Bearer", send(urlencode(GRANT), content_type=FORM, authorization="Bearer x"), 401, "invalid_client", True),
    (
        "two client ids",
        send("grant_type=client_credentials&client_id=x", content_type=FORM, **basic()),
        400,
        "invalid_request",
        False,
    ),
]


@pytest.mark.parametrize(
    ("call", "status", "error", "challenged"), [row[1:] for row in ODD], ids=[row[0] for row in ODD]
)
def test_each_odd_request_is_refused_in_the_words_of_rfc_6749(
    shared: TestClient, call: Send, status: int, error: str, challenged: bool
) -> None:
    assert "1234567" not in refused(call(shared), status, error, challenged=challenged)


def test_a_parameter_that_is_sent_twice_is_named(shared: TestClient) -> None:
    said = refused(by_form(shared, scope=[SCOPE, SCOPE]), 400, "invalid_request")

    assert "given once" in said
    assert "scope" in said


@pytest.mark.parametrize("media", [f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"', FORM.upper()])
def test_a_form_may_say_that_it_is_utf_8(shared: TestClient, media: str) -> None:
    assert send(FULL, content_type=media)(shared).status_code == 200


def test_what_is_unknown_or_empty_is_passed_over(shared: TestClient, ask: Ask) -> None:
    answer = ask(shared, intermediary_id="RC-1", audience="")

    assert (answer.status_code, answer.json()["scope"]) == (200, SCOPE)


def test_a_method_that_is_not_there_is_told_the_one_that_is(shared: TestClient) -> None:
    answer = shared.get(TOKEN)

    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")


# Scopes and audiences


def with_scopes(client: TestClient, *scopes: str) -> TestClient:
    """The client after its account was granted those scopes."""
    accounts: Any = app_of(client).sandbox.accounts["gsl"]
    accounts[CLIENT] = replace(accounts[CLIENT], scopes=frozenset(scopes))
    return client


@pytest.mark.parametrize(
    ("asked", "carried", "opens"),
    [
        (..., "", 403),
        ("", "", 403),
        (SCOPE, SCOPE, 200),
        (OTHER, OTHER, 403),
        (f"{OTHER} {SCOPE}", f"{SCOPE} {OTHER}", 200),
        (f"{OTHER} {SCOPE.upper()}", OTHER, 403),
        (f"{SCOPE} laas:leads:delete", SCOPE, 200),
    ],
)
def test_a_token_carries_what_was_asked_for_and_granted_and_opens_that(
    client: TestClient, ask: Ask, asked: Any, carried: str, opens: int
) -> None:
    answer = ask(with_scopes(client, SCOPE, OTHER), scope=asked)
    token = answer.json()["access_token"]

    assert answer.json()["scope"] == payload_of(token)["scope"] == carried
    assert search(client, token).status_code == opens


@pytest.mark.parametrize("asked", [..., ""])
def test_by_the_other_reading_a_token_for_which_no_scope_was_asked_carries_all(
    make_client: MakeClient, ask: Ask, asked: Any
) -> None:
    client = with_scopes(anonymous(make_client(variants={"gsl": {"token-scopes": "granted"}})), SCOPE, OTHER)
    answer = ask(client, scope=asked)

    assert answer.json()["scope"] == f"{SCOPE} {OTHER}"
    assert search(client, answer.json()["access_token"]).status_code == 200


def test_who_forgot_to_ask_for_the_scope_is_told_so_at_the_token_and_at_the_call(client: TestClient) -> None:
    token = by_json(client, scope=...).json()["access_token"]
    challenge = search(client, token).headers["www-authenticate"]
    asked, called = client.get("/__admin/journal").json()["entries"][-2:]

    assert asked["notes"] == ["no scope was asked for, so the token carries none: most calls will answer 403"]
    assert f"does not carry the scope {SCOPE}; request another token, and ask for that scope" in challenge
    assert called["status"] == 403


def test_who_is_not_granted_the_scope_is_not_told_to_ask_for_it(client: TestClient) -> None:
    token = by_json(with_scopes(client, OTHER), scope=OTHER).json()["access_token"]

    assert "this client is not granted it" in search(client, token).headers["www-authenticate"]


@pytest.mark.parametrize("id", [o.id for o in CONTRACT.operations.values() if not o.public])
def test_a_token_without_the_scope_is_403_at_every_operation(client: TestClient, id: str) -> None:
    token = by_json(with_scopes(client, OTHER), scope=OTHER).json()["access_token"]
    answer = call(client, id, f"Bearer {token}")

    body = answer.json()
    assert (answer.status_code, body["status"], body["title"]) == (403, 403, "Forbidden")
    assert answer.headers["content-type"] == "application/json+problem"
    assert body["detail"].startswith("You don't have sufficient permissions to perform this action. ")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="gsl", error="insufficient_scope"')
    assert f'scope="{SCOPE}"' in challenge


def call(client: TestClient, id: str, authorization: str | None) -> Any:
    """A call of an operation that would be answered, were it let in."""
    operation = CONTRACT.operations[id]
    path = operation.path.replace("{leadId}", "x").replace("{classifiedId}", "1")
    headers = {} if authorization is None else {"authorization": authorization}
    return client.request(operation.method, f"/gsl{path}", headers=headers)


def test_a_scope_that_is_granted_later_is_not_in_a_token_from_before(client: TestClient) -> None:
    before = by_json(with_scopes(client, OTHER), scope=OTHER).json()["access_token"]
    with_scopes(client, OTHER, SCOPE)

    assert search(client, before).status_code == 403
    assert search(client, by_json(client).json()["access_token"]).status_code == 200


def test_the_audience_is_that_of_the_api(client: TestClient, ask: Ask) -> None:
    answer = ask(client, audience=AUDIENCE)

    assert payload_of(answer.json()["access_token"])["aud"] == AUDIENCE
    assert search(client, answer.json()["access_token"]).status_code == 200
    assert AUDIENCE in refused(ask(client, audience=f"{AUDIENCE}/v3"), 400, "invalid_request")


# Tokens that are not good


class Forger:
    """Makes bad tokens of a good one."""

    def __init__(self, client: TestClient) -> None:
        self.app = app_of(client)
        self.token_issuer: TokenIssuer = self.app.sandbox.token_issuers["gsl"]
        self.account = self.app.sandbox.accounts["gsl"][CLIENT]
        self.key = self.token_issuer.keys.current
        self.good: str = by_json(client).json()["access_token"]
        self.header = {"alg": "RS256", "typ": "JWT", "kid": self.key.kid}
        self.claims = payload_of(self.good)

    def with_claims(self, **changed: Any) -> str:
        """Other claims under the right key."""
        return signed(self.header, {**self.claims, **changed}, self.key)

    def with_hmac(self, secret: bytes) -> str:
        """HS256 with what anybody knows."""
        text = f"{segment({**self.header, 'alg': 'HS256'})}.{segment(self.claims)}"
        return f"{text}.{segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def of(self, provider: str, sandbox: str) -> str:
        """A token of another place that shares our key."""
        other = TokenIssuer(provider, sandbox, KeyRing(self.key), DAY, (AUDIENCE,))
        return other.issue(self.account, frozenset({SCOPE}), None, ISSUER, NOW).access_token

    def altered(self, part: int, value: str) -> str:
        """The good token with another part."""
        parts = self.good.split(".")
        parts[part] = value
        return ".".join(parts)


FORGED: dict[str, tuple[Callable[[Forger], str], str]] = {
    "alg none": (lambda f: f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(f.claims)}.", "RS256"),
    "alg none with our kid": (lambda f: f.altered(0, segment({**f.header, "alg": "none"})), "RS256"),
    "HS256 with the public key": (lambda f: f.with_hmac(f.key.rsa.as_pem(private=False)), "RS256"),
    "HS256 with the modulus": (lambda f: f.with_hmac(f.key.members["n"].encode()), "RS256"),
    "an unknown kid": (lambda f: signed({**f.header, "kid": "nobody"}, f.claims, f.key), "names no key"),
    "no kid": (lambda f: signed({"alg": "RS256"}, f.claims, f.key), "names no key"),
    "a stranger's key under our kid": (lambda f: signed(f.header, f.claims, foreign_key()), "signature"),
    "more scope": (lambda f: f.altered(1, segment({**f.claims, "scope": OTHER})), "signature"),
    "no signature": (lambda f: f.altered(2, ""), "signature"),
    "another sandbox": (lambda f: f.of("gsl", "s1"), "another provider or sandbox"),
    "another provider": (lambda f: f.of("seeker", "default"), "another provider or sandbox"),
    "another issuer": (lambda f: f.with_claims(iss=f"{BASE}/seeker/"), "issuer"),
    "another audience": (lambda f: f.with_claims(aud="https://elsewhere.example"), "audience"),
    "over": (lambda f: f.with_claims(exp=NOW), "expired"),
    "not yet": (lambda f: f.with_claims(nbf=NOW + 1), "not valid before"),
    "a client that is gone": (lambda f: f.with_claims(azp="gone", sub="gone@clients"), "not known any more"),
    "no JWT": (lambda f: "nonsense", "not a JWT"),
    "too long": (lambda f: f.good + "A" * 9000, "longer"),
}


INVALID = "Invalid token. Please check your authentication token, it can either be not valid or expired."


def locked_out(answer: Any, says: str) -> None:
    """Asserts a 401 in GSL's envelope, whose reason stands beside the sister's sentence."""
    body = answer.json()
    assert (answer.status_code, body["status"], body["title"]) == (401, 401, "Unauthorized"), answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8", "dossier gsl §7.2"
    assert body["type"] == "about:blank"
    assert body["instance"] == answer.headers["traceparent"]
    assert body["detail"] == INVALID
    assert says in body["mockReason"]
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(("forge", "says"), FORGED.values(), ids=FORGED)
def test_a_forged_token_is_401_in_gsls_envelope(shared: TestClient, forge: Callable[[Forger], str], says: str) -> None:
    forger = Forger(shared)
    token = forge(forger)
    answer = search(shared, token)

    locked_out(answer, says)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert token not in answer.text
    assert search(shared, forger.good).status_code == 200, "the one that it was made of is good"


@pytest.mark.parametrize("id", [o.id for o in CONTRACT.operations.values() if not o.public])
@pytest.mark.parametrize(
    ("header", "says"),
    [
        (None, "no Authorization header"),
        ("", "no Authorization header"),
        ("Bearer", "no token after"),
        (basic()["authorization"], "scheme is HTTP Basic"),
        ("Bearer nonsense", "not a JWT"),
    ],
)
def test_nobody_comes_in_without_a_token_at_any_operation(
    shared: TestClient, id: str, header: str | None, says: str
) -> None:
    answer = call(shared, id, header)

    locked_out(answer, says)
    assert ('error="' in answer.headers["www-authenticate"]) is (header == "Bearer nonsense"), "RFC 6750 §3.1"


@pytest.mark.parametrize("id", [o.id for o in CONTRACT.operations.values() if o.public])
def test_what_is_public_does_not_look_at_a_token(shared: TestClient, id: str) -> None:
    answer = call(shared, id, None if id == "issueToken" else "Bearer nonsense")

    assert answer.status_code == (415 if id == "issueToken" else 200)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_name_of_the_scheme_may_be_written_in_any_case(client: TestClient, scheme: str) -> None:
    token = by_json(client).json()["access_token"]
    answer = client.get(f"{SEARCH}/x", headers={"authorization": f"{scheme} {token}"})

    assert answer.status_code == 404


# Time, revocation, keys


def test_a_token_is_good_until_the_last_second_of_the_sandboxs_clock(client: TestClient) -> None:
    clock = app_of(client).sandbox.clock
    token = by_json(client).json()["access_token"]

    clock.advance(DAY - 1)
    assert search(client, token).status_code == 200
    clock.advance(1)
    locked_out(search(client, token), "expired at 2026-01-02T00:00:00.000Z")
    assert search(client, by_json(client).json()["access_token"]).status_code == 200
    clock.advance(-1)
    assert search(client, token).status_code == 200, "the clock alone says what time it is"


@pytest.mark.parametrize("lifetime", [1, 60, 30 * DAY])
def test_a_token_lives_as_long_as_the_setting_says(make_client: MakeClient, lifetime: int) -> None:
    client = anonymous(make_client(token_lifetime=lifetime))
    body = by_json(client).json()
    claims = payload_of(body["access_token"])

    assert body["expires_in"] == claims["exp"] - claims["iat"] == lifetime
    app_of(client).sandbox.clock.advance(lifetime - 1)
    assert search(client, body["access_token"]).status_code == 200
    app_of(client).sandbox.clock.advance(1)
    assert search(client, body["access_token"]).status_code == 401


def test_a_revoked_token_is_refused_and_the_others_are_not(client: TestClient) -> None:
    token_issuer: TokenIssuer = app_of(client).sandbox.token_issuers["gsl"]
    first, second = (by_json(client).json()["access_token"] for _ in range(2))
    assert first != second
    assert search(client, first).status_code == 200, "seen before, and refused all the same"
    token_issuer.revoke(first)

    locked_out(search(client, first), "revoked")
    assert search(client, second).status_code == 200


def test_a_revoked_client_loses_its_tokens_and_gets_new_ones(client: TestClient) -> None:
    token_issuer: TokenIssuer = app_of(client).sandbox.token_issuers["gsl"]
    old = [by_json(client).json()["access_token"] for _ in range(2)]
    token_issuer.revoke_client(CLIENT)

    for token in old:
        locked_out(search(client, token), "revoked")
    assert search(client, by_json(client).json()["access_token"]).status_code == 200


def test_a_client_that_is_taken_away_is_let_in_no_more(client: TestClient) -> None:
    token = by_json(client).json()["access_token"]
    accounts: Any = app_of(client).sandbox.accounts["gsl"]
    del accounts[CLIENT]

    locked_out(search(client, token), "not known any more")
    refused(by_json(client), 401, "invalid_client")


def test_a_token_is_good_on_a_server_that_was_started_again(make_client: MakeClient) -> None:
    token = by_json(anonymous(make_client())).json()["access_token"]

    assert search(anonymous(make_client()), token).status_code == 200


def kids(client: TestClient) -> list[str]:
    """The names of the keys in the key set, which has nothing private."""
    answer = client.get("/gsl/.well-known/jwks.json")
    assert answer.status_code == 200
    keys = answer.json()["keys"]
    assert all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in keys)
    return [key["kid"] for key in keys]


def verified(client: TestClient, token: str) -> dict[str, Any]:
    """The claims of the token as a stock library reads them, with the keys that discovery leads to."""
    from joserfc import jwt
    from joserfc.jwk import KeySet

    known = client.get("/gsl/.well-known/openid-configuration").json()
    claims: dict[str, Any] = jwt.decode(
        token, KeySet.import_key_set(client.get(known["jwks_uri"]).json()), algorithms=["RS256"]
    ).claims
    assert claims["iss"] == known["issuer"]
    assert known["token_endpoint"] == f"{BASE}{TOKEN}"
    assert SCOPE in known["scopes_supported"]
    return claims


def test_a_signing_key_of_ones_own_is_published_and_signs(make_client: MakeClient, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(foreign_key().rsa.as_pem(private=True))
    development, own = anonymous(make_client()), anonymous(make_client(signing_key=path))
    tokens = {client: by_json(client).json()["access_token"] for client in (development, own)}

    assert kids(own) == [foreign_key().kid] != kids(development)
    for client, token in tokens.items():
        assert verified(client, token)["azp"] == CLIENT
        assert search(client, token).status_code == 200
    locked_out(search(own, tokens[development]), "names no key")
    locked_out(search(development, tokens[own]), "names no key")


def test_a_key_that_was_changed_stays_published_until_its_tokens_are_gone(client: TestClient) -> None:
    sandbox = app_of(client).sandbox
    token_issuer: TokenIssuer = sandbox.token_issuers["gsl"]
    old_kid, old = token_issuer.keys.current.kid, by_json(client).json()["access_token"]
    sandbox.clock.advance(100)
    token_issuer.rotate_key(sandbox.clock.now())
    new_kid = token_issuer.keys.current.kid
    new = by_json(client).json()["access_token"]

    assert kids(client) == [new_kid, old_kid]
    for token in (old, new):
        assert verified(client, token)["azp"] == CLIENT
        assert search(client, token).status_code == 200
    sandbox.clock.advance(DAY - 101)
    assert old_kid in kids(client)
    assert search(client, old).status_code == 200, "its last second"
    sandbox.clock.advance(101)
    assert kids(client) == [new_kid]
    for token in (old, new):
        assert search(client, token).status_code == 401
    renewed = by_json(client).json()["access_token"]
    assert verified(client, renewed)
    assert search(client, renewed).status_code == 200


# What is kept


def kept(client: TestClient) -> str:
    """The whole journal as text."""
    answer = client.get("/__admin/journal?limit=1000")
    assert answer.status_code == 200
    assert answer.json()["entries"]
    return answer.text


def test_the_journal_keeps_nothing_of_token_requests_and_their_answers(client: TestClient, ask: Ask) -> None:
    token = ask(client).json()["access_token"]
    ask(client, client_secret="my-other-secret")
    ask(client, scope="laas:leads:delete")
    ask(client, grant_type="password", password="my-password")
    search(client, token)
    text = kept(client)

    assert "issueToken" in text
    assert SECRET not in text
    assert "my-other-secret" not in text
    assert "my-password" not in text
    assert b64encode(f"{CLIENT}:{SECRET}".encode()).decode() not in text
    assert not [part for part in token.split(".") if part in text]


@pytest.mark.parametrize("journal_body", [0, 60, 100, 300])
def test_a_bound_on_bodies_that_cuts_a_secret_or_a_token_leaves_nothing_of_it(
    make_client: MakeClient, journal_body: int
) -> None:
    client = anonymous(make_client(journal_body=journal_body))
    token = by_json(client).json()["access_token"]
    by_form(client)
    by_form(client, client_secret="my-other-secret")
    text = kept(client)

    assert token[:20] not in text
    assert SECRET[:11] not in text
    assert "my-other" not in text


WRONG_PLACES: dict[str, Callable[[Gsl, str], Any]] = {
    "another header": lambda g, t: g.client.get(f"{SEARCH}/x", headers={"x-api-key": t}),
    "a parameter with a telling name": lambda g, t: g.client.get(f"{SEARCH}/x?access_token={t}"),
    "a member with a telling name": lambda g, t: g.client.post(SEARCH, json={"access_token": t}),
    "a secret in the path": lambda g, t: g.client.get(f"{SEARCH}/{SECRET}"),
    "a secret in the query": lambda g, t: g.client.get(f"{SEARCH}/x?q={SECRET}"),
    "a secret in the body": lambda g, t: g.client.post(SEARCH, json={"SearchCriteria": SECRET}),
    "the path": lambda g, t: g.client.get(f"{SEARCH}/{t}"),
    "the path of nothing": lambda g, t: g.client.get(f"/gsl/{t}"),
    "any parameter": lambda g, t: g.client.get(f"{SEARCH}/x?q={t}"),
    "any parameter, encoded": lambda g, t: g.client.get(f"{SEARCH}/x?q={quote('Bearer ' + t)}"),
    "the name of a parameter": lambda g, t: g.client.get(f"{SEARCH}/x?{t}"),
    "any member": lambda g, t: g.client.post(SEARCH, json={"jwt": t}),
    "the name of a member": lambda g, t: g.client.post(SEARCH, json={"SearchCriteria": ALL_TIME, t: 1}),
    "a wrong value": lambda g, t: g.client.post(SEARCH, json={"SearchCriteria": t}),
    "the cursor": lambda g, t: g.client.post(
        SEARCH, json={"SearchCriteria": ALL_TIME, "Pagination": {"LastItemKey": t}}
    ),
    "a body that is no JSON": lambda g, t: g.client.post(SEARCH, content=t, headers=JSON),
    "a token request": lambda g, t: g.client.post(TOKEN, json={**CREDENTIALS, "assertion": t}),
}


@pytest.mark.parametrize("place", WRONG_PLACES.values(), ids=WRONG_PLACES)
def test_the_journal_keeps_no_token_and_no_secret_that_is_sent_in_a_wrong_place(
    make_client: MakeClient, place: Callable[[Gsl, str], Any]
) -> None:
    gsl = Gsl(make_client())
    place(gsl, gsl.token)
    del gsl.client.headers["authorization"]
    text = kept(gsl.client)

    assert SECRET not in text
    assert not [part for part in gsl.token.split(".") if part[:20] in text]


@pytest.mark.parametrize("secret", [1234567, ["my-other-secret"], {"value": "my-other-secret"}])
def test_the_journal_keeps_no_secret_that_is_not_a_text(client: TestClient, secret: Any) -> None:
    refused(by_json(client, client_secret=secret), 400, "invalid_request")
    text = kept(client)

    assert "1234567" not in text
    assert "my-other-secret" not in text
