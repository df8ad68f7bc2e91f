"""Writes pages on obligations for a terminal: the sentence, the reasons, the drills, code, and the documents."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from textwrap import indent, wrap
from typing import TYPE_CHECKING

from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import OBLIGATIONS, reasons_of, severity_of
from mockserver.judge.citations import CitedDocument, cited
from mockserver.judge.drill import Drill
from mockserver.judge.listing import aims_of
from mockserver.judge.obligation_pages import CODE_NAMES, code_of, families
from mockserver.judge.reports.wording import rests_on
from mockserver.judge.suite import battery
from mockserver.providers.contracts import provider_names
from mockserver.server.app import providers_of

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 100


def drills_for(id: str) -> list[str]:
    """Returns the names of the drills that aim at an obligation, each once for all providers that have it."""
    return list(dict.fromkeys(drill.name for drill in _battery() if id in aims_of(drill)))


@lru_cache
def _battery() -> Sequence[Drill]:
    return battery(providers_of(Settings()))


def write_families(console: "Console") -> None:
    """Writes what there are pages on: each family with its obligations."""
    for name in families():
        write_family(name, console)
        console.print()


def write_family(name: str, console: "Console") -> None:
    """Writes a family: what it is about, and the sentence of each obligation."""
    _say(console, f"{name}: a correct client {families()[name].about}", style="bold")
    for obligation in OBLIGATIONS.values():
        if obligation.family == name:
            _say(console, f"{obligation.id}  {obligation.sentence}", depth=2)


def write_page(id: str, console: "Console") -> None:
    """Writes the page on an obligation."""
    obligation = OBLIGATIONS[id]
    _say(console, f"{id}: A correct client {obligation.sentence}.", style="bold")
    _say(console, f"To do: {obligation.remedy}")
    for provider in provider_names():
        _write_reason(id, provider, console)
    drills = drills_for(id)
    _say(console, f"Drills that aim at it: {', '.join(drills)}." if drills else "No drill aims at it.", gap=True)
    code = code_of(id)
    for title, text in (("Broken", code.broken), ("Mended", code.mended)):
        _say(console, title, style="bold", gap=True)
        console.print(indent(text.rstrip(), "  "), markup=False, highlight=False, soft_wrap=True)
    _say(console, CODE_NAMES, style="dim", gap=True)
    if sources := list(_sources(id)):
        _say(console, "Documents", style="bold", gap=True)
        for document in sources:
            _say(console, ": ".join(filter(None, (document.title, document.about))), depth=2)
            if document.url:
                _say(console, document.url, depth=4)


def _write_reason(id: str, provider: str, console: "Console") -> None:
    reason = reasons_of(provider).get(id)
    if reason is None:
        _say(console, f"{provider}: it does not bind a client.", gap=True)
        return
    _say(console, f"{provider}: {severity_of(provider, id)}, {reason.level}", style="bold", gap=True)
    for line in (reason.reason, *rests_on(reason.rests_on, reason.needs_all)):
        _say(console, line, depth=2)


def _sources(id: str) -> Iterator[CitedDocument]:
    texts = [reason.document for name in provider_names() if (reason := reasons_of(name).get(id))]
    yield from {document.title: document for document in cited("; ".join(texts))}.values()


def _say(console: "Console", text: str, *, style: str = "", depth: int = 0, gap: bool = False) -> None:
    from rich.text import Text

    if gap:
        console.print()
    later = depth + 2 if text.startswith("- ") else depth
    lines = wrap(
        text,
        min(console.width, _WIDTH),
        initial_indent=" " * depth,
        subsequent_indent=" " * later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    console.print(Text("\n".join(lines), style), soft_wrap=True)
