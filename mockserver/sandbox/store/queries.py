"""The questions of a store about many entities: lists, moments, and who has a certain value."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain

from mockserver.domain import Category, Enquiry, Entity, Estate, Kind, OfferDetails, OfferKind, details_of, offer_of
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import RecordTable
from mockserver.sandbox.store.contact_link import ContactLink
from mockserver.sandbox.store.entity_records import Written
from mockserver.sandbox.store.ids import Ids
from mockserver.sandbox.store.member_indexes import MemberIndexes
from mockserver.sandbox.store.overlay import Overlay
from mockserver.sandbox.store.sequences import CreationKey
from mockserver.world import World
from mockserver.world.enquiries import is_in_contacts
from mockserver.world.estate_offers import details_at, positions_on_offer
from mockserver.world.history import enquiry_since


class Queries:
    """A part of `MemoryStore`, as the protocol of stores has it; none of it looks at more of the world than it must."""

    _world: World
    _entities: Mapping[Kind, RecordTable[int, Written]]
    _indexes: MemberIndexes
    _by_creation: dict[int, list[CreationKey]]
    """By agency: the keys of the enquiries that the world does not have, ascending."""

    def get(self, kind: Kind, id: int) -> Entity | None:
        raise NotImplementedError

    def _overlay(self, kind: Kind, agency: int) -> Overlay:
        raise NotImplementedError

    def count(self, kind: Kind, agency: int) -> int:
        return len(self.ids(kind, agency))

    def ids(self, kind: Kind, agency: int) -> Sequence[int]:
        over, made = self._overlay(kind, agency), self._world.ids(kind, agency)
        return Ids(made, over.gone, over.added) if over.added or over.gone else made

    def ids_since(
        self, kind: Kind, agency: int, *, created: Epoch | None = None, updated: Epoch | None = None
    ) -> Sequence[int]:
        return self._overlay(kind, agency).ids_since(created, updated)

    def in_hand(self, kind: Kind, agency: int) -> Sequence[int]:
        return self._overlay(kind, agency).in_hand()

    def written_with(self, kind: Kind, agency: int, member: str, value: object) -> Sequence[int]:
        return self._indexes.find(kind, agency, member, value, self._entities[kind].values())

    def by_creation(self, agency: int) -> Sequence[Sequence[CreationKey]]:
        return self._overlay(Kind.ENQUIRY, agency).creation_keys(), self._added_keys(agency)

    def _added_keys(self, agency: int) -> list[CreationKey]:
        if agency not in self._by_creation:
            over = self._overlay(Kind.ENQUIRY, agency)
            self._by_creation[agency] = sorted(_keys(over.written, over.added))
        return self._by_creation[agency]

    def about(
        self, agency: int, estate: int, first: Epoch, end: Epoch, *, descending: bool = False
    ) -> Iterator[CreationKey]:
        over = self._overlay(Kind.ENQUIRY, agency)
        ids = self._indexes.find(Kind.ENQUIRY, agency, "estate", estate, over.written.values())
        keys = [key for key in sorted(_keys(over.written, ids), reverse=descending) if first <= key[0] < end]
        return merge(over.about(estate, first, end, descending=descending), keys, reverse=descending)

    def category(self, id: int) -> Category | None:
        written = self._entities[Kind.ENQUIRY].get(id)
        if written is not None:
            return getattr(written, "category", None)
        place = self._world.locate(Kind.ENQUIRY, id)
        return None if place is None else self._world.category(*place)

    def contact_link(self, id: int) -> ContactLink | None:
        if id in self._entities[Kind.ENQUIRY]:
            enquiry = self.get(Kind.ENQUIRY, id)
            return ContactLink(enquiry.seeker, enquiry.in_contacts) if isinstance(enquiry, Enquiry) else None
        place = self._world.locate(Kind.ENQUIRY, id)
        if place is None:
            return None
        from mockserver.world.lookups import seeker_at

        seeker = self._world.id_at(Kind.PERSON, place[0], seeker_at(self._world, *place))
        return ContactLink(seeker, self._world.remembered(is_in_contacts, *place))

    def estates_on_offer(self, agency: int, keep: Callable[[OfferKind], bool]) -> Sequence[int]:
        made, written = self._world.ids(Kind.ESTATE, agency), self._entities[Kind.ESTATE]
        ids = [made[position] for position in positions_on_offer(self._world, agency, keep)]
        if not written:
            return ids
        estates = [estate for id in written if isinstance(estate := self.get(Kind.ESTATE, id), Estate)]
        fitting = [estate.id for estate in estates if estate.agency == agency and keep(offer_of(estate))]
        return sorted([*(id for id in ids if id not in written), *fitting])

    def offer_details(self, id: int) -> OfferDetails | None:
        if id in self._entities[Kind.ESTATE]:
            estate = self.get(Kind.ESTATE, id)
            return details_of(estate) if isinstance(estate, Estate) else None
        place = self._world.locate(Kind.ESTATE, id)
        return None if place is None else self._world.remembered(details_at, *place)

    def count_created(self, agency: int, categories: Collection[Category], first: Epoch, end: Epoch) -> int:
        over, chosen = self._overlay(Kind.ENQUIRY, agency), set(categories)
        low, high = (enquiry_since(self._world, agency, moment) for moment in (first, end))
        from mockserver.world.category_counts import count_categories

        total = count_categories(self._world, agency, low, high, chosen)
        inside = self._world.ids(Kind.ENQUIRY, agency)[low : max(low, high)]
        for id in chain(over.gone, over.changed):
            if id in inside:
                total -= self._world.category(agency, low + inside.index(id)) in chosen
                total += self.category(id) in chosen
        added = self._added_keys(agency)
        places = slice(bisect_left(added, (first,)), bisect_left(added, (end,)))
        if len(chosen) == len(Category):
            return total + len(added[places])
        within = {id for _, id in added[places]}
        made = over.written.values()
        for category in chosen:
            ids = self._indexes.find(Kind.ENQUIRY, agency, "category", category, made)
            total += len(within.intersection(ids))
        return total

    def oldest(self, kind: Kind, agency: int) -> Epoch | None:
        made = self._world.entity(kind, agency, 0).created_at if self._world.count(kind, agency) else None
        written = self._overlay(kind, agency).earliest
        return min((moment for moment in (made, written) if moment is not None), default=None)

    def find(self, kind: Kind, agency: int, attribute: str, value: object) -> Entity | None:
        for id in self.candidates(kind, agency, attribute, value):
            entity = self.get(kind, id)
            if entity is not None and getattr(entity, attribute) == value:
                return entity
        return None

    def find_all(self, kind: Kind, agency: int, attribute: str, value: object) -> list[Entity]:
        entities = [self.get(kind, id) for id in self.candidates(kind, agency, attribute, value)]
        return [entity for entity in entities if entity is not None and getattr(entity, attribute) == value]

    def candidates(self, kind: Kind, agency: int, attribute: str, value: object) -> Sequence[int]:
        written = self._entities[kind]
        from mockserver.world.lookups import positions_with

        places = positions_with(self._world, kind, agency, attribute, value)
        ids = self._indexes.find(kind, agency, attribute, value, written.values())
        if not places:
            return ids
        made = self._world.ids(kind, agency)
        return sorted([*(id for id in map(made.__getitem__, places) if id not in written), *ids])


def _keys(written: Mapping[int, Written], ids: Sequence[int]) -> Iterator[CreationKey]:
    return ((entity.created_at, entity.id) for id in ids if (entity := written[id]) is not False)
