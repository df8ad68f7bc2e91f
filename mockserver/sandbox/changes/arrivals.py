"""Leads arrive: the recipes of the world make up what the arrival does not name."""

from collections.abc import Iterator
from typing import Any

from mockserver.domain import Category, Enquiry, Estate, Intention, Kind, Person, Portal, Transaction, replace
from mockserver.foundation.clock import parse_duration
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.changes.leads import find_lead, lead_of, seeker_of
from mockserver.sandbox.changes.models import Arrival
from mockserver.sandbox.changes.people import refit
from mockserver.sandbox.changes.refusal import ChangeRefused, agency_entity, check_agency, checked_now
from mockserver.sandbox.pending_leads import WEIGHT_OF_LEAD
from mockserver.sandbox.sandbox import Sandbox
from mockserver.world.arrivals import new_enquiry, new_purpose, new_seeker, same_again
from mockserver.world.availability import is_asked_for

MAX_LEADS = 11_000_000
"""The most leads of one agency."""
_LETS = (Transaction.RENT, Transaction.SEASONAL)


def arrive(sandbox: Sandbox, arrival: Arrival) -> list[Enquiry]:
    """Makes as many leads as the arrival says, each of a new seeker unless a seeker or a parent is named.

    Raises ChangeRefused when the agency, the seeker, the estate or the parent is not there.
    """
    return list(arriving(sandbox, arrival))


def arriving(sandbox: Sandbox, arrival: Arrival) -> Iterator[Enquiry]:
    """Makes the leads of `arrive` one by one. Raises ChangeRefused or MemoryFull before the first."""
    now = checked_now(sandbox)
    created = _created(arrival, now)
    if arrival.updated_at is not None and arrival.updated_at < created:
        raise ChangeRefused("updated_at is before created_at; a lead changes after it was created, or at once.")
    parent = _parent(sandbox, arrival)
    seeker = _named_seeker(sandbox, arrival)
    agency = _agency(sandbox, arrival, parent, seeker)
    if arrival.estate is not None:
        agency_entity(sandbox, Kind.ESTATE, arrival.estate, agency)
    if sandbox.store.count(Kind.ENQUIRY, agency) + arrival.count > MAX_LEADS:
        raise ChangeRefused(f"Agency {agency} would have more than {MAX_LEADS} leads.")
    sandbox.room.check(arrival.count * WEIGHT_OF_LEAD)
    for _ in range(arrival.count):
        if parent:
            yield _repeat(sandbox, arrival, parent, created)
        else:
            yield _ask(sandbox, arrival, agency, seeker, created)


def duplicate(sandbox: Sandbox, enquiry: Enquiry, portal: Portal | None = None) -> Enquiry:
    """Repeats a lead now, through that portal or one that the world draws; its `parent` is the lead.

    Raises ChangeRefused when the lead is not there any more, or its seeker was erased.
    """
    return arrive(sandbox, Arrival(parent=enquiry.id, portal=portal))[0]


def _created(arrival: Arrival, now: Epoch) -> Epoch:
    moment = arrival.created_at
    if moment is None:
        return now
    created = now + int(parse_duration(moment)) if isinstance(moment, str) else moment
    if created < 0:
        raise ChangeRefused(f"{moment} from now is before 1970; no lead is older than that.")
    return created


def _parent(sandbox: Sandbox, arrival: Arrival) -> Enquiry | None:
    if arrival.parent is None:
        return None
    parent = lead_of(sandbox, find_lead(sandbox, {}, arrival.parent).id)
    if seeker_of(sandbox, parent).erased:
        raise ChangeRefused(f"The seeker of lead {parent.id} was erased; what they said cannot be repeated.")
    return parent


def _named_seeker(sandbox: Sandbox, arrival: Arrival) -> Person | None:
    """Returns the seeker whom the arrival names by id. Raises ChangeRefused."""
    id = arrival.seeker.id if arrival.seeker else None
    if id is None:
        return None
    person = sandbox.store.get(Kind.PERSON, id)
    if not isinstance(person, Person):
        raise ChangeRefused(f"There is no person {id}.")
    if person.erased:
        raise ChangeRefused(f"Person {id} was erased; whoever comes back after that is somebody new.")
    return person


