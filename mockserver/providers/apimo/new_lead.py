"""A lead that a client wrote, as it came; the enquiry and the person who sent it are made of it when somebody looks."""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.domain import Category, Enquiry, Entity, Kind, Person, Role
from mockserver.foundation.epoch import Epoch
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.json_values import filled, whole
from mockserver.providers.apimo.lead_links import Links
from mockserver.providers.apimo.lead_members import applied_to_enquiry, applied_to_person
from mockserver.providers.apimo.lead_records import lead_records
from mockserver.sandbox.store.deferred import DeferredWrite, NewUuid

_WEIGHT = 1_100
"""About how many bytes it takes beside the text: measured, with its places in the store, and rounded up."""


class NewLead(DeferredWrite):
    """A checked body, and what else decides what becomes of it; it stands for the enquiry and for the person."""

    __slots__ = ("_body", "_ids", "_links", "_new_uuid", "_parent", "_source_key")

    def __init__(
        self,
        agency: int,
        now: Epoch,
        body: bytes,
        *,
        ids: tuple[int, int],
        source_key: tuple[int, str],
        parent: int | None,
        links: Links,
        new_uuid: NewUuid,
    ) -> None:
        """`ids` are those of the person and of the enquiry, `parent` that of the enquiry which this one repeats.

        `new_uuid` returns the UUID of a new entity.
        """
        self.agency = agency
        self.moment = now
        self._ids = ids
        self._body = body
        self._source_key = source_key
        self._parent = parent
        self._links = links
        self._new_uuid = new_uuid

    @property
    def weight(self) -> int:
        return (len(self._body) + _WEIGHT) // 2

    def member(self, kind: Kind, name: str) -> Any:
        if kind is Kind.ENQUIRY:
            match name:
                case "source_key":
                    return self._source_key
                case "seeker":
                    return self._ids[0]
                case "uuid":
                    return self._uuid()
                case "estate":
                    return self._links.estate_of_enquiry
                case "category":
                    return self._category(orjson.loads(self._body))
                case "in_contacts":
                    return not self._links.names_contact or self._links.contact is not None
        return super().member(kind, name)

    def make(self, kind: Kind) -> Entity:
        body: dict[str, Any] = orjson.loads(self._body)
        return self._person(body) if kind is Kind.PERSON else self._enquiry(body)

    def records(self) -> Mapping[Kind, Any]:
        return lead_records(
            orjson.loads(self._body),
            {"agency": self.agency, "moment": self.moment, "ids": self._ids},
            {"source_key": self._source_key, "parent": self._parent},
            self._links,
        )

    def _person(self, body: dict[str, Any]) -> Person:
        blank = Person(
            id=self._ids[0],
            agency=self.agency,
            created_at=self.moment,
            updated_at=self.moment,
            role=Role.SEEKER,
            language=None,
        )
        return applied_to_person(blank, body)

    def _enquiry(self, body: dict[str, Any]) -> Enquiry:
        links, (person, id), (sender, reference) = self._links, self._ids, self._source_key
        transaction = codes.TRANSACTION_OF.get(whole(body, "property_category") or 0) or links.transaction
        category = self._category(body)
        blank = Enquiry(
            id=id,
            agency=self.agency,
            created_at=self.moment,
            updated_at=self.moment,
            contacted_at=self.moment,
            uuid=self._uuid(),
            reference=reference,
            category=category,
            intention=codes.intention_of(category, transaction or None),
            portal=None,
            parent=self._parent,
            seeker=person,
            # Who sends a lead is the provider of it, whatever portal it came from before.
            extras={"provider": sender, "type": None},
        )
        return applied_to_enquiry(blank, body, links, self.moment)

    def _category(self, body: dict[str, Any]) -> Category:
        named = self._links.estate is not None or filled(body, "property_reference") is not None
        return codes.category_of(whole(body, "type"), about_an_estate=named)

    def _uuid(self) -> str:
        return self._new_uuid(Kind.ENQUIRY, self._ids[1])
