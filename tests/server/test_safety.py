"""What an attacker would try: each is refused with a sentence, and nothing of ours is read, run, filled up or shown."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.admin.endpoints import ENDPOINTS
from mockserver.foundation.settings import Settings
from mockserver.scenarios import ScenarioError, load_scenario
from mockserver.server.app import build
from mockserver.world import WorldError
from tests.conftest import AUTH, NOW, MakeClient, StartServer
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
LET_IN = "open-sesame"
STAND_INS = {"sandbox": "default", "provider": "apimo", "fault": "f1", "lead": "newest", "seeker": "1", "agency": "101"}
STAND_INS["delivery_fault"] = "w1"
EVERY_CALL = sorted({(row.method, "/__admin" + path.format(**STAND_INS)) for row in ENDPOINTS for path in row.paths()})
OPEN = ("/__admin/health/live", "/__admin/health/ready", "/__admin/version", "/__admin/ca.pem")
"""What an orchestrator, or who has to trust us, asks without credentials; it tells nothing of anybody's data."""
CONTRACT = "/__admin/contracts/apimo"
"""A document that is no secret: pages of documentation load it, wherever they are."""
GUARDED = [(method, path) for method, path in EVERY_CALL if path not in (*OPEN, CONTRACT)]


def refused(answer: httpx2.Response, *statuses: int) -> str:
    """The sentence of a refusal; nothing of how this server is made shows in it."""
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json"
    detail: str = answer.json()["detail"]
    assert detail.endswith((".", "?"))
    assert "Traceback" not in answer.text
    assert "mockserver/" not in answer.text
    return detail


def a_client(**given: Any) -> TestClient:
    """Of a small application that may be shared: what is tried with it is refused."""
    return TestClient(build(Settings(world="small", now=NOW, **given)), base_url="http://127.0.0.1:8080")


@pytest.fixture(scope="module")
def shared() -> TestClient:
    """Of a server on loopback, with little patience for bodies."""
    return a_client(body_limit=2048)


@pytest.fixture(scope="module")
def locked() -> TestClient:
    """Of a server that wants a token."""
    return a_client(admin_token=LET_IN)


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_no_call_of_the_admin_api_is_for_pages_from_elsewhere(shared: TestClient, method: str, path: str) -> None:
    for headers, said in (
        ({"host": "rebound.evil.example"}, "is not a name of this machine"),
        ({"host": "127.0.0.1.evil.example:8080"}, "is not a name of this machine"),
        ({"origin": "https://evil.example"}, "not for pages of"),
        ({"origin": "null"}, "not for pages of"),
        ({"sec-fetch-site": "cross-site"}, "another site"),
        ({"sec-fetch-site": "same-site"}, "another site"),
    ):
        assert said in refused(shared.request(method, path, headers=headers), 403)


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_with_a_token_no_call_of_the_admin_api_is_for_who_lacks_it(locked: TestClient, method: str, path: str) -> None:
    for wrong in (
        None,
        "",
        "Bearer",
        f"Bearer {LET_IN}x",
        f"Bearer {LET_IN[:-1]}",
        f"Basic {LET_IN}",
        LET_IN,
        "Bearer null",
    ):
        answer = locked.request(method, path, headers={} if wrong is None else {"authorization": wrong})
        assert "wants `Authorization: Bearer`" in refused(answer, 401)
        assert LET_IN not in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://docs.example", "host": "mock.example", "sec-fetch-site": "cross-site"}]
)
def test_a_contract_is_for_everybody_and_every_page(locked: TestClient, headers: dict[str, str]) -> None:
    answer = locked.get(CONTRACT, headers=headers)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.json()["openapi"] == "3.1.0"
    assert "there is apimo, gsl, seeker" in refused(locked.get("/__admin/contracts/nobody", headers=headers), 404)
    preflight = {"access-control-request-method": "GET", "access-control-request-private-network": "true"}
    allowed = locked.options(CONTRACT, headers={**headers, **preflight, "access-control-request-headers": "x-a"})
    assert (allowed.status_code, allowed.content) == (204, b"")
    assert allowed.headers["access-control-allow-methods"] == "GET, HEAD"
    assert allowed.headers["access-control-allow-headers"] == "x-a"
    assert allowed.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *((method, CONTRACT) for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
        ("GET", "/__admin/contracts"),
        ("GET", "/__admin/contracts/"),
        ("GET", f"{CONTRACT}/"),
        ("GET", "/__admin/contracts/%2e%2e/journal"),
        ("GET", "/__admin/contracts/apimo%2f..%2f..%2fjournal"),
        ("OPTIONS", "/__admin/journal"),
    ],
)
def test_what_only_looks_like_reading_a_contract_is_guarded(locked: TestClient, method: str, path: str) -> None:
    asks = {"access-control-request-method": "GET"} if path == "/__admin/journal" else {}
    answer = locked.request(method, path, headers={"origin": "https://docs.example", **asks})
    assert "The admin API is not for pages of" in refused(answer, 403)
    assert "access-control-allow-origin" not in answer.headers


