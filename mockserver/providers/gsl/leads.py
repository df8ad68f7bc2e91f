"""A lead as GSL shows it, in the shape of its category."""

from typing import Any

from mockserver.domain import Category, Enquiry
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.gsl.unknown_members import add_unknown_members
from mockserver.providers.gsl.wire import view_of

_SCHEMA = {
    Category.CLASSIFIED: "ClassifiedLead",
    Category.AGENCY: "AgencyLead",
    Category.ESTIMATION: "EstimationLead",
    Category.PROPERTY_SEARCH: "ProjectLead",
}
"""The shape of each category in the contract."""


def lead_id(enquiry: Enquiry) -> str:
    """The `leadId` of a lead."""
    return enquiry.uuid


def lead(enquiry: Enquiry, context: ViewContext) -> Any:
    """The bare lead, the same in lists and by its id."""
    members = context.contract.respell(_SCHEMA[enquiry.category], view_of(enquiry)(enquiry, context))
    return add_unknown_members(members, context.variant("additional-members"))
