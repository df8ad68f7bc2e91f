"""`start`: behind which lead a list goes on. It stays good while leads arrive, expire or are taken away."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error

import orjson

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem, Violation, invalid
from mockserver.provider_api.call import Call

Key = tuple[Epoch, str, int]
"""Where a lead stands in the list: when it was ingested, its `leadId`, and which enquiry it is."""


def write_start(key: Key) -> str:
    """The form of the documented cursor, base64 of JSON, padding included: a client must encode it in an address."""
    return b64encode(orjson.dumps({"ingestionDate": key[0], "leadId": key[1]})).decode()


def read_start(call: Call, text: str) -> tuple[Epoch, str]:
    """The place behind which to go on: what `write_start` wrote, or the `leadId` of a lead. Else a problem."""
    try:
        place = orjson.loads(b64decode(text, validate=True))
        date, lead = place["ingestionDate"], place["leadId"]
    except (Base64Error, ValueError, TypeError, KeyError):
        return _of_lead(call, text)
    if type(date) is not int or not isinstance(lead, str):
        raise _refused()
    return date, lead


def _of_lead(call: Call, lead: str) -> tuple[Epoch, str]:
    for agency in sorted(call.authenticated_account.agencies):
        enquiry = call.store.find(Kind.ENQUIRY, agency, "uuid", lead)
        if isinstance(enquiry, Enquiry):
            return enquiry.created_at, enquiry.uuid
    raise _refused()


def _refused() -> Problem:
    message = "`start` is neither one that `links.next` has, nor the `leadId` of a lead"
    return invalid([Violation("query", "/start", "cursor", message)])
