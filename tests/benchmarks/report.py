"""Results as a table for people or as JSON."""

import json
import platform
from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Results
from tests.benchmarks.workloads import ALL

_RATES = {workload.name: f"{workload.name} {workload.title}, answers/s" for workload in ALL}

_LEGEND = """\
A ratio is ours to theirs: more is better for answers/s, less is better for the rest.
The other figures hold for this machine in this run only.
"""


def as_table(results: Results, names: Sequence[str], about: str) -> str:
    """A table with a row for each measure: medians, and our ratio to each other server with its spread."""
    table = Table("", names[0], box=None, pad_edge=False, header_style="bold")
    table.columns[1].justify = "right"
    for name in names[1:]:
        table.add_column(name, justify="right")
        table.add_column(f"ratio to {name}")
    for measure in results.figures:
        cells = [_figure(measure, results.middle(measure, names[0]))]
        for name in names[1:]:
            cells += [_figure(measure, results.middle(measure, name)), _ratio(results.ratios(measure, names[0], name))]
        table.add_row(_RATES.get(measure, measure), *cells)
    console = Console(width=160, highlight=False)
    with console.capture() as capture:
        console.print(table)
    counts = f"{results.requests:,} answers under load, {results.errors:,} of them errors.\n"
    return "\n".join([about, "", *(line.rstrip() for line in capture.get().splitlines()), "", _LEGEND + counts])


def as_json(results: Results, names: Sequence[str], about: str) -> str:
    """Everything that was measured: answers a second, seconds, bytes; ratios of our server to the others."""
    measures = {measure: _measure(results, measure, names) for measure in results.figures}
    counts = {"requests": results.requests, "errors": results.errors}
    return json.dumps({"about": about, "servers": list(names), **counts, "measures": measures}, indent=2) + "\n"


def about(generator: str, rounds: int, seconds: float) -> str:
    """A line on how and where it was measured."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"{generator}; {rounds} interleaved rounds of {seconds:g} s, medians (least-most); {system}"


def _measure(results: Results, measure: str, names: Sequence[str]) -> dict[str, Any]:
    ratios = {name: _summary(results.ratios(measure, names[0], name)) for name in names[1:]}
    return {"figures": results.figures[measure], "ratios": ratios}


def _summary(ratios: list[float]) -> dict[str, float]:
    return {"median": median(ratios), "least": min(ratios), "most": max(ratios)} if ratios else {}


def _figure(measure: str, figure: float) -> str:
    if measure in _RATES:
        return f"{figure:,.0f}"
    return f"{figure / 1e6:,.0f} MB" if measure.startswith("memory") else f"{figure * 1000:,.0f} ms"


def _ratio(ratios: list[float]) -> str:
    if not ratios:
        return "-"
    summary = _summary(ratios)
    spread = f" ({summary['least']:.2f}-{summary['most']:.2f})" if len(ratios) > 1 else ""
    return f"{summary['median']:.2f}{spread}"