def test_off_loopback_there_is_always_a_token(start_server: StartServer) -> None:
    served = start_server("--host", "0.0.0.0", "--world", "small")
    token = served.first["admin_token"]
    assert len(token) >= 24
    with httpx2.Client(base_url=served.url, trust_env=False) as client:
        for path in ("/__admin/openapi.json", "/__admin/journal/events", "/__admin/metrics", "/__admin/sandboxes"):
            assert "wants `Authorization: Bearer`" in refused(client.get(path), 401)
        let_in = client.get("/__admin/openapi.json", headers={"authorization": f"Bearer {token}"})
        assert let_in.status_code == 200
    assert token not in served.log()


@pytest.mark.parametrize(
    "path",
    [
        "/__admin/sandboxes/..%2f..%2fetc",
        "/__admin/sandboxes/%2e%2e/clock",
        "/__admin/sandboxes/a%0d%0aset-cookie:x/clock",
        "/__admin/sandboxes/a%00b/clock",
        "/__admin/sandboxes/%F0%9F%98%80/clock",
        "/__admin/sandboxes/" + "a" * 5000 + "/clock",
        "/__admin/contracts/..%2f..%2fpyproject.toml",
        "/__admin/contracts/%2e%2e",
        "/__admin/faults/..",
        "/__admin/leads/" + "9" * 400,
        "/__admin/leads/newest:" + "9" * 400,
        "/__admin/leads/%00",
        "/__admin//journal",
        "/__admin/journal%0a",
        "/~default/__admin/journal",
        "/~default/__admin/../__admin/journal",
        "//__admin/journal",
    ],
)
def test_odd_paths_lead_nowhere(client: TestClient, path: str) -> None:
    answer = client.get(f"http://127.0.0.1:8080{path}")
    refused(answer, 404)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "id", ["../x", "a/b", "a\r\nset-cookie: x", "a\nb", "a\x00", ".", "..", "-a", "~a", "a b", "é", "a" * 65, "", "%2e"]
)
def test_a_sandbox_cannot_be_called_so(client: TestClient, id: str) -> None:
    assert "/id: a name of letters, digits," in refused(client.post("/__admin/sandboxes", json={"id": id}), 422)
    assert "/name: a name of letters, digits," in refused(client.post("/__admin/snapshot", json={"name": id}), 422)


@pytest.mark.parametrize(
    "id", ["", "nobody", "../default", "a\tb", "default,default", "default ", "é", "a" * 10_000, "{}", "%64efault"]
)
def test_an_odd_name_in_the_header_is_no_sandbox(client: TestClient, id: str) -> None:
    answer = client.get(LEADS, headers={b"x-mockserver-sandbox": id.encode()})
    assert answer.status_code in (401, 404)
    assert client.get(LEADS).status_code == 200, "and harms nobody"


@pytest.mark.parametrize(
    "name", ["../../pyproject.toml", "/etc/passwd", "fixtures/worlds/small.yaml", "small.yaml", "~", ".", ""]
)
def test_worlds_and_scenarios_are_never_read_by_path(client: TestClient, name: str, tmp_path: Path) -> None:
    readable = tmp_path / "world.yaml"
    readable.write_text("name: mine\nagencies: [{id: 1}]\n", encoding="utf-8")
    for named in (name, str(readable)):
        refused(client.post("/__admin/sandboxes", json={"world": named}), 422)
        refused(client.post("/__admin/sandboxes", json={"scenario": named}), 422)
        refused(client.put("/__admin/scenario", json={"name": named}), 422)


