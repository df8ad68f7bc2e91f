"""A change of one member of an answer, named by its JSON pointer."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from mockserver.foundation.models import Given

JsonPointer = Annotated[str, StringConstraints(pattern=r"^(/([^~/]|~[01])*)*$", max_length=500)]
"""RFC 6901: `/expires_in`, `/items/0/email`; the empty text is the whole answer."""
JsonType: TypeAlias = Literal["string", "number", "boolean", "null", "array", "object"]
_CHANGES = ("set", "remove", "rename", "retype")


class MemberPatch(Given):
    """A change of the member at `pointer`: exactly one of `set`, `remove`, `rename` and `retype` is given."""

    pointer: JsonPointer
    """Of a list a `*` is every position."""
    set: Any = None
    """Another value, null too. Where there is no such member yet it is added."""
    remove: Literal[True] | None = None
    rename: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """Another name."""
    retype: JsonType | None = None
    """Its value as another type of JSON: 3600 as "3600"."""

    @property
    def change(self) -> str:
        """The name of the change: the member that says which it is."""
        return next(name for name in _CHANGES if self._has(name))

    @model_validator(mode="after")
    def _is_one_change(self) -> "MemberPatch":
        present = [name for name in _CHANGES if self._has(name)]
        if len(present) != 1:
            what = f"has {' and '.join(f'`{name}`' for name in present)}" if present else "says nothing of it"
            raise ValueError(f"a change {what}; give one of `set`, `remove: true`, `rename`, `retype`")
        if not self.pointer and present[0] in ("remove", "rename"):
            raise ValueError(f"the whole answer cannot have `{present[0]}`; name a member, such as /expires_in")
        return self

    def _has(self, name: str) -> bool:
        # Null is a value to set, and says nothing of the others.
        return name in self.model_fields_set and (name == "set" or getattr(self, name) is not None)


MemberPatches: TypeAlias = Annotated[tuple[MemberPatch, ...], Field(min_length=1, max_length=1000)]
"""Changes in the order in which they are made."""
