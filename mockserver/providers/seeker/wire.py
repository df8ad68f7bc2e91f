"""A lead as Seeker Leads shows it, in the shape of its category (seed 003, dossier seeker §3)."""

from typing import Any

from mockserver.domain import Category, Enquiry, Estate, Kind, Person
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.seeker import codes
from mockserver.providers.seeker.new_builds import programme
from mockserver.providers.seeker.wire_project import project, search
from mockserver.providers.seeker.wire_seeker import contact

CALL = "CALL_TRACKING"
_MAX_KEY = 512


def category_of(enquiry: Enquiry, context: ViewContext) -> str | None:
    """Returns the category of a lead in this API; None for one that it does not show."""
    if enquiry.called and context.variant("call-tracking") == "on":
        return CALL
    if enquiry.category is not Category.ESTIMATION:
        return enquiry.category.value
    by_variant = {"agency": Category.AGENCY.value, "property-search": Category.PROPERTY_SEARCH.value, "absent": None}
    return by_variant[context.variant("estimations")]


def bare_lead(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """Shows the lead in the shape of its category."""
    category, person = category_of(enquiry, context), context.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    members = {"metadata": _metadata(enquiry, category), "contactRequest": contact(enquiry, person, context)}
    match category:
        case Category.CLASSIFIED:
            return {**members, "property": _listing(enquiry, context)}
        case Category.PROPERTY_SEARCH:
            return {**members, **_wish(enquiry, person, context)}
        case "CALL_TRACKING":
            return {**members, **_call(enquiry, person, context)}
    return members


def _metadata(enquiry: Enquiry, category: str | None) -> dict[str, Any]:
    intention = {"seekerIntention": enquiry.intention.value} if category == Category.AGENCY else {}
    return {
        "leadId": enquiry.uuid,
        "ingestionDate": enquiry.created_at,
        "portal": (enquiry.portal or codes.NO_PORTAL).value,
        "TTL": enquiry.expires_at,
        "leadCategory": category,
        **intention,
    }


def _listing(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """Shows `property` of a lead about a listing; where the agency does not have it, from the lead alone."""
    estate = context.store.get(Kind.ESTATE, enquiry.estate) if enquiry.estate is not None else None
    if isinstance(estate, Estate):
        return {
            "classifiedId": estate.classified_id,
            "offererEstateId": estate.offerer_estate_id,
            "offererMarketingKey": estate.reference,
            **programme(estate),
        }
    reference = enquiry.hint.reference
    return {"offererMarketingKey": reference} if reference and len(reference) <= _MAX_KEY else {}


def _wish(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """Shows the rest of a search lead; its `property` has a shape of its own."""
    criteria, plans = search(enquiry, context), project(enquiry, person)
    return {
        **({"property": criteria} if criteria else {}),
        **({"project": plans} if plans else {}),
        "distributionType": [codes.DISTRIBUTION[enquiry.intention]],
    }


def _call(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """Shows a call, answered or missed; a missed one has no contact, for which a client must be ready."""
    answered, recorded = enquiry.id % 3 != 0, enquiry.id % 2 == 0
    about = {"property": _listing(enquiry, context)} if enquiry.category is Category.CLASSIFIED else {}
    details = {
        "seekerPhoneNumber": person.phones[0].number if person.phones else None,
        "isVoiceMail": None if answered else recorded,
        "duration": 20 + enquiry.id * 37 % 400 if answered else None,
        "status": "ANSWERED" if answered else "MISSED",
    }
    return {**({} if answered else {"contactRequest": None}), **about, "callDetails": details}
