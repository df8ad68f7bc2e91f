"""Apimo's lists: `limit`, `offset`, `timestamp` in; a page, `total_items`, `timestamp` out (dossier apimo §3)."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from mockserver.domain import Entity, Kind
from mockserver.foundation.clock import LAST_SECOND
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Violation, invalid
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.pages import Page, encode_item, encode_page
from mockserver.provider_api.retention import kept_since, next_expiry, unexpired_enquiries
from mockserver.provider_api.view_context import View
from mockserver.sandbox.store.ids import Ids

T = TypeVar("T")
IdsToShow = Callable[[], Sequence[int]]


def list_entities(
    call: Call, kind: Kind, view: View, *, only: IdsToShow | None = None, hidden: Collection[int] = ()
) -> Reply:
    """The agency's entities of one kind, as the query asks. `only` returns the ids, ascending, to which a filter leads.

    `hidden` are the ids of a few that the list lacks.
    """
    limit, agency = limit_of(call), call.params["agency_id"]
    ids = unexpired_enquiries(call.store, agency, call.now) if kind is Kind.ENQUIRY else call.store.ids(kind, agency)
    # Leads expire without any change of the store: how many are left tells which.
    key = f"{call.operation.id}?{call.params_key}#{len(ids)}"
    page = call.store.derived(key, lambda: _entity_page(call, kind, ids, view, only, hidden, limit))
    until = next_expiry(call.store, agency, call.now) if kind is Kind.ENQUIRY else LAST_SECOND
    return Reply(page, until=until)


def list_values(
    call: Call,
    values: Sequence[tuple[Epoch, T]],
    *,
    keep: Callable[[T], bool] | None = None,
    show: Callable[[T], Any] = lambda value: value,
) -> Reply:
    """A page of values that exist only for this list, each with the moment it was last updated.

    `show` returns what the page has for a value.
    """
    limit, offset = limit_of(call), call.params["offset"]
    fresh = [entry for entry in values if is_fresh(call, entry[0]) and (keep is None or keep(entry[1]))]
    chosen = fresh[offset : offset + limit]
    total = len(values) if call.variant("total-items") == "all" else len(fresh)
    newest = max((moment for moment, _ in chosen), default=None)
    return Reply(
        Page(
            [encode_item(call.operation, show(value)) for _, value in chosen],
            {"total_items": total, "timestamp": newest},
        )
    )


def limit_of(call: Call) -> int:
    """Returns the size of a page. Above the documented maximum it is clamped, or refused under the variant."""
    limit: int = call.params["limit"]
    maximum = call.operation.query_parameters["limit"].clamp
    if maximum is None or limit <= maximum:
        return limit
    if call.variant("limit-above-maximum") == "refuse":
        raise invalid([Violation("query", "/limit", "maximum", f"`limit` is {limit}; {maximum} is the most")])
    call.notes.append(f"limit {limit} is above the maximum; {maximum} was used")
    return maximum


def is_fresh(call: Call, moment: Epoch) -> bool:
    """Tells whether `timestamp` asks for something that was updated at that moment."""
    since = _since(call)
    return since is None or moment >= since


def _since(call: Call) -> Epoch | None:
    """Returns the first moment for which `timestamp` asks; None without it."""
    since: int | None = call.params.get("timestamp")
    return since if since is None or call.variant("timestamp-bound") == "inclusive" else since + 1


def _stands_in(ids: Sequence[int], id: int) -> bool:
    place = bisect_left(ids, id)
    return place < len(ids) and ids[place] == id


def _entity_page(
    call: Call,
    kind: Kind,
    unexpired: Sequence[int],
    view: View,
    only: IdsToShow | None,
    hidden: Collection[int],
    limit: int,
) -> Page:
    offset, ids = call.params["offset"], unexpired
    if only is not None or _since(call) is not None:
        ids = call.once("ids", lambda: _fitting(call, kind, unexpired, only))
    if hidden:
        ids = Ids(ids, sorted(id for id in hidden if _stands_in(ids, id)), ())
    total = len(unexpired) if call.variant("total-items") == "all" else len(ids)
    if call.variant("list-order") == "oldest-first":
        chosen = ids[offset : offset + limit]
    else:
        end = max(0, len(ids) - offset)
        chosen = ids[max(0, end - limit) : end][::-1]
    envelope: dict[str, Any] = {"total_items": total}
    # A property names the provider that asks (`exchanges`); nothing else does.
    viewer = call.authenticated_account.user if kind is Kind.ESTATE else ""
    moments: dict[int, Epoch] = call.once("moments", dict)

    def moment(id: int) -> Epoch:
        # Of what was encoded now it is known: an entity of a large page may not be kept until the end.
        if id not in moments:
            entity = call.store.get(kind, id)
            moments[id] = 0 if entity is None else entity.updated_at
        return moments[id]

    def note(entity: Entity) -> None:
        moments[entity.id] = entity.updated_at

    page = encode_page(call, kind, chosen, view, envelope, viewer=viewer, note=note)
    envelope["timestamp"] = max(map(moment, chosen), default=None)
    return page


def _fitting(call: Call, kind: Kind, unexpired: Sequence[int], only: IdsToShow | None) -> Sequence[int]:
    """Returns the ids, ascending, that `timestamp` and a filter leave."""
    since, ids = _since(call), unexpired
    if since is not None:
        created = kept_since(call.now) if kind is Kind.ENQUIRY else None
        ids = call.store.ids_since(kind, call.params["agency_id"], created=created, updated=since)
    if only is None:
        return ids
    filtered = only()
    return filtered if since is None else sorted({*filtered}.intersection(ids))
