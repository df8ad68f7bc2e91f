"""A rule is one thing that holds in every world that a person would believe."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mockserver.domain import Kind
from mockserver.world.rules.checked_world import CheckedWorld


class Breach(NamedTuple):
    """An entity that breaks a rule; the detail says what was seen, in one clause."""

    kind: Kind
    id: int
    detail: str


class Rule(NamedTuple):
    """`check` gives what breaks the rule, in the order of ids; the sentence says what holds when nothing does.

    A rule that is `whole` counts over all entities: a selection of them says nothing about it.
    """

    id: str
    sentence: str
    check: Callable[[CheckedWorld], Iterable[Breach]]
    whole: bool = False
