"""Reads GSL's searches and leads for the judge of clients."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mockserver.domain import Category, Enquiry, Kind
from mockserver.provider_api.auth.client_credentials import JWKS_OPERATION, TOKEN_OPERATION
from mockserver.provider_api.judge_adapter import (
    Contact,
    JudgeAdapter,
    PageRequest,
    SeenLead,
    SeenPage,
    VariantChoices,
    is_granted,
    was_complete,
    was_refused,
)
from mockserver.provider_api.recorded_json import json_object, members, text_of
from mockserver.providers.gsl.auth import SCOPE
from mockserver.providers.gsl.search import DEFAULT_LIMIT
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

_CLASSIFIED, _EVERY, _LISTING = "classified leads", "leads of every category", "leads of listing "
_CATEGORIES: Mapping[str, tuple[Category, ...]] = {
    _CLASSIFIED: (Category.CLASSIFIED,),
    "agency leads": (Category.AGENCY,),
    "estimation leads": (Category.ESTIMATION,),
    "project leads": (Category.PROPERTY_SEARCH,),
    _EVERY: tuple(Category),
}
"""The categories that each list shows, but for those of one listing."""
_LISTS = tuple(feed for feed in _CATEGORIES if feed != _EVERY)
_FEEDS = {
    "searchLeads": _CLASSIFIED,
    "searchClassifiedLeads": _CLASSIFIED,
    "searchAgencyLeads": "agency leads",
    "searchEstimationLeads": "estimation leads",
    "searchProjectLeads": "project leads",
}
_FURTHEST = 99_999_999_999_999
"""The bound of the contract, in whatever unit."""
_BY_LISTING = "searchLeadsByClassified"
_DETAIL = "getLeadById"
_NUMBER = re.compile(r"/(\d{1,18})(?=/|$)", re.ASCII)


def read_page_request(entry: Entry, readings: VariantChoices) -> PageRequest | None:
    """Reads a search as a request for a page; leads and bounds are whole seconds, and both bounds are in the period."""
    feed = _feed(entry, readings)
    body = json_object(entry.request or "{}")
    if feed is None or body is None:
        return None
    pagination = body.get("Pagination") or {}
    if not isinstance(pagination, dict):
        return None
    place, limit = pagination.get("LastItemKey") or "", _whole(pagination.get("Limit", DEFAULT_LIMIT))
    if not isinstance(place, str) or limit is None:
        return None
    if entry.operation == _BY_LISTING:
        return PageRequest(feed, None, None, place, limit)
    criteria = members(body.get("SearchCriteria"))
    start, end = _whole(criteria.get("StartDate")), _whole(criteria.get("EndDate"))
    if start is None or end is None:
        return None
    since, until = _period(start, end, readings)
    return PageRequest(feed, since, until, place, limit)


def _feed(entry: Entry, readings: VariantChoices) -> str | None:
    if entry.operation == _BY_LISTING:
        numbers: list[str] = _NUMBER.findall(entry.path)
        return f"{_LISTING}{int(numbers[-1])}" if numbers else None
    if entry.operation == "searchLeads" and readings["search-leads"] == "all":
        return _EVERY
    return _FEEDS.get(entry.operation)


def _period(start: int, end: int, readings: VariantChoices) -> tuple[float, float]:
    """Returns the first and the last second that are asked for, rounded as the search itself rounds."""
    scale = 1000 if readings["date-unit"] == "milliseconds" else 1
    last = end // scale if readings["date-bounds"] == "inclusive" else -(-end // scale) - 1
    return float(min(-(-start // scale), _FURTHEST)), float(min(last, _FURTHEST))


def read_page(entry: Entry, readings: VariantChoices) -> SeenPage | None:
    """Reads the answer to a search as a page; None for one that is not whole and in contract."""
    body = json_object(entry.reply) if was_complete(entry) else None
    if entry.status == 404 and entry.operation in _FEEDS and readings["empty-result"] == "not-found":
        return None if body is None or was_refused(entry) else SeenPage((), None)
    if body is None or entry.status != 200:
        return None
    data = members(body.get("Data"))
    items = _items(entry.reply)
    if items is None:
        return None
    total = _whole(body.get("Count")) if readings["count"] == "total" else None
    return SeenPage(items, data.get("LastItemKey") or None, total)


@lru_cache(maxsize=16)
def _items(reply: str) -> tuple[SeenLead, ...] | None:
    """Reads the leads of a page; None when there is no list of leads."""
    leads = members(members(json_object(reply)).get("Data")).get("Items")
    if not isinstance(leads, list) or not all(map(_is_lead, leads)):
        return None
    return tuple(map(read_lead, leads))


def read_details(entry: Entry, readings: VariantChoices) -> tuple[SeenLead, ...]:
    """Reads the lead of an answer to a call by its id."""
    if entry.operation != _DETAIL or entry.status != 200 or not was_complete(entry):
        return ()
    lead = json_object(entry.reply)
    return (read_lead(lead),) if _is_lead(lead) else ()


def read_lead(lead: Any) -> SeenLead:
    """Reads a lead in GSL's JSON. In a project the person is one object deeper than in the other categories."""
    request = members(lead.get("contactRequest"))
    person = members(request.get("personContact")) or request
    phone = text_of(person.get("phoneNumber"))
    contact = Contact(
        email=text_of(person.get("email")),
        phones=(phone,) if phone else (),
        name=text_of(person.get("fullName")),
        message=text_of(request.get("message")),
    )
    return SeenLead(str(lead["leadMetaInfos"]["leadId"]), contact, raw=lead)


def is_listed(enquiry: Enquiry, feed: str, sandbox: Sandbox) -> bool:
    """Tells whether a search with open bounds finds the lead."""
    if not is_granted(enquiry, "gsl", sandbox):
        return False
    if not feed.startswith(_LISTING):
        return enquiry.category in _CATEGORIES.get(feed, ())
    number = int(feed.removeprefix(_LISTING))
    estate = sandbox.store.find(Kind.ESTATE, enquiry.agency, "classified_number", number)
    return enquiry.category is Category.CLASSIFIED and estate is not None and estate.id == enquiry.estate


def environment(urls: Mapping[str, str], credentials: Mapping[str, Any], agency: int) -> dict[str, str]:
    """Returns the variables that configure a client. An account is that of a customer; no call names an agency."""
    return {
        "GSL_BASE_URL": urls["gsl"],
        "GSL_TOKEN_URL": urls["gsl_token_url"],
        "GSL_CLIENT_ID": str(credentials["client_id"]),
        "GSL_CLIENT_SECRET": str(credentials["client_secret"]),
        "GSL_SCOPE": str(credentials.get("scope") or SCOPE),
    }


def _is_lead(value: Any) -> bool:
    return isinstance(members(members(value).get("leadMetaInfos")).get("leadId"), str)


def _whole(value: Any) -> int | None:
    """Returns a whole number, also for 10.0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return None
    return int(value)


JUDGE_ADAPTER = JudgeAdapter(
    ordered_by="created",
    uses_offsets=False,
    read_page_request=read_page_request,
    read_page=read_page,
    read_details=read_details,
    read_lead=read_lead,
    is_listed=is_listed,
    environment=environment,
    lists_of=lambda agency: _LISTS,
    partial_list="searchLeads",
    ends_before_bound=lambda readings: readings["date-bounds"] != "inclusive",
    token_operation=TOKEN_OPERATION,
    keys_operation=JWKS_OPERATION,
    token_needs="scope",
    detail_operation=_DETAIL,
)
