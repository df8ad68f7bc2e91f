"""Results as tables for people, as tables for a page of documentation, or as JSON."""

import json
import platform
from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.load import CONNECTIONS
from tests.benchmarks.measure import Results
from tests.benchmarks.workloads import ALL

_TITLES = {workload.name: workload.title for workload in ALL}
_LEGEND = """\
A ratio is ours to theirs: more is better for answers/s, less is better for the rest.
The other figures hold for this machine in this run only.
"""
GOALS = {"pact": 1.3, "wiremock": 4.0, "prism": 4.0}
"""The ratio of answers that each peer is to be beaten by, on a page of 100, a page of 1 and a POST."""
_GOAL_WORKLOADS = ("W1", "W2", "W3")


def as_table(results: Results, names: Sequence[str], about: str) -> str:
    """A table with a row for each measure: medians, and our ratio to each other server with its spread."""
    table = Table("", names[0], box=None, pad_edge=False, header_style="bold")
    table.columns[1].justify = "right"
    for name in names[1:]:
        table.add_column(name, justify="right")
        table.add_column("ratio")
    for measure in results.figures:
        cells = [_figure(measure, results.middle(measure, names[0]))]
        for name in names[1:]:
            cells += [_figure(measure, results.middle(measure, name)), _ratio(results.ratios(measure, names[0], name))]
        table.add_row(_title(measure), *cells)
    console = Console(width=60 + 30 * len(names), highlight=False)
    with console.capture() as capture:
        console.print(table)
    counts = f"{results.requests:,} answers under load, {results.errors:,} of them errors.\n"
    goals = "".join(f"{line}\n" for line in goals_of(results, names))
    return "\n".join([about, "", *(line.rstrip() for line in capture.get().splitlines()), "", _LEGEND + counts + goals])


def as_markdown(results: Results, names: Sequence[str], about: str) -> str:
    """The same as a table of Markdown, each figure of another server with our ratio to it in parentheses."""
    lines = [["", *names], ["---", *("--:" for _ in names)]]
    for measure in results.figures:
        cells = [_figure(measure, results.middle(measure, names[0]))]
        for name in names[1:]:
            ratios = results.ratios(measure, names[0], name)
            cells.append(f"{_figure(measure, results.middle(measure, name))} ({median(ratios):.2f})" if ratios else "-")
        lines.append([_title(measure), *cells])
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    goals = "".join(f"- {line}\n" for line in goals_of(results, names))
    return f"{about}\n\n{table}\n{goals}"


def as_json(results: Results, names: Sequence[str], about: str) -> str:
    """Everything that was measured: answers a second, seconds, bytes; ratios of our server to the others."""
    measures = {measure: _measure(results, measure, names) for measure in results.figures}
    counts = {"requests": results.requests, "errors": results.errors}
    return json.dumps({"about": about, "servers": list(names), **counts, "measures": measures}, indent=2) + "\n"


def about(generator: str, rounds: int, seconds: float) -> str:
    """A line on how and where it was measured."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"{generator}; {rounds} interleaved rounds of {seconds:g} s, medians (least-most); {system}"


def goals_of(results: Results, names: Sequence[str]) -> list[str]:
    """A sentence for each peer that took part: the ratio that is our goal, and what each workload came to."""
    sentences = []
    for peer, goal in GOALS.items():
        if peer in names:
            ratios = {name: median(results.ratios(name, names[0], peer)) for name in _GOAL_WORKLOADS}
            reached = "reached" if min(ratios.values()) >= goal else "not reached"
            figures = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
            sentences.append(f"Goal: at least {goal:g} times {peer}: {reached} ({figures}).")
    return sentences


def _measure(results: Results, measure: str, names: Sequence[str]) -> dict[str, Any]:
    ratios = {name: _summary(results.ratios(measure, names[0], name)) for name in names[1:]}
    return {"figures": results.figures[measure], "ratios": ratios}


def _summary(ratios: list[float]) -> dict[str, float]:
    return {"median": median(ratios), "least": min(ratios), "most": max(ratios)} if ratios else {}


def _title(measure: str) -> str:
    """`W1/128 p99` as `W1 page of 100, 128 connections, p99`."""
    name, _, quantile = measure.partition(" ")
    workload, _, connections = name.partition("/")
    if workload not in _TITLES:
        return measure
    return f"{workload} {_TITLES[workload]}, {connections or CONNECTIONS} connections, {quantile or 'answers/s'}"


def _figure(measure: str, figure: float) -> str:
    if measure.startswith("memory"):
        return f"{figure / 1e6:,.0f} MB"
    if measure.endswith(("p50", "p99")):
        return f"{figure * 1000:,.2f} ms"
    return f"{figure * 1000:,.0f} ms" if measure == "cold start" else f"{figure:,.0f}"


def _ratio(ratios: list[float]) -> str:
    if not ratios:
        return "-"
    summary = _summary(ratios)
    spread = f" ({summary['least']:.2f}-{summary['most']:.2f})" if len(ratios) > 1 else ""
    return f"{summary['median']:.2f}{spread}"
