"""Retention: an enquiry past its last day is gone everywhere, whatever the store still has."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import TypeGuard

from mockserver.domain import RETENTION_YEARS, Enquiry, Entity, Kind, retention_end
from mockserver.foundation.clock import LAST_SECOND
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store import Store
from mockserver.sandbox.store.sequences import between

_LONGEST = RETENTION_YEARS * 366 * 86_400


def is_unexpired(entity: Entity | None, now: Epoch) -> TypeGuard[Enquiry]:
    """Tells whether an entity is an enquiry that may still be kept."""
    return isinstance(entity, Enquiry) and entity.expires_at > now


@lru_cache(maxsize=64)
def kept_since(now: Epoch) -> Epoch:
    """Returns the first moment whose enquiries may still be kept; 0 where those of all times may."""
    moments = range(max(0, now - _LONGEST), max(0, now) + 1)
    return moments[bisect_right(moments, now, key=retention_end)] if retention_end(0) <= now else 0


def next_expiry(store: Store, agency: int, now: Epoch) -> Epoch:
    """Returns the moment at which the next of an agency's enquiries expires."""
    since = kept_since(now)
    firsts = [key for row in store.by_creation(agency) for key in islice(between(row, since, LAST_SECOND), 1)]
    return retention_end(min(firsts)[0]) if firsts else LAST_SECOND


def unexpired_enquiries(store: Store, agency: int, now: Epoch) -> Sequence[int]:
    """Returns the ids of an agency's enquiries that may still be kept, ascending."""
    oldest = store.oldest(Kind.ENQUIRY, agency)
    if oldest is None or retention_end(oldest) > now:
        return store.ids(Kind.ENQUIRY, agency)
    return store.ids_since(Kind.ENQUIRY, agency, created=kept_since(now))
