"""The use of the machine: read from files as Linux has them, and from none where there are none."""

import os
from pathlib import Path

import pytest

from mockserver.foundation.machine import MachineUse, read_machine_use, slowdown

STAT = """\
cpu  900 0 900 9000 900 0 0 0 0 0
cpu0 100 0 100 {idle} {disk} 0 0 0 0 0
cpu1 100 0 100 4000 0 0 0 0 0 0
intr 12 0
"""


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like /proc, of a process that may run on the first core alone."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0}, raising=False)
    monkeypatch.setattr(os, "sysconf", lambda name: 100)
    folder = tmp_path / "proc"
    (folder / "self").mkdir(parents=True)
    (folder / "stat").write_text(STAT.format(idle=1000, disk=50), encoding="ascii")
    (folder / "self" / "cgroup").write_text("1:name=systemd:/old\n0::/ours\n", encoding="utf-8")
    return folder


def limit(groups: Path, quota: str, used: int) -> None:
    (groups / "ours").mkdir(parents=True, exist_ok=True)
    (groups / "ours" / "cpu.max").write_text(f"{quota} 100000\n", encoding="ascii")
    (groups / "ours" / "cpu.stat").write_text(f"usage_usec {used}\nuser_usec 1\n", encoding="ascii")


def test_only_the_cores_count_that_we_may_use(proc: Path, tmp_path: Path) -> None:
    use = read_machine_use(proc, tmp_path)
    assert use is not None
    assert use.idle == 10.5
    assert (use.quota, use.group) == (None, 0.0)
    assert use.process > 0


def test_a_limit_of_the_control_group_counts_too(proc: Path, tmp_path: Path) -> None:
    limit(tmp_path, "50000", 3_000_000)
    use = read_machine_use(proc, tmp_path)
    assert use is not None
    assert (use.quota, use.group) == (0.5, 3.0)
    limit(tmp_path, "max", 3_000_000)
    use = read_machine_use(proc, tmp_path)
    assert use is not None
    assert use.quota is None


@pytest.mark.parametrize("content", [None, "", "cpu7 1 2 3 4 5\n", "cpu0 1 2 3 x 5\n"])
def test_a_system_that_does_not_tell_is_read_as_none(proc: Path, tmp_path: Path, content: str | None) -> None:
    if content is None:
        (proc / "stat").unlink()
    else:
        (proc / "stat").write_text(content, encoding="ascii")
    assert read_machine_use(proc, tmp_path) is None


def test_free_cores_are_what_was_idle_and_within_the_limit() -> None:
    before = MachineUse(at=10.0, idle=100.0, process=1.0)
    now = MachineUse(at=10.5, idle=100.75, process=1.25)
    assert now.free_cores(before) == 1.5
    assert now.process_share(before) == 0.5
    limited = MachineUse(10.0, 100.0, 1.0, 2.0, 7.0), MachineUse(10.5, 100.75, 1.0, 2.0, 7.75)
    assert limited[1].free_cores(limited[0]) == 0.5
    assert (before.free_cores(before), before.process_share(before)) == (0.0, 0.0)


def test_a_machine_is_as_slow_as_there_are_programs_for_each_core(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    (proc / "loadavg").write_text("0.50 0.20 0.10 5/95 17420\n", encoding="ascii")
    assert slowdown(proc) == 2.5
    (proc / "loadavg").write_text("0.50 0.20 0.10 1/95 17420\n", encoding="ascii")
    assert slowdown(proc) == 1.0
    (proc / "loadavg").write_text("0.50\n", encoding="ascii")
    assert slowdown(proc) == 1.0
    assert slowdown(proc / "nowhere") == 1.0