@pytest.mark.parametrize(
    ("method", "path"),
    # The one that reads a file has a bound of its own.
    [(method, path) for method, path in GUARDED if method in ("POST", "PUT", "PATCH") and "capsules" not in path],
)
def test_no_body_is_too_much_for_the_admin_api(shared: TestClient, method: str, path: str) -> None:
    json_type = {"content-type": "application/json"}
    huge = b'{"x": "' + b"x" * 3000 + b'"}'
    assert "larger than 2048 bytes" in refused(shared.request(method, path, content=huge, headers=json_type), 413)
    chunked = iter([huge[:1500], huge[1500:]])
    assert "larger than 2048 bytes" in refused(shared.request(method, path, content=chunked, headers=json_type), 413)
    for deep in (b'{"a":' * 300 + b"1" + b"}" * 300, b"[" * 2000, b'{"body": ' + b"[" * 900 + b"]" * 900 + b"}"):
        refused(shared.request(method, path, content=deep, headers=json_type), 400, 422)
    for odd in (b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', b"\xff\xfe", b"{}{}", b"\x00"):
        refused(shared.request(method, path, content=odd, headers=json_type), 400, 422)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400, 1e308])
def test_no_number_is_too_large_for_the_admin_api(client: TestClient, number: float) -> None:
    text = str(number)
    for path, body in (
        ("/__admin/sandboxes", f'{{"seed": {text}}}'),
        ("/__admin/leads", f'{{"agency": {text}}}'),
        ("/__admin/leads", f'{{"count": {text}}}'),
        ("/__admin/faults", f'{{"kind": "delay", "delay_ms": {text}}}'),
        ("/__admin/verify", f'{{"count": {text}}}'),
        ("/__admin/webhooks/delivery-faults", f'{{"kind": "delay", "seconds": {text}}}'),
        ("/__admin/webhooks/delivery-faults", f'{{"kind": "duplicate", "copies": {text}}}'),
    ):
        answer = client.post(path, content=body, headers={"content-type": "application/json"})
        refused(answer, 400, 422)


def test_what_grows_is_bounded_and_says_so(make_client: MakeClient) -> None:
    client = make_client(sandbox_limit=3, journal_size=4)
    for path, body, most, said in (
        ("/__admin/sandboxes", {}, 3, "sandboxes beside the default one"),
        ("/__admin/faults", {"kind": "empty", "after": 1000}, 100, "faults, the most that a sandbox has"),
        ("/__admin/snapshot", {}, 20, "snapshots, the most of a sandbox"),
        ("/__admin/webhooks/delivery-faults", {"kind": "erased"}, 100, "delivery faults, the most of a sandbox"),
    ):
        statuses = [client.post(path, json=body).status_code for _ in range(most)]
        assert set(statuses) <= {200, 201}
        assert said in refused(client.post(path, json=body), 409)
    assert "/count: 1000 is the most" in refused(client.post("/__admin/leads", json={"count": 10**6}), 422)
    steps = [{"when": "start", "do": [{"clear_faults": True}]}] * 300
    refused(client.put("/__admin/scenario", json={"name": "n", "why": "w", "steps": steps}), 422)
    for _ in range(10):
        client.get("/apimo/catalogs")
    journal = client.get("/__admin/journal").json()
    assert (len(journal["entries"]), journal["total"], journal["evicted"]) == (4, 10, 6)


def test_a_snapshot_of_the_same_name_takes_no_more_room(client: TestClient) -> None:
    for _ in range(25):
        assert client.post("/__admin/snapshot", json={"name": "mine"}).status_code == 200


_HARMFUL = [
    "!!python/object/apply:os.system ['touch {marker}']",
    "!!python/object/new:subprocess.Popen [['touch', '{marker}']]",
    "!!python/name:os.system",
    "!!python/module:os",
]


@pytest.mark.parametrize("tag", _HARMFUL)
def test_no_file_of_a_user_runs_code(tag: str, tmp_path: Path) -> None:
    marker, file = tmp_path / "marker", tmp_path / "file.yaml"
    value = tag.format(marker=marker)
    file.write_text(f"name: {value}\nwhy: x\nsteps: []\nagencies: [{{id: 1}}]\n", encoding="utf-8")
    with pytest.raises(WorldError, match="it cannot be read: could not determine a constructor"):
        build(Settings(world=str(file)))
    with pytest.raises(ScenarioError):
        load_scenario(str(file))
    assert not marker.exists()


def test_a_file_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    file = tmp_path / "bomb.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ScenarioError):
        load_scenario(str(file))


def test_templates_in_members_are_texts(client: TestClient) -> None:
    for text in ("{{7*7}}", "${jndi:ldap://evil}", "{0.__class__}", "%(x)s", "<script>alert(1)</script>"):
        (lead,) = client.post("/__admin/leads", json={"message": text}).json()["leads"]
        assert lead["message"] == text


