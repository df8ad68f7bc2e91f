"""A client, run once: how it ends, how it is ended, what is left of it, and what it finds in its environment."""

import functools
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.foundation.clock import stopwatch
from mockserver.judge import function, processes
from mockserver.judge.api import as_program
from mockserver.judge.command import Command
from mockserver.judge.environment import variables
from mockserver.judge.evidence import HeldLead
from mockserver.judge.function import Function
from mockserver.judge.outcome_file import OutcomeError, clear_outcome, read_outcome
from mockserver.judge.program import ConformError, Interrupted, ProgramError, RunResult
from tests.conftest import children
from tests.support.patience import PATIENCE, until

FOR_EVER = "import time\nwhile True: time.sleep(0.01)"


class Calls:
    """A `Watch` of a client that called once: when the run began, or when it had made a file."""

    def __init__(
        self, *, called: bool = False, got_error: bool = False, idle: bool = False, made: Path | None = None
    ) -> None:
        self._called, self._got_error, self._idle, self._made = called, got_error, idle, made
        self._began = time.perf_counter()
        self.ticks = 0

    def quiet(self) -> float:
        return time.perf_counter() - self._began

    def got_error(self) -> bool:
        return self._got_error

    def called(self) -> bool:
        if self._made is not None and not self._made.exists():
            self._began = time.perf_counter()
            return False
        return self._called

    def idle(self) -> float:
        return self.quiet() if self._idle else 0.0

    def tick(self) -> None:
        self.ticks += 1


def python(source: str, timeout: float = PATIENCE, settle: float = PATIENCE) -> Command:
    return Command([sys.executable, "-c", source], timeout, settle)


def is_alive(pid: int) -> bool:
    """Whether a process runs; the dead that nobody has collected do not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_that_ends_by_itself_tells_exit_code_and_both_outputs() -> None:
    began = time.perf_counter()
    ran = python("import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)").run({}, Calls())
    assert (ran.exit_code, ran.ending, ran.output) == (3, "itself", "out\nerr\n")
    assert 0 < ran.seconds < time.perf_counter() - began


def test_a_short_run_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.judge.program._STEP", PATIENCE)
    watch = Calls()
    assert Command(["/bin/sh", "-c", "exit 0"]).run({}, watch).exit_code == 0
    assert watch.ticks == 0


def test_it_gets_our_environment_without_our_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_WORLD", "small")
    monkeypatch.setenv("OTHER", "kept")
    source = "import os, json; print(json.dumps({k: v for k, v in os.environ.items() if k[:4] in ('MOCK', 'OTHE')}))"
    ran = python(source).run({"MOCKSERVER_NOW": "2026-01-01T00:00:00Z"}, Calls())
    assert json.loads(ran.output) == {"MOCKSERVER_NOW": "2026-01-01T00:00:00Z", "OTHER": "kept"}


def test_a_flood_of_output_blocks_nothing_and_its_end_is_kept() -> None:
    ran = python("import sys; sys.stdin.read(); sys.stdout.buffer.write(b'x' * 3_000_000 + b'\\xff the end')").run(
        {}, Calls()
    )
    assert ran.exit_code == 0
    assert ran.output.endswith("x\ufffd the end")
    assert len(ran.output) == processes.MAX_OUTPUT
    assert not ran.output_is_whole, "a secret may be in what was let go"


def test_output_that_is_kept_whole_was_heard() -> None:
    assert python(f"print('x' * {processes.MAX_OUTPUT - 1})").run({}, Calls()).output_is_whole
    assert python("pass").run({}, Calls()).output_is_whole


def test_output_of_one_that_has_left_and_may_still_write_was_not_all_heard(tmp_path: Path) -> None:
    source = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {FOR_EVER!r}], start_new_session=True)
open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
print("whole")
"""
    ran = python(source).run({}, Calls())
    os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), signal.SIGKILL)
    assert (ran.exit_code, ran.output, ran.output_is_whole) == (0, "whole\n", False)


