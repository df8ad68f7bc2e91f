"""The use of this machine: how many of the cores that this process may use had nothing to do. Linux alone tells it."""

import os
from pathlib import Path

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.dataclass import dataclass

_PROC = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")
_IDLE = slice(3, 5)
"""The columns of a core in `/proc/stat` that count what it did not use: idle, and idle with a disk at work."""


@dataclass(frozen=True, slots=True)
class MachineUse:
    """The use of the machine up to a moment, in seconds. Only the difference of two means anything."""

    at: float
    """The moment, on the stopwatch."""
    idle: float
    """Seconds for which the cores that this process may use had nothing to do, of all cores together."""
    process: float
    """Seconds of CPU that this process has used, in all its threads."""
    quota: float | None = None
    """Cores' worth of time that the control group may use; None where nothing limits it."""
    group: float = 0.0
    """Seconds of CPU that the control group has used, where it is limited."""

    def free_cores(self, earlier: "MachineUse") -> float:
        """Returns the cores that were free from an earlier moment until this one."""
        seconds = self.at - earlier.at
        if seconds <= 0:
            return 0.0
        free = (self.idle - earlier.idle) / seconds
        return free if self.quota is None else min(free, self.quota - (self.group - earlier.group) / seconds)

    def process_share(self, earlier: "MachineUse") -> float:
        """Returns the cores that this process used itself from an earlier moment until this one."""
        seconds = self.at - earlier.at
        return (self.process - earlier.process) / seconds if seconds > 0 else 0.0


def read_machine_use(proc: Path = _PROC, groups: Path = _GROUPS) -> MachineUse | None:
    """Reads the use of the machine; None where the system does not tell it."""
    try:
        idle = _idle_seconds(proc)
    except (OSError, ValueError, AttributeError):
        return None
    quota, group = _limit(proc, groups)
    times = os.times()
    return MachineUse(stopwatch(), idle, times.user + times.system, quota, group)


def memory_size(proc: Path = _PROC, groups: Path = _GROUPS) -> int | None:
    """Returns the bytes of memory that this process may use: the machine's, or those of its control group."""
    try:
        line = next(line for line in (proc / "meminfo").read_text(encoding="ascii").splitlines() if "MemTotal" in line)
        size = int(line.split()[1]) * 1024
    except (OSError, ValueError, StopIteration, IndexError):
        return None
    try:
        lines = (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines()
        path = next(line.removeprefix("0::/") for line in lines if line.startswith("0::/"))
        return min(size, int((groups / path / "memory.max").read_text(encoding="ascii")))
    except (OSError, ValueError, StopIteration):  # "max" is no number: no limit
        return size


def slowdown(proc: Path = _PROC) -> float:
    """Returns how many programs want each core at this moment, and so how many times as long each takes; 1 at least."""
    try:
        running = int((proc / "loadavg").read_text(encoding="ascii").split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return 1.0
    return max(1.0, running / (os.cpu_count() or 1))


def _idle_seconds(proc: Path) -> float:
    cores = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    rows = [line.split() for line in (proc / "stat").read_text(encoding="ascii").splitlines()]
    idle = [sum(map(int, row[1:][_IDLE])) for row in rows if row and row[0] in cores]
    if not idle:
        raise ValueError("no core is listed")
    return sum(idle) / os.sysconf("SC_CLK_TCK")


def _limit(proc: Path, groups: Path) -> tuple[float | None, float]:
    """Returns the cores that the control group may use, and the seconds that it has used; None without a limit."""
    try:
        lines = (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines()
        path = next(line.removeprefix("0::/") for line in lines if line.startswith("0::/"))
        allowed, period = (groups / path / "cpu.max").read_text(encoding="ascii").split()
        statistics = dict(
            line.split() for line in (groups / path / "cpu.stat").read_text(encoding="ascii").splitlines()
        )
        return int(allowed) / int(period), int(statistics["usage_usec"]) / 1e6
    except (OSError, ValueError, StopIteration, KeyError, ZeroDivisionError):  # "max" is no number: no limit
        return None, 0.0
