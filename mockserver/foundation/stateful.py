"""What a sandbox keeps as records: the one form in which its state is dumped, restored, made durable and shared."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Keep = Callable[[str, Any], None]
"""Told of a part's record that changed: its key, and its value as plain JSON; None when it is no more."""


class StatefulComponent(Protocol):
    """Something in a sandbox that calls change, such as its clock or its faults.

    Whoever changes a part changes it here and now; `keep`, when it is set, is told of every record that changed.
    """

    keep: Keep | None

    def dump(self) -> Mapping[str, Any]:
        """Every record that is not as it was at the start, as plain JSON by key."""

    def load(self, key: str, value: Any | None) -> None:
        """Takes one record over that was changed elsewhere; None is "as at the start". `keep` is not told."""

    def reset(self) -> None:
        """Back to the start; `keep` is not told."""


def replace(part: StatefulComponent, records: Mapping[str, Any]) -> None:
    """Makes the part what those records say, and tells `keep` of what is different."""
    keep = part.keep
    before = part.dump() if keep else {}
    part.reset()
    for key, value in records.items():
        part.load(key, value)
    if keep:
        for key in before.keys() - records.keys():
            keep(key, None)
        for key, value in records.items():
            if before.get(key) != value:
                keep(key, value)
