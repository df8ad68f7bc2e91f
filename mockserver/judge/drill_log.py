"""Events of a drill, and what the fake or the drill itself did not do as it was to."""

from collections.abc import Iterable
from itertools import islice

from mockserver.foundation.clock import iso
from mockserver.judge.calls import JudgedCall
from mockserver.judge.drill import Drill
from mockserver.judge.evidence import Run
from mockserver.judge.other_providers import ended_after
from mockserver.scenarios import ScenarioState

_MAX_BROKEN = 20
"""Answers that break the contract that are told; one is enough to know that the fault is ours."""


class DrillLog:
    """Takes down what happens in a drill, for the report."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self.events: list[str] = []
        """Sentences, each behind its moment in ISO 8601."""
        self.faulty: list[str] = []
        """Faults of ours, a sentence each."""

    def add_event(self, moment: float, sentence: str) -> None:
        """Takes down what happened in the world at a moment."""
        self.events.append(f"{iso(moment)} {sentence}")

    def add_scenario(self, state: ScenarioState, now: float) -> None:
        """Takes down the steps that happened, and the one that did not."""
        for step in state.fired:
            self.events.extend(f"{step.at} {sentence}" for sentence in step.what)
            self.faulty.extend(f"step {step.step} of the scenario failed: {sentence}" for sentence in step.failed)
        if state.waits:
            self._add_waiting_step(state.step, state.waits, now)

    def _add_waiting_step(self, step: int, waits: str, now: float) -> None:
        """A step that never happened is a fault of ours, unless the client could have brought it about."""
        when = self._drill.script.steps[step].when
        if when.signal or (when.clock and self._drill.scenario.judging.hurry is None):
            self.faulty.append(f"the scenario never came to step {step + 1}: it waits for {waits}")
        else:
            self.add_event(now, f"the client never brought about step {step + 1}, which waits for {waits}")

    def add_ended_runs(self, runs: Iterable[Run]) -> None:
        """Takes down the runs that another provider ended."""
        for run in runs:
            if call := ended_after(run):
                sentence = f"run {run.number} ended after {call}; from there on nothing is evidence"
                self.add_event(run.ended, f"{sentence} about {self._drill.provider}")

    def add_broken_answers(self, calls: Iterable[JudgedCall]) -> None:
        """Takes down answers that broke the contract although no fault was to."""
        wrong = (
            (call, violation)
            for call in calls
            for violation in call.entry.violations
            if violation.place == "reply" and call.entry.fault is None
        )
        for call, violation in islice(wrong, _MAX_BROKEN):
            sentence = f"breaks the contract at {violation.pointer}: {violation.message}"
            self.faulty.append(f"the answer to call {call.entry.id} {sentence}")
