"""A listing as GSL shows it in a lead: AVIV's model of the second generation, cut short (dossier gsl §6.1, §6.2)."""

from datetime import UTC, datetime
from typing import Any

from mockserver.domain import Enquiry, Estate, EstateHint, Intention, Transaction
from mockserver.provider_api.json_members import plain_number, without_absent
from mockserver.providers.gsl import codes

MAX_KEY = 512


def listing(estate: Estate, enquiry: Enquiry) -> dict[str, Any]:
    """`property`: one subtype, one kind of price, and no rooms where there are none."""
    year = datetime.fromtimestamp(enquiry.created_at, UTC).year
    key = codes.SUBTYPE_KEY.get(estate.type)
    subtype = codes.SUBTYPE.get(estate.subtype, estate.subtype) if estate.subtype else None
    return without_absent(
        {
            "estateType": codes.ESTATE_TYPE[estate.type],
            "estateSubType": {key: subtype} if key else None,
            "distributionType": codes.DISTRIBUTION[estate.transaction],
            "geo": {"postalCode": estate.postcode, "city": estate.city, "countryCode": "FR"},
            "metaData": source(estate),
            "prices": _prices(estate),
            "structure": {"rooms": {"numberOfRooms": estate.rooms}},
            "conditions": {
                "ageState": codes.age_state(estate.construction_year, year),
                "buildState": codes.BUILD_STATE[estate.condition] if estate.condition else None,
            },
            "management": {
                "marketStatus": codes.MARKET_STATUS.get(estate.status),
                "isForHolidayRental": estate.transaction is Transaction.SEASONAL,
            },
            "spaces": {"overallSpace": plain_number(estate.area), "spaceMeasureUnit": "SQUARE_METER"},
        }
    )


def vanished(enquiry: Enquiry) -> dict[str, Any]:
    """`property` of a listing that the agency does not have: what the lead itself says of it."""
    types, hint = enquiry.search.types, enquiry.hint
    reference = hint.reference if len(hint.reference or "") <= MAX_KEY else None
    return {
        "estateType": codes.ESTATE_TYPE[types[0]] if types else "MISCELLANEOUS",
        "distributionType": distribution(enquiry),
        "geo": geo(hint),
        "metaData": {"source": without_absent({"offererMarketingKey": reference})},
    }


def source(estate: Estate) -> dict[str, Any]:
    """`metaData`: how the agency and its software call the listing."""
    return {"source": {"offererMarketingKey": estate.reference, "offererEstateId": estate.offerer_estate_id}}


def geo(hint: EstateHint) -> dict[str, Any]:
    """`geo` of what is only told; a country that is no code is left out."""
    code = (hint.country or "").upper()
    return without_absent(
        {"postalCode": hint.postcode, "city": hint.city, "countryCode": code if code in codes.COUNTRIES else None}
    )


def distribution(enquiry: Enquiry) -> str:
    """`distributionType` by what is searched, or else by what is meant."""
    if enquiry.search.transaction:
        return codes.DISTRIBUTION[enquiry.search.transaction]
    return "RENT" if enquiry.intention in (Intention.RENT, Intention.MANAGE) else "BUY"


def _prices(estate: Estate) -> dict[str, Any]:
    """Of a sale the price, of a rental the rent: a month, or a week in a holiday home. Never both."""
    price = {"priceInformation": "PRICE_ON_DEMAND"} if estate.price is None else {"amount": estate.price}
    sale = codes.DISTRIBUTION[estate.transaction] == "BUY"
    return {"currency": "EUR", **({"buy": {"price": price}} if sale else {"rent": {"totalRent": price}})}
