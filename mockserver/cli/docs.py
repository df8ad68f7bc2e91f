"""The command `mockserver docs`: pages to read in a terminal."""

import sys
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

import click

from mockserver.cli.tables import width_of
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.settings import SettingsError

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class DocsTopic:
    """Something that there is a page on."""

    name: str
    write: Callable[["Console"], None]


@click.command()
@click.argument("topic", required=False)
def docs(topic: str | None) -> None:
    """Show a page: of an obligation of clients (PAGE-04) or of a family of them (PAGE). Without TOPIC all are listed.

    The page of an obligation has the reason for each provider with its documents, the drills that aim at it, and a
    piece of a client that breaks it, and mended.
    """
    from rich.console import Console

    from mockserver.judge.obligation_docs import write_families

    console = Console(width=width_of(sys.stdout, _WIDTH), highlight=False)
    if topic is None:
        write_families(console)
        return
    _topic(topic).write(console)


def _topics() -> Iterator[DocsTopic]:
    from mockserver.judge.catalogue import OBLIGATIONS
    from mockserver.judge.obligation_docs import write_family, write_page
    from mockserver.judge.obligation_pages import families

    for name in families():
        yield DocsTopic(name, partial(write_family, name))
    for id in OBLIGATIONS:
        yield DocsTopic(id, partial(write_page, id))


def _topic(name: str) -> DocsTopic:
    """Returns a topic by its name, whatever its case. Raises SettingsError."""
    topics = {topic.name.casefold(): topic for topic in _topics()}
    if topic := topics.get(name.strip().casefold()):
        return topic
    close = get_close_matches(name.casefold(), topics, n=1, cutoff=0.4)
    hint = f"did you mean {topics[close[0]].name}? " if close else ""
    raise SettingsError(f"there is no page on {name!r}; {hint}mockserver docs lists them")
