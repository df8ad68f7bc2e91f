"""What a property is worth, as GSL shows the question and the answer (dossier gsl §6.4)."""

from typing import Any

from mockserver.domain import Business, Enquiry, EstateType, Estimation, Person
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.gsl import codes
from mockserver.providers.gsl.json_members import Words, number, told, words_of
from mockserver.providers.gsl.wire_estate import distribution, geo

_LIVED_IN = (EstateType.HOUSE, EstateType.APARTMENT)


def estimation(enquiry: Enquiry, person: Person, context: ViewContext) -> dict[str, Any]:
    """`estimation`. Of a lead that no portal sent there is only what every provider knows of it."""
    said, words = enquiry.estimation or Estimation(), words_of(person, context)
    return told(
        {
            "estimationProject": {
                "estimatedTimetoMarket": codes.TIME_TO_MARKET[said.time_to_market] if said.time_to_market else None,
                "contactSituation": codes.SITUATION[said.situation] if said.situation else None,
                "distributionType": distribution(enquiry),
            },
            "userLocation": {"userCity": words(said.user_city), "userZipCode": words(said.user_postcode)},
            "actorEstimatedPrice": said.owner_price,
            "isFree": said.is_free,
            "estimationProperty": _property(enquiry, said, words),
        }
    )


def _property(enquiry: Enquiry, said: Estimation, words: Words) -> dict[str, Any]:
    """What the enquiry's search and hint say, and what a portal's form asks beside."""
    search, asked = enquiry.search, enquiry.estimation is not None
    type = search.types[0] if search.types else EstateType.MISCELLANEOUS
    rooms = {
        "numberOfBedRooms": search.bedrooms_min,
        "numberOfRooms": search.rooms_min,
        "numberOfBalconies": said.balconies,
        "numberOfTerraces": said.terraces,
    }
    return {
        "additionalMessage": words(said.comment),
        "estateType": codes.ESTATE_TYPE[type],
        "geo": geo(enquiry.hint),
        "isTerraceHouse": said.terraced,
        "avivEstimatedPrice": said.estimated_price,
        "spaces": _spaces(type, search.area_min, said),
        "structure": {
            "rooms": rooms,
            "building": _building(said) if asked else None,
            "parkingLots": {"garage": said.garages, "parkingArea": said.parkings},
        },
        "conditions": {"yearOfConstruction": str(said.construction_year) if said.construction_year else None},
        "features": _features(said) if asked else None,
        "management": {
            "operatingCostsPerYear": said.charges,
            "leaseBack": codes.yes_no(said.leaseback) if asked else None,
        },
        "business": _business(said.business) if said.business else None,
    }


def _spaces(type: EstateType, area: float | None, said: Estimation) -> dict[str, Any]:
    if area is None:
        return {}
    return {
        "spaceMeasureUnit": "SQUARE_METER",
        "overallSpace": number(area),
        "residential": {
            "balconySpace": said.spaces.balcony,
            "cellarSpace": said.spaces.cellar,
            "livingSpace": number(area) if type in _LIVED_IN else None,
            "outbuildingSpace": said.spaces.outbuilding,
            "plotSpace": said.spaces.plot,
            "terraceSpace": said.spaces.terrace,
        },
    }


def _building(said: Estimation) -> dict[str, Any]:
    return {
        "calm": codes.yes_no(said.calm),
        "cellar": codes.yes_no(said.cellar),
        "elevator": {"person": codes.yes_no(said.elevator)},
        "floorNumber": said.floor,
        "numberOfFloors": said.floors,
        "withView": codes.WITH_VIEW[said.outlook],
    }


def _features(said: Estimation) -> dict[str, Any]:
    return {
        "propertyOrientation": said.orientation.value if said.orientation else None,
        "residential": {
            "outbuilding": codes.yes_no(said.outbuilding),
            "patio": codes.yes_no(said.patio),
            "swimmingPool": codes.yes_no(said.pool),
        },
    }


def _business(business: Business) -> dict[str, Any]:
    return {
        "businessType": codes.TRADE[business.trade] if business.trade else None,
        "businessActivity": business.activity,
        "isBusinessSold": business.sold,
    }
