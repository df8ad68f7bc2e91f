"""Compares a call with an expectation, and names the members in which it differs."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockserver.sandbox.entry_bounds import was_cut
from mockserver.sandbox.journal import Entry
from mockserver.verification.expectation import Expectation


class Difference(NamedTuple):
    """A member of a call that is not as expected."""

    member: str
    """`status`, `query/limit`, `body/reference`…"""
    expected: Any
    actual: Any
    unknown: bool = False
    """Whether the journal has not kept enough to tell."""

    def as_dict(self) -> dict[str, Any]:
        """Returns the form that the admin API shows."""
        return {"member": self.member, "wanted": self.expected, "actual": self.actual}


def differences(entry: Entry, expectation: Expectation, body_limit: int) -> list[Difference]:
    """Returns what differs, nothing if the call is as expected. `body_limit` is the journal's bound on bodies."""
    return [*_plain(entry, expectation), *_query(entry, expectation), *_body(entry, expectation, body_limit)]


def _plain(entry: Entry, expectation: Expectation) -> Iterator[Difference]:
    method = expectation.method.upper() if expectation.method is not None else None
    for member, right, actual in (
        ("provider", expectation.provider, entry.provider),
        ("operation", expectation.operation, entry.operation or None),
        ("method", method, entry.method),
        ("status", expectation.status, entry.status),
    ):
        if right is not None and right != actual:
            yield Difference(member, right, actual)
    if expectation.path is not None and not fnmatchcase(entry.path, expectation.path):
        yield Difference("path", expectation.path, entry.path, unknown=was_cut(entry.path))


def _query(entry: Entry, expectation: Expectation) -> Iterator[Difference]:
    if not expectation.query:
        return
    parameters = parse_qs(entry.query, keep_blank_values=True)
    for name, right in expectation.query.items():
        texts = [_text(value) for value in (right if isinstance(right, list) else [right])]
        actual = parameters.get(name, [])
        if not all(text in actual for text in texts):
            sent = actual[0] if len(actual) == 1 else actual or None
            yield Difference(f"query/{name}", right, sent, unknown=was_cut(entry.query))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(entry: Entry, expectation: Expectation, body_limit: int) -> Iterator[Difference]:
    if expectation.body is None:
        return
    if entry.request_bytes > body_limit:
        size = f"{entry.request_bytes} bytes, of which the journal kept the first {body_limit}"
        yield Difference("body", expectation.body, size, unknown=True)
        return
    try:
        actual = json.loads(entry.request)
    except ValueError:
        actual = _form(entry) or entry.request
    yield from _subset(expectation.body, actual, "body")


def _form(entry: Entry) -> dict[str, str]:
    """Returns the members of a form body, as clients send it to a token endpoint."""
    sent = dict(entry.request_headers).get(b"content-type", b"")
    if not sent.startswith(b"application/x-www-form-urlencoded"):
        return {}
    return {name: values[-1] for name, values in parse_qs(entry.request, keep_blank_values=True).items()}


def _subset(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name, right in expected.items():
            if name in actual:
                yield from _subset(right, actual[name], f"{place}/{name}")
            else:
                yield Difference(f"{place}/{name}", right, None)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) <= len(actual):
        for number, (right, item) in enumerate(zip(expected, actual, strict=False)):
            yield from _subset(right, item, f"{place}/{number}")
    elif not _same(expected, actual):
        yield Difference(place, expected, actual)


def _same(expected: Any, actual: Any) -> bool:
    """Compares as JSON does: true is not 1, but 1.0 is."""
    return expected == actual and isinstance(expected, bool) is isinstance(actual, bool)
