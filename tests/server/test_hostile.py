"""Hostile input over raw sockets: an answer in the right envelope, no traceback, and a server that goes on."""

import json
import re
import socket
from base64 import b64encode
from contextlib import suppress
from typing import Any, NamedTuple

import pytest

from tests.conftest import AUTH, MakeClient, Served
from tests.support.patience import PATIENCE

TOKEN = AUTH[1]
LEADS = "/apimo/agencies/101/leads"
BASIC = f"Authorization: Basic {b64encode(':'.join(AUTH).encode()).decode()}"
AS_JSON = "Content-Type: application/json"
MIB = 1024 * 1024


class Answer(NamedTuple):
    """One HTTP answer, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def request(line: str, *headers: str, body: bytes = b"", host: str = "Host: 127.0.0.1", auth: str = BASIC) -> bytes:
    """A request as it goes over the wire; nothing in it is checked. Its connection ends with its answer."""
    lines = [f"{line} HTTP/1.1", *filter(None, (host, auth)), *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def get(target: str, *headers: str, **others: Any) -> bytes:
    """A GET."""
    return request(f"GET {target}", *headers, **others)


def post(body: bytes, *headers: str, target: str = LEADS, kind: str = AS_JSON) -> bytes:
    """A POST with the right length."""
    return request(f"POST {target}", *filter(None, (kind,)), f"Content-Length: {len(body)}", *headers, body=body)


def started(*headers: str, body: bytes = b"") -> bytes:
    """A POST whose framing is up to the headers."""
    return request(f"POST {LEADS}", AS_JSON, *headers, body=body)


def lead(members: str) -> bytes:
    """A POST of a lead with these members after its reference."""
    return post(b'{"reference": "hostile", ' + members.encode() + b"}")


def receive(connection: socket.socket) -> Answer:
    """Reads one answer and not a byte of the next; fails when there is none within the time limit of the connection."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        part = connection.recv(1)
        assert part, f"the connection ended after {data!r}"
        data += part
    first, *lines = data[:-4].decode("latin-1").split("\r\n")
    fields = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in fields}
    body = b""
    while missing := int(headers.get("content-length", "0")) - len(body):
        part = connection.recv(min(missing, 65536))
        assert part, "the body ended before its length"
        body += part
    return Answer(int(first.split()[1]), headers, body)


