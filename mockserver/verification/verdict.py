"""Judges whether the journal is as expected; if not, says why, and which call came nearest.

Nothing is claimed of calls that the journal no longer holds. A lower bound that the kept calls reach holds, and an
upper bound that they exceed is broken, whatever was evicted; everything else is then open, and an open question has
not held.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mockserver.foundation.dataclass import dataclass
from mockserver.sandbox.journal import Entry, Journal
from mockserver.verification.expectation import Bounds, Expectation
from mockserver.verification.matching import Difference, differences


class Nearest(NamedTuple):
    """The call that came nearest to the expectation; it has no differences when it should not have been made."""

    entry: Entry
    differs: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification: `actual` counts the calls that fit or, of an order, the operations found in it."""

    held: bool
    actual: int
    certain: bool
    """Whether calls that the journal has not kept whole could not change the verdict."""
    explanation: str
    nearest: Nearest | None = None

    def as_dict(self, body_limit: int) -> dict[str, Any]:
        """Returns the form that the admin API shows."""
        members = {
            "held": self.held,
            "actual": self.actual,
            "certain": self.certain,
            "explanation": self.explanation,
        }
        if self.nearest:
            entry, differs = self.nearest
            members["nearest"] = {
                "entry": entry.as_dict(body_limit),
                "differs": [difference.as_dict() for difference in differs],
            }
        return members


def verify(journal: Journal, expectation: Expectation) -> Verdict:
    """Judges the calls that are in the journal now."""
    entries = journal.entries(after=expectation.after)
    compared = [compare(entry, expectation, journal.body_limit) for entry in entries]
    return judge(compared, expectation, journal.evicted)


def compare(entry: Entry, expectation: Expectation, body_limit: int) -> Nearest:
    """Returns a call with what differs from the expectation."""
    return Nearest(entry, differences(entry, expectation, body_limit))


def judge(compared: Sequence[Nearest], expectation: Expectation, evicted: int) -> Verdict:
    """Judges calls that were compared, of a journal that has evicted so many."""
    lost = max(0, evicted - expectation.after)
    if expectation.order is not None:
        return _judge_order(expectation.order, compared, lost)
    return _judge_count(expectation.bounds, compared, lost)


def _judge_count(bounds: Bounds, compared: Sequence[Nearest], lost: int) -> Verdict:
    fitting = [one for one in compared if not one.differs]
    doubtful = lost + sum(_in_doubt(one) for one in compared)
    actual = len(fitting)
    explanation = f"{_calls(actual)} fit; {_expected(bounds)}."
    if bounds.max is not None and actual > bounds.max:
        return Verdict(False, actual, True, explanation, fitting[bounds.max])
    if doubtful and (bounds.max is not None or actual < bounds.min):
        return Verdict(False, actual, False, f"{explanation} {_doubt(doubtful)}", _nearest(compared))
    if actual < bounds.min:
        nearest = _nearest(compared)
        return Verdict(False, actual, True, f"{explanation} {_describe_nearest(nearest)}", nearest)
    return Verdict(True, actual, True, explanation)


def _judge_order(order: Sequence[str], compared: Sequence[Nearest], lost: int) -> Verdict:
    """Takes the earliest call for each operation in turn: when that does not find the order, nothing does."""
    fitting = [one.entry.operation for one in compared if not one.differs]
    count = 0
    for operation in fitting:
        count += count < len(order) and operation == order[count]
    if count == len(order):
        return Verdict(True, count, True, f"All {count} operations were called in this order.")
    after = f"after {order[count - 1]}" if count else "at all"
    explanation = (
        f"{count} of {len(order)} operations were called in this order; {order[count]} was not called {after}."
    )
    if doubtful := lost + sum(_in_doubt(one) for one in compared):
        return Verdict(False, count, False, f"{explanation} {_doubt(doubtful)}")
    called = ", ".join(operation or "(no operation)" for operation in fitting[-20:])
    return Verdict(
        False,
        count,
        True,
        f"{explanation} The calls were: {called}." if called else f"{explanation} There was no call.",
    )


def _in_doubt(one: Nearest) -> bool:
    return bool(one.differs) and all(difference.unknown for difference in one.differs)


def _nearest(compared: Iterable[Nearest]) -> Nearest | None:
    """Returns the call with the fewest differing members; of several the newest."""
    missing = [one for one in compared if one.differs]
    return min(reversed(missing), key=lambda one: len(one.differs), default=None)


def _expected(bounds: Bounds) -> str:
    if bounds.max == bounds.min:
        return f"exactly {bounds.min} expected" if bounds.min else "none expected"
    if bounds.max is None:
        return f"at least {bounds.min} expected"
    return f"{bounds.min} to {bounds.max} expected"


def _describe_nearest(nearest: Nearest | None) -> str:
    if nearest is None:
        return "There was no other call."
    named = ", ".join(difference.member for difference in nearest.differs)
    return f"The nearest is call {nearest.entry.id}, which differs in {named}."


def _doubt(calls: int) -> str:
    return (
        f"That is not certain: of {_calls(calls)} the journal has not kept enough to tell; "
        "clear it before, or start the server with a larger --journal-size."
    )


def _calls(number: int) -> str:
    return f"{number} call" if number == 1 else f"{number} calls"
