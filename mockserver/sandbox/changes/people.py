"""Changes of a person concern every lead of theirs at once."""

from typing import TYPE_CHECKING, Any

from mockserver.domain import Address, Enquiry, Gender, Kind, Person, Phone, PhoneKind, SearchProfile, replace
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store import Store
from mockserver.world.contact_details import email

if TYPE_CHECKING:
    from mockserver.sandbox.changes.models import SeekerGiven

_TITLES = {Gender.MALE: 1, Gender.FEMALE: 2}
"""Mr and Mrs."""
_FRENCH, _FRENCH_MOBILES = "+33", ("+336", "+337")


def leads_of(store: Store, person: Person) -> list[Enquiry]:
    """Returns the leads of a person, lowest id first."""
    enquiries = store.find_all(Kind.ENQUIRY, person.agency, "seeker", person.id)
    return [enquiry for enquiry in enquiries if isinstance(enquiry, Enquiry)]


def profiles_of(store: Store, person: Person) -> list[SearchProfile]:
    """Returns the search profiles of a person, lowest id first."""
    profiles = store.find_all(Kind.PROFILE, person.agency, "contact", person.id)
    return [profile for profile in profiles if isinstance(profile, SearchProfile)]


def put_person(store: Store, person: Person, now: Epoch, *, but: int | None = None) -> None:
    """Stores a person who changed now. Their leads show the change, so each counts as updated too, `but` the one
    that the caller is about to store."""
    store.put(Kind.PERSON, replace(person, updated_at=now))
    for enquiry in leads_of(store, person):
        if enquiry.id != but:
            store.put(Kind.ENQUIRY, replace(enquiry, updated_at=now))


def changed(person: Person, seeker: "SeekerGiven") -> Person:
    """Returns the person with the members that the seeker names."""
    update: dict[str, Any] = {name: getattr(seeker, name) for name in seeker.model_fields_set - {"id"}}
    if "phones" in update:
        update["phones"] = tuple(_phone(number) for number in seeker.phones or ())
    if "address" in update:
        update["address"] = Address(**seeker.address.model_dump()) if seeker.address else Address()
    if "gender" in update:
        update["title"] = _TITLES.get(seeker.gender) if seeker.gender else None
    return replace(person, **update)


def refit(person: Person, seeker: "SeekerGiven") -> Person:
    """Changes a person who was just made up, and makes the members that fitted the made-up name fit the new one."""
    result = changed(person, seeker)
    if not {"firstname", "lastname"} & seeker.model_fields_set:
        return result
    update: dict[str, Any] = {}
    if "gender" not in seeker.model_fields_set:
        update.update(gender=None, title=None)
    if "email" not in seeker.model_fields_set and person.email:
        update["email"] = email(result.firstname or "", result.lastname or "", person.id)
    return replace(result, **update)


def _phone(number: str) -> Phone:
    """French numbers tell what they are; a foreign one is taken for a mobile."""
    mobile = number.startswith(_FRENCH_MOBILES) or not number.startswith(_FRENCH)
    return Phone(kind=PhoneKind.MOBILE if mobile else PhoneKind.LANDLINE, number=number)
