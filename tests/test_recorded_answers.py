"""The answers to 300 recorded requests stay as they are, to the byte.

Answers that were changed on purpose are taken over with `python -m tests.record_answers`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from .record_answers import Answer, Exchange, LongBody, load, play

CONTRACTS = Path(__file__).parents[1] / "contracts"
LONG: LongBody = {"length": 9, "sha256": "ab", "begins": "beginning"}
_METHODS = {"get", "put", "post", "delete", "patch"}
_SANDBOX_OR_QUERY = re.compile(r"^/~[^/]+|\?.*$")


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    """Reads the record."""
    return load()


def test_every_answer_is_the_recorded_one(exchanges: list[Exchange]) -> None:
    requests = [exchange["request"] for exchange in exchanges]
    for number, (exchange, answer) in enumerate(zip(exchanges, play(requests), strict=True), 1):
        request = exchange["request"]
        difference = first_difference(exchange["answer"], answer)
        assert difference is None, f"request {number}, {request['method']} {request['path']}: {difference}"


def test_there_are_300_requests_of_every_kind(exchanges: list[Exchange]) -> None:
    assert len(exchanges) == 300
    methods = {exchange["request"]["method"] for exchange in exchanges}
    assert methods >= {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
    statuses = Counter(exchange["answer"]["status"] for exchange in exchanges)
    assert statuses.keys() >= {200, 201, 204, 206, 307, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 502, 503}
    assert sum(count for status, count in statuses.items() if status < 300) > 150


@pytest.mark.parametrize("provider", ["apimo", "gsl", "seeker"])
def test_every_operation_succeeds_at_least_once(exchanges: list[Exchange], provider: str) -> None:
    successes = [
        (exchange["request"]["method"], _SANDBOX_OR_QUERY.sub("", exchange["request"]["path"]))
        for exchange in exchanges
        if 200 <= exchange["answer"]["status"] < 300
    ]
    operations = operations_of(provider)
    assert len(operations) >= 10
    for operation, method, pattern in operations:
        assert any(success[0] == method and pattern.fullmatch(success[1]) for success in successes), operation


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({}, None),
        ({"status": 404}, "the status is 404, not 200"),
        ({"headers": ["a: 1", "b: 3"]}, "header 2 is 'b: 3', not 'b: 2'"),
        ({"headers": ["b: 2", "a: 1"]}, "header 1 is 'b: 2', not 'a: 1'"),
        ({"headers": ["a: 1"]}, "header 2 is missing: 'b: 2'"),
        ({"headers": ["a: 1", "b: 2", "c: 3"]}, "header 3 is new: 'c: 3'"),
        ({"body": "Où !"}, "the body differs from byte 4 on: '!', not '?'"),
        ({"body": LONG}, "the body has 9 bytes, not 5, and differs from byte 0 on: 'beginning', not 'Où ?'"),
    ],
)
def test_the_first_difference_is_reported(change: Answer, difference: str | None) -> None:
    recorded: Answer = {"status": 200, "headers": ["a: 1", "b: 2"], "body": "Où ?"}
    assert first_difference(recorded, {**recorded, **change}) == difference


def test_a_difference_behind_the_beginning_of_a_long_body_is_reported() -> None:
    recorded: Answer = {"status": 200, "headers": [], "body": LONG}
    other: Answer = {"status": 200, "headers": [], "body": {**LONG, "sha256": "cd"}}
    assert first_difference(recorded, other) == "the body differs behind byte 9: its SHA-256 is cd, not ab"


def first_difference(recorded: Answer, answer: Answer) -> str | None:
    """Says where an answer first differs from the recorded one; None when it does not."""
    if answer["status"] != recorded["status"]:
        return f"the status is {answer['status']}, not {recorded['status']}"
    headers = header_difference(recorded["headers"], answer["headers"])
    return headers or body_difference(recorded["body"], answer["body"])


def header_difference(old: list[str], new: list[str]) -> str | None:
    """Says which header is the first that differs."""
    place = same_places(old, new)
    if place == len(old) == len(new):
        return None
    if place == len(new):
        return f"header {place + 1} is missing: {old[place]!r}"
    if place == len(old):
        return f"header {place + 1} is new: {new[place]!r}"
    return f"header {place + 1} is {new[place]!r}, not {old[place]!r}"


def body_difference(old: str | LongBody, new: str | LongBody) -> str | None:
    """Says from which byte on a body differs."""
    if new == old:
        return None
    (before, old_length), (after, new_length) = beginning(old), beginning(new)
    length = "" if new_length == old_length else f"has {new_length} bytes, not {old_length}, and "
    place = same_places(before, after)
    byte = len(before[:place].encode())
    if before == after and isinstance(old, dict) and isinstance(new, dict):
        return f"the body {length}differs behind byte {byte}: its SHA-256 is {new['sha256']}, not {old['sha256']}"
    pieces = f"{after[place : place + 60]!r}, not {before[place : place + 60]!r}"
    return f"the body {length}differs from byte {byte} on: {pieces}"


def beginning(body: str | LongBody) -> tuple[str, int]:
    """Returns what is recorded of a body's text, and how many bytes it has."""
    return (body, len(body.encode())) if isinstance(body, str) else (body["begins"], body["length"])


def same_places(old: Sequence[str], new: Sequence[str]) -> int:
    """Counts how many places are the same before the first that differs."""
    pairs = zip(old, new, strict=False)
    return next((place for place, (before, after) in enumerate(pairs) if before != after), min(len(old), len(new)))


def operations_of(provider: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Lists the operations of a contract by their id, each with its method and a pattern of its path."""
    contract = yaml.safe_load((CONTRACTS / f"{provider}.yaml").read_text(encoding="utf-8"))
    return [
        (operation["operationId"], method.upper(), path_pattern(f"/{provider}{template}"))
        for template, item in contract["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    ]


def path_pattern(template: str) -> re.Pattern[str]:
    """Turns a templated path into a pattern."""
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", template))))
