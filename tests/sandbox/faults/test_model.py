"""Faults as they are asked for: those that make no sense are refused with a sentence."""

from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.sandbox.faults import Fault, FaultRefused, check_names

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"kind": "explode"}, "kind"),
    ({"kind": "delay"}, "kind 'delay' needs `delay_ms`"),
    ({"kind": "status"}, "kind 'status' needs `status`"),
    ({"kind": "delay", "delay_ms": 1, "status": 503}, "`status` means nothing to kind 'delay'"),
    ({"kind": "empty", "delay_ms": 1}, "`delay_ms` means nothing to kind 'empty'; it belongs to delay, drip, status"),
    ({"kind": "empty", "at": "before"}, "`at` means nothing to kind 'empty'; it belongs to reset"),
    ({"kind": "reset", "keep_bytes": 1}, "it belongs to truncate"),
    ({"kind": "empty", "body": "x"}, "`body` means nothing to kind 'empty'; it belongs to content_type, status"),
    ({"kind": "status", "status": 503, "sigma": 1}, "give `delay_ms`"),
    ({"kind": "status", "status": 399}, "400 to 599"),
    ({"kind": "redirect", "status": 304}, "301, 302, 303, 307 or 308"),
    ({"kind": "content_type", "status": 204}, "of one that has a body"),
    ({"kind": "status", "status": 429, "retry_after_form": "date"}, "give `retry_after` too"),
    ({"kind": "status", "status": 429, "retry_after": -1}, "retry_after"),
    ({"kind": "status", "status": 503, "headers": {"Content-Length": "3"}}, "'content-length' follows from how"),
    ({"kind": "status", "status": 503, "headers": {"x": "a\r\nb: c"}}, "headers"),
    ({"kind": "status", "status": 503, "headers": {"a b": "c"}}, "headers"),
    ({"kind": "status", "status": 503, "body": "x" * 65_537}, "65536 bytes"),
    ({"kind": "status", "status": 503, "body": "\ud800"}, "UTF-8"),
    ({"kind": "redirect", "location": "javascript:alert(1)"}, "location"),
    ({"kind": "redirect", "location": "http://a/\r\nb: c"}, "location"),
    ({"kind": "delay", "delay_ms": 3_600_001}, "delay_ms"),
    ({"kind": "delay", "delay_ms": -1}, "delay_ms"),
    ({"kind": "drip", "piece_bytes": 0}, "piece_bytes"),
    ({"kind": "empty", "times": 0}, "times"),
    ({"kind": "empty", "after": -1}, "after"),
    ({"kind": "empty", "calls": []}, "calls"),
    ({"kind": "empty", "calls": [0]}, "calls"),
    ({"kind": "empty", "probability": 0}, "probability"),
    ({"kind": "empty", "probability": 1.1}, "probability"),
    ({"kind": "empty", "path": "agencies"}, "path"),
    ({"kind": "empty", "until": "2026-01-01T00:00:00Z", "lasts": "PT1M"}, "give one of them"),
    ({"kind": "empty", "until": "tomorrow"}, "not an ISO 8601 moment"),
    ({"kind": "empty", "until": "9999-12-31T23:59:59-12:00"}, "between the years 1970 and 9999"),
    ({"kind": "empty", "until": "0001-01-01T00:00:00+12:00"}, "between the years 1970 and 9999"),
    ({"kind": "empty", "lasts": "a minute"}, "not an ISO 8601 duration"),
    ({"kind": "empty", "lasts": "PT0S"}, "more than nothing"),
    ({"kind": "wrong_type", "pointer": "leads/0"}, "pointer"),
    ({"kind": "patch"}, "kind 'patch' needs `changes`"),
    ({"kind": "patch", "changes": []}, "changes"),
    (
        {"kind": "patch", "changes": [{"pointer": "/a"}]},
        "a change says nothing of it; give one of `set`, `remove: true`",
    ),
    ({"kind": "patch", "changes": [{"pointer": "/a", "set": 1, "rename": "b"}]}, "has `set` and `rename`; give one of"),
    ({"kind": "patch", "changes": [{"pointer": "/a", "remove": False}]}, "changes.0.remove"),
    ({"kind": "patch", "changes": [{"pointer": "/a", "retype": "date"}]}, "'string', 'number', 'boolean'"),
    ({"kind": "patch", "changes": [{"pointer": "a", "remove": True}]}, "changes.0.pointer"),
    ({"kind": "patch", "changes": [{"pointer": "", "remove": True}]}, "name a member, such as /expires_in"),
    ({"kind": "patch", "changes": [{"pointer": "/a", "set": "x" * 65_536}]}, "65536 bytes"),
    ({"kind": "patch", "changes": [{"pointer": "/a", "set": 2**64}]}, "`changes` cannot be written as JSON"),
    ({"kind": "empty", "changes": [{"pointer": "/a", "set": 1}]}, "`changes` means nothing to kind 'empty'"),
    ({"kind": "empty", "colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("document", "message"), NONSENSE, ids=lambda value: str(value)[:60])
def test_what_makes_no_sense_is_refused_with_a_sentence(document: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Fault.model_validate(document)
    assert message in str(refusal.value)


def test_members_that_are_null_say_nothing() -> None:
    fault = Fault.model_validate({"kind": "empty", "status": None, "delay_ms": None, "provider": None})
    assert fault.status is None


def test_a_method_is_taken_in_either_case() -> None:
    assert Fault(kind="empty", method="get").method == "GET"


def test_names_that_there_are_not_are_refused_with_the_nearest() -> None:
    operations: dict[str, dict[str, None]] = {"apimo": {"listLeads": None}, "gsl": {"searchLeads": None}}
    check_names(Fault(kind="empty", provider="gsl", operation="searchLeads"), operations)
    check_names(Fault(kind="empty", operation="listLeads"), operations)
    for document, message in (
        ({"provider": "apima"}, "There is no provider 'apima'; there is apimo, gsl."),
        ({"operation": "listLead"}, "No provider has an operation 'listLead'; did you mean listLeads?"),
        ({"provider": "gsl", "operation": "zzz"}, "Provider gsl has no operation 'zzz'; there are searchLeads."),
    ):
        with pytest.raises(FaultRefused, match=message.replace("?", r"\?")):
            check_names(Fault.model_validate({"kind": "empty", **document}), operations)
