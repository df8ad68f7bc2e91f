"""Conversations of programs with a provider that no sane program has: for tests that nothing breaks the judge."""

import os
import socket
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson
from hypothesis import strategies as st

from mockserver.judge.evidence import Ending
from mockserver.judge.program import RunResult, Watch
from tests.support.patience import PATIENCE

Place = Literal["file", "folder", "pipe", "loop", "nothing"]
"""What lies where the outcome is to be."""

ODD_NUMBERS = (
    *("1795937564000", "-100000000000000", "100000000000000", "99999999999999", "99999999999", "-1", "0", "0.5", "1e3"),
    *("1e300", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1" + "0" * 400, "1" * 5000, "1_000", " 7 ", ""),
    *("%00", "%FF", "%ED%A0%80", "١٢٣", "null", "true", "[]", "{}", '"1"', "0x10"),
)
NUMBERS = st.one_of(
    st.sampled_from(ODD_NUMBERS),
    st.integers(1_760_000_000, 1_800_000_000).map(str),
    st.integers().map(str),
    st.floats().map(str),
)
_BYTES = st.binary(max_size=40)
_QUERY_NAMES = st.sampled_from(
    ["timestamp", "offset", "limit", "minDate", "maxDate", "start", "cursor", "ofset", "limit%00", "%FF", ""]
)
_TEXTS = st.one_of(
    st.sampled_from(["", "null", "None", "\ud800", "\x00\x1b[31m", "a@b.example", "x" * 70_000, "[bold]", "</script>"]),
    st.text(st.characters(exclude_categories=()), max_size=30),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=6,
)
_DEEP = st.sampled_from([b"[" * 3000, b'{"a":' * 3000, b"[" * 900 + b"]" * 900, b'{"a":' * 1020 + b"1" + b"}" * 1020])


@dataclass(frozen=True)
class Call:
    """A call as it is written to the wire."""

    method: str
    path: str
    """Behind the base URL of the API, or of the tokens."""
    query: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, bytes], ...] = ()
    to_token: bool = False
    authorized: bool = True


@dataclass(frozen=True)
class OddRun:
    """A run of a program: its calls, and what it leaves."""

    calls: tuple[Call, ...]
    outcome: bytes
    place: Place
    output: str
    exit_code: int | None
    ending: Ending


def _json(value: Any) -> bytes:
    """JSON text of a value in which numbers are texts that stand for themselves."""
    if isinstance(value, dict):
        return b"{" + b",".join(_json(str(name)) + b":" + _json(member) for name, member in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(_json, value)) + b"]"
    if isinstance(value, str) and value in ODD_NUMBERS:
        return value.encode()
    if isinstance(value, str):
        escaped = "".join(
            f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\' or 0xD800 <= ord(char) <= 0xDFFF else char
            for char in value
        )
        return f'"{escaped}"'.encode()
    return orjson.dumps(value)


_QUERIES = st.lists(st.tuples(_QUERY_NAMES, NUMBERS), max_size=3).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["User-Agent", "Content-Type", "Accept", "X-Odd", "Authorization", "Accept-Encoding"]),
        st.one_of(st.sampled_from([b"", b"\xff\xfe", b"a" * 5000, b"application/json", b"gzip"]), _BYTES).map(
            lambda value: value.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
        ),
    ),
    max_size=2,
).map(tuple)


def _calls_of(provider: str) -> st.SearchStrategy[Call]:
    period = st.fixed_dictionaries(
        {"SearchCriteria": st.fixed_dictionaries({"StartDate": NUMBERS, "EndDate": NUMBERS})},
        optional={"Pagination": st.fixed_dictionaries({}, optional={"Limit": NUMBERS, "LastItemKey": JSON})},
    )
    bodies = st.one_of(period.map(_json), JSON.map(_json), _BYTES, _DEEP)
    paths = {
        "apimo": [
            "/agencies/101/leads",
            "/agencies/999/leads",
            f"/agencies/{'9' * 5000}/leads",
            "/agencies/101/leads/1",
        ],
        "gsl": [
            "/v2/leads",
            "/v2/classified/leads",
            "/v2/agency/leads",
            f"/v2/classifieds/{'9' * 5000}/leads",
            "/v2/x",
        ],
        "seeker": ["/leads", "/leads/%ff", "/leads/1", f"/leads/{'9' * 5000}", "/subscriptions"],
    }[provider]
    methods = {
        "apimo": ["GET", "GET", "GET", "PUT", "POST"],
        "gsl": ["POST"] * 4 + ["GET"],
        "seeker": ["GET"] * 4 + ["POST"],
    }
    one = st.builds(
        Call,
        method=st.sampled_from([*methods[provider], "HEAD", "OPTIONS", "BREW"]),
        path=st.one_of(st.just(paths[0]), st.sampled_from(paths)),
        query=_QUERIES,
        body=st.one_of(st.just(b""), bodies) if provider != "gsl" else bodies,
        headers=_HEADERS,
        authorized=st.sampled_from([True, True, True, False]),
    )
    token = st.builds(
        Call, method=st.just("POST"), path=st.just(""), body=bodies, headers=_HEADERS, to_token=st.just(True)
    )
    return st.one_of(one, one, one, token) if provider != "apimo" else one


