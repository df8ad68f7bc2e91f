"""Capsules: saved at one server and loaded at another, whatever its store; without secrets; refused by name."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from mockserver.foundation.settings import SettingsError
from mockserver.registry.capsules import file_format
from mockserver.registry.capsules.document import capsule_schema
from tests.conftest import NOW, MakeClient
from tests.support.every_call import provider_lists, provider_writes
from tests.support.in_process import TestClient

A = "/__admin/sandboxes/a"
NOBODY = httpx2.Auth()
CURSOR = {"SearchCriteria": {"StartDate": 0, "EndDate": NOW}, "Pagination": {"Limit": 3}}
SCENARIO = {
    "name": "half-way",
    "why": "It is saved between its steps.",
    "steps": [
        {"when": {"start": True}, "do": [{"arrive": {"count": 2}}]},
        {
            "when": {"calls": 200},
            "do": [{"rotate_credentials": {"provider": "apimo", "secret": "canary-of-the-scenario"}}],
        },
    ],
}
CHOSEN = {"gsl": {"client_id": "chosen-client", "client_secret": "canary-of-the-client"}}


def ok(answer: httpx2.Response, status: int = 200) -> Any:
    """The body of an answer that must have that status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def load(client: TestClient, file: bytes, query: str = "", **headers: str) -> httpx2.Response:
    """The answer to a capsule."""
    return client.post(f"/__admin/capsules{query}", content=file, headers=headers, auth=NOBODY)


def document_of(file: bytes) -> dict[str, Any]:
    """The JSON in a capsule."""
    document: dict[str, Any] = json.loads(gzip.decompress(file))
    return document


def lived_in(client: TestClient, **members: Any) -> bytes:
    """Makes the sandbox `a`, lets everything happen in it that a sandbox remembers, and returns its capsule."""
    ok(client.post("/__admin/sandboxes", json={"id": "a", "scenario": SCENARIO, **members}), 201)
    for answer in provider_writes(client, "a"):
        assert answer.status_code < 300, answer.text
    client.post(f"{A}/faults", json={"kind": "status", "status": 503, "probability": 0.5, "times": 3})
    client.post(f"{A}/faults", json={"kind": "stale", "provider": "gsl", "after": 2})
    client.post(f"{A}/webhooks/delivery-faults", json={"kind": "duplicate", "after": 1})
    client.post(f"{A}/leads", json={"count": 3, "agency": 102})
    client.patch(f"{A}/leads/newest", json={"message": "Changed by hand."})
    client.delete(f"{A}/leads/oldest:101")
    client.post(f"{A}/leads/oldest/erase")
    client.post(f"{A}/agencies/102/revoke", json={"provider": "seeker"})
    client.post(f"{A}/credentials/apimo/rotate", json={})
    client.post(f"{A}/keys/gsl/rotate")
    client.put(f"{A}/clock", json={"advance": "PT1.5S"})
    for answer in provider_lists(client, NOW, "a"):
        assert answer.status_code < 500 or "error" in answer.text or answer.text
    return client.get(f"{A}/capsule").content


def told(answers: Iterator[httpx2.Response]) -> list[tuple[Any, ...]]:
    """Everything of some answers that a client sees."""
    return [(answer.request.url.path, answer.status_code, answer.headers, answer.content) for answer in answers]


@pytest.fixture
def file(client: TestClient) -> bytes:
    """The capsule of a sandbox in which something happened."""
    ok(client.post("/__admin/sandboxes", json={"id": "a"}), 201)
    ok(client.post(f"{A}/leads", json={}), 201)
    return client.get(f"{A}/capsule").content


