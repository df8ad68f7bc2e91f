"""A search as Seeker Leads shows it: what a seeker looks for and plans (dossier seeker §3.12, §3.13)."""

from typing import Any

from mockserver.domain import Commercial, Enquiry, Person
from mockserver.provider_api.json_members import plain_number, without_absent
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.seeker import codes


def search(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """Shows `property` of a search: its criteria, without those that it has not."""
    wish = enquiry.search
    return without_absent(
        {
            "estateType": [type.value for type in wish.types] or None,
            "rooms": {"numberOfRoomsMin": wish.rooms_min, "numberOfRoomsMax": wish.rooms_max},
            "spaces": {"spaceMin": plain_number(wish.area_min), "spaceMax": plain_number(wish.area_max)},
            "budget": {"amountMin": plain_number(wish.price_min), "amountMax": plain_number(wish.price_max)},
            "geo": _geo(enquiry, context),
        }
    )


def project(enquiry: Enquiry, person: Person) -> dict[str, Any]:
    """Shows `project`, which has more than criteria for business premises and plots only."""
    plans = enquiry.project
    if plans is None:
        return {}
    return without_absent(
        {
            "commercial": _commercial(plans.commercial, person) if plans.commercial else None,
            "build": {"plotStatus": codes.PLOT_STATUS[plans.plot]} if plans.plot else None,
        }
    )


def _commercial(commercial: Commercial, person: Person) -> dict[str, Any]:
    return {
        "isBusinessSold": commercial.business.sold,
        "businessType": commercial.business.trade.value if commercial.business.trade else None,
        "activity": commercial.business.activity,
        "numberOfStaff": codes.STAFF[commercial.staff] if commercial.staff else None,
        "societyName": None if person.erased else commercial.company,
        "relocationDate": commercial.relocation,
        "commentOnProject": None if person.erased else commercial.comment,
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
