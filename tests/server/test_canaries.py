"""No secret leaves by any way, although the journal keeps calls as they came until somebody looks at them."""

import asyncio
import copy
import logging
import pickle
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from mockserver.admin.streams import JournalSubscription, Streams, follow
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.recorded_call import LateNotes, RecordedBody
from mockserver.server.app import MockServer
from tests.conftest import AUTH
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
ADMIN_TOKEN = "admin-token-canary-0123456789"
KEY = "webhook-key-canary-0123456789"
ROTATED, LATER = "rotated-secret-canary-0123", "later-secret-canary-4567"
BEARER = {"authorization": f"Bearer {ADMIN_TOKEN}"}
JSON = {"content-type": "application/json"}
MARK = "CANARY"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def canary(number: int) -> str:
    """A secret that nobody knows beforehand: it is told by its place."""
    return f"canary-{number:02}-q9w8e7r6t5"


# A call each: method, address, headers, body; `CANARY` is the secret, which may be any or one that the sandbox knows.
ANY = [
    ("GET", LEADS, {"authorization": "Bearer CANARY"}, b""),
    ("GET", LEADS, {"authorization": "Token CANARY"}, b""),
    ("GET", LEADS, {"authorization": "CANARY"}, b""),
    ("GET", LEADS, {"proxy-authorization": "Digest CANARY", "x-api-key": "CANARY", "cookie": "session=CANARY"}, b""),
    ("GET", f"{LEADS}?access_token=CANARY&limit=1", {}, b""),
    ("GET", f"{LEADS}?client%5Fsecret=CANARY&nope=1", {}, b""),
    ("GET", f"{LEADS}?next=http://user:CANARY%40127.0.0.1/", {"referer": "http://user:CANARY@127.0.0.1/"}, b""),
    ("GET", "/apimo/agencies/Bearer%20CANARY/leads", {}, b""),
    ("POST", LEADS, JSON, b'{"reference": "r", "client_secret": "CANARY"}'),
    ("POST", LEADS, JSON, b'{"reference": "r", "\\u0063lient_secret": "CANARY"}'),
    ("POST", LEADS, JSON, b'{"reference": "r", "message": "{\\"password\\": \\"CANARY\\"}"}'),
    ("POST", LEADS, JSON, b'{"reference": "r", "message": "send Bearer CANARY along"}'),
    ("POST", LEADS, JSON, b'{"token": ["CANARY"]'),
    ("POST", "/gsl/v2/leads", JSON, b'{"api_key": "CANARY"}'),
    ("POST", "/gsl/oauth/token", FORM, b"grant_type=client_credentials&client_id=a&client_secret=CANARY"),
    ("POST", "/seeker/oauth/token", JSON, b'{"client_id": "a", "client_secret": "CANARY"}'),
    ("POST", "/nowhere", FORM, b"password=CANARY"),
]
KNOWN = [
    ("GET", f"{LEADS}?x=CANARY", {"x-odd": "is CANARY"}, b""),
    ("GET", "/apimo/CANARY", {}, b""),
    ("GET", "/elsewhere/CANARY", {}, b""),
    ("POST", LEADS, JSON, b'{"reference": "CANARY", "message": "CANARY CANARY"}'),
    ("POST", LEADS, JSON, b'{"message": "' + b"m" * 4_080 + b'CANARY"}'),
    ("POST", LEADS, JSON, b'{"message": "' + b"m" * 40_000 + b'CANARY"}'),
    ("POST", "/gsl/oauth/token", FORM, b"grant_type=CANARY&client_id=CANARY"),
]


def calls(client: TestClient, requests: list[Any], secrets: list[str]) -> None:
    """Makes each call with each of the secrets."""
    for secret in secrets:
        for method, address, headers, body in requests:
            named = {name: value.replace(MARK, secret) for name, value in headers.items()}
            if address.startswith(LEADS) and "authorization" not in named:
                named["authorization"] = f"Basic {b64encode(':'.join(AUTH).encode()).decode()}"
            content = body.replace(MARK.encode(), secret.encode())
            client.request(method, address.replace(MARK, quote(secret)), headers=named, content=content)


def spread(client: TestClient) -> list[str]:
    """Puts secrets everywhere, lets the known ones change before anybody looks; returns all of them."""
    client.auth = httpx2.Auth()
    rotate = "/__admin/credentials/gsl/rotate"
    assert client.post(rotate, json={"secret": ROTATED}, headers=BEARER).status_code == 200
    unknown = [canary(number) for number in range(len(ANY))]
    for secret, request in zip(unknown, ANY, strict=True):
        calls(client, [request], [secret])
    calls(client, KNOWN, [ROTATED, AUTH[1], "mock-seeker-secret"])
    form = {"grant_type": "client_credentials", "client_id": "mock-gsl-client", "scope": "laas:leads:get"}
    issued = client.post("/gsl/oauth/token", data={**form, "client_secret": ROTATED}).json()["access_token"]
    asked = {"client_id": "mock-seeker-client", "client_secret": "mock-seeker-secret"}
    audience = "https://api.aviv-group.com/seeker-leads/v1"
    body = {**asked, "grant_type": "client_credentials", "audience": audience}
    token = client.post("/seeker/oauth/token", json=body).json()["access_token"]
    client.get(f"/gsl/v2/leads/x?token={issued}", headers={"authorization": f"Bearer {issued}"})
    client.get(LEADS, headers={**BEARER, "x-odd": f"Bearer {ADMIN_TOKEN}"})
    client.post(
        "/seeker/seeker-leads/v1/webhook/subscriptions",
        json={"url": "http://127.0.0.1:9/", "apiKey": KEY},
        headers={"authorization": f"Bearer {token}"},
    )
    assert client.post(rotate, json={"secret": LATER}, headers=BEARER).status_code == 200
    calls(client, KNOWN[:3], [LATER])
    for name in ("apimo", "gsl"):
        assert client.post(f"/__admin/credentials/{name}/revoke", json={}, headers=BEARER).status_code < 300
    return [*unknown, ROTATED, LATER, AUTH[1], "mock-seeker-secret", issued, token, KEY, ADMIN_TOKEN]


