"""How a judge of clients reads Apimo's calls: what was asked for, what was got, what was written (dossier apimo §3)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

from mockserver.domain import Enquiry
from mockserver.provider_api.judge_adapter import (
    Contact,
    JudgeAdapter,
    PageRequest,
    SeenLead,
    SeenPage,
    VariantChoices,
    Write,
)
from mockserver.provider_api.retention import is_unexpired
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

_MOST = 10_000
"""The documented maximum of `limit`, and its default (seed 000)."""
_LIST = re.compile(r"/agencies/(\d{1,18})/leads/?")
_ONE = re.compile(r"/agencies/\d{1,18}/leads/(\d{1,18})/?")
_WHOLE = re.compile(r" *(\d{1,18})(?:\.0+)? *", re.ASCII)
"""As the road reads whole numbers in a query."""


def _ask(entry: Entry, readings: VariantChoices) -> PageRequest | None:
    """A list of leads; one with a parameter that is refused asks for nothing."""
    path = _LIST.fullmatch(unquote(entry.path))
    if entry.operation != "listLeads" or entry.method != "GET" or path is None:
        return None
    given = {name: text for name, text in _parameters(entry).items() if text.strip()}
    read = {name: _whole(given[name]) for name in ("limit", "offset", "timestamp") if name in given}
    limit, offset, since = read.get("limit", _MOST), read.get("offset", 0), read.get("timestamp")
    if None in read.values() or not limit:
        return None
    if since is not None and readings["timestamp-bound"] == "exclusive":
        since += 1
    return PageRequest(f"leads of agency {int(path[1])}", since, None, str(offset or ""), min(limit, _MOST))


def _parameters(entry: Entry) -> Mapping[str, str]:
    """By name, of one that is repeated the last; without a query those of the body, where old clients wrote them."""
    if entry.query or not entry.request:
        return {name: texts[-1] for name, texts in parse_qs(entry.query, keep_blank_values=True).items()}
    body = _json(entry.request)
    return {name: str(value) for name, value in body.items() if value is not None} if isinstance(body, dict) else {}


def _whole(text: str) -> int | None:
    found = _WHOLE.fullmatch(text)
    return int(found[1]) if found else None


def _read(entry: Entry, readings: VariantChoices) -> SeenPage | None:
    asked, fault = _ask(entry, readings), entry.fault
    if asked is None or entry.status != 200 or (fault is not None and not fault["in_contract"]):
        return None
    body = _json(entry.reply)
    leads = body.get("leads") if isinstance(body, dict) else None
    if not isinstance(leads, list):
        return None
    items, total = tuple(_item(lead) for lead in leads), body.get("total_items")
    if asked.since is not None and readings["total-items"] == "all":
        total = None  # it counts another list than this one
    # By different leads: a fault may have shown one of them twice.
    shown = len({item.id for item in items})
    end = int(asked.place or 0) + shown
    # Where nothing says how many there are, a full page may be followed by more, and a client must look.
    follows = shown > 0 and (shown >= asked.limit if total is None else end < total)
    return SeenPage(items, str(end) if follows else None, total)


def _json(text: str) -> Any:
    """None for what is no JSON, or not all of it."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _item(lead: Any) -> SeenLead:
    names = (lead.get("firstname"), lead.get("lastname"))
    contact = Contact(
        email=lead.get("email") or "",
        phones=tuple(number for number in (lead.get("phone"), lead.get("mobile")) if number),
        name=" ".join(name for name in names if name),
        message=lead.get("message") or "",
    )
    parent = lead.get("parent")
    return SeenLead(str(lead["id"]), contact, None if parent is None else str(parent), lead)


def _in_feed(enquiry: Enquiry, feed: str, sandbox: Sandbox) -> bool:
    """Leads of the agency, while it is open to an account, until their retention is over."""
    is_open = any(enquiry.agency in account.agencies for account in sandbox.accounts["apimo"].values())
    return is_open and feed == f"leads of agency {enquiry.agency}" and is_unexpired(enquiry, sandbox.clock.now())


def _environment(urls: Mapping[str, str], credentials: Mapping[str, Any], agency: int) -> Mapping[str, str]:
    return {
        "APIMO_BASE_URL": urls["apimo"],
        "APIMO_PROVIDER": str(credentials["provider"]),
        "APIMO_TOKEN": str(credentials["token"]),
        "APIMO_AGENCY_ID": str(agency),
    }


def _reference(entry: Entry) -> str | None:
    body = _json(entry.request)
    reference = body.get("reference") if isinstance(body, dict) else None
    return None if reference is None else str(reference)


def _target(entry: Entry) -> str | None:
    path = _ONE.fullmatch(unquote(entry.path))
    return str(int(path[1])) if path else None


JUDGE_ADAPTER = JudgeAdapter(
    ordered_by="updated",
    uses_offsets=True,
    read_page_request=_ask,
    read_page=_read,
    read_details=lambda entry, readings: (),  # writes answer an id and two moments, nothing else shows a lead
    read_lead=_item,
    is_listed=_in_feed,
    environment=_environment,
    writes={
        "createLead": Write(creates=True, reference=_reference),
        "updateLead": Write(creates=False, target=_target),
    },
)