def test_one_that_is_quiet_is_asked_to_end_and_can_still_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.judge.program._STEP", 0.005)
    source = f"""
import signal, sys, time
def end(*_):
    open({str(tmp_path / "outcome")!r}, "w").write("written")
    print("bye")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open({str(tmp_path / "ready")!r}, "w")
while True: time.sleep(0.01)
"""
    watch = Calls(called=True, made=tmp_path / "ready")
    ran = python(source, settle=0.5).run({}, watch)
    assert (ran.exit_code, ran.ending, ran.output) == (None, "settled", "bye\n")
    assert (tmp_path / "outcome").read_text(encoding="utf-8") == "written"
    assert ran.seconds >= 0.5
    assert watch.ticks >= 5


def test_one_that_may_be_waiting_after_a_failure_gets_longer(tmp_path: Path) -> None:
    class Slow(Calls):
        def tick(self) -> None:
            if self.called() and self.quiet() > 0.6:
                (tmp_path / "over").touch()

    source = f"""
import os, time
open({str(tmp_path / "ready")!r}, "w")
while not os.path.exists({str(tmp_path / "over")!r}): time.sleep(0.01)
"""
    ran = python(source, settle=0.5).run({}, Slow(called=True, got_error=True, made=tmp_path / "ready"))
    assert (ran.exit_code, ran.ending) == (0, "itself")


def test_one_that_goes_round_and_round_in_vain_has_settled_before_it_is_quiet() -> None:
    ran = python(FOR_EVER, settle=1.0).run({}, Calls(idle=True))
    assert ran.ending == "settled"
    assert ran.seconds >= 0.5


def test_one_that_never_calls_is_waited_for_until_its_time_is_up() -> None:
    ran = python(FOR_EVER, timeout=0.6, settle=0.1).run({}, Calls())
    assert (ran.exit_code, ran.ending) == (None, "timeout")
    assert ran.seconds >= 0.6


def test_one_that_will_not_hear_is_killed_and_so_is_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.4)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(0.01)"
    source = f"""
import subprocess, sys, os
child = subprocess.Popen([sys.executable, "-c", {deaf!r}])
open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
{deaf}
"""
    began = stopwatch()
    monkeypatch.setattr(
        "mockserver.judge.program.stopwatch", lambda: began + 2 * PATIENCE if (tmp_path / "pids").exists() else began
    )
    assert python(source).run({}, Calls()).ending == "timeout"
    pids = [int(pid) for pid in (tmp_path / "pids").read_text(encoding="utf-8").split()]
    assert len(pids) == 2
    assert not any(map(is_alive, pids))


def test_the_child_of_a_shell_is_asked_too(tmp_path: Path) -> None:
    """A shell dies of the signal at once; what it ran still has to write its outcome."""
    client = tmp_path / "client.py"
    client.write_text(
        "import signal, sys, time, pathlib\n"
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.2), pathlib.Path('outcome').touch(), sys.exit(0)))\n"
        "pathlib.Path('ready').touch()\n"
        "while True: time.sleep(0.01)\n",
        encoding="utf-8",
    )
    shell = Command(["/bin/sh", "-c", f"{sys.executable} client.py; true"], PATIENCE, settle=0.1, cwd=tmp_path)
    assert shell.run({}, Calls(called=True, made=tmp_path / "ready")).ending == "settled"
    assert (tmp_path / "outcome").exists()


def test_what_a_client_leaves_running_ends_with_it(tmp_path: Path) -> None:
    source = f"""
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", {FOR_EVER!r}]).pid)
"""
    ran = python(source).run({}, Calls())
    assert ran.exit_code == 0
    assert not is_alive(int(ran.output))


def test_an_interruption_leaves_no_process() -> None:
    class Interrupting(Calls):
        def tick(self) -> None:
            raise KeyboardInterrupt

    before, there = threading.active_count(), children()
    with pytest.raises(KeyboardInterrupt):
        python("import os; print(os.getpid(), flush=True)\n" + FOR_EVER).run({}, Interrupting())
    until(lambda: threading.active_count() <= before)
    assert children() <= there


