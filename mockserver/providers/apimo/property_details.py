"""Details of a property that only the agency's own software shows: heating, view, broadcasts, its log.

The catalogs have the values (dossier apimo §6); which property has which is ours, and follows from what the world knows
of it: year, energy class, size of the building, words of the listing.
"""

from typing import Any

from mockserver.domain import Estate, EstateType
from mockserver.provider_api.view_context import ViewContext
from mockserver.providers.apimo import codes
from mockserver.providers.apimo.times import to_paris

_GAS, _FUEL_OIL, _ELECTRIC, _HEAT_PUMP = 1, 2, 3, 7
"""Catalog `property_heating_type`."""
_CONVECTOR, _UNDERFLOOR, _RADIATOR = 1, 2, 3
"""Catalog `property_heating_device`."""
_INDIVIDUAL, _COMMON = 1, 2
"""Catalog `property_heating_access`."""
_UNOBSTRUCTED = 3
"""Catalog `property_view_type`."""
_CITY, _COUNTRYSIDE = "8", "9"
"""Catalog `property_view_landscape`, whose ids are strings in a property."""
_INSULATED = 2012
"""From this year on, French buildings are built so that a heat pump is the rule."""
_LOW_BUILDING = 3
"""Buildings of more floors than this were heated together before 1990."""


def details(estate: Estate, context: ViewContext) -> dict[str, Any]:
    """Returns `heating` and `view` (null where the agency wrote nothing), `exchanges` and `logs`."""
    return {
        "view": _view(estate),
        "heating": _heating(estate),
        "exchanges": _exchanges(estate, context),
        "logs": _logs(estate),
    }


def _heating(estate: Estate) -> dict[str, Any] | None:
    """Seven in ten homes with a known year have it: agencies do not fill in everything."""
    year = estate.construction_year
    if estate.type not in (EstateType.HOUSE, EstateType.APARTMENT) or year is None or _share(estate, 1) >= 70:
        return None
    if year >= _INSULATED or estate.energy in ("A", "B"):
        device, type = _UNDERFLOOR if estate.type is EstateType.HOUSE else _RADIATOR, _HEAT_PUMP
    elif estate.energy in ("F", "G"):
        device, type = (_RADIATOR, _FUEL_OIL) if estate.type is EstateType.HOUSE else (_CONVECTOR, _ELECTRIC)
    else:
        device, type = (_CONVECTOR, _ELECTRIC) if _share(estate, 2) < 40 else (_RADIATOR, _GAS)
    together = type == _GAS and year < 1990 and (estate.floors or 0) > _LOW_BUILDING
    return {
        "device": device,
        "devices": [str(device)],
        "access": _COMMON if together else _INDIVIDUAL,
        "type": type,
        "types": [str(type)],
    }


def _view(estate: Estate) -> dict[str, Any] | None:
    """The view that the listing speaks of, above the roofs of a town or over fields."""
    if "vue dégagée" not in estate.description.lower():
        return None
    return {"type": _UNOBSTRUCTED, "landscape": [_COUNTRYSIDE if estate.floor is None else _CITY]}


def _exchanges(estate: Estate, context: ViewContext) -> list[dict[str, Any]]:
    """The provider that asks is among them for half of what is on offer (52 of 102 at one agency; dossier apimo §7)."""
    step, _ = codes.STEP_STATUS[estate.status]
    if context.account is None or step != 1 or _share(estate, 3) >= 51:
        return []
    user = context.account.user
    return [{"provider": int(user) if user.isdecimal() else user}]


def _logs(estate: Estate) -> list[dict[str, Any]]:
    """The change of status of what is no longer on offer."""
    step, status = codes.STEP_STATUS[estate.status]
    return [] if step == 1 else [{"field": "status", "value": str(status), "date": to_paris(estate.updated_at)}]


def _share(estate: Estate, question: int) -> int:
    """0 to 99, spread evenly over the ids and always the same for one."""
    return (estate.id * 7919 + question * 104_729) * 2_654_435_761 % 2**32 * 100 >> 32
