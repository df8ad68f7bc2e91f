"""The rules of a world that a person would believe, and the check of a world against them."""

from mockserver.world.rules.check import RULES, BrokenRule, check_world
from mockserver.world.rules.checked_world import CheckedWorld
from mockserver.world.rules.pinned import warnings_about_pins
from mockserver.world.rules.rule import Breach, Rule

__all__ = ["RULES", "Breach", "BrokenRule", "CheckedWorld", "Rule", "check_world", "warnings_about_pins"]
