"""Runs a scenario in a sandbox: finds the next step, fires it when its moment has come, records what happened."""

import logging
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from weakref import ref

from mockserver.foundation.clock import iso, parse_duration
from mockserver.foundation.logging import log_failure
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.records import RecordFormat, RecordTable, RecordValue
from mockserver.foundation.slices import Uninterrupted, look_at_the_time
from mockserver.foundation.stateful import RecordedComponent
from mockserver.provider_api.provider import Provider
from mockserver.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from mockserver.scenarios.action_models import Action
    from mockserver.scenarios.model import Scenario, ScenarioState, Step, When

log = logging.getLogger("mockserver.scenarios")

_OVER = object()

_Document = Mapping[str, Any] | None


class _Progress(NamedTuple):
    """The place in a scenario."""

    steps: int
    """The number of steps that have happened."""
    calls: int
    """The number of calls that the next step has counted."""
    moment: float | None
    """The moment at which the step before happened."""


def _or_false(document: _Document) -> Any:
    """Encodes a document; false is the record of a scenario that was ended."""
    return document or False


def _or_none(record: Any) -> _Document:
    return record or None


def _progress(record: Any) -> _Progress:
    return _Progress(*record)


_DOCUMENT: RecordFormat[None, _Document] = RecordFormat("scenario", encode=_or_false, decode=_or_none)
_PROGRESS: RecordFormat[None, _Progress] = RecordFormat("progress", encode=list, decode=_progress)
_FIRED: RecordFormat[int, Mapping[str, Any]] = RecordFormat("fired/", key=int)


