"""Reads scenario files as YAML: the document, and the line of each part of it. Safe tags only, no aliases."""

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.foundation.bounds import LARGEST
from mockserver.foundation.resources import with_dates_as_text
from mockserver.scenarios.errors import DocumentPath, ScenarioError, ScenarioMistake
from mockserver.scenarios.model import MAX_BYTES

if TYPE_CHECKING:
    from yaml import MarkedYAMLError, Node

LineFinder = Callable[[DocumentPath], int]
"""Returns the line, from 1, of a path in a document; of the last part of the path that there is."""


def read_text(source: str, text: str) -> tuple[Any, LineFinder]:
    """Returns the document as plain JSON, and a finder of its lines. Raises ScenarioError."""
    import yaml

    check_size(source, len(text.encode()))
    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        document = None if node is None else loader.construct_document(node)
        return orjson.loads(orjson.dumps(document)), lambda path: _line(node, path)
    except yaml.MarkedYAMLError as error:
        raise ScenarioError(source, [_unreadable(error)]) from None
    except yaml.YAMLError as error:
        raise ScenarioError(source, [ScenarioMistake(None, "", f"it is not YAML: {_one_line(error)}")]) from None
    except RecursionError:
        raise ScenarioError(
            source, [ScenarioMistake(None, "", "it is nested too deeply, a scenario has a few levels")]
        ) from None
    except (TypeError, ValueError, LookupError, AttributeError):
        # PyYAML and JSON raise these for values that do not fit their tag, or have no form in JSON.
        detail = "it has a value that JSON does not know, use texts, numbers, lists, mappings"
        raise ScenarioError(source, [ScenarioMistake(None, "", detail)]) from None


def read_unchecked(text: str) -> Any:
    """Returns a document of the package, several times as fast: tests read it with every check. Raises ValueError."""
    import yaml

    try:
        return yaml.load(text, Loader=with_dates_as_text(getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        raise ValueError(_one_line(error)) from None


def check_size(source: str, size: int) -> None:
    """Raises ScenarioError for a document that is too large."""
    if size > MAX_BYTES:
        raise ScenarioError(
            source, [ScenarioMistake(None, "", f"it has {size} bytes, a scenario has at most {MAX_BYTES}")]
        )


def _loader() -> Any:
    """Makes a loader that keeps dates as text. It refuses double members, and aliases, which make documents huge."""
    import yaml

    base: Any = with_dates_as_text(yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # a class that is made at run time
        def construct_object(self, node: Any, deep: bool = False) -> Any:
            value = super().construct_object(node, deep)
            if isinstance(value, float) and not isfinite(value):
                raise yaml.MarkedYAMLError(None, None, f"{value} is no number that JSON has", node.start_mark)
            if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
                detail = f"a number of {len(node.value)} digits, at most {len(str(LARGEST))} make sense"
                raise yaml.MarkedYAMLError(None, None, detail, node.start_mark)
            return value

        def compose_node(self, parent: Any, index: Any) -> Any:
            parser: Any = self
            if parser.check_event(yaml.AliasEvent):
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


def _unreadable(error: "MarkedYAMLError") -> ScenarioMistake:
    mark = error.problem_mark or error.context_mark
    reason = ", ".join(part for part in (error.context, error.problem) if part)
    return ScenarioMistake(mark.line + 1 if mark else None, "", f"it cannot be read: {_one_line(reason)}")


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