@pytest.mark.parametrize("stores", [("memory", "sqlite"), ("sqlite", "memory")])
def test_the_same_calls_get_the_same_answers_elsewhere(
    stores: tuple[str, str], make_client: MakeClient, tmp_path: Path
) -> None:
    here, there = (
        make_client(store="memory" if kind == "memory" else f"sqlite:///{tmp_path / 'there.db'}") for kind in stores
    )
    saved = lived_in(here)

    answer = load(there, saved)
    assert answer.headers["location"].endswith(A)
    assert ok(answer, 201)["id"] == "a"
    assert answer.json()["credentials"] == ok(here.get(A))["credentials"]
    # Saved again, it is the same file: nothing was lost, and nothing came in addition.
    assert document_of(there.get(f"{A}/capsule").content) == {**document_of(saved), "withheld": []}
    for path in ("/journal", "/scenario", "/faults", "/webhooks", "/leads?limit=1000", "/coverage", "/clock"):
        assert there.get(f"{A}{path}").json() == here.get(f"{A}{path}").json(), path
    assert told(provider_lists(there, NOW, "a")) == told(provider_lists(here, NOW, "a"))
    assert told(provider_writes(there, "a")) == told(provider_writes(here, "a"))
    for client in (here, there):
        client.put(f"{A}/clock", json={"advance": "PT1H"})
    assert told(provider_lists(there, NOW + 3600, "a")) == told(provider_lists(here, NOW + 3600, "a"))


