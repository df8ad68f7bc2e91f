"""Finds every mistake in the content of a world file at once, each with its place and what would be right."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from mockserver.domain import Kind
from mockserver.foundation.document_complaints import complaints
from mockserver.foundation.document_errors import DocumentPath
from mockserver.foundation.suggestions import nearest_name
from mockserver.world.files import (
    MAX_AGENTS,
    MAX_ENQUIRIES,
    MAX_ESTATES,
    AgencyEntry,
    Pin,
    Size,
    WorldError,
    WorldFile,
    read_world_file,
)
from mockserver.world.locales import SHIPPED, check_locale
from mockserver.world.pins import REFERENCES, PinBoard, PinError

_Mistakes = Iterator[tuple[DocumentPath, str]]
_STAND_IN = WorldFile(
    name="stand-in",
    agencies=(AgencyEntry(id=1),),
    size=Size(agents=MAX_AGENTS, estates=MAX_ESTATES, enquiries=MAX_ENQUIRIES),
)
"""A world for pins of a file whose own size and agencies nobody knows, since they are wrong."""


def world_mistakes(document: Any) -> _Mistakes:
    """Yields the path and the sentence of every mistake in the content of a world file."""
    try:
        file = read_world_file(document)
    except ValidationError as error:
        repeated = list(_repeated_agencies(document))
        for path, message in complaints(error, document, WorldFile):
            if path or not repeated:
                yield path, message
        yield from repeated
        yield from _pins_alone(document)
        return
    yield from locale_mistakes(file)
    yield from pin_mistakes(file)


def locale_mistakes(file: WorldFile) -> _Mistakes:
    """Yields the mistake in the locale, if it cannot be had."""
    try:
        check_locale(file.locale)
    except WorldError as error:
        close = nearest_name(file.locale, SHIPPED)
        yield ("locale",), str(error).removesuffix(".") + (f"; did you mean {close}?" if close else "")


def pin_mistakes(file: WorldFile) -> _Mistakes:
    """Yields the path and the sentence of each pin that cannot be used: each member is looked at by itself."""
    is_right = True
    for number, pin in enumerate(file.pins):
        for path, message in _mistakes_of(file, pin):
            is_right = False
            yield ("pins", number, *path), message
    if not is_right:
        return
    try:
        PinBoard(file).check()
    except PinError as error:
        # Only together are they wrong: two of one entity, moments that do not ascend, texts that are too long.
        number = next(number for number, pin in enumerate(file.pins) if pin is error.pin)
        yield ("pins", number), error.reason


def _mistakes_of(file: WorldFile, pin: Pin) -> _Mistakes:
    try:
        PinBoard(replace(file, pins=(replace(pin, set={}),)))
    except PinError as error:
        is_there = any(agency.id == pin.agency for agency in file.agencies)
        yield ("position" if is_there else "agency",), error.reason
        # What else is wrong is told as if it were in a place that there is.
        for name, value in pin.set.items():
            yield from _mistake_in(_STAND_IN, replace(pin, agency=1, position=0), name, value)
        return
    for name, value in pin.set.items():
        yield from _mistake_in(file, pin, name, value)


def _mistake_in(file: WorldFile, pin: Pin, name: str, value: Any) -> _Mistakes:
    if file is _STAND_IN and _refers(name, value):
        return
    try:
        PinBoard(replace(file, pins=(replace(pin, set={name: value}),))).check_members()
    except PinError as error:
        yield ("set", name), error.reason.removeprefix(f"{name}: ")


def _refers(name: str, value: Any) -> bool:
    """Tells whether a value refers to other entities, or a part of it does."""
    if isinstance(value, Mapping):
        return name in REFERENCES or any(_refers(str(member), part) for member, part in value.items())
    if isinstance(value, list):
        return any(_refers(name, part) for part in value)
    return name in REFERENCES and value is not None


def _repeated_agencies(document: Any) -> _Mistakes:
    """Yields the agencies that have the id of one before them."""
    first: dict[int, int] = {}
    for number, id in _agency_ids(document):
        if (before := first.setdefault(id, number)) != number:
            yield ("agencies", number, "id"), f"agencies[{before}] has {id}, too; give each agency an id of its own"


def _agency_ids(document: Any) -> Iterator[tuple[int, int]]:
    """Yields the position and the id of each agency that can be read."""
    agencies = document.get("agencies") if isinstance(document, Mapping) else None
    for number, entry in enumerate(agencies if isinstance(agencies, list) else ()):
        if isinstance(entry, Mapping) and isinstance(id := entry.get("id"), int):
            yield number, id


def _pins_alone(document: Any) -> _Mistakes:
    """Yields what is wrong in the members that pins set, in a document that is wrong elsewhere, too."""
    pins = document.get("pins") if isinstance(document, Mapping) else None
    ids = [id for _, id in _agency_ids(document)]
    for number, entry in enumerate(pins if isinstance(pins, list) else ()):
        agency = entry.get("agency") if isinstance(entry, Mapping) else None
        if isinstance(agency, int) and ids and agency not in ids:
            yield ("pins", number, "agency"), f"no such agency, the file has {', '.join(map(str, dict.fromkeys(ids)))}"
        kind, members = (entry.get("kind"), entry.get("set")) if isinstance(entry, Mapping) else (None, None)
        if kind in list(Kind) and isinstance(members, Mapping):
            named = {name: value for name, value in members.items() if isinstance(name, str)}
            pin = Pin(kind=Kind(kind), agency=1, position=0, why="why", set=named)
            for name, value in named.items():
                for path, message in _mistake_in(_STAND_IN, pin, name, value):
                    yield ("pins", number, *path), message
