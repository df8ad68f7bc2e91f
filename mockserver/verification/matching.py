"""Whether a call is one of those that are meant, and if not, in which members it differs."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockserver.sandbox.journal import Entry
from mockserver.verification.expectation import Expectation


class Difference(NamedTuple):
    """A member of a call that is not what was wanted."""

    member: str
    """`status`, `query/limit`, `body/reference`…"""
    wanted: Any
    actual: Any
    unknown: bool = False
    """Whether the journal has not kept enough to tell."""

    def as_dict(self) -> dict[str, Any]:
        """The form that the admin API shows."""
        return {"member": self.member, "wanted": self.wanted, "actual": self.actual}


def differences(entry: Entry, wanted: Expectation, body_limit: int) -> list[Difference]:
    """Empty when the call is one that is meant. `body_limit` is the journal's bound on bodies in bytes."""
    return [*_plain(entry, wanted), *_query(entry, wanted), *_body(entry, wanted, body_limit)]


def _plain(entry: Entry, wanted: Expectation) -> Iterator[Difference]:
    method = wanted.method.upper() if wanted.method is not None else None
    for member, right, actual in (
        ("provider", wanted.provider, entry.provider),
        ("operation", wanted.operation, entry.operation or None),
        ("method", method, entry.method),
        ("status", wanted.status, entry.status),
    ):
        if right is not None and right != actual:
            yield Difference(member, right, actual)
    if wanted.path is not None and not fnmatchcase(entry.path, wanted.path):
        yield Difference("path", wanted.path, entry.path)


def _query(entry: Entry, wanted: Expectation) -> Iterator[Difference]:
    if not wanted.query:
        return
    given = parse_qs(entry.query, keep_blank_values=True)
    for name, right in wanted.query.items():
        texts = [_text(value) for value in (right if isinstance(right, list) else [right])]
        actual = given.get(name, [])
        if not all(text in actual for text in texts):
            yield Difference(f"query/{name}", right, actual[0] if len(actual) == 1 else actual or None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(entry: Entry, wanted: Expectation, body_limit: int) -> Iterator[Difference]:
    if wanted.body is None:
        return
    if entry.request_bytes > body_limit:
        said = f"{entry.request_bytes} bytes, of which the journal kept the first {body_limit}"
        yield Difference("body", wanted.body, said, unknown=True)
        return
    try:
        actual = json.loads(entry.request)
    except ValueError:
        actual = _form(entry) or entry.request
    yield from _subset(wanted.body, actual, "body")


def _form(entry: Entry) -> dict[str, str]:
    """A form body, as clients send it to a token endpoint."""
    sent = dict(entry.request_headers).get(b"content-type", b"")
    if not sent.startswith(b"application/x-www-form-urlencoded"):
        return {}
    return {name: values[-1] for name, values in parse_qs(entry.request, keep_blank_values=True).items()}


def _subset(wanted: Any, actual: Any, place: str) -> Iterator[Difference]:
    if isinstance(wanted, dict) and isinstance(actual, dict):
        for name, right in wanted.items():
            if name in actual:
                yield from _subset(right, actual[name], f"{place}/{name}")
            else:
                yield Difference(f"{place}/{name}", right, None)
    elif isinstance(wanted, list) and isinstance(actual, list) and len(wanted) <= len(actual):
        for number, (right, item) in enumerate(zip(wanted, actual, strict=False)):
            yield from _subset(right, item, f"{place}/{number}")
    elif not _same(wanted, actual):
        yield Difference(place, wanted, actual)


def _same(wanted: Any, actual: Any) -> bool:
    """As in JSON: true is not 1, but 1.0 is."""
    return wanted == actual and isinstance(wanted, bool) is isinstance(actual, bool)
