"""An estimation as GSL shows it: the question what a property is worth, and the answer (dossier gsl §6.4)."""

from typing import Any

from mockserver.domain import Business, Enquiry, EstateType, Estimation, Person
from mockserver.provider_api.json_members import plain_number, without_absent
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.gsl import codes
from mockserver.providers.gsl.personal_data import PersonalDataFilter, personal_data_filter
from mockserver.providers.gsl.wire_estate import distribution, geo

_LIVED_IN = (EstateType.HOUSE, EstateType.APARTMENT)


def estimation(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """`estimation`. Of a lead that no portal sent there is only what every provider knows of it."""
    answers, personal = enquiry.estimation or Estimation(), personal_data_filter(person, context)
    time, situation = answers.time_to_market, answers.situation
    return without_absent(
        {
            "estimationProject": {
                "estimatedTimetoMarket": codes.TIME_TO_MARKET[time] if time else None,
                "contactSituation": codes.SITUATION[situation] if situation else None,
                "distributionType": distribution(enquiry),
            },
            "userLocation": {"userCity": personal(answers.user_city), "userZipCode": personal(answers.user_postcode)},
            "actorEstimatedPrice": answers.owner_price,
            "isFree": answers.is_free,
            "estimationProperty": _property(enquiry, answers, personal),
        }
    )


def _property(enquiry: Enquiry, answers: Estimation, personal: PersonalDataFilter) -> dict[str, Any]:
    """Shows the enquiry's search and hint, and the further answers of a portal's form."""
    search, has_form = enquiry.search, enquiry.estimation is not None
    type = search.types[0] if search.types else EstateType.MISCELLANEOUS
    rooms = {
        "numberOfBedRooms": search.bedrooms_min,
        "numberOfRooms": search.rooms_min,
        "numberOfBalconies": answers.balconies,
        "numberOfTerraces": answers.terraces,
    }
    return {
        "additionalMessage": personal(answers.comment),
        "estateType": codes.ESTATE_TYPE[type],
        "geo": geo(enquiry.hint),
        "isTerraceHouse": answers.terraced,
        "avivEstimatedPrice": answers.estimated_price,
        "spaces": _spaces(type, search.area_min, answers),
        "structure": {
            "rooms": rooms,
            "building": _building(answers) if has_form else None,
            "parkingLots": {"garage": answers.garages, "parkingArea": answers.parkings},
        },
        "conditions": {"yearOfConstruction": str(answers.construction_year) if answers.construction_year else None},
        "features": _features(answers) if has_form else None,
        "management": {
            "operatingCostsPerYear": answers.charges,
            "leaseBack": codes.yes_no(answers.leaseback) if has_form else None,
        },
        "business": _business(answers.business) if answers.business else None,
    }


def _spaces(type: EstateType, area: float | None, answers: Estimation) -> dict[str, Any]:
    if area is None:
        return {}
    return {
        "spaceMeasureUnit": "SQUARE_METER",
        "overallSpace": plain_number(area),
        "residential": {
            "balconySpace": answers.spaces.balcony,
            "cellarSpace": answers.spaces.cellar,
            "livingSpace": plain_number(area) if type in _LIVED_IN else None,
            "outbuildingSpace": answers.spaces.outbuilding,
            "plotSpace": answers.spaces.plot,
            "terraceSpace": answers.spaces.terrace,
        },
    }


def _building(answers: Estimation) -> dict[str, Any]:
    return {
        "calm": codes.yes_no(answers.calm),
        "cellar": codes.yes_no(answers.cellar),
        "elevator": {"person": codes.yes_no(answers.elevator)},
        "floorNumber": answers.floor,
        "numberOfFloors": answers.floors,
        "withView": codes.WITH_VIEW[answers.outlook],
    }


def _features(answers: Estimation) -> dict[str, Any]:
    return {
        "propertyOrientation": answers.orientation.value if answers.orientation else None,
        "residential": {
            "outbuilding": codes.yes_no(answers.outbuilding),
            "patio": codes.yes_no(answers.patio),
            "swimmingPool": codes.yes_no(answers.pool),
        },
    }


def _business(business: Business) -> dict[str, Any]:
    return {
        "businessType": codes.TRADE[business.trade] if business.trade else None,
        "businessActivity": business.activity,
        "isBusinessSold": business.sold,
    }
