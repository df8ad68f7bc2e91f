"""Reads YAML that somebody wrote: the document, and the line of each part of it. Safe tags only."""

from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.foundation.bounds import LARGEST
from mockserver.foundation.document_errors import DocumentError, DocumentMistake, DocumentPath, LineFinder
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.resources import with_dates_as_text

if TYPE_CHECKING:
    from yaml import MarkedYAMLError, Node

_MAX_DEPTH = 200
"""The most levels of YAML that is read by libyaml."""
_INDENTED = late_pattern(r"(?m)^[ \t?:-]+")


def read_document(source: str, text: str, what: str, *, strict: bool) -> tuple[Any, LineFinder]:
    """Returns a document as plain JSON, and a finder of its lines. Raises DocumentError.

    `what` it is stands in messages, such as `a scenario`. One that is read strictly has no aliases, which make a
    document huge, and only numbers that JSON has; of another one, whoever takes its members has to check that.
    """
    import yaml

    if not strict:
        check_depth(source, text)
    try:
        loader = _loader(strict)(text)
        node = loader.get_single_node()
        document = None if node is None else loader.construct_document(node)
        # What an alias stands for is one object in Python, and as often as it is used in JSON.
        plain = orjson.loads(orjson.dumps(document)) if strict else document
        return plain, lambda path: _line(node, path)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(source, [_unreadable(error)]) from None
    except yaml.YAMLError as error:
        raise whole(source, f"it is not YAML: {_one_line(error)}") from None
    except RecursionError:
        raise whole(source, f"it is nested too deeply, {what} has a few levels") from None
    except (TypeError, ValueError, LookupError, AttributeError):
        # PyYAML and JSON raise these for values that do not fit their tag, or have no form in JSON.
        raise whole(source, NO_JSON) from None


def check_depth(source: str, text: str) -> None:
    """Raises DocumentError for YAML that is nested so deeply that libyaml, which recurs in C, would end the process."""
    import yaml

    lines = map(len, _INDENTED.findall(text))
    if text.count("[") + text.count("{") + max(lines, default=0) <= _MAX_DEPTH:
        # However it is written, it cannot be deeper: no need to look twice at almost every file.
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else None
                raise DocumentError(
                    source, [DocumentMistake(line, "", f"it is nested more than {_MAX_DEPTH} levels deep")]
                )
    except yaml.YAMLError:
        # What is no YAML is told by whoever reads it.
        return


NO_JSON = "it has a value that JSON does not know, use texts, numbers, lists, mappings"


def whole(source: str, message: str) -> DocumentError:
    """Returns the error of a document that is wrong as a whole."""
    return DocumentError(source, [DocumentMistake(None, "", message)])


def _loader(strict: bool) -> Any:
    """Makes a loader that keeps dates as text and refuses double members; where it is strict, aliases as well."""
    import yaml

    base: Any = with_dates_as_text(yaml.SafeLoader if strict else getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    class Loader(base):  # type: ignore[misc]  # a class that is made at run time
        def construct_object(self, node: Any, deep: bool = False) -> Any:
            value = super().construct_object(node, deep)
            if not strict:
                return value
            if isinstance(value, float) and not isfinite(value):
                raise yaml.MarkedYAMLError(None, None, f"{value} is no number that JSON has", node.start_mark)
            if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
                detail = f"a number of {len(node.value)} digits, at most {len(str(LARGEST))} make sense"
                raise yaml.MarkedYAMLError(None, None, detail, node.start_mark)
            return value

        def compose_node(self, parent: Any, index: Any) -> Any:
            parser: Any = self
            if strict and parser.check_event(yaml.AliasEvent):
                mark = parser.peek_event().start_mark
                raise yaml.MarkedYAMLError(None, None, "an alias, write out what it stands for", mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            names: set[str] = set()
            for key, _ in node.value:
                if key.value in names:
                    raise yaml.MarkedYAMLError(None, None, f"{key.value} stands there twice, keep one", key.start_mark)
                names.add(key.value)
            return super().construct_mapping(node, deep)

    return Loader


def _unreadable(error: "MarkedYAMLError") -> DocumentMistake:
    mark = error.problem_mark or error.context_mark
    reason = ", ".join(part for part in (error.context, error.problem) if part)
    return DocumentMistake(mark.line + 1 if mark else None, "", f"it cannot be read: {_one_line(reason)}")


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _line(node: "Node | None", path: DocumentPath) -> int:
    """Finds the line of a path. Parts that name nothing, such as the model that was tried, are passed over."""
    line = node.start_mark.line if node else 0
    for part in path:
        child = _child(node, part)
        if child:
            line, node = child
    return line + 1


def _child(node: Any, part: str | int) -> tuple[int, Any] | None:
    """Returns the line of a member's name, or of an item, and its node."""
    if node is None or isinstance(node.value, str):
        return None
    if isinstance(part, int):
        items = node.value
        is_item = part < len(items) and not isinstance(items[part], tuple)
        return (items[part].start_mark.line, items[part]) if is_item else None
    pairs = (pair for pair in node.value if isinstance(pair, tuple) and pair[0].value == part)
    return next(((key.start_mark.line, value) for key, value in pairs), None)
