"""Enquiries that the world itself does not have: made by its recipes, for ids beyond its own, at any moment."""

from mockserver.domain import Category, Enquiry, Estate, Intention, Kind, Person, Portal
from mockserver.foundation.epoch import Epoch
from mockserver.world.enquiries import NOT_LINKED, repeated_members, submitted_members
from mockserver.world.numbering import SEARCH_EVERY, Spot
from mockserver.world.people import seeker
from mockserver.world.topics import Occasion
from mockserver.world.world import World

OUTSIDE = -1
"""The position of what has none: nothing is pinned there, and no rule goes by it."""


def new_seeker(world: World, agency: int, id: int, created: Epoch) -> Person:
    """Somebody whom the agency did not know before; the same for the same world, agency and id."""
    made = seeker(world, world.rng(Kind.PERSON, id), Spot(agency, OUTSIDE, id), created)
    return made.model_copy(update={"updated_at": created})


def new_enquiry(
    world: World,
    id: int,
    seeker: Person,
    created: Epoch,
    *,
    category: Category | None = None,
    intention: Intention | None = None,
    estate: Estate | None = None,
    message: str | None = None,
    first: bool = True,
) -> Enquiry:
    """Makes an enquiry of that seeker to their agency; values that are not given follow from the world and the id."""
    rng = world.rng(Kind.ENQUIRY, id)
    about = category or _about(world, id, estate)
    occasion = Occasion(created, about, intention, estate, message, first)
    uuid = world.new_uuid(Kind.ENQUIRY, id)
    return Enquiry(
        id=id,
        agency=seeker.agency,
        created_at=created,
        updated_at=created,
        contacted_at=created,
        uuid=uuid,
        reference=uuid,
        in_contacts=not rng.chance(NOT_LINKED),
        **submitted_members(world, rng, Spot(seeker.agency, OUTSIDE, id), seeker, occasion),
    )


def _about(world: World, id: int, estate: Estate | None) -> Category | None:
    """A search as often as the world has them; None leaves it to chance."""
    if estate:
        return Category.CLASSIFIED
    return Category.PROPERTY_SEARCH if world.uniform("search", Kind.ENQUIRY, id) < 1 / SEARCH_EVERY else None


def same_again(world: World, id: int, parent: Enquiry, created: Epoch, *, portal: Portal | None = None) -> Enquiry:
    """Makes a repetition of the parent, sent through that portal, or through one that the world draws."""
    rng, uuid = world.rng(Kind.ENQUIRY, id), world.new_uuid(Kind.ENQUIRY, id)
    members = repeated_members(rng, parent)
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
