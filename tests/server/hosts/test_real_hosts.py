"""Real hosts are answered by the fake: through TLS, a tunnel or a plain proxy, and no other host is."""

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.foundation.settings import SettingsError
from mockserver.server.embedded import EmbeddedServer, asgi_app
from mockserver.server.hosts.routes import HostRoute, host_name
from tests.conftest import AUTH, NOW, MakeClient
from tests.support.patience import PATIENCE

BASIC = "Authorization: Basic " + b64encode(":".join(AUTH).encode()).decode()
LEADS = "agencies/101/leads?limit=1"
GSL = {"grant_type": "client_credentials", "client_id": "mock-gsl-client", "client_secret": "mock-gsl-secret"}
SEEKER = {"grant_type": "client_credentials", "client_id": "mock-seeker-client", "client_secret": "mock-seeker-secret"}
AUDIENCE = "https://api.aviv-group.com/seeker-leads/v1"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """A server that speaks HTTPS, and has one host more."""
    with EmbeddedServer(world="small", now=NOW, tls=True, host_routes={"login.example.com": "gsl/oauth"}) as running:
        yield running


@pytest.fixture(scope="module")
def trust(server: EmbeddedServer) -> ssl.SSLContext:
    """The TLS of a client that trusts the server's authority, and nobody else."""
    assert server.app.hosting is not None
    assert server.app.hosting.certificate is not None
    return ssl.create_default_context(cadata=server.app.hosting.certificate.decode())


def client_of(proxy: str, trust: ssl.SSLContext) -> httpx2.Client:
    return httpx2.Client(proxy=proxy, verify=trust, trust_env=False, timeout=PATIENCE)


def refused(server: EmbeddedServer) -> dict[str, int]:
    counts: dict[str, int] = httpx2.get(f"{server.url}/__admin/hosts").json()["refused"]
    return counts


def test_every_real_host_is_answered_through_a_proxy_with_links_to_itself(
    server: EmbeddedServer, trust: ssl.SSLContext
) -> None:
    with client_of(server.url, trust) as client:
        for scheme in ("https", "http"):
            assert client.get(f"{scheme}://api.apimo.pro/{LEADS}", auth=AUTH).json()["leads"]
        for url in ("https://leads.api.groupeseloger.com/oauth/token", "https://login.example.com/token"):
            assert client.post(url, data=GSL).json()["access_token"]
        # The audience may be the one that a variable of `exec` has, too.
        for audience in (f"{server.url}/seeker/seeker-leads/v1", AUDIENCE):
            answer = client.post("https://auth.api.aviv-group.com/oauth/token", data={**SEEKER, "audience": audience})
            token = answer.json()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        period = {"minDate": NOW - 600_000, "maxDate": NOW, "limit": 1}
        page = client.get(f"{AUDIENCE}/leads", params=period, headers=bearer)
        assert page.json()["links"]["next"].startswith(f"{AUDIENCE}/leads?")
        assert client.get(page.json()["links"]["next"], headers=bearer).is_success


def test_the_port_itself_speaks_https_and_http(server: EmbeddedServer, trust: ssl.SSLContext) -> None:
    https = server.url.replace("http", "https", 1)
    for url in (server.url, https):
        answer = httpx2.get(f"{url}/apimo/{LEADS}", auth=AUTH, verify=trust)
        assert answer.json()["leads"], url
    port = int(server.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection,
        trust.wrap_socket(connection, server_hostname="api.apimo.pro") as tls,
    ):
        tls.sendall(f"GET /catalogs HTTP/1.1\r\nHost: api.apimo.pro\r\n{BASIC}\r\nConnection: close\r\n\r\n".encode())
        answer_bytes = b"".join(iter(lambda: tls.recv(65_536), b""))
    assert b'"https://api.apimo.pro/catalogs/' in answer_bytes


def test_another_host_is_refused_counted_and_in_the_journal(server: EmbeddedServer, trust: ssl.SSLContext) -> None:
    with client_of(server.url, trust) as client:
        with pytest.raises(httpx2.ProxyError, match="403"):
            client.get("https://example.com/x")
        plain = client.get("http://example.org/x")
        assert (plain.status_code, plain.json()["status"]) == (403, 403)
        # Another port of this machine is none of ours, and a proxy must not be a way to it.
        assert client.get("http://127.0.0.1:1/x").status_code == 403
    counts = refused(server)
    assert (counts["example.com:443"], counts["example.org"], counts["127.0.0.1:1"]) == (1, 1, 1)
    entries = httpx2.get(f"{server.url}/__admin/journal?status=403").json()["entries"]
    assert ("CONNECT", "example.com:443") in [(entry["method"], entry["path"]) for entry in entries]


