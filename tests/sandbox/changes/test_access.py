"""Access that is cut and granted, credentials and tokens that end, cursors that go stale."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.foundation.redaction import MASK
from mockserver.sandbox.changes import (
    Arrival,
    ChangeRefused,
    arrive,
    expire_cursors,
    grant_agency,
    revoke_agency,
    revoke_credentials,
    revoke_tokens,
    rotate_credentials,
    set_scopes,
)
from mockserver.sandbox.sandbox import Sandbox
from tests.conftest import AUTH, MakeClient
from tests.support.gsl import CREDENTIALS, SCOPE, Gsl


@pytest.fixture
def gsl(make_client: MakeClient) -> Gsl:
    """A client of GSL over the small world."""
    return Gsl(make_client())


@pytest.fixture
def sandbox(gsl: Gsl) -> Iterator[Sandbox]:
    """Its sandbox."""
    with gsl.app.sandbox.transaction():
        yield gsl.app.sandbox


def status(gsl: Gsl, agency: int, auth: tuple[str, str] = AUTH) -> int:
    """What Apimo answers to who asks for the leads of an agency."""
    return gsl.client.get(f"/apimo/agencies/{agency}/leads", auth=auth).status_code


def agencies(gsl: Gsl) -> set[str]:
    """Those that Apimo lists."""
    return {entry["id"] for entry in gsl.client.get("/apimo/agencies", auth=AUTH).json()["agencies"]}


def partners(gsl: Gsl) -> set[str]:
    """Whose leads GSL finds."""
    return {lead["leadMetaInfos"]["partnerID"] for lead in gsl.walk()}


def token(gsl: Gsl, secret: str = CREDENTIALS["client_secret"], scope: str = SCOPE) -> Any:
    """GSL's answer to a token request."""
    bare = {name: value for name, value in gsl.client.headers.items() if name == "host"}
    return gsl.client.post(
        "/gsl/oauth/token",
        json={**CREDENTIALS, "client_secret": secret, "scope": scope},
        headers={**bare, "authorization": ""},
    )


def test_an_agency_that_is_cut_is_forbidden_until_it_is_granted_again(gsl: Gsl, sandbox: Sandbox) -> None:
    before = partners(gsl)
    revoke_agency(sandbox, 102)
    assert (status(gsl, 101), status(gsl, 102), agencies(gsl)) == (200, 403, {"101"})
    assert partners(gsl) < before
    revoke_agency(sandbox, 102)
    (lead,) = arrive(sandbox, Arrival(agency=102))
    assert gsl.client.get(f"/gsl/v2/leads/{lead.uuid}").status_code == 404
    grant_agency(sandbox, 102)
    assert (status(gsl, 102), agencies(gsl), partners(gsl)) == (200, {"101", "102"}, before)
    assert gsl.client.get(f"/gsl/v2/leads/{lead.uuid}").status_code == 200


def test_access_may_be_cut_at_one_provider_alone(gsl: Gsl, sandbox: Sandbox) -> None:
    both = partners(gsl)
    revoke_agency(sandbox, 101, provider="apimo")
    assert (status(gsl, 101), partners(gsl)) == (403, both)
    revoke_agency(sandbox, 101, user="mock-gsl-client")
    assert len(partners(gsl)) == 1
    sandbox.reset()
    assert (status(gsl, 101), partners(gsl)) == (200, both)


def test_the_agency_that_nobody_had_can_be_granted(gsl: Gsl, sandbox: Sandbox) -> None:
    assert status(gsl, 103) == 403
    grant_agency(sandbox, 103)
    assert (status(gsl, 103), agencies(gsl), len(partners(gsl))) == (200, {"101", "102", "103"}, 3)


def test_tokens_that_are_revoked_are_refused_and_new_ones_are_given(gsl: Gsl, sandbox: Sandbox) -> None:
    revoke_tokens(sandbox, "gsl")
    refused = gsl.client.post("/gsl/v2/leads", json={"SearchCriteria": {"StartDate": 0, "EndDate": 1}})
    assert (refused.status_code, refused.json()["title"]) == (401, "Unauthorized")
    assert Gsl(gsl.client).walk()


def test_scopes_are_for_the_tokens_to_come_and_all_at_the_start(gsl: Gsl, sandbox: Sandbox) -> None:
    (account,) = sandbox.accounts["gsl"].values()
    set_scopes(sandbox, "gsl", ["laas:other"])
    assert sandbox.accounts["gsl"][account.user].scopes == {"laas:other"}
    assert gsl.walk(), "the token is as it was minted"
    assert token(gsl, scope=f"{SCOPE} laas:other").json()["scope"] == "laas:other"
    set_scopes(sandbox, "gsl", account.scopes, account.user)
    assert {token(gsl).json()["scope"]} == account.scopes
    set_scopes(sandbox, "gsl", [])
    sandbox.reset()
    assert sandbox.accounts["gsl"][account.user] == account


def test_credentials_that_are_revoked_open_nothing_and_their_tokens_neither(gsl: Gsl, sandbox: Sandbox) -> None:
    revoke_credentials(sandbox, "apimo")
    assert status(gsl, 101) == 401
    assert gsl.walk(), "the other provider's are as good as before"
    revoke_credentials(sandbox, "gsl", "mock-gsl-client")
    answer = token(gsl)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert gsl.client.post("/gsl/v2/leads", json={"SearchCriteria": {"StartDate": 0, "EndDate": 1}}).status_code == 401
    assert gsl.client.get("/").status_code == 200
    with pytest.raises(ChangeRefused, match=r"There is no user at gsl\."):
        revoke_credentials(sandbox, "gsl")
    sandbox.reset()
    assert (status(gsl, 101), token(gsl).status_code) == (200, 200)


