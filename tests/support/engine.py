"""Runs of schemathesis' engine, and what they did: a pass that tried nothing must not look like one."""

import string
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import EngineFinished, FatalError, NonFatalError, ScenarioFinished
from schemathesis.engine.events import SchemaAnalysisWarnings as AnalysisWarnings
from schemathesis.engine.recorder import ScenarioRecorder

_ATOMS = string.ascii_letters + string.digits + "!#$%&'*+-/=^_`{|}~"
_LABELS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=40)
EMAILS = st.builds(
    "{}@{}.{}".format, st.text(_ATOMS, min_size=1, max_size=64), _LABELS, st.sampled_from(("fr", "museum"))
)
"""Addresses that are odd before the @. The hosts of Hypothesis' own would take most of a run to draw."""
schemathesis.openapi.format("email", EMAILS)


def configuration(
    values: Mapping[str, list[Any]],
    places: Mapping[str, str],
    auth: Mapping[str, Any],
    *,
    max_examples: int,
    seed: int = 1,
    only_good: bool = False,
) -> schemathesis.Config:
    """Everything on, nothing left to chance, and nothing learnt from one answer for the next request.

    `values` are those that the world has, by name; `places` tells which parameters take them. With `only_good`,
    generated data are good ones: a free text in a path cannot be wrong, and looking for one that is takes long.
    """
    quiet = {"extra-data-sources": {"responses": False}}
    fuzzing = {**quiet, "generation": {"mode": "positive"}} if only_good else quiet
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "generation": {
                "mode": "all",
                "max-examples": max_examples,
                # Without a seed of its own, each run draws the same.
                "deterministic": seed == 1,
                # Credentials have tests of their own; here they would turn most negative calls into a 401.
                "with-security-parameters": False,
            },
            "phases": {"examples": quiet, "coverage": quiet, "fuzzing": fuzzing, "stateful": {"enabled": False}},
            "dictionaries": {name: {"values": known} for name, known in values.items()},
            "parameters": {place: {"dictionary": name, "probability": 0.9} for place, name in places.items()},
            "auth": dict(auth),
        }
    )


class EngineRun:
    """Notes of one run of the engine: failures in words, and counts that show that it did something."""

    good: ClassVar[tuple[int, ...]] = (200,)
    """The statuses that say that data was accepted."""

    def __init__(self, schema: Any) -> None:
        self.selected: int = schema.statistic.operations.selected
        self.problems: list[str] = []
        self.statuses: Counter[tuple[str, str, int]] = Counter()
        """(phase, positive or negative, status) of each call."""
        self.checks: Counter[str] = Counter()
        self.calls: list[tuple[str, str, bytes | None, int]] = []
        for event in from_schema(schema).execute():
            match event:
                case AnalysisWarnings():
                    self.problems += [f"warning: {warning}" for warning in event.warnings]
                case NonFatalError():
                    self.problems.append(f"{event.label}: {event.info.title}: {event.info.message}")
                case FatalError():
                    raise event.exception
                case ScenarioFinished() if event.status is not Status.SKIP:
                    self._note(event.recorder)
                case EngineFinished():
                    self.problems += [failure.message for failure in event.failures]

    def _note(self, recorder: ScenarioRecorder) -> None:
        for id, node in recorder.cases.items():
            meta, interaction = node.value.meta, recorder.interactions[id]
            assert meta is not None
            assert interaction.response is not None
            status, request = interaction.response.status_code, interaction.request
            self.statuses[meta.phase.name.value, meta.generation.mode.value, status] += 1
            self.calls.append((request.method, request.uri, request.body, status))
        for nodes in recorder.checks.values():
            for check in nodes:
                self.checks[check.name] += 1
                if check.status is not Status.SUCCESS:
                    failure = check.failure_info
                    assert failure is not None
                    self.problems.append(f"{check.name}: {failure.failure.message}\n{failure.code_sample}")

    def seen(self, *, status: int, phase: str | None = None, mode: str | None = None) -> int:
        """Counts the calls that got that status."""
        return sum(
            n
            for (of, kind, got), n in self.statuses.items()
            if got == status and phase in (None, of) and mode in (None, kind)
        )

    def accepted(self, phase: str) -> float:
        """The share of good data that was accepted; the calls that tried without credentials do not count."""
        got = {status: self.seen(status=status, phase=phase, mode="positive") for status in (*self.good, *_REFUSED)}
        return sum(got[status] for status in self.good) / sum(got.values()) if any(got.values()) else 0.0


_REFUSED = (400, 404, 415, 422)