def ask(server: Served, data: bytes) -> Answer:
    """Sends bytes, as far as the server takes them, and reads one answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        with suppress(OSError):  # it may be refused before it is sent whole
            connection.sendall(data)
        return receive(connection)


def chunks(count: int) -> bytes:
    """Chunks of 64 KiB, and no last chunk."""
    return (b"10000\r\n" + b"a" * 65536 + b"\r\n") * count


NESTED = b"[" * 100_000 + b"]" * 100_000
# id: (bytes, status, whose envelope). Bytes that are not HTTP, and addresses outside providers, are answered by ours.
TABLE: dict[str, tuple[bytes, int, str]] = {
    # Framing
    "length over the limit and nothing sent": (started("Content-Length: 9999999999"), 413, "apimo"),
    "the same with Expect": (started("Content-Length: 9999999", "Expect: 100-continue"), 413, "apimo"),
    "a body over the limit": (post(b"a" * (MIB + 1)), 413, "apimo"),
    "chunks over the limit without an end": (started("Transfer-Encoding: chunked", body=chunks(17)), 413, "apimo"),
    "a chunk that is no chunk": (started("Transfer-Encoding: chunked", body=b"zz\r\n"), 400, "ours"),
    "negative length": (started("Content-Length: -1"), 400, "ours"),
    "length that is no number": (started("Content-Length: 1x"), 400, "ours"),
    "length beyond 64 bits": (started("Content-Length: 99999999999999999999999"), 400, "ours"),
    "two lengths": (started("Content-Length: 2", "Content-Length: 3", body=b"{}x"), 400, "ours"),
    "length and chunks": (started("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400, "ours"),
    "unknown transfer coding": (started("Transfer-Encoding: gzip", body=b"{}"), 501, "ours"),
    "two transfer codings": (started("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 501, "ours"),
    "chunks twice": (started("Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), 400, "ours"),
    "no length at all": (started(), 400, "apimo"),
    # JSON
    "empty body": (post(b""), 400, "apimo"),
    "blank body": (post(b" \r\n\t"), 400, "apimo"),
    "not JSON": (post(b"reference=1"), 400, "apimo"),
    "JSON cut short": (post(b'{"reference": "a'), 400, "apimo"),
    "two values": (post(b"{}{}"), 400, "apimo"),
    "a byte order mark": (post(b"\xef\xbb\xbf{}"), 400, "apimo"),
    "UTF-16": (post('{"reference": "a"}'.encode("utf-16")), 400, "apimo"),
    "NaN": (lead('"price_min": NaN'), 400, "apimo"),
    "Infinity": (lead('"price_min": -Infinity'), 400, "apimo"),
    "1e400": (lead('"price_min": 1e400'), 400, "apimo"),
    "400 digits": (lead(f'"price_min": {"9" * 400}'), 400, "apimo"),
    "1e308": (lead('"price_min": 1e308'), 422, "apimo"),
    "a member twice": (lead('"reference": "again"'), 400, "apimo"),
    "a member twice, escaped": (lead('"r\\u0065ference": "again"'), 400, "apimo"),
    "a member twice, deep inside": (lead('"criteria": {"a": [{"b": 1, "b": 2}]}'), 400, "apimo"),
    "a member twice, after 2000 others": (
        lead(",".join(f'"a{n}":1' for n in range(2000)) + ',"z":1,"z":2'),
        400,
        "apimo",
    ),
    "invalid UTF-8": (post(b'{"reference": "\xff\xfe"}'), 400, "apimo"),
    "overlong UTF-8": (post(b'{"reference": "\xc0\xaf"}'), 400, "apimo"),
    "a lone surrogate": (lead('"lastname": "\\ud800"'), 400, "apimo"),
    "100,000 nested arrays": (post(NESTED), 400, "apimo"),
    "900 nested arrays": (post(b"[" * 900 + b"]" * 900), 400, "apimo"),
    "900 nested objects": (lead('"criteria": ' + '{"a":' * 900 + "1" + "}" * 900), 400, "apimo"),
    "an array for an object": (post(b"[]"), 422, "apimo"),
    "null for an object": (post(b"null"), 422, "apimo"),
    "NUL in a number": (lead('"price_min": "\\u0000"'), 422, "apimo"),
    # Media types
    "no media type": (post(b"{}", kind=""), 415, "apimo"),
    "text/plain": (post(b"{}", kind="Content-Type: text/plain"), 415, "apimo"),
    "a form": (post(b"a=b", kind="Content-Type: application/x-www-form-urlencoded"), 415, "apimo"),
    "JSON in Latin-1": (post(b"{}", kind="Content-Type: application/json; charset=latin-1"), 415, "apimo"),
    "a media type that is none": (post(b"{}", kind="Content-Type: ;;;=/\xe9"), 415, "apimo"),
    # Paths and queries
    "unrouted": (get("/apimo/nowhere"), 404, "apimo"),
    "the bare mount": (get("/apimo"), 404, "apimo"),
    "%0A at the end": (get(f"{LEADS}%0A"), 404, "apimo"),
    "%0A inside": (get("/apimo/agencies/101%0A2/leads"), 404, "apimo"),
    "%00": (get("/apimo/agencies/%00/leads"), 404, "apimo"),
    "%2F": (get("/apimo/agencies%2F101%2Fleads"), 404, "apimo"),
    "%0A after our address": (get("/__admin/version%0A"), 404, "ours"),
    "dots": (get("/apimo/agencies/../../etc/passwd"), 404, "apimo"),
    "encoded dots": (get("/apimo/agencies/%2e%2e/%2e%2e/leads"), 404, "apimo"),
    "double slash": (get("/apimo//agencies/101/leads"), 404, "apimo"),
    "slash at the end": (get(f"{LEADS}/"), 404, "apimo"),
    "double slash first": (get(f"/{LEADS}"), 404, "ours"),
    "invalid UTF-8 in the path": (get("/apimo/agencies/%E9/leads"), 400, "apimo"),
    "invalid UTF-8 in the query": (get(f"{LEADS}?x=%ff"), 400, "apimo"),
    "raw bytes in the path": (get("/apimo/agenci\xe9s"), 400, "ours"),
    "a percent sign that is none": (get("/apimo/agencies/%/leads?%=%zz"), 404, "apimo"),
    "a path of 60 KiB": (get("/apimo/" + "a" * 60_000), 404, "apimo"),
    "a path of 64 KiB and more": (get("/apimo/" + "a" * 65_536), 414, "ours"),
    "a query of 60 KiB": (get(f"{LEADS}?limit={'9' * 60_000}"), 422, "apimo"),
    "an agency of 300 digits": (get(f"/apimo/agencies/{'9' * 300}/leads"), 404, "apimo"),
    "a space in the target": (get("/apimo/agencies 101/leads"), 400, "ours"),
    "NUL in the target": (get("/apimo/\x00"), 400, "ours"),
    "a carriage return in the target": (get("/apimo/\rx"), 400, "ours"),
    "a line feed in the target": (get("/apimo/\nx"), 400, "ours"),
    "a backslash first": (get("\\apimo"), 400, "ours"),
    "a backslash inside": (get("/apimo\\agencies"), 404, "ours"),
    "only a percent sign": (get("/%"), 404, "ours"),
    "two slashes and a name": (get("//x"), 404, "ours"),
    "a name without a slash": (get("apimo/agencies"), 400, "ours"),
    "a query alone": (get("?limit=1"), 400, "ours"),
    "a star for a GET": (get("*"), 404, "ours"),
    "an authority for a GET": (get("127.0.0.1:8080"), 400, "ours"),
    "an absolute target without an end": (get("http://["), 400, "ours"),
    "an absolute target without a host": (get("http:///apimo"), 400, "ours"),
    "an absolute target of another scheme": (get("ftp://127.0.0.1/apimo/nowhere"), 404, "apimo"),
    "a fragment in the target": (get(f"{LEADS}#x"), 400, "ours"),
    "an empty fragment": (get(f"{LEADS}?limit=1#"), 400, "ours"),
    "credentials in the target": (get(f"http://user:secret@127.0.0.1{LEADS}"), 400, "ours"),
    "no host": (get(LEADS, host=""), 400, "ours"),
    "no host beside an absolute target": (get(f"http://127.0.0.1{LEADS}", host=""), 400, "ours"),
    "a host that could break out of a link": (get("/", host='Host: "><script>alert(1)</script>'), 400, "ours"),
    "two credentials": (get(LEADS, BASIC), 400, "apimo"),
    "two credentials that differ": (get(LEADS, "Authorization: Bearer x"), 400, "apimo"),
    "two media types": (post(b'{"reference": 1}', "Content-Type: text/plain"), 400, "apimo"),
    "an expectation that nobody knows": (get(LEADS, "Expect: foo"), 417, "ours"),
    "a second expectation": (started("Content-Length: 2", "Expect: 100-continue, foo", body=b"{}"), 417, "ours"),
    "chunks over HTTP/1.0": (
        started("Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"),
        400,
        "ours",
    ),
    "60,000 members": (lead(",".join(f'"a{n}":1' for n in range(60_000))), 400, "apimo"),
    "a list of 200,000": (post(b'{"reference": [' + b"1," * 199_999 + b"1]}"), 400, "apimo"),
    "two hosts": (get(LEADS, "Host: 127.0.0.1"), 400, "ours"),
    "two hosts that differ": (get(LEADS, "Host: elsewhere.example"), 400, "ours"),
    "HTTP/2.0 in a request line": (b"GET /apimo/agencies HTTP/2.0\r\nHost: a\r\n\r\n", 505, "ours"),
    "HTTP/3.0 in a request line": (b"GET /apimo/agencies HTTP/3.0\r\nHost: a\r\n\r\n", 400, "ours"),
    "a version that is none": (b"GET /apimo/agencies HTTP/x\r\n\r\n", 400, "ours"),
    "line feeds alone": (b"GET /apimo/agencies HTTP/1.1\nHost: a\n\n", 400, "ours"),
    "a folded header": (get(LEADS, "X-Odd: a\r\n b"), 400, "ours"),
    "a blank before a colon": (get(LEADS, "X-Odd : a"), 400, "ours"),
    # Methods
    "PATCH": (request(f"PATCH {LEADS}"), 405, "apimo"),
    "TRACE": (request(f"TRACE {LEADS}"), 405, "apimo"),
    "an unknown method": (request(f"BREW {LEADS}"), 400, "ours"),
    "a method in lower case": (request(f"get {LEADS}"), 400, "ours"),
    "CONNECT": (request("CONNECT example.com:443"), 400, "ours"),
    "CONNECT to a path": (request(f"CONNECT {LEADS}", "Upgrade: h2c", "Connection: Upgrade"), 400, "ours"),
    "OPTIONS *": (request("OPTIONS *"), 404, "ours"),
    # Headers
    "a control character": (get(LEADS, "X-Odd: a\x01b"), 400, "ours"),
    "NUL in a header": (get(LEADS, "X-Odd: a\x00b"), 400, "ours"),
    "a header without a name": (get(LEADS, ": a"), 400, "ours"),
    "a header over 2 MiB": (get(LEADS, f"X-Odd: {'a' * 2 * MIB}"), 431, "ours"),
    "100,000 headers": (get(LEADS, *["X-Odd: 1234567890"] * 100_000), 431, "ours"),
    "an origin that is no address": (get("/__admin/journal", "Origin: http://["), 403, "ours"),
    "a host that is no address": (get("/__admin/journal", host="Host: ["), 400, "ours"),
    # Not HTTP
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "ours"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40, 400, "ours"),
    "noise": (bytes(range(256)), 400, "ours"),
    "HTTP/0.9": (b"GET /apimo/agencies\r\n\r\n", 401, "apimo"),
}
ODD_BUT_FINE: dict[str, bytes] = {
    "HTTP/1.0 without a host": f"GET {LEADS}?limit=1 HTTP/1.0\r\n{BASIC}\r\n\r\n".encode(),
    "an absolute target": get(f"http://elsewhere.example{LEADS}?limit=1"),
    "a body that nobody reads": get("/apimo/catalogs", "Content-Length: 2", body=b"\xff\xfe"),
    "500 unknown parameters": get(f"{LEADS}?limit=1&" + "&".join(f"p{n}={n}" for n in range(500))),
    "the same parameter 500 times": get(f"{LEADS}?" + "&".join(["limit=1"] * 500)),
    "a header of 100 KiB": get(LEADS, f"X-Odd: {'a' * 100_000}"),
    "an upgrade to a web socket": get(LEADS, "Connection: Upgrade", "Upgrade: websocket"),
    "500 unknown members": lead(",".join(f'"a{n}": 1' for n in range(500))),
    "capitals and blanks in a media type": post(
        b'{"reference":1}', kind='content-type:Application/JSON ;charset="UTF-8"'
    ),
}


def log_since(server: Served, before: int) -> str:
    """What the log got since it was that long."""
    return server.log()[before:]


def assert_alive(server: Served, logged: int) -> None:
    """The server answers, and its log has no traceback."""
    assert ask(server, get("/__admin/health/live")).json == {"status": "ok"}
    assert "Traceback" not in log_since(server, logged)


@pytest.mark.parametrize("name", TABLE)
def test_hostile_input_gets_an_answer_in_the_right_envelope(live: Served, name: str) -> None:
    data, status, whose = TABLE[name]
    logged = len(live.log())
    answer = ask(live, data)
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"Traceback" not in answer.body
    body = answer.json
    assert body["status"] == status
    assert {"type", "title", "detail"} <= body.keys()
    assert (body["type"] == "about:blank") == (whose == "ours"), body
    assert_alive(live, logged)


@pytest.mark.parametrize("name", ODD_BUT_FINE)
def test_what_is_odd_but_allowed_is_answered(live: Served, name: str) -> None:
    logged = len(live.log())
    answer = ask(live, ODD_BUT_FINE[name])
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json; charset=utf-8"), answer
    assert b"<script" not in answer.body
    assert answer.json
    assert_alive(live, logged)


@pytest.mark.parametrize(
    ("method", "target", "allow"),
    [
        ("DELETE", LEADS, "GET, HEAD, OPTIONS, POST"),
        ("PATCH", f"{LEADS}/170001", "OPTIONS, PUT"),
        ("HEAD", f"{LEADS}/170001", "OPTIONS, PUT"),
        ("POST", "/apimo/catalogs", "GET, HEAD, OPTIONS"),
        ("POST", "/__admin/journal", "DELETE, GET, HEAD"),
        ("DELETE", "/", "GET, HEAD"),
    ],
)
def test_what_is_not_possible_tells_what_is_in_order(live: Served, method: str, target: str, allow: str) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.sendall(request(f"{method} {target}"))
        head = b"".join(iter(lambda: connection.recv(65536), b"")).split(b"\r\n")
    assert head[0].startswith(b"HTTP/1.1 405 ")
    assert f"allow: {allow}".encode() in head


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Authorization:",
        "Authorization: Basic",
        f"Authorization: Bearer {TOKEN}",
        f"Authorization: {':'.join(AUTH)}",
        f"Authorization: {TOKEN}",
        f"Authorization: Basic {':'.join(AUTH)}",
        f"Authorization: Basic {b64encode(TOKEN.encode()).decode()}",
        f"Authorization: Basic {b64encode(b'4321:' + bytes([0xE9, 0xFF])).decode()}",
        "Authorization: Basic \xe9\xe8",
        "Authorization: Basic ====",
        f"Authorization: Basic {b64encode(b'4321:' + b'0' * 40).decode()}",
        f"Authorization: Basic {b64encode(b'4321:' + TOKEN.upper().encode()).decode()}",
        f"Authorization: Digest {'a' * 10_000}",
    ],
)
def test_credentials_that_are_none_are_refused_and_not_repeated(live: Served, authorization: str) -> None:
    logged = len(live.log())
    answer = ask(live, get(LEADS, auth=authorization))
    assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith('Basic realm="Apimo"')
    assert TOKEN.encode() not in answer.body
    assert b"aaaaaaaaaaa" not in answer.body
    assert_alive(live, logged)


@pytest.mark.parametrize(
    "broken", [b"NONSENSE\r\n\r\n", b"GET /x HTTP/1.1\r\nA: \x01\r\n\r\n", started("Content-Length: x")]
)
def test_what_is_asked_before_a_broken_request_is_answered_first(live: Served, broken: bytes) -> None:
    first = get("/apimo/catalogs").replace(b"Connection: close\r\n", b"")
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.sendall(first * 3 + broken + first)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert re.findall(rb"HTTP/1.1 (\d{3}) ", received) == [b"200", b"200", b"200", b"400"]


def test_a_broken_body_is_refused_after_the_answers_before_it(live: Served) -> None:
    first = get("/apimo/catalogs").replace(b"Connection: close\r\n", b"")
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.sendall(first * 2 + started("Transfer-Encoding: chunked", body=b"zz\r\n"))
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert re.findall(rb"HTTP/1.1 (\d{3}) ", received) == [b"200", b"200", b"400"]


def test_calls_in_one_stream_are_answered_in_order(live: Served) -> None:
    stream = b"".join(get(path).replace(b"Connection: close\r\n", b"") for path in ("/apimo/a", LEADS, "/apimo/b"))
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.sendall(stream)
        parts = b""
        while parts.count(b"HTTP/1.1 ") < 3:
            part = connection.recv(65536)
            assert part
            parts += part
    assert [int(part[:3]) for part in parts.split(b"HTTP/1.1 ")[1:]] == [404, 200, 404]


@pytest.mark.parametrize("refused", [get("/apimo/nowhere"), post(b"{}"), post(b"{"), request(f"PATCH {LEADS}")])
def test_a_connection_outlives_a_refusal(live: Served, refused: bytes) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.sendall(refused.replace(b"Connection: close\r\n", b""))
        assert receive(connection).status >= 400
        connection.sendall(get("/apimo/catalogs"))
        assert receive(connection).status == 200


def test_a_body_that_comes_in_pieces_is_read_whole(live: Served) -> None:
    data = post(b'{"reference": "in pieces"}')
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in range(len(data)):
            connection.send(data[byte : byte + 1])
        assert receive(connection).status == 200


@pytest.mark.parametrize("framing", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_a_client_that_hangs_up_in_a_body_is_let_go(live: Served, framing: str) -> None:
    logged = len(live.log())
    with socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE) as connection:
        connection.sendall(started(framing, "Expect: 100-continue"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"a\r\n{")
    assert_alive(live, logged)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not(make_client: MakeClient, chunked: bool) -> None:
    client = make_client(body_limit=2048)
    body = b'{"reference": "full"}'.ljust(2048)
    for content, status in ((body, 200), (body + b" ", 413)):
        sent = iter([content[:1000], content[1000:]]) if chunked else content
        answer = client.post(LEADS, content=sent, headers={"content-type": "application/json"})
        assert answer.status_code == status, answer.text
