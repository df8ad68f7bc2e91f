"""Counts of enquiries by category: of long rows by blocks, which are counted once and then remembered."""

from collections.abc import Callable
from functools import partial
from itertools import starmap

from mockserver.domain import Category, Kind
from mockserver.world.context import WorldContext
from mockserver.world.lookups import category_at
from mockserver.world.numbering import SEARCH_AT, SEARCH_EVERY

Counts = tuple[int, ...]
"""The number of enquiries of each category, in the order of `Category`."""

_BLOCK, _BLOCKS = 1_024, 64
"""The enquiries of a block, some milliseconds of work, and the blocks of a group."""
_GROUP = _BLOCK * _BLOCKS
_CATEGORIES = tuple(Category)
_NONE: Counts = (0,) * len(_CATEGORIES)


def count_categories(world: WorldContext, agency: int, first: int, end: int, categories: set[Category]) -> int:
    """Returns the number of the enquiries of those categories at positions from `first` until before `end`.

    The counts of all and of the searches follow from the positions. For others each enquiry is looked at, in slices,
    the first time. Raises SliceOver.
    """
    if categories == {*Category} or end <= first:
        return max(0, end - first)
    if categories == {Category.PROPERTY_SEARCH} and not world.pins.positions(Kind.ENQUIRY, agency):
        return _searches_before(end) - _searches_before(first)
    counts = _of_row(_GROUP, _group, _of_blocks, world, agency, first, end)
    return sum(count for category, count in zip(_CATEGORIES, counts, strict=True) if category in categories)


def _searches_before(position: int) -> int:
    return (position + SEARCH_EVERY - 1 - SEARCH_AT) // SEARCH_EVERY


def _of_row(
    unit: int,
    whole: Callable[[WorldContext, int, int], Counts],
    rest: Callable[[WorldContext, int, int, int], Counts],
    world: WorldContext,
    agency: int,
    first: int,
    end: int,
) -> Counts:
    """Adds up whole units, which are remembered, and what is left of the row at both ends."""
    low, high = -(-first // unit), end // unit
    if low >= high:
        return rest(world, agency, first, end)
    units = (world.remembered(whole, agency, number) for number in range(low, high))
    ends = starmap(partial(rest, world, agency), ((first, low * unit), (high * unit, end)))
    return tuple(map(sum, zip(_NONE, *units, *ends, strict=True)))


def _group(world: WorldContext, agency: int, number: int) -> Counts:
    return _of_blocks(world, agency, number * _GROUP, (number + 1) * _GROUP)


def _of_blocks(world: WorldContext, agency: int, first: int, end: int) -> Counts:
    return _of_row(_BLOCK, _block, _remembered_part, world, agency, first, end)


def _block(world: WorldContext, agency: int, number: int) -> Counts:
    return _part(world, agency, number * _BLOCK, (number + 1) * _BLOCK)


def _remembered_part(world: WorldContext, agency: int, first: int, end: int) -> Counts:
    return world.remembered(_part, agency, first, end) if first < end else _NONE


def _part(world: WorldContext, agency: int, first: int, end: int) -> Counts:
    categories = [category_at(world, agency, position) for position in range(first, end)]
    return tuple(map(categories.count, _CATEGORIES))
