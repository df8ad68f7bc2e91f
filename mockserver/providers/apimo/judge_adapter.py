"""Reads Apimo's calls for the judge of clients: pages, leads and writes (dossier apimo §3)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

from mockserver.domain import Enquiry
from mockserver.provider_api.judge_adapter import (
    Contact,
    JudgeAdapter,
    PageRequest,
    SeenLead,
    SeenPage,
    VariantChoices,
    Write,
    is_granted,
)
from mockserver.provider_api.recorded_json import json_object, members
from mockserver.provider_api.retention import is_unexpired
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

_MAX_LIMIT = 10_000
"""The documented maximum of `limit`, and its default (seed 000)."""
_LIST = re.compile(r"/agencies/(\d{1,18})/leads/?")
_ONE = re.compile(r"/agencies/\d{1,18}/leads/(\d{1,18})/?")
_WHOLE = re.compile(r" *(\d{1,18})(?:\.0+)? *", re.ASCII)
"""A whole number in a query, as the request pipeline reads it."""


def read_page_request(entry: Entry, readings: VariantChoices) -> PageRequest | None:
    """Reads a call of the list of leads; one with a parameter that is refused asks for nothing."""
    if entry.operation != "listLeads" or entry.method != "GET":
        return None
    # Without a query the parameters are those of the body, as old clients send them.
    body = "" if entry.query else entry.request
    return _page_request(entry.path, entry.query, body, readings["timestamp-bound"] == "exclusive")


@lru_cache(maxsize=16)
def _page_request(path: str, query: str, body: str, is_exclusive: bool) -> PageRequest | None:
    match = _LIST.fullmatch(unquote(path))
    if match is None:
        return None
    texts = {name: text for name, text in _parameters(query, body).items() if text.strip()}
    numbers = {name: _whole(texts[name]) for name in ("limit", "offset", "timestamp") if name in texts}
    limit, offset, since = numbers.get("limit", _MAX_LIMIT), numbers.get("offset", 0), numbers.get("timestamp")
    if None in numbers.values() or not limit:
        return None
    if since is not None and is_exclusive:
        since += 1
    return PageRequest(f"leads of agency {int(match[1])}", since, None, str(offset or ""), min(limit, _MAX_LIMIT))


def _parameters(query: str, body: str) -> Mapping[str, str]:
    """Returns parameters by name, the last of repeated ones."""
    if query or not body:
        return {name: texts[-1] for name, texts in parse_qs(query, keep_blank_values=True).items()}
    if not body.lstrip().startswith("{"):
        return _parameters(body, "")
    sent = json_object(body) or {}
    return {name: str(value) for name, value in sent.items() if isinstance(value, str | int | float)}


def _whole(text: str) -> int | None:
    match = _WHOLE.fullmatch(text)
    return int(match[1]) if match else None


def read_page(entry: Entry, readings: VariantChoices) -> SeenPage | None:
    """Reads a page of the list of leads; None for one that is not whole and in contract."""
    request, fault = read_page_request(entry, readings), entry.fault
    if request is None or entry.status != 200 or (fault is not None and not fault["in_contract"]):
        return None
    items = _items(entry.reply)
    if items is None:
        return None
    total = members(json_object(entry.reply)).get("total_items")
    if request.since is not None and readings["total-items"] == "all":
        total = None  # it counts another list than this one
    # Counted by id: a fault may have shown a lead twice.
    count = len({item.id for item in items})
    end = int(request.place or 0) + count
    # Where nothing says how many there are, a full page may be followed by more, and a client must look.
    follows = count > 0 and (count >= request.limit if total is None else end < total)
    return SeenPage(items, str(end) if follows else None, total)


@lru_cache(maxsize=16)
def _items(reply: str) -> tuple[SeenLead, ...] | None:
    """Reads the leads of a page; None when there is no list of leads."""
    leads = members(json_object(reply)).get("leads")
    return tuple(map(read_lead, leads)) if isinstance(leads, list) else None


def read_lead(lead: Any) -> SeenLead:
    """Reads a lead in Apimo's JSON."""
    names = (lead.get("firstname"), lead.get("lastname"))
    contact = Contact(
        email=lead.get("email") or "",
        phones=tuple(number for number in (lead.get("phone"), lead.get("mobile")) if number),
        name=" ".join(name for name in names if name),
        message=lead.get("message") or "",
    )
    parent = lead.get("parent")
    return SeenLead(str(lead["id"]), contact, None if parent is None else str(parent), lead)


def is_listed(enquiry: Enquiry, feed: str, sandbox: Sandbox) -> bool:
    """Tells whether it is a lead of the list's agency, which is open to an account, and its retention is not over."""
    is_open = is_granted(enquiry, "apimo", sandbox)
    return is_open and feed == f"leads of agency {enquiry.agency}" and is_unexpired(enquiry, sandbox.clock.now())


def environment(urls: Mapping[str, str], credentials: Mapping[str, Any], agency: int) -> Mapping[str, str]:
    """Returns the variables that configure a client of Apimo."""
    return {
        "APIMO_BASE_URL": urls["apimo"],
        "APIMO_PROVIDER": str(credentials["provider"]),
        "APIMO_TOKEN": str(credentials["token"]),
        "APIMO_AGENCY_ID": str(agency),
    }


def _reference(entry: Entry) -> str | None:
    reference = members(json_object(entry.request)).get("reference")
    return str(reference) if isinstance(reference, str | int | float) else None


def _target(entry: Entry) -> str | None:
    path = _ONE.fullmatch(unquote(entry.path))
    return str(int(path[1])) if path else None


JUDGE_ADAPTER = JudgeAdapter(
    ordered_by="updated",
    uses_offsets=True,
    read_page_request=read_page_request,
    read_page=read_page,
    read_details=lambda entry, readings: (),  # writes answer an id and two moments, nothing else shows a lead
    read_lead=read_lead,
    is_listed=is_listed,
    environment=environment,
    lists_of=lambda agency: (f"leads of agency {agency}",),
    writes={
        "createLead": Write(creates=True, reference=_reference),
        "updateLead": Write(creates=False, target=_target),
    },
)
