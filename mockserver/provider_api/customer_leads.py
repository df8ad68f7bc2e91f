"""Leads of a customer: those of all agencies that an account may read, sorted, in a period, from a place on."""

from collections.abc import Iterator
from heapq import merge

from mockserver.domain import Enquiry, Entity, Kind, retention_end
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.call import Call
from mockserver.provider_api.retention import is_unexpired, kept_since
from mockserver.sandbox.store.sequences import CreationKey, between


def find_of_customer(call: Call, kind: Kind, member: str, value: object) -> Entity | None:
    """Finds an entity of the customer's agencies by the value of one of its members."""
    entities = (call.store.find(kind, agency, member, value) for agency in _agencies(call))
    return next((entity for entity in entities if entity is not None), None)


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
    store, begin = call.store, visible_from(call, first)
    if estate is not None:
        rows = [store.about(agency, estate, begin, end, descending=descending) for agency in _agencies(call)]
    else:
        sequences = [row for agency in _agencies(call) for row in store.by_creation(agency)]
        rows = [between(row, begin, end, descending=descending) for row in sequences if len(row)]
    return merge(*rows, reverse=descending)


def visible_from(call: Call, first: Epoch) -> Epoch:
    """Returns the moment from which leads of the customer are shown to whoever asks for those from `first` on.

    It is a later one only where the oldest lead is past its retention: so it seldom changes from second to second.
    """
    oldest = [moment for agency in _agencies(call) if (moment := call.store.oldest(Kind.ENQUIRY, agency)) is not None]
    kept = not oldest or retention_end(min(oldest)) > call.now
    return first if kept else max(first, kept_since(call.now))


def query_key(call: Call, query: str, first: Epoch) -> str:
    """Returns a key of what is derived from a query of the customer: it is good until the store changes."""
    agencies = ",".join(map(str, _agencies(call)))
    return f"{call.contract.name}/{call.authenticated_account.user}/{agencies}/{visible_from(call, first)}/{query}"


def _agencies(call: Call) -> list[int]:
    return sorted(call.authenticated_account.agencies)
