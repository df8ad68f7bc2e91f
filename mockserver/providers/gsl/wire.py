"""A lead as GSL shows it, in the shape of its category (seed 002, dossier gsl §6)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from mockserver.domain import Category, Enquiry, Estate, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.view_context import View, ViewContext
from mockserver.providers.gsl import codes
from mockserver.providers.gsl.wire_estate import listing, source, vanished
from mockserver.providers.gsl.wire_estimation import estimation
from mockserver.providers.gsl.wire_project import project, wanted_property
from mockserver.providers.gsl.wire_seeker import contact, project_contact, seeker_of


def classified_lead(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """About a listing (§6.2)."""
    estate = _estate(enquiry.estate, context)
    # A listing that the agency does not have has no number either.
    number = {"classifiedID": estate.classified_number} if estate else {}
    about = {"hasRentalDocumentAttached": enquiry.rental_file, **number}
    return {
        "leadMetaInfos": _meta(enquiry, context, about),
        "contactRequest": contact(enquiry, seeker_of(enquiry, context), context),
        "property": listing(estate, enquiry) if estate else vanished(enquiry),
    }


def agency_lead(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """About the agency itself: who wants to be contacted, and nothing else (§6.3)."""
    return {
        "leadMetaInfos": _meta(enquiry, context),
        "contactRequest": contact(enquiry, seeker_of(enquiry, context), context),
    }


def estimation_lead(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """About the seeker's own property (§6.4)."""
    return {**agency_lead(enquiry, context), "estimation": estimation(enquiry, seeker_of(enquiry, context), context)}


def project_lead(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """About what the seeker looks for; its contact has a shape of its own (§6.5)."""
    person = seeker_of(enquiry, context)
    estate = _estate(enquiry.project.estate if enquiry.project else None, context)
    classified = {"classified": {"metaData": source(estate)}} if estate else {}
    return {
        "leadMetaInfos": _meta(enquiry, context, {"classifiedID": estate.classified_number} if estate else {}),
        "contactRequest": project_contact(enquiry, person, context),
        "project": project(enquiry, person, context),
        "property": wanted_property(enquiry, person, context),
        **classified,
    }


VIEWS: dict[Category, View] = {
    Category.CLASSIFIED: classified_lead,
    Category.AGENCY: agency_lead,
    Category.ESTIMATION: estimation_lead,
    Category.PROPERTY_SEARCH: project_lead,
}


def view_of(enquiry: Enquiry) -> View:
    """Returns the view of the shape that its category has."""
    return VIEWS[enquiry.category]


def _meta(enquiry: Enquiry, context: ViewContext, about: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`about`: the members that only some shapes have, which stand after the category."""
    portal = codes.PORTAL.get(enquiry.portal) if enquiry.portal else None
    return {
        "leadCategory": codes.CATEGORY[enquiry.category],
        **(about or {}),
        "leadId": enquiry.uuid,
        "creationDate": _utc(enquiry.created_at),
        "partnerID": context.world.agencies[enquiry.agency].partner,
        "projectIntention": codes.project_intention(enquiry.intention, enquiry.asker),
        "portals": [portal] if portal else [],
        "timeToLive": enquiry.expires_at,
        "isCalled": enquiry.called,
        "seekerID": f"S-{enquiry.seeker}",
    }


def _utc(moment: Epoch) -> str:
    minutes, second = divmod(moment, 60)
    return f"{_minute(minutes)}:{second:02}Z"


@lru_cache(8192)
def _minute(minutes: int) -> str:
    return f"{datetime.fromtimestamp(minutes * 60, UTC):%Y-%m-%dT%H:%M}"


def _estate(id: int | None, context: ViewContext) -> Estate | None:
    estate = context.store.get(Kind.ESTATE, id) if id is not None else None
    return estate if isinstance(estate, Estate) else None
