"""`GET /leads` takes a period and returns a page of leads and the way to the next one (dossier seeker §4)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.customer_leads import after, end_of_period, in_period, lead_keys
from mockserver.provider_api.pages import encode_page
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.seeker.addresses import address
from mockserver.providers.seeker.cursor import IngestionKey, read_start, write_start
from mockserver.providers.seeker.leads import lead
from mockserver.providers.seeker.wire import category_of

MAX_PERIOD = 7 * 86_400
"""Seconds."""


def get_leads(call: Call) -> Reply:
    """The leads of a period, oldest first. A period without any is 404, or a page without items under the variant."""
    first, last = _period(call)
    end = last + 1 if call.variant("date-bounds") == "inclusive" else last
    keys = in_period(_keys(call), first, end, call.now)
    until = end_of_period(keys)
    if not keys and call.variant("empty-period") == "not-found":
        raise not_found("There is no lead in this period.")
    if text := call.params.get("start"):
        keys = after(keys, read_start(call, text))
    size = call.page_size(call.params["limit"])
    chosen, more = keys[:size], len(keys) > size
    start = write_start(chosen[-1]) if more else None
    status = 206 if more and call.variant("more-pages") != "ok" else 200
    if call.variant("pagination") == "generic":
        return Reply(_generic(call, chosen, start), status, until=until)
    page = encode_page(call, Kind.ENQUIRY, [id for _, _, id in chosen], lead, _envelope(call, len(chosen), start))
    return Reply(page, status, until=until)


def _keys(call: Call) -> Sequence[IngestionKey]:
    """Returns all leads of the customer, in the order of ingestion."""
    return lead_keys(call, call.variant("estimations"), _key_of)


def _key_of(enquiry: Enquiry, context: ViewContext) -> IngestionKey | None:
    return (enquiry.created_at, enquiry.uuid, enquiry.id) if category_of(enquiry, context) else None


def _period(call: Call) -> tuple[Epoch, Epoch]:
    first: Epoch = call.params["minDate"]
    last: Epoch = call.params["maxDate"]
    if first > last:
        raise _refused("minDate", f"`minDate` is {first}, after `maxDate` {last}")
    if last - first > MAX_PERIOD:
        raise _refused("maxDate", f"the period has {last - first} seconds; {MAX_PERIOD}, 7 days, are the most")
    return first, last


def _refused(name: str, message: str) -> Exception:
    return invalid([Violation("query", f"/{name}", "period", message)])


def _envelope(call: Call, count: int, start: str | None) -> dict[str, Any]:
    counted = call.variant("result-metadata") == "counted"
    links = {"self": f"{address(call)}?{_query(call, call.params.get('start'))}"}
    if start and call.variant("more-pages") != "partial-without-link":
        links["next"] = f"{address(call)}?{_query(call, start)}"
    return {"metadata": {"count": count, "limit": call.params["limit"]} if counted else {}, "links": links}


def _query(call: Call, start: str | None) -> str:
    query = {name: call.params[name] for name in ("minDate", "maxDate", "limit")}
    return urlencode({**query, **({"start": start} if start else {})})


def _generic(call: Call, chosen: Sequence[IngestionKey], start: str | None) -> dict[str, Any]:
    """The envelope of the page of the portal that contradicts the schemas."""
    entities = [call.store.get(Kind.ENQUIRY, id) for _, _, id in chosen]
    context = call.view_context
    leads = [lead(entity, context) for entity in entities if isinstance(entity, Enquiry)]
    return {"data": leads, "pagination": {**({"nextCursor": start} if start else {}), "hasMore": start is not None}}
