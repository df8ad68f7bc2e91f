"""A request that offers an upgrade is served as if it had made none (RFC 9110 §7.8), whoever it is for."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

import mockserver
from tests import record_answers
from tests.conftest import Served, StartServer
from tests.server.test_hostile import BASIC, Answer, receive
from tests.support.patience import PATIENCE

H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
OFFERS = {
    "h2c": H2C,
    "TLS": ("Connection: upgrade", "Upgrade: TLS/1.2"),
    "websocket": ("Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
    "anything": ("Upgrade: foo/2", "connection: UPGRADE"),
    "several": ("Upgrade: h2c, websocket", "Connection: Upgrade"),
}
FORM = "grant_type=client_credentials&client_id=mock-{0}-client&client_secret=mock-{0}-secret"
AUDIENCE = "https://api.aviv-group.com/seeker-leads/v1"
LEAD = '{"reference": "offered"}'
JSON, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
BODIES = {
    "apimo": ("/apimo/agencies/101/leads", f"{JSON}\r\n{BASIC}", LEAD, 200),
    "gsl's token": ("/gsl/oauth/token", FORM_TYPE, FORM.format("gsl"), 200),
    "seeker's token": ("/seeker/oauth/token", FORM_TYPE, f"{FORM.format('seeker')}&audience={AUDIENCE}", 200),
    "admin": ("/__admin/verify", JSON, '{"expectations": []}', 422),
}
NEXT = b"GET /__admin/version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def post(name: str, offer: tuple[str, ...], *, chunked: bool = False, version: str = "1.1") -> tuple[bytes, int]:
    """A POST that offers an upgrade, and the status of its answer."""
    path, kind, body, status = BODIES[name]
    content = body.encode()
    framing = f"Content-Length: {len(content)}"
    if chunked:
        framing = "Transfer-Encoding: chunked"
        content = b"5;a=b\r\n%s\r\n%x\r\n%s\r\n0\r\nX-Trailer: a\r\n\r\n" % (content[:5], len(content) - 5, content[5:])
    lines = [f"POST {path} HTTP/{version}", "Host: 127.0.0.1", f"Content-Type: {kind}", *offer, framing, "", ""]
    return "\r\n".join(lines).encode() + content, status


@pytest.fixture
def connection(live: Served) -> Iterator[socket.socket]:
    """A connection to the server, without delay."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def receive_two(connection: socket.socket) -> tuple[Answer, int]:
    """Reads an answer and the status of the one after it, both whole; they may come in one piece."""
    data, answers = b"", list[Answer]()
    while len(answers) < 2:
        head, blank, rest = data.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        if blank and length and len(rest) >= int(length[1]):
            size = int(length[1])
            answers.append(Answer(int(head[9:12]), {}, rest[:size]))
            data = rest[size:]
        else:
            part = connection.recv(65536)
            assert part, f"the connection ended after {data!r}"
            data += part
    assert data == b""
    return answers[0], answers[1].status


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_is_passed_over(live: Served, connection: socket.socket, offer: str, name: str, chunked: bool) -> None:
    logged = len(live.log())
    data, status = post(name, OFFERS[offer], chunked=chunked)
    connection.sendall(data + NEXT)
    answer, second = receive_two(connection)
    assert (answer.status, second) == (status, 200), answer
    assert "WARNING" not in live.log()[logged:]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("name", BODIES)
def test_the_body_may_come_in_any_pieces(live: Served, connection: socket.socket, name: str, chunked: bool) -> None:
    for split in ("head", "each byte"):
        data, status = post(name, H2C, chunked=chunked)
        data += NEXT
        cuts = [data.index(b"\r\n\r\n") + 4] if split == "head" else range(1, len(data))
        before = 0
        for cut in [*cuts, len(data)]:
            connection.send(data[before:cut])
            before = cut
            if split == "head":
                time.sleep(0.05)
        answer, second = receive_two(connection)
        assert (answer.status, second) == (status, 200), answer


def test_a_head_that_is_cut_anywhere_is_read(live: Served) -> None:
    data, status = post("apimo", H2C)
    for cut in range(1, len(data), 7):
        with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.send(data[:cut])
            connection.send(data[cut:])
            assert receive(connection).status == status


def test_offers_may_follow_each_other_on_one_connection(connection: socket.socket) -> None:
    calls = [post(name, offer) for name in BODIES for offer in OFFERS.values()]
    connection.sendall(b"".join(data for data, _ in calls))
    received = b""
    while received.count(b"HTTP/1.1 ") < len(calls):
        part = connection.recv(65536)
        assert part
        received += part
    assert [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]] == [status for _, status in calls]


def test_an_offer_of_a_client_that_closes_is_answered_before_it_closes(live: Served, connection: socket.socket) -> None:
    data, status = post("apimo", ("Upgrade: h2c", "Connection: close, Upgrade"))
    connection.sendall(data)
    assert receive(connection).status == status
    assert connection.recv(1) == b""