def test_who_is_led_here_is_refused_another_host_in_clear_and_by_its_name_in_tls(
    server: EmbeddedServer, trust: ssl.SSLContext
) -> None:
    with server.open_proxy() as port:
        here = f"http://127.0.0.1:{port}"
        assert httpx2.get(f"{here}/", headers={"host": "example.net"}).status_code == 403
        assert httpx2.get(f"{here}/apimo/{LEADS}", auth=AUTH).status_code == 200
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection,
            pytest.raises((ssl.SSLError, ConnectionError)),
        ):
            trust.wrap_socket(connection, server_hostname="tls.example.net")
    assert {"example.net", "tls.example.net"} <= set(refused(server))


def test_a_proxy_of_one_sandbox_leads_every_call_there(server: EmbeddedServer, trust: ssl.SSLContext) -> None:
    httpx2.post(f"{server.url}/__admin/sandboxes", json={"id": "drill", "world": "small"}).raise_for_status()
    with server.open_proxy("drill") as port, client_of(f"http://127.0.0.1:{port}", trust) as client:
        # With the credentials of the default sandbox, which this one does not have.
        for headers in ({}, {"origin": "http://localhost:5173"}):
            # A request with such a header goes another road.
            assert client.get(f"https://api.apimo.pro/{LEADS}", auth=AUTH, headers=headers).status_code == 401
        with pytest.raises(httpx2.ProxyError):
            client.get("https://example.com/")
    entries = httpx2.get(f"{server.url}/__admin/sandboxes/drill/journal").json()["entries"]
    assert [entry["status"] for entry in entries] == [401, 401, 403]


