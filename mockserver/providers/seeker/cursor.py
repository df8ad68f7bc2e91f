"""`start` names the lead behind which a list goes on. It stays good while leads arrive, expire or are taken away."""

from base64 import b64decode, b64encode
from typing import TypeAlias

import orjson

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem, Violation, invalid
from mockserver.provider_api.call import Call
from mockserver.provider_api.customer_leads import find_of_customer

IngestionKey: TypeAlias = tuple[Epoch, str, int]
"""The place of a lead in the list: the moment of its ingestion, its `leadId`, and the id of the enquiry."""


def write_start(key: IngestionKey) -> str:
    """The form of the documented cursor, base64 of JSON, padding included: a client must encode it in an address."""
    return b64encode(orjson.dumps({"ingestionDate": key[0], "leadId": key[1]})).decode()


def read_start(call: Call, text: str) -> tuple[Epoch, str]:
    """Returns the place behind which to go on: from `write_start`, or from the `leadId` of a lead. Else a problem."""
    try:
        place = orjson.loads(b64decode(text, validate=True))
        date, lead = place["ingestionDate"], place["leadId"]
    except (ValueError, TypeError, KeyError):
        return _of_lead(call, text)
    if type(date) is not int or not isinstance(lead, str):
        raise _refused()
    return date, lead


def _of_lead(call: Call, lead: str) -> tuple[Epoch, str]:
    enquiry = find_of_customer(call, Kind.ENQUIRY, "uuid", lead)
    if not isinstance(enquiry, Enquiry):
        raise _refused()
    return enquiry.created_at, enquiry.uuid


def _refused() -> Problem:
    message = "`start` is neither one that `links.next` has, nor the `leadId` of a lead"
    return invalid([Violation("query", "/start", "cursor", message)])
