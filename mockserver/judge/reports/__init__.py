"""Forms of the report: for a person at a terminal, for CI, for programs, and as a page."""

import json
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

from mockserver.judge.report import Report
from mockserver.judge.reports.badge import to_badge
from mockserver.judge.reports.console import write_console
from mockserver.judge.reports.github import to_github
from mockserver.judge.reports.html import members_of, to_html, whole_text
from mockserver.judge.reports.junit import to_junit
from mockserver.judge.reports.markdown import to_markdown

__all__ = [
    "FORMS",
    "json_schema",
    "to_badge",
    "to_github",
    "to_html",
    "to_json",
    "to_junit",
    "to_markdown",
    "write_console",
]


def to_json(report: Report) -> str:
    """Returns the whole report, in members that `json_schema` describes."""
    file = StringIO()  # json.dumps would gather millions of pieces first
    json.dump(members_of(report), file, ensure_ascii=False, indent=2, default=lambda part: part.model_dump(mode="json"))
    file.write("\n")
    return whole_text(file.getvalue())


def json_schema() -> dict[str, Any]:
    """Returns the JSON Schema of `to_json`, as `fixtures/conformance-report.schema.json` has it."""
    schema: dict[str, Any] = _open(Report.model_json_schema(mode="serialization"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _open(node: Any) -> Any:
    """Allows members that the schema does not name, since members may be added without another version."""
    if isinstance(node, dict):
        return {
            name: _open(value)
            for name, value in node.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [_open(item) for item in node] if isinstance(node, list) else node


FORMS: Mapping[str, Callable[[Report], str]] = {
    "json": to_json,
    "junit": to_junit,
    "html": to_html,
    "markdown": to_markdown,
    "github": to_github,
    "badge": to_badge,
}
"""The forms that are text, by name. The one for the console is `write_console`."""
