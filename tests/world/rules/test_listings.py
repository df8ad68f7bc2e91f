"""Each rule of listings, places and portals tells the pin that breaks it, and is silent about its neighbours."""

from datetime import datetime
from typing import Any

import pytest

from mockserver.domain import Kind, Portal
from mockserver.world import World, WorldFile
from mockserver.world.activity_calendar import PARIS
from mockserver.world.communes import load_communes
from mockserver.world.files import AgencyEntry, Pin, Size
from mockserver.world.rules import check_world

ORIGIN = 1_796_018_400  # 2026-11-30T06:00:00Z
SIZE = Size(agents=2, estates=6, enquiries=6)
FLAT: dict[str, Any] = {
    **{"type": "APARTMENT", "subtype": "APARTMENT", "transaction": "BUY", "condition": "GOOD", "energy": "D"},
    **{"area": 64, "rooms": 3, "bedrooms": 2, "floor": 2, "floors": 4, "construction_year": 1975, "price": 285_000},
    **{"status": "AVAILABLE", "commune": "Nice", "city": "Nice", "postcode": "06000", "district": None},
    **{"title": "Appartement 3 pièces 64 m² - Nice", "description": "À vendre : appartement. Bon état général."},
}
"""A flat in Nice that breaks no rule."""
PLOT: dict[str, Any] = {
    **{"type": "PLOT", "subtype": None, "area": 450, "price": 520_000, "title": "Terrain 450 m² - Nice"},
    **{"rooms": None, "bedrooms": None, "floor": None, "floors": None, "condition": None},
    **{"construction_year": None, "description": "À vendre : terrain."},
}
"""A building plot in Nice that breaks no rule."""
MESSAGE = {"category": "CLASSIFIED", "estate": {"position": 2}, "message": "Dispo ?"}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("listing-offer-words", {"description": "À louer : appartement. Dossier à déposer avant toute visite."}),
    ("listing-offer-words", {"transaction": "SEASONAL", "price": 500}),
    ("listing-offer-words", {"transaction": "RENT", "price": 900, "description": "Honoraires inclus."}),
    ("listing-type-words", {"type": "TRADING", "subtype": "STORE", "description": "À deux pas des écoles."}),
    ("listing-type-words", {"type": "PARKING", "subtype": None, "description": "Belle luminosité."}),
    ("listing-warranty", {"description": "Livraison récente, garanties constructeur."}),
    ("listing-new", {"subtype": "LOFT", "condition": "NEW", "construction_year": 2026}),
    (
        "listing-let-condition",
        {"transaction": "RENT", "price": 900, "condition": "TO_RENOVATE", "description": "Beau."},
    ),
    ("listing-let-condition", {"transaction": "SEASONAL", "condition": "TO_REFRESH", "price": 500, "description": ""}),
    ("listing-age-condition", {"condition": "TO_RENOVATE", "construction_year": 2008}),
    ("listing-age-condition", {"condition": "TO_REFRESH", "construction_year": 2018}),
    ("listing-floors", {"construction_year": 1867, "floors": 9}),
    ("listing-floors", {"floor": 5}),
    ("listing-rooms", {"subtype": "STUDIO"}),
    ("listing-rooms", {"subtype": "LOFT", "rooms": 6, "area": 120, "title": "Loft"}),
    ("listing-rooms", {"rooms": 12}),
    ("listing-energy", {"transaction": "RENT", "price": 900, "energy": "G", "description": "À louer."}),
    ("listing-price", {"price": 418_137}),
    ("listing-price", {"price": 1_479}),
    ("listing-title", {"area": 65}),
    ("listing-title", {"title": "Appartement 3 pièces 64 m² - Antibes"}),
    ("place-preposition", {"description": "À vendre, à Le Cannet."}),
    ("place-town", {"postcode": "06400"}),
    ("place-town", {"district": "La Croisette"}),
    ("place-town", {"district": "Fabron"}),
    ("promise-praise", {"description": "À vendre. Exposition plein sud.", "facing": "NORTH"}),
    ("promise-praise", {"description": "À vendre. Cave et stationnement complètent l’ensemble.", "cellar": False}),
    ("promise-praise", {"description": "À vendre, terrain de 300 m².", "plot_area": None}),
    ("promise-thousands", {**PLOT, "description": "Terrain de 1940 m², plat.", "plot_area": 450}),
    ("land-plot", {**PLOT, "price": 80_000}),
    ("land-plot", {**PLOT, "area": 2_200, "title": "Terrain", "price": 2_200_000}),
]
ELSEWHERE = {"commune": "Rennes", "city": "Rennes", "postcode": "35000", "title": "Appartement"}
FARM = {"type": "AGRICULTURE_FORESTRY", "subtype": "WINERY", "rooms": None, "title": "Vignes"}


