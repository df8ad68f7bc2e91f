"""Estimations: an owner's description of a property, and the estimated price."""

from enum import StrEnum

from mockserver.domain.base import Frozen
from mockserver.foundation.dataclass import dataclass


class TimeToMarket(StrEnum):
    """The time within which the owner intends to sell."""

    NOW = "NOW"
    SOON = "SOON"
    """Within half a year."""
    LATER = "LATER"
    UNDECIDED = "UNDECIDED"


class ContactSituation(StrEnum):
    """The seeker's relation to the property."""

    SELLER = "SELLER"
    LANDLORD = "LANDLORD"
    OCCUPANT = "OCCUPANT"
    """Lives there and has no plan."""


class Outlook(StrEnum):
    """The view from the windows (AVIV's `withView` until v2)."""

    SEA = "SEA"
    MOUNTAIN = "MOUNTAIN"
    COURTYARD = "COURTYARD"
    OPEN = "OPEN"
    """No building is opposite."""
    NONE = "NONE"


class Orientation(StrEnum):
    """The direction that the main rooms face (AVIV's `propertyOrientation` until v2, before it had diagonals)."""

    NORTH = "NORTH"
    EAST = "EAST"
    SOUTH = "SOUTH"
    WEST = "WEST"
    EAST_WEST = "EAST_WEST"
    SOUTH_NORTH = "SOUTH_NORTH"


class Trade(StrEnum):
    """A line of business (AVIV's `businessType`, dossier gsl §6.6)."""

    FOOD = "FOOD"
    TRANSPORT = "TRANSPORT"
    GASTRONOMY_HOTEL = "GASTRONOMY_HOTEL"
    LOCAL_SHOP = "LOCAL_SHOP"
    WELLNESS_HEALTHCARE = "WELLNESS_HEALTHCARE"
    HOUSE_EQUIPMENT = "HOUSE_EQUIPMENT"
    COMPUTER_TELECOM = "COMPUTER_TELECOM"
    LEISURE = "LEISURE"
    FASHION = "FASHION"
    HEALTH = "HEALTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Business(Frozen):
    """The use of premises, and whether the business is sold with them."""

    trade: Trade | None = None
    """None means any."""
    activity: str | None = None
    sold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spaces(Frozen):
    """Square metres by kind, beside the living space; None where there is no such thing."""

    balcony: int | None = None
    cellar: int | None = None
    outbuilding: int | None = None
    plot: int | None = None
    terrace: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimation(Frozen):
    """Details of an owner's property that the enquiry itself does not have, the owner's plan, and the two prices.

    The enquiry's `search` has type, living space, rooms, bedrooms and commune, and its `hint` has the address, so that
    no two providers can disagree. For members that are yes or no, None means "does not apply".
    """

    spaces: Spaces = Spaces()
    balconies: int | None = None
    terraces: int | None = None
    floor: int | None = None
    """0 is the ground floor; None in a house."""
    floors: int | None = None
    elevator: bool | None = None
    cellar: bool | None = None
    calm: bool | None = None
    outlook: Outlook | None = None
    garages: int | None = None
    parkings: int | None = None
    """Places outside."""
    construction_year: int | None = None
    orientation: Orientation | None = None
    outbuilding: bool | None = None
    patio: bool | None = None
    pool: bool | None = None
    charges: int | None = None
    """Euro a year."""
    leaseback: bool | None = None
    terraced: bool | None = None
    """Whether a house is terraced; None for other types."""
    business: Business | None = None
    """Present only for trading premises and offices."""
    time_to_market: TimeToMarket | None = None
    situation: ContactSituation | None = None
    owner_price: int | None = None
    """The owner's idea of the price: euro, or euro a month when the property is to be let."""
    estimated_price: int | None = None
    """The portal's estimate, in the same unit."""
    is_free: bool | None = None
    """GSL's `isFree`: no source says whether the property or the estimate is free (unknown)."""
    user_city: str | None = None
    user_postcode: str | None = None
    """With `user_city`, the seeker's place of residence."""
    comment: str | None = None
