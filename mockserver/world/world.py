"""The world: seed, clock origin and world file in, any entity out, in any order."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar, cast

from mockserver.domain import Agency, Category, Commune, Enquiry, Entity, Estate, Kind, Person, SearchProfile
from mockserver.foundation.cache_budget import CacheBudget
from mockserver.foundation.disposal import dispose
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.slices import look_at_the_time
from mockserver.world.agencies import home_commune, make_agency
from mockserver.world.communes import Communes, load_communes
from mockserver.world.context import WorldContext
from mockserver.world.enquiries import enquiry
from mockserver.world.enquiry_draws import EnquiryDraws, draw_enquiry
from mockserver.world.estate_outlines import estate_outline
from mockserver.world.estates import estate
from mockserver.world.files import WorldFile
from mockserver.world.locales import Locale, check_locale, load_locale
from mockserver.world.numbering import Numbering, Spot
from mockserver.world.people import agent, person, works
from mockserver.world.pins import PinBoard
from mockserver.world.rng import STEP_OF_LONG, KeyedRandom, mixed, number, uuid4
from mockserver.world.sites import EstateOutline
from mockserver.world.timeline import draw_moment, span_of

T = TypeVar("T")


def _profile(world: WorldContext, spot: Spot) -> SearchProfile:
    # Few programs ask for profiles, and no lead has one in it.
    from mockserver.world.profiles import profile

    return profile(world, spot)


def _category_at(world: WorldContext, agency: int, position: int) -> Category:
    from mockserver.world.lookups import category_at

    return category_at(world, agency, position)


_RECIPES: Mapping[Kind, Callable[[WorldContext, Spot], Entity]] = MappingProxyType(
    {Kind.AGENT: agent, Kind.PERSON: person, Kind.ESTATE: estate, Kind.ENQUIRY: enquiry, Kind.PROFILE: _profile}
)
_WEIGHTS = {Kind.AGENT: 1_000, Kind.PERSON: 1_000, Kind.ESTATE: 2_400, Kind.ENQUIRY: 1_800, Kind.PROFILE: 1_200}
"""About how many bytes an entity takes in memory: measured over the default world, and rounded up."""
_WEIGHT_OF_ENTRY = 150
"""The bytes of a place in a cache, beside what is kept there."""
MOST_REMEMBERED = 50_000
"""The number of small values that are kept: categories, and who is about which listing."""
_LOOK_EVERY = 256 * 1024
"""After this many bytes more it is seen whether all caches are within their budget."""


_MOST_CACHED = 10_000
"""The most draws, moments, outlines and categories that a world keeps: 1 to 5 MB of each."""

K = TypeVar("K")
V = TypeVar("V")


class World:
    """A pure function of `(file, seed, origin)`; entities are made when first asked for and then stay.

    All sandboxes may share one: reading never changes an answer. Raises WorldError for pins that cannot be placed, and
    for a locale that cannot be had.
    """

    def __init__(self, file: WorldFile, *, origin: Epoch, seed: int | None = None) -> None:
        self.file = file
        self.seed = file.seed if seed is None else seed
        self.origin = origin
        self.communes: Communes = load_communes()
        self.numbering = Numbering(tuple(entry.id for entry in file.agencies), file.size)
        self.pins = PinBoard(file)
        self.span = span_of(file)
        check_locale(file.locale)
        self._keys: dict[tuple[str, object], int] = {}
        self._draws: dict[int, EnquiryDraws] = {}
        self._moments: dict[tuple[int, int], Epoch] = {}
        self._outlines: dict[tuple[int, int], EstateOutline] = {}
        self._homes = {entry.id: home_commune(self.seed, self.communes, entry.id) for entry in file.agencies}
        self.agencies: dict[int, Agency] = {
            entry.id: make_agency(self.seed, origin, entry, index, self._homes[entry.id])
            for index, entry in enumerate(file.agencies)
        }
        self.weight = 0
        """About how many bytes the entities take that were made, and their encoded forms."""
        self.used_at = 0.0
        """The moment of the last use, in real seconds since the epoch."""
        self._budget: CacheBudget | None = None
        self._next_look = _LOOK_EVERY
        self._encoded: dict[str, dict[int, bytes]] = {}
        self._made: dict[tuple[Kind, int, int], Entity] = {}
        self._remembered: dict[tuple[Any, ...], Any] = {}
        self._working: dict[int, tuple[int, ...]] = {}

    def count(self, kind: Kind, agency: int) -> int:
        """The number of entities of a kind at an agency. Raises KeyError for an agency of another world."""
        return self.numbering.counts_of[agency][kind]

    def ids(self, kind: Kind, agency: int) -> range:
        """The ids of all of a kind, ascending. Raises KeyError for an agency of another world."""
        return self.numbering.ids(kind, agency)

    def id_at(self, kind: Kind, agency: int, position: int) -> int:
        """The id at a position, 0 to `count - 1`; ids ascend, and `created_at` for all but persons."""
        return self.numbering.id_at(kind, agency, position)

    def locate(self, kind: Kind, id: int) -> tuple[int, int] | None:
        """The inverse of `id_at`: `(agency, position)`, or None when the world has no such id."""
        return self.numbering.locate(kind, id)

    def next_id(self, kind: Kind) -> int:
        """The first id that the world itself never uses."""
        return self.numbering.next_id(kind)

    def entity(self, kind: Kind, agency: int, position: int) -> Entity:
        """The entity at a position. Raises KeyError or IndexError where there is none."""
        place = (kind, agency, position)
        made = self._made.get(place)
        if made is None:
            made = _RECIPES[kind](self, self.numbering.spot(kind, agency, position))
            if self.pins.pinned:
                made = self.pins.apply(made, kind, position)
            self._made[place] = made
            self._grow(_WEIGHTS[kind])
            look_at_the_time()
        return made

    def in_passing(self, kind: Kind, agency: int, position: int) -> Entity:
        """`entity`, which is not kept when it has to be made."""
        made = self._made.get((kind, agency, position))
        return made or self.pins.apply(
            _RECIPES[kind](self, self.numbering.spot(kind, agency, position)), kind, position
        )

    def category(self, agency: int, position: int) -> Category:
        """The category of the enquiry at a position, without the enquiry."""
        return self.remembered(_category_at, agency, position)

    def remembered(self, function: Callable[..., T], *arguments: int) -> T:
        """Returns what a function of the world and some numbers returns, or did before; a bounded number is kept."""
        key = (function, *arguments)
        if key not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = function(self, *arguments)
            look_at_the_time()
        value: T = self._remembered[key]
        return value

    def encoded(self, view: str) -> Mapping[int, bytes]:
        """The untouched entities by id as a provider encoded them for a view: every store may share them."""
        return self._encoded.get(view, {})

    def cache_encoded(self, view: str, id: int, encoded: bytes) -> None:
        """Keeps an untouched entity as a provider encoded it."""
        self._encoded.setdefault(view, {})[id] = encoded
        self._grow(len(encoded) + _WEIGHT_OF_ENTRY)

    def views(self) -> frozenset[str]:
        """Returns the views for which entities are kept as a provider encoded them."""
        return frozenset(self._encoded)

    def drop_views(self, views: Iterable[str]) -> None:
        """Forgets the entities that were encoded for those views."""
        for view in views:
            encoded = self._encoded.pop(view, {})
            self.weight -= sum(map(len, encoded.values())) + len(encoded) * _WEIGHT_OF_ENTRY

    def use_budget(self, budget: CacheBudget) -> None:
        """Keeps no more than that budget allows from now on."""
        self._budget = budget
        budget.add(self)

    def note_use(self, now: float) -> None:
        """Notes that it was used at a moment, in real seconds since the epoch."""
        self.used_at = now

    def drop_cache(self) -> None:
        """Forgets every entity that was made: when it is asked for again, it is made again, and is the same."""
        made, self._made = self._made, {}
        dispose(made, *self._encoded.values())
        self._encoded.clear()
        self.weight, self._next_look = 0, _LOOK_EVERY

    def _grow(self, weight: int) -> None:
        self.weight += weight
        if self.weight >= self._next_look:
            self._next_look = self.weight + _LOOK_EVERY
            if self._budget is not None:
                self._budget.enforce(self)

    def new_uuid(self, kind: Kind, id: int) -> str:
        """The UUID of an entity that a client creates: the same for the same id in the same world."""
        return uuid4(self.seed, kind, id, "created")

    # The rest is what recipes ask of the world that they fill, see `WorldContext`.

    @cached_property
    def locale(self) -> Locale:
        """The locale of the people who enquire."""
        return load_locale(self.file.locale)

    def enquiry_draws(self, id: int) -> EnquiryDraws:
        """The draws of the enquiry of an id; the last ones are kept."""
        draws = self._draws.get(id)
        if draws is None:
            draws = _room(self._draws)[id] = draw_enquiry(self.seed, id)
        return draws

    def enquiry_moment(self, agency: int, position: int) -> Epoch:
        """The moment of the enquiry at a position, which is not made for it; the last ones are kept."""
        moment = self._moments.get((agency, position))
        if moment is None:
            moment = _room(self._moments)[agency, position] = draw_moment(self, agency, position)
        return moment

    def estate_outline(self, agency: int, position: int) -> EstateOutline:
        """The outline of the estate at a position, which is not made for it; the last ones are kept."""
        outline = self._outlines.get((agency, position))
        if outline is None:
            spot = self.numbering.spot(Kind.ESTATE, agency, position)
            outline = _room(self._outlines)[agency, position] = estate_outline(self, spot)
        return outline

    def enquiry(self, agency: int, position: int) -> Enquiry:
        """`entity` with its type."""
        return cast(Enquiry, self.entity(Kind.ENQUIRY, agency, position))

    def estate(self, agency: int, position: int) -> Estate:
        """`entity` with its type."""
        return cast(Estate, self.entity(Kind.ESTATE, agency, position))

    def person(self, agency: int, position: int) -> Person:
        """`entity` with its type."""
        return cast(Person, self.entity(Kind.PERSON, agency, position))

    def home(self, agency: int) -> Commune:
        """The agency's town."""
        return self._homes[agency]

    def working_agents(self, agency: int) -> tuple[int, ...]:
        """The ids of the agents who have not left, who alone deal with anything."""
        ids = self._working.get(agency)
        if ids is None:
            spots = (self.numbering.spot(Kind.AGENT, agency, at) for at in range(self.count(Kind.AGENT, agency)))
            ids = self._working[agency] = tuple(spot.id for spot in spots if works(self, spot))
        return ids

    def rng(self, kind: Kind, id: int) -> KeyedRandom:
        """The random numbers from which an entity is made."""
        return KeyedRandom(self.seed, kind, id)

    def uniform(self, salt: str, kind: Kind, id: int) -> float:
        """A random number in [0, 1) for one question about an entity, apart from those from which it is made."""
        return (mixed(self._keys.get((salt, kind)) or self.key(salt, kind), id) >> 11) * STEP_OF_LONG

    def key(self, salt: str, subject: object) -> int:
        """A number of 64 bits for one question about a few subjects, such as kinds or agencies."""
        key = self._keys.get((salt, subject))
        if key is None:
            key = self._keys[salt, subject] = number(self.seed, salt, subject)
        return key


def _room(cache: dict[K, V]) -> dict[K, V]:
    """Returns the cache with room for one more."""
    if len(cache) >= _MOST_CACHED:
        cache.clear()
    return cache
