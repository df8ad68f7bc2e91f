"""Pins are values that a world file sets by hand: checked when it is loaded, applied to what the seed made."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from mockserver.domain import Agent, Enquiry, Entity, Estate, Frozen, Kind, Person, SearchProfile
from mockserver.foundation.dataclass_fields import field_names, field_values
from mockserver.foundation.suggestions import nearest_name
from mockserver.world.communes import load_communes
from mockserver.world.files import Pin, WorldError, WorldFile
from mockserver.world.numbering import Numbering
from mockserver.world.pin_values import DEEPEST, MOMENTS, MOST_REPEATED, check_booleans, check_value, repeated

if TYPE_CHECKING:
    from pydantic import TypeAdapter

E = TypeVar("E", bound=Entity)

MODELS: dict[Kind, type[Entity]] = {
    Kind.AGENT: Agent,
    Kind.PERSON: Person,
    Kind.ESTATE: Estate,
    Kind.ENQUIRY: Enquiry,
    Kind.PROFILE: SearchProfile,
}
REFERENCES: dict[str, Kind] = {
    "seeker": Kind.PERSON,
    "owner": Kind.PERSON,
    "contact": Kind.PERSON,
    "estate": Kind.ESTATE,
    "agent": Kind.AGENT,
    "created_by": Kind.AGENT,
    "updated_by": Kind.AGENT,
    "profile": Kind.PROFILE,
    "parent": Kind.ENQUIRY,
}
FIXED = frozenset({"id", "agency"})
"""Members that follow from the place of an entity."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class PinError(WorldError):
    """A pin that cannot be used."""

    def __init__(self, pin: Pin, reason: str) -> None:
        super().__init__(f"The pin of {pin.label} cannot be used: {reason.removesuffix('?')}.")
        self.pin = pin
        self.reason = reason
        """A sentence without its end."""


