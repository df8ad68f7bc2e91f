"""Rules of land: plots are as small and dear as their town, farms cost what their fields do, vines have a terroir."""

from collections.abc import Iterator

from mockserver.domain import EstateType, Kind, Transaction
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.rule import Breach, Rule
from mockserver.world.surroundings import is_dense
from mockserver.world.vineyards import HECTARE, VINEYARDS

_DEAR_TOWN = 4_000
"""Euro for a square metre of a flat: where flats cost more, land is scarce."""
_LEAST_THERE, _MOST_SHARE = 700, 0.4
"""Euro for a square metre of land in a dear town, and the most anywhere as a share of the price of flats."""
_LARGEST_THERE = 1_000
_LEAST_FIELD = 3_000
"""Euro for a hectare."""


def _plots(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        town = checked.world.communes.by_id.get(estate.commune)
        if town is None or estate.type is not EstateType.PLOT:
            continue
        dear, price = town.buy_m2 >= _DEAR_TOWN, (estate.price or 0) / estate.area
        if dear and estate.area > _LARGEST_THERE:
            yield Breach(Kind.ESTATE, estate.id, f"{estate.area:g} m² in {town.name}")
        elif estate.price and not (_LEAST_THERE if dear else 0) <= price <= town.buy_m2 * _MOST_SHARE:
            yield Breach(Kind.ESTATE, estate.id, f"{price:.0f} €/m² in {town.name}")


def _searches(checked: CheckedWorld) -> Iterator[Breach]:
    for enquiry in checked.enquiries():
        search = enquiry.search
        if enquiry.estate is not None or EstateType.PLOT not in search.types or not search.communes:
            continue
        towns = [checked.world.communes.by_id[id] for id in search.communes]
        dense = next((town.name for town in towns if is_dense(town)), None)
        if dense:
            yield Breach(Kind.ENQUIRY, enquiry.id, f"a plot in {dense}")
        elif towns[0].buy_m2 >= _DEAR_TOWN and (search.area_min or 0) > _LARGEST_THERE:
            yield Breach(Kind.ENQUIRY, enquiry.id, f"{search.area_min:g} m² in {towns[0].name}")


def _farms(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        hectares = (estate.plot_area or 0) / HECTARE
        sold = estate.type is EstateType.AGRICULTURE_FORESTRY and estate.transaction is Transaction.BUY
        if sold and estate.price and estate.price < hectares * _LEAST_FIELD:
            yield Breach(Kind.ESTATE, estate.id, f"{hectares:g} ha for {estate.price} €")


def _vines(checked: CheckedWorld) -> Iterator[Breach]:
    for estate in checked.estates():
        town = checked.world.communes.by_id.get(estate.commune)
        if town and estate.subtype == "WINERY" and town.department not in VINEYARDS:
            yield Breach(Kind.ESTATE, estate.id, f"vines at {town.name}")


RULES = (
    Rule("land-plot", "Building plots are as small and as dear as those of their town.", _plots),
    Rule("land-search", "Plots are looked for where there are such.", _searches),
    Rule("land-farm", "A farm costs at least what its fields do.", _farms),
    Rule("land-vines", "Estates with vines lie where wine is grown.", _vines),
)
