"""`GET /leads`: a period in, a page of leads of all categories and the way to the next one out (dossier seeker §4)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.pages import encode_page
from mockserver.providers.seeker.addresses import address
from mockserver.providers.seeker.cursor import Key, read_start, write_start
from mockserver.providers.seeker.leads import lead
from mockserver.providers.seeker.wire import category_of

LONGEST = 7 * 86_400
"""Seconds of a period."""


def get_leads(call: Call) -> Reply:
    """The leads of a period, oldest first. A period without any is 404, or a page without items under the variant."""
    keys = _in_period(call, _all(call))
    if not keys and call.variant("empty-period") == "not-found":
        raise not_found("There is no lead in this period.")
    if text := call.params.get("start"):
        keys = keys[bisect_right(keys, (*read_start(call, text), 1 << 62)) :]
    limit: int = call.params["limit"]
    chosen, more = keys[:limit], len(keys) > limit
    start = write_start(chosen[-1]) if more else None
    status = 206 if more and call.variant("more-pages") != "ok" else 200
    if call.variant("pagination") == "generic":
        return Reply(_generic(call, chosen, start), status)
    page = encode_page(call, Kind.ENQUIRY, [id for _, _, id in chosen], lead, _envelope(call, len(chosen), start))
    return Reply(page, status)


def _all(call: Call) -> list[Key]:
    """All leads of the customer, in the order of ingestion."""
    agencies = sorted(call.authenticated_account.agencies)
    estimations = call.variant("estimations")
    return call.store.derived(f"seeker/keys/{agencies}/{estimations}", lambda: sorted(_keys(call, agencies)))


def _keys(call: Call, agencies: Sequence[int]) -> list[Key]:
    store, context = call.store, call.view_context
    entities = (store.get(Kind.ENQUIRY, id) for agency in agencies for id in store.ids(Kind.ENQUIRY, agency))
    leads = (entity for entity in entities if isinstance(entity, Enquiry) and category_of(entity, context))
    return [(enquiry.created_at, enquiry.uuid, enquiry.id) for enquiry in leads]


def _in_period(call: Call, keys: Sequence[Key]) -> Sequence[Key]:
    """Those of the period that are still kept."""
    first, last = _period(call)
    oldest: Epoch = call.now - Enquiry.RETENTION + 1
    end = last + 1 if call.variant("date-bounds") == "inclusive" else last
    return keys[bisect_left(keys, (max(first, oldest),)) : bisect_left(keys, (end,))]


def _period(call: Call) -> tuple[Epoch, Epoch]:
    first: Epoch = call.params["minDate"]
    last: Epoch = call.params["maxDate"]
    if first > last:
        raise _refused("minDate", f"`minDate` is {first}, after `maxDate` {last}")
    if last - first > LONGEST:
        raise _refused("maxDate", f"the period has {last - first} seconds; {LONGEST}, 7 days, are the most")
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
    asked = {name: call.params[name] for name in ("minDate", "maxDate", "limit")}
    return urlencode({**asked, **({"start": start} if start else {})})


def _generic(call: Call, chosen: Sequence[Key], start: str | None) -> dict[str, Any]:
    """The envelope of the page of the portal that contradicts the schemas."""
    entities = [call.store.get(Kind.ENQUIRY, id) for _, _, id in chosen]
    context = call.view_context
    shown = [lead(entity, context) for entity in entities if isinstance(entity, Enquiry)]
    return {"data": shown, "pagination": {**({"nextCursor": start} if start else {}), "hasMore": start is not None}}