def forms(secret: str) -> set[str]:
    """The secret, as it is and in base64 behind a name of a user."""
    return {secret, b64encode(f"4321:{secret}".encode()).decode().rstrip("=")[8:-4]}


def events(app: MockServer) -> str:
    """Everything that a follower of the journal gets at once."""

    async def read() -> str:
        subscription = JournalSubscription(app.sandboxes, app.sandbox, None)
        pieces, total = [], app.sandbox.journal.total
        async for piece in follow(Streams(), subscription, 0, lambda entry: True):
            pieces.append(piece.decode())
            if f"id: {total}\n" in pieces[-1]:
                break
        return "".join(pieces)

    return asyncio.run(read())


def pages(client: TestClient) -> Iterator[str]:
    """What the admin API shows of calls."""
    for path in ("journal", "journal.har", "coverage", "metrics", "faults", "scenario", "webhooks", "outbox"):
        yield client.get(f"/__admin/{path}", headers=BEARER).text
    for expectation in ({"status": 999}, {"body": {"a": 1}}, {"path": "/nothing", "query": {"limit": 99}}):
        yield client.post("/__admin/verify", json=expectation, headers=BEARER).text


@pytest.fixture(params=["events", "pages"])
def first_look(request: pytest.FixtureRequest) -> str:
    """The way by which the calls are looked at first."""
    return str(request.param)


MakeApp = Callable[..., MockServer]


def test_no_canary_leaves_by_the_admin_api_or_the_log(
    make_app: MakeApp, first_look: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mockserver")
    app = make_app(admin_token=ADMIN_TOKEN)
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    secrets = spread(client)
    texts = [events(app)] if first_look == "events" else []
    texts += [*pages(client), events(app)]
    texts += [record.getMessage() for record in caplog.records if record.name.startswith("mockserver")]
    assert len(texts[0]) > 10_000
    wrong = {form for secret in secrets for form in forms(secret) if any(form in text for text in texts)}
    assert wrong == set()


def test_no_canary_is_in_a_snapshot_or_in_what_is_there_after_it_was_restored(make_app: MakeApp) -> None:
    app = make_app(admin_token=ADMIN_TOKEN)
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    secrets = spread(client)
    snapshot = client.post("/__admin/snapshot", headers=BEARER).json()
    assert client.post("/__admin/restore", json=snapshot, headers=BEARER).status_code < 300
    texts = list(pages(client))
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []


def test_no_canary_of_a_call_is_in_the_file_of_a_store(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(admin_token=ADMIN_TOKEN, store=f"sqlite:///{tmp_path}/store.db")
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    secrets = spread(client)
    with closing(sqlite3.connect(f"{tmp_path}/store.db")) as database:
        rows = [str(row[0]) for row in database.execute("SELECT entry FROM mockserver_journal")]
    app.sandboxes.repository.close()
    assert len(rows) > 40
    assert [secret for secret in secrets if any(secret in row for row in rows)] == []
    # Credentials in force, keys of subscriptions, and what the message of a lead says, are records of a store.
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    told_by_place = [canary(number) for number, request in enumerate(ANY) if b"message" not in request[3]]
    assert [secret for secret in [*told_by_place, ADMIN_TOKEN] if secret.encode() in stored] == []


def test_no_canary_is_in_what_a_listener_or_the_judge_hears(make_app: MakeApp) -> None:
    app, heard = make_app(admin_token=ADMIN_TOKEN), list[Entry]()
    app.sandbox.journal.listeners.add(heard.append)
    secrets = spread(TestClient(app, base_url="http://127.0.0.1:8080"))
    text = repr(heard) + repr([entry.as_record() for entry in heard])
    assert len(heard) == app.sandbox.journal.total
    assert [secret for secret in secrets if secret in text] == []


def test_a_call_that_nobody_has_looked_at_is_not_printed_copied_or_pickled(make_app: MakeApp) -> None:
    app = make_app()
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    calls(client, ANY[:1], [canary(1)])
    calls(client, KNOWN[3:4], [AUTH[1]])
    for call in app.sandbox.journal.waiting():
        raw = call._raw
        assert raw is not None
        body = RecordedBody(AUTH[1].encode() + canary(1).encode(), 1_000)
        for part in (call, raw, raw.head, body, LateNotes(0, lambda: [canary(1)])):
            assert not any(secret in repr(part) for secret in (canary(1), AUTH[1]))
        for part in (call, raw, raw.head, body):
            with pytest.raises(TypeError, match="may hold secrets"):
                pickle.dumps(part)
            with pytest.raises(TypeError, match="may hold secrets"):
                copy.copy(part)


def test_what_was_looked_at_once_is_an_entry_and_no_call_any_more(make_app: MakeApp) -> None:
    app = make_app()
    client = TestClient(app, base_url="http://127.0.0.1:8080")
    calls(client, ANY[:3], [canary(1)])
    waiting = list(app.sandbox.journal.waiting())
    assert len(waiting) == 3
    entries = list(app.sandbox.journal.entries())
    assert not app.sandbox.journal.waiting()
    assert [call.entry for call in waiting] == entries
    assert all(call._raw is None for call in waiting)
    assert all(one is other for one, other in zip(entries, app.sandbox.journal.entries(), strict=True))