def _agency(sandbox: Sandbox, arrival: Arrival, parent: Enquiry | None, seeker: Person | None) -> int:
    settled = parent or seeker
    if settled and arrival.agency not in (None, settled.agency):
        what = f"lead {settled.id}, the parent," if settled is parent else f"person {settled.id}"
        raise ChangeRefused(f"Agency {arrival.agency} does not fit: {what} is of agency {settled.agency}.")
    if settled:
        return settled.agency
    if arrival.agency is not None:
        return check_agency(sandbox, arrival.agency)
    agencies = sandbox.world.agencies.values()
    return next((agency.id for agency in agencies if agency.granted), next(iter(sandbox.world.agencies)))


def _ask(sandbox: Sandbox, arrival: Arrival, agency: int, named: Person | None, created: Epoch) -> Enquiry:
    id = sandbox.store.next_id(Kind.ENQUIRY)
    estate = _estate(sandbox, arrival, agency, id, created)
    purpose = new_purpose(
        sandbox.world,
        agency,
        id,
        category=arrival.category,
        intention=arrival.intention,
        estate=estate,
        seeker=named,
    )
    enquiry = new_enquiry(
        sandbox.world,
        id,
        named or _newcomer(sandbox, arrival, agency, created, offers=purpose.offers),
        created,
        purpose=purpose,
        estate=estate,
        message=arrival.message,
        first=named is None,
    )
    return _put(sandbox, arrival, enquiry, estate=arrival.estate, portal=arrival.portal)


def _repeat(sandbox: Sandbox, arrival: Arrival, parent: Enquiry, created: Epoch) -> Enquiry:
    seeker = None
    if arrival.seeker:
        copy = {"id": sandbox.store.next_id(Kind.PERSON), "created_at": created, "updated_at": created}
        seeker = refit(replace(seeker_of(sandbox, parent), **copy), arrival.seeker)
        sandbox.store.put(Kind.PERSON, seeker)
    id = sandbox.store.next_id(Kind.ENQUIRY)
    enquiry = same_again(sandbox.world, id, parent, created, portal=arrival.portal)
    return _put(sandbox, arrival, enquiry, seeker=seeker.id if seeker else None)


def _newcomer(sandbox: Sandbox, arrival: Arrival, agency: int, created: Epoch, *, offers: bool) -> Person:
    made = new_seeker(sandbox.world, agency, sandbox.store.next_id(Kind.PERSON), created, offers=offers)
    seeker = refit(made, arrival.seeker) if arrival.seeker else made
    sandbox.store.put(Kind.PERSON, seeker)
    return seeker


def _estate(sandbox: Sandbox, arrival: Arrival, agency: int, id: int, created: Epoch) -> Estate | None:
    """Returns the named listing, or one that suits a named intention: nobody wants to rent what is for sale."""
    store = sandbox.store
    if arrival.estate is not None:
        estate: Estate = agency_entity(sandbox, Kind.ESTATE, arrival.estate, agency)
        return estate
    if arrival.category is not Category.CLASSIFIED or arrival.intention not in (Intention.BUY, Intention.RENT):
        return None
    lets = arrival.intention is Intention.RENT
    listings = (store.get(Kind.ESTATE, of) for of in store.ids(Kind.ESTATE, agency))
    suiting = [one for one in listings if isinstance(one, Estate) and (one.transaction in _LETS) is lets]
    fitting = [one for one in suiting if is_asked_for(one, created)] or suiting
    return fitting[int(sandbox.world.uniform("about", Kind.ENQUIRY, id) * len(fitting))] if fitting else None


def _put(sandbox: Sandbox, arrival: Arrival, enquiry: Enquiry, **settled: Any) -> Enquiry:
    """Stores the lead; members that the arrival names win over made-up ones."""
    update = {name: value for name, value in settled.items() if value is not None}
    if arrival.message is not None:
        update.update(message=arrival.message, called=enquiry.called and not arrival.message)
    if arrival.intention is not None:
        update["intention"] = arrival.intention
    if arrival.updated_at is not None:
        update["updated_at"] = arrival.updated_at
    result = replace(enquiry, **update)
    sandbox.store.put(Kind.ENQUIRY, result)
    return result
