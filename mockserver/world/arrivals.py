"""Enquiries that the world itself does not have: made by its recipes, for ids beyond its own, at any moment."""

from mockserver.domain import Category, Enquiry, Estate, Intention, Kind, Person, Portal, replace
from mockserver.foundation.epoch import Epoch
from mockserver.world.enquiries import is_linked_at_once, repeated_members, submitted_members
from mockserver.world.numbering import SEARCH_EVERY, Spot
from mockserver.world.people import seeker
from mockserver.world.purposes import Purpose, draw_purpose
from mockserver.world.topics import Occasion
from mockserver.world.world import World

OUTSIDE = -1
"""The position of what has none: nothing is pinned there, and no rule goes by it."""


def new_purpose(
    world: World,
    agency: int,
    id: int,
    *,
    category: Category | None = None,
    intention: Intention | None = None,
    estate: Estate | None = None,
    seeker: Person | None = None,
) -> Purpose:
    """Draws the purpose of the enquiry of that id as far as it is not given; a seeker who is known goes on as before.

    Without a category and an estate it is a search as often as the world has them.
    """
    about = category or (Category.CLASSIFIED if estate else None)
    offers = seeker.offers if seeker else None
    searches = not offers and world.uniform("search", Kind.ENQUIRY, id) < 1 / SEARCH_EVERY
    if about is None and searches:
        about = Category.PROPERTY_SEARCH
    return draw_purpose(world, Spot(agency, OUTSIDE, id), about, intention, offers=offers)


def new_seeker(world: World, agency: int, id: int, created: Epoch, *, offers: bool = False) -> Person:
    """Makes somebody whom the agency did not know before; the same for the same world, agency, id and offer."""
    made = seeker(world, world.rng(Kind.PERSON, id), Spot(agency, OUTSIDE, id), created, offers=offers)
    return replace(made, updated_at=created)


def new_enquiry(
    world: World,
    id: int,
    seeker: Person,
    created: Epoch,
    *,
    purpose: Purpose,
    estate: Estate | None = None,
    message: str | None = None,
    first: bool = True,
) -> Enquiry:
    """Makes an enquiry of that seeker to their agency; values that are not given follow from the world and the id."""
    rng = world.rng(Kind.ENQUIRY, id)
    occasion = Occasion(created, purpose, estate, message, first)
    uuid = world.new_uuid(Kind.ENQUIRY, id)
    return Enquiry(
        id=id,
        agency=seeker.agency,
        created_at=created,
        updated_at=created,
        contacted_at=created,
        uuid=uuid,
        reference=uuid,
        in_contacts=is_linked_at_once(world, id),
        **submitted_members(world, rng, Spot(seeker.agency, OUTSIDE, id), seeker, occasion),
    )


def same_again(world: World, id: int, parent: Enquiry, created: Epoch, *, portal: Portal | None = None) -> Enquiry:
    """Makes a repetition of the parent, sent through that portal, or through one that the world draws."""
    rng, uuid = world.rng(Kind.ENQUIRY, id), world.new_uuid(Kind.ENQUIRY, id)
    members = repeated_members(world, rng, parent)
    return Enquiry(
        id=id,
        agency=parent.agency,
        created_at=created,
        updated_at=created,
        contacted_at=created,
        uuid=uuid,
        reference=uuid,
        in_contacts=parent.in_contacts,
        **{**members, "portal": portal or members["portal"]},
    )
