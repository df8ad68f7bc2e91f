"""A request that a client wrote, as it came; the search profile is made of it when somebody looks."""

from typing import Any

import orjson

from mockserver.domain import Kind, Place, SearchProfile
from mockserver.foundation.epoch import Epoch
from mockserver.providers.apimo.json_values import whole
from mockserver.providers.apimo.request_members import applied_to_profile
from mockserver.sandbox.store.deferred import DeferredWrite

_WEIGHT = 700
"""About how many bytes it takes beside the text and its places: measured, with its place in the store."""
_WEIGHT_OF_PLACE = 300


class NewRequest(DeferredWrite):
    """A checked body, and the places that it names."""

    __slots__ = ("_body", "_id", "_places")

    def __init__(self, agency: int, now: Epoch, body: bytes, id: int, places: tuple[Place, ...] | None) -> None:
        super().__init__(agency, now)
        self._body = body
        self._id = id
        self._places = places

    @property
    def weight(self) -> int:
        return len(self._body) + _WEIGHT + _WEIGHT_OF_PLACE * len(self._places or ())

    def make(self, kind: Kind) -> SearchProfile:
        body: dict[str, Any] = orjson.loads(self._body)
        user = whole(body, "user")
        blank = SearchProfile(
            id=self._id,
            agency=self.agency,
            created_at=self.moment,
            updated_at=self.moment,
            contact=None,
            agent=None,
            created_by=user,
            updated_by=user,
            country=None,
        )
        return applied_to_profile(blank, body, self._places)
