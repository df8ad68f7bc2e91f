"""The seeker of a lead as Seeker Leads shows them, before and after an erasure (seed 003)."""

from typing import Any

from mockserver.domain import Enquiry, Person, Phone
from mockserver.provider_api.json_members import email_or_absent
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.seeker import codes

MAX_NAME = 100


def contact(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """Shows `contactRequest`. Missing values are absent, but for the message, which is required and then empty."""
    if person.erased:
        return _erased(person, context)
    language = (person.language or "").upper()
    members = {
        "firstName": _name(person.firstname),
        "lastName": _name(person.lastname),
        "gender": person.gender.value if person.gender else None,
        "email": email_or_absent(person.email),
        "language": language if language in codes.LANGUAGES else None,
        "phoneNumbers": [_phone(phone) for phone in person.phones],
        "message": enquiry.message,
        "isOwner": person.is_owner if context.variant("is-owner") == "shown" else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _erased(person: Person, context: ViewContext) -> dict[str, Any]:
    """The documentation lists what becomes null; it does not name the e-mail address and `isOwner`."""
    nulled = context.variant("erased-contact") == "null"
    is_owner = person.is_owner if context.variant("is-owner") == "shown" else None
    unnamed = {"email": email_or_absent(person.email), "isOwner": is_owner}
    return {
        "firstName": None,
        "lastName": None,
        **({"name": None} if context.variant("erased-name") == "null" else {}),
        "gender": None,
        "language": None,
        "phoneNumbers": [],
        "message": None,
        **{name: None if nulled else value for name, value in unnamed.items() if value is not None},
    }


def _name(name: str | None) -> str | None:
    return None if name is None else name[:MAX_NAME]


def _phone(phone: Phone) -> dict[str, Any]:
    return {"type": phone.kind.value, "number": phone.number, "verified": phone.verified}
