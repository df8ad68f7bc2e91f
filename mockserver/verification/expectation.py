"""Expectations of the calls of a sandbox, as users write them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from mockserver.foundation.bounds import LARGEST
from mockserver.foundation.models import Given
from mockserver.foundation.numbers import JsonValue, check_json

_Count = Annotated[int, Field(ge=0, le=LARGEST)]
_Scalar = str | int | float | bool


class Bounds(Given):
    """The number of calls that is right; a bound that is missing does not bind."""

    min: _Count = 0
    max: _Count | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Bounds":
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is less than min {self.min}, so no count would do")
        return self


class Expectation(Given):
    """A description of calls (all members that are given must fit), and how many of them there should be.

    Without `count`, `order` and `absent` at least one is expected; no two of them go together.
    """

    provider: str | None = None
    operation: str | None = None
    """The operationId."""
    method: str | None = None
    path: str | None = None
    """A glob on the path below the provider's origin, such as `/v2/leads*`; `*` also stands for slashes."""
    status: Annotated[int, Field(ge=100, le=999)] | None = None
    query: Annotated[Mapping[str, _Scalar | list[_Scalar]], AfterValidator(check_json)] | None = None
    """Parameters that must be there with these values; others may be there too."""
    body: JsonValue = None
    """A part of the body of the request: members of objects, and leading items of arrays, are compared."""
    after: _Count = 0
    """Only calls with a higher journal id."""
    count: _Count | Bounds | None = None
    order: Annotated[list[str], Field(min_length=1, max_length=1000)] | None = None
    """Operations that must have been called in this order; other calls may lie between them."""
    absent: bool = False

    @model_validator(mode="after")
    def _one_question(self) -> "Expectation":
        present = {"count": self.count is not None, "order": self.order is not None, "absent": self.absent}
        questions = [name for name, is_present in present.items() if is_present]
        if len(questions) > 1:
            raise ValueError(f"{' and '.join(questions)} are two questions; ask one at a time")
        if self.order is not None and self.operation is not None:
            raise ValueError("`order` names the operations itself; leave `operation` out")
        return self

    @property
    def bounds(self) -> Bounds:
        """The number of calls that is right."""
        if self.absent:
            return Bounds(max=0)
        if isinstance(self.count, Bounds):
            return self.count
        return Bounds(min=1) if self.count is None else Bounds(min=self.count, max=self.count)
