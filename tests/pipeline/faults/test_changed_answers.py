"""Faults that leave an answer good, but otherwise than usual: members patched, bodies compressed, pages short."""

import gzip
import json
from typing import Any

import httpx2
import pytest

from tests.conftest import NOW, MakeClient
from tests.pipeline.faults.test_matched import Side, fresh
from tests.support.gsl import CREDENTIALS as GSL_CREDENTIALS
from tests.support.seeker import AUDIENCE, DAY, Seeker
from tests.support.seeker import CREDENTIALS as SEEKER_CREDENTIALS

TOKENS = [("gsl", GSL_CREDENTIALS), ("seeker", {**SEEKER_CREDENTIALS, "audience": AUDIENCE})]
GZIP = {"accept-encoding": "br, gzip"}


@pytest.fixture(params=["apimo", "gsl"])
def side(request: pytest.FixtureRequest) -> Side:
    return fresh(request.param)


def test_a_member_of_a_list_is_patched_and_the_journal_says_whether_the_contract_has_that(side: Side) -> None:
    path = {"apimo": "/leads/0/lastname", "gsl": "/Data/Items/0/contactRequest/message"}[side.name]
    side.fault("patch", changes=[{"pointer": path, "set": "Petit"}])
    answer = side.call()
    assert "Petit" in json.dumps(side.items(answer.json())[0])
    entry = side.entry()
    assert entry.fault == {"id": "f1", "kind": "patch", "in_contract": True}
    assert entry.notes[-1] == f"fault f1 (patch): {path} has another value"
    assert answer.text.startswith(entry.reply)

    side.fault("patch", changes=[{"pointer": path, "retype": "array"}])
    side.call()
    assert side.entry().notes[-1].endswith(f"{path} is of type array; out of contract")


@pytest.mark.parametrize(("provider", "credentials"), TOKENS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_token_answer_can_be_bent(make_client: MakeClient, provider: str, credentials: Any) -> None:
    client = make_client()
    changes = [
        {"pointer": "/expires_in", "retype": "string"},
        {"pointer": "/token_type", "set": "bearer"},
        {"pointer": "/scope", "rename": "scopes"},
    ]
    fault = {"kind": "patch", "provider": provider, "operation": "issueToken", "changes": changes, "times": 1}
    placed = client.post("/__admin/faults", json=fault)
    assert (placed.status_code, placed.json()["changes"]) == (201, changes)
    bent = client.post(f"/{provider}/oauth/token", json=credentials, auth=httpx2.Auth()).json()
    assert (bent["expires_in"], bent["token_type"], "scope" in bent, "scopes" in bent) == (
        "86400",
        "bearer",
        False,
        True,
    )
    assert client.post(f"/{provider}/oauth/token", json=credentials, auth=httpx2.Auth()).json()["expires_in"] == 86_400


def test_a_request_asks_for_its_own_patch() -> None:
    side = fresh("gsl")
    side.app.sandbox.faults.clear()
    changes = json.dumps([{"pointer": "/Count", "remove": True}]).replace('"', '\\"')
    answer = side.call(headers={"Prefer": f'fault=patch; changes="{changes}"'})
    assert "Count" not in answer.json()
    assert answer.headers["preference-applied"] == "fault=patch"


def test_a_bad_patch_is_refused_with_its_place(make_client: MakeClient) -> None:
    changes = [{"pointer": "/a", "remove": True}, {"pointer": "/b", "rename": "c", "retype": "null"}]
    refused = make_client().post("/__admin/faults", json={"kind": "patch", "changes": changes})
    assert refused.status_code == 422
    assert "/changes/1" in refused.text
    assert "a change has `rename` and `retype`; give one of" in refused.text


def test_the_contract_of_the_admin_api_has_the_changes(make_client: MakeClient) -> None:
    schemas = make_client().get("/__admin/openapi.json").json()["components"]["schemas"]
    assert schemas["MemberPatch"]["required"] == ["pointer"]
    assert {*schemas["MemberPatch"]["properties"]} == {"pointer", "set", "remove", "rename", "retype"}


def test_an_answer_without_a_body_has_nothing_to_patch() -> None:
    side = fresh("gsl")
    side.fault("patch", changes=[{"pointer": "", "set": 1}])
    answer = side.client.request("OPTIONS", side.path)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_body_is_compressed_for_who_takes_that_and_the_journal_has_it_as_text(side: Side) -> None:
    plain = side.call(headers={"accept-encoding": "identity"})
    side.fault("gzip")
    answer = side.call(headers=GZIP)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < len(plain.content)
    assert answer.content == plain.content
    assert plain.text.startswith(side.entry().reply), "the journal keeps the beginning"
    assert (b"content-encoding", b"gzip") in side.entry().reply_headers
    assert side.entry().fault == {"id": "f1", "kind": "gzip", "in_contract": True}


def test_the_bytes_of_a_compressed_body_are_those_of_the_plain_one(side: Side) -> None:
    side.fault("gzip")
    with side.client.stream(side.method, side.path, json=side.json, headers=GZIP) as answer:
        raw = b"".join(answer.iter_raw())
    assert len(raw) == int(answer.headers["content-length"])
    assert gzip.decompress(raw) == side.call(headers={"accept-encoding": "identity"}).content


def test_a_body_stays_as_it_is_for_who_does_not_take_gzip_and_where_it_is_tiny(side: Side) -> None:
    side.fault("gzip")
    assert "content-encoding" not in side.call(headers={"accept-encoding": "gzip;q=0"}).headers
    tiny = side.client.get(f"/{side.name}/nothing", headers=GZIP)
    assert (tiny.status_code, "content-encoding" in tiny.headers) == (404, False)


def test_a_short_page_of_a_search_leads_on_to_every_lead() -> None:
    side = fresh("gsl")
    whole = side.items(side.call().json())
    side.fault("short_page")
    leads: list[Any] = []
    pagination: dict[str, Any] = {"Limit": 10}
    while len(leads) < len(whole):
        data = side.client.post(side.path, json={**side.json, "Pagination": pagination}).json()["Data"]
        assert len(data["Items"]) == min(5, len(whole) - len(leads))
        leads += data["Items"]
        pagination["LastItemKey"] = data.get("LastItemKey")
    assert leads == whole
    assert pagination["LastItemKey"] is None


def test_a_short_page_of_seeker_leads_leads_on_to_every_lead(make_client: MakeClient) -> None:
    seeker = Seeker(make_client())
    whole = seeker.crawl(NOW - 30 * DAY, NOW)
    seeker.client.post("/__admin/faults", json={"kind": "short_page", "provider": "seeker"})
    pages = [
        page for start in range(4) for page in seeker.pages(NOW - (start + 1) * 7 * DAY, NOW - start * 7 * DAY, 10)
    ]
    sizes = [len(page.json()["items"]) for page in pages]
    assert max(sizes) == 5
    assert any(page.status_code == 206 for page in pages)
    assert seeker.crawl(NOW - 30 * DAY, NOW, limit=10) == whole


def test_offsets_have_no_short_pages() -> None:
    side = fresh("apimo")
    whole = side.call().json()
    side.fault("short_page")
    assert side.call().json() == whole
