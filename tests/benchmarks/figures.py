"""Figures that are no rates of servers, each with its limit and with what it is held against in the same run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

HEAD = ("", "figure", "limit", "rival", "rival's figure", "ratio", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure. `limit` is the most that it should be; no run fails because of it."""

    name: str
    value: float
    unit: str = ""
    limit: float | None = None
    rival: str = ""
    """The name of what was measured beside it, in the same run and the same unit."""
    rival_value: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Our figure divided by the rival's."""
        return self.value / self.rival_value if self.rival_value else None

    def row(self) -> tuple[str, ...]:
        """The cells of a table's row, below `HEAD`."""
        shown = [_shown(value, self.unit) for value in (self.value, self.limit, self.rival_value)]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.name, shown[0], shown[1], self.rival, shown[2], ratio, self.note

    def as_json(self) -> dict[str, Any]:
        """Returns all that is known of it, with None for what is not."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit,
            "rival": self.rival or None,
            "rival_value": self.rival_value,
            "ratio": self.ratio,
            "note": self.note or None,
        }


def as_text(figures: Sequence[Figure]) -> str:
    """Returns a table for a terminal; columns that have nothing to say are left out."""
    rows = [figure.row() for figure in figures]
    table = Table(box=None, pad_edge=False, header_style="bold")
    used = [column for column in range(len(HEAD)) if any(row[column] for row in rows)]
    for column in used:
        table.add_column(HEAD[column], justify="left" if HEAD[column] in ("", "rival") else "right")
    for row in rows:
        table.add_row(*(row[column] for column in used))
    console = Console(width=180, highlight=False)
    with console.capture() as capture:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def as_markdown(figures: Sequence[Figure]) -> str:
    """Returns the same table for a page of documentation."""
    rows = [figure.row() for figure in figures]
    used = [column for column in range(len(HEAD)) if any(row[column] for row in rows)]
    lines = [[HEAD[column] for column in used], ["---" if HEAD[column] in ("", "rival") else "--:" for column in used]]
    lines += [[row[column] for column in used] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def dumped(figures: Sequence[Figure]) -> str:
    """Returns the figures as JSON."""
    return json.dumps([figure.as_json() for figure in figures], indent=2, ensure_ascii=False) + "\n"


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()
