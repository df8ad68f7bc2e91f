"""Bodies and query parameters of the admin API, read strictly into models; what is wrong is told by pointer."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from mockserver.foundation.problems import Problem, malformed, unsupported_media_type

_Model = TypeVar("_Model", bound=BaseModel)
_MAX_ERRORS = 20


class Wrong(Problem):
    """A request that cannot be used; `errors` says what is wrong, by pointer."""

    def __init__(self, status: int, name: str, errors: list[dict[str, str]], about: str = "") -> None:
        said = "; ".join(f"{error['pointer'] or 'the body'}: {error['detail']}" for error in errors)
        super().__init__(status, name, f"{said}.{about}")
        self.errors = errors


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("`true` or `false` is needed")
        return value == "true"
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str) and not (value.removeprefix("-").isascii() and value.removeprefix("-").isdecimal()):
        raise ValueError("a whole number is needed")
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
"""A query parameter that is `true` or `false`."""
Number = Annotated[int, BeforeValidator(_number)]
"""A query parameter that is a whole number."""


def read_body(model: type[_Model], raw: bytes, content_type: str | None) -> _Model:
    """A JSON body; none at all is an empty object. Raises a 400, 415 or 422."""
    if raw and (content_type or "").partition(";")[0].strip().lower() != "application/json":
        # Also what keeps a form on somebody's page from being a call of ours.
        raise unsupported_media_type(content_type or "", ["application/json"])
    try:
        document = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise malformed(f"The body is not JSON: {error}.") from None
    try:
        return model.model_validate_json(raw or b"{}", strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise malformed(f"The body is not JSON that can be read: {found[0]['msg']}.") from None
        raise Wrong(422, "invalid", [_told(one, document) for one in found[:_MAX_ERRORS]]) from None


def read_query(model: type[_Model] | None, query: bytes) -> _Model | None:
    """Query parameters. Raises a 400 that names the one that is wrong."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in given:
            raise Wrong(400, "malformed", [{"pointer": f"/{name}", "detail": "query parameter is given twice"}])
        given[name] = value
    if model is None:
        if given:
            raise Wrong(
                400, "malformed", [{"pointer": f"/{next(iter(given))}", "detail": "no query parameter is known here"}]
            )
        return None
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        known = f" Known query parameters are {', '.join(model.model_fields)}."
        raise Wrong(400, "malformed", [_told(one, given) for one in found[:_MAX_ERRORS]], known) from None


def _told(error: ErrorDetails, document: Any) -> dict[str, str]:
    """The place, without what pydantic adds to tell the alternatives of a union apart."""
    place, last = "", len(error["loc"])
    for number, part in enumerate(error["loc"], 1):
        if _has(document, part):
            document = document[part]
        elif error["type"] != "missing" or number < last:
            continue
        place += "/" + str(part).replace("~", "~0").replace("/", "~1")
    detail = "is not known here" if error["type"] == "extra_forbidden" else error["msg"].removeprefix("Value error, ")
    return {"pointer": place, "detail": detail}


def _has(document: Any, part: int | str) -> bool:
    if isinstance(document, Mapping):
        return part in document
    return isinstance(document, list) and isinstance(part, int) and part < len(document)
