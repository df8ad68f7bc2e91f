"""A compiled operation of a contract defines what may come in and what may go out."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from mockserver.contract.checks import violations
from mockserver.contract.document import JsonObject
from mockserver.contract.member_names import MemberNames
from mockserver.contract.validator import SchemaLibrary, Validator
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import MessagePart, Violation


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter. `type` is its scalar type; `many` says that it may be repeated."""

    name: str
    place: MessagePart
    type: str
    validator: Validator
    required: bool = False
    many: bool = False
    default: Any = None
    empty_is_absent: bool = False
    clamp: int | None = None


@dataclass(frozen=True, slots=True)
class ListEnvelope:
    """A reply that is an object with one array: items are checked when they are encoded, the rest on every reply."""

    path: tuple[str, ...]
    """The members that lead to the array: `("leads",)`, or `("Data", "Items")`."""
    item: Validator
    envelope: Validator


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """The schemas of the answers with one status, by media type (without its parameters)."""

    media: Mapping[str, Validator]
    listing: ListEnvelope | None = None

    def check(self, media_type: str, value: Any) -> list[Violation]:
        """Lists what is wrong with a reply of that media type."""
        validator = self.media.get(media_type.partition(";")[0])
        if validator is None:
            return [Violation("reply", "", "content", f"{media_type} is not a media type of this answer")]
        return violations(validator, value, "reply")


@dataclass(frozen=True, slots=True)
class Body:
    """The schemas of a request body by media type; `members` are those that the contract names, at all depths."""

    media: Mapping[str, Validator]
    required: bool
    members: MemberNames


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, named by its `operationId` everywhere: handler, journal, tests."""

    id: str
    method: str
    path: str
    path_parameters: tuple[Parameter, ...]
    query_parameters: Mapping[str, Parameter]
    """By every name that is understood, aliases included."""
    defaults: Mapping[str, Any]
    body: Body | None
    replies: Mapping[int, ResponseSpec]
    query_from_body: bool
    public: bool
    """True when it can be called without credentials."""
    is_search: bool
    """Whether a call with a body only asks for a list."""
    may_change: bool
    """Whether a call may change something: it is neither a GET nor a search."""
    parameter_cache: dict[tuple[tuple[str, ...], bytes], Any] = field(default_factory=dict, compare=False, repr=False)
    """`ParsedParameters` of recent addresses by path values and query; bounded by the code that fills it."""
    body_cache: dict[tuple[bytes | None, bytes | None, bytes], Any] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Checked bodies of recent searches by Content-Type, Content-Encoding and bytes; bounded in the same way."""


class OperationReader:
    """Makes operations and their parts of what the compiler made, with the schemas of one library."""

    def __init__(self, library: SchemaLibrary) -> None:
        self._validator = library.validator

    def operation(self, value: JsonObject) -> Operation:
        """Returns an operation."""
        query = [(self._parameter(parameter), aliases) for parameter, aliases in value["query_parameters"]]
        replies = {int(status): self.response(response) for status, response in value["replies"].items()}
        is_search = 200 in replies and replies[200].listing is not None
        return Operation(
            id=value["id"],
            method=value["method"],
            path=value["path"],
            path_parameters=tuple(map(self._parameter, value["path_parameters"])),
            query_parameters={spelling: p for p, aliases in query for spelling in (p.name, *aliases)},
            defaults={p.name: p.default for p, _ in query if p.default is not None},
            body=None if value["body"] is None else self.body(value["body"]),
            replies=replies,
            query_from_body=value["query_from_body"],
            public=value["public"],
            is_search=is_search,
            may_change=value["method"] != "GET" and not is_search,
        )

    def body(self, value: JsonObject) -> Body:
        """Returns the body of a request."""
        return Body(self._media(value), value["required"], MemberNames.from_json(value["members"]))

    def response(self, value: JsonObject) -> ResponseSpec:
        """Returns the answers with one status."""
        return ResponseSpec(self._media(value), value["listing"] and self._listing(value["listing"]))

    def _parameter(self, value: JsonObject) -> Parameter:
        return Parameter(**{**value, "validator": self._validator(value["validator"])})

    def _media(self, value: JsonObject) -> dict[str, Validator]:
        return {media_type: self._validator(number) for media_type, number in value["media"].items()}

    def _listing(self, value: JsonObject) -> ListEnvelope:
        item, envelope = self._validator(value["item"]), self._validator(value["envelope"])
        return ListEnvelope(tuple(value["path"]), item, envelope)
