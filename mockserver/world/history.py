"""The history of a world, by position: what was created and changed since a moment, with a look at what is in hand.

Positions ascend with `created_at`, and `updated_at` follows within `IN_HAND` positions. Pinned places keep no such
rule, so each of them is looked at.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator

from mockserver.domain import Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.world.availability import estate_updated
from mockserver.world.context import WorldContext
from mockserver.world.enquiries import enquiry_updated
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY, Spot
from mockserver.world.people import person_created, person_updated
from mockserver.world.timeline import IN_HAND, enquiry_created, estate_created

PORTION = 64
"""The number of enquiries whose moments are kept together."""


class Since(NamedTuple):
    """The positions of a row that changed at a moment or later: some before `start`, and from there on all up to `end`.

    Some behind `start` may be excepted, as they are pinned.
    """

    some: list[int]
    start: int
    end: int
    excepted: list[int]


class _Lane(NamedTuple):
    """Positions in the order of time: those from `begin` until before `end`; `lag` later ones follow each change."""

    begin: int
    end: int
    lag: int
    created: Callable[[int], Epoch]
    updated: Callable[[int], Epoch]


def enquiry_since(world: WorldContext, agency: int, moment: Epoch) -> int:
    """Returns the position of the first enquiry that was created at a moment or later; the number of all for none."""
    count = world.count(Kind.ENQUIRY, agency)
    return bisect_left(range(count), moment, key=lambda position: enquiry_created(world, agency, position))


def creation_keys(world: WorldContext, agency: int, portion: int) -> list[tuple[Epoch, int]]:
    """Returns the moments and the ids of `PORTION` enquiries in a row, or of as many as there are."""
    ids = world.ids(Kind.ENQUIRY, agency)
    positions = range(portion * PORTION, min((portion + 1) * PORTION, len(ids)))
    return [(enquiry_created(world, agency, position), ids[position]) for position in positions]


def changed_since(world: WorldContext, kind: Kind, agency: int, moment: Epoch) -> list[Since]:
    """Returns the entities of a kind whose `updated_at` is a moment or later, by row, in ascending positions."""
    return [_since(world, kind, agency, row, moment) for row in _rows(world, kind, agency)]


def in_hand(world: WorldContext, kind: Kind, agency: int) -> list[int]:
    """Returns the positions of the enquiries, or of their profiles, with which an agency may not have done yet.

    Of all others the enquiry is closed, its seeker a contact, and its profile not active.
    """
    count = world.count(kind, agency)
    newest = range(max(0, count - IN_HAND // (SEARCH_EVERY if kind is Kind.PROFILE else 1)), count)
    return sorted({*newest, *_pinned(world, kind, agency)})


def _since(world: WorldContext, kind: Kind, agency: int, row: _Lane, moment: Epoch) -> Since:
    places = range(row.begin, row.end)
    start = row.begin + bisect_left(places, moment, key=row.created)
    pinned = [position for position in _pinned(world, kind, agency) if row.begin <= position < row.end]
    still_fresh = {position for position in pinned if world.entity(kind, agency, position).updated_at >= moment}
    looked_at = set(range(max(row.begin, start - row.lag), start)).difference(pinned)
    some = {position for position in looked_at if row.updated(position) >= moment}
    return Since(
        sorted(some | {position for position in still_fresh if position < start}),
        start,
        row.end,
        sorted(position for position in pinned if position >= start and position not in still_fresh),
    )


def _rows(world: WorldContext, kind: Kind, agency: int) -> Iterator[_Lane]:
    enquiries, count = world.count(Kind.ENQUIRY, agency), world.count(kind, agency)

    def spot(position: int) -> Spot:
        return world.numbering.spot(kind, agency, position)

    def search(position: int) -> int:
        return position * SEARCH_EVERY + SEARCH_AT

    match kind:
        case Kind.ENQUIRY:
            yield _Lane(
                0,
                count,
                IN_HAND,
                lambda position: enquiry_created(world, agency, position),
                lambda position: enquiry_updated(world, spot(position)),
            )
        case Kind.PROFILE:
            yield _Lane(
                0,
                count,
                IN_HAND // SEARCH_EVERY,
                lambda position: enquiry_created(world, agency, search(position)),
                lambda position: enquiry_updated(world, world.numbering.spot(Kind.ENQUIRY, agency, search(position))),
            )
        case Kind.PERSON:
            for begin, end in ((0, enquiries), (enquiries, count)):
                yield _Lane(
                    begin,
                    end,
                    IN_HAND,
                    lambda position: person_created(world, spot(position)),
                    lambda position: person_updated(world, spot(position)),
                )
        case Kind.ESTATE:
            yield _Lane(
                0,
                count,
                IN_HAND,
                lambda position: estate_created(world, agency, position),
                lambda position: estate_updated(world, spot(position)),
            )
        case Kind.AGENT:
            # Few, and they may change at any time: each is looked at.
            yield _Lane(
                0,
                count,
                count,
                lambda position: world.entity(kind, agency, position).created_at,
                lambda position: world.entity(kind, agency, position).updated_at,
            )


def _pinned(world: WorldContext, kind: Kind, agency: int) -> list[int]:
    """Returns the positions whose entities may break the rules, as they or what they are made of is pinned."""
    positions = set(world.pins.positions(kind, agency))
    if kind is Kind.PROFILE:
        enquiries = world.pins.positions(Kind.ENQUIRY, agency)
        positions.update(position // SEARCH_EVERY for position in enquiries if position % SEARCH_EVERY == SEARCH_AT)
    return sorted(positions)
