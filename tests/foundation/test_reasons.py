"""Reason phrases in bodies do not change with the Python that serves."""

from http import HTTPStatus
from types import SimpleNamespace

import pytest

from mockserver.foundation import reasons


def test_a_newer_python_gives_bodies_the_same_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python 3.13 calls 422 "Unprocessable Content"; some Pythons that this runs with do not.
    newer = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
    before = [reasons.reason(status) for status in newer]
    monkeypatch.setattr(reasons, "HTTPStatus", lambda status: SimpleNamespace(phrase=newer[status]))
    assert [reasons.reason(status) for status in newer] == before
    assert before == [
        "Request Entity Too Large",
        "Request-URI Too Long",
        "Requested Range Not Satisfiable",
        "Unprocessable Entity",
    ]


def test_every_other_status_has_its_name_and_an_unknown_one_none() -> None:
    assert (reasons.reason(404), reasons.reason(599)) == (HTTPStatus.NOT_FOUND.phrase, None)
