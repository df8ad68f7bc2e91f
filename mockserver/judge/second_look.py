"""Looks again where a finding rests on how long something took, with nothing beside: a busy machine accuses nobody."""

from collections.abc import Callable, Sequence

from mockserver.judge.rulings import State
from mockserver.judge.verdicts import JudgedDrill

TIMED = frozenset({"FAULT-01", "FAULT-02", "FAULT-03", "HOOK-01", "TOKEN-04"})
"""The obligations that are about waiting, about an answer in time, or about calls that were on their way together."""


def look_again(judged: Sequence[JudgedDrill], repeat: Callable[[JudgedDrill], JudgedDrill]) -> list[JudgedDrill]:
    """Returns the drills in their order; of one that found something of that kind it is the second time that counts.

    A finding that comes again stands, and so do those of the same obligation in other drills: one is enough to know.
    """
    latest = {(drill.provider, drill.name): drill for drill in judged}
    confirmed: set[tuple[str, str]] = set()
    for drill in sorted(judged, key=lambda drill: drill.report.seconds):
        if _timed_findings(drill) - confirmed:
            second = latest[drill.provider, drill.name] = repeat(drill)
            confirmed |= _timed_findings(second)
    return [latest[drill.provider, drill.name] for drill in judged]


def _timed_findings(drill: JudgedDrill) -> set[tuple[str, str]]:
    """Returns the obligations of that kind that were broken in a drill, with its provider."""
    rulings = drill.rulings
    return {(drill.provider, id) for id in TIMED & rulings.keys() if rulings[id].state is State.BROKEN}
