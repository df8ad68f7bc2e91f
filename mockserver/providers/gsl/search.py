"""GSL's searches: a window of dates in, a page of leads and a cursor out (seed 002, dossier gsl §5)."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.domain import Category, Kind
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.cursors import CursorRefused, read_cursor, write_cursor
from mockserver.provider_api.customer_leads import count_in_period, end_of_period, leads_in_period
from mockserver.provider_api.pages import encode_page
from mockserver.providers.gsl.leads import lead
from mockserver.providers.gsl.unknown_members import add_unknown_members
from mockserver.sandbox.store.sequences import CreationKey

_MILLISECONDS = 100_000_000_000
"""From here on a number of seconds would lie after the year 5000, and one of milliseconds after 1973."""

DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was asked for: `first` ≤ created < `end` in epoch seconds, and how to page through it."""

    first: Epoch
    end: Epoch
    limit: int
    descending: bool
    cursor: str

    def text(self, about: str) -> str:
        """Returns the query that a cursor is tied to: everything but the cursor itself and the size of the page."""
        return f"{about}/{self.first}/{self.end}/{self.descending}"


def search(call: Call, categories: Sequence[Category], *, estate: int | None = None) -> Reply:
    """Returns a page of the customer's leads of those categories; `estate` narrows to the leads of one listing."""
    query = _read(call)
    about = query.text(f"{','.join(categories)}/{estate}")
    place = _read_cursor(call, about, query.cursor) if query.cursor else None
    size = call.page_size(query.limit)
    listed = call.first("keys", size + 1, lambda last: _keys(call, query, categories, estate, last or place))
    if call.variant("empty-result") == "not-found" and next(_keys(call, query, categories, estate), None) is None:
        raise not_found("There is no lead in this period.")
    chosen = listed[:size]
    cursor = write_cursor(call, about, chosen[-1]) if len(listed) > size else None
    total = len(chosen)
    if call.variant("count") == "total":
        total = count_in_period(call, categories, query.first, query.end, estate=estate)
    page = encode_page(call, Kind.ENQUIRY, [id for _, id in chosen], lead, _envelope(call, total, cursor))
    return Reply(page, until=end_of_period(call, query.first, query.end))


def _envelope(call: Call, count: int, cursor: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if cursor is not None:
        data["LastItemKey"] = cursor
    elif call.variant("last-item-key") != "absent":
        data["LastItemKey"] = None if call.variant("last-item-key") == "null" else ""
    envelope: dict[str, Any] = add_unknown_members({"Data": data, "Count": count}, call.variant("additional-members"))
    return envelope


def _read(call: Call) -> Query:
    body = call.body or {}
    pagination = body.get("Pagination") or {}
    # The leads of one listing have no window; criteria that are sent all the same are passed over like any member
    # that the contract does not name.
    spec = call.operation.body
    windowed = spec is not None and "SearchCriteria" in spec.members.names
    first, end = _period(call, body["SearchCriteria"]) if windowed else (0, 1 << 62)
    return Query(
        first,
        end,
        int(pagination.get("Limit", DEFAULT_LIMIT)),  # 10.0 is a whole number too
        pagination.get("Order", "asc") == "desc",
        pagination.get("LastItemKey") or "",
    )


def _period(call: Call, criteria: dict[str, Any]) -> tuple[Epoch, Epoch]:
    """Returns the first second of the window and the first one behind it."""
    start, end = criteria["StartDate"], criteria["EndDate"]
    if start > end:
        message = f"`StartDate` is {start}, after `EndDate` {end}"
        raise invalid([Violation("body", "/SearchCriteria/StartDate", "order", message)])
    unit = call.variant("date-unit")
    for name, value in (("StartDate", start), ("EndDate", end)):
        if value and (value >= _MILLISECONDS) is not (unit == "milliseconds"):
            other = "milliseconds" if unit == "seconds" else "seconds"
            call.notes.append(f"{name} {value} can only be {other}; it was read as {unit} (variant gsl.date-unit)")
    scale = 1000 if unit == "milliseconds" else 1
    closes = 1 if call.variant("date-bounds") == "inclusive" else 0
    # Leads are created at whole seconds, so the window is rounded up to the next one at both ends.
    return -(-int(start) // scale), (int(end) // scale + 1 if closes else -(-int(end) // scale))


def _keys(
    call: Call, query: Query, categories: Sequence[Category], estate: int | None, place: tuple[int, ...] | None = None
) -> Iterator[CreationKey]:
    """Yields the keys of the leads that fit, in the order that was asked for, from behind a place on."""
    store, first, end = call.store, query.first, query.end
    if place is not None:
        first, end = (first, min(end, place[0] + 1)) if query.descending else (max(first, place[0]), end)
    for key in leads_in_period(call, first, end, descending=query.descending, estate=estate):
        is_behind = place is None or (key < place if query.descending else key > place)
        if is_behind and store.category(key[1]) in categories:
            yield key


def _read_cursor(call: Call, query: str, text: str) -> tuple[int, ...]:
    try:
        return read_cursor(call, query, text)
    except CursorRefused as error:
        message = f"`LastItemKey` {error}"
        raise invalid([Violation("body", "/Pagination/LastItemKey", "cursor", message)]) from None
