"""Seconds on a busy machine count for less: time and machine are made up."""

from dataclasses import dataclass, field

from mockserver.judge.patient_stopwatch import PatientStopwatch


@dataclass
class Machine:
    """A clock, and how many programs want each core."""

    now: float = 100.0
    programs: float = 1.0
    looks: list[float] = field(default_factory=list)

    def read(self) -> float:
        return self.now

    def slowdown(self) -> float:
        self.looks.append(self.now)
        return self.programs


def passed(machine: Machine, patient: PatientStopwatch, seconds: float) -> float:
    before = patient.seconds()
    machine.now += seconds
    return patient.seconds() - before


def test_on_a_machine_with_room_seconds_are_seconds() -> None:
    machine = Machine()
    patient = PatientStopwatch(machine.read, machine.slowdown)
    assert patient.seconds() == 0.0
    assert [passed(machine, patient, 3.0), passed(machine, patient, 0.5)] == [3.0, 0.5]
    machine.programs = 4.0
    assert passed(machine, patient, 3.0) == 3.0, "some programs for each core are no reason to wait longer"


def test_on_a_busy_machine_they_count_for_less_and_for_something_in_the_end() -> None:
    machine = Machine(programs=16.0)
    patient = PatientStopwatch(machine.read, machine.slowdown)
    assert passed(machine, patient, 4.0) == 1.0
    machine.programs = 10_000.0
    assert passed(machine, patient, 20.0) == 2.0
    machine.programs = 1.0
    assert passed(machine, patient, 2.0) == 2.0


def test_the_machine_is_looked_at_now_and_then() -> None:
    machine = Machine()
    patient = PatientStopwatch(machine.read, machine.slowdown)
    for _ in range(100):
        passed(machine, patient, 0.01)
    assert 1 <= len(machine.looks) <= 11
