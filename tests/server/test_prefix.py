"""Below a path the whole server works: routes, links, token addresses, issuers, audiences, our own pages, the guard."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

import mockserver
from mockserver.server.forwarded import forwarded_prefix
from tests.conftest import AUTH, NOW
from tests.support.bounded import run_server
from tests.support.in_process import TestClient

PREFIX = "/fake/é"
ENCODED = "/fake/%C3%A9"
TOKEN = "open-sesame"
LEADS = "/apimo/agencies/101/leads"
SEEKER = {"grant_type": "client_credentials", "client_id": "mock-seeker-client", "client_secret": "mock-seeker-secret"}
GSL = {
    "grant_type": "client_credentials",
    "client_id": "mock-gsl-client",
    "client_secret": "mock-gsl-secret",
    "scope": "laas:leads:get",
}


def mounted(stack: ExitStack, **settings: Any) -> Any:
    """A client of a Starlette application in which the server is mounted."""
    app = Starlette(routes=[Mount(PREFIX, app=mockserver.asgi_app(world="small", now=NOW, **settings))])
    return TestClient(app, base_url=f"http://127.0.0.1:8080{ENCODED}")


def under_root_path(stack: ExitStack, **settings: Any) -> Any:
    """A client of uvicorn with `--root-path`, behind a proxy that takes the prefix off."""
    app = mockserver.asgi_app(world="small", now=NOW, **settings)
    server = stack.enter_context(run_server(uvicorn.Config(app, root_path="/fake/e", log_config=None)))
    return stack.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{server.port}"))


def forwarded(stack: ExitStack, **settings: Any) -> Any:
    """A client of our own server, behind a proxy that takes the prefix off and says so."""
    server = stack.enter_context(mockserver.EmbeddedServer(world="small", now=NOW, **settings))
    headers = {"x-forwarded-prefix": f"{ENCODED}/"}
    return stack.enter_context(httpx2.Client(base_url=server.url, headers=headers))


WAYS = {"mounted": (mounted, ENCODED), "root path": (under_root_path, "/fake/e"), "forwarded": (forwarded, ENCODED)}


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    """A client, and the prefix that it should see."""
    make, prefix = WAYS[request.param]
    with ExitStack() as stack:
        yield make(stack), prefix


def addresses(text: str) -> set[str]:
    """The paths of all addresses of this server in an answer."""
    return set(re.findall(r"http://127\.0\.0\.1:\d+([^\"\s<]*)", text.replace("\\/", "/")))


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/agencies/101/leads", "GET {}/apimo/agencies/101/leads"),
        ("/~default/agencies", "GET {}/~default/apimo/agencies"),
        ("/apimo/agencies/101/lead", "GET {}/apimo/agencies/101/leads"),
        ("/~default/seeker/leads", "GET {}/~default/seeker/seeker-leads/v1/leads"),
    ],
)
def test_an_operation_that_was_probably_meant_is_named_with_the_prefix(
    way: tuple[Any, str], path: str, meant: str
) -> None:
    client, prefix = way
    assert meant.format(prefix) in client.get(path).text.replace("\\/", "/")
    assert f"`{prefix}/` tells what there is" in client.get("/nothing").json()["detail"]
    assert f"`{prefix}/` tells what there is" in client.get("/__admin/nothing").json()["detail"]


def test_operations_are_found_and_links_have_the_prefix(way: tuple[Any, str]) -> None:
    client, prefix = way
    assert client.get(LEADS, auth=AUTH).status_code == 200
    links = addresses(client.get("/apimo/catalogs", auth=AUTH).text)
    assert links
    assert all(link.startswith(f"{prefix}/apimo/catalogs/") for link in links)


def test_what_is_not_there_is_told_in_the_envelope_of_the_provider(way: tuple[Any, str]) -> None:
    client, _ = way
    assert client.get("/apimo/nowhere", auth=AUTH).json()["type"].startswith("http://www.w3.org/")


@pytest.mark.parametrize(("provider", "form"), [("gsl", GSL), ("seeker", SEEKER)])
def test_tokens_are_for_the_address_below_the_prefix(way: tuple[Any, str], provider: str, form: dict[str, str]) -> None:
    client, prefix = way
    document = client.get(f"/{provider}/.well-known/openid-configuration").json()
    assert addresses(json.dumps(document))
    assert all(link.startswith(f"{prefix}/{provider}/") for link in addresses(json.dumps(document)))
    base = document["issuer"].rstrip("/")
    audience = {"audience": f"{base}/seeker-leads/v1"} if provider == "seeker" else {"audience": base}
    issued = client.post(f"/{provider}/oauth/token", data={**form, **audience})
    assert issued.status_code == 200, issued.text
    headers = {"authorization": f"Bearer {issued.json()['access_token']}"}
    if provider == "gsl":
        answer = client.post(
            "/gsl/v2/leads", json={"SearchCriteria": {"StartDate": 0, "EndDate": NOW}}, headers=headers
        )
    else:
        dates = {"minDate": NOW - 86_400, "maxDate": NOW}
        answer = client.get("/seeker/seeker-leads/v1/leads", params=dates, headers=headers)
    assert answer.status_code == 200, answer.text


def test_our_own_pages_have_the_prefix(way: tuple[Any, str]) -> None:
    client, prefix = way
    for media in ("application/json", "text/html"):
        links = addresses(client.get("/", headers={"accept": media}).text)
        assert f"{prefix}/__admin/journal" in links
        assert all(link.startswith(prefix) for link in links)
    operations = client.get("/").json()["providers"]["apimo"]["operations"]
    assert operations[0]["path"].startswith(f"{prefix}/apimo/")
    made = client.post("/__admin/sandboxes", json={})
    id = made.json()["id"]
    assert addresses(made.headers["location"]) == {f"{prefix}/__admin/sandboxes/{id}"}
    urls = made.json()["urls"]
    assert addresses(urls["gsl_token_url"]) == {f"{prefix}/~{id}/gsl/oauth/token"}
    credentials = made.json()["credentials"]["apimo"]
    answer = client.get(f"/~{id}{LEADS}", auth=(credentials["provider"], credentials["token"]))
    assert answer.status_code == 200
    for name, path in (("openapi.json", "/__admin"), ("contracts/apimo", "/apimo")):
        assert client.get(f"/__admin/{name}").json()["servers"] == [{"url": prefix + path}]
    assert client.delete(f"/__admin/sandboxes/{id}").status_code == 204


@pytest.mark.parametrize("way_name", WAYS)
def test_the_guard_of_the_admin_api_guards_below_a_prefix_too(way_name: str) -> None:
    make, _ = WAYS[way_name]
    with ExitStack() as stack:
        client = make(stack, admin_token=TOKEN)
        for path in ("journal", "sandboxes", "nowhere"):
            assert client.get(f"/__admin/{path}").status_code == 401
        assert client.get("/__admin/journal", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert client.get("/__admin/health/live").status_code == 200


@pytest.mark.parametrize("prefix", ["/a", "/__admin", "/a/__admin", "/apimo", "/~x", "/"])
def test_no_prefix_opens_what_is_guarded(prefix: str) -> None:
    with mockserver.EmbeddedServer(world="small", now=NOW, admin_token=TOKEN) as server:
        for path in ("/__admin/journal", f"{prefix}/__admin/journal", f"{prefix}{prefix}/__admin/journal"):
            answer = httpx2.get(server.url + path, headers={"x-forwarded-prefix": prefix})
            assert answer.status_code in (401, 404), path
            assert "entries" not in answer.text


def test_the_client_of_the_admin_api_works_below_a_prefix() -> None:
    app = Starlette(routes=[Mount("/fake", app=mockserver.asgi_app(world="small", now=NOW))])
    with (
        run_server(uvicorn.Config(app, log_config=None)) as server,
        mockserver.Client(f"http://127.0.0.1:{server.port}/fake") as client,
    ):
        sandbox = client.sandboxes.create()
        assert sandbox.urls["apimo"].startswith(f"http://127.0.0.1:{server.port}/fake/~")
        assert httpx2.get(f"{sandbox.urls['apimo']}/catalogs").status_code == 401


@pytest.mark.parametrize(
    ("values", "prefix"),
    [
        ([b"/a"], "/a"),
        ([b"/a/"], "/a"),
        ([b"/a/b%20c"], "/a/b%20c"),
        ([b"/a, /b"], "/a/b"),
        ([b"/a", b"/b/"], "/a/b"),
        ([b"/"], ""),
        ([b""], ""),
        ([b"a"], ""),
        ([b"//evil.example"], ""),
        ([b"https://evil.example/"], ""),
        ([b"/a//b"], ""),
        ([b'/"><script>'], ""),
        ([b"/\xe9"], ""),
        ([b"/a?b"], ""),
        ([b"/a#b"], ""),
    ],
)
def test_a_forwarded_prefix_is_a_path_or_nothing(values: list[bytes], prefix: str) -> None:
    assert forwarded_prefix(values) == prefix


def test_a_prefix_of_a_peer_that_is_not_trusted_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.1")
    with mockserver.EmbeddedServer(world="small", now=NOW) as server:
        links = addresses(
            httpx2.get(f"{server.url}/apimo/catalogs", auth=AUTH, headers={"x-forwarded-prefix": "/a"}).text
        )
    assert links
    assert all(link.startswith("/apimo/") for link in links)