ODD = {
    "no host": (b"CONNECT HTTP/1.1\r\n\r\n", b"HTTP/1.1 400"),
    "no port": (b"CONNECT api.apimo.pro HTTP/1.1\r\n\r\n", b"HTTP/1.1 400"),
    "no version": (b"CONNECT api.apimo.pro:443\r\n\r\n", b"HTTP/1.1 400"),
    "a head without end": (b"CONNECT a:1 HTTP/1.1\r\nX: " + b"x" * 20_000, b"HTTP/1.1 431"),
    "a method that begins so": (b"COPY / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"HTTP/1.1 405"),
    "bytes": (b"CONNECT \xff\x00\xfe:99999 HTTP/1.1\r\n\r\n", b"HTTP/1.1 403"),
    "no http": (b"GET ftp://example.com/ HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400"),
    "credentials": (b"GET http://me:word@api.apimo.pro/ HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400"),
    "a port that is none": (b"GET http://api.apimo.pro:x/ HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400"),
    "no TLS": (b"\x16\x03\x01\x00\x05hello", b""),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_no_call_is_refused_and_the_server_goes_on(server: EmbeddedServer, case: str) -> None:
    data, start = ODD[case]
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(data)
        assert connection.recv(100).startswith(start)
    assert httpx2.get(f"{server.url}/__admin/health/live").status_code == 200


def test_what_follows_a_connect_at_once_and_in_pieces_is_served(server: EmbeddedServer) -> None:
    port = int(server.url.rpartition(":")[2])
    tunnel = b"CONNECT api.apimo.pro:80 HTTP/1.1\r\nHost: api.apimo.pro:80\r\n\r\n"
    inside = f"GET /catalogs HTTP/1.1\r\nHost: api.apimo.pro\r\n{BASIC}\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in (tunnel[:3], tunnel[3:30], tunnel[30:] + inside):
            connection.sendall(part)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    established, _, rest = answer.partition(b"\r\n\r\n")
    assert established.startswith(b"HTTP/1.1 200")
    assert rest.startswith(b"HTTP/1.1 200")


def test_the_authority_can_sign_for_its_names_alone_and_is_shown_to_everybody(server: EmbeddedServer) -> None:
    from cryptography import x509

    pem = httpx2.get(f"{server.url}/__admin/ca.pem")
    assert pem.headers["content-type"] == "application/x-pem-file"
    names = x509.load_pem_x509_certificate(pem.content).extensions.get_extension_for_class(x509.NameConstraints)
    assert names.critical
    permitted = {str(entry.value) for entry in names.value.permitted_subtrees or ()}
    assert permitted >= {"api.apimo.pro", "login.example.com", "localhost", "127.0.0.0/8"}
    assert not any("." not in name and name != "localhost" and ":" not in name for name in permitted)


def test_routes_lead_hosts_in_process_too(make_client: MakeClient) -> None:
    client = make_client(host_routes=["login.example.com=gsl/oauth", "Other.example.com.=apimo"])
    for url in (f"https://api.apimo.pro/{LEADS}", f"http://other.example.com:8080/{LEADS}"):
        assert client.get(url).json()["leads"]
    assert client.get("http://127.0.0.1:8080/apimo/catalogs").status_code == 200
    assert client.get("http://127.0.0.1:8080/__admin/hosts").json()["hosts"]["login.example.com"] == "gsl/oauth"
    assert client.get("http://127.0.0.1:8080/__admin/ca.pem").status_code == 404
    client.auth = httpx2.Auth()
    assert client.post("https://login.example.com/token", data=GSL).status_code == 200


def test_one_path_of_a_host_can_be_another_below_the_provider(make_client: MakeClient) -> None:
    host, path = "leads.api.groupeseloger.com", "connect/token"
    client = make_client(host_routes=[f"{host}/{path}/=gsl/oauth/token", f"sso.example.com/{path}=gsl/oauth/token"])
    client.auth = httpx2.Auth()
    for url in (f"{host}/{path}", f"{host}/oauth/token", f"sso.example.com/{path}"):
        assert client.post(f"https://{url}", data=GSL).status_code == 200, url
    assert client.post(f"https://{host}/{path}s", data=GSL).status_code == 404
    hosts = client.get("http://127.0.0.1:8080/__admin/hosts").json()["hosts"]
    assert (hosts[host], hosts[f"{host}/{path}"]) == ("gsl", "gsl/oauth/token")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"host_routes": ["a.example=apimo2"]}, "there is no provider 'apimo2'"),
        ({"host_routes": ["https://a.example=gsl"]}, "'https://a.example' is not the name of a host"),
        ({"host_routes": {"https://a.example": "gsl"}}, "'https://a.example' is not the name of a host"),
        ({"host_routes": ["localhost=gsl"]}, "'localhost' is this machine, which is called directly"),
        ({"host_routes": ["127.0.0.1=gsl"]}, "'127.0.0.1' is this machine, which is called directly"),
        ({"host_routes": ["a.example/x y=gsl"]}, "'a.example/x y' is not of the form HOST"),
        ({"host_routes": ["api.apimo.pro/x=gsl"]}, "api.apimo.pro is answered by apimo, so api.apimo.pro/x cannot be"),
        ({"host_routes": ["a.example"]}, "not of the form HOST.*=PROVIDER"),
        ({"host_routes": ["a.example=gsl//x"]}, "'gsl//x' is not of the form PROVIDER"),
        ({"public_url": "mock.example"}, "'mock.example' is not the address of a server"),
        ({"public_url": "http://mock:99999"}, "'http://mock:99999' is not the address of a server"),
    ],
)
def test_a_route_or_an_address_that_makes_no_sense_is_told(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        asgi_app(**settings)


def test_a_prefix_is_put_before_every_path_that_does_not_have_it() -> None:
    route = HostRoute("gsl", "/oauth")
    assert [route.path(path) for path in ("/token", "/oauth/token", "/oauths", "/oauth")] == [
        *("/oauth/token", "/oauth/token", "/oauth/oauths", "/oauth")
    ]
    assert [host_name(text) for text in ("A.example.:443", "[::1]:80", "")] == ["a.example", "::1", ""]


def test_a_public_address_is_that_of_links_audiences_and_what_the_server_tells(make_client: MakeClient) -> None:
    public = "https://mock.example.com/fake"
    client = make_client(public_url=f"{public}/")
    assert client.get("/apimo/catalogs").text.count(f"{public}/apimo/catalogs/") > 1
    assert client.get("/").json()["providers"]["gsl"]["url"] == f"{public}/gsl"
    urls = client.post("/__admin/sandboxes", json={"id": "one"}).json()["urls"]
    assert urls["apimo"] == f"{public}/~one/apimo"
    audience = f"{public}/seeker/seeker-leads/v1"
    client.auth = httpx2.Auth()
    assert client.post("/seeker/oauth/token", data={**SEEKER, "audience": audience}).status_code == 200
    assert client.get("/seeker/.well-known/openid-configuration").json()["issuer"] == f"{public}/seeker/"


def test_the_first_line_names_the_certificate_which_is_gone_with_the_server(start_server: Any) -> None:
    served = start_server("--tls", "--public-url", "https://mock.example.com")
    file = Path(served.first["ca"])
    answer = httpx2.get(
        f"{served.first['https']}/apimo/catalogs",
        auth=AUTH,
        verify=ssl.create_default_context(cafile=str(file)),
        trust_env=False,
    )
    assert "https://mock.example.com/apimo/catalogs/" in answer.text
    assert served.first["public_url"] == "https://mock.example.com"
    served.stop()
    assert not file.exists()
