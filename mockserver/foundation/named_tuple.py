"""The class `NamedTuple` of the standard library, whose constructors are compiled when they are first called.

A start makes more than thirty such classes, and compiling their constructors took longer than all else in it.
"""

import sys
from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple"]

_MemberGetter: Any = type(vars(namedtuple("_Example", "member"))["member"])
"""The descriptor of the standard library, which reads a member faster than a property does."""


class _Members(tuple[Any, ...]):
    """The methods that the standard library gives to every named tuple."""

    __slots__ = ()
    _fields: tuple[str, ...] = ()

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Any:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, **members: Any) -> Any:
        made = self._make(map(members.pop, self._fields, self))
        if members:
            raise TypeError(f"Got unexpected field names: {list(members)!r}")
        return made

    __replace__ = _replace

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({members})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)


class _TupleMaker(type):
    """Makes a named tuple of each class that has `NamedTuple` as its base."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, namespace)
        fields = tuple(namespace.get("__annotations__", ()))
        defaults = {field: namespace[field] for field in fields if field in namespace}
        getters = {field: _MemberGetter(index, None) for index, field in enumerate(fields)}
        made: Any = type(
            name,
            (_Members,),
            {
                **namespace,
                **getters,
                "__slots__": (),
                "_fields": fields,
                "_field_defaults": defaults,
                "__match_args__": fields,
            },
        )
        made.__new__ = _compiled_later(made, fields, defaults)
        return made


def _compiled_later(made: Any, fields: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., Any]:
    """Returns a constructor that replaces itself by a compiled one when it is first called."""

    def construct(cls: type, *values: Any, **members: Any) -> Any:
        parameters = [f"{field}=_defaults[{field!r}]" if field in defaults else field for field in fields]
        source = f"lambda _cls, {', '.join(parameters)}: _new(_cls, ({', '.join(fields)},))"
        constructor = eval(source, {"_new": tuple.__new__, "_defaults": defaults, "__builtins__": {}})
        constructor.__name__, constructor.__qualname__ = "__new__", f"{made.__qualname__}.__new__"
        constructor.__module__ = made.__module__
        made.__new__ = constructor
        return constructor(cls, *values, **members)

    return construct


if TYPE_CHECKING or sys.version_info >= (3, 14):
    # From that version on a class does not have its annotations yet when it is made.
    from typing import NamedTuple
else:

    class NamedTuple(metaclass=_TupleMaker):
        """The base of named tuples; only the class statement makes one."""
