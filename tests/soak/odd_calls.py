"""Calls that Hypothesis makes up of whatever bytes HTTP lets through, near the paths of a contract and far from it."""

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import httpx2
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from mockserver.contract import Contract
from mockserver.server.app import MockServer
from tests.support.in_process import TestClient

_BASE = "http://127.0.0.1:8080"
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "X")
_TYPES = ("application/json", "application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-16", "")
_ODD = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.sampled_from(["", "null", "NaN", "1e999", "-0", "٣", "0x10", "true", "%00", "..", "a" * 5_000, "[]", "{}"]),
)
_KNOWN = st.sampled_from(["101", "102", "170001", "5120001", "156001", "lead_type"])
"""Ids of the worlds that come with the package."""
_HEADER = st.binary(max_size=60).map(lambda raw: bytes(byte for byte in raw if byte >= 32 and byte != 127))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def requests(draw: st.DrawFn, contract: Contract, bodies: st.SearchStrategy[bytes]) -> httpx2.Request:
    """Draws a request: the template of some operation, filled with anything, and headers and a body of any kind."""
    operation = contract.operations[draw(st.sampled_from(sorted(contract.operations)))]
    path = "".join(
        quote(draw(st.one_of(_KNOWN, _KNOWN, _ODD)), safe="") if part.startswith("{") else part
        for part in operation.path.replace("{", "\0{").replace("}", "}\0").split("\0")
    )
    path += draw(st.sampled_from([""] * 12 + ["/", "//", "/..", "%2e", ";a=b"]))
    known = sorted(operation.query_parameters) or ["limit"]
    names = st.one_of(st.sampled_from(known), st.text(max_size=8))
    query = "&".join(
        f"{quote(name)}={quote(value)}" for name, value in draw(st.lists(st.tuples(names, _ODD), max_size=5))
    )
    headers = {
        "authorization": draw(_HEADER),
        "content-type": draw(st.sampled_from(_TYPES)).encode(),
        "accept": draw(_HEADER),
        "x-odd": draw(_HEADER),
    }
    for name in draw(st.sets(st.sampled_from(sorted(headers)))):
        del headers[name]
    method = draw(st.one_of([st.just(operation.method.upper())] * 4 + [st.sampled_from(_METHODS)]))
    url = f"{_BASE}/{contract.name}{path}?{query}"
    return httpx2.Request(
        method, url, headers=[(name.encode(), value) for name, value in headers.items()], content=draw(bodies)
    )


def odd_calls(
    app: MockServer, contract: Contract, credentials: str, count: int, number: int
) -> tuple[list[str], Counter[int]]:
    """Makes so many calls, half of them with good credentials. Returns what was wrong with answers, and statuses."""
    client = TestClient(app, base_url=_BASE)
    client.auth = httpx2.Auth()
    problems: list[str] = []
    statuses: Counter[int] = Counter()
    bodies = st.one_of(st.just(b""), st.binary(max_size=200), _JSON.map(_as_json))

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(request=requests(contract, bodies), known=st.booleans())
    def call(request: httpx2.Request, known: bool) -> None:
        if known:
            request.headers["authorization"] = credentials
        answer = client.send(request)
        statuses[answer.status_code] += 1
        wrong = _wrong(app, answer)
        problems.extend(f"{request.method} {request.url}: {text}" for text in wrong)

    call()
    return problems, statuses


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _wrong(app: MockServer, answer: httpx2.Response) -> list[str]:
    """What no client may be answered: a failure of the server, a traceback, or what the contract does not have."""
    found = []
    if answer.status_code >= 500:
        found.append(f"status {answer.status_code}: {answer.text[:300]}")
    if "Traceback (most recent" in answer.text:
        found.append("a traceback")
    for entry in app.sandbox.journal.entries(after=app.sandbox.journal.total - 1):
        found += [f"out of contract: {each.message}" for each in entry.violations if each.place == "reply"]
    return found