def test_runs_in_other_threads_can_be_stopped() -> None:
    command, raised, watches = python(FOR_EVER), [], [Calls(), Calls()]

    def run(watch: Calls) -> None:
        try:
            command.run({}, watch)
        except Interrupted as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(watch,)) for watch in watches]
    for thread in threads:
        thread.start()
    until(lambda: all(watch.ticks for watch in watches))
    command.stop()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(raised) == 2
    with pytest.raises(Interrupted):
        command.run({}, Calls())


def test_a_signal_that_ends_it_is_its_exit_code() -> None:
    ran = python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").run({}, Calls())
    assert (ran.exit_code, ran.ending) == (-signal.SIGKILL, "itself")


def test_a_command_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("text", encoding="utf-8")
    for argv, why in (
        (["no-such-program", "x"], "the command 'no-such-program' cannot be started: it is not there; name a program"),
        ([str(plain)], "it is no program that can be executed"),
        ([], "there is no command"),
        ([""], "there is no command"),
    ):
        with pytest.raises(ProgramError, match=why):
            Command(argv)
    plain.chmod(0o755)
    with pytest.raises(ProgramError, match="cannot be started: Exec format error"):
        Command([str(plain)]).run({}, Calls())
    assert Command(["./plain"], cwd=tmp_path).name == "./plain"
    with pytest.raises(ProgramError, match="more than 0 is right"):
        Command(["true"], timeout=float("nan"))


def run_function(
    callee: Callable[..., Any],
    tmp_path: Path,
    watch: Calls | None = None,
    timeout: float = PATIENCE,
    settle: float = PATIENCE,
) -> RunResult:
    ran = Function(callee, timeout, settle)
    return ran.run({"MOCKSERVER_OUTCOME": str(tmp_path / "outcome")}, watch or Calls())


def leave(code: object) -> Any:
    raise SystemExit(code)


async def later(environment: Mapping[str, str]) -> int:
    return 4


@pytest.mark.parametrize(
    ("callee", "code", "output"),
    [
        (lambda environment: None, 0, ""),
        (lambda environment, stop: 2, 2, ""),
        (lambda environment, *, stop: int(stop.is_set()), 0, ""),
        (lambda environment, stop=None: int(stop is None), 0, ""),
        (functools.partial(lambda extra, environment: extra, 7), 7, ""),
        (lambda environment: leave(None), 0, ""),
        (lambda environment: leave(5), 5, ""),
        (lambda environment: leave("no leads"), 1, "no leads"),
        (later, 4, ""),
    ],
)
def test_a_callable_ends_as_a_command_does(callee: Callable[..., Any], code: int, output: str, tmp_path: Path) -> None:
    ran = run_function(callee, tmp_path)
    assert (ran.exit_code, ran.ending, ran.output) == (code, "itself", output)
    assert not (tmp_path / "outcome").exists()


def test_a_callable_that_raises_failed_and_its_traceback_is_its_output(tmp_path: Path) -> None:
    ran = run_function(lambda environment: environment["NOT_THERE"], tmp_path)
    assert ran.exit_code == 1
    assert ran.output.startswith("Traceback")
    assert "KeyError: 'NOT_THERE'" in ran.output


def test_leads_that_a_callable_returns_are_its_outcome(tmp_path: Path) -> None:
    def sync(environment: Mapping[str, str]) -> Any:
        yield {"id": 7, "name": "Zoé\u2028\ud83d"}
        yield {"id": "8", "email": None}

    assert run_function(sync, tmp_path).exit_code == 0
    assert read_outcome(tmp_path / "outcome") == (HeldLead("7", name="Zoé\u2028\ufffd"), HeldLead("8"))


@pytest.mark.parametrize("result", [True, "leads", {"id": 1}, [1], 1.5])
def test_what_a_callable_must_not_return_is_told(result: object, tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"returned .*; an exit code, None, or the leads"):
        run_function(lambda environment: result, tmp_path)


def test_a_callable_that_goes_on_is_told_to_stop(tmp_path: Path) -> None:
    def poll(environment: Mapping[str, str], stop: threading.Event) -> Any:
        assert stop.wait(PATIENCE)
        return [{"id": "1"}]

    ran = run_function(poll, tmp_path, Calls(called=True), settle=0.2)
    assert (ran.exit_code, ran.ending) == (None, "settled")
    assert read_outcome(tmp_path / "outcome") == (HeldLead("1"),)
    ran = run_function(poll, tmp_path, timeout=0.2)
    assert (ran.exit_code, ran.ending) == (None, "timeout")


