"""Leads of a customer: those of all agencies that an account may read, sorted, in a period, from a place on."""

from collections.abc import Collection, Iterator
from heapq import merge

from mockserver.domain import Category, Enquiry, Entity, Kind, retention_end
from mockserver.foundation.clock import LAST_SECOND
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.call import Call
from mockserver.provider_api.retention import is_unexpired, kept_since
from mockserver.sandbox.store.sequences import CreationKey, between


def find_of_customer(call: Call, kind: Kind, member: str, value: object) -> Entity | None:
    """Finds an entity of the customer's agencies by the value of one of its members."""
    for agency in _agencies(call):
        entity = call.store.find(kind, agency, member, value)
        if entity is not None:
            return entity
    return None


def find_lead(call: Call, uuid: str) -> Enquiry | None:
    """Finds a lead of the customer that may still be kept by its `uuid`; another customer's is not there."""
    enquiry = find_of_customer(call, Kind.ENQUIRY, "uuid", uuid)
    return enquiry if is_unexpired(enquiry, call.now) else None


def leads_in_period(
    call: Call, first: Epoch, end: Epoch, *, descending: bool = False, estate: int | None = None
) -> Iterator[CreationKey]:
    """Yields the keys of the customer's leads that were created from `first` until before `end`, and may still be kept.

    `estate` narrows to the leads about one listing. Only what is taken is looked at, whatever there is in the period.
    """
    store, begin = call.store, max(first, kept_since(call.now))
    if estate is not None:
        rows = [store.about(agency, estate, begin, end, descending=descending) for agency in _agencies(call)]
    else:
        sequences = [row for agency in _agencies(call) for row in store.by_creation(agency)]
        rows = [between(row, begin, end, descending=descending) for row in sequences if len(row)]
    return merge(*rows, reverse=descending)


def count_in_period(
    call: Call, categories: Collection[Category], first: Epoch, end: Epoch, *, estate: int | None = None
) -> int:
    """Returns the number of the customer's leads in a period, as `leads_in_period` yields them. Raises SliceOver."""
    if estate is not None:

        def behind(last: CreationKey | None) -> Iterator[CreationKey]:
            keys = leads_in_period(call, first if last is None else last[0], end, estate=estate)
            return (key for key in keys if (last is None or key > last) and call.store.category(key[1]) in categories)

        return call.count(f"leads of {estate}", behind)
    begin = max(first, kept_since(call.now))
    return sum(call.store.count_created(agency, categories, begin, end) for agency in _agencies(call))


def end_of_period(call: Call, first: Epoch, end: Epoch) -> Epoch:
    """Returns the moment at which the first lead expires that was created from `first` until before `end`."""
    key = next(leads_in_period(call, first, end), None)
    return LAST_SECOND if key is None else retention_end(key[0])


def _agencies(call: Call) -> list[int]:
    return sorted(call.authenticated_account.agencies)
