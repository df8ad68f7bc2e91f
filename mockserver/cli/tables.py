"""Tables on standard output, as wide as the terminal or as COLUMNS says, else wide enough for a file."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def width_of(file: Any, otherwise: int) -> int | None:
    """Returns the columns to print in; None lets the terminal or COLUMNS decide."""
    return None if file.isatty() or os.environ.get("COLUMNS", "").isdecimal() else otherwise


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table, a column for each heading."""
    # Imported here: serving must not pay for it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(width=width_of(sys.stdout, 240), highlight=False).print(table)
