"""The decorator `dataclass` of the standard library, whose methods are generated when they are first called.

Nearly half of what a start takes beyond its libraries would otherwise be spent on generating methods of a hundred
classes, most of which are never called.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "unfrozen"]

_Maker = Callable[[type[Any], bool], Callable[..., Any]]
_Filler = Callable[[Any, tuple[Any, ...], dict[str, Any]], bool]
_FIRST_CALLS = 3
_MANY_FIELDS = 5
"""From so many fields on, an object is filled while it is not frozen: that costs as much as three assignments."""


def _lazy_dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, eq: bool = True
) -> Callable[[type[Any]], type[Any]]:
    """Returns a decorator that makes a dataclass of a class. Methods that the class has itself stay."""

    def decorate(model: type[Any]) -> type[Any]:
        present = set(model.__dict__)
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(model)
        methods = {"__init__": _make_init, "__repr__": _make_repr}
        if eq:
            methods["__eq__"] = _make_eq
            if frozen:
                methods["__hash__"] = _make_hash
            elif "__hash__" not in present:
                made.__hash__ = None
        for name, make in methods.items():
            if name not in present or (name == "__hash__" and model.__dict__[name] is None):
                fill = _filler(made) if name == "__init__" else _fill_nothing
                setattr(made, name, _generated_later(made, name, make, frozen, fill))
        if frozen:
            made.__setattr__, made.__delattr__ = _refuse_assignment, _refuse_deletion
            if slots:
                made.__getstate__, made.__setstate__ = _state, _set_state
        result: type[Any] = made
        return result

    return decorate


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _lazy_dataclass


def _generated_later(model: type[Any], name: str, make: _Maker, frozen: bool, fill: _Filler) -> Callable[..., Any]:
    """Returns a method that replaces itself by the generated one when it is called and `fill` cannot do the work.

    Whatever was put in its place meanwhile stays there.
    """
    generated: Callable[..., Any] | None = None

    def method(self: Any, *values: Any, **members: Any) -> Any:
        nonlocal generated
        if generated is None:
            if fill(self, values, members):
                return None
            generated = make(model, frozen)
            generated.__name__, generated.__qualname__ = name, f"{model.__qualname__}.{name}"
            generated.__module__ = model.__module__
            if model.__dict__.get(name) is method:
                setattr(model, name, generated)
        return generated(self, *values, **members)

    method.__name__, method.__qualname__, method.__module__ = name, f"{model.__qualname__}.{name}", model.__module__
    return method


def _filler(model: type[Any]) -> _Filler:
    """Returns a function that does the work of a constructor, the first few times, unless the arguments are wrong.

    A function that is called twice is sooner interpreted than generated.
    """
    left = _FIRST_CALLS

    def fill(self: Any, values: tuple[Any, ...], members: dict[str, Any]) -> bool:
        nonlocal left
        left -= 1
        fields = dataclasses.fields(model)
        arguments = dict(zip([field.name for field in fields if not field.kw_only], values, strict=False))
        if left < 0 or len(arguments) < len(values) or arguments.keys() & members.keys():
            return False
        arguments.update(members)
        filled = [(field.name, _value_of(field, arguments)) for field in fields if field.init]
        if arguments or any(value is dataclasses.MISSING for _, value in filled):
            return False
        for name, value in filled:
            object.__setattr__(self, name, value)
        if hasattr(model, "__post_init__"):
            self.__post_init__()
        return True

    return fill


def _value_of(field: "dataclasses.Field[Any]", arguments: dict[str, Any]) -> Any:
    """Takes the argument for a field, or else its default, which may be missing."""
    if field.name in arguments:
        return arguments.pop(field.name)
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _fill_nothing(self: Any, values: tuple[Any, ...], members: dict[str, Any]) -> bool:
    return False


def _make_unfrozen(model: Any) -> type[Any]:
    members = {name: getattr(object, name) for name in ("__setattr__", "__delattr__")}
    return type("Unfrozen", model.__bases__, {"__slots__": model.__dict__["__slots__"], **members})


unfrozen: Callable[[Any], type[Any]] = cache(_make_unfrozen)
"""Returns a class with the slots of a frozen class whose objects can be assigned to, and may then take its place.

A plain assignment to a slot is what Python does fastest, as long as nothing of a class replaces it.
"""


def _make_init(model: type[Any], frozen: bool) -> Callable[..., Any]:
    fields = [field for field in dataclasses.fields(model) if field.init]
    scope: dict[str, Any] = {"_set": object.__setattr__, "_absent": dataclasses.MISSING}
    parameters: dict[bool, list[str]] = {False: ["self"], True: []}
    lines = []
    names: list[str] = []
    values: list[str] = []
    for field in fields:
        name = value = field.name
        parameter = name
        if field.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = field.default
            parameter += f"=_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            parameter += "=_absent"
            value = f"_make_{name}() if {name} is _absent else {name}"
        parameters[bool(field.kw_only)].append(parameter)
        names.append(name)
        values.append(value)
    pairs = list(zip(names, values, strict=True))
    if not frozen:
        lines = [f"self.{name} = {value}" for name, value in pairs]
    elif len(pairs) < _MANY_FIELDS or "__slots__" not in model.__dict__ or "__orig_bases__" in model.__dict__:
        lines = [f"_set(self, {name!r}, {value})" for name, value in pairs]
    else:
        scope |= {"_frozen": model, "_unfrozen": unfrozen(model), "_names": names}
        lines = [
            "if self.__class__ is not _frozen:",
            f" for name, value in zip(_names, ({', '.join(values)})): _set(self, name, value)",
            "else:",
            " _set(self, '__class__', _unfrozen)",
            *(f" self.{name} = {value}" for name, value in pairs),
            " self.__class__ = _frozen",
        ]
    if hasattr(model, "__post_init__"):
        lines.append("self.__post_init__()")
    keywords = ["*", *parameters[True]] if parameters[True] else []
    return _generate(", ".join([*parameters[False], *keywords]), lines or ["pass"], scope)


def _make_repr(model: type[Any], frozen: bool) -> Callable[..., Any]:
    parts = ", ".join(f"{field.name}={{self.{field.name}!r}}" for field in dataclasses.fields(model) if field.repr)
    return _generate("self", [f"return f'{{self.__class__.__qualname__}}({parts})'"], {})


def _make_eq(model: type[Any], frozen: bool) -> Callable[..., Any]:
    compared = f"{_tuple_of(model, 'self')} == {_tuple_of(model, 'other')}"
    return _generate("self, other", [f"return {compared} if other.__class__ is self.__class__ else NotImplemented"], {})


def _make_hash(model: type[Any], frozen: bool) -> Callable[..., Any]:
    return _generate("self", [f"return hash({_tuple_of(model, 'self')})"], {})


def _tuple_of(model: type[Any], value: str) -> str:
    return "(" + "".join(f"{value}.{field.name}, " for field in dataclasses.fields(model) if field.compare) + ")"


def _generate(parameters: str, lines: list[str], scope: dict[str, Any]) -> Callable[..., Any]:
    exec(f"def method({parameters}):\n " + "\n ".join(lines), scope)
    method: Callable[..., Any] = scope["method"]
    return method


def _refuse_assignment(self: Any, name: str, value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
