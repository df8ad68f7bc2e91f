"""The records of a new lead in a database: what a client wrote, as it came, of which nothing was made yet."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Kind, Transaction
from mockserver.foundation.records import as_json
from mockserver.providers.apimo.lead_links import NO_LINKS, Links
from mockserver.sandbox.store.deferred import AS_IT_CAME

_PROVIDER = "apimo"
_PERSON = (
    *("lastname", "firstname", "email", "fax", "language", "title", "phone", "mobile"),
    *("address", "address_more", "zipcode", "city", "country"),
)
"""The members of a body that the person shows."""
_ENQUIRY = (
    *("reference", "date", "step", "type", "message"),
    *("recipient_lastname", "recipient_firstname", "recipient_email"),
    *("area_min", "area_max", "area_unit", "room_min", "room_max", "bedroom_min", "bedroom_max"),
    *("price_min", "price_max", "currency", "start_at", "end_at", "method", "referral", "subreferral"),
    *("property_reference", "property_address", "property_address_more", "property_zipcode", "property_city"),
    *("property_country", "property_category", "property_types", "property_subtype", "property_sybtype"),
    *("property_location", "property_view_landscape", "property_view_type", "opened", "assigned", "closed"),
)
"""The members of a body that the enquiry shows; of its links there is what was found when it was written."""
_KIND_OF = {**dict.fromkeys(_PERSON, Kind.PERSON), **dict.fromkeys(_ENQUIRY, Kind.ENQUIRY)}
_PLAIN = frozenset({str, int, bool, type(None)})
"""The types whose values any database gives back as they are, and in which nothing is hidden."""


def lead_records(
    body: Mapping[str, Any], of_both: Mapping[str, Any], of_enquiry: Mapping[str, Any], links: Links
) -> Mapping[Kind, Any]:
    """Returns the records of person and enquiry, each with what it shows of a body; none if that is nested."""
    bodies: dict[Kind, dict[str, Any]] = {Kind.PERSON: {}, Kind.ENQUIRY: {}}
    for name, value in body.items():
        kind = _KIND_OF.get(name)
        if kind is not None:
            if type(value) not in _PLAIN:
                return {}
            bodies[kind][name] = value
    of_links = {} if links is NO_LINKS else {"links": as_json(links)}
    return {
        Kind.PERSON: {AS_IT_CAME: _PROVIDER, **of_both, "body": bodies[Kind.PERSON]},
        Kind.ENQUIRY: {AS_IT_CAME: _PROVIDER, **of_both, **of_enquiry, **of_links, "body": bodies[Kind.ENQUIRY]},
    }


def read_links(record: Mapping[str, Any]) -> Links:
    """Returns the links of a record of `lead_records`."""
    links = record.get("links")
    if links is None:
        return NO_LINKS
    transaction = links["transaction"]
    return Links(**{**links, "transaction": None if transaction is None else Transaction(transaction)})
