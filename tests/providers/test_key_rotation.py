"""Signing keys rotate: old tokens stay good, the JWK set has both keys, new tokens have the new kid."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet, KeySetSerialization
from starlette.testclient import TestClient

from tests.conftest import NOW, MakeClient

DAY = 86_400
BODIES = {
    "gsl": {"client_id": "mock-gsl-client", "client_secret": "mock-gsl-secret", "scope": "laas:leads:get"},
    "seeker": {
        "client_id": "mock-seeker-client",
        "client_secret": "mock-seeker-secret",
        "audience": "https://api.aviv-group.com/seeker-leads/v1",
    },
}
with_tokens = pytest.mark.parametrize("provider", BODIES)


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    return anonymous(make_client())


def anonymous(client: TestClient) -> TestClient:
    """The client without the credentials that the shared pytest fixture gives it."""
    client.auth = httpx2.Auth()
    return client


def token(client: TestClient, provider: str) -> str:
    """A new access token."""
    body = {"grant_type": "client_credentials", **BODIES[provider]}
    access_token: str = client.post(f"/{provider}/oauth/token", json=body).json()["access_token"]
    return access_token


def rotate(client: TestClient, provider: str, below: str = "") -> dict[str, Any]:
    """The answer to a rotation."""
    answer = client.post(f"/__admin{below}/keys/{provider}/rotate")
    assert answer.status_code == 200, answer.text
    rotated: dict[str, Any] = answer.json()
    return rotated


def jwks(client: TestClient, provider: str, start: str = "") -> KeySetSerialization:
    """The JWK set to which discovery leads."""
    document = client.get(f"{start}/{provider}/.well-known/openid-configuration").json()
    keys: KeySetSerialization = client.get(document["jwks_uri"]).json()
    return keys


def kids(client: TestClient, provider: str, start: str = "") -> list[str]:
    """The ids of the keys in that set."""
    return [str(key["kid"]) for key in jwks(client, provider, start)["keys"]]


def verified(token: str, keys: KeySetSerialization) -> str:
    """The kid of a token that a stock library accepts with those keys."""
    decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])
    jwt.JWTClaimsRegistry(now=NOW).validate(decoded.claims)
    return str(decoded.header["kid"])


def status(client: TestClient, provider: str, token: str) -> int:
    """The status of a call with a token."""
    headers = {"authorization": f"Bearer {token}"}
    if provider == "gsl":
        body = {"SearchCriteria": {"StartDate": 0, "EndDate": 4_000_000_000}}
        return client.post("/gsl/v2/leads", json=body, headers=headers).status_code
    period = {"minDate": NOW - DAY, "maxDate": NOW}
    return client.get("/seeker/seeker-leads/v1/leads", params=period, headers=headers).status_code


@with_tokens
def test_old_tokens_stay_good_and_new_ones_have_the_new_key(client: TestClient, provider: str) -> None:
    (first,) = kids(client, provider)
    old = token(client, provider)
    assert verified(old, jwks(client, provider)) == first
    answer = rotate(client, provider)
    assert answer == {"kid": answer["kid"], "keys": [answer["kid"], first]}
    assert answer["kid"] != first
    new, keys = token(client, provider), jwks(client, provider)
    assert [key["kid"] for key in keys["keys"]] == answer["keys"]
    assert (verified(old, keys), verified(new, keys)) == (first, answer["kid"])
    accepted = {status(client, provider, good) for good in (old, new)}
    assert accepted < {200, 206}


@with_tokens
def test_a_client_that_caches_keys_knows_no_new_token(client: TestClient, provider: str) -> None:
    cached = jwks(client, provider)
    old = token(client, provider)
    rotate(client, provider)
    assert verified(old, cached)
    with pytest.raises(InvalidKeyIdError):
        verified(token(client, provider), cached)
    assert verified(token(client, provider), jwks(client, provider))


@with_tokens
def test_the_old_key_is_shown_until_its_last_token_has_ended(client: TestClient, provider: str) -> None:
    (first,) = kids(client, provider)
    client.put("/__admin/clock", json={"advance": "PT1H"})
    old = token(client, provider)
    client.put("/__admin/clock", json={"advance": "-PT1H"})
    new = rotate(client, provider)["kid"]
    client.put("/__admin/clock", json={"advance": f"PT{DAY + 3_599}S"})
    assert kids(client, provider) == [new, first]
    assert status(client, provider, old) in (200, 206, 404)
    client.put("/__admin/clock", json={"advance": "PT1S"})
    assert kids(client, provider) == [new]
    assert status(client, provider, old) == 401


@with_tokens
def test_only_the_one_provider_of_the_one_sandbox_has_another_key(client: TestClient, provider: str) -> None:
    client.post("/__admin/sandboxes", json={"id": "mine"})
    (first,) = kids(client, provider)
    new = rotate(client, provider, "/sandboxes/mine")["kid"]
    assert kids(client, provider, "/~mine") == [new, first]
    other = next(name for name in BODIES if name != provider)
    assert kids(client, provider) == kids(client, other) == kids(client, other, "/~mine") == [first]
    assert rotate(client, provider)["kid"] == new, "the keys follow from the first one"


@with_tokens
def test_a_reset_takes_keys_back_and_a_snapshot_has_them(client: TestClient, provider: str) -> None:
    before = kids(client, provider)
    rotated = rotate(client, provider)["keys"]
    old = token(client, provider)
    client.post("/__admin/snapshot", json={"name": "rotated"})
    assert "PRIVATE" not in client.get("/__admin/sandboxes/default").text
    client.post("/__admin/reset")
    assert kids(client, provider) == before
    assert status(client, provider, old) == 401
    client.post("/__admin/restore", json={"snapshot": "rotated"})
    assert kids(client, provider) == rotated
    assert status(client, provider, old) in (200, 206)
    assert rotate(client, provider)["keys"][1:] == rotated


@with_tokens
def test_replicas_on_one_database_and_the_next_process_have_the_same_keys(
    make_client: MakeClient, tmp_path: Path, provider: str
) -> None:
    store = f"sqlite:///{tmp_path}/store.db"
    here, there = (anonymous(make_client(store=store)) for _ in range(2))
    old = token(here, provider)
    (first,) = kids(there, provider)
    answers = [rotate(here, provider), rotate(there, provider)]
    assert answers[1]["keys"] == [answers[1]["kid"], answers[0]["kid"], first]
    new = token(here, provider)
    for replica in (here, there):
        assert kids(replica, provider) == answers[1]["keys"]
        assert verified(new, jwks(replica, provider)) == answers[1]["kid"]
        assert {status(replica, provider, good) for good in (old, new)} < {200, 206}
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"retired/65537" in content
    assert b'"dp"' not in content
    later = anonymous(make_client(store=store, now=None))
    assert kids(later, provider) == answers[1]["keys"]
    assert status(later, provider, new) in (200, 206)


def test_a_provider_without_signing_keys_says_so(client: TestClient) -> None:
    answer = client.post("/__admin/keys/apimo/rotate")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "Apimo has no signing keys: its credentials come with every call."
    answer = client.post("/__admin/keys/nobody/rotate")
    assert (answer.status_code, answer.json()["detail"][:28]) == (404, "There is no provider 'nobody")


def test_a_sandbox_has_so_many_keys_and_no_more(client: TestClient) -> None:
    for _ in range(32):
        rotate(client, "gsl")
    answer = client.post("/__admin/keys/gsl/rotate")
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("32 retired keys have tokens that are still good; the first ends at")
    assert len(kids(client, "gsl")) == 33
