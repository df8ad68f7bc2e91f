"""A lead as Seeker Leads shows it, the same in lists, by its id and in webhooks."""

from typing import Any

from mockserver.domain import Category, Enquiry
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.seeker.wire import CALL, bare_lead

_SCHEMA = {
    Category.CLASSIFIED.value: "classifiedLead",
    Category.AGENCY.value: "agencyLead",
    Category.PROPERTY_SEARCH.value: "propertysearchLead",
    CALL: "callTrackingLead",
}
"""The shape of each category in the contract."""


def lead_id(enquiry: Enquiry) -> str:
    """The `leadId` of a lead."""
    return enquiry.uuid


def lead(enquiry: Enquiry, context: ViewContext) -> Any:
    """The bare lead."""
    members = bare_lead(enquiry, context)
    return context.contract.respell(_SCHEMA[members["metadata"]["leadCategory"]], members)
