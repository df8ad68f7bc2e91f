"""The plugin where nothing but pytest and the files of this package can be imported: the server is somewhere else."""

import shlex
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from mockserver import EmbeddedServer
from tests.conftest import ROOT
from tests.support.patience import PATIENCE

BARE = """
import sys

OTHERS = {"mockserver", "_pytest", "pytest", "pluggy", "iniconfig", "packaging", "pygments", "conftest"}

class Bare:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in OTHERS and not top.startswith("test_"):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)

sys.meta_path.insert(0, Bare())
"""
"""An environment without any other package."""
TURN = """
import json, threading, urllib.error, urllib.request
from base64 import b64encode
from pathlib import Path
import pytest

def call(apimo):
    words = b64encode(":".join((apimo.credentials.provider, apimo.credentials.token)).encode()).decode()
    url = f"{apimo.url}/agencies/101/leads?limit=2"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"authorization": f"Basic {words}"})) as answer:
        return json.load(answer)["leads"]

@pytest.mark.mockserver(world="small", scenario="plain")
def test_turn(mock_apimo):
    assert len(call(mock_apimo)) == 2
    mock_apimo.leads.arrive(count=3)
    mock_apimo.clock.advance("PT1H")
    mock_apimo.faults.next(status=503)
    with pytest.raises(urllib.error.HTTPError, match="503"):
        call(mock_apimo)
    assert [entry.status for entry in mock_apimo.journal] == [200, 503]
    assert mock_apimo.sandbox.verify(count=2)
    with mock_apimo.journal.follow() as calls:
        call(mock_apimo)
        assert next(calls).status == 200
"""
FILE = """
@pytest.mark.mockserver(world=Path("world.yaml"))
def test_file(mock_apimo):
    pass
"""
SERVE = shlex.join([sys.executable, "-m", "mockserver", "serve"])


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Runs of pytest in that environment."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(bare=BARE)
    return pytester


pytest_plugins = ["pytester"]


def run(bare: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """A run of a test file."""
    bare.makepyfile(source)
    plugins = ("-p", "bare", "-p", "mockserver.pytest_plugin")
    return bare.runpytest_subprocess("-W", "error", *plugins, *arguments, timeout=PATIENCE)


def test_a_command_starts_the_server_and_is_ended_with_the_run(bare: pytest.Pytester, tmp_path: Path) -> None:
    script = tmp_path / "serve"
    # A shell in between, as `uvx` is one; what it starts says where it is gone.
    script.write_text(f"#!/bin/sh\n{SERVE} &\necho $! > {tmp_path}/pid\nwait\n", encoding="utf-8")
    result = run(bare, TURN + FILE, f"--mockserver-command=sh {script}")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["world.yaml is read on this side, which needs libraries that are not installed *"])
    pid = (tmp_path / "pid").read_text(encoding="utf-8").strip()
    assert not is_running(pid)


def is_running(pid: str) -> bool:
    """Tells whether a process is alive; what waits to be collected is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_running_server_is_used(bare: pytest.Pytester) -> None:
    with EmbeddedServer(world="small", admin_token="let-me-in") as server:
        at = (f"--mockserver-url={server.url}", "--mockserver-token=let-me-in")
        run(bare, TURN, *at).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-program serve", "--mockserver-command 'no-such-program serve' cannot be run: *"),
        ("'unclosed", '--mockserver-command "\'unclosed" cannot be split into words: No closing quotation'),
        (" ", "--mockserver-command is empty; name a command, such as 'uvx lead-mockserver serve'"),
        ("echo hello", "--mockserver-command 'echo hello' printed 'hello', and a server prints *"),
        ("sh -c 'echo why >&2; exit 3'", "*ended with 3, and no server is ready:"),
    ],
)
def test_a_command_that_starts_no_server_is_told(command: str, sentence: str) -> None:
    from mockserver.client import ClientError
    from mockserver.pytest_plugin.server import open_server

    with pytest.raises(ClientError) as refused, open_server(None, None, command):
        pass
    first, _, rest = str(refused.value).partition("\n")
    assert fnmatchcase(first, sentence)
    assert rest in ("", "why")


def test_a_command_that_never_says_that_it_is_ready_is_given_up() -> None:
    from mockserver.client import ClientError
    from mockserver.pytest_plugin.started_server import started

    with (
        pytest.raises(ClientError, match="has not printed the line of a server that is ready"),
        started("sleep 600", 0.1),
    ):
        pass


def test_without_libraries_and_server_it_is_said_what_to_do(bare: pytest.Pytester) -> None:
    judged = "import pytest\n\n@pytest.mark.conform\ndef test_judged(conform):\n    pass\n"
    result = run(bare, TURN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["a server in this environment needs libraries that are not here, *--mockserver-url"])
    result = run(bare, judged)
    result.stderr.fnmatch_lines(["*the judge runs in this environment, and needs libraries that are not here *"])


def test_url_and_command_exclude_each_other(bare: pytest.Pytester) -> None:
    result = run(bare, TURN, "--mockserver-url=http://127.0.0.1:1", "--mockserver-command=serve")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mockserver-url and --mockserver-command exclude each other: *"])
