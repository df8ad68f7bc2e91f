"""Bodies and query parameters of the admin API, read strictly into models; errors are told by pointer."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from mockserver.foundation.json_bounds import TOO_MANY_VALUES, has_too_many_values
from mockserver.foundation.mistakes import sentence_on
from mockserver.foundation.problems import Problem, malformed, unsupported_media_type

_Model = TypeVar("_Model", bound=BaseModel)
_MAX_ERRORS = 20
_FILE_TYPES = (
    *("application/gzip", "application/x-gzip", "application/octet-stream"),
    "application/x-www-form-urlencoded",  # what curl says of any file; a form would be no gzip
)


class InvalidRequest(Problem):
    """A request that cannot be used; `errors` has pointer and detail of each mistake."""

    def __init__(self, status: int, name: str, errors: list[dict[str, str]], about: str = "") -> None:
        detail = "; ".join(f"{error['pointer'] or 'the body'}: {error['detail']}" for error in errors)
        super().__init__(status, name, f"{detail}{'' if detail.endswith('?') else '.'}{about}")
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


QueryFlag = Annotated[bool, BeforeValidator(_flag)]
"""A query parameter that is `true` or `false`."""
QueryNumber = Annotated[int, BeforeValidator(_number)]
"""A query parameter that is a whole number."""


def parse_body(model: type[_Model], raw: bytes, content_type: str | None) -> _Model:
    """A JSON body; none at all is an empty object. Raises a 400, 415 or 422."""
    if raw and (content_type or "").partition(";")[0].strip().lower() != "application/json":
        # Also what keeps a form on somebody's page from being a call of ours.
        raise unsupported_media_type(content_type, ["application/json"])
    if has_too_many_values(raw):
        raise malformed(TOO_MANY_VALUES)
    try:
        document = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise malformed(f"The body is not JSON: {error}.") from None
    try:
        return model.model_validate_json(raw or b"{}", strict=True)
    except ValidationError as error:
        first, *_ = errors = _errors(error)
        if first["type"] == "json_invalid":
            raise malformed(f"The body is not JSON that can be read: {first['msg']}.") from None
        raise InvalidRequest(422, "invalid", [_by_pointer(detail, document, model) for detail in errors]) from None


def check_file_type(content_type: str | None) -> None:
    """Lets a file in gzip pass, by whatever type programs send one. Raises a 415."""
    if content_type is not None and content_type.partition(";")[0].strip().lower() not in _FILE_TYPES:
        raise unsupported_media_type(content_type, [_FILE_TYPES[0]])


def parse_query(model: type[_Model] | None, query: bytes) -> _Model | None:
    """Query parameters. Raises a 400 that names the one that is wrong."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in parameters:
            raise InvalidRequest(
                400, "malformed", [{"pointer": f"/{name}", "detail": "query parameter is given twice"}]
            )
        parameters[name] = value
    if model is None:
        if parameters:
            raise InvalidRequest(
                400,
                "malformed",
                [{"pointer": f"/{next(iter(parameters))}", "detail": "no query parameter is known here"}],
            )
        return None
    try:
        return model.model_validate(parameters)
    except ValidationError as error:
        names = f" Known query parameters are {', '.join(_names(model))}."
        errors = [_by_pointer(detail, parameters, model) for detail in _errors(error)]
        raise InvalidRequest(400, "malformed", errors, names) from None


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False)[:_MAX_ERRORS]


def _by_pointer(error: ErrorDetails, document: Any, model: type[BaseModel]) -> dict[str, str]:
    """Pointer and detail; the pointer lacks what pydantic adds to tell the alternatives of a union apart."""
    place, last = "", len(error["loc"])
    for number, part in enumerate(error["loc"], 1):
        if _has(document, part):
            document = document[part]
        elif error["type"] != "missing" or number < last:
            continue
        place += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return {"pointer": place, "detail": sentence_on(error, model)}


def _has(document: Any, part: int | str) -> bool:
    if isinstance(document, Mapping):
        return part in document
    return isinstance(document, list) and isinstance(part, int) and part < len(document)
