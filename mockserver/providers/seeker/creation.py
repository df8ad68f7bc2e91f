"""`POST /leads`: a lead is taken in, and the world has it a moment later (dossier seeker §2.1)."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from uuid import UUID

from mockserver.domain import (
    Category,
    Enquiry,
    Estate,
    Gender,
    Intention,
    Kind,
    Person,
    Phone,
    PhoneKind,
    Role,
    Transaction,
)
from mockserver.foundation.epoch import Epoch
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.customer_leads import find_of_customer
from mockserver.provider_api.problem_details import no_resource
from mockserver.providers.seeker.codes import NO_PORTAL
from mockserver.sandbox.pending_leads import PendingLead

_DELAY = {"none": 0, "two-seconds": 2, "minute": 60}
_SOLD = (Transaction.BUY, Transaction.LIFE_ANNUITY)


def create_lead(call: Call) -> Reply:
    """Takes the lead in and tells nothing but that; it is in every provider's lists when it is due, and not before."""
    body: Mapping[str, Any] = call.body
    estate = find_of_customer(call, Kind.ESTATE, "classified_id", body["classifiedId"])
    if isinstance(estate, Estate):
        due = call.now + _DELAY[call.variant("ingestion-delay")]
        call.sandbox.pending_leads.add(
            PendingLead(due=due, seeker=_seeker(body, estate, due), enquiry=_enquiry(body, estate, due))
        )
    elif call.variant("unknown-classified") == "not-found":
        raise no_resource(body["classifiedId"])
    else:
        call.notes.append(f"classifiedId {body['classifiedId']} is no listing of the customer; no lead will come of it")
    return Reply({"title": "The lead has been successfully submitted", "requestId": _request_id(call)})


def _seeker(body: Mapping[str, Any], estate: Estate, due: Epoch) -> Person:
    return Person(
        id=0,
        agency=estate.agency,
        created_at=due,
        updated_at=due,
        role=Role.SEEKER,
        firstname=body.get("firstName"),
        lastname=body["lastName"],
        gender=Gender(body["gender"]) if "gender" in body else None,
        email=body["email"],
        language=body.get("language", "FR").lower(),
        phones=tuple(
            Phone(kind=PhoneKind(phone.get("type", PhoneKind.MOBILE)), number=phone["number"])
            for phone in body["phoneNumbers"]
        ),
    )


def _enquiry(body: Mapping[str, Any], estate: Estate, due: Epoch) -> Enquiry:
    return Enquiry(
        id=0,
        agency=estate.agency,
        created_at=due,
        updated_at=due,
        contacted_at=due,
        uuid="",
        reference="",
        category=Category.CLASSIFIED,
        intention=Intention.BUY if estate.transaction in _SOLD else Intention.RENT,
        portal=NO_PORTAL,
        seeker=0,
        in_contacts=False,
        estate=estate.id,
        message=body["message"],
    )


def _request_id(call: Call) -> str:
    """Tells this call from every other of the world, and is no lead's id."""
    sandbox = call.sandbox
    text = f"{sandbox.world.seed}/{sandbox.identity}/request/{sandbox.usage.calls('seeker')}"
    return str(UUID(bytes=blake2b(text.encode(), digest_size=16).digest(), version=4))
