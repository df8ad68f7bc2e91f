"""What a seeker looks for and plans, as Seeker Leads shows it (dossier seeker §3.12, §3.13)."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain import Commercial, Enquiry, Person
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.seeker import codes


def search(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """`property` of a search: the criteria, without those that there are not."""
    wish = enquiry.search
    return _told(
        {
            "estateType": [type.value for type in wish.types] or None,
            "rooms": {"numberOfRoomsMin": wish.rooms_min, "numberOfRoomsMax": wish.rooms_max},
            "spaces": {"spaceMin": _number(wish.area_min), "spaceMax": _number(wish.area_max)},
            "budget": {"amountMin": _number(wish.price_min), "amountMax": _number(wish.price_max)},
            "geo": _geo(enquiry, context),
        }
    )


def project(enquiry: Enquiry, person: Person) -> dict[str, Any]:
    """`project`: what is known beyond the criteria of business premises, or of a plot."""
    said = enquiry.project
    if said is None:
        return {}
    return _told(
        {
            "commercial": _commercial(said.commercial, person) if said.commercial else None,
            "build": {"plotStatus": codes.PLOT_STATUS[said.plot]} if said.plot else None,
        }
    )


def _commercial(said: Commercial, person: Person) -> dict[str, Any]:
    return {
        "isBusinessSold": said.business.sold,
        "businessType": said.business.trade.value if said.business.trade else None,
        "activity": said.business.activity,
        "numberOfStaff": codes.STAFF[said.staff] if said.staff else None,
        "societyName": None if person.erased else said.company,
        "relocationDate": said.relocation,
        "commentOnProject": None if person.erased else said.comment,
    }


def _geo(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """The communes searched, the first by name; or what a lead that no portal sent says of the place."""
    by_id, hint = context.world.communes.by_id, enquiry.hint
    communes = [by_id[id] for id in enquiry.search.communes]
    if not communes:
        return {"city": hint.city, "postalCodes": [hint.postcode] if hint.postcode else None}
    return {
        "city": communes[0].name,
        "postalCodes": [postcode for commune in communes for postcode in commune.postcodes],
        "departments": list(dict.fromkeys(commune.department for commune in communes)),
    }


def _told(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members in their order, without those that are None or have nothing left inside."""
    kept = {}
    for name, value in members.items():
        inner = _told(value) if isinstance(value, dict) else value
        if inner is not None and inner != {}:
            kept[name] = inner
    return kept


def _number(value: float | None) -> float | None:
    """A whole number without decimals: 64 for 64.0."""
    return int(value) if value is not None and value == int(value) else value
