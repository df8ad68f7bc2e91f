"""Clients with real addresses in their code, unmodified and in several languages, run beside the fake."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE

HERE = Path(__file__).parent
CLIENTS = HERE / "clients"
COMMANDS = {
    "requests": [sys.executable, str(CLIENTS / "with_requests.py")],
    "http-client": [sys.executable, str(CLIENTS / "with_http_client.py")],
    "httpx": [sys.executable, str(CLIENTS / "with_httpx.py")],
    "curl": ["sh", str(CLIENTS / "with_curl.sh")],
    "fetch": ["node", str(CLIENTS / "with_fetch.mjs")],
    "axios": ["node", str(CLIENTS / "with_axios.cjs")],
    "java": ["java", "-XX:TieredStopAtLevel=1", str(CLIENTS / "WithJava.java")],
    "php": ["php", str(CLIENTS / "with_php.php")],
}
NEEDS = {
    "curl": ["curl", "--version"],
    "fetch": ["node", "-e", "fetch"],
    "axios": ["node", "-e", "require('axios')"],
    "java": ["java", "-version"],
    "php": ["php", "-r", "curl_version();"],
}
"""Commands that succeed where the client can run."""
NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def succeeds(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).returncode == 0


class Outcome:
    """What became of the clients: the end lines of the run, and what each of them printed."""

    def __init__(self, answer: Any, end: str, *, is_isolated: bool) -> None:
        self.printed: dict[str, tuple[str, str]] = answer["printed"]
        self.packets: int = answer["packets"]
        self.direct: str = answer["direct"]
        self.end = end
        self.is_isolated = is_isolated


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """All clients that can run here, beside one fake; in a network of nothing but a loopback, where that may be."""
    commands = {name: words for name, words in COMMANDS.items() if name not in NEEDS or succeeds(NEEDS[name])}
    exec_words = [
        sys.executable,
        "-m",
        "mockserver",
        "exec",
        "--hosts",
        "--world",
        "small",
        "--env",
        "NO_PROXY=minio,*",
    ]
    words = [*exec_words, "--", sys.executable, str(HERE / "run_clients.py"), json.dumps(commands)]
    is_isolated = succeeds([*NAMESPACE, "true"])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    done = subprocess.run(
        [*NAMESPACE, *words] if is_isolated else words,
        capture_output=True,
        text=True,
        cwd=tmp_path_factory.mktemp("clients"),
        env={**clean, "PYTHONPATH": str(ROOT), "NO_PROXY": "*"},
        timeout=PATIENCE,
        check=True,
    )
    return Outcome(json.loads(done.stdout), done.stderr, is_isolated=is_isolated)


@pytest.mark.parametrize("name", COMMANDS)
def test_leads_arrive_and_another_host_is_refused_and_told(outcome: Outcome, name: str) -> None:
    if name not in outcome.printed:
        pytest.skip(f"this machine has nothing to run the client with: {shutil.which(COMMANDS[name][0])}")
    output, errors = outcome.printed[name]
    first, _, rest = output.partition("\n")
    assert re.match("leads [12]", first), (output, errors)
    assert "refused" in rest, (output, errors)
    assert "other" not in rest
    assert f"{name}.example.com:443 (1)" in outcome.end


def test_not_one_packet_is_meant_for_another_machine(outcome: Outcome) -> None:
    if not outcome.is_isolated:
        pytest.skip("this machine forbids network namespaces")
    assert outcome.packets == 0
    assert len(outcome.printed) >= 2


def test_a_host_that_is_given_for_the_command_is_called_directly_and_an_inherited_one_is_not(outcome: Outcome) -> None:
    assert outcome.direct == "localhost,127.0.0.1,::1,minio"
