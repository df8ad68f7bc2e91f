"""The recipe makes an enquiry: who asks what, and how far the agency has come with it."""

from typing import Any

from mockserver.domain import (
    Category,
    Enquiry,
    Estimation,
    Intention,
    Kind,
    Person,
    Project,
    Transaction,
    replace,
)
from mockserver.foundation.epoch import Epoch
from mockserver.world.context import WorldContext
from mockserver.world.erasure import WITHOUT_STREET
from mockserver.world.invertible import hidden_uuid
from mockserver.world.messages import draw_message
from mockserver.world.numbering import SEARCH_EVERY, Spot
from mockserver.world.purposes import Purpose, continued, is_search, planned_purpose
from mockserver.world.repeats import first_offers, first_seeker, parent_position, position_of
from mockserver.world.rng import STEP, KeyedRandom
from mockserver.world.timeline import EnquiryProgress, draw_step, is_in_hand, progress, was_open
from mockserver.world.topics import Occasion, Topic, draw_topic, portals_of

LEAST_STEP_OF_SEARCH = 3
"""Of a search that came in while the agency has been open since; before, its profile is what the software made."""
CLOSED = 4
"""The step of whatever an agency has no longer in hand."""
NOT_LINKED = 0.3
"""The share of new enquiries that the agency has not yet linked to a contact."""
WITHOUT_WORDS_BY_PHONE = 0.6
"""The share of those who left a number and no message, and rang instead."""
RENTAL_FILES = 0.3
ASK_AS_TENANTS = 0.45
"""The share of those with a question who rent, or let, something."""
REPEATED_MEMBERS = (
    *("category", "intention", "asker", "seeker", "estate", "message", "search", "hint", "stay"),
    *("estimation", "project", "called", "rental_file"),
)
"""Members that a duplicate has in common with its parent."""


def enquiry(world: WorldContext, spot: Spot) -> Enquiry:
    """Makes the lead at a place of the world; a duplicate repeats its parent on another portal."""
    rng = world.rng(Kind.ENQUIRY, spot.id)
    created = world.enquiry_moment(spot.agency, spot.position)
    step = _step(world, rng, spot, created)
    done = progress(world, rng, spot, created, step)
    parent = parent_position(world, spot.agency, spot.position)
    if parent is None:
        members = _submission(world, rng, spot, created)
    else:
        members = repeated_members(world, rng, world.enquiry(spot.agency, parent))
    uuid = hidden_uuid(world.seed, spot.id)
    return Enquiry(
        id=spot.id,
        agency=spot.agency,
        created_at=created,
        updated_at=_last_change(created, done),
        uuid=uuid,
        reference=uuid,
        in_contacts=step > 1 or is_linked_at_once(world, spot.id),
        agent=done.assigned.agent if done.assigned else None,
        step=step,
        opened=done.opened,
        assigned=done.assigned,
        closed=done.closed,
        contacted_at=created - rng.between(0, 90),
        **members,
    )


def enquiry_updated(world: WorldContext, spot: Spot) -> Epoch:
    """Returns `updated_at` of an enquiry that is not pinned, without the enquiry."""
    rng = world.rng(Kind.ENQUIRY, spot.id)
    created = world.enquiry_moment(spot.agency, spot.position)
    step = _step(world, rng, spot, created)
    return _last_change(created, progress(world, rng, spot, created, step))


def is_linked_at_once(world: WorldContext, id: int) -> bool:
    """Tells whether an agency links an enquiry to a contact before it deals with it."""
    return world.uniform("linked", Kind.ENQUIRY, id) >= NOT_LINKED


def is_in_contacts(world: WorldContext, agency: int, position: int) -> bool:
    """Returns `in_contacts` of the enquiry at a position, mostly without the enquiry."""
    if world.pins.at(Kind.ENQUIRY, agency, position):
        return world.enquiry(agency, position).in_contacts
    spot = world.numbering.spot(Kind.ENQUIRY, agency, position)
    if is_linked_at_once(world, spot.id):
        return True
    return _step(world, world.rng(Kind.ENQUIRY, spot.id), spot, world.enquiry_moment(agency, position)) > 1


def _last_change(created: Epoch, done: EnquiryProgress) -> Epoch:
    last = done.closed or done.assigned or done.opened  # They follow one another.
    return created if last is None else max(created, last.at or 0)


def _step(world: WorldContext, rng: KeyedRandom, spot: Spot, created: Epoch) -> int:
    drawn = draw_step(rng, created, world.origin)
    pinned: int | None = world.pins.at(Kind.ENQUIRY, spot.agency, spot.position).get("step")
    if pinned is not None:
        return pinned
    if not is_in_hand(world, spot.agency, spot.position):
        return CLOSED
    read = is_search(spot.position) and was_open(created, world.origin)
    return max(drawn, LEAST_STEP_OF_SEARCH) if read else drawn


