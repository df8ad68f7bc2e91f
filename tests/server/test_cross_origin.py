"""Clients in browsers: pages of the origins that a setting names may call providers, and nothing else."""

import httpx2
import pytest

from mockserver.server.embedded import asgi_app
from tests.conftest import AUTH, MakeClient
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
PAGE = "http://localhost:5173"
PREFLIGHT = {
    "origin": PAGE,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "authorization, content-type",
}
ALLOWED = "access-control-allow-origin"


def test_the_providers_allow_no_page_and_neither_does_the_fake(client: TestClient) -> None:
    answer = client.get(LEADS, headers={"origin": PAGE})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert not [name for name in client.options(LEADS, headers=PREFLIGHT).headers if name.startswith("access-control")]


@pytest.mark.parametrize("setting", [PAGE, "HTTP://LocalHost:5173", "*"])
def test_a_preflight_is_answered_before_any_credentials_are_asked_for(setting: str, make_client: MakeClient) -> None:
    client = make_client(cors=(setting,))
    answer = client.options(LEADS, headers=PREFLIGHT, auth=httpx2.Auth())
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers[ALLOWED] == PAGE
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert client.get("/__admin/journal").json()["total"] == 0


def test_the_page_may_read_every_header_of_an_answer_and_of_a_refusal(make_client: MakeClient) -> None:
    client = make_client(cors=(PAGE,))
    for auth, status in ((AUTH, 200), (("4321", "wrong"), 401)):
        answer = client.get(LEADS, headers={"origin": PAGE}, auth=auth)
        assert (answer.status_code, answer.headers[ALLOWED]) == (status, PAGE)
        assert "Origin" in answer.headers.get_list("vary")[-1]
        exposed = set(answer.headers["access-control-expose-headers"].split(", "))
        assert {"content-type", "content-length"} <= exposed


@pytest.mark.parametrize("origin", ["http://localhost:5174", "https://localhost:5173", "null"])
def test_other_pages_get_no_more_than_before(origin: str, make_client: MakeClient) -> None:
    client = make_client(cors=(PAGE,))
    assert ALLOWED not in client.get(LEADS, headers={"origin": origin}).headers
    assert ALLOWED not in client.options(LEADS, headers={**PREFLIGHT, "origin": origin}).headers


def test_the_admin_api_stays_closed_to_pages(make_client: MakeClient) -> None:
    client = make_client(cors=("*",))
    for method in ("GET", "OPTIONS"):
        answer = client.request(method, "/__admin/sandboxes", headers=PREFLIGHT)
        assert answer.status_code == 403
        assert ALLOWED not in answer.headers


@pytest.mark.parametrize("wrong", ["localhost:5173", "http://localhost:5173/", "ftp://x", ""])
def test_what_is_no_origin_is_told_what_would_be(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not the origin of a page, such as http://localhost:5173, or"):
        asgi_app(cors=(wrong,))