def broken_by(estate: dict[str, Any], enquiry: dict[str, Any] | None = None) -> list[str]:
    """The rules that a pinned flat, and an enquiry about it, break in a world around Nice."""
    pins = [Pin(kind=Kind.ESTATE, agency=101, position=2, why="As told.", set={**FLAT, **estate})]
    if enquiry:
        pins.append(Pin(kind=Kind.ENQUIRY, agency=101, position=3, why="As told.", set={**MESSAGE, **enquiry}))
    file = WorldFile(name="pinned", size=SIZE, agencies=(AgencyEntry(id=101),), pins=tuple(pins))
    world = World(file, origin=ORIGIN)
    assert world.home(101).name == "Nice"
    broken = check_world(world)
    assert {breach.id for rule in broken for breach in rule.breaches} <= {5_120_003, 170_004}
    assert broken == check_world(world, most_pins=2)
    return [rule.rule.id for rule in broken]


def commune_id(name: str) -> int:
    """The id of a town of the table."""
    commune = load_communes().find(name)
    assert commune
    return commune.id


@pytest.mark.parametrize(("rule", "members"), CASES)
def test_a_listing_that_breaks_a_rule_is_told(rule: str, members: dict[str, Any]) -> None:
    assert broken_by(members) == [rule]


def test_a_listing_that_fits_breaks_none() -> None:
    assert broken_by({}) == []
    assert broken_by({"transaction": "RENT", "price": 1_290, "description": "À louer : appartement."}) == []


def test_a_listing_far_away_is_a_holiday_home_or_told() -> None:
    assert broken_by(ELSEWHERE) == ["place-near"]
    assert broken_by({**ELSEWHERE, "description": "À vendre. Idéal pour une résidence secondaire."}) == []


def test_farms_chalets_and_plots_stand_where_they_can() -> None:
    assert broken_by(FARM) == ["place-surroundings"]
    grasse = {"commune": "Grasse", "city": "Grasse", "postcode": "06130"}
    assert broken_by({**FARM, **grasse}) == []
    assert broken_by({"type": "HOUSE", "subtype": "CHALET"}) == ["place-surroundings"]
    assert broken_by({"type": "HOUSE", "subtype": "FARMHOUSE"}) == ["listing-farmhouse", "place-surroundings"]
    paris = {"commune": "Paris 7ème", "city": "Paris 7ème", "postcode": "75007", "description": "Pied-à-terre."}
    assert broken_by({"type": "PLOT", "subtype": None, "title": "Terrain", **paris}) == ["place-surroundings"]


def test_plots_and_farms_cost_what_land_costs_there() -> None:
    assert broken_by(PLOT) == []
    valbonne = {"commune": "Valbonne", "city": "Valbonne", "postcode": "06560"}
    farm = {**FARM, **valbonne, "subtype": "FARM_RANCH", "plot_area": 460_000}
    assert broken_by({**farm, "price": 91_000}) == ["land-farm"]
    assert broken_by({**farm, "price": 1_900_000}) == []


def test_vines_grow_where_there_are_such() -> None:
    chartres = {"commune": "Chartres", "city": "Chartres", "postcode": "28000", "description": "Vacances."}
    assert broken_by({**FARM, **chartres}) == ["land-vines"]


def test_who_writes_in_capitals_writes_the_town_so() -> None:
    assert broken_by({}, {"message": "A VENDRE SUR Cannes, 80 M2."}) == ["promise-capitals"]
    assert broken_by({}, {"message": "A VENDRE SUR CANNES, 80 M2."}) == []


def test_a_search_for_land_is_about_towns_with_land() -> None:
    search = {"transaction": "BUY", "types": ["PLOT"], "area_min": 400}
    pin = {"category": "PROPERTY_SEARCH", "project": None, "estate": None, "intention": "BUY", "message": "Dispo ?"}
    assert broken_by({}, {**pin, "search": {**search, "communes": [commune_id("Nice")]}}) == []
    large = {**search, "communes": [commune_id("Nice")], "area_min": 1_300}
    assert broken_by({}, {**pin, "search": large}) == ["land-search"]
    assert broken_by({}, {**pin, "search": {**search, "communes": [commune_id("Marseille 6ème")]}}) == ["land-search"]


