"""Retention: an enquiry past its last day is gone everywhere, whatever the store still has."""

from collections.abc import Sequence
from typing import TypeGuard

from mockserver.domain import Enquiry, Entity, Kind, retention_end
from mockserver.foundation.clock import LAST_SECOND
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.store import Store


def is_unexpired(entity: Entity | None, now: Epoch) -> TypeGuard[Enquiry]:
    """Tells whether an entity is an enquiry that may still be kept."""
    return isinstance(entity, Enquiry) and entity.expires_at > now


def next_expiry(store: Store, agency: int, now: Epoch) -> Epoch:
    """Returns the moment at which the first of an agency's enquiries expires; 0 when some have done so already."""
    oldest = store.oldest(Kind.ENQUIRY, agency)
    end = LAST_SECOND if oldest is None else retention_end(oldest)
    return end if end > now else 0


def unexpired_enquiries(store: Store, agency: int, now: Epoch) -> Sequence[int]:
    """Returns the ids of an agency's enquiries that may still be kept, ascending."""
    ids, oldest = store.ids(Kind.ENQUIRY, agency), store.oldest(Kind.ENQUIRY, agency)
    if oldest is None or retention_end(oldest) > now:
        return ids
    return [id for id in ids if is_unexpired(store.get(Kind.ENQUIRY, id), now)]
