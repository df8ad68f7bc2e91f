"""Lets time pass between two runs of a client, as it does for whoever runs one every hour."""

from collections.abc import Sequence

from mockserver.foundation.clock import parse_duration
from mockserver.scenarios.action_models import Action

REST = 3_600.0
"""Seconds of the virtual clock. A client may do nothing when it is run again in the same second, or minute."""
_MOVED = 60.0
"""Seconds by which a drill moves the clock itself, so that there is no need to."""


def rest_before(actions: Sequence[Action]) -> float:
    """Returns the seconds that are to pass beside what happens before a run; none where the drill moves the clock."""
    moves = [action.clock for action in actions if action.clock is not None]
    moved = sum(parse_duration(move.advance) for move in moves if move.advance is not None)
    return 0.0 if abs(moved) >= _MOVED or any(move.set is not None for move in moves) else REST
