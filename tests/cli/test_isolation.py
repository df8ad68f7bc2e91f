"""A command in a network of its own reaches the real hosts here, and no other host, though it looks at no variable."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from mockserver.cli.call_summary import summary
from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer
from mockserver.server.embedded import CommandServer
from mockserver.server.hosts.name_server import NameServer
from tests.cli.test_exec import command, environment
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are those of Linux")

DIRECT = """
import os, sys
from base64 import b64encode
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener
opener = build_opener(ProxyHandler({}))
secrets = b64encode(b"4321:0123456789abcdef0123456789abcdef01234567").decode()
leads = Request("https://api.apimo.pro/agencies/101/leads?limit=1", headers={"Authorization": f"Basic {secrets}"})
print(opener.open(leads).status, opener.open(os.environ["MOCKSERVER_URL"] + "/__admin/health/ready").status)
for url in ("https://other.example.com/", "http://192.0.2.1/"):
    try:
        opener.open(url)
    except OSError as error:
        print("refused")
print(sorted(Path("/proc/self/net/dev").read_text().count(":") * ["device"]), os.getuid())
sys.exit(7)
"""
QUESTION = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"


def run(words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words, capture_output=True, text=True, cwd=folder, env=environment(), timeout=PATIENCE, check=False
    )


def test_a_client_that_looks_at_no_variable_is_led_here(tmp_path: Path) -> None:
    done = run(command("--isolate", "--", sys.executable, "-I", "-c", DIRECT), tmp_path)
    if done.returncode == 2:
        pytest.skip(done.stderr.partition("\n")[0])
    assert done.stdout.splitlines() == ["200 200", "refused", "refused", f"['device'] {os.getuid()}"], done.stderr
    assert done.returncode == 7
    assert "calls to other hosts were refused: other.example.com (1)" in done.stderr


def test_where_namespaces_are_forbidden_the_lines_that_do_it_by_hand_are_told(tmp_path: Path) -> None:
    # Who has no name in a user namespace may make no other one.
    nameless = ["unshare", "--user"]
    if shutil.which("unshare") is None or run([*nameless, "true"], tmp_path).returncode:
        pytest.skip("this machine has no `unshare`, or forbids it")
    done = run([*nameless, *command("--isolate", "--", "true")], tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("mockserver: --isolate needs a user and a network namespace of Linux")
    assert "127.0.0.1 api.apimo.pro " in done.stderr
    assert "mockserver serve --tls --port 443" in done.stderr


@pytest.mark.parametrize(
    ("question", "flags", "end"),
    [
        (b"\x03api\x05apimo\x03pro\x00\x00\x01\x00\x01", b"\x81\x80", b"\x7f\x00\x00\x01"),
        (b"\x03API\x05apimo\x03pro\x00\x00\x1c\x00\x01", b"\x81\x80", b"\x00\x1c\x00\x01"),
        (b"\x02no\x07example\x00\x00\x01\x00\x01", b"\x81\x83", b"\x00\x01\x00\x01"),
    ],
)
def test_names_are_those_of_real_hosts_alone(
    make_app: Callable[..., MockServer], question: bytes, flags: bytes, end: bytes
) -> None:
    hosting = make_app(host_routes=["login.example.com=gsl"]).hosting
    assert hosting is not None
    answer = NameServer(hosting).answer(QUESTION + question)
    assert answer is not None
    assert answer[:4] == b"\x12\x34" + flags
    assert answer.endswith(end)
    assert list(hosting.refusals) == (["no.example"] if flags == b"\x81\x83" else [])


@pytest.mark.parametrize(
    "data",
    [b"", QUESTION, QUESTION + b"\xff", QUESTION + b"\x03ab", QUESTION[:2] + b"\x81\x80" + QUESTION[4:] + b"\x01a"],
)
def test_what_is_no_question_for_a_name_gets_no_answer(make_app: Callable[..., MockServer], data: bytes) -> None:
    hosting = make_app(host_routes=["login.example.com=gsl"]).hosting
    assert hosting is not None
    assert NameServer(hosting).answer(data) is None
    assert not hosting.refusals


def test_a_command_that_is_led_here_and_never_comes_is_told() -> None:
    settings = Settings(port=0, world="empty", tls=True)
    with CommandServer(settings) as server:
        assert "no call came here" in "".join(summary(server, None, is_led=True))
        assert not list(summary(server, None))
        httpx2.get(f"{server.url}/apimo/nothing")
        (line,) = summary(server, None, is_led=True)
        assert line == "mockserver: contracts were broken in 1 place; --strict tells where, and fails"


def test_a_command_that_is_not_there_is_told_as_without_a_network(tmp_path: Path) -> None:
    done = run(command("--isolate", "--", "/nowhere"), tmp_path)
    if done.returncode == 2:
        pytest.skip(done.stderr.partition("\n")[0])
    sentence = "mockserver: '/nowhere' is not there; name a program, and then its arguments\n"
    assert (done.returncode, done.stderr) == (127, sentence)