class ScenarioRunner(RecordedComponent):
    """The `ScenarioHook` of a sandbox: idle without a scenario, and always called in a transaction of the sandbox.

    Nothing happens when it is made, loaded or reset: what is due happens at the next call or look, in whichever
    process that is, when every other part of the sandbox is in place. It is a `StatefulComponent` with the records
    `scenario`, the document, `progress`, and `fired/N`, what happened in step N.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        providers: Mapping[str, Provider],
        document: Mapping[str, Any] | None = None,
        since: float | None = None,
    ) -> None:
        """`document` is at work from the start, which is `since`; when that is None, it is the first call or look."""
        self._owner = ref(sandbox)
        self._providers = providers
        self._document = RecordValue(_DOCUMENT, document)
        self._progress = RecordValue(_PROGRESS, _Progress(0, 0, since))
        self._fired = RecordTable(_FIRED)
        self._parsed: tuple[_Document, tuple[Step, ...]] = (None, ())
        """The steps, and the document that they are from."""
        self._notes: list[str] = []
        self._under_way: Iterator[None] | None = None
        """The step that is being done, part by part; in a shared sandbox no other process sees it half done."""
        self._awake = document is not None
        """Whether a step may be ahead; a call costs nothing more when there is none."""
        super().__init__(self._document, self._progress, self._fired)

    def start(self, scenario: "Scenario") -> None:
        """Starts a scenario from its first step, in place of any other, and does what is due at once."""
        self.begin(scenario)
        self.on_request()

    def begin(self, scenario: "Scenario") -> None:
        """Takes a scenario in place of any other; `on_request` does what is due."""
        self._take(scenario.as_document())

    def stop(self) -> None:
        """Ends the scenario where it is; what it did stays."""
        self._take(None)

    def on_request(self) -> None:
        """Fires what has become due before a call, or before a look by the admin API. Raises SliceOver."""
        if self._notes and self._under_way is None:
            self._notes = []
        if self._awake:
            if self._progress.value.moment is None:
                self._progress.set(self._progress.value._replace(moment=self._sandbox.clock.time()))
            self._go_on()

    def on_response(self, provider: str, operation: str, status: int) -> list[str]:
        """Counts an answered call, fires what it triggers, and returns notes for the journal."""
        if self._awake:
            self._count_call(provider, operation, status)
        return self.go_on()

    def go_on(self) -> list[str]:
        """Ends the step that a slice left half done, and all that follow at once; returns notes for the journal."""
        if self._awake or self._under_way is not None:
            self._go_on()
        notes, self._notes = self._notes, []
        return notes

    def signal(self, name: str) -> bool:
        """Gives a signal, and does what follows; tells whether the next step waited for it."""
        self.on_request()
        if not self.take_signal(name):
            return False
        self._go_on()
        return True

    def take_signal(self, name: str) -> bool:
        """Gives a signal, when all that was due is done; `on_request` does what follows."""
        step = self._next()
        if step is None or step.when.signal != name:
            return False
        self._under_way = self._fire(step, self._sandbox.clock.time())
        return True

    def state(self) -> "ScenarioState":
        """Returns the progress of the scenario."""
        from mockserver.scenarios.model import Fired, ScenarioState

        document, steps, step = self._document.value, self._steps(), self._next()
        if document is None:
            return ScenarioState()
        return ScenarioState(
            name=document["name"],
            why=document["why"],
            step=self._progress.value.steps,
            steps=len(steps),
            done=step is None,
            waits=None if step is None else self._waits(step.when),
            fired=tuple(Fired.model_validate(self._fired[at]) for at in sorted(self._fired)),
        )

    def load(self, key: str, value: Any | None) -> None:
        """Implements `StatefulComponent.load`."""
        super().load(key, value)
        self._under_way = None
        self._awake = self._document.value is not None

    def reset(self) -> None:
        """Returns to the scenario that was at work from the start, before its first step."""
        super().reset()
        self._notes = []
        self._under_way = None
        self._awake = self._document.value is not None

    def _take(self, document: _Document) -> None:
        """Takes another scenario, or none, and forgets the one before."""
        self._under_way = None
        self._fired.clear()
        self._document.set(document)
        self._progress.set(_Progress(0, 0, self._sandbox.clock.time()))
        self._awake = document is not None

    def _count_call(self, provider: str, operation: str, status: int) -> None:
        step = self._next()
        if step is None or not step.when.counts or not self._meant(step.when, provider, operation, status):
            return
        progress = self._progress.value
        if progress.calls + 1 < (step.when.calls or 1):
            self._progress.set(progress._replace(calls=progress.calls + 1))
            return
        self._under_way = self._fire(step, self._sandbox.clock.time())

    def _meant(self, when: "When", provider: str, operation: str, status: int) -> bool:
        return (
            when.provider in (None, provider)
            and when.answered(status)
            and (when.operation is None or fnmatchcase(operation, when.operation))
        )

    def _go_on(self) -> None:
        """Fires every step whose moment has come, one after the other. Raises SliceOver between two parts of one."""
        while self._is_under_way():
            with Uninterrupted():
                is_over = next(self._under_way, _OVER) is _OVER if self._under_way is not None else True
            if is_over:
                self._under_way = None
            elif not self._sandbox.is_shared:
                look_at_the_time()

    def _is_under_way(self) -> bool:
        """Tells whether there is something to do now; the next step begins when its moment has come."""
        if self._under_way is None:
            step = self._next()
            moment = None if step is None else self._due(step.when)
            if step is not None and moment is not None:
                self._under_way = self._fire(step, moment)
        return self._under_way is not None

    def _due(self, when: "When") -> float | None:
        """Returns when the step was to happen, unless that is ahead. Time counts from then, not from the look."""
        moment = self._progress.value.moment
        if moment is None:
            moment = self._sandbox.clock.time()
        if when.start:
            return moment
        if when.clock is None:
            return None
        moment += parse_duration(when.clock)
        return moment if moment <= self._sandbox.clock.time() else None

    def _fire(self, step: "Step", moment: float) -> Iterator[None]:
        """Does a step, and yields between its parts."""
        done: list[str] = []
        failed: list[str] = []
        for action in step.do:
            yield from self._perform(action, done, failed)
        # After a move of the clock, time is counted from where it is now.
        moment = self._sandbox.clock.time() if any(action.clock for action in step.do) else moment
        at = self._progress.value.steps + 1
        self._progress.set(_Progress(at, 0, moment))
        self._fired[at] = {"step": at, "at": iso(moment), "what": done, "failed": failed}
        label = f"scenario {self._name}, step {at}: "
        self._notes += [label + what for what in done] + [f"{label}failed: {what}" for what in failed]

    def _perform(self, action: "Action", done: list[str], failed: list[str]) -> Iterator[None]:
        """Performs an action. One that fails never breaks the call that triggered it, nor the actions behind it."""
        from mockserver.scenarios.actions import performing

        try:
            done.append((yield from performing(action, self._sandbox, self._providers)))
        except ValueError as error:
            failed.append(f"{action.chosen[0]}: {error}")
        except Exception:
            log_failure(log, "step %d of scenario %s failed", self._progress.value.steps + 1, self._name)
            failed.append(f"{action.chosen[0]}: it failed inside the server; the log says why")

    @property
    def _sandbox(self) -> Sandbox:
        # Held weakly: the sandbox holds the runner, and a cycle would outlive its deletion.
        sandbox = self._owner()
        assert sandbox is not None
        return sandbox

    @property
    def _name(self) -> str:
        document = self._document.value
        return str(document["name"]) if document else ""

    def _next(self) -> "Step | None":
        steps, at = self._steps(), self._progress.value.steps
        if at < len(steps):
            return steps[at]
        self._awake = False
        return None

    def _steps(self) -> "tuple[Step, ...]":
        document = self._document.value
        if self._parsed[0] is not document:
            self._parsed = (document, _read(document) if document else ())
        return self._parsed[1]

    def _waits(self, when: "When") -> str:
        if when.signal:
            return f"the signal {when.signal!r}"
        if when.clock:
            return f"{when.clock} since the step before"
        words = [when.provider, when.operation, None if when.status is None else f"answered {when.status}"]
        which = " ".join(word for word in words if word) or "any"
        return f"call {when.calls or 1} of {which}, {self._progress.value.calls} so far"


def _read(document: Mapping[str, Any]) -> "tuple[Step, ...]":
    """Returns the steps of a document that was checked before it got here."""
    from mockserver.scenarios.model import Scenario

    scenario: Scenario = Scenario.model_validate(document)
    return scenario.all_steps
