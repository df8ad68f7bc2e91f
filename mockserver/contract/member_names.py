"""The members that a contract names in a body, at all depths, and those of a value that it does not name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import chain, islice
from typing import Any

from mockserver.contract.document import JsonObject, follow
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import MAX_VIOLATIONS
from mockserver.foundation.suggestions import unknown_and_ignored

_MAX_DEPTH = 8
"""A schema may contain itself."""
_MAX_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class MemberNames:
    """The names of an object's members. Those of an array are the names of its items."""

    names: frozenset[str] = frozenset()
    """Empty where any name is as good as another."""
    inside: Mapping[str, "MemberNames"] = field(default_factory=dict)
    """The names inside of members, where the contract names any."""

    def as_json(self) -> JsonObject:
        """Returns it as plain JSON."""
        return {"names": sorted(self.names), "inside": {name: part.as_json() for name, part in self.inside.items()}}

    @classmethod
    def from_json(cls, value: JsonObject) -> "MemberNames":
        """Reads what `as_json` returned."""
        return cls(frozenset(value["names"]), {name: cls.from_json(part) for name, part in value["inside"].items()})


def member_names(document: JsonObject, schemas: Sequence[JsonObject], depth: int = 0) -> MemberNames:
    """Returns the members that any of the schemas names."""
    members: dict[str, list[JsonObject]] = {}
    is_map = False
    for schema in chain.from_iterable(_branches(document, schema, depth) for schema in schemas):
        is_map = is_map or isinstance(schema.get("additionalProperties"), dict) or "patternProperties" in schema
        for name, member in schema.get("properties", {}).items():
            members.setdefault(name, []).append(member)
    names = frozenset() if is_map else frozenset(members)
    if depth > _MAX_DEPTH:
        return MemberNames(names)
    below = {name: member_names(document, parts, depth + 1) for name, parts in members.items()}
    return MemberNames(names, {name: part for name, part in below.items() if part.names or part.inside})


def _branches(document: JsonObject, schema: Any, depth: int) -> Iterator[JsonObject]:
    """Yields the schema and those that it is made of, and the same of the items of an array."""
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return
    node = follow(document, schema)
    yield node
    for part in [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ()), node.get("items")]:
        yield from _branches(document, part, depth + 1)


def notes_on_unknown(value: Any, members: MemberNames) -> list[str]:
    """Returns notes on the members of a value that the contract does not name, at most `MAX_VIOLATIONS` and one."""
    if isinstance(value, dict) and members.names.issuperset(value) and value.keys().isdisjoint(members.inside):
        return []
    found_members = _unknown(value, members, "")
    notes = [unknown_and_ignored("body member", *member) for member in islice(found_members, MAX_VIOLATIONS)]
    more = sum(1 for _ in islice(found_members, _MAX_COUNTED))
    if more:
        count = f"{more} more" if more < _MAX_COUNTED else f"{more} or more others"
        notes.append(f"{count} body members are unknown, ignored")
    return notes


def _unknown(value: Any, members: MemberNames, inside: str) -> Iterator[tuple[str, frozenset[str], str]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _unknown(item, members, f"{inside.removesuffix('.')}[{number}].")
    elif isinstance(value, dict):
        if members.names and not members.names.issuperset(value):
            yield from ((name, members.names, inside) for name in value if name not in members.names)
        for name, below in members.inside.items():
            if isinstance(part := value.get(name), dict | list):
                yield from _unknown(part, below, f"{inside}{name}.")
