"""Entities that were added to a world: most come one after the other, as time goes on."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mockserver.domain import Kind
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store.last_changes import LastChanges

_MAX_WAITING = 256
"""Writes at an agency that wait to be sorted in; all of them together take some hundred microseconds."""


class AgencyAdditions:
    """The ids of one kind at one agency that the world does not have, and when all that was written changed last."""

    __slots__ = ("earliest", "ids", "last_changes")

    def __init__(
        self, ids: Iterable[int] = (), last_changes: LastChanges | None = None, earliest: Epoch | None = None
    ) -> None:
        self.ids = list(ids)
        """Ascending."""
        self.last_changes = LastChanges() if last_changes is None else last_changes
        """The moments of all written entities that are there."""
        self.earliest = earliest
        """The earliest moment at which one of the written ones was created, those that are gone included."""

    def add(self, id: int, created: Epoch) -> None:
        """Adds an id, whose last change is noted elsewhere."""
        insort(self.ids, id)
        self.note_creation(created)

    def extend(self, ids: list[int], moments: list[Epoch]) -> None:
        """Adds entities that are not there, ids ascending, each with the moment of its creation and last change."""
        self.last_changes.extend(ids, moments)
        self.note_creation(min(moments))
        if not self.ids or ids[0] > self.ids[-1]:
            self.ids += ids
        else:
            self.ids = sorted([*self.ids, *ids])

    def note_creation(self, created: Epoch) -> None:
        """Notes when one that was written was created."""
        if self.earliest is None or created < self.earliest:
            self.earliest = created

    def forget(self, id: int) -> None:
        """Removes an id, if it is there; its last change is removed elsewhere."""
        if id in self.ids:
            self.ids.remove(id)

    def copy(self) -> "AgencyAdditions":
        """Returns another one with the same entities."""
        return AgencyAdditions(self.ids, self.last_changes.copy(), self.earliest)


class Additions:
    """The additions of a store by kind and agency. Deferred writes wait, and are sorted in when somebody asks."""

    def __init__(self) -> None:
        self._by_place: defaultdict[tuple[Kind, int], AgencyAdditions] = defaultdict(AgencyAdditions)
        self._waiting: defaultdict[int, list[tuple[Mapping[Kind, int], Epoch]]] = defaultdict(list)
        """By agency: new ids by kind, and the moment at which they were given."""

    def defer(self, agency: int, ids: Mapping[Kind, int], moment: Epoch) -> None:
        """Adds entities that were never there, created at that moment."""
        waiting = self._waiting[agency]
        waiting.append((ids, moment))
        if len(waiting) >= _MAX_WAITING:
            self._sort_in()

    def at(self, kind: Kind, agency: int) -> AgencyAdditions:
        """Returns those at an agency, to be changed or looked at."""
        if self._waiting:
            self._sort_in()
        return self._by_place[kind, agency]

    def of(self, kind: Kind) -> Iterator[AgencyAdditions]:
        """Yields those of a kind at all agencies."""
        if self._waiting:
            self._sort_in()
        return (additions for (of, _), additions in self._by_place.items() if of is kind)

    def copy(self) -> "Additions":
        """Returns others with the same entities."""
        if self._waiting:
            self._sort_in()
        other = Additions()
        other._by_place.update({place: additions.copy() for place, additions in self._by_place.items()})
        return other

    def _sort_in(self) -> None:
        for agency, writes in self._waiting.items():
            for kind in Kind:
                if came := [(ids[kind], moment) for ids, moment in writes if kind in ids]:
                    came.sort()
                    self._by_place[kind, agency].extend([id for id, _ in came], [moment for _, moment in came])
        self._waiting.clear()