def test_a_cursor_and_a_token_go_on_in_a_copy_of_another_name(client: TestClient) -> None:
    made = ok(client.post("/__admin/sandboxes", json={"id": "a"}), 201)
    words = {**made["credentials"]["gsl"], "grant_type": "client_credentials"}
    token = ok(client.post(made["urls"]["gsl_token_url"], json=words, auth=NOBODY))["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    page = ok(client.post(f"{made['urls']['gsl']}/v2/leads", json=CURSOR, headers=bearer, auth=NOBODY))
    copy = ok(load(client, client.get(f"{A}/capsule").content, "?as=copy"), 201)
    assert (copy["id"], copy["credentials"]) == ("copy", made["credentials"])
    (warning,) = copy["warnings"]
    assert "lead to another sandbox" in warning

    body = {**CURSOR, "Pagination": {**CURSOR["Pagination"], "LastItemKey": page["Data"]["LastItemKey"]}}
    pages = [
        ok(client.post(f"{about['urls']['gsl']}/v2/leads", json=body, headers=bearer, auth=NOBODY))
        for about in (made, copy)
    ]
    assert pages[0] == pages[1] != page
    # Its credentials lead there, once nobody else has them.
    ok(client.delete(A), 204)
    ok(client.delete("/__admin/sandboxes/copy"), 204)
    assert ok(load(client, client.get("/__admin/capsule").content), 201)["id"] != "default"


def test_it_starts_again_where_the_saved_one_was_made(client: TestClient, file: bytes) -> None:
    ok(client.delete(A), 204)
    leads = ok(client.get("/__admin/leads"))["total"]
    made = ok(load(client, file), 201)
    assert made["warnings"] == []
    assert ok(client.get(f"{A}/leads"))["total"] == leads + 1
    assert ok(client.get("/apimo/agencies", auth=tuple(made["credentials"]["apimo"].values())[:2]))
    ok(client.post(f"{A}/reset"), 204)
    assert ok(client.get(f"{A}/leads"))["total"] == leads
    assert load(client, file, "?as=a").json()["detail"] == (
        "There is a sandbox 'a' already; delete it, or load the capsule as another one."
    )


def test_a_search_may_name_a_contact_that_there_never_was(client: TestClient) -> None:
    search = {"contact": 1, "user": 1, "category": 1, "country": "FR"}
    ok(client.post("/apimo/agencies/101/requests", json=search))
    ok(load(client, client.get("/__admin/capsule").content, "?as=copy"), 201)


def test_nothing_secret_is_in_it_and_it_says_what_is_missing(make_client: MakeClient) -> None:
    client = make_client()
    saved = lived_in(client, credentials=CHOSEN)
    about = ok(client.get(A))
    base = f"{about['urls']['seeker']}/seeker-leads/v1"
    words = {**about["credentials"]["seeker"], "grant_type": "client_credentials"}
    token = ok(client.post(about["urls"]["seeker_token_url"], json=words, auth=NOBODY))["access_token"]
    hook = {"url": "http://127.0.0.1:9/hook?token=canary-in-the-address", "apiKey": "canary-of-the-webhook"}
    bearer = {"authorization": f"Bearer {token}", "cookie": "session=canary-of-the-cookie"}
    ok(client.post(f"{base}/webhook/subscriptions", json=hook, headers=bearer, auth=NOBODY), 201)
    fault = {"kind": "status", "status": 500, "headers": {"Set-Cookie": "canary-of-a-fault"}}
    ok(client.post(f"{A}/faults", json=fault), 201)
    client.post(f"{A}/tokens/gsl/revoke", json={"token": token})
    client.post(f"{A}/leads", json={"message": "The secret is canary-of-the-client, says the client."})
    saved = client.get(f"{A}/capsule").content

    text = gzip.decompress(saved)
    secrets = [token, *(word for words in about["credentials"].values() for word in words.values())]
    for secret in (part for part in secrets if isinstance(part, str) and len(part) in (40, len(token))):
        assert secret.encode() not in text
        assert base64.b64encode(secret.encode())[:-4] not in text
    assert b"canary" not in text
    sentences = document_of(saved)["withheld"]
    for part in (
        "secret of a rotation",
        "secret of chosen-client at gsl was chosen",
        "key of webhook",
        "Set-Cookie",
        "store enquiry/",
    ):
        assert any(part in sentence for sentence in sentences), (part, sentences)

    # Loaded without the secret there is another one; given again, it is the one that was chosen.
    other = make_client()
    made = ok(load(other, saved), 201)
    assert made["warnings"][: len(sentences)] == sentences
    assert made["credentials"]["gsl"]["client_id"] == "chosen-client"
    assert made["credentials"]["gsl"]["client_secret"] not in ("", "canary-of-the-client")
    again = ok(load(other, saved, "?as=b", **{"x-mockserver-credentials": json.dumps(CHOSEN)}), 201)
    assert again["credentials"]["gsl"]["client_secret"] == "canary-of-the-client"
    assert not any("chosen-client at gsl was chosen" in sentence for sentence in again["warnings"])
    for header, detail in (
        ("nonsense", "is no JSON of the form"),
        ('{"gsl": {"client_id": "x", "client_secret": "y"}}', "those of chosen-client are needed"),
        ('{"gsl": {}}', "credentials.gsl: `client_id` and `client_secret`"),
        ('{"sgl": {}}', "names provider 'sgl'"),
    ):
        assert detail in load(other, saved, "?as=c", **{"x-mockserver-credentials": header}).json()["detail"]


def test_a_secret_that_was_chosen_at_a_rotation_is_given_again_and_the_one_before_stays_wrong(
    client: TestClient, make_client: MakeClient
) -> None:
    before = ok(client.post("/__admin/sandboxes", json={"id": "a"}), 201)["credentials"]["gsl"]
    now = ok(client.post(f"{A}/credentials/gsl/rotate", json={"secret": "chosen-at-a-rotation"}))["credentials"]
    saved = client.get(f"{A}/capsule").content
    other = make_client()
    ok(load(other, saved), 201)
    ok(load(other, saved, "?as=b", **{"x-mockserver-credentials": json.dumps({"gsl": now})}), 201)

    def status(sandbox: str, words: dict[str, str]) -> int:
        form = {**words, "grant_type": "client_credentials"}
        return other.post(f"/~{sandbox}/gsl/oauth/token", data=form, auth=NOBODY).status_code

    assert (status("a", before), status("b", before), status("b", now)) == (401, 401, 200)
    wrong = json.dumps({"gsl": {**now, "client_id": "nobody"}})
    detail = load(other, saved, "?as=c", **{"x-mockserver-credentials": wrong}).json()["detail"]
    assert f"those of {before['client_id']} are needed" in detail


def test_an_unknown_parameter_is_refused_with_the_names_of_those_that_there_are(client: TestClient) -> None:
    assert "/sa: is not known here; known are as" in load(client, b"", "?sa=b").json()["detail"]


def test_its_schema_is_json_schema_and_it_keeps_it(file: bytes) -> None:
    schema = capsule_schema()
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.validator_for(schema)
    validator.validate(document_of(file))
    assert not validator.is_valid({**document_of(file), "capsule": 2})


def other(**members: Any) -> Callable[[dict[str, Any]], Any]:
    """A capsule with other members."""
    return lambda document: {**document, **members}


def with_record(*record: Any) -> Callable[[dict[str, Any]], Any]:
    """A capsule with one record more."""
    return lambda document: {**document, "records": [*document["records"], list(record)]}


def moved(**members: Any) -> Callable[[dict[str, Any]], Any]:
    """A capsule whose lead has other members."""

    def change(document: dict[str, Any]) -> Any:
        records = [
            [component, key, {**value, **members} if key.startswith("enquiry/") else value]
            for component, key, value in document["records"]
        ]
        return {**document, "records": records}

    return change


def of_other_contract(document: dict[str, Any]) -> Any:
    """A capsule of a release with another contract."""
    return {**document, "contracts": {**document["contracts"], "gsl": {"version": "9", "digest": "0" * 64}}}


def without_seeker(document: dict[str, Any]) -> Any:
    """A capsule of a release without a provider."""
    return {**document, "contracts": {name: document["contracts"][name] for name in ("apimo", "gsl")}}


BAD_FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda file: b"", "It is no capsule: it is empty"),
    "JSON": (gzip.decompress, "It is no capsule: it is not compressed with gzip"),
    "cut": (lambda file: file[:-30], "It is damaged: its end is missing"),
    "flipped": (lambda file: file[:200] + bytes([file[200] ^ 255]) + file[201:], "It is damaged"),
    "continued": (lambda file: file + b"more", "It is damaged: there is something behind its end"),
    "no JSON": (lambda file: gzip.compress(b"nonsense"), "It is damaged: what it unpacks to is not JSON"),
    "deep": (lambda file: gzip.compress(b"[" * 100_000), "It is damaged: what it unpacks to is not JSON"),
    "a list": (lambda file: gzip.compress(b"[1]"), "It is no capsule: it has JSON, but no object."),
    "lines cut": (
        lambda file: gzip.compress(gzip.decompress(file).rpartition(b"]}")[0]),
        "It is damaged: the end of its JSON is missing",
    ),
    "bomb": (lambda file: gzip.compress(b" " * (5 << 20), 1), "a part of it has more than 2097152 bytes"),
    "bomb of records": (
        lambda file: gzip.compress(gzip.decompress(file).partition(b"\n")[0] + b'\n["store","a",1],' * (1 << 17), 1),
        "It unpacks to more than 1 MiB, the most of a capsule.",
    ),
    "bomb of values": (
        lambda file: gzip.compress(
            gzip.decompress(file).partition(b"\n")[0] + (b'\n["a","b",[' + b"[]," * 2_000 + b"[]]],") * 12, 1
        ),
        "It has more than 20000 values",
    ),
}
BAD_DOCUMENTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "foreign": (lambda document: {"log": {"entries": []}}, "It is no capsule: the JSON in it has no member `capsule`"),
    "newer": (
        other(capsule=2, made_by="lead-mockserver 7.0"),
        "It is a capsule of form 2, made by lead-mockserver 7.0; this release reads form 1: use a newer one.",
    ),
    "older": (other(capsule=0), "It is no capsule that can be read: capsule: 1 is needed"),
    "unknown member": (other(sede=1), "sede: is not known here; did you mean `seed`?"),
    "odd clock": (other(moment={"at": 1e300, "frozen": True}), "moment.at: 253402300799.0 is the most"),
    "no records": (other(records={}), "records: an array is needed"),
    "odd record": (with_record("store"), "records: a record is `[component, key, value]`"),
    "odd call": (other(journal=[1]), "journal: a call is an object"),
    "another contract": (of_other_contract, "whose contract of gsl (version 9, SHA-256 000000000000…) is another than"),
    "another provider": (without_seeker, "The capsule has no provider seeker, which this server has"),
    "another world": (other(fingerprint="0" * 32), "whose worlds are others than those of this release"),
    "unknown reading": (other(variants={"gsl": {"count": "odd"}}), "Variant gsl.count cannot be 'odd'"),
    "unknown component": (with_record("spaceship", "a", 1), "has a record of 'spaceship', which this release does not"),
    "odd entity": (with_record("store", "enquiry/1", {"id": 1}), "record store 'enquiry/1' cannot be read"),
    "odd fault": (with_record("faults", "f1", {"fault": {"kind": "x"}}), "record faults 'f1' cannot be read"),
    "odd scenario": (with_record("script", "scenario", {"name": "x"}), "The capsule's scenario cannot be used"),
    "odd start": (other(scenario={"name": "x"}), "The capsule's scenario cannot be used"),
    "odd account": (with_record("accounts", "gsl/x", {"user": "y"}), "record accounts 'gsl/x' cannot be read"),
    "no number": (with_record("store", "next/enquiry", "7"), "a whole number from 0 to 999999999999999 is needed"),
    "a key of years": (
        with_record("authority/gsl", "exponent", 2**61 - 1),
        "a whole number from 3 to 2000000 is needed",
    ),
    "odd counter": (with_record("store", "counter/x", [1]), "a number and a moment are needed"),
    "odd progress": (with_record("script", "progress", [1, 0, "now"]), "a moment in seconds since the epoch is needed"),
    "odd step": (with_record("script", "fired/1", {}), "record script 'fired/1' cannot be read: step: is missing"),
    "another id": (moved(id=7), "its id is another one"),
    "a seed without end": (other(seed=10**30), "seed: a whole number that is less long is needed"),
    "a number without end": (moved(search={"price_max": 10**30}), "a number is larger than 9007199254740992"),
    "lead of nobody": (moved(seeker=7), "refers to what is not in its world"),
    "lead of nowhere": (moved(agency=7), "refers to what is not in its world"),
    "calls missing": (other(calls=7, journal=[{"id": 9}]), "call 7 cannot be read"),
    "odd pin": (
        lambda document: {
            **document,
            "world": {
                **document["world"],
                "pins": [{"kind": "enquiry", "agency": 101, "position": 0, "why": "x", "set": {"nothing": 1}}],
            },
        },
        "nothing",
    ),
}


