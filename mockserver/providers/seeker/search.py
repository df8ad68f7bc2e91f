"""`GET /leads` takes a period and returns a page of leads and the way to the next one (dossier seeker §4)."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.customer_leads import end_of_period, leads_in_period
from mockserver.provider_api.pages import encode_page
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
    place = read_start(call, text) if (text := call.params.get("start")) else None
    size = call.page_size(call.params["limit"])
    keys = call.first("keys", size + 1, lambda last: _keys(call, first, end, last[:2] if last else place))
    if not keys and call.variant("empty-period") == "not-found" and next(_keys(call, first, end), None) is None:
        raise not_found("There is no lead in this period.")
    until = end_of_period(call, first, end)
    chosen, more = keys[:size], len(keys) > size
    start = write_start(chosen[-1]) if more else None
    status = 206 if more and call.variant("more-pages") != "ok" else 200
    if call.variant("pagination") == "generic":
        return Reply(_generic(call, chosen, start), status, until=until)
    page = encode_page(call, Kind.ENQUIRY, [id for _, _, id in chosen], lead, _envelope(call, len(chosen), start))
    return Reply(page, status, until=until)


def _keys(call: Call, first: Epoch, end: Epoch, place: tuple[Epoch, str] | None = None) -> Iterator[IngestionKey]:
    """Yields the keys of the leads of a period in the order of ingestion, from behind a place on."""
    begin, last = place or (first, "")
    context, store = call.view_context, call.store
    for moment, keys in groupby(leads_in_period(call, max(first, begin), end), key=lambda key: key[0]):
        leads = (entity for _, id in keys if isinstance(entity := store.get(Kind.ENQUIRY, id), Enquiry))
        for uuid, id in sorted((entity.uuid, entity.id) for entity in leads if category_of(entity, context)):
            if moment > begin or uuid > last:
                yield moment, uuid, id


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