def spread_secrets(client: TestClient) -> list[str]:
    """Secrets of every kind, wherever a client may put them; those that must show nowhere."""
    apimo = client.post("/__admin/sandboxes", json={"id": "a"}).json()["credentials"]["apimo"]["token"]
    rotated = "rotated-secret-0123456789"
    assert client.post("/__admin/credentials/gsl/rotate", json={"secret": rotated}).status_code == 200
    form = {"grant_type": "client_credentials", "client_id": "mock-gsl-client", "client_secret": rotated}
    form["scope"] = "laas:leads:get"
    issued = client.post("/gsl/oauth/token", data=form, auth=httpx2.Auth()).json()["access_token"]
    client.post("/gsl/v2/leads", json={}, headers={"authorization": f"Bearer {issued}"}, auth=httpx2.Auth())
    for secret in (AUTH[1], rotated, issued):
        client.get(f"{LEADS}?limit=1&token={secret}&x={secret}")
        client.post(LEADS, json={"reference": secret, "password": secret})
        client.get(f"/apimo/{secret}", headers={"x-api-key": secret, "cookie": f"session={secret}", "x-odd": secret})
    client.get(f"/~a{LEADS}?x={apimo}", auth=("1", apimo))
    return [AUTH[1], rotated, issued, apimo]


def test_no_secret_is_shown_in_journal_archive_verdict_metrics_or_coverage(client: TestClient) -> None:
    secrets = spread_secrets(client)
    shown = [
        client.get(f"{base}/{path}").text
        for base in ("/__admin", "/__admin/sandboxes/a")
        for path in ("journal", "journal.har", "coverage", "faults", "scenario")
    ]
    shown += [client.get("/__admin/metrics").text]
    shown += [client.post("/__admin/verify", json={"status": 999}).text]
    for secret in secrets:
        assert not any(secret in text for text in shown)


def test_no_secret_is_logged(make_client: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "mockserver")
    client = make_client(admin_token=LET_IN)
    client.headers["authorization"] = f"Bearer {LET_IN}"
    secrets = spread_secrets_as(client)
    assert [secret for secret in [*secrets, LET_IN] if secret in caplog.text] == []


def spread_secrets_as(client: TestClient) -> list[str]:
    """A few calls with secrets, as a client that brings the admin token itself."""
    secret = "chosen-secret-0123456789"
    client.auth = httpx2.Auth()
    assert client.post("/__admin/credentials/apimo/rotate", json={"secret": secret}).status_code == 200
    assert client.post("/__admin/credentials/apimo/rotate", json={"secret": secret}).status_code == 422
    client.get(f"{LEADS}?token={secret}", headers={"authorization": f"Bearer {secret}"})
    return [secret]


def test_a_refusal_does_not_repeat_a_secret_that_was_sent(client: TestClient) -> None:
    secret = "short!€"
    answer = client.post("/__admin/credentials/apimo/rotate", json={"secret": secret})
    refused(answer, 422)
    assert secret not in answer.text
    both = {"credentials": {"apimo": {"provider": AUTH[0], "token": "u" * 40}}}
    answer = client.post("/__admin/sandboxes", json=both)
    refused(answer, 409)
    assert "u" * 40 not in answer.text


def test_nothing_a_client_says_of_its_own_address_gets_into_answers_as_it_is(make_client: MakeClient) -> None:
    client = make_client(admin_token=LET_IN)
    client.auth = httpx2.Auth()
    headers = {"authorization": f"Bearer {LET_IN}", "host": 'a"b<script>'}
    made = client.post("/__admin/sandboxes", headers=headers)
    assert made.status_code == 201
    assert "<script>" not in json.dumps(made.json()) + made.headers["location"]


def test_a_token_of_one_sandbox_is_worth_nothing_in_another(client: TestClient) -> None:
    tokens: dict[str, Any] = {}
    for id in ("a", "b"):
        made = client.post("/__admin/sandboxes", json={"id": id}).json()
        words = {**made["credentials"]["gsl"], "grant_type": "client_credentials"}
        issued = client.post(made["urls"]["gsl_token_url"], json=words, auth=httpx2.Auth())
        tokens[id] = {"authorization": f"Bearer {issued.json()['access_token']}"}
    search = {"SearchCriteria": {"StartDate": 0, "EndDate": 1_800_000_000}}
    for token, into, status in (("a", "a", 200), ("a", "b", 401), ("b", "a", 401)):
        answer = client.post(f"/~{into}/gsl/v2/leads", json=search, headers=tokens[token], auth=httpx2.Auth())
        assert answer.status_code == status
