"""A project as GSL shows it: what a seeker looks for and plans (dossier gsl §6.5)."""

from typing import Any

from mockserver.domain import Commercial, Enquiry, EstateType, Investment, Person, Search
from mockserver.provider_api.json_members import plain_number, without_absent
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.gsl import codes
from mockserver.providers.gsl.personal_data import PersonalDataFilter, personal_data_filter
from mockserver.providers.gsl.wire_estate import distribution

_LIVED_IN = frozenset({EstateType.HOUSE, EstateType.APARTMENT})
_WORKED_IN = frozenset({EstateType.TRADING, EstateType.OFFICE})


def project(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """`project`; of a lead that no portal sent only whether it buys or rents."""
    plans, personal = enquiry.project, personal_data_filter(person, context)
    return without_absent(
        {
            "servicesNeeded": codes.SERVICE[plans.service] if plans and plans.service else None,
            "commercial": _commercial(plans.commercial, personal) if plans and plans.commercial else None,
            "distributionType": distribution(enquiry),
            "investment": _investment(plans.investment) if plans and plans.investment else None,
            "build": {"plotStatus": codes.PLOT_STATUS[plans.plot]} if plans and plans.plot else None,
        }
    )


def wanted_property(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """`property`: the criteria. Types and distributions are lists here, and nowhere else."""
    search, comment = enquiry.search, enquiry.project.comment if enquiry.project else None
    return without_absent(
        {
            "estateType": list(dict.fromkeys(codes.ESTATE_TYPE[type] for type in search.types)),
            "structure": {"rooms": _range("numberOfRooms", search.rooms_min, search.rooms_max)},
            "distributionType": [distribution(enquiry)],
            "spaces": _spaces(search),
            "additionnalMessage": personal_data_filter(person, context)(comment),
            "geo": _geo(enquiry, context),
            "budget": _range("amount", search.price_min, search.price_max),
        }
    )


def _commercial(commercial: Commercial, personal: PersonalDataFilter) -> dict[str, Any]:
    business = commercial.business
    return {
        "usageType": {"leaseBack": codes.yes_no(commercial.leaseback)},
        "business": {
            "isBusinessSold": business.sold,
            "businessType": codes.PROJECT_TRADE[business.trade],
            "activity": business.activity,
            "numberOfStaff": codes.STAFF[commercial.staff] if commercial.staff else None,
            "societyName": personal(commercial.company),
            "relocationDate": commercial.relocation,
            "commentOnProject": personal(commercial.comment),
        },
    }


def _investment(investment: Investment) -> dict[str, Any]:
    return {
        "investmentReason": codes.INVESTMENT_REASON[investment.reason],
        "investmentType": codes.INVESTMENT_TYPE[investment.scheme] if investment.scheme else None,
    }


def _range(name: str, least: float | None, most: float | None) -> dict[str, Any]:
    """Both ends of a range, and the one number that was named if it was one (the meaning of the three is inferred)."""
    return {name: _only(least, most), f"{name}Min": plain_number(least), f"{name}Max": plain_number(most)}


def _only(least: float | None, most: float | None) -> float | None:
    ends = {end for end in (least, most) if end is not None}
    return plain_number(ends.pop()) if len(ends) == 1 else None


def _spaces(search: Search) -> dict[str, Any]:
    """Homes have a living space, places of work a commercial one."""
    least, most, kinds = search.area_min, search.area_max, set(search.types)
    if least is None and most is None:
        return {}
    only = _only(least, most)
    return {
        "residential": {"livingSpace": only if kinds and kinds <= _LIVED_IN else None},
        "commercial": {"commercialSpace": only if kinds and kinds <= _WORKED_IN else None},
        "overalSpaces": only,
        "spaceMin": plain_number(least),
        "spaceMax": plain_number(most),
        "spaceMeasureUnit": "SQUARE_METER",
    }


def _geo(enquiry: Enquiry, context: ViewContext) -> dict[str, Any]:
    """The communes searched, the first by name; or what a lead that no portal sent says of the place."""
    by_id, hint = context.world.communes.by_id, enquiry.hint
    communes = [by_id[id] for id in enquiry.search.communes]
    if not communes:
        return {"city": hint.city, "country": hint.country, "postalCodes": [hint.postcode] if hint.postcode else None}
    return {
        "city": communes[0].name,
        "country": "FR",
        "postalCodes": [postcode for commune in communes for postcode in commune.postcodes],
        "departments": list(dict.fromkeys(commune.department for commune in communes)),
    }