_LINES = st.one_of(
    st.fixed_dictionaries(
        {"id": JSON}, optional=dict.fromkeys(("email", "phone", "name", "message", "provider", "x"), JSON)
    ).map(_json),
    st.integers(0, 900).map(lambda id: b'{"id": %d, "email": "a@b.example", "name": "\\ud800"}' % id),
    JSON.map(_json),
    _BYTES,
    _DEEP,
)
_OUTCOMES = st.lists(_LINES, max_size=6).flatmap(
    lambda lines: st.integers(1, 3).map(lambda times: b"\n".join(lines * times))
)


def odd_runs(provider: str) -> st.SearchStrategy[tuple[OddRun, ...]]:
    """Returns a strategy of the runs of a program that calls one provider."""
    run = st.builds(
        OddRun,
        calls=st.lists(_calls_of(provider), max_size=4).map(tuple),
        outcome=_OUTCOMES,
        place=st.sampled_from(["file", "file", "file", "folder", "pipe", "loop", "nothing"]),
        output=st.one_of(_TEXTS, st.lists(_TEXTS, max_size=4).map("\n".join)),
        exit_code=st.sampled_from([0, 0, 1, -9, -77, 255, None]),
        ending=st.sampled_from(["itself", "itself", "settled", "timeout"]),
    )
    return st.lists(run, min_size=1, max_size=3).map(tuple)


class OddProgram:
    """A program that does what it is told, run by run, and after the last one begins anew."""

    def __init__(self, provider: str, runs: tuple[OddRun, ...]) -> None:
        self.name = "odd \ud800"
        self._provider, self._runs = provider, runs
        self._ran = 0

    def run(self, environment: Mapping[str, str], watch: Watch, unset: Collection[str] = ()) -> RunResult:
        run = self._runs[self._ran % len(self._runs)]
        self._ran += 1
        authorization = (
            _authorization(self._provider, environment) if any(call.authorized for call in run.calls) else b""
        )
        for call in run.calls:
            prefix = self._provider.upper()
            base = environment[f"{prefix}_TOKEN_URL" if call.to_token else f"{prefix}_BASE_URL"]
            send(base, call, authorization)
        _leave(Path(environment["MOCKSERVER_OUTCOME"]), run)
        exit_code = run.exit_code if run.ending == "itself" else None
        return RunResult(exit_code, run.ending, run.output[-65_536:], 0.1)

    def stop(self) -> None:
        pass


def _authorization(provider: str, environment: Mapping[str, str]) -> bytes:
    if provider == "apimo":
        pair = f"{environment['APIMO_PROVIDER']}:{environment['APIMO_TOKEN']}".encode()
        return b"Basic " + b64encode(pair)
    prefix = provider.upper()
    body = {
        "grant_type": "client_credentials",
        "client_id": environment[f"{prefix}_CLIENT_ID"],
        "client_secret": environment[f"{prefix}_CLIENT_SECRET"],
        **({"scope": environment["GSL_SCOPE"]} if provider == "gsl" else {"audience": environment["SEEKER_AUDIENCE"]}),
    }
    headers = (("Content-Type", b"application/json"), ("User-Agent", b"odd/1.0"))
    call = Call("POST", "", body=orjson.dumps(body), headers=headers, authorized=False)
    answer = send(environment[f"{prefix}_TOKEN_URL"], call, b"")
    try:
        return b"Bearer " + str(orjson.loads(answer.partition(b"\r\n\r\n")[2])["access_token"]).encode()
    except (ValueError, KeyError):
        return b""


def send(base: str, call: Call, authorization: bytes) -> bytes:
    """Writes a call to a socket as it is, and returns all that comes back."""
    url = urlsplit(base)
    target = f"{url.path}{call.path}" + (f"?{call.query}" if call.query else "")
    headers = {"Host": f"{url.netloc}".encode(), "Connection": b"close", **dict(call.headers)}
    if call.authorized and authorization:
        headers.setdefault("Authorization", authorization)
    if call.body:
        headers["Content-Length"] = str(len(call.body)).encode()
    head = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers.items())
    request = f"{call.method} {target or '/'} HTTP/1.1\r\n".encode("utf-8", "replace") + head + b"\r\n" + call.body
    answer = b""
    with socket.create_connection((str(url.hostname), url.port or 80), PATIENCE) as connection:
        try:
            connection.sendall(request)
            while block := connection.recv(65_536):
                answer += block
        except ConnectionError:
            pass  # the server had enough of it
    return answer


def _leave(outcome: Path, run: OddRun) -> None:
    if run.place == "file":
        outcome.write_bytes(run.outcome)
    elif run.place == "folder":
        outcome.mkdir()
        (outcome / "inside").write_bytes(run.outcome)
    elif run.place == "pipe":
        os.mkfifo(outcome)
    elif run.place == "loop":
        outcome.symlink_to(outcome)
