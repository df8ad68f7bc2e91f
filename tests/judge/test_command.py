"""A client that is a command: how it ends, how it is ended, and what is left of it."""

import json
import os
import signal
import sys
import threading
import time
from itertools import count
from pathlib import Path
from unittest.mock import ANY

import pytest

from mockserver.foundation import processes
from mockserver.foundation.clock import stopwatch
from mockserver.judge.command import Command
from mockserver.judge.leftovers import MARK
from mockserver.judge.patient_stopwatch import PatientStopwatch
from mockserver.judge.program import Interrupted, ProgramError
from tests.conftest import children
from tests.support.patience import PATIENCE, until
from tests.support.watch import Calls

FOR_EVER = "import time\nwhile True: time.sleep(0.01)"


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
    assert json.loads(ran.output) == {"MOCKSERVER_NOW": "2026-01-01T00:00:00Z", "OTHER": "kept", MARK: ANY}


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
child = subprocess.Popen([sys.executable, "-c", {FOR_EVER!r}], start_new_session=True, env={{}})
open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
print("whole")
"""
    ran = python(source).run({}, Calls())
    os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), signal.SIGKILL)
    assert (ran.exit_code, ran.output, ran.output_is_whole) == (0, "whole\n", False)
    assert ran.left_behind == "it left a process behind that cannot be found and still holds its output"


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
    assert watch.ticks, "it was looked at while it ran"


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
    began, looks = stopwatch(), count()

    def time_is_up_once_both_run() -> float:
        """The first look tells when the wait began, however far the program is by then."""
        return began + 2 * PATIENCE if next(looks) and (tmp_path / "pids").exists() else began

    monkeypatch.setattr(
        "mockserver.judge.program.PatientStopwatch", lambda: PatientStopwatch(time_is_up_once_both_run, lambda: 1.0)
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
