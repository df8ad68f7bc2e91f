"""Writes the page of results: one run of everything, and no figure without what it is held against in that run."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.figures import Figure, as_markdown
from tests.benchmarks.measure import Results
from tests.benchmarks.report import as_markdown as servers_as_markdown

FILE = Path(__file__).with_name("README.md")
_BEGINNING = "<!-- results: written by `python -m tests.benchmarks --page` -->\n"
SECTIONS: Mapping[str, str] = {
    "road": "The road of a call, in process",
    "making": "Making a world",
    "size": "Any size",
    "stores": "State in a database",
    "starts": "Starts",
    "sandboxes": "Sandboxes",
}
"""The titles of the reports that the page has beside the servers, by module."""


def write(servers: tuple[Results, Sequence[str], str], reports: Mapping[str, Sequence[Figure]]) -> None:
    """Replaces the results on the page; the text above them stays."""
    text = FILE.read_text(encoding="utf-8").partition(_BEGINNING)[0]
    FILE.write_text(text + _BEGINNING + results(servers, reports), encoding="utf-8")


def results(servers: tuple[Results, Sequence[str], str], reports: Mapping[str, Sequence[Figure]]) -> str:
    """Returns the sections of the page below its text."""
    load = f"load {os.getloadavg()[0]:.1f} at the end, {os.cpu_count()} cores"
    parts = [f"Measured on {datetime.now(UTC):%d %B %Y}; {load}.\n", f"## Servers\n\n{servers_as_markdown(*servers)}"]
    parts += [f"## {SECTIONS[name]}\n\n{as_markdown(figures)}" for name, figures in reports.items()]
    return "\n" + "\n".join(parts)