@pytest.mark.parametrize("name", [*BAD_FILES, *BAD_DOCUMENTS])
def test_what_cannot_be_loaded_is_refused_by_name_and_nothing_of_it_is_there(
    name: str, client: TestClient, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in BAD_FILES:
        change, detail = BAD_FILES[name]
        bad = change(file)
    else:
        changed, detail = BAD_DOCUMENTS[name]
        bad = gzip.compress(json.dumps(changed(document_of(file))).encode())
    if name == "bomb of values":
        monkeypatch.setattr(file_format, "_MAX_VALUES", 20_000)
    if name == "bomb of records":
        monkeypatch.setattr(file_format, "MAX_DOCUMENT", 1 << 20)
    before = client.get("/__admin/sandboxes").json()
    answer = load(client, bad, "?as=b")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert detail in answer.json()["detail"]
    assert answer.json()["detail"].endswith((".", "?"))
    assert client.get("/__admin/sandboxes").json() == before


def test_one_that_another_program_wrote_anew_is_read_while_it_is_short(client: TestClient, file: bytes) -> None:
    anew = gzip.compress(json.dumps(document_of(file), indent=2).encode())
    ok(load(client, anew, "?as=b"), 201)
    assert client.get("/__admin/sandboxes/b/leads").json() == client.get(f"{A}/leads").json()


def test_a_body_that_is_no_file_is_refused(client: TestClient) -> None:
    assert "send application/gzip" in load(client, b"{}", **{"content-type": "application/json"}).json()["detail"]
    assert load(client, b"x" * (33 << 20)).status_code == 413
    assert load(client, b"", "?id=b").json()["detail"].endswith("Known query parameters are as.")


def test_what_is_too_large_for_a_capsule_is_not_saved(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_format, "MAX_DOCUMENT", 1_000)
    answer = client.get("/__admin/capsule")
    assert answer.status_code == 422
    assert "more in it than a capsule can hold" in answer.json()["detail"]


def test_odd_choices_of_a_sandbox_are_saved_and_loaded(client: TestClient) -> None:
    scope = " ".join(f"scope-{number}" for number in range(150)) + " " + "x" * 2_000
    words = {"gsl": {**CHOSEN["gsl"], "scope": scope}}
    ok(client.post("/__admin/sandboxes", json={"id": "a", "credentials": words}), 201)
    ok(client.put(f"{A}/clock", json={"set": "1970-01-01T00:00:00Z"}))
    ok(load(client, client.get(f"{A}/capsule").content, "?as=b"), 201)
    assert client.get("/__admin/sandboxes/b/clock").json() == client.get(f"{A}/clock").json()


def test_the_overlays_of_a_contract_are_the_same_or_named(make_client: MakeClient, tmp_path: Path) -> None:
    overlays = [tmp_path / f"{name}.yaml" for name in ("first", "second")]
    for overlay in overlays:
        action = f'{{"target": "$.info", "update": {{"title": "{overlay.stem}"}}}}'
        overlay.write_text(f'{{"overlay": "1.0.0", "info": {{"title": "x", "version": "1"}}, "actions": [{action}]}}')
    first, second = overlays
    saved = make_client(overlays={"gsl": (first, second)}).get("/__admin/capsule").content
    assert ok(load(make_client(overlays={"gsl": (first, second)}), saved), 201)
    refusals = {
        (first,): "The capsule needs the overlay second.yaml of gsl (SHA-256 ",
        (second, first): "The capsule needs the overlays of gsl in another order: --overlay gsl=first.yaml --overlay",
        (): "The capsule needs the overlay first.yaml of gsl (SHA-256 ",
    }
    for chosen, detail in refusals.items():
        assert load(make_client(overlays={"gsl": chosen}), saved).json()["detail"].startswith(detail)
    plain = make_client().get("/__admin/capsule").content
    detail = load(make_client(overlays={"gsl": (first,)}), plain).json()["detail"]
    assert detail.startswith("The capsule was saved without the overlay first.yaml of gsl (SHA-256 ")


def test_a_server_starts_with_one_in_its_default_sandbox(
    make_client: MakeClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here = make_client()
    path = tmp_path / "a.capsule"
    path.write_bytes(lived_in(here))
    settings = {"world": "default", "now": None, "capsule": path, "store": f"sqlite:///{tmp_path / 'there.db'}"}
    there = make_client(**settings)
    assert "The secret of a rotation in " in caplog.text
    about = ok(there.get("/__admin/sandboxes/default"))
    assert about["credentials"] == ok(here.get(A))["credentials"]
    here_leads, there_leads = (
        client.get(path).json() for client, path in ((here, f"{A}/leads"), (there, "/__admin/leads"))
    )
    assert here_leads == there_leads
    ok(there.post("/__admin/leads", json={}), 201)
    # Started again with the same store, it goes on.
    assert ok(make_client(**settings).get("/__admin/leads"))["total"] == here_leads["total"] + 1
    for wrong, detail in (
        ({"seed": 3}, "a capsule brings its own seed; leave out --seed"),
        ({"world": "small"}, "a capsule brings its own world; leave out --world"),
        ({"variants": {"gsl": {"count": "total"}}}, "a capsule brings its own variant; leave out --variant"),
        ({"capsule": Path(__file__)}, "test_capsules.py: It is no capsule: it is not compressed with gzip"),
        ({"capsule": tmp_path / "none"}, "none: it cannot be read: No such file or directory."),
    ):
        with pytest.raises(SettingsError, match=detail.replace("(", r"\(")):
            make_client(**{**settings, **wrong})
    make_client(store=f"sqlite:///{tmp_path / 'taken.db'}")
    with pytest.raises(SettingsError, match="the store holds a default sandbox that was not made of"):
        make_client(**{**settings, "store": f"sqlite:///{tmp_path / 'taken.db'}"})