def _submission(world: WorldContext, rng: KeyedRandom, spot: Spot, created: Epoch) -> dict[str, Any]:
    """Makes the members of an enquiry that repeats no other; pins and the place in the world come first."""
    position = first_seeker(world, spot.agency, spot.position)
    first = position == spot.position
    before = None if first else world.enquiry(spot.agency, position)
    purpose = submitted_purpose(world, spot, position)
    estate = world.pins.at(Kind.ENQUIRY, spot.agency, spot.position).get("estate")
    occasion = Occasion(
        created,
        purpose if before is None else continued(purpose, before),
        estate=None if estate is None else world.estate(spot.agency, position_of(world, Kind.ESTATE, estate)),
        first=first,
        before=before,
    )
    return submitted_members(world, rng, spot, world.person(spot.agency, position), occasion)


def submitted_purpose(world: WorldContext, spot: Spot, seeker: int) -> Purpose:
    """Returns the purpose of an enquiry that repeats no other; `seeker` is the position of who sends it."""
    offers = None if seeker == spot.position else first_offers(world, spot.agency, seeker)
    return planned_purpose(world, spot, offers=offers)


def submitted_members(
    world: WorldContext, rng: KeyedRandom, spot: Spot, seeker: Person, occasion: Occasion
) -> dict[str, Any]:
    """Makes the members of an enquiry that follow from what a seeker sent who repeats nobody."""
    topic = draw_topic(world, rng, spot, occasion)
    wishes = topic.category is Category.PROPERTY_SEARCH
    searched = wishes and is_search(spot.position)
    estimation = _estimation(world, spot, topic, seeker, occasion) if topic.category is Category.ESTIMATION else None
    asker = _asker(world, spot, seeker) if topic.intention is Intention.ASK_A_QUESTION else None
    drawn = draw_message(world, rng, topic, seeker, estimation, created=occasion.created, asker=asker)
    message = drawn if occasion.message is None else occasion.message
    called = _called(world, spot, topic, seeker, message)
    return {
        "category": topic.category,
        "intention": topic.intention,
        "asker": asker,
        "portal": topic.portal,
        "seeker": seeker.id,
        "estate": topic.estate.id if topic.estate else None,
        "profile": world.id_at(Kind.PROFILE, spot.agency, spot.position // SEARCH_EVERY) if searched else None,
        "message": message,
        "search": topic.search,
        "hint": replace(topic.hint, **WITHOUT_STREET) if seeker.erased else topic.hint,
        "stay": topic.stay,
        "estimation": estimation,
        "project": _project(world, spot, topic, seeker, message, occasion) if wishes else None,
        "called": called,
        "rental_file": not called and _has_rental_file(world, spot, topic, seeker),
    }


def _estimation(world: WorldContext, spot: Spot, topic: Topic, seeker: Person, occasion: Occasion) -> Estimation:
    # A part of all enquiries has one, so what makes it is imported with the first; so below.
    from mockserver.world.estimations import draw_estimation

    return draw_estimation(world, spot, topic, seeker, first=occasion.first)


def _project(
    world: WorldContext, spot: Spot, topic: Topic, seeker: Person, message: str, occasion: Occasion
) -> Project:
    from mockserver.world.projects import draw_project

    return draw_project(world, spot, topic, seeker, message, occasion)


def _asker(world: WorldContext, spot: Spot, seeker: Person) -> Intention:
    """Owners ask as landlords or sellers, all others as tenants or buyers."""
    luck = world.enquiry_draws(spot.id).asker * STEP
    if seeker.is_owner:
        return Intention.MANAGE if luck < ASK_AS_TENANTS else Intention.SELL
    return Intention.RENT if luck < ASK_AS_TENANTS else Intention.BUY


def _called(world: WorldContext, spot: Spot, topic: Topic, seeker: Person, message: str) -> bool:
    """A call leaves no words, and forms about a whole property are not filled in by phone."""
    wordless = not message and "message" not in world.pins.at(Kind.ENQUIRY, spot.agency, spot.position)
    by_phone = wordless and seeker.phones and topic.category in (Category.CLASSIFIED, Category.AGENCY)
    return bool(by_phone) and world.enquiry_draws(spot.id).call * STEP < WITHOUT_WORDS_BY_PHONE


def _has_rental_file(world: WorldContext, spot: Spot, topic: Topic, seeker: Person) -> bool:
    to_let = topic.estate is not None and topic.estate.transaction is Transaction.RENT
    return to_let and not seeker.erased and world.enquiry_draws(spot.id).rental_file * STEP < RENTAL_FILES


def repeated_members(world: WorldContext, rng: KeyedRandom, parent: Enquiry) -> dict[str, Any]:
    """Copies the members of the parent that a duplicate repeats, and draws another portal."""
    portals = portals_of(world, parent.agency)
    others = portals.without(parent.portal) if parent.portal else portals
    return {
        **{name: getattr(parent, name) for name in REPEATED_MEMBERS},
        "parent": parent.id,
        "portal": rng.weighted(others),
    }
