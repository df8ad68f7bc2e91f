"""GSL's searches: a window of dates in, a page of leads and a cursor out (seed 002, dossier gsl §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.domain import Category, Enquiry, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid, not_found
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.cursors import CursorRefused, read_cursor, write_cursor
from mockserver.provider_api.customer_leads import after, end_of_period, in_period, lead_keys
from mockserver.provider_api.pages import encode_page
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.gsl.leads import lead
from mockserver.providers.gsl.unknown_members import add_unknown_members

_MILLISECONDS = 100_000_000_000
"""From here on a number of seconds would lie after the year 5000, and one of milliseconds after 1973."""

DEFAULT_LIMIT = 100

CreationKey: TypeAlias = tuple[Epoch, int]
"""The place of a lead in the order of a list: the moment of its creation, and its id."""


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
    about = f"{','.join(categories)}/{estate}"
    keys = in_period(_keys(call, categories, estate), query.first, query.end, call.now)
    total, until = len(keys), end_of_period(keys)
    if query.descending:
        keys = keys[::-1]
    if query.cursor:
        keys = _after(keys, _read_cursor(call, query.text(about), query.cursor), query.descending)
    size = call.page_size(query.limit)
    chosen, more = keys[:size], len(keys) > size
    if not total and call.variant("empty-result") == "not-found":
        raise not_found("There is no lead in this period.")
    data: dict[str, Any] = {}
    if more:
        data["LastItemKey"] = write_cursor(call, query.text(about), chosen[-1])
    elif call.variant("last-item-key") != "absent":
        data["LastItemKey"] = None if call.variant("last-item-key") == "null" else ""
    count = total if call.variant("count") == "total" else len(chosen)
    envelope = add_unknown_members({"Data": data, "Count": count}, call.variant("additional-members"))
    return Reply(encode_page(call, Kind.ENQUIRY, [id for _, id in chosen], lead, envelope), until=until)


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


def _keys(call: Call, categories: Sequence[Category], estate: int | None) -> Sequence[CreationKey]:
    """Returns all leads of the customer that fit, in the order in which they were created."""

    def key_of(enquiry: Enquiry, context: ViewContext) -> CreationKey | None:
        fits = enquiry.category in categories and (estate is None or enquiry.estate == estate)
        return (enquiry.created_at, enquiry.id) if fits else None

    return lead_keys(call, f"{','.join(categories)}/{estate}", key_of)


def _read_cursor(call: Call, query: str, text: str) -> tuple[int, ...]:
    try:
        return read_cursor(call, query, text)
    except CursorRefused as error:
        message = f"`LastItemKey` {error}"
        raise invalid([Violation("body", "/Pagination/LastItemKey", "cursor", message)]) from None


def _after(keys: Sequence[CreationKey], last: tuple[int, ...], descending: bool) -> Sequence[CreationKey]:
    return [key for key in keys if key < last] if descending else after(keys, last)
