"""A command beside the fake: what it gets, what becomes of signals to it, how it ends, and what is left of it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from mockserver.cli.report_files import EXEC_FORMS, read_forms
from mockserver.cli.supervisor import NOT_EXECUTABLE, NOT_FOUND, CommandNotStarted, Supervisor
from tests.conftest import ROOT
from tests.judge.test_command import is_alive
from tests.support.patience import PATIENCE, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups are those of POSIX")

SHOW = """
import json, os, sys
from urllib.request import Request, urlopen
for line in sys.stdin:
    print("read", line.strip(), file=sys.stderr)
with urlopen(os.environ["MOCKSERVER_ADMIN_URL"] + "/health/ready") as answer:
    ready = json.load(answer)
print(json.dumps({"ready": ready, "inherited": os.read(int(sys.argv[1]), 5).decode(), "environment": dict(os.environ)}))
sys.exit(7)
"""
SIGNALS = """
import signal, sys, time
seen = []
def note(number, frame):
    seen.append(number)
    print("got", signal.Signals(number).name, flush=True)
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, note)
print("up", flush=True)
while signal.SIGTERM not in seen:
    time.sleep(0.01)
signal.signal(signal.SIGUSR1, signal.SIG_DFL)
print("waiting", flush=True)
time.sleep(1000)
"""
TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
DAEMON = 'import os, sys, time; sys.stdout.write(f"{os.getpid()}\\n"); sys.stdout.close(); time.sleep(1000)'
"""A program that never ends, and says its number before."""


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "mockserver", "exec", "--world", "small", *words]


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    return {**clean, "PYTHONPATH": str(ROOT), **more}


def run(*words: str, folder: Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(TMPDIR=str(folder)),
        timeout=PATIENCE,
        check=False,
        **options,
    )


StartCommand = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_command(tmp_path: Path) -> Iterator[StartCommand]:
    """Starts a command of which the output is read; it is ended after the test, or when nothing comes any more."""
    with ExitStack() as stack:

        def start(words: list[str], **options: Any) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                words,
                stdout=subprocess.PIPE,
                text=True,
                cwd=tmp_path,
                env=environment(TMPDIR=str(tmp_path)),
                start_new_session=True,
                **options,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            late = threading.Timer(PATIENCE, process.kill)
            late.start()
            stack.callback(late.cancel)
            return process

        yield start


def read(output: "IO[str] | None") -> str:
    assert output is not None
    return output.readline().strip()


def test_a_command_gets_addresses_and_credentials_and_is_otherwise_as_if_alone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"pipe!")
    template = "API={apimo.base_url}?{url}"
    words = ("--env", template, "--agency", "102", "--", sys.executable, "-c", SHOW, str(reading))
    done = run(*words, folder=tmp_path, input="a\nb\n", pass_fds=[reading])
    os.close(reading)
    os.close(writing)
    assert (done.returncode, done.stderr) == (7, "read a\nread b\n")
    shown = json.loads(done.stdout)
    given = shown["environment"]
    assert shown["ready"]["status"] == "ok"
    assert shown["inherited"] == "pipe!"
    url = given["MOCKSERVER_URL"]
    assert (given["APIMO_BASE_URL"], given["GSL_TOKEN_URL"]) == (f"{url}/apimo", f"{url}/gsl/oauth/token")
    assert (given["API"], given["APIMO_AGENCY_ID"]) == (f"{url}/apimo?{url}", "102")
    assert Path(given["MOCKSERVER_OUTCOME"]).is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)):
        pass


def started(*words: str) -> int:
    """The exit code of a command that is run without a server."""
    supervisor = Supervisor()
    with supervisor.watching(), supervisor.running(words, os.environ) as process:
        return supervisor.wait(process)


@pytest.mark.parametrize(("word", "code"), [("/nowhere", NOT_FOUND), ("/", NOT_EXECUTABLE)])
def test_a_command_that_cannot_be_run_is_told_as_by_shells(word: str, code: int) -> None:
    with pytest.raises(CommandNotStarted, match=f"^{word!r} ") as refused:
        started(word)
    assert refused.value.exit_code == code


@pytest.mark.parametrize(("script", "code"), [("kill -9 $$", 137), ("exit 3", 3)])
def test_exit_codes_are_those_of_shells(script: str, code: int) -> None:
    assert started("sh", "-c", script) == code


def test_a_signal_reaches_the_command_once_and_its_end_is_told(start_command: StartCommand) -> None:
    process = start_command(command("--", sys.executable, "-c", SIGNALS))
    assert read(process.stdout) == "up"
    os.killpg(process.pid, signal.SIGINT)  # as a runner of pipelines ends a step
    assert read(process.stdout) == "got SIGINT"
    process.send_signal(signal.SIGHUP)
    assert read(process.stdout) == "got SIGHUP"
    process.terminate()
    assert [read(process.stdout), read(process.stdout)] == ["got SIGTERM", "waiting"]
    process.send_signal(signal.SIGUSR1)
    assert process.wait(PATIENCE) == 128 + signal.SIGUSR1
    assert read(process.stdout) == ""


def test_at_a_terminal_the_keys_are_the_commands(start_command: StartCommand) -> None:
    ours, theirs = os.openpty()
    words = [sys.executable, "-c", TERMINAL, *command("--", sys.executable, "-c", SIGNALS)]
    process = start_command(words, stdin=theirs)
    assert read(process.stdout) == "up"
    os.write(ours, b"\x03")
    assert read(process.stdout) == "got SIGINT"
    process.terminate()
    assert [read(process.stdout), read(process.stdout)] == ["got SIGTERM", "waiting"]
    os.write(ours, b"\x1c")
    assert process.wait(PATIENCE) == 128 + signal.SIGQUIT
    os.close(ours)
    os.close(theirs)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    python = f"{sys.executable} -c '{DAEMON}'"
    script = f'{python} & (trap "" TERM; setsid env -i {python} &); sleep 0.3'
    done = run("--", "sh", "-c", script, folder=tmp_path)
    pids = [int(line) for line in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    assert done.returncode == 0
    assert done.stderr == "mockserver: the command left 2 processes behind, which had to be ended\n"
    assert not any(map(is_alive, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_nothing_is_left_behind_when_it_is_killed_itself(tmp_path: Path, start_command: StartCommand) -> None:
    script = f"setsid {sys.executable} -c '{DAEMON}' & {sys.executable} -c '{DAEMON}'"
    process = start_command(command("--", "sh", "-c", script))
    pids = [int(read(process.stdout)), int(read(process.stdout))]
    process.kill()
    assert process.stdout is not None
    assert process.stdout.read() == ""  # who else could write has ended
    until(lambda: not any(map(is_alive, pids)))
    until(lambda: not list(tmp_path.iterdir()))


NODE = """
const url = `${process.env.APIMO_BASE_URL}/agencies/${process.env.APIMO_AGENCY_ID}/leads?limit=many`;
const login = Buffer.from(`${process.env.APIMO_PROVIDER}:${process.env.APIMO_TOKEN}`).toString("base64");
fetch(url, {headers: {authorization: `Basic ${login}`}}).then((answer) => console.log(answer.status));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_a_broken_contract_fails_a_strict_run_and_is_in_all_reports(tmp_path: Path) -> None:
    done = run("--strict", "--report", "har,json,junit,markdown=calls/c.md", "--", "node", "-e", NODE, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "422\n")
    call = "apimo listLeads: GET /agencies/101/leads?limit=many"
    assert done.stderr.startswith(f"mockserver: 1 of 1 call broke the contract:\n  {call}\n")
    assert "query /limit: `limit` is 'many'" in done.stderr
    (entry,) = json.loads((tmp_path / "exec.har").read_text(encoding="utf-8"))["log"]["entries"]
    assert entry["request"]["url"].endswith("/apimo/agencies/101/leads?limit=many")
    report = json.loads((tmp_path / "exec.json").read_text(encoding="utf-8"))
    assert (report["exit_code"], report["calls"]) == (0, {"total": 1, "broken": 1, "left_out": 0})
    assert report["entries"][0]["request"]["headers"], "headers are told, without secrets"
    assert "0123456789abcdef0123456789abcdef01234567" not in json.dumps([report, entry])
    (failed,) = ET.parse(tmp_path / "exec.xml").getroot().iter("failure")
    assert failed.text is not None
    assert failed.text.startswith(call)
    summary = (tmp_path / "calls" / "c.md").read_text(encoding="utf-8")
    assert summary.startswith("## 1 call, 1 broke the contract\n")
    assert "| apimo | listLeads | 1 × 422 | 1 |" in summary


CLEAN = 'rm -r made blocked; : > blocked; grep -c BEGIN "$MOCKSERVER_CA"; echo "$ADDRESS"; exit 7'
"""What a build does that begins with a clean checkout."""


def test_reports_do_not_depend_on_what_the_command_removes_and_its_exit_code_stays(tmp_path: Path) -> None:
    words = ("--tls", "--env", "ADDRESS={https_url}", "--report", "json=made/x.json,har=blocked/x.har")
    done = run(*words, "--", "sh", "-c", CLEAN, folder=tmp_path)
    trusted, address = done.stdout.splitlines()
    assert (done.returncode, trusted, address.partition(":")[0]) == (7, "1", "https"), done.stderr
    assert json.loads((tmp_path / "made" / "x.json").read_text(encoding="utf-8"))["exit_code"] == 7
    assert "blocked/x.har cannot be written: " in done.stderr


def test_two_reports_in_one_file_are_refused() -> None:
    with pytest.raises(ValueError, match=r"x\.json is the file of json and of har; each needs one of its own"):
        read_forms(["json=x.json,har=x.json"], EXEC_FORMS)
    assert len(read_forms(["json=/dev/null,har=/dev/null", "json=x.json,json=x.json"], EXEC_FORMS)) == 4