class PinBoard:
    """The pins of a world by their places, with references and moments turned into numbers."""

    def __init__(self, file: WorldFile) -> None:
        self._numbering = Numbering(tuple(agency.id for agency in file.agencies), file.size)
        self._pins: dict[tuple[Kind, int, int], Pin] = {}
        self._repeated = 0
        """Characters of texts that are written as repetitions, of all pins together."""
        for pin in file.pins:
            self._add(pin)
        self.pinned = bool(self._pins)
        """Whether there are any pins."""
        self._values = {place: self._resolved(pin, pin.set) for place, pin in self._pins.items()}
        self._positions: dict[tuple[Kind, int], list[int]] = {}
        for kind, agency, position in sorted(self._pins):
            self._positions.setdefault((kind, agency), []).append(position)

    def at(self, kind: Kind, agency: int, position: int) -> Mapping[str, Any]:
        """Returns the values that are pinned there, by member name; for most places none."""
        return self._values.get((kind, agency, position), _NOTHING) if self._values else _NOTHING

    def positions(self, kind: Kind, agency: int) -> Sequence[int]:
        """Returns the positions at an agency that have pins, ascending."""
        return self._positions.get((kind, agency), ())

    def places(self) -> list[tuple[Kind, int, int]]:
        """Returns the places that have pins: kind, agency and position, in the order of the file."""
        return list(self._pins)

    def apply(self, entity: E, kind: Kind, position: int) -> E:
        """Returns the entity with its pinned values; a pinned mapping changes only the members that it names."""
        pinned = self.at(kind, entity.agency, position)
        if not pinned:
            return entity
        from pydantic import ValidationError

        over = {name: _merged(getattr(entity, name), value) for name, value in pinned.items() if name != "created_at"}
        try:
            pinned_entity: E = _adapter(type(entity)).validate_python({**field_values(entity), **over})
        except ValidationError as error:
            from mockserver.world.choices import first_complaint

            raise _bad(self._pins[kind, entity.agency, position], first_complaint(error)) from None
        return pinned_entity

    def check(self) -> None:
        """Raises PinError for a pin that names no member, has a wrong value, or would break the order of time."""
        self.check_members()
        self._check_order()

    def check_members(self) -> None:
        """Raises PinError for a pin that names no member, or has a wrong value."""
        for (kind, _, _), pin in self._pins.items():
            for name, value in self._resolved(pin, pin.set).items():
                _check_member(pin, MODELS[kind], name, value)

    def _add(self, pin: Pin) -> None:
        place = (pin.kind, pin.agency, self._position(pin, pin.kind, pin.position))
        if place in self._pins:
            raise _bad(pin, "it is pinned twice, put all its members under one pin")
        self._pins[place] = pin

    def _position(self, pin: Pin, kind: Kind, position: int) -> int:
        if pin.agency not in self._numbering.agencies:
            raise _bad(pin, f"no such agency, the file has {', '.join(map(str, self._numbering.agencies))}")
        count = self._numbering.counts[kind]
        if not -count <= position < count:
            raise _bad(pin, f"there is no {kind} at position {position}, an agency has {count}")
        return position % count

    def _resolved(self, pin: Pin, members: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
        return {name: self._value(pin, name, value, depth) for name, value in members.items()}

    def _value(self, pin: Pin, name: str, value: Any, depth: int) -> Any:
        if depth > DEEPEST:
            return value  # `check` refuses it
        if name in MOMENTS and isinstance(value, str):
            return _epoch(pin, name, value)
        if name == "commune" and isinstance(value, str):
            return _commune(pin, value)
        match value:
            case {"position": int(position), **rest} if name in REFERENCES and not rest:
                return self._reference(pin, name, self._position(pin, REFERENCES[name], position))
            case int() if name in REFERENCES:
                return self._reference(pin, name, self._position_of_id(pin, REFERENCES[name], value))
            case {"repeat": str(text), "times": int(times), **rest} if not rest:
                return self._repeat(pin, name, text, times)
            case dict():
                return self._resolved(pin, value, depth + 1)
            case list():
                return [self._value(pin, name, part, depth + 1) for part in value]
        return value

    def _repeat(self, pin: Pin, name: str, text: str, times: int) -> str:
        try:
            result = repeated(text, times)
        except ValueError as error:
            raise _bad(pin, f"{name}: {error}") from None
        self._repeated += len(result)
        if self._repeated > MOST_REPEATED:
            raise _bad(
                pin, f"{name}: with it, repeated texts have over {MOST_REPEATED} characters, the most of a world"
            )
        return result

    def _position_of_id(self, pin: Pin, kind: Kind, id: int) -> int:
        """The position of an id that was written out."""
        place = self._numbering.locate(kind, id)
        if place is None or place[0] != pin.agency:
            raise _bad(pin, f"its agency has no {kind} {id}")
        return place[1]

    def _reference(self, pin: Pin, name: str, position: int) -> int:
        if name == "parent" and position >= self._position(pin, pin.kind, pin.position):
            raise _bad(pin, "parent must be an older enquiry")
        return self._numbering.spot(REFERENCES[name], pin.agency, position).id

    def _check_order(self) -> None:
        """Only an unbroken row of oldest enquiries may have its moments pinned: lists are in order of time."""
        moments = {place: value["created_at"] for place, value in self._values.items() if "created_at" in value}
        for (kind, agency, position), moment in moments.items():
            before = moments.get((kind, agency, position - 1))
            if kind is not Kind.ENQUIRY or (position and before is None) or (before or 0) >= moment:
                why = "created_at can be pinned for the oldest enquiries only: positions 0, 1, 2 and so on, ascending"
                raise _bad(self._pins[kind, agency, position], why)


def _check_member(pin: Pin, model: type[Frozen], name: str, value: Any) -> None:
    if name not in field_names(model) or name in FIXED:
        close = nearest_name(name, set(field_names(model)) - FIXED)
        hint = "" if close is None else f"; did you mean {close}?"
        raise _bad(pin, f"{model.__name__} has no member {name!r} to set{hint}")
    from pydantic import ValidationError

    from mockserver.world.choices import first_complaint

    try:
        check_value(name, value)
        adapter = _adapter(get_type_hints(model)[name])
        # Once more as it is read: a text may stand for a number.
        read = adapter.dump_python(adapter.validate_python(value))
        check_value(name, read)
        check_booleans(name, value, read)
    except ValidationError as error:
        raise _bad(pin, f"{name}: {first_complaint(error)}") from None
    except ValueError as error:
        raise _bad(pin, str(error)) from None


def _make_adapter(model: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(model)


_adapter: "Callable[[Any], TypeAdapter[Any]]" = cache(_make_adapter)


def _merged(old: Any, new: Any) -> Any:
    return {**field_values(old), **new} if isinstance(old, Frozen) and isinstance(new, dict) else new


def _commune(pin: Pin, name: str) -> int:
    commune = load_communes().find(name)
    if commune is None:
        raise _bad(pin, f"commune: our table has no {name!r}")
    return commune.id


def _epoch(pin: Pin, name: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad(pin, f"{name}: {text!r} is not a moment in ISO 8601") from None
    if moment.tzinfo is None:
        raise _bad(pin, f"{name}: {text!r} has no zone, add Z or an offset such as +01:00")
    return int(moment.timestamp())


def _bad(pin: Pin, why: str) -> PinError:
    return PinError(pin, why)
