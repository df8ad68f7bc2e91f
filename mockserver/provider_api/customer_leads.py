"""Leads of a customer: those of all agencies that an account may read, sorted, in a period, behind a cursor."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mockserver.domain import Enquiry, Entity, Kind, retention_end
from mockserver.foundation.clock import LAST_SECOND
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.call import Call
from mockserver.provider_api.retention import is_unexpired
from mockserver.provider_api.view_context import ViewContext

K = TypeVar("K", bound=tuple[Any, ...])
"""Sort keys: they begin with the moment of creation."""
END = 1 << 62
"""A number above any moment and any id."""


def find_of_customer(call: Call, kind: Kind, member: str, value: object) -> Entity | None:
    """Finds an entity of the customer's agencies by the value of one of its members."""
    entities = (call.store.find(kind, agency, member, value) for agency in _agencies(call))
    return next((entity for entity in entities if entity is not None), None)


def find_lead(call: Call, uuid: str) -> Enquiry | None:
    """Finds a lead of the customer that may still be kept by its `uuid`; another customer's is not there."""
    enquiry = find_of_customer(call, Kind.ENQUIRY, "uuid", uuid)
    return enquiry if is_unexpired(enquiry, call.now) else None


def lead_keys(call: Call, name: str, key_of: Callable[[Enquiry, ViewContext], K | None]) -> list[K]:
    """Returns the sorted keys of the customer's leads, until the store changes; None leaves a lead out.

    `name` tells the keys of one `key_of` from those of any other.
    """
    agencies = _agencies(call)
    return call.store.derived(
        f"{call.contract.name}/keys/{agencies}/{name}", lambda: sorted(_keys(call, agencies, key_of))
    )


def in_period(keys: Sequence[K], first: Epoch, end: Epoch, now: Epoch) -> Sequence[K]:
    """Returns the keys of leads that were created from `first` until before `end`, and may still be kept."""
    begin = bisect_left(keys, (first,))
    if begin < len(keys) and retention_end(keys[begin][0]) <= now:
        begin = bisect_right(keys, now, begin, key=lambda key: retention_end(key[0]))
    return keys[begin : bisect_left(keys, (end,))]


def end_of_period(keys: Sequence[tuple[Any, ...]]) -> Epoch:
    """Returns the moment at which the first of the leads expires whose sorted keys these are."""
    return retention_end(keys[0][0]) if keys else LAST_SECOND


def after(keys: Sequence[K], last: tuple[Any, ...]) -> Sequence[K]:
    """Returns the keys behind a place; a shorter key stands behind all that begin with it."""
    return keys[bisect_right(keys, (*last, END)) :]


def _agencies(call: Call) -> list[int]:
    return sorted(call.authenticated_account.agencies)


def _keys(call: Call, agencies: Sequence[int], key_of: Callable[[Enquiry, ViewContext], K | None]) -> list[K]:
    store, context = call.store, call.view_context
    entities = (store.get(Kind.ENQUIRY, id) for agency in agencies for id in store.ids(Kind.ENQUIRY, agency))
    keys = (key_of(entity, context) for entity in entities if isinstance(entity, Enquiry))
    return [key for key in keys if key is not None]
