"""Large collections are given back in pieces: to free a hundred thousand objects at once would hold the event loop."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

_AT_ONCE = 2_000
"""Entries that are freed in one turn of the event loop: some milliseconds."""


def dispose(*collections: MutableMapping[Any, Any]) -> None:
    """Empties collections that nobody else has, the large ones in turns of the event loop that runs in this thread."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    for collection in collections:
        if loop is None or len(collection) <= _AT_ONCE:
            collection.clear()
        else:
            loop.call_soon(_free, loop, collection)


def _free(loop: asyncio.AbstractEventLoop, collection: MutableMapping[Any, Any]) -> None:
    for _ in range(min(_AT_ONCE, len(collection))):
        collection.popitem()
    if collection:
        loop.call_soon(_free, loop, collection)
