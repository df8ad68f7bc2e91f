"""Traces connect members of the world with members of providers' leads: one is changed, then both are shown again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from mockserver.domain import Enquiry, Estate, Frozen, Kind, Person, replace
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.dataclass_fields import field_names
from mockserver.provider_api.view_context import View, ViewContext
from mockserver.sandbox.sandbox import Sandbox

Flat = Mapping[str, Any]
"""A JSON value as its leaves by pointer."""
Rebuild = Callable[[Any], Any]

_NOT_TRACED = frozenset({"seeker.id", "estate.id", "seeker.erased", "lead.seeker", "lead.estate"})
"""Links, which the members behind them tell; and the erasure, which changes what every other member is."""
_MAX_SAMPLES, _MAX_LOOKED_AT = 60, 400
_TEXTS = {"language": ("en", "de"), "country": ("DE", "BE")}
"""Members whose texts are codes: others that there are."""


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A lead at two providers while one member of it has one of its values."""

    here: Flat
    there: Flat


@dataclass(slots=True)
class Trace:
    """A member of the world, for example `seeker.lastname`, and where two providers show it."""

    text: bool = False
    here: set[str] = field(default_factory=set)
    """Where the first provider shows it."""
    there: set[str] = field(default_factory=set)
    tries: list[list[ShownLead]] = field(default_factory=list)
    """Each list is one lead with several values of the member."""


def trace_fields(
    sandbox: Sandbox, contexts: tuple[ViewContext, ViewContext], views: tuple[View, View]
) -> dict[str, Trace]:
    """Traces by member, over samples that together have every member that any lead of the world has, or shows."""
    traces: dict[str, Trace] = {}

    def show(lead: Enquiry) -> ShownLead:
        here, there = (_flat(view(lead, context)) for view, context in zip(views, contexts, strict=True))
        return ShownLead(here, there)

    for enquiry in _samples(sandbox, show):
        before = show(enquiry)
        for name, value, others in _variations(sandbox, enquiry):
            trace = traces.setdefault(name, Trace(text=isinstance(value, str) and not isinstance(value, Enum)))
            tries = [before, *(show(other) for other in others)]
            trace.here.update(_where(name, [_changed(before.here, after.here) for after in tries[1:]]))
            trace.there.update(_where(name, [_changed(before.there, after.there) for after in tries[1:]]))
            trace.tries.append(tries)
    return traces


def _where(name: str, changed: list[set[str]]) -> set[str]:
    """Returns the pointers that changed. A category changes the whole shape, so there only those that always change."""
    if name == "lead.category":
        return set.intersection(*changed)
    return set().union(*changed)


def _samples(sandbox: Sandbox, show: Callable[[Enquiry], ShownLead]) -> list[Enquiry]:
    """Leads that each have or show something which none before them does, the newest first."""
    store, seen, chosen = sandbox.store, set[str](), list[Enquiry]()
    granted = [agency.id for agency in sandbox.world.agencies.values() if agency.granted]
    ids = [id for agency in granted for id in store.ids(Kind.ENQUIRY, agency)[-_MAX_LOOKED_AT:]]
    for id in sorted(ids, reverse=True):
        enquiry = store.get(Kind.ENQUIRY, id)
        if not isinstance(enquiry, Enquiry) or _person(sandbox, enquiry).erased:
            continue
        lead = show(enquiry)
        has = {f"{enquiry.category}/{name}" for name, _, _ in _leaves_of(sandbox, enquiry)}
        has |= {_without_numbers(pointer) for pointer in (*lead.here, *lead.there)}
        if has - seen and len(chosen) < _MAX_SAMPLES:
            chosen.append(enquiry)
            seen |= has
    return chosen


def _leaves_of(sandbox: Sandbox, enquiry: Enquiry) -> Iterator[tuple[str, Any, Rebuild]]:
    """(member, value, what makes the entity with another value) of a lead, its seeker and its estate."""
    yield from _leaves(enquiry, "lead", lambda new: new)
    yield from _leaves(_person(sandbox, enquiry), "seeker", lambda new: new)
    if estate := _estate(sandbox, enquiry):
        yield from _leaves(estate, "estate", lambda new: new)


def _leaves(value: Any, path: str, rebuild: Rebuild) -> Iterator[tuple[str, Any, Rebuild]]:
    if isinstance(value, Frozen):
        for name in field_names(type(value)):
            inner = getattr(value, name)
            yield from _leaves(inner, f"{path}.{name}", _setting(value, name, rebuild))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[]", _replacing(value, index, rebuild))
    elif value is not None and not isinstance(value, Mapping) and path not in _NOT_TRACED:
        yield path, value, rebuild


def _setting(model: Frozen, name: str, rebuild: Rebuild) -> Rebuild:
    return lambda new: rebuild(replace(model, **{name: new}))


def _replacing(items: tuple[Any, ...], index: int, rebuild: Rebuild) -> Rebuild:
    return lambda new: rebuild((*items[:index], new, *items[index + 1 :]))


def _variations(sandbox: Sandbox, enquiry: Enquiry) -> Iterator[tuple[str, Any, Iterator[Enquiry]]]:
    """For each member: the lead again and again, while the member has another value."""
    for name, value, rebuild in list(_leaves_of(sandbox, enquiry)):
        yield name, value, _while_other(sandbox, enquiry, [rebuild(other) for other in _others(name, value, sandbox)])


def _while_other(sandbox: Sandbox, enquiry: Enquiry, others: list[Any]) -> Iterator[Enquiry]:
    for other in others:
        if isinstance(other, Enquiry):
            yield other
            continue
        kind = Kind.PERSON if isinstance(other, Person) else Kind.ESTATE
        before = sandbox.store.get(kind, other.id)
        assert before is not None
        sandbox.store.put(kind, other)
        yield enquiry
        sandbox.store.put(kind, before)


def _others(name: str, value: Any, sandbox: Sandbox) -> list[Any]:
    """Other values that the member could have."""
    last = name.rpartition(".")[2]
    match value:
        case bool():
            return [not value]
        case Enum():
            return [other for other in type(value) if other is not value]
        case int() if last == "agency":
            return [id for id in sandbox.world.agencies if id != value]
        case int() if last in ("communes[]", "commune"):
            return [id for id in list(sandbox.world.communes.by_id)[:3] if id != value]
        case int() | float():
            # Two more, never one: where a view goes by whether an id is even, that is no member of the lead.
            return [value + 2, value + 4]
        case str():
            return [other for other in _TEXTS.get(last, (f"{value}x", f"{value}y")) if other != value]
    return []


def _changed(before: Flat, after: Flat) -> set[str]:
    """Pointers whose value is another one; of what comes or goes with it nothing is said."""
    return {_without_numbers(pointer) for pointer in before.keys() & after.keys() if before[pointer] != after[pointer]}


def _without_numbers(pointer: str) -> str:
    return "/".join("-" if part.isdecimal() else part for part in pointer.split("/"))


def _flat(value: Any) -> Flat:
    flat: dict[str, Any] = {}
    _add_leaves(flat, value, "")
    return flat


def _add_leaves(flat: dict[str, Any], value: Any, pointer: str) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _add_leaves(flat, inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _add_leaves(flat, inner, f"{pointer}/{index}")
    else:
        flat[pointer] = value


def _person(sandbox: Sandbox, enquiry: Enquiry) -> Person:
    person = sandbox.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    return person


def _estate(sandbox: Sandbox, enquiry: Enquiry) -> Estate | None:
    estate = sandbox.store.get(Kind.ESTATE, enquiry.estate) if enquiry.estate is not None else None
    return estate if isinstance(estate, Estate) else None
