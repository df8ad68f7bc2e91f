"""Leads on their way: a provider accepted them, and the world has them only when it has processed them."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.domain import Enquiry, Frozen, Kind, Person
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.stateful import Keep
from mockserver.sandbox.store import Store
from mockserver.world import World


class PendingLead(Frozen):
    """A lead that was accepted, and the person who sent it. Their ids are only given when it arrives."""

    due: Epoch
    """The first second at which every provider shows it; that is when it was created."""
    seeker: Person
    enquiry: Enquiry


class PendingLeads:
    """Accepted leads that nobody sees until they are due; then all providers see them at once."""

    _taken: int
    _waiting: dict[int, PendingLead]
    _soonest: Epoch | None
    """When the first of them is due; None when that is to be looked up."""

    def __init__(self) -> None:
        self.keep: Keep | None = None
        self.listeners: set[Callable[[], None]] = set()
        """Called when one was taken in."""
        self.reset()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, submission: PendingLead) -> int:
        """Takes one in; its number, from 1."""
        self._taken += 1
        self._soonest = None
        self._waiting[self._taken] = submission
        if self.keep:
            self.keep("taken", self._taken)
            self.keep(f"waiting/{self._taken}", submission.model_dump(mode="json"))
        for listener in list(self.listeners):
            listener()
        return self._taken

    def soonest(self) -> Epoch | None:
        """When the first of them is due; None when there is none."""
        return min((each.due for each in self._waiting.values()), default=None)

    def arrive(self, world: World, store: Store, now: Epoch) -> list[Enquiry]:
        """Puts what is due into the store, in the order in which it is due; what arrived."""
        soonest = self._soonest
        if soonest is None:
            soonest = self._soonest = min((each.due for each in self._waiting.values()), default=now)
        if now < soonest:
            return []
        self._soonest = None
        due = sorted((each.due, number) for number, each in self._waiting.items() if each.due <= now)
        return [self._publish(number, world, store) for _, number in due]

    def _publish(self, number: int, world: World, store: Store) -> Enquiry:
        submission = self._waiting.pop(number)
        if self.keep:
            self.keep(f"waiting/{number}", None)
        at = {"created_at": submission.due, "updated_at": submission.due}
        person = submission.seeker.model_copy(update={"id": store.next_id(Kind.PERSON), **at})
        store.put(Kind.PERSON, person)
        id = store.next_id(Kind.ENQUIRY)
        uuid = world.new_uuid(Kind.ENQUIRY, id)
        named = {"id": id, "uuid": uuid, "reference": uuid, "seeker": person.id}
        enquiry = submission.enquiry.model_copy(update={**named, **at})
        store.put(Kind.ENQUIRY, enquiry)
        return enquiry

    def dump(self) -> Mapping[str, Any]:
        """How many were taken in, and by `waiting/number` those that have not arrived."""
        records: dict[str, Any] = {"taken": self._taken} if self._taken else {}
        records.update({f"waiting/{number}": each.model_dump(mode="json") for number, each in self._waiting.items()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        kind, _, number = key.partition("/")
        self._soonest = None
        if kind == "taken":
            self._taken = value or 0
        elif value is None:
            self._waiting.pop(int(number), None)
        else:
            self._waiting[int(number)] = PendingLead.model_validate(value)

    def reset(self) -> None:
        """Back to none at all."""
        self._taken = 0
        self._waiting = {}
        self._soonest = None
