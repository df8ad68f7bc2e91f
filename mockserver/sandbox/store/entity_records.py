"""The records of a store: entities that were written, the next ids, counters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from mockserver.domain import Agent, Enquiry, Entity, Estate, Kind, Person, SearchProfile
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import RecordFormat, as_json, json_reader
from mockserver.sandbox.store.deferred import DeferredEntity

Written = Entity | DeferredEntity | Literal[False]
"""An entity that was written, the way to make it, or the record that the world's entity is removed."""

_MODELS: Mapping[Kind, type[Entity]] = {
    Kind.AGENT: Agent,
    Kind.PERSON: Person,
    Kind.ESTATE: Estate,
    Kind.ENQUIRY: Enquiry,
    Kind.PROFILE: SearchProfile,
}


def _encode(written: Written) -> Any:
    return written and as_json(written.made() if isinstance(written, DeferredEntity) else written)


def _decoder(model: type[Entity]) -> Callable[[Any], Written]:
    read = json_reader(model)
    return lambda value: value if isinstance(value, DeferredEntity) else value and read(value)


def _counter(value: Sequence[int]) -> tuple[int, Epoch]:
    return value[0], value[1]


ENTITY_FORMATS: Mapping[Kind, RecordFormat[int, Written]] = {
    kind: RecordFormat(f"{kind}/", key=int, encode=_encode, decode=_decoder(model)) for kind, model in _MODELS.items()
}
NEXT_FORMAT: RecordFormat[Kind, int] = RecordFormat("next/", key=Kind)
COUNTER_FORMAT: RecordFormat[str, tuple[int, Epoch]] = RecordFormat("counter/", encode=list, decode=_counter)
