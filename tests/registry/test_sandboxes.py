"""Sandboxes: whom a call is for, what none of them shares with another, and how many there may be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.foundation.clock import real_time
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.registry.sandboxes import (
    DEFAULT,
    SandboxRefused,
    SandboxRegistry,
    SandboxRequest,
    SandboxTaken,
    TooManySandboxes,
)
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer, build
from mockserver.world import load_world_file
from tests.conftest import AUTH, NOW, StartServer
from tests.support.gsl import ALL_TIME, SCOPE
from tests.support.in_process import TestClient

MakeApp = Callable[..., MockServer]
BASE = "http://127.0.0.1:8080"
LEADS = "/agencies/101/leads"
NOBODY = httpx2.Auth()


@dataclass
class Caller:
    """A client of one application that goes to a sandbox in one of the ways there are."""

    app: MockServer
    sandbox: Sandbox
    way: str

    def __post_init__(self) -> None:
        prefix = f"/~{self.sandbox.id}" if self.way == "path" else ""
        headers = {"x-mockserver-sandbox": self.sandbox.id} if self.way == "header" else {}
        self.client = TestClient(self.app, base_url=f"{BASE}{prefix}", headers=headers)

    def account(self, provider: str) -> Account:
        """The credentials of the sandbox."""
        (account,) = self.sandbox.accounts[provider].values()
        return account

    def leads(self, **query: Any) -> Any:
        """Apimo's list."""
        account = self.account("apimo")
        return self.client.get(f"/apimo{LEADS}", params=query, auth=(account.user, account.secret))

    def create(self, reference: str) -> Any:
        """A lead of Apimo's."""
        account = self.account("apimo")
        body = {"reference": reference, "type": "1"}
        return self.client.post(f"/apimo{LEADS}", json=body, auth=(account.user, account.secret))

    def token(self, *, basic: bool = False) -> str:
        """A fresh token of GSL's."""
        account = self.account("gsl")
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        if basic:
            answer = self.client.post("/gsl/oauth/token", data=form, auth=(account.user, account.secret))
        else:
            form |= {"client_id": account.user, "client_secret": account.secret}
            answer = self.client.post("/gsl/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def search(self, token: str) -> Any:
        """GSL's list."""
        return self.client.post(
            "/gsl/v2/leads", json={"SearchCriteria": ALL_TIME}, headers={"authorization": f"Bearer {token}"}
        )


@pytest.fixture
def app(make_app: MakeApp) -> MockServer:
    """An application with two sandboxes beside the default one."""
    app = make_app()
    app.sandboxes.create(SandboxRequest(id="one"))
    app.sandboxes.create(SandboxRequest(id="two", seed=7, world="default"))
    return app


def named(app: MockServer, id: str) -> Sandbox:
    """A sandbox that is there."""
    sandbox = app.sandboxes.get(id)
    assert sandbox is not None
    return sandbox


WAYS_BY_NAME = pytest.mark.parametrize("way", ["path", "header"])
WAYS = pytest.mark.parametrize("way", ["path", "header", "credentials"])


@WAYS
def test_a_sandbox_is_reached_by_path_by_header_and_by_its_credentials_alone(app: MockServer, way: str) -> None:
    caller = Caller(app, named(app, "two"), way)
    assert caller.leads(limit=1).json()["total_items"] == 300
    assert caller.search(caller.token()).status_code == 200
    assert caller.search(caller.token(basic=True)).status_code == 200
    assert named(app, "two").journal.total == 5
    assert named(app, "one").journal.total == app.sandbox.journal.total == 0


def test_the_default_one_needs_no_address(app: MockServer) -> None:
    client = TestClient(app, base_url=BASE)
    assert client.get(f"/apimo{LEADS}", auth=AUTH).json()["total_items"] == 25
    assert client.get(f"/~default/apimo{LEADS}", auth=AUTH).json()["total_items"] == 25
    assert app.sandbox.journal.total == 2


def test_a_path_wins_over_a_header(app: MockServer) -> None:
    caller = Caller(app, named(app, "two"), "path")
    caller.client.headers["x-mockserver-sandbox"] = "one"
    assert caller.leads().status_code == 200


@pytest.mark.parametrize("how", ["path", "header"])
@pytest.mark.parametrize("id", ["gone", "~", "%2e%2e", "a" * 500, ""])
def test_a_sandbox_that_is_not_there_is_said_in_the_providers_words(app: MockServer, how: str, id: str) -> None:
    client = TestClient(app, base_url=BASE)
    if how == "path":
        answer = client.get(f"/~{id}/apimo{LEADS}", auth=AUTH)
    elif id:
        answer = client.get(f"/apimo{LEADS}", auth=AUTH, headers={"x-mockserver-sandbox": id})
    else:
        return
    assert answer.status_code == 404
    assert "sandbox" in answer.json()["detail"]


def test_a_deleted_sandbox_is_missed_before_its_credentials_are(app: MockServer) -> None:
    one = Caller(app, named(app, "one"), "path")
    app.sandboxes.delete("one")
    answer = one.leads()
    assert answer.status_code == 404
    assert "There is no sandbox 'one'" in answer.json()["detail"]


@WAYS_BY_NAME
def test_credentials_and_tokens_of_one_are_worth_nothing_in_another(app: MockServer, way: str) -> None:
    one, two = (Caller(app, named(app, id), way) for id in ("one", "two"))
    token = one.token()
    assert one.search(token).status_code == 200
    refused = two.search(token)
    assert refused.status_code == 401
    assert refused.json()["mockReason"].startswith("The token is of another provider or sandbox")
    other = one.account("apimo")
    assert two.client.get(f"/apimo{LEADS}", auth=(other.user, other.secret)).status_code == 401
    assert two.client.get(f"/apimo{LEADS}", auth=AUTH).status_code == 401
    default = TestClient(app, base_url=BASE, headers={"x-mockserver-sandbox": DEFAULT})
    assert default.get(f"/apimo{LEADS}", auth=(other.user, other.secret)).status_code == 401


def test_a_token_of_a_sandbox_says_where_it_is_from_and_finds_its_way_back(app: MockServer) -> None:
    by_path = Caller(app, named(app, "one"), "path")
    discovered = by_path.client.get("/gsl/.well-known/openid-configuration").json()
    assert discovered["token_endpoint"] == f"{BASE}/~one/gsl/oauth/token"
    assert Caller(app, named(app, "one"), "credentials").search(by_path.token()).status_code == 200


def test_what_is_written_in_one_no_other_shows(app: MockServer) -> None:
    one = Caller(app, named(app, "one"), "credentials")
    assert one.create("a").status_code == 200
    assert one.leads().json()["total_items"] == 26
    assert TestClient(app, base_url=BASE).get(f"/apimo{LEADS}", auth=AUTH).json()["total_items"] == 25


def test_two_sandboxes_live_at_two_times_at_once(app: MockServer) -> None:
    one, two = (Caller(app, named(app, id), "path") for id in ("one", "two"))
    token, other = one.token(), two.token()
    one.sandbox.clock.advance(86_399)
    assert one.search(token).status_code == 200
    one.sandbox.clock.advance(1)
    refused = one.search(token)
    assert refused.status_code == 401
    assert refused.headers["date"] == "Fri, 02 Jan 2026 00:00:00 GMT"
    answer = two.search(other)
    assert (answer.status_code, answer.headers["date"]) == (200, "Thu, 01 Jan 2026 00:00:00 GMT")


def test_a_sandbox_may_have_a_world_a_moment_variants_and_credentials_of_its_own(make_app: MakeApp) -> None:
    app = make_app()
    moment = NOW - 400 * 86_400
    sandbox = app.sandboxes.create(
        SandboxRequest(
            id="mine",
            world=load_world_file("empty"),
            now=moment,
            variants={"apimo": {"error-body": "message"}},
            credentials={"apimo": {"provider": "77", "token": "t", "agencies": [101]}},
        )
    )
    assert (sandbox.clock.now(), sandbox.world.origin, sandbox.world.file.name) == (moment, moment, "empty")
    client = TestClient(app, base_url=BASE)
    client.auth = ("77", "t")
    assert client.get(f"/apimo{LEADS}").json() == {"leads": [], "total_items": 0, "timestamp": None}
    assert client.get("/apimo/agencies/102/leads").json().keys() == {"message"}


REFUSED: list[tuple[dict[str, Any], type[ValueError], str]] = [
    ({"id": "one"}, SandboxTaken, "There is a sandbox 'one' already"),
    ({"id": "default"}, SandboxTaken, "There is a sandbox 'default' already"),
    (
        {"world": "../worlds/small"},
        SandboxRefused,
        "There is no world '../worlds/small'; there is busy, default, empty",
    ),
    ({"variants": {"apimo": {"no": "x"}}}, SettingsError, "provider apimo has no variant 'no'"),
    ({"variants": {"apimo": {"error-body": "x"}}}, SettingsError, "variant apimo.error-body cannot be 'x'"),
    ({"variants": {"nobody": {}}}, SettingsError, "there is no provider 'nobody'"),
    ({"credentials": {"nobody": {}}}, SettingsError, "there is no provider 'nobody'"),
    ({"credentials": {"apimo": {"provider": "x"}}}, SandboxRefused, "credentials.apimo: `provider`, a number"),
    (
        {"credentials": {"apimo": {"provider": "7", "token": "t", "agencies": [101, 999]}}},
        SandboxRefused,
        "credentials.apimo: there is no agency 999 in this world; there is 101, 102, 103",
    ),
    (
        {"credentials": {"apimo": {"provider": "7", "token": "t", "agencies": 101}}},
        SandboxRefused,
        "credentials.apimo: `agencies` is a list of ids, such as [101]",
    ),
    (
        {"credentials": {"gsl": {"client_id": "x", "client_secret": "s" * 1001}}},
        SandboxRefused,
        "credentials.gsl: neither of the two may have more than 1000 characters",
    ),
    ({"credentials": {"gsl": {"client_id": "x"}}}, SandboxRefused, "credentials.gsl: `client_id` and `client_secret`"),
    (
        {"credentials": {"gsl": {"client_id": "mock-gsl-client", "client_secret": "x"}}},
        SandboxTaken,
        "The credentials of mock-gsl-client at gsl lead to sandbox 'default'",
    ),
]


@pytest.mark.parametrize(("wanted", "kind", "sentence"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_cannot_be_made_is_refused_with_a_sentence(
    app: MockServer, wanted: dict[str, Any], kind: type[ValueError], sentence: str
) -> None:
    before = app.sandboxes.ids()
    with pytest.raises(kind) as refusal:
        app.sandboxes.create(SandboxRequest(**wanted))
    assert str(refusal.value).startswith(sentence)
    assert app.sandboxes.ids() == before


def test_a_deleted_sandbox_is_gone_with_its_credentials_and_its_id_is_free(app: MockServer) -> None:
    one = Caller(app, named(app, "one"), "credentials")
    one.create("a")
    assert app.sandboxes.delete("one")
    assert not app.sandboxes.delete("one")
    assert app.sandboxes.get("one") is None
    assert one.leads().status_code == 401
    again = Caller(app, app.sandboxes.create(SandboxRequest(id="one")), "credentials")
    assert again.account("apimo") == one.account("apimo")
    assert again.leads().json()["total_items"] == 25
    with pytest.raises(SandboxRefused, match="always there"):
        app.sandboxes.delete(DEFAULT)


def test_reset_makes_it_as_new_and_a_dump_brings_it_back(app: MockServer) -> None:
    one = Caller(app, named(app, "one"), "path")
    new = one.leads(limit=1000).text
    one.create("a")
    one.sandbox.clock.advance(60)
    token = one.token()
    one.sandbox.token_issuers["gsl"].revoke(token)
    after, dump = one.leads(limit=1000).text, one.sandbox.dump()
    one.sandbox.reset()
    assert (one.sandbox.journal.total, one.sandbox.clock.now()) == (0, NOW)
    assert one.leads(limit=1000).text == new
    assert one.create("b").status_code == 200
    one.sandbox.restore(dump)
    assert one.leads(limit=1000).text == after
    assert one.sandbox.clock.now() == NOW + 60
    assert one.search(token).status_code == 401


def test_there_are_no_more_than_the_settings_allow(make_app: MakeApp) -> None:
    app = make_app(sandbox_limit=2)
    first = app.sandboxes.create(SandboxRequest())
    app.sandboxes.create(SandboxRequest())
    with pytest.raises(TooManySandboxes, match="There are 2 sandboxes beside the default one"):
        app.sandboxes.create(SandboxRequest())
    app.sandboxes.delete(first.id)
    app.sandboxes.create(SandboxRequest())


def test_idle_ones_are_dropped_and_counted_and_used_ones_stay(make_app: MakeApp) -> None:
    app = make_app(sandbox_idle=100, sandbox_limit=2)
    idle, used = (app.sandboxes.create(SandboxRequest(id=id)) for id in ("idle", "used"))
    for sandbox in (idle, used, app.sandbox):
        sandbox.note_use(real_time() - 101)
    assert Caller(app, used, "path").leads().status_code == 200
    # Also when a new one finds no room, without waiting for the next sweep.
    assert app.sandboxes.create(SandboxRequest(id="new"))
    assert (app.sandboxes.ids(), app.sandboxes.expired) == (["default", "used", "new"], 1)


def test_a_thousand_live_at_once_and_share_one_world(make_app: MakeApp) -> None:
    app = make_app()
    made = [app.sandboxes.create(SandboxRequest(id=f"s{number}")) for number in range(1000)]
    users = {account.user for sandbox in made for account in sandbox.accounts["apimo"].values()}
    assert len(users) == 1000
    assert {id(sandbox.world) for sandbox in made} == {id(app.sandbox.world)}
    for sandbox in made[::100]:
        assert Caller(app, sandbox, "credentials").leads(limit=1).json()["total_items"] == 25


def test_over_tcp_also_at_a_port_of_the_providers_own(start_server: StartServer) -> None:
    server = start_server("--world", "small", "--now", "2026-01-01T00:00:00Z", "--ports", "gsl=0")
    made = httpx2.post(f"{server.url}/__admin/sandboxes", json={"id": "tcp"})
    assert made.status_code == 201, made.text
    gsl = made.json()["credentials"]["gsl"]
    form = {**gsl, "grant_type": "client_credentials"}
    for base in (f"{server.url}/~tcp/gsl", f"{server.first['origins']['gsl']}/~tcp", server.first["origins"]["gsl"]):
        token = httpx2.post(f"{base}/oauth/token", data=form).json()["access_token"]
        answer = httpx2.post(
            f"{base}/v2/leads", json={"SearchCriteria": ALL_TIME}, headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200, answer.text


# ---------------------------------------------------------------------------------------------- one among many

CALLS = st.sampled_from(["leads", "create", "token", "search", "advance", "cut", "bad"])


def play(caller: Caller, step: str, number: int) -> None:
    """One thing that a client, or who tests it, does to a sandbox."""
    sandbox = caller.sandbox
    match step:
        case "leads":
            caller.leads(offset=20)
        case "create":
            caller.create(f"r{number}")
        case "token":
            caller.token()
        case "search":
            caller.search(caller.token())
        case "advance":
            sandbox.clock.advance(3_600)
        case "cut":
            sandbox.accounts.revoke_agency("apimo", caller.account("apimo").user, 102)
        case "bad":
            caller.leads(limit="x")


def seen(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The journal without what depends on real time, and without the address by which the sandbox was called."""
    return [
        {
            **{k: v for k, v in entry.as_dict(10**6).items() if k not in ("real_at", "duration_ms")},
            "request": entry.request,
            "reply": entry.reply,
        }
        for entry in sandbox.journal.entries()
    ]


@pytest.fixture(scope="module")
def loaded() -> MockServer:
    """Providers that are loaded once; each example has sandboxes of its own."""
    return build(Settings(world="small", now=NOW))


@settings(max_examples=15)
@given(
    scripts=st.lists(st.lists(CALLS, min_size=1, max_size=6), min_size=2, max_size=5),
    way=st.sampled_from(["path", "header", "credentials"]),
    data=st.data(),
)
def test_interleaved_calls_leave_each_sandbox_as_the_serial_run_does(
    loaded: MockServer, scripts: list[list[str]], way: str, data: st.DataObject
) -> None:
    app = MockServer(loaded.settings, loaded.providers, SandboxRegistry(loaded.settings, loaded.providers))

    def fresh() -> dict[int, Caller]:
        made = {n: app.sandboxes.create(SandboxRequest(id=f"s{n}", seed=n + 1)) for n in range(len(scripts))}
        return {n: Caller(app, sandbox, way) for n, sandbox in made.items()}

    callers = fresh()
    for n, script in enumerate(scripts):
        for number, step in enumerate(script):
            play(callers[n], step, number)
    serial = {n: (seen(caller.sandbox), caller.sandbox.dump()) for n, caller in callers.items()}
    for n in callers:
        app.sandboxes.delete(f"s{n}")
    callers = fresh()
    order = data.draw(st.permutations([n for n, script in enumerate(scripts) for _ in script]))
    done = dict.fromkeys(callers, 0)
    for n in order:
        play(callers[n], scripts[n][done[n]], done[n])
        done[n] += 1
    assert {n: (seen(caller.sandbox), caller.sandbox.dump()) for n, caller in callers.items()} == serial
    for n in callers:
        app.sandboxes.delete(f"s{n}")
    assert app.sandbox.journal.total == 0
