"""Covering arrays: few combinations of values in which every two values of different variables meet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from random import Random

from mockserver.contract import Contract

Row = dict[str, str]
Pair = frozenset[tuple[str, str]]

_TRIES = 10
"""Rows that are tried for each that is taken."""


def every_pair(variables: Mapping[str, Sequence[str]]) -> list[Row]:
    """Returns combinations of one value of each variable, such that every two values stand together in one of them."""
    values = [(name, value) for name in variables for value in variables[name]]
    missing = {frozenset((first, second)) for first, second in combinations(values, 2) if first[0] != second[0]}
    chance = Random(len(missing))
    rows: list[Row] = []
    while missing:
        rarest = Counter(value for pair in missing for value in pair)
        first = max(values, key=rarest.__getitem__)
        tried = [_row(variables, first, missing, chance) for _ in range(_TRIES)]
        best = max(tried, key=lambda row: len(_pairs(row) & missing))
        missing -= _pairs(best)
        rows.append(best)
    return rows


def readings_in_pairs(contract: Contract) -> list[Row]:
    """Returns few combinations of readings of a provider, in which every two readings meet."""
    return every_pair({name: list(variant.values) for name, variant in contract.variants.items()})


def _row(variables: Mapping[str, Sequence[str]], first: tuple[str, str], missing: set[Pair], chance: Random) -> Row:
    """Returns a row that begins with a value, and takes for each variable the value that brings most missing pairs."""
    row: Row = dict([first])
    for name in chance.sample(list(variables), len(variables)):
        if name not in row:
            brought = {
                value: sum(frozenset((item, (name, value))) in missing for item in row.items())
                for value in chance.sample(list(variables[name]), len(variables[name]))
            }
            row[name] = max(brought, key=brought.__getitem__)
    return {name: row[name] for name in variables}


def _pairs(row: Row) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(row.items(), 2)}
