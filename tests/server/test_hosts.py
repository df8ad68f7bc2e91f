"""The Host of a request stands in links, where it can; whatever it says, nothing fails over it."""

import pytest

from tests.conftest import MakeClient, Served
from tests.server.test_hostile import ask, assert_alive, get

MALFORMED_HOSTS = (
    *("[", "[::", "]", "[]", "[.]", "[a]b", ":::", "\xe9", "\xbd", "\xff\xfe", "a:b", "a:99999", "x:99999999", "a:-1"),
    *("[::1]:x", "[1.2.3.4]", "a b", "a b/", "a/b", "a?b", "a#b", "user@a", "a\\b", "http://a", "%0", '"><script>'),
    *("[fe80::1%eth0]", "[" + ":" * 200 + "]", "[::ffff:1.2.3.400]", "[::1"),
)
"""Values that RFC 9112 §3.2 has a server refuse."""
ODD_HOSTS = (":", ":80", "a,b", "%00", "%5B", "..", "-.-.", "a..b", "\t", "", "[::1%25eth0]", "a" * 300, "a:")
"""Values that RFC 3986 allows, and that are no address all the same."""


@pytest.mark.parametrize("target", ["/apimo/catalogs", "/gsl/.well-known/openid-configuration", "/"])
def test_a_host_that_is_no_address_is_not_repeated_in_links(live: Served, target: str) -> None:
    logged = len(live.log())
    for host in ODD_HOSTS:
        answer = ask(live, get(target, host=f"Host: {host}"))
        assert answer.status == 200, (host, answer)
        assert f"http://127.0.0.1:{live.port}/".encode() in answer.body.replace(b"\\/", b"/"), (host, answer)
    assert_alive(live, logged)


@pytest.mark.parametrize("target", ["/apimo/catalogs", "/", "/__admin/version"])
def test_a_malformed_host_is_refused(live: Served, target: str) -> None:
    logged = len(live.log())
    for host in MALFORMED_HOSTS:
        answer = ask(live, get(target, host=f"Host: {host}"))
        assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json"), (host, answer)
        assert answer.json["detail"].startswith("Host is no name or address"), host
    assert_alive(live, logged)


@pytest.mark.parametrize("target", ["http://evil.example", "http://evil.example:80", "http://[2001:db8::1]:8080"])
@pytest.mark.parametrize("path", ["/__admin/journal", "/__admin/sandboxes/default"])
def test_the_authority_of_an_absolute_target_says_who_is_asked(live: Served, target: str, path: str) -> None:
    answer = ask(live, get(f"{target}{path}"))
    assert answer.status == 403
    assert "is not a name of this machine" in answer.json["detail"]
    assert ask(live, get(f"http://127.0.0.1:{live.port}{path}", host="Host: evil.example")).status == 200


def test_the_authority_of_an_absolute_target_is_the_host_in_links(live: Served) -> None:
    answer = ask(live, get("http://elsewhere.example:81/apimo/catalogs", host="Host: 127.0.0.1"))
    assert b"http://elsewhere.example:81/apimo/catalogs/" in answer.body.replace(b"\\/", b"/")


@pytest.mark.parametrize(
    "host", ["localhost", "api_1.internal.", "a:80", "[::1]", "[::1]:80", "[::ffff:1.2.3.4]", "1.2.3.4:5"]
)
def test_a_host_of_any_right_form_is_repeated_in_links(live: Served, host: str) -> None:
    answer = ask(live, get("/apimo/catalogs", host=f"Host: {host}"))
    assert f"http://{host}/apimo/catalogs/".encode() in answer.body.replace(b"\\/", b"/")


def test_no_host_breaks_any_operation(make_client: MakeClient) -> None:
    client = make_client()
    operations = [
        (operation["method"], operation["path"].replace("{", "").replace("}", ""))
        for provider in client.get("/").json()["providers"].values()
        for operation in provider["operations"]
    ]
    for method, path in operations:
        for host in MALFORMED_HOSTS[:20]:
            answer = client.request(method, path, headers={b"host": host.encode("latin-1")})
            assert answer.status_code < 500, (method, path, host)
