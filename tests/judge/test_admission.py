"""Drills begin while a core is free: the machine is made up, and no time passes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mockserver.foundation.machine import MachineUse
from mockserver.judge.admission import LOOK, MAX_JOBS, FixedJobs, WhileACoreIsFree, admission_of
from mockserver.judge.api import judge
from mockserver.judge.program import ConformError


@dataclass
class Machine:
    """Passes the time of a look at each reading, in which so many cores were free and so many were ours."""

    free: float = 2.0
    process: float = 0.0
    seconds: float = LOOK * 1.001
    use: MachineUse = field(default_factory=lambda: MachineUse(0.0, 0.0, 0.0))

    def read(self) -> MachineUse:
        before, seconds = self.use, self.seconds
        self.use = MachineUse(
            before.at + seconds, before.idle + self.free * seconds, before.process + self.process * seconds
        )
        return self.use


def begun(admission: WhileACoreIsFree, running: Iterable[int]) -> list[bool]:
    return [admission.admits(count) for count in running]


def test_a_number_is_a_number() -> None:
    admission = admission_of(3)
    assert isinstance(admission, FixedJobs)
    assert [admission.admits(running) for running in range(5)] == [True, True, True, False, False]
    assert (admission.most, admission.pause) == (3, None)


def test_where_nothing_tells_of_the_machine_it_is_a_number_too() -> None:
    admission = admission_of(None, lambda: None)
    assert isinstance(admission, FixedJobs)
    assert admission.most == 4


def test_while_a_core_is_free_another_one_begins_up_to_the_most() -> None:
    admission = admission_of(None, Machine().read)
    assert isinstance(admission, WhileACoreIsFree)
    assert begun(admission, range(MAX_JOBS + 2)) == [True] * MAX_JOBS + [False] * 2
    assert (admission.most, admission.pause) == (MAX_JOBS, LOOK)


def test_on_a_busy_machine_some_run_in_any_case() -> None:
    admission = WhileACoreIsFree(Machine(free=0.0).read, certain=2)
    assert begun(admission, [0, 1, 2, 2, 1]) == [True, True, False, False, True]


def test_the_machine_is_looked_at_anew_each_time() -> None:
    machine = Machine()
    admission = WhileACoreIsFree(machine.read, certain=1)
    assert begun(admission, [0, 1]) == [True, True]
    machine.free = 0.3
    assert begun(admission, [2, 2]) == [False, False]
    machine.free = 0.9
    assert begun(admission, [2]) == [True]


def test_one_begins_after_a_look_of_some_length_not_all_at_once() -> None:
    machine = Machine(seconds=LOOK * 0.4)
    admission = WhileACoreIsFree(machine.read, certain=1)
    assert begun(admission, [0, 1, 1, 1, 2, 2, 2]) == [True, False, False, True, False, False, True]


def test_threads_of_this_process_that_use_its_one_core_let_nobody_begin() -> None:
    admission = WhileACoreIsFree(Machine(free=1.0, process=0.95).read, certain=1)
    assert begun(admission, [0, 1]) == [True, False]


def test_a_machine_that_tells_nothing_any_more_admits_no_more_than_is_certain() -> None:
    readings = iter([MachineUse(0.0, 0.0, 0.0), None, None, None, MachineUse(9.0, 9.0, 0.0)])
    admission = WhileACoreIsFree(lambda: next(readings), certain=1)
    assert begun(admission, [0, 1, 1, 1]) == [True, False, False, False]


@pytest.mark.parametrize("jobs", [0, -1, MAX_JOBS + 1, 2**63, True])
def test_a_number_of_drills_has_two_ends(jobs: Any) -> None:
    with pytest.raises(ConformError, match=f"jobs is {jobs}; 1 to 16 drills can run at the same time"):
        judge(lambda environment: 0, provider="gsl", jobs=jobs)