def test_an_occupied_home_is_not_free_and_high_floors_have_a_lift() -> None:
    pin = {"category": "ESTIMATION", "estate": None, "intention": "SELL", "message": "Bonjour."}
    assert broken_by({}, {**pin, "estimation": {"floor": 9, "elevator": False}}) == ["promise-lift"]
    free = {"is_free": True, "situation": "OCCUPANT", "time_to_market": "UNDECIDED"}
    assert "promise-lift" in broken_by({}, {**pin, "estimation": free})


def test_a_portal_shows_what_it_is_for() -> None:
    assert broken_by({}, {"portal": Portal.SELOGER_NEUF}) == ["portal-new-homes"]
    assert broken_by({"condition": "NEW", "construction_year": 2026}, {"portal": Portal.SELOGER_NEUF}) == []
    assert broken_by({}, {"portal": Portal.SELOGER_BUREAUX}) == ["portal-premises"]
    assert broken_by({"type": "OFFICE", "subtype": None}, {"portal": Portal.SELOGER_BUREAUX}) == []


def test_an_enquiry_with_a_wrong_preposition_is_told() -> None:
    assert broken_by({}, {"message": "Nous cherchons près de Le Cannet."}) == ["place-preposition"]


def test_a_house_is_not_called_by_the_letter_of_a_flat() -> None:
    house = {"type": "HOUSE", "subtype": "VILLA", "title": "Maison", "floor": None, "floors": 1}
    assert broken_by(house, {"message": "Le T3 est-il libre ?"}) == ["enquiry-house-rooms"]
    assert broken_by({}, {"message": "Le T3 est-il libre ?"}) == []


@pytest.mark.parametrize(
    ("hour", "broken"),
    [(6, ["enquiry-greeting"]), (16, ["enquiry-greeting"]), (17, []), (22, [])],
)
def test_nobody_wishes_a_good_evening_in_the_morning(hour: int, broken: list[str]) -> None:
    created = int(datetime(2026, 11, 3, hour, 30, tzinfo=PARIS).timestamp())
    assert broken_by({}, {"message": "Bonsoir, toujours disponible ?", "created_at": created}) == broken


def test_stays_begin_on_saturdays() -> None:
    by_the_week = {"transaction": "SEASONAL", "price": 500, "description": "Location de vacances."}
    monday, saturday = {"start": "2027-07-05", "end": "2027-07-12"}, {"start": "2027-07-03", "end": "2027-07-10"}
    assert broken_by(by_the_week, {"stay": monday, "intention": "RENT"}) == ["enquiry-stay"]
    assert broken_by(by_the_week, {"stay": saturday, "intention": "RENT"}) == []
    by_moments = {name: f"{day} 16:00:00" for name, day in saturday.items()}
    assert broken_by(by_the_week, {"stay": by_moments, "intention": "RENT"}) == []


def test_holidays_are_spent_where_people_go() -> None:
    towns = load_communes()
    nice, grasse = ([town.id for town in towns.all if town.name == name] for name in ("Nice", "Grasse"))
    wish = {
        "category": "PROPERTY_SEARCH",
        "estate": None,
        "project": None,
        "message": "Pied-à-terre pour nos vacances.",
    }
    flat = {"transaction": "BUY", "types": ["APARTMENT"]}
    assert broken_by({}, {**wish, "search": {**flat, "communes": nice}}) == []
    assert broken_by({}, {**wish, "search": {**flat, "communes": grasse}}) == ["enquiry-holidays"]


def test_homes_are_let_by_the_week_where_people_go() -> None:
    by_the_week = {"transaction": "SEASONAL", "price": 500, "description": "Location de vacances."}
    grasse = {"commune": "Grasse", "city": "Grasse", "postcode": "06130", "title": "Appartement"}
    assert broken_by(by_the_week) == []
    assert broken_by({**by_the_week, **grasse}) == ["listing-seasonal"]


def test_the_portal_of_the_riviera_has_no_leads_for_paris() -> None:
    pin = Pin(kind=Kind.ENQUIRY, agency=101, position=3, why="As told.", set={"portal": Portal.LA_COTE_IMMO})
    file = WorldFile(name="pinned", size=SIZE, agencies=(AgencyEntry(id=101),), pins=(pin,))
    broken = {seed: check_world(World(file, origin=ORIGIN, seed=seed)) for seed in (1, 7)}
    assert [world.home(101).region for world in (World(file, origin=ORIGIN, seed=7),)] == ["Île-de-France"]
    assert broken[1] == ()
    assert [rule.rule.id for rule in broken[7]] == ["portal-riviera"]