def test_a_body_is_never_a_request_of_its_own(live: Served, connection: socket.socket) -> None:
    id = "smuggled"
    inner = (
        f"POST /__admin/sandboxes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {JSON}\r\n"
        f'Content-Length: {len(id) + 9}\r\n\r\n{{"id": "{id}"}}'
    ).encode()
    head = ["POST /apimo/agencies/101/leads HTTP/1.1", "Host: 127.0.0.1", BASIC, f"Content-Type: {JSON}", *H2C]
    connection.sendall("\r\n".join([*head, f"Content-Length: {len(inner)}", "", ""]).encode())
    time.sleep(0.05)
    connection.sendall(inner)
    assert receive(connection).status == 400
    connection.sendall(NEXT)
    assert receive(connection).status == 200
    connection.sendall(f"GET /__admin/sandboxes/{id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert receive(connection).status == 404


def test_the_embedded_server_passes_offers_over(caplog: pytest.LogCaptureFixture) -> None:
    with mockserver.EmbeddedServer(world="small") as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            for name in BODIES:
                data, status = post(name, H2C)
                connection.sendall(data)
                assert receive(connection).status == status
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


# Real clients


class Called(NamedTuple):
    """One call of a real client, and what a client that offers nothing gets for it."""

    request: httpx2.Request
    status: int
    body: bytes


@pytest.fixture(scope="module")
def calls() -> list[Called]:
    """The recorded requests, in their order: they reach every operation of every provider, and the admin API."""
    sent = record_answers.send(exchange["request"] for exchange in record_answers.load())
    return [Called(request, response.status_code, response.content) for request, response in sent]


@pytest.fixture
def recorded_server(start_server: StartServer) -> Served:
    """A server that has answered nothing yet, with the settings of the recorded answers."""
    return start_server("--now", record_answers.NOW, "--body-limit", str(record_answers.BODY_LIMIT))


def check(calls: list[Called], lines: list[str], tmp: Path) -> None:
    """Compares what a client got with what it should have got; a line is the number of a call and its status."""
    got = {int(number): int(status) for number, status in map(str.split, lines)}
    assert {calls[number].request: status for number, status in got.items()} == {
        calls[number].request: calls[number].status for number in got
    }
    for number in got:
        call, body = calls[number], tmp / f"{number}.out"
        if call.request.url.path.startswith("/__admin") or call.request.method == "HEAD":
            continue  # it tells of the headers of calls, or of the time
        assert (body.read_bytes() if body.exists() else b"") == call.body, call.request


def with_curl(calls: list[Called], port: int, tmp: Path) -> list[str]:
    """Makes all calls with one run of curl, which offers h2c with each of them."""
    parts = []
    for number, (request, _, _) in enumerate(calls):
        target = request.url.raw_path.decode("ascii")
        lines = [
            f'url = "http://127.0.0.1:{port}{target}"',
            *("http2", "globoff", "path-as-is", "silent", f'output = "{tmp / str(number)}.out"'),
            f'write-out = "{number} %{{http_code}}\\n"',
            "head" if request.method == "HEAD" else f'request = "{request.method}"',
            *(f"header = {json.dumps(f'{name}: {value}')}" for name, value in request.headers.multi_items()),
        ]
        if request.content:
            lines.append(f'data-binary = "@{tmp / str(number)}.in"')
            if "content-type" not in request.headers:
                lines.append('header = "Content-Type;"')
        parts.append("\n".join(line for line in lines if not line.lower().startswith('header = "content-length')))
    config = tmp / "config"
    config.write_text("\nnext\n".join(parts), encoding="utf-8")
    done = subprocess.run(["curl", "--config", config], capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout.splitlines()


def with_java(calls: list[Called], port: int, tmp: Path) -> list[str]:
    """Makes all calls that Java can make with its default client, which offers h2c with each of them."""
    lines = []
    for number, (request, _, _) in enumerate(calls):
        target = request.url.raw_path.decode("ascii")
        # java.net.URI has no room for some targets that other clients send.
        if not re.search(r"%(?![0-9A-Fa-f]{2})|[\[\]|^`{}\\\"<>]", target.partition("?")[2] + target):
            headers = [part for header in request.headers.multi_items() for part in header if header[1]]
            lines.append("\t".join([str(number), request.method, f"http://127.0.0.1:{port}{target}", *headers]))
    (tmp / "calls").write_text("\n".join(lines), encoding="utf-8")
    allowed = "-Djdk.httpclient.allowRestrictedHeaders=host,connection,content-length,expect"
    source = Path(__file__).with_name("DefaultClient.java")
    done = subprocess.run(["java", allowed, source, tmp], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == len(lines)
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("client", [with_curl, with_java])
def test_real_clients_that_offer_h2c_get_the_answers_of_those_that_do_not(
    client: Callable[[list[Called], int, Path], list[str]],
    calls: list[Called],
    recorded_server: Served,
    tmp_path: Path,
) -> None:
    program = client.__name__.removeprefix("with_")
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    for number, call in enumerate(calls):
        (tmp_path / f"{number}.in").write_bytes(call.request.content)
    lines = client(calls, recorded_server.port, tmp_path)
    assert len(lines) > 0.9 * len(calls)
    check(calls, lines, tmp_path)
    assert "WARNING" not in recorded_server.log()
