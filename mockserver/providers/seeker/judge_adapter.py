"""Reads the list and the leads of Seeker Leads for the judge of clients."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mockserver.domain import Category, Enquiry
from mockserver.provider_api.auth.client_credentials import JWKS_OPERATION, TOKEN_OPERATION
from mockserver.provider_api.judge_adapter import (
    Contact,
    JudgeAdapter,
    PageRequest,
    SeenLead,
    SeenPage,
    VariantChoices,
    is_granted,
    was_refused,
    was_strange,
)
from mockserver.provider_api.recorded_json import json_object, members, text_of
from mockserver.provider_api.retention import is_unexpired
from mockserver.providers.seeker.auth import SCOPES
from mockserver.providers.seeker.search import MAX_PERIOD
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

FEED = "leads"
"""There is one list, of all categories and of every agency of the customer, at both addresses."""
_LIST, _DETAIL = "getLeads", "getLeadById"
_LIMIT = 20
_MAX_MOMENT = 99_999_999_999
"""The bound of the contract; a moment beyond is no moment in seconds."""


def read_page_request(entry: Entry, readings: VariantChoices) -> PageRequest | None:
    """Reads a call of the list as a page request. Moments are whole seconds, and both bounds are in the period."""
    if entry.operation != _LIST or entry.method != "GET":
        return None
    query = {name: values[0] for name, values in parse_qs(entry.query, keep_blank_values=True).items()}
    try:
        since, last, limit = (_whole(query.get(name)) for name in ("minDate", "maxDate", "limit"))
    except ValueError:
        return None
    if any(moment is not None and not 0 <= moment <= _MAX_MOMENT for moment in (since, last)):
        return None
    if last is not None and readings["date-bounds"] == "exclusive-end":
        last -= 1
    # The other document of the portal calls it `cursor`, and the fake takes both.
    place = query.get("start") or query.get("cursor") or ""
    return PageRequest(FEED, _moment(since), _moment(last), place, _LIMIT if limit is None else limit)


def read_page(entry: Entry, readings: VariantChoices) -> SeenPage | None:
    """Reads a page of the list; None for one that is not whole and in contract."""
    body = _object(entry)
    if body is None:
        return None
    if entry.status == 404:
        is_empty = readings["empty-period"] == "not-found" and not was_refused(entry)
        return SeenPage((), None) if is_empty else None
    items = _items(entry.reply, "data" if readings["pagination"] == "generic" else "items")
    if entry.status not in (200, 206) or items is None:
        return None
    return SeenPage(items, _next(entry.status, body, items, readings))


@lru_cache(maxsize=16)
def _items(reply: str, member: str) -> tuple[SeenLead, ...] | None:
    """Reads the leads of a page; None when there is no list of leads."""
    leads = members(json_object(reply)).get(member)
    return tuple(map(read_lead, leads)) if isinstance(leads, list) and all(map(_is_lead, leads)) else None


def read_details(entry: Entry, readings: VariantChoices) -> tuple[SeenLead, ...]:
    """Reads the lead of an answer to a call by its id."""
    lead = _object(entry) if entry.operation == _DETAIL and entry.status == 200 else None
    return (read_lead(lead),) if _is_lead(lead) else ()


def read_lead(lead: Any) -> SeenLead:
    """Reads a lead in the provider's JSON. A missed phone call has no contact, only its number."""
    request, call = (members(lead.get(name)) for name in ("contactRequest", "callDetails"))
    numbers = [phone.get("number") for phone in request.get("phoneNumbers") or () if isinstance(phone, dict)]
    contact = Contact(
        email=text_of(request.get("email")),
        phones=tuple(filter(None, map(text_of, [*numbers, call.get("seekerPhoneNumber")]))),
        name=" ".join(filter(None, (text_of(request.get(name)) for name in ("firstName", "lastName")))),
        message=text_of(request.get("message")),
    )
    return SeenLead(lead["metadata"]["leadId"], contact, raw=lead)


def shows(enquiry: Enquiry, sandbox: Sandbox) -> bool:
    """Tells whether the provider shows it. One reading has no category for estimations that came without a call."""
    readings = sandbox.variants["seeker"]
    called = enquiry.called and readings["call-tracking"] == "on"
    return called or enquiry.category is not Category.ESTIMATION or readings["estimations"] != "absent"


def is_listed(enquiry: Enquiry, feed: str, sandbox: Sandbox) -> bool:
    """Tells whether the list shows it. A submitted lead on its way is not in the store, so nobody asks for it."""
    opened = is_granted(enquiry, "seeker", sandbox)
    return feed == FEED and opened and shows(enquiry, sandbox) and is_unexpired(enquiry, sandbox.clock.now())


def environment(urls: Mapping[str, str], credentials: Mapping[str, Any], agency: int) -> dict[str, str]:
    """Returns the variables that configure a client.

    `SEEKER_BASE_URL` is the base URL of the API as the provider has it, `/seeker-leads/v1` included: `/leads` comes
    right behind it, and it is what an audience names. `SEEKER_AUDIENCE` is the real one: it is configured, not made
    out of the address that is called. `SEEKER_SCOPE` is for clients that name scopes. An account is that of a customer;
    no call names an agency.
    """
    return {
        "SEEKER_BASE_URL": f"{urls['seeker']}/seeker-leads/v1",
        "SEEKER_TOKEN_URL": urls["seeker_token_url"],
        "SEEKER_CLIENT_ID": str(credentials["client_id"]),
        "SEEKER_CLIENT_SECRET": str(credentials["client_secret"]),
        "SEEKER_AUDIENCE": str(credentials["audience"]),
        "SEEKER_SCOPE": str(credentials.get("scope") or " ".join(sorted(SCOPES))),
    }


def _next(status: int, body: Mapping[str, Any], items: tuple[SeenLead, ...], readings: VariantChoices) -> str | None:
    if readings["pagination"] == "generic":
        return members(body.get("pagination")).get("nextCursor") or None
    link = text_of(members(body.get("links")).get("next"))
    if link:
        return parse_qs(urlsplit(link).query).get("start", [None])[0]
    follows = status == 206 and items and readings["more-pages"] == "partial-without-link"
    return items[-1].id if follows else None


def _object(entry: Entry) -> dict[str, Any] | None:
    """Returns the answer, when it is a whole JSON object that the client got as the contract has it."""
    if entry.fault and not entry.fault["in_contract"] and not was_strange(entry):
        return None
    return json_object(entry.reply)


def _is_lead(value: Any) -> bool:
    return bool(text_of(members(members(value).get("metadata")).get("leadId")))


def _whole(text: str | None) -> int | None:
    """Returns a whole number, also for 10.0; None without a text. Raises ValueError for any other text."""
    if text is None:
        return None
    number = float(text)
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _moment(second: int | None) -> float | None:
    return None if second is None else float(second)


JUDGE_ADAPTER = JudgeAdapter(
    ordered_by="created",
    uses_offsets=False,
    read_page_request=read_page_request,
    read_page=read_page,
    read_details=read_details,
    read_lead=read_lead,
    is_listed=is_listed,
    environment=environment,
    shows=shows,
    lists_of=lambda agency: (FEED,),
    ends_before_bound=lambda readings: readings["date-bounds"] == "exclusive-end",
    token_operation=TOKEN_OPERATION,
    keys_operation=JWKS_OPERATION,
    token_needs="audience",
    detail_operation=_DETAIL,
    longest_window=MAX_PERIOD,
    subscribe_operation="createSubscription",
)
