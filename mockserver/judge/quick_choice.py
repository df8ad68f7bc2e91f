"""Chooses a few short drills of a battery in which each `must` of a provider's clients has one that is for it."""

from collections.abc import Collection, Iterable, Sequence

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.catalogue import reasons_of, severity_of
from mockserver.judge.drill import Drill
from mockserver.judge.drill_duration import expected_seconds
from mockserver.judge.rulings import Severity

_ALL = 1_000
"""More than there are providers: a scenario that names none is about all of them."""


def quick_choice(drills: Sequence[Drill]) -> list[Drill]:
    """Returns the drills, in their order, that together are for each `must` for which any of them is.

    Drills of other readings are left out: they are for what a provider may mean beside.
    """
    by_provider: dict[str, list[Drill]] = {}
    for drill in drills:
        if drill.variant is None:
            by_provider.setdefault(drill.provider, []).append(drill)
    chosen = {(drill.provider, drill.name) for of_one in by_provider.values() for drill in _cover(of_one)}
    return [drill for drill in drills if (drill.provider, drill.name) in chosen]


def musts_of(drill: Drill) -> frozenset[str]:
    """Returns the obligations that a drill is for and that are a `must` of its provider's clients."""
    reasons, aims = reasons_of(drill.provider), drill.scenario.judging.aims
    return frozenset(id for id in aims if id in reasons and severity_of(drill.provider, id) is Severity.MUST)


def _cover(drills: Sequence[Drill]) -> list[Drill]:
    """Covers the obligations greedily: the drill comes next that has most of the rest for the seconds that it takes.

    Of equals it is the one that is about fewer providers, and so more to the point.
    """
    candidates = [_WeighedDrill(drill, musts_of(drill), expected_seconds(drill)) for drill in drills]
    chosen: list[_WeighedDrill] = []
    rest = _covered(candidates)
    while rest:
        best = max(candidates, key=lambda candidate: candidate.worth(rest))
        chosen.append(best)
        rest -= best.musts
    return [candidate.drill for candidate in _without_needless(chosen)]


@dataclass(frozen=True, slots=True)
class _WeighedDrill:
    """A drill with what decides whether it is chosen, worked out once."""

    drill: Drill
    musts: frozenset[str]
    seconds: float

    def worth(self, rest: frozenset[str]) -> tuple[float, int]:
        return len(self.musts & rest) / self.seconds, -(len(self.drill.scenario.providers) or _ALL)


def _without_needless(chosen: Collection[_WeighedDrill]) -> list[_WeighedDrill]:
    """Drops drills whose obligations the others are for, too, the longest first."""
    needed = list(chosen)
    for candidate in sorted(chosen, key=lambda candidate: candidate.seconds, reverse=True):
        others = [other for other in needed if other is not candidate]
        if _covered(others) >= candidate.musts:
            needed = others
    return needed


def _covered(candidates: Iterable[_WeighedDrill]) -> frozenset[str]:
    return frozenset().union(*(candidate.musts for candidate in candidates))
