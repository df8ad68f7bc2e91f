"""The digest of what a client was shown: moments, cursors and sandboxes mean nothing, everything else does."""

from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.shown_answers import digest_answers
from mockserver.provider_api.judge_adapter import SeenLead, SeenPage
from tests.support.evidence import seen, shows


def page(*ids: str, next: str | None = None, total: int | None = None, **members: Any) -> JudgedCall:
    return seen(page=SeenPage(tuple(map(SeenLead, ids)), next, total), **members)


FIRST = page("1", "2", next="abc", reply={"at": "2026-11-29T10:00:00Z", "next": "/~drill-1/leads?start=abc"})


@pytest.mark.parametrize(
    "same",
    [
        page("1", "2", next="xyz", reply={"at": "2026-12-01T11:22:33Z", "next": "/~drill-12/leads?start=xyz"}),
        page("1", "2", next="abc", reply={"at": "2026-11-29T10:00:00Z", "next": "/~drill-1/leads?start=abc"}, after=9),
    ],
)
def test_what_differs_from_drill_to_drill_means_nothing(same: JudgedCall) -> None:
    assert digest_answers([FIRST]) == digest_answers([same])


@pytest.mark.parametrize(
    "other",
    [
        page("2", "1", next="abc", reply={"at": "2026-11-29T10:00:00Z", "next": "/~drill-1/leads?start=abc"}),
        page("1", "2", next="abc", reply={"at": "2026-11-29 10:00:00", "next": "/~drill-1/leads?start=abc"}),
        page("1", "2", next="abc", reply={"at": None, "next": "/~drill-1/leads?start=abc"}),
        page("1", "2", next="abc", total=7, reply={"at": "2026-11-29T10:00:00Z", "next": "/~drill-1/leads?start=abc"}),
        page("1", "2", reply={"at": "2026-11-29T10:00:00Z", "next": "/~drill-1/leads?start=abc"}),
        seen(status=404),
    ],
)
def test_leads_their_order_forms_totals_and_statuses_do(other: JudgedCall) -> None:
    assert digest_answers([FIRST]) != digest_answers([other])


def test_the_order_of_calls_means_nothing_and_their_number_does() -> None:
    one, other = shows("1"), shows("2")
    assert digest_answers([one, other]) == digest_answers([other, one])
    assert digest_answers([one, one]) != digest_answers([one])