def test_a_callable_that_takes_no_stop_cannot_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "GRACE", 0.2)
    release = threading.Event()
    ran = run_function(lambda environment: release.wait(PATIENCE) and None, tmp_path, Calls(called=True), settle=0.2)
    assert (ran.exit_code, ran.ending) == (None, "timeout")
    release.set()
    monkeypatch.setattr(function, "GRACE", PATIENCE)
    ran = run_function(lambda environment: time.sleep(0.3), tmp_path, Calls(called=True), settle=0.2)
    assert (ran.exit_code, ran.ending) == (0, "itself"), "it was only at work in silence"


def test_a_program_is_told_by_what_it_is() -> None:
    command = as_program([sys.executable, Path("sync.py")], 3.0)
    assert isinstance(command, Command)
    assert command.argv == [sys.executable, "sync.py"]
    assert as_program(later).name == "later"
    assert as_program(functools.partial(later)).name == "later"
    assert as_program(command) is command
    with pytest.raises(ProgramError, match="write the command as a list of its words"):
        as_program("python sync.py")
    with pytest.raises(ProgramError, match=r"lambda>\(\) cannot be called; \(environment\) or \(environment, stop\)"):
        as_program(lambda: None)


GIVEN = {
    "acme": {"ACME_BASE_URL": "http://x/acme", "ACME_CLIENT_SECRET": "s3cret"},
    "zeta": {"ZETA_BASE_URL": "http://x/zeta"},
}
OWN = {"MOCKSERVER_NOW": "2026-01-01T00:00:00.000Z", "MOCKSERVER_STATE_DIR": "/state", "MOCKSERVER_OUTCOME": "/out"}


def test_the_environment_has_every_providers_variables_and_those_mapped_to_other_names() -> None:
    templates = [
        ("API", "{acme.base_url}/v1"),
        ("SECRET", "{acme.client_secret}"),
        ("CONFIG", '{{"url": "{zeta.base_url}", "since": "{now}"}}'),
        ("DATABASE", "sqlite:///{state_dir}/leads.db"),
        ("HOOK", "http://127.0.0.1:{webhook_port}/"),
        ("ACME_CLIENT_SECRET", "wrong on purpose"),
    ]
    found = variables(GIVEN, OWN, templates)
    assert found == {
        **GIVEN["acme"],
        **GIVEN["zeta"],
        **OWN,
        "API": "http://x/acme/v1",
        "SECRET": "s3cret",
        "CONFIG": '{"url": "http://x/zeta", "since": "2026-01-01T00:00:00.000Z"}',
        "DATABASE": "sqlite:////state/leads.db",
        "ACME_CLIENT_SECRET": "wrong on purpose",
    }
    assert variables(GIVEN, {**OWN, "MOCKSERVER_WEBHOOK_PORT": "99"}, templates)["HOOK"] == "http://127.0.0.1:99/"


@pytest.mark.parametrize(
    ("name", "template", "why"),
    [
        (
            "A",
            "{acme.url}",
            r"environment A=\{acme.url\}: there is no \{acme.url\}; there is \{acme.base_url\}, \{acme",
        ),
        ("A", "{acne.url}", r"there is \{acme.base_url\}, \{acme.client_secret\}, \{zeta.base_url\}, \{now\}, "),
        ("A", "{}", r"there is no \{\}"),
        ("A", "{now!r}", r"there is no \{now!r\}"),
        ("A", '{"url": 1}', r"there is no \{\"url\": 1\}"),
        ("A", "{now", r"write \{\{ and \}\} for braces"),
        ("MOCKSERVER_NOW", "1", "cannot be set; a name that does not begin with MOCKSERVER_"),
        ("", "1", "cannot be set"),
    ],
)
def test_a_template_that_makes_no_sense_is_told(name: str, template: str, why: str) -> None:
    with pytest.raises(ConformError, match=why):
        variables(GIVEN, OWN, [(name, template)])


