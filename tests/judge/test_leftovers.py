"""Processes that a run leaves behind in sessions of their own: real ones, by `setsid` and by two forks."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.judge.command import Command
from mockserver.judge.leftovers import MARK, adopting_orphans, end_marked, marked, new_mark
from tests.conftest import children
from tests.support.patience import PATIENCE, until
from tests.support.watch import Calls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which processes there are")

SLEEPS = "import time\nwhile True: time.sleep(0.01)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SLEEPS}"
OWN_SESSION = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {source!r}], start_new_session=True)
open({pids!r}, "w").write(str(child.pid))
"""
DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({pids!r} + ".new", "w").write(str(os.getpid()))
        os.rename({pids!r} + ".new", {pids!r})
        os.execv(sys.executable, [sys.executable, "-c", {source!r}])
    os._exit(0)
"""
SETSID = """
import subprocess, sys
subprocess.Popen(["setsid", "sh", "-c", 'echo $$ > ' + {pids!r} + '; while true; do sleep 0.01; done'])
"""


def is_there(pid: int) -> bool:
    """Whether there is such a process, be it dead and uncollected."""
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("source", [SLEEPS, DEAF], ids=["hears", "deaf"])
@pytest.mark.parametrize("program", [OWN_SESSION, DAEMON, SETSID], ids=["session", "two forks", "setsid"])
def test_what_leaves_its_session_ends_with_the_run(
    program: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.judge.command.GRACE", 0.4)
    pids = tmp_path / "pids"
    waits = (
        f"import os, time\nwhile not os.path.exists({str(pids)!r}) or not open({str(pids)!r}).read(): time.sleep(0.01)"
    )
    text = program.format(source=source, pids=str(pids)) + waits
    there = children()
    ran = Command([sys.executable, "-c", text], PATIENCE, PATIENCE).run({}, Calls())
    assert (ran.exit_code, ran.output_is_whole) == (0, True)
    assert ran.left_behind.startswith("it left ")
    assert ran.left_behind.endswith(" behind, which had to be ended")
    assert not is_there(int(pids.read_text(encoding="utf-8")))
    assert children() <= there, "the dead are collected"


def test_a_run_that_leaves_nothing_says_nothing() -> None:
    ran = Command([sys.executable, "-c", "pass"], PATIENCE, PATIENCE).run({}, Calls())
    assert ran.left_behind == ""


def started(mark: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", SLEEPS], env={MARK: mark}, start_new_session=True)


def test_runs_beside_each_other_end_their_own_processes_only() -> None:
    mine, theirs = new_mark(), new_mark()
    first, second = started(mine), started(theirs)
    try:
        until(lambda: marked(mine) == [first.pid] and marked(theirs) == [second.pid])
        assert end_marked(mine, PATIENCE) == 1
        assert marked(theirs) == [second.pid]
        assert second.poll() is None
    finally:
        for process in (first, second):
            process.kill()
            process.wait()


def test_orphans_are_adopted_only_while_there_are_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    values: list[int] = []
    monkeypatch.setattr("mockserver.judge.leftovers._is_subreaper", lambda: 0)
    set_value: Callable[[int], None] = values.append
    monkeypatch.setattr("mockserver.judge.leftovers._set_subreaper", set_value)

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)

    def fails() -> "subprocess.Popen[bytes]":
        raise OSError("no such program")

    with adopting_orphans(start) as first:
        with adopting_orphans(start) as second:
            assert values == [1]
            assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 0)
        assert values == [1]
    assert values == [1, 0]
    with pytest.raises(OSError, match="no such program"), adopting_orphans(fails):
        pass
    assert values == [1, 0, 1, 0]
