"""Pending leads: a provider accepted them, and the world has them only when it has processed them."""

from collections.abc import Callable

from mockserver.domain import Enquiry, Kind, Person, replace
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.memory_room import UNLIMITED_ROOM, MemoryFull, MemoryRoom
from mockserver.foundation.records import RecordCounter, RecordFormat, RecordTable, as_json, json_reader
from mockserver.foundation.slices import run_to_end
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly
from mockserver.sandbox.store import Store
from mockserver.world import World

WEIGHT_OF_LEAD = 16_000
"""About how many bytes a lead and the person who sent it take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLead:
    """A lead that was accepted, and the person who sent it. Their ids are only given when it arrives."""

    due: Epoch
    """The first second at which every provider shows it; that is when it was created."""
    seeker: Person
    enquiry: Enquiry


_TAKEN: RecordFormat[None, int] = RecordFormat("taken")
_WAITING: RecordFormat[int, PendingLead] = RecordFormat(
    "waiting/", key=int, encode=as_json, decode=json_reader(PendingLead)
)


class PendingLeads(RecordedComponent):
    """Accepted leads that nobody sees until they are due; then all providers show them at once.

    It is a `StatefulComponent` with the records `taken`, the number of leads so far, and `waiting/number`.
    """

    def __init__(self, room: MemoryRoom = UNLIMITED_ROOM) -> None:
        self._room = room
        self.listeners: set[Callable[[], None]] = set()
        """Functions that are called when a lead was accepted."""
        self._accepted = RecordCounter(_TAKEN, 0)
        self._waiting = RecordTable(_WAITING, applied=weakly(self._forget_soonest))
        self._soonest: Epoch | None = None
        """The moment at which the first of them is due; None when that is to be computed."""
        super().__init__(self._accepted, self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, lead: PendingLead) -> int:
        """Accepts a lead, and returns its number, from 1. Raises MemoryFull."""
        if self._room.is_full:
            raise MemoryFull(self._room.limit)
        self._room.note(WEIGHT_OF_LEAD)
        run_to_end()
        number = self._accepted.count()
        self._waiting[number] = lead
        for listener in list(self.listeners):
            listener()
        return number

    def soonest(self) -> Epoch | None:
        """Returns the moment at which the first of them is due; None when there is none."""
        return min((lead.due for lead in self._waiting.values()), default=None)

    def arrive(self, world: World, store: Store, now: Epoch) -> list[Enquiry]:
        """Puts what is due into the store, in the order in which it is due, and returns it."""
        soonest = self._soonest
        if soonest is None:
            soonest = self._soonest = min((lead.due for lead in self._waiting.values()), default=now)
        if now < soonest:
            return []
        self._soonest = None
        due = sorted((lead.due, number) for number, lead in self._waiting.items() if lead.due <= now)
        return [self._publish(number, world, store) for _, number in due]

    def reset(self) -> None:
        """Forgets all leads."""
        super().reset()
        self._soonest = None

    def _publish(self, number: int, world: World, store: Store) -> Enquiry:
        lead: PendingLead = self._waiting.pop(number)
        at = {"created_at": lead.due, "updated_at": lead.due}
        person = replace(lead.seeker, id=store.next_id(Kind.PERSON), **at)
        store.put(Kind.PERSON, person)
        id = store.next_id(Kind.ENQUIRY)
        uuid = world.new_uuid(Kind.ENQUIRY, id)
        ids = {"id": id, "uuid": uuid, "reference": uuid, "seeker": person.id}
        enquiry = replace(lead.enquiry, **ids, **at)
        store.put(Kind.ENQUIRY, enquiry)
        return enquiry

    def _forget_soonest(self, number: int, old: PendingLead | None, new: PendingLead | None) -> None:
        self._soonest = None
