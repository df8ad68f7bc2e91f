"""What the judge of clients knows of GSL: how its searches are read, and why a client owes it what."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.domain import Category, Enquiry, Kind
from mockserver.foundation.clock import LAST_SECOND
from mockserver.provider_api.judge_adapter import (
    Contact,
    JudgeAdapter,
    PageRequest,
    SeenLead,
    SeenPage,
    VariantChoices,
    was_complete,
    was_refused,
)
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
"""What each list shows, but for those of one listing."""
_FEEDS = {
    "searchLeads": _CLASSIFIED,
    "searchClassifiedLeads": _CLASSIFIED,
    "searchAgencyLeads": "agency leads",
    "searchEstimationLeads": "estimation leads",
    "searchProjectLeads": "project leads",
}
_BY_LISTING = "searchLeadsByClassified"
_DETAIL = "getLeadById"
_NUMBER = re.compile(r"/(\d+)(?=/|$)")


def ask(entry: Entry, readings: VariantChoices) -> PageRequest | None:
    """See `JudgeAdapter.ask`. Leads are of whole seconds, and so are the bounds here: both are in the period."""
    feed = _feed(entry, readings)
    body = _object(entry.request or "{}")
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
    criteria = _members(body.get("SearchCriteria"))
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
    """The first and the last second that are asked for, rounded as the search itself rounds."""
    scale = 1000 if readings["date-unit"] == "milliseconds" else 1
    last = end // scale if readings["date-bounds"] == "inclusive" else -(-end // scale) - 1
    return float(min(-(-start // scale), LAST_SECOND)), float(min(last, LAST_SECOND))


def read(entry: Entry, readings: VariantChoices) -> SeenPage | None:
    """See `JudgeAdapter.read`."""
    body = _object(entry.reply) if was_complete(entry) else None
    if entry.status == 404 and entry.operation in _FEEDS and readings["empty-result"] == "not-found":
        refused = was_refused(entry)
        return None if body is None or refused else SeenPage((), None)
    if body is None or entry.status != 200:
        return None
    data = _members(body.get("Data"))
    found = _items(data.get("Items"))
    if found is None:
        return None
    total = _whole(body.get("Count")) if readings["count"] == "total" else None
    return SeenPage(found, data.get("LastItemKey") or None, total)


def _items(found: Any) -> tuple[SeenLead, ...] | None:
    """The leads of a page; None when it is no list of leads."""
    if not isinstance(found, list):
        return None
    items = tuple(item(lead) for lead in found if _is_lead(lead))
    return items if len(items) == len(found) else None


def details(entry: Entry, readings: VariantChoices) -> tuple[SeenLead, ...]:
    """See `JudgeAdapter.details`."""
    if entry.operation != _DETAIL or entry.status != 200 or not was_complete(entry):
        return ()
    lead = _object(entry.reply)
    return (item(lead),) if _is_lead(lead) else ()


def item(lead: Any) -> SeenLead:
    """See `JudgeAdapter.item`. A project has what tells who somebody is one object deeper than the other categories."""
    said = _members(lead.get("contactRequest"))
    person = _members(said.get("personContact")) or said
    phone = _text(person.get("phoneNumber"))
    contact = Contact(
        email=_text(person.get("email")),
        phones=(phone,) if phone else (),
        name=_text(person.get("fullName")),
        message=_text(said.get("message")),
    )
    return SeenLead(str(lead["leadMetaInfos"]["leadId"]), contact, raw=lead)


def in_feed(enquiry: Enquiry, feed: str, sandbox: Sandbox) -> bool:
    """See `JudgeAdapter.in_feed`."""
    if not any(enquiry.agency in account.agencies for account in sandbox.accounts["gsl"].values()):
        return False
    if not feed.startswith(_LISTING):
        return enquiry.category in _CATEGORIES.get(feed, ())
    number = int(feed.removeprefix(_LISTING))
    estate = sandbox.store.find(Kind.ESTATE, enquiry.agency, "classified_number", number)
    return enquiry.category is Category.CLASSIFIED and estate is not None and estate.id == enquiry.estate


def environment(urls: Mapping[str, str], credentials: Mapping[str, Any], agency: int) -> dict[str, str]:
    """See `JudgeAdapter.environment`. An account of GSL is that of a customer; no call names an agency."""
    return {
        "GSL_BASE_URL": urls["gsl"],
        "GSL_TOKEN_URL": urls["gsl_token_url"],
        "GSL_CLIENT_ID": str(credentials["client_id"]),
        "GSL_CLIENT_SECRET": str(credentials["client_secret"]),
        "GSL_SCOPE": str(credentials.get("scope") or SCOPE),
    }


def _object(text: str) -> dict[str, Any] | None:
    """A whole JSON object; None for anything else."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _members(value: Any) -> dict[str, Any]:
    """Those of an object; none of anything else."""
    return value if isinstance(value, dict) else {}


def _is_lead(value: Any) -> bool:
    return isinstance(_members(_members(value).get("leadMetaInfos")).get("leadId"), str)


def _whole(value: Any) -> int | None:
    """A whole number, 10.0 too; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return None
    return int(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


JUDGE_ADAPTER = JudgeAdapter(
    ordered_by="created",
    uses_offsets=False,
    read_page_request=ask,
    read_page=read,
    read_details=details,
    read_lead=item,
    is_listed=in_feed,
    environment=environment,
    token_operation="issueToken",
    token_needs="scope",
    detail_operation=_DETAIL,
)
