"""Proxies of the machine never come between a client and the fake."""

import json
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from urllib.request import urlopen

import pytest

from mockserver.judge.command import Command
from mockserver.judge.function import Function
from mockserver.judge.proxies import past_proxies, without_proxies
from mockserver.server.embedded import EmbeddedServer
from tests.support.patience import PATIENCE
from tests.support.watch import Calls

HERE = "127.0.0.1,localhost,::1"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(world="empty") as made:
        yield made


@pytest.fixture
def dead_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every proxy variable names a port at which nobody listens, and which nobody else gets meanwhile."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        for name in PROXIES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{bound.getsockname()[1]}")
        yield


@pytest.mark.parametrize(
    ("lower", "upper", "both"),
    [
        (None, None, (HERE, HERE)),
        ("example.org", None, (f"example.org,{HERE}",) * 2),
        (None, "example.org, .local", (f"example.org,.local,{HERE}",) * 2),
        ("a.org", "b.org", (f"a.org,{HERE}", f"b.org,{HERE}")),
        ("localhost", None, ("localhost,127.0.0.1,::1",) * 2),
        ("*", None, ("*", "*")),
        ("", "", (HERE, HERE)),
    ],
)
def test_this_machine_is_reached_without_a_proxy_and_what_was_said_stays(
    lower: str | None, upper: str | None, both: tuple[str, str]
) -> None:
    given = {"no_proxy": lower, "NO_PROXY": upper, "http_proxy": "http://proxy:3128"}
    environment = {name: value for name, value in given.items() if value is not None}
    assert past_proxies(environment) == dict(zip(("no_proxy", "NO_PROXY"), both, strict=True))


PYTHON = "import os, urllib.request; urllib.request.urlopen(os.environ['URL'], timeout=60)"
NODE = "fetch(process.env.URL).then(answer => process.exit(answer.ok ? 0 : 1))"


@pytest.mark.parametrize(
    "words",
    [
        ["curl", "-sf", "--max-time", "60", "-o", os.devnull, "{URL}"],
        [sys.executable, "-c", PYTHON],
        ["node", "-e", NODE],
    ],
    ids=["curl", "Python", "Node"],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_command_reaches_the_fake(server: EmbeddedServer, dead_proxy: None, words: list[str], host: str) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"without {words[0]}")
    url = server.url.replace("127.0.0.1", host)
    client = Command([word.replace("{URL}", url) for word in words], PATIENCE)
    result = client.run({"URL": url, "NODE_USE_ENV_PROXY": "1"}, Calls())
    assert (result.exit_code, result.ending) == (0, "itself"), result.output


def test_nothing_else_of_its_environment_changes(dead_proxy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org")
    client = Command([sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"], PATIENCE)
    output = client.run({"MINE": "1", "no_proxy": "mine.org"}, Calls()).output
    ours = {**os.environ, "MINE": "1", "no_proxy": f"mine.org,{HERE}", "NO_PROXY": f"example.org,{HERE}"}
    # By MOCKSERVER_RUN we find what it leaves behind.
    theirs = {name: value for name, value in json.loads(output).items() if name != "MOCKSERVER_RUN"}
    # Python sets LC_CTYPE itself where there is none.
    assert {name: value for name, value in theirs.items() if name != "LC_CTYPE" or name in ours} == {
        name: value for name, value in ours.items() if not name.startswith("MOCKSERVER_")
    }


@pytest.mark.parametrize("library", ["urllib", "requests", "httpx"])
def test_a_callable_reaches_the_fake_and_our_own_environment_is_what_it_was(
    server: EmbeddedServer, dead_proxy: None, library: str
) -> None:
    before = dict(os.environ)
    module = None if library == "urllib" else pytest.importorskip(library)

    def client(environment: Mapping[str, str]) -> int:
        assert set(environment) == {"MOCKSERVER_OUTCOME"}
        if module is not None:
            return int(module.get(server.url, timeout=PATIENCE).status_code != 200)
        with urlopen(server.url, timeout=PATIENCE) as answer:
            return int(answer.status != 200)

    result = Function(client, PATIENCE).run({"MOCKSERVER_OUTCOME": os.devnull}, Calls())
    assert (result.exit_code, result.output) == (0, "")
    assert dict(os.environ) == before


def test_runs_beside_each_other_share_it_and_the_last_one_puts_it_back(dead_proxy: None) -> None:
    release, began = threading.Event(), threading.Semaphore(0)

    def stays() -> None:
        with without_proxies():
            began.release()
            release.wait(PATIENCE)

    thread = threading.Thread(target=stays)
    thread.start()
    assert began.acquire(timeout=PATIENCE)
    with without_proxies():
        assert os.environ["no_proxy"] == HERE
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == HERE
    release.set()
    thread.join()
    assert "no_proxy" not in os.environ


def test_a_callable_that_never_ends_leaves_our_environment_alone(
    dead_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.judge.function.GRACE", 0.1)
    release = threading.Event()
    ran = Function(lambda environment: release.wait(PATIENCE) and None, timeout=0.2).run({}, Calls())
    assert ran.ending == "timeout"
    assert "no_proxy" not in os.environ
    release.set()
