"""OAuth2 client credentials: each refusal of RFC 6749, each forged token, keys that change."""

import hashlib
import hmac
import json
import re
import subprocess
import sys
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote_plus

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.foundation.authorization import read_authorization
from mockserver.foundation.problems import Problem
from mockserver.foundation.resources import resource
from mockserver.provider_api.auth.client_credentials import ClientCredentials
from mockserver.provider_api.auth.discovery import discovery
from mockserver.provider_api.auth.keys import KeyRing, KeyRingError, SigningKey
from mockserver.provider_api.auth.oauth2 import (
    Claims,
    TokenIssuer,
    check_bearer,
    grant_token,
)
from mockserver.provider_api.auth.oauth_errors import OAuthProblem, TokenRefused
from mockserver.provider_api.auth.token_request import read_token_request
from mockserver.provider_api.call import Call
from mockserver.sandbox.accounts import Account
from tests.conftest import NOW
from tests.support.keys import foreign_key

READ, WRITE = "laas:leads:get", "laas:leads:post"
SECRET = "s3cret with+signs&%"
ACCOUNT = Account("mock-gsl-client", SECRET, frozenset({101}), frozenset({READ, WRITE}), "RC-621209")
ACCOUNTS = {ACCOUNT.user: ACCOUNT, "bare": Account("bare", "b", frozenset())}
AUDIENCES = ("https://leads.api.groupeseloger.com", "https://api.aviv-group.com/seeker-leads/v1")
ISSUER = "http://localhost:8080/gsl/"
DAY = 86_400
ASKED = {"grant_type": "client_credentials", "client_id": ACCOUNT.user, "client_secret": SECRET}
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module")
def other_key() -> SigningKey:
    """A key that nobody knows."""
    return foreign_key()


@pytest.fixture
def token_issuer() -> TokenIssuer:
    return make_token_issuer()


def make_token_issuer(provider: str = "gsl", sandbox: str = "default") -> TokenIssuer:
    return TokenIssuer(provider, sandbox, KeyRing.from_file(None), DAY, AUDIENCES)


def issue(token_issuer: TokenIssuer) -> str:
    """A token without scopes."""
    return token_issuer.issue(ACCOUNT, frozenset(), None, ISSUER, NOW).access_token


def basic(user: str, secret: str) -> str:
    """The header of HTTP Basic as RFC 6749 §2.3.1 has it."""
    return "Basic " + b64encode(f"{quote_plus(user)}:{quote_plus(secret)}".encode()).decode()


def ask(content: dict[str, Any] | None, authorization: str | None = None) -> dict[str, Any]:
    """The claims in the token that a request gets, unverified."""
    request = read_token_request(content, authorization)
    return payload_of(grant_token(make_token_issuer(), ACCOUNTS, request, ISSUER, NOW).access_token)


def segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def payload_of(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = orjson.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return payload


def signed(header: Any, payload: Any, key: SigningKey) -> str:
    """A token with whatever header and payload, and a signature of RS256 that fits."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    text = f"{segment(header)}.{segment(payload)}"
    private = key.rsa.private_key
    assert private is not None
    return f"{text}.{segment(private.sign(text.encode(), PKCS1v15(), SHA256()))}"


class Forger:
    """Starts from a good token and makes bad ones of it."""

    def __init__(self, token_issuer: TokenIssuer) -> None:
        self.key = token_issuer.keys.current
        self.good = token_issuer.issue(ACCOUNT, frozenset({READ}), None, ISSUER, NOW).access_token
        self.header = {"alg": "RS256", "typ": "JWT", "kid": self.key.kid}
        self.payload = payload_of(self.good)

    def claims(self, **changed: Any) -> str:
        """Other claims, signed with the right key; None takes one away."""
        claims = {**self.payload, **changed}
        return signed(self.header, {name: value for name, value in claims.items() if value is not None}, self.key)

    def head(self, **changed: Any) -> str:
        """Another header, signed with the right key."""
        return signed({**self.header, **changed}, self.payload, self.key)

    def hmac(self, secret: bytes) -> str:
        """HS256 with the given secret."""
        text = f"{segment({**self.header, 'alg': 'HS256'})}.{segment(self.payload)}"
        return f"{text}.{segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def public_pem(self) -> bytes:
        """What a careless verifier would take for the secret of HS256."""
        return self.key.rsa.as_pem(private=False)

    def swapped(self, part: int, value: str) -> str:
        """The good token with another part."""
        parts = self.good.split(".")
        parts[part] = value
        return ".".join(parts)


# What is granted


def test_a_token_says_what_it_should(token_issuer: TokenIssuer) -> None:
    token = token_issuer.issue(ACCOUNT, frozenset({READ}), None, ISSUER, NOW)
    claims = payload_of(token.access_token)
    assert (token.expires_in, token.scope) == (DAY, READ)
    assert re.fullmatch("[0-9a-f]{32}", claims.pop("jti"))
    assert claims == {
        "iss": ISSUER,
        "sub": "mock-gsl-client@clients",
        "aud": AUDIENCES[0],
        "iat": NOW,
        "exp": NOW + DAY,
        "azp": "mock-gsl-client",
        "gty": "client-credentials",
        "scope": READ,
        "customer_id": "RC-621209",
        "mockserver_realm": "gsl/default",
    }
    header = orjson.loads(urlsafe_b64decode(token.access_token.split(".")[0] + "=="))
    assert header == {"alg": "RS256", "typ": "JWT", "kid": token_issuer.keys.current.kid}


def test_two_runs_issue_the_same_tokens_and_no_two_tokens_are_the_same() -> None:
    runs = [[issue(token_issuer) for _ in range(3)] for token_issuer in (make_token_issuer(), make_token_issuer())]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3


@pytest.mark.parametrize("authorization", [None, basic(ACCOUNT.user, SECRET)], ids=["body", "basic"])
@pytest.mark.parametrize(
    ("scope", "carried"),
    [
        (None, f"{READ} {WRITE}"),
        ("", f"{READ} {WRITE}"),
        (READ, READ),
        (f"{WRITE} {READ}", f"{READ} {WRITE}"),
        (f"{READ} nobody:has:this", READ),
        (f"{READ} {READ}", READ),
    ],
)
def test_a_token_carries_what_is_asked_for_and_granted(authorization: str, scope: str | None, carried: str) -> None:
    content = GRANT if authorization else ASKED
    assert ask(content if scope is None else {**content, "scope": scope}, authorization)["scope"] == carried


def test_a_client_without_scopes_gets_a_token_without_scopes() -> None:
    assert ask(GRANT, basic("bare", "b"))["scope"] == ""


def test_the_audience_is_the_one_asked_for_or_the_first() -> None:
    assert ask({**ASKED, "audience": AUDIENCES[1]})["aud"] == AUDIENCES[1]
    assert ask({**ASKED, "audience": ""})["aud"] == AUDIENCES[0]


@pytest.mark.parametrize(
    "content",
    [{**ASKED, "intermediary_id": "RC-1", "x": 1}, {**ASKED, "scope": ""}],
    ids=["unknown parameters", "an empty one"],
)
def test_what_the_rfc_wants_ignored_is_ignored(content: dict[str, Any]) -> None:
    assert ask(content)["azp"] == ACCOUNT.user


def test_a_client_may_repeat_its_id_in_the_body_beside_basic() -> None:
    assert ask({**GRANT, "client_id": ACCOUNT.user}, basic(ACCOUNT.user, SECRET))["azp"] == ACCOUNT.user


# What is refused


WRONG_BASIC = basic(ACCOUNT.user, "wrong")
REFUSED: list[tuple[str, dict[str, Any] | None, str | None, int, str, str]] = [
    ("no body", None, None, 400, "invalid_request", "grant_type is missing"),
    ("no grant_type", {"client_id": "a", "client_secret": "b"}, None, 400, "invalid_request", "grant_type is missing"),
    ("empty grant_type", {**ASKED, "grant_type": ""}, None, 400, "invalid_request", "grant_type is missing"),
    ("grant_type twice", {**ASKED, "grant_type": ["a", "a"]}, None, 400, "invalid_request", "more than once"),
    ("scope twice", {**ASKED, "scope": [READ, READ]}, None, 400, "invalid_request", "more than once"),
    ("unknown twice", {**ASKED, "x": ["1", "2"]}, None, 400, "invalid_request", "more than once"),
    ("scope a number", {**ASKED, "scope": 7}, None, 400, "invalid_request", "scope must be text"),
    ("client_id null", {**ASKED, "client_id": None}, None, 400, "invalid_request", "client_id must be text"),
    ("secret an object", {**ASKED, "client_secret": {}}, None, 400, "invalid_request", "client_secret must be text"),
    ("body and Basic", ASKED, basic(ACCOUNT.user, SECRET), 400, "invalid_request", "choose one"),
    ("two ids", {**GRANT, "client_id": "x"}, basic(ACCOUNT.user, SECRET), 400, "invalid_request", "choose one"),
    ("unknown audience", {**ASKED, "audience": "https://x"}, None, 400, "invalid_request", AUDIENCES[0]),
    ("other grant", {**ASKED, "grant_type": "password"}, None, 400, "unsupported_grant_type", "client_credentials"),
    ("other case", {**ASKED, "grant_type": "Client_Credentials"}, None, 400, "unsupported_grant_type", "must be"),
    ("no client", GRANT, None, 401, "invalid_client", "client_id and client_secret are needed"),
    ("no secret", {**GRANT, "client_id": ACCOUNT.user}, None, 401, "invalid_client", "are needed"),
    ("empty secret", {**ASKED, "client_secret": ""}, None, 401, "invalid_client", "are needed"),
    ("wrong secret", {**ASKED, "client_secret": "é"}, None, 401, "invalid_client", "is wrong"),
    ("unknown client", {**ASKED, "client_id": "x"}, None, 401, "invalid_client", "is wrong"),
    ("wrong secret, Basic", GRANT, WRONG_BASIC, 401, "invalid_client", "is wrong"),
    ("not base64", GRANT, "Basic é!", 401, "invalid_client", "not HTTP Basic"),
    ("no colon", GRANT, "Basic " + b64encode(b"abc").decode(), 401, "invalid_client", "not HTTP Basic"),
    ("not UTF-8", GRANT, "Basic " + b64encode(b"a%ff:b").decode(), 401, "invalid_client", "not HTTP Basic"),
    ("other scheme", GRANT, "Bearer abc", 401, "invalid_client", "not HTTP Basic"),
    ("scope not granted", {**ASKED, "scope": "a:b"}, None, 400, "invalid_scope", f"{READ} {WRITE} is"),
    ("scope in other case", {**ASKED, "scope": READ.upper()}, None, 400, "invalid_scope", "case sensitive"),
    ("no scope to grant", {**GRANT, "scope": "x"}, basic("bare", "b"), 400, "invalid_scope", "no scope is"),
    ("scope with a quote", {**ASKED, "scope": 'a"b'}, None, 400, "invalid_scope", "malformed"),
    ("scope with a backslash", {**ASKED, "scope": "a\\b"}, None, 400, "invalid_scope", "malformed"),
    ("scope with two spaces", {**ASKED, "scope": f"{READ}  x"}, None, 400, "invalid_scope", "malformed"),
    ("scope with a line end", {**ASKED, "scope": f"{READ}\n"}, None, 400, "invalid_scope", "malformed"),
    ("scope not ASCII", {**ASKED, "scope": "é"}, None, 400, "invalid_scope", "malformed"),
    ("scope of a space", {**ASKED, "scope": " "}, None, 400, "invalid_scope", "malformed"),
]


@pytest.mark.parametrize(
    ("content", "authorization", "status", "error", "says"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_token_request_is_refused_as_rfc_6749_has_it(
    content: dict[str, Any] | None, authorization: str | None, status: int, error: str, says: str
) -> None:
    with pytest.raises(OAuthProblem) as refused:
        ask(content, authorization)
    problem, headers = refused.value, dict(refused.value.headers)
    assert (problem.status, problem.name) == (status, error)
    assert says in problem.detail
    assert re.fullmatch(r"[ !#-\[\]-~]+", problem.detail), "RFC 6749 §5.2 allows no other characters"
    assert (headers["cache-control"], headers["pragma"]) == ("no-store", "no-cache")
    assert ("www-authenticate" in headers) == (status == 401 and authorization is not None)
    assert SECRET not in problem.detail


# What comes back


def test_a_good_token_is_accepted_under_any_host_name(token_issuer: TokenIssuer) -> None:
    for issuer in ("http://127.0.0.1:8080/gsl", "https://mock/~default/gsl/", "http://[::1]:8082"):
        token = token_issuer.issue(ACCOUNT, frozenset({READ}), AUDIENCES[1], issuer, NOW).access_token
        claims = check_bearer(read_authorization(f"bearer  {token} "), token_issuer, NOW)
        jti, audiences = payload_of(token)["jti"], frozenset({AUDIENCES[1]})
        assert claims == Claims("mock-gsl-client", "RC-621209", frozenset({READ}), NOW + DAY, jti, audiences)


def test_a_token_outlives_the_server_that_issued_it() -> None:
    assert make_token_issuer().verify(Forger(make_token_issuer()).good, NOW)


@pytest.mark.parametrize(
    ("header", "says", "error"),
    [
        (None, "no Authorization header", False),
        ("", "no Authorization header", False),
        ("Basic abc", "scheme is HTTP Basic", False),
        ("eyJhbGciOiJSUzI1NiJ9.e.s", "scheme is not Bearer", False),
        ("Bearer", "no token after", False),
        ("Bearer  ", "no token after", False),
        ("Bearer a b", "not a JWT", True),
        ("Bearer a.b.c", "not a JWT", True),
        ("Bearer é", "not a JWT", True),
    ],
)
def test_a_bad_header_is_401_and_told_why(
    token_issuer: TokenIssuer, header: str | None, says: str, error: bool
) -> None:
    problem = refusal(header, token_issuer, NOW)
    assert says in problem.detail
    challenge = dict(problem.headers)["www-authenticate"]
    assert challenge.startswith('Bearer realm="gsl"')
    assert ('error="invalid_token"' in challenge) == error, "without a token there is no error code, RFC 6750 §3.1"


def refusal(header: str | None, token_issuer: TokenIssuer, now: int) -> Problem:
    """The 401 that a header gets, asked twice: what is remembered must not change it."""
    problems = []
    for _ in range(2):
        with pytest.raises(Problem) as refused:
            check_bearer(read_authorization(header), token_issuer, now)
        problems.append(refused.value)
    assert problems[0].detail == problems[1].detail
    assert problems[0].status == 401
    return problems[0]


Forge = Callable[[Forger], str]
FORGED: list[tuple[str, Forge, str]] = [
    ("alg none", lambda f: f"{segment({'alg': 'none', 'kid': f.key.kid})}.{segment(f.payload)}.", "RS256"),
    ("alg none, old signature", lambda f: f.swapped(0, segment({**f.header, "alg": "none"})), "RS256"),
    ("HS256 with the public key", lambda f: f.hmac(f.public_pem()), "RS256"),
    ("HS256 with the public key stripped", lambda f: f.hmac(f.public_pem().strip()), "RS256"),
    ("HS256 with the modulus", lambda f: f.hmac(f.key.members["n"].encode()), "RS256"),
    ("alg RS384", lambda f: f.head(alg="RS384"), "RS256"),
    ("alg in other case", lambda f: f.head(alg="rs256"), "RS256"),
    ("alg a list", lambda f: f.head(alg=["RS256"]), "RS256"),
    ("no alg", lambda f: signed({"kid": f.key.kid}, f.payload, f.key), "not a JWT"),
    ("unknown kid", lambda f: f.head(kid="nobody"), "names no key"),
    ("no kid", lambda f: signed({"alg": "RS256"}, f.payload, f.key), "names no key"),
    ("kid a list", lambda f: f.head(kid=[f.key.kid]), "names no key"),
    ("crit", lambda f: f.head(crit=["exp"], exp=1), "crit"),
    ("crit a number", lambda f: f.head(crit=5), "crit"),
    ("b64 off", lambda f: f.head(b64=False, crit=["b64"]), "crit"),
    ("typ a number", lambda f: f.head(typ=5), "not a JWT"),
    ("header a list", lambda f: signed(["alg", "b64"], f.payload, f.key), "not a JWT"),
    ("header a text", lambda f: signed("alg", f.payload, f.key), "RS256"),
    ("header null", lambda f: signed(None, f.payload, f.key), "not a JWT"),
    ("header not JSON", lambda f: signed(b"{", f.payload, f.key), "not a JWT"),
    ("tampered scope", lambda f: f.swapped(1, segment({**f.payload, "scope": WRITE})), "signature"),
    ("signature cut off", lambda f: f.swapped(2, ""), "signature"),
    ("signature not base64", lambda f: f.swapped(2, "+/"), "signature"),
    ("payload a list", lambda f: signed(f.header, [1], f.key), "not a JSON object"),
    ("payload not JSON", lambda f: signed(f.header, b"{", f.key), "not a JSON object"),
    ("exp NaN", lambda f: signed(f.header, b'{"exp":NaN}', f.key), "not a JSON object"),
    ("nested too deep", lambda f: signed(f.header, b"[" * 3000, f.key), "not a JSON object"),
    ("two parts", lambda f: f.good.rpartition(".")[0], "not a JWT"),
    ("five parts", lambda f: "a.b.c.d.e", "not a JWT"),
    ("three parts, no JWT", lambda f: "aaa.bbb.ccc", "not a JWT"),
    ("garbage", lambda f: "x" * 100, "not a JWT"),
    ("huge", lambda f: f.good + "A" * 8192, "longer than 8192"),
    ("another audience", lambda f: f.claims(aud="https://elsewhere"), "audience"),
    ("other audiences", lambda f: f.claims(aud=["https://elsewhere", 5, {}]), "audience"),
    ("audience a number", lambda f: f.claims(aud=5), "audience"),
    ("issuer elsewhere", lambda f: f.claims(iss="http://localhost:8080/seeker/"), "issuer"),
    ("issuer no address", lambda f: f.claims(iss="http://[::1/gsl/"), "issuer"),
    ("issuer no web address", lambda f: f.claims(iss="ftp://localhost/gsl/"), "issuer"),
    ("subject is another", lambda f: f.claims(sub="other@clients"), "client credentials"),
    ("another grant", lambda f: f.claims(gty="password"), "client credentials"),
    ("another sandbox", lambda f: Forger(make_token_issuer(sandbox="s1")).good, "another provider or sandbox"),
    ("another provider", lambda f: Forger(make_token_issuer(provider="seeker")).good, "another provider or sandbox"),
    ("exp text", lambda f: f.claims(exp="9999999999"), "claim exp"),
    ("exp true", lambda f: f.claims(exp=True), "claim exp"),
    ("exp after all time", lambda f: f.claims(exp=10**18), "claim exp"),
    ("exp before all time", lambda f: f.claims(exp=-1), "claim exp"),
    ("nbf text", lambda f: f.claims(nbf="1"), "claim nbf"),
    ("expired", lambda f: f.claims(exp=NOW), "expired at 2026-01-01T00:00:00.000Z"),
    ("not yet valid", lambda f: f.claims(nbf=NOW + 1), "not valid before 2026-01-01T00:00:01.000Z"),
    ("not yet valid, a fraction", lambda f: f.claims(nbf=NOW + 0.5), "not valid before"),
    ("of a generation that is not", lambda f: f.claims(mockserver_generation=1), "revoked"),
    ("of a generation that is no number", lambda f: f.claims(mockserver_generation=[]), "revoked"),
]
CLAIMS = ("iss", "sub", "aud", "iat", "exp", "azp", "gty", "scope", "jti", "customer_id", "mockserver_realm")
FORGED += [(f"without {name}", lambda f, name=name: f.claims(**{name: None}), name) for name in CLAIMS]  # type: ignore[misc]


@pytest.mark.parametrize(("forge", "says"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_forged_token_is_refused(token_issuer: TokenIssuer, forge: Forge, says: str) -> None:
    forger = Forger(token_issuer)
    token = forge(forger)
    problem = refusal(f"Bearer {token}", token_issuer, NOW)
    assert says in problem.detail
    assert dict(problem.headers)["www-authenticate"].endswith(f'error_description="{problem.detail}"')
    assert re.fullmatch(r"[ !#-\[\]-~]+", problem.detail), "RFC 6750 §3 allows no other characters"
    assert token not in problem.detail


def test_a_token_signed_by_a_stranger_under_our_kid_is_refused(
    token_issuer: TokenIssuer, other_key: SigningKey
) -> None:
    forger = Forger(token_issuer)
    problem = refusal(f"Bearer {signed(forger.header, forger.payload, other_key)}", token_issuer, NOW)
    assert "signature" in problem.detail


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({"nbf": NOW}, True),
        ({"nbf": NOW + 0.0}, True),
        ({"exp": NOW + 0.5}, True),
        ({"exp": NOW + 1}, True),
        ({"iat": NOW + 99}, True),
        ({"aud": ["x", AUDIENCES[1]]}, True),
        ({"more": {"a": 1}}, True),
        ({"exp": NOW - 0.5}, False),
    ],
)
def test_the_claims_are_read_as_rfc_7519_has_them(
    token_issuer: TokenIssuer, changed: dict[str, Any], good: bool
) -> None:
    token = Forger(token_issuer).claims(**changed)
    assert accepts(token_issuer, token, NOW) == good


def accepts(token_issuer: TokenIssuer, token: str, now: int) -> bool:
    try:
        token_issuer.verify(token, now)
    except TokenRefused:
        return False
    return True


def test_an_unknown_header_member_is_ignored(token_issuer: TokenIssuer) -> None:
    assert token_issuer.verify(Forger(token_issuer).head(x="y"), NOW)


@given(st.text() | st.lists(st.text("AQgwey.-_9", max_size=40), min_size=3, max_size=3).map(".".join))
def test_nothing_that_is_sent_breaks_the_check(header: str) -> None:
    token_issuer = make_token_issuer()
    with pytest.raises(Problem):
        check_bearer(read_authorization(f"Bearer {header}"), token_issuer, NOW)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda c: st.lists(c, max_size=3))
HEADERS = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x5c", "x"]), JSON)


@given(HEADERS | JSON)
def test_no_header_of_a_token_breaks_the_check(header: Any) -> None:
    token_issuer = make_token_issuer()
    full = {"alg": "RS256", "kid": token_issuer.keys.current.kid, **header} if isinstance(header, dict) else header
    for head in (header, full):
        assert not accepts(token_issuer, f"{segment(head)}.e30.AAAA", NOW)


@given(st.dictionaries(st.sampled_from([*ASKED, "scope", "audience", "x"]), JSON), st.none() | st.text())
def test_no_token_request_breaks_the_reading(content: dict[str, Any], authorization: str | None) -> None:
    with suppress(OAuthProblem):
        ask({**ASKED, **content}, authorization)
    with pytest.raises(OAuthProblem):
        ask(content, authorization)


# Time, revocation, scopes


def test_a_token_is_good_to_its_last_second_and_again_when_the_clock_is_set_back(token_issuer: TokenIssuer) -> None:
    token = Forger(token_issuer).good
    good = [accepts(token_issuer, token, now) for now in (NOW, NOW + DAY - 1, NOW + DAY, NOW + DAY + 1, NOW - 5, NOW)]
    assert good == [True, True, False, False, True, True]


@pytest.mark.parametrize("by", ["token", "jti"])
def test_one_token_is_revoked(token_issuer: TokenIssuer, by: str) -> None:
    first, second = (issue(token_issuer) for _ in range(2))
    assert accepts(token_issuer, first, NOW)
    token_issuer.revoke(first if by == "token" else payload_of(first)["jti"])
    assert [accepts(token_issuer, token, NOW) for token in (first, second)] == [False, True]


@pytest.mark.parametrize("nonsense", ["", "x", "a.b.c", "a.e30.c", "a.W10.c", "é"])
def test_revoking_nonsense_changes_nothing(token_issuer: TokenIssuer, nonsense: str) -> None:
    token = Forger(token_issuer).good
    token_issuer.revoke(nonsense)
    assert accepts(token_issuer, token, NOW)


def test_the_tokens_of_a_client_are_revoked_and_it_gets_new_ones(token_issuer: TokenIssuer) -> None:
    old = issue(token_issuer)
    bystander = token_issuer.issue(ACCOUNTS["bare"], frozenset(), None, ISSUER, NOW).access_token
    for _ in range(2):
        token_issuer.revoke_client(ACCOUNT.user)
        new = issue(token_issuer)
        assert [accepts(token_issuer, token, NOW) for token in (old, new, bystander)] == [False, True, True]
        old = new


def test_what_is_remembered_is_bounded(token_issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.provider_api.auth.oauth2._MAX_VERIFIED", 3)
    tokens = [issue(token_issuer) for _ in range(5)]
    assert all(accepts(token_issuer, token, NOW) for token in tokens * 2)
    assert len(token_issuer._verified) == 3


def test_a_scope_that_is_missing_is_403(token_issuer: TokenIssuer) -> None:
    claims = token_issuer.verify(Forger(token_issuer).good, NOW)
    clients, account = ClientCredentials("gsl", claims.scopes, AUDIENCES), replace(ACCOUNT, scopes=claims.scopes)
    call = cast(Call, SimpleNamespace(account=account, sandbox=SimpleNamespace(accounts={"gsl": ACCOUNTS})))
    clients.require_scope(call, READ)
    for scope in (WRITE, READ.upper()):
        with pytest.raises(Problem) as refused:
            clients.require_scope(call, scope)
        assert (refused.value.status, refused.value.name) == (403, "forbidden")
        challenge = dict(refused.value.headers)["www-authenticate"]
        assert 'error="insufficient_scope"' in challenge
        assert f'scope="{scope}"' in challenge


# Keys


def test_a_rotated_key_stays_until_its_tokens_are_gone(token_issuer: TokenIssuer) -> None:
    old_key, old = token_issuer.keys.current, Forger(token_issuer).good
    kids = token_issuer.rotate_key(NOW + 10)
    new_key = token_issuer.keys.current
    new = token_issuer.issue(ACCOUNT, frozenset(), None, ISSUER, NOW + 10).access_token
    assert kids == [key["kid"] for key in token_issuer.keys.jwks(NOW + 10)["keys"]] == [new_key.kid, old_key.kid]
    assert accepts(token_issuer, old, NOW + DAY - 1)
    assert accepts(token_issuer, new, NOW + DAY + 9)
    assert len(token_issuer.keys.jwks(NOW + DAY + 9)["keys"]) == 2
    assert [key["kid"] for key in token_issuer.keys.jwks(NOW + DAY + 10)["keys"]] == [new_key.kid]


@pytest.mark.parametrize("seen", [True, False], ids=["seen before", "new"])
def test_a_gone_key_signs_nothing_that_is_accepted(token_issuer: TokenIssuer, seen: bool) -> None:
    # A token that lives longer than any of ours: somebody else has the old key.
    token = Forger(token_issuer).claims(exp=NOW + 9 * DAY)
    token_issuer.rotate_key(NOW)
    assert not seen or accepts(token_issuer, token, NOW + DAY - 1)
    assert "names no key" in refusal(f"Bearer {token}", token_issuer, NOW + DAY).detail
    assert accepts(token_issuer, token, NOW + DAY - 1)


def test_a_key_outlives_a_clock_that_was_set_back(token_issuer: TokenIssuer) -> None:
    token = token_issuer.issue(ACCOUNT, frozenset(), None, ISSUER, NOW + 10 * DAY).access_token
    token_issuer.rotate_key(NOW)
    assert accepts(token_issuer, token, NOW + 11 * DAY - 1)


def test_the_first_key_comes_back_with_a_reset_and_then_the_same_keys_follow() -> None:
    ring = KeyRing.from_file(None)
    first = ring.current
    ring.rotate(NOW, DAY)
    second = ring.current
    ring.reset()
    assert [key["kid"] for key in ring.jwks(NOW)["keys"]] == [first.kid]
    assert ring.find(first.kid, NOW + 99 * DAY)
    assert ring.find(second.kid, NOW) is None
    ring.rotate(NOW, DAY)
    assert [key["kid"] for key in ring.jwks(NOW)["keys"]] == [second.kid, first.kid]


def test_the_jwk_set_has_nothing_private_and_names_keys_by_thumbprint() -> None:
    ring = KeyRing.from_file(None)
    (key,) = ring.jwks(NOW)["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    assert key["kid"] == ring.current.rsa.thumbprint()
    assert ring.current.members["d"] not in repr(ring.current)


def test_a_stock_library_accepts_a_token_by_the_jwk_set(token_issuer: TokenIssuer) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    # Through JSON, as a client gets it.
    keys = KeySet.import_key_set(orjson.loads(orjson.dumps(token_issuer.keys.jwks(NOW))))
    token = jwt.decode(Forger(token_issuer).good, keys, algorithms=["RS256"])
    jwt.JWTClaimsRegistry(now=NOW, aud={"essential": True, "value": AUDIENCES[0]}).validate(token.claims)


def test_the_development_key_says_that_it_is_public() -> None:
    document = orjson.loads(resource("fixtures", "keys", "development.json").read_bytes())
    assert "public test key" in document["comment"]


def jwk(**changed: Any) -> bytes:
    members = {**KeyRing.from_file(None).current.members, "kid": "mine", "use": "sig", **changed}
    return orjson.dumps({name: value for name, value in members.items() if value is not None})


def pem(private: bool = True, password: str | None = None) -> bytes:
    return KeyRing.from_file(None).current.rsa.as_pem(private=private, password=password)


@pytest.mark.parametrize(
    "make",
    [lambda: pem(), lambda: jwk(), lambda: jwk(p=None, q=None, dp=None, dq=None, qi=None), lambda: b"\n" + jwk()],
    ids=["PEM", "JWK", "without primes", "blank line"],
)
def test_a_key_is_read_from_a_file(tmp_path: Path, make: Callable[[], bytes]) -> None:
    path = tmp_path / "key"
    path.write_bytes(make())
    ring = KeyRing.from_file(path)
    assert ring.current.kid == KeyRing.from_file(None).current.kid
    assert accepts(make_token_issuer(), issue(TokenIssuer("gsl", "default", ring, DAY, AUDIENCES)), NOW)


def ec_pem() -> bytes:
    from joserfc.jwk import ECKey

    return ECKey.generate_key("P-256").as_pem(private=True)


def short_pem() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: b"", "not an RSA key"),
        (lambda: b"{", "not an RSA key"),
        (lambda: b'{"keys":[]}', "not an RSA key"),
        (lambda: jwk(n=5), "not an RSA key"),
        (lambda: jwk(n=None), "not an RSA key"),
        (lambda: jwk(q="AQAB"), "not an RSA key"),
        (lambda: jwk(p=None), "not an RSA key"),
        (lambda: jwk(d=None, p=None, q=None, dp=None, dq=None, qi=None), "cannot sign"),
        (lambda: pem(password="x"), "without a password"),
        (lambda: pem(private=False), "cannot sign"),
        (ec_pem, "not an RSA key"),
        (short_pem, "2048 bits"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[], bytes], says: str
) -> None:
    path = tmp_path / "key"
    path.write_bytes(make())
    with pytest.raises(KeyRingError, match=says):
        KeyRing.from_file(path)


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match=r"absent\.pem cannot be read: No such file"):
        KeyRing.from_file(tmp_path / "absent.pem")


def test_discovery_points_below_the_issuer() -> None:
    assert discovery("http://h/gsl") == discovery("http://h/gsl/")
    document = discovery("http://h/gsl/", [WRITE, READ])
    assert document["issuer"] == "http://h/gsl/"
    assert document["token_endpoint"] == "http://h/gsl/oauth/token"
    assert document["jwks_uri"] == "http://h/gsl/.well-known/jwks.json"
    assert document["scopes_supported"] == [READ, WRITE]
    assert "scopes_supported" not in discovery("http://h/gsl/")


def test_a_start_without_tokens_does_not_import_the_library() -> None:
    code = (
        "import sys; from mockserver.provider_api.auth.oauth2 import KeyRing; KeyRing.from_file(None).jwks(0);"
        "sys.exit('joserfc' in sys.modules or 'cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
