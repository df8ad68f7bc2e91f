"""Runs a scenario in a sandbox: finds the next step, fires it when its moment has come, records what happened."""

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mockserver.foundation.clock import iso, parse_duration
from mockserver.foundation.stateful import Keep
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from mockserver.scenarios.action_models import Action
    from mockserver.scenarios.model import Scenario, ScenarioState, Step, When

log = logging.getLogger("mockserver.scenarios")

_NONE = False
"""The record of a scenario that was ended."""


class ScenarioRunner:
    """The `ScenarioHook` of a sandbox: idle without a scenario, and always called in a transaction of the sandbox.

    Nothing happens when it is made, loaded or reset: what is due happens at the next call or look, in whichever
    process that is, when every other part of the sandbox is in place.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        providers: Mapping[str, Provider],
        document: Mapping[str, Any] | None = None,
        since: float | None = None,
    ) -> None:
        """`document` is at work from the start, which is `since`; when that is None, it is the first call or look."""
        self.keep: Keep | None = None
        self._sandbox = sandbox
        self._providers = providers
        self._born = document
        self._since = since
        self._parsed: tuple[Any, tuple[Step, ...]] = (None, ())
        """The steps, and the document that they are from."""
        self._at = 0
        """How many steps have happened."""
        self._count = 0
        """Calls that the next step counts."""
        self._moment: float | None = None
        """When the step before happened."""
        self._fired: dict[int, dict[str, Any]] = {}
        self._notes: list[str] = []
        self._awake = False
        """Whether a step may be ahead; a call costs nothing more when there is none."""
        self.reset()

    def start(self, scenario: "Scenario") -> None:
        """Starts a scenario from its first step, in place of any other."""
        self._take(scenario.as_document())
        self.on_request()

    def stop(self) -> None:
        """Ends the scenario where it is; what it did stays."""
        self._take(None)

    def on_request(self) -> None:
        """Fires what has become due before a call, or before a look by the admin API."""
        if self._notes:
            self._notes = []
        if self._awake:
            if self._moment is None:
                self._moment = self._sandbox.clock.time()
                self._keep_progress()
            self._go_on()

    def on_response(self, provider: str, operation: str, status: int) -> list[str]:
        """Counts an answered call, fires what it triggers, and returns notes for the journal."""
        if self._awake:
            self._count_call(provider, operation, status)
        notes, self._notes = self._notes, []
        return notes

    def signal(self, name: str) -> bool:
        """Gives a signal; tells whether the next step waited for it."""
        self.on_request()
        step = self._next()
        if step is None or step.when.signal != name:
            return False
        self._fire(step, self._sandbox.clock.time())
        self._go_on()
        return True

    def state(self) -> "ScenarioState":
        """Returns the progress of the scenario."""
        from mockserver.scenarios.model import Fired, ScenarioState

        steps, step = self._steps(), self._next()
        if self._document is None:
            return ScenarioState()
        return ScenarioState(
            name=self._document["name"],
            why=self._document["why"],
            step=self._at,
            steps=len(steps),
            done=step is None,
            waits=None if step is None else self._waits(step.when),
            fired=tuple(Fired.model_validate(self._fired[at]) for at in sorted(self._fired)),
        )

    # As a part of the sandbox: `scenario` is the document, `progress` is [step, calls counted, moment of the step
    # before], `fired/N` is what happened in step N.

    def dump(self) -> Mapping[str, Any]:
        """Returns every record that is not as it was at the start, as plain JSON by key."""
        records: dict[str, Any] = {}
        if self._document != self._born:
            records["scenario"] = _NONE if self._document is None else self._document
        if self._progress() != self._progress_at_start():
            records["progress"] = self._progress()
        records.update({f"fired/{at}": fired for at, fired in self._fired.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """Takes one record over that was changed elsewhere; None is "as at the start"."""
        if key == "scenario":
            self._document = self._born if value is None else value or None
        elif key == "progress":
            self._at, self._count, self._moment = self._progress_at_start() if value is None else value
        elif value is None:
            self._fired.pop(int(key.removeprefix("fired/")), None)
        else:
            self._fired[int(key.removeprefix("fired/"))] = value
        self._awake = self._document is not None

    def reset(self) -> None:
        """Goes back to the start."""
        self._document = self._born
        self._at, self._count, self._moment = self._progress_at_start()
        self._fired, self._notes = {}, []
        self._awake = self._document is not None

    def _take(self, document: Mapping[str, Any] | None) -> None:
        """Takes another scenario, or none, and forgets the one before."""
        old = self._fired
        self._document, self._fired = document, {}
        self._at, self._count, self._moment = 0, 0, self._sandbox.clock.time()
        self._awake = document is not None
        if self.keep:
            for at in old:
                self.keep(f"fired/{at}", None)
            self.keep("scenario", self.dump().get("scenario"))
            self._keep_progress()

    def _count_call(self, provider: str, operation: str, status: int) -> None:
        step = self._next()
        if step is None or not step.when.counts or not self._meant(step.when, provider, operation, status):
            return
        self._count += 1
        if self._count < (step.when.calls or 1):
            self._keep_progress()
            return
        self._fire(step, self._sandbox.clock.time())
        self._go_on()

    def _meant(self, when: "When", provider: str, operation: str, status: int) -> bool:
        return (
            when.provider in (None, provider)
            and when.answered(status)
            and (when.operation is None or fnmatchcase(operation, when.operation))
        )

    def _go_on(self) -> None:
        """Fires every step whose moment has come, one after the other."""
        while (step := self._next()) is not None and (moment := self._due(step.when)) is not None:
            self._fire(step, moment)

    def _due(self, when: "When") -> float | None:
        """Returns when the step was to happen, unless that is ahead. Time counts from then, not from the look."""
        moment = self._moment if self._moment is not None else self._sandbox.clock.time()
        if when.start:
            return moment
        if when.clock is None:
            return None
        moment += parse_duration(when.clock)
        return moment if moment <= self._sandbox.clock.time() else None

    def _fire(self, step: "Step", moment: float) -> None:
        done: list[str] = []
        failed: list[str] = []
        for action in step.do:
            self._perform(action, done, failed)
        # After a move of the clock, time is counted from where it is now.
        self._moment = self._sandbox.clock.time() if any(action.clock for action in step.do) else moment
        self._at, self._count = self._at + 1, 0
        self._fired[self._at] = {"step": self._at, "at": iso(self._moment), "what": done, "failed": failed}
        label = f"scenario {self._name}, step {self._at}: "
        self._notes += [label + what for what in done] + [f"{label}failed: {what}" for what in failed]
        self._keep_progress()
        if self.keep:
            self.keep(f"fired/{self._at}", self._fired[self._at])

    def _perform(self, action: "Action", done: list[str], failed: list[str]) -> None:
        """Performs an action. One that fails never breaks the call that triggered it, nor the actions behind it."""
        from mockserver.scenarios.actions import perform

        try:
            done.append(perform(action, self._sandbox, self._providers))
        except ValueError as error:
            failed.append(f"{action.chosen[0]}: {error}")
        except Exception:
            log.exception("Step %d of scenario %s failed", self._at + 1, self._name)
            failed.append(f"{action.chosen[0]}: it failed inside the server; the log says why")

    @property
    def _name(self) -> str:
        return str(self._document["name"]) if self._document else ""

    def _next(self) -> "Step | None":
        steps = self._steps()
        if self._at < len(steps):
            return steps[self._at]
        self._awake = False
        return None

    def _steps(self) -> "tuple[Step, ...]":
        if self._parsed[0] is not self._document:
            self._parsed = (self._document, _read(self._document) if self._document else ())
        return self._parsed[1]

    def _waits(self, when: "When") -> str:
        if when.signal:
            return f"the signal {when.signal!r}"
        if when.clock:
            return f"{when.clock} since the step before"
        words = [when.provider, when.operation, None if when.status is None else f"answered {when.status}"]
        which = " ".join(word for word in words if word) or "any"
        return f"call {when.calls or 1} of {which}, {self._count} so far"

    def _progress(self) -> list[Any]:
        return [self._at, self._count, self._moment]

    def _progress_at_start(self) -> list[Any]:
        return [0, 0, self._since]

    def _keep_progress(self) -> None:
        if self.keep:
            self.keep("progress", self._progress())


def _read(document: Mapping[str, Any]) -> "tuple[Step, ...]":
    """Returns the steps of a document that was checked before it got here."""
    from mockserver.scenarios.model import Scenario

    scenario: Scenario = Scenario.model_validate(document)
    return scenario.steps
