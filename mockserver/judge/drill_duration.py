"""Estimates how long a drill takes a client that does as it is told, from what befalls it: most of it is waiting."""

from collections.abc import Iterator
from itertools import chain

from mockserver.judge.drill import Drill
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets, Fault

_RUN = 0.3
"""Seconds of a run in which nothing goes wrong."""
_WEBHOOKS = 6.0
"""Seconds of a run that waits for webhooks, until it has been quiet for long enough."""
_TRIED_AGAIN = (429, *range(500, 600))
_MAX_REPETITIONS = 3
"""The number of times that a failed call is repeated before a run ends."""


def expected_seconds(drill: Drill) -> float:
    """Returns the seconds that a drill takes, roughly: good for an order, and for a choice among drills."""
    run = _WEBHOOKS if drill.scenario.judging.webhooks else _RUN
    return drill.run_count * run + sum(map(_seconds_lost, _faults(drill)))


def _faults(drill: Drill) -> Iterator[Fault]:
    """Yields the faults that meet the client at the provider of the drill."""
    for action in chain(*(step.do for step in drill.script.steps), *drill.scenario.judging.then):
        if action.fault is not None and action.fault.provider in (None, drill.provider):
            yield action.fault


def _seconds_lost(fault: Fault) -> float:
    """Returns the seconds for which a client waits that is told to, or else for a little, and longer each time."""
    if fault.retry_after:
        return float(fault.retry_after * (fault.times or 1))
    if not _is_worth_a_try(fault):
        return 0.0
    repetitions = min(fault.times or _MAX_REPETITIONS, _MAX_REPETITIONS)
    return sum(0.1 * 3.0**number for number in range(repetitions))


def _is_worth_a_try(fault: Fault) -> bool:
    """Tells whether a client repeats a call that it befell: a server's failure and a spoilt answer, and no refusal."""
    meets = FAULT_KINDS[fault.kind].meets
    return meets is ClientMeets.SPOILING or (meets is ClientMeets.OTHER_STATUS and (fault.status or 0) in _TRIED_AGAIN)
