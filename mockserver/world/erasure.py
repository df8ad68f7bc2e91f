"""An erasure (GDPR) takes the personal data out of a person, their enquiries and their searches."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Enquiry, EstateHint, Person, Place, Project, Recipient, SearchProfile, replace
from mockserver.world.communes import Communes

WITHOUT_STREET = {"street": None, "more": None}
"""Members of an erased seeker's property that go, since it may be where they live."""
_CODES_END = 1_000_000
"""Ids of catalogs are below; telephone numbers are above."""


def erased_person(person: Person) -> Person:
    """Everything that names the person goes, the e-mail address and `is_owner` stay (Seeker Leads §3.4)."""
    stays = ("id", "agency", "created_at", "updated_at", "role", "email", "is_owner", "offers")
    return Person(**{name: getattr(person, name) for name in stays}, language=None, erased=True)


def erased_enquiry(communes: Communes, enquiry: Enquiry) -> Enquiry:
    """Links, moments, the portal and the criteria stay; of what anybody wrote freely nothing does.

    The reference is a text of the sender's, so the enquiry goes by its own `uuid` again. The same as the world's own
    enquiries of erased seekers: one of them comes back as it is.
    """
    estimation, project = enquiry.estimation, enquiry.project
    blank = {"user_city": None, "user_postcode": None, "comment": None}
    return replace(
        enquiry,
        reference=enquiry.uuid,
        message="",
        called=False,
        rental_file=False,
        hint=_hint(communes, enquiry.hint),
        recipient=Recipient(),
        estimation=replace(estimation, **blank) if estimation else None,
        project=_project(project) if project else None,
        extras=only_codes(enquiry.extras),
    )


def erased_profile(communes: Communes, profile: SearchProfile) -> SearchProfile:
    """The criteria stay as far as they are numbers, codes, or places of our table; no text does."""
    return replace(
        profile,
        comment="",
        free_criteria="",
        places=tuple(_place(communes, place) for place in profile.places),
        extras=only_codes(profile.extras),
    )


def _hint(communes: Communes, hint: EstateHint) -> EstateHint:
    """Only a town of our table stays: a text in the member for the town may be anything."""
    update: dict[str, Any] = {**WITHOUT_STREET, "reference": None}
    town = communes.find(f"{hint.city} {hint.postcode}") if hint.city and hint.postcode else None
    if town is None or town.name != hint.city or hint.postcode not in town.postcodes:
        update.update(city=None, postcode=None)
    return replace(hint, **update)


def _project(project: Project) -> Project:
    business = project.commercial
    commercial = replace(business, company=None, comment=None) if business else None
    blank = {"household": None, "finances": None, "comment": None, "commercial": commercial}
    return replace(project, **blank)


def _place(communes: Communes, place: Place) -> Place:
    """A name that stands for no town of ours goes; without it the search still finds nothing there."""
    town = communes.by_id.get(place.commune or 0)
    if town is None:
        return replace(place, district=None, **({} if place.covers else {"name": ""}))
    return place if place.district in (None, *town.districts) else replace(place, district=None)


def only_codes(extras: Mapping[str, Any]) -> dict[str, Any]:
    """Only two things stay: who sent it, and values that can only be ids of catalogs."""
    return {name: value for name, value in extras.items() if name == "provider" or _is_code(value)}


def _is_code(value: Any) -> bool:
    """Tells an id, several of them, or nothing from all else; an object may have anything inside, a name too."""
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(",")]
        return all(part.isascii() and part.isdecimal() and len(part) < len(str(_CODES_END)) for part in parts)
    if isinstance(value, list | tuple):
        return all(_is_code(part) for part in value)
    return value is None or (isinstance(value, int) and abs(value) < _CODES_END)