def test_an_outcome_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    assert read_outcome(path) is None
    path.touch()
    assert read_outcome(path) == ()
    path.write_bytes(
        b'\xef\xbb\xbf{"id": 4711, "email": "a@b.fr", "phone": null, "color": [1]}\r\n'
        b'\n{"id": "x", "name": "\xe2\x80\xa8"}'
    )
    assert read_outcome(path) == (HeldLead("4711", email="a@b.fr"), HeldLead("x", name="\u2028"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"id": 1', "it is no JSON"),
        (b"[" * 100_000, r"it is no JSON"),
        (b'[{"id": 1}]', 'it is an array; one JSON object a line with the "id" of a lead is right'),
        (b'{"email": "x"}', "its id is not there"),
        (b'{"id": null}', "its id is null"),
        (b'{"id": ""}', "its id is empty text"),
        (b'{"id": true}', "its id is a boolean"),
        (b'{"id": 1, "phone": 33612345678}', "its phone is a number; text is right"),
        (b'{"id": "\xff"}', "it is not UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_bytes(b'{"id": 1}\n' + line + b"\n")
    with pytest.raises(OutcomeError, match=f"line 2 of the outcome: {why}"):
        read_outcome(path)
    path.write_bytes(line + b"\n" + line)
    with pytest.raises(OutcomeError, match=r"\(and 1 more such lines\)"):
        read_outcome(path)


def test_lines_of_another_provider_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_text(
        '{"id": "a", "provider": "acme"}\n{"id": "z", "provider": "zeta"}\n{"id": "x"}\n{"id": "n", "provider": null}',
        encoding="utf-8",
    )
    known = {"acme": 1, "zeta": 2}
    assert read_outcome(path, "acme", known) == (HeldLead("a"), HeldLead("x"), HeldLead("n"))
    assert read_outcome(path, "zeta", known) == (HeldLead("z"), HeldLead("x"), HeldLead("n"))
    assert read_outcome(path) == (HeldLead("a"), HeldLead("z"), HeldLead("x"), HeldLead("n"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('"acne"', "there is no provider 'acne'; there is acme, zeta"),
        ('""', "there is no provider ''"),
        (f'"{"x" * 100}"', f"there is no provider '{'x' * 57}...'; there is"),
        ("3", "its provider is a number; text is right"),
    ],
)
def test_a_line_of_a_provider_that_there_is_not_is_told(said: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "outcome"
    path.write_text(f'{{"id": "a", "provider": {said}}}\n', encoding="utf-8")
    with pytest.raises(OutcomeError, match=f"line 1 of the outcome: {why}"):
        read_outcome(path, "zeta", ("acme", "zeta"))


def test_an_outcome_that_is_no_file_or_too_big_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutcomeError, match="a file is right"):
        read_outcome(tmp_path)
    pipe, device = tmp_path / "pipe", tmp_path / "device"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(OutcomeError, match="is no file; a file is right"):
            read_outcome(path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket"))
        with pytest.raises(OutcomeError, match=r"cannot be read: .*; a file is right"):
            read_outcome(tmp_path / "socket")
    path = tmp_path / "outcome"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(OutcomeError, match="more than 67108864 bytes"):
        read_outcome(path)


def test_whatever_a_client_left_as_its_outcome_is_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x", encoding="utf-8")
    path = tmp_path / "outcome"
    made: list[Callable[[], object]] = [
        lambda: None,
        lambda: path.write_text("x", encoding="utf-8"),
        lambda: os.mkfifo(path),
        lambda: (path / "deep" / "deeper").mkdir(parents=True),
        lambda: path.symlink_to(kept),
        lambda: path.symlink_to(kept / "file"),
        lambda: path.symlink_to(tmp_path / "nowhere"),
    ]
    for make in made:
        make()
        clear_outcome(path)
        assert not os.path.lexists(path)
    assert (kept / "file").read_text(encoding="utf-8") == "x"
    with pytest.raises(ConformError, match=r"file/outcome cannot be removed: Not a directory; remove it"):
        clear_outcome(kept / "file" / "outcome")