def test_a_rotated_secret_is_refused_at_once_and_what_was_issued_stays_good(gsl: Gsl, sandbox: Sandbox) -> None:
    rotated = rotate_credentials(sandbox, "gsl")
    assert gsl.walk()
    assert token(gsl).json()["error"] == "invalid_client"
    assert token(gsl, rotated.secret).status_code == 200
    new = rotate_credentials(sandbox, "apimo")
    assert (status(gsl, 101), status(gsl, 101, (new.user, new.secret))) == (401, 200)
    assert len(new.secret) == len(AUTH[1])


def test_secrets_follow_from_how_often_they_were_rotated(make_app: Any) -> None:
    one, other = make_app().sandbox, make_app().sandbox
    secrets = [rotate_credentials(one, name).secret for name in ("gsl", "gsl", "apimo")]
    assert secrets == [rotate_credentials(other, name).secret for name in ("gsl", "gsl", "apimo")]
    assert len(set(secrets)) == 3
    one.reset()
    assert rotate_credentials(one, "gsl").secret == secrets[0]


def test_a_given_secret_is_taken_and_never_shown(gsl: Gsl, sandbox: Sandbox) -> None:
    rotate_credentials(sandbox, "apimo", secret="clé: nouvelle")
    assert status(gsl, 101, ("4321", "clé: nouvelle")) == 200
    gsl.client.get("/apimo/agencies?note=cl%C3%A9&word=plain", auth=AUTH)
    rotate_credentials(sandbox, "apimo", secret="plainsecretvalue")
    gsl.client.get("/apimo/agencies?note=plainsecretvalue", auth=AUTH)
    (*_, entry) = sandbox.journal.entries()
    assert entry.query == f"note={MASK}"


@pytest.mark.parametrize("secret", ["", "x" * 1_001, "a\nb", "\0", AUTH[1]])
def test_a_secret_that_cannot_be_one_is_refused(gsl: Gsl, sandbox: Sandbox, secret: str) -> None:
    before = sandbox.dump()
    with pytest.raises(ChangeRefused):
        rotate_credentials(sandbox, "apimo", secret=secret)
    assert sandbox.dump()["accounts"] == before["accounts"]


def test_when_several_users_could_be_meant_one_must_be_named(sandbox: Sandbox) -> None:
    account = sandbox.accounts["apimo"]["4321"]
    sandbox.accounts.put("apimo", type(account)("99", "other-secret", account.agencies))
    with pytest.raises(ChangeRefused, match="apimo has several users, name one of them: 4321 and 99"):
        rotate_credentials(sandbox, "apimo")
    assert rotate_credentials(sandbox, "apimo", "99").user == "99"
    revoke_agency(sandbox, 101, "apimo", "99")
    assert 101 in sandbox.accounts["apimo"]["4321"].agencies
    revoke_credentials(sandbox, "apimo")
    assert not sandbox.accounts["apimo"]


@pytest.mark.parametrize(
    ("change", "given", "why"),
    [
        (revoke_agency, (999,), "There is no agency 999; 101, 102 and 103 are there"),
        (grant_agency, (101, "seloger"), "There is no provider 'seloger'; apimo, gsl and seeker are there"),
        (grant_agency, (101, "gsl", "4321"), "There is no user '4321' at gsl"),
        (revoke_agency, (101, None, "nobody"), "There is no user 'nobody' at any provider"),
        (revoke_tokens, ("apimo",), "apimo has no tokens to revoke"),
        (set_scopes, ("apimo", ["x"]), "apimo has no scopes: its credentials come with every call"),
        (set_scopes, ("seeker", ["x"], "nobody"), "There is no user 'nobody' at seeker"),
        (revoke_tokens, ("nobody",), "There is no provider 'nobody'"),
        (revoke_tokens, ("gsl", "nobody"), "There is no user 'nobody' at gsl"),
        (revoke_credentials, ("gsl", "nobody"), "There is no user 'nobody' at gsl"),
        (rotate_credentials, ("nobody",), "There is no provider 'nobody'"),
    ],
)
def test_who_is_not_there_is_said_and_changes_nothing(sandbox: Sandbox, change: Any, given: Any, why: str) -> None:
    before = sandbox.dump()
    with pytest.raises(ChangeRefused, match=why):
        change(sandbox, *given)
    assert sandbox.dump() == before


def test_cursors_go_stale_and_new_ones_are_good(gsl: Gsl, sandbox: Sandbox) -> None:
    first = gsl.search(Limit=3)["Data"]
    assert gsl.search(Limit=3, LastItemKey=first["LastItemKey"])
    expire_cursors(sandbox)
    body = {"SearchCriteria": {"StartDate": 0, "EndDate": 1 << 31}, "Pagination": {"LastItemKey": first["LastItemKey"]}}
    refused = gsl.client.post("/gsl/v2/leads", json=body)
    assert (refused.status_code, refused.json()["title"]) == (400, "Bad request")
    assert "LastItemKey" in refused.text
    again = gsl.search(Limit=3)["Data"]
    assert again["Items"] == first["Items"]
    assert again["LastItemKey"] != first["LastItemKey"]
    assert gsl.search(Limit=3, LastItemKey=again["LastItemKey"])
    dump = sandbox.dump()
    expire_cursors(sandbox)
    sandbox.restore(dump)
    assert gsl.search(Limit=3, LastItemKey=again["LastItemKey"]), "a restored sandbox knows the cursors of its time"
    sandbox.reset()
    assert gsl.search(Limit=3)["Data"] == first
