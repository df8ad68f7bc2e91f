"""The programme that a new home belongs to, as a lead about one of its units shows it (dossier seeker §3.10)."""

from mockserver.domain import Condition, Estate, EstateType, Transaction

_UNITS = (EstateType.APARTMENT, EstateType.HOUSE)


def programme(estate: Estate) -> dict[str, str]:
    """Returns the members of `property` about the programme; none for what is no new home for sale.

    The new homes that an agency sells in one town, built in one year, are those of one programme (assumed).
    """
    is_unit = estate.type in _UNITS and estate.condition is Condition.NEW
    if not is_unit or estate.transaction is not Transaction.BUY:
        return {}
    key = f"{estate.agency}-{estate.commune}-{estate.construction_year or estate.mandate_from[:4]}"
    return {
        "projectId": f"P-{key}",
        "projectOffererEstateId": f"PRG-{key}",
        "projectOffererMarketingKey": f"NEUF-{estate.postcode}-{estate.construction_year or estate.mandate_from[:4]}",
    }
