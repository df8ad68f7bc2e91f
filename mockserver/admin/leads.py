"""The leads of a sandbox in neutral form: shown, added, changed, withdrawn, erased with the people who sent them."""

from typing import Annotated, Any

from pydantic import Field

from mockserver.admin.context import Context
from mockserver.admin.request import QueryFlag, QueryNumber
from mockserver.admin.schemas import RepeatSchema, Schema
from mockserver.admin.turns import one_by_one
from mockserver.domain import Enquiry
from mockserver.foundation.bounds import LARGEST, LARGEST_ID
from mockserver.foundation.problems import not_found
from mockserver.provider_api.provider import lead_ids_of
from mockserver.sandbox.changes import (
    Arrival,
    ChangeRefused,
    LeadPatch,
    LeadSchema,
    arriving,
    describe,
    duplicate,
    erase,
    find_lead,
    list_leads,
    update,
    withdraw,
)
from mockserver.sandbox.changes.leads import MAX_LISTED, count_leads


class LeadQuery(Schema):
    """Selects leads, in the order of their creation."""

    agency: Annotated[QueryNumber, Field(ge=0, le=LARGEST_ID)] | None = None
    limit: Annotated[QueryNumber, Field(ge=1, le=MAX_LISTED)] = 100
    offset: Annotated[QueryNumber, Field(ge=0, le=LARGEST)] = 0
    newest_first: QueryFlag = True


class LeadListSchema(Schema):
    """Leads in neutral form."""

    leads: list[LeadSchema]
    total: int
    """Their number without a limit."""


class LeadsSchema(Schema):
    """The leads that arrived or changed."""

    leads: list[LeadSchema]


def get_leads(context: Context, query: LeadQuery) -> Any:
    """List leads in neutral form"""
    sandbox, lead_ids = context.sandbox, lead_ids_of(context.services.providers)
    chosen = list_leads(sandbox, lead_ids, query.agency, query.limit, query.offset, query.newest_first)
    return {"leads": chosen, "total": count_leads(sandbox, query.agency)}


async def add_leads(context: Context, body: Arrival) -> Any:
    """Let leads arrive; what is not given of them is made up"""
    leads = (_describe(context, lead) for lead in arriving(context.sandbox, body))
    return {"leads": await one_by_one(context.sandbox, leads)}


def get_lead(context: Context) -> Any:
    """Show a lead in neutral form"""
    return _describe(context, _lead(context))


def change_lead(context: Context, body: LeadPatch) -> Any:
    """Change a lead; members that are not given stay"""
    return _describe(context, update(context.sandbox, _lead(context), body))


def remove_lead(context: Context) -> Any:
    """Withdraw a lead from every list"""
    withdraw(context.sandbox, _lead(context))


def duplicate_lead(context: Context, body: RepeatSchema) -> Any:
    """Let the same lead come again, with the first as its parent"""
    return _describe(context, duplicate(context.sandbox, _lead(context), body.portal))


def erase_lead(context: Context) -> Any:
    """Erase the seeker of a lead (GDPR), from all leads and everywhere"""
    return _describe_all(context, erase(context.sandbox, _lead(context).seeker))


def erase_seeker(context: Context) -> Any:
    """Erase a seeker (GDPR), from all leads and everywhere"""
    text = context.params["seeker"]
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise not_found(f"There is no person {text[:100]!r}; the id of a lead's seeker is a number.")
    try:
        return _describe_all(context, erase(context.sandbox, int(text)))
    except ChangeRefused as error:
        raise not_found(str(error)) from None


def _lead(context: Context) -> Enquiry:
    try:
        return find_lead(context.sandbox, lead_ids_of(context.services.providers), context.params["lead"])
    except ChangeRefused as error:
        raise not_found(str(error)) from None


def _describe(context: Context, lead: Enquiry) -> LeadSchema:
    return describe(context.sandbox, lead_ids_of(context.services.providers), lead)


def _describe_all(context: Context, leads: list[Enquiry]) -> dict[str, Any]:
    return {"leads": [_describe(context, lead) for lead in leads]}
