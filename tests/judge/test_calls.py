"""Calls that are put together to crawls."""

from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, LeadSnapshot, Run
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, PageRequest
from tests.conftest import NOW
from tests.support.evidence import JUDGE_ADAPTER, evidence, lead, run, seen, shows, token

DAY = 86_400


FULL = Contact("ana@example.org", ("0611223344",), "Ana Roy", "Bonjour, est-ce encore libre ?")


GONE: Any = {"operation": "getLead", "path": "/leads/9", "status": 404}


def full(id: str, **given: Any) -> LeadSnapshot:
    """A lead of which nothing is absent or strange."""
    return lead(id, **{"contact": FULL, **given})


ONE, TWO, THREE = full("1"), full("2"), full("3")


def drill(*runs: Run, adapter: JudgeAdapter = JUDGE_ADAPTER, **given: Any) -> Evidence:
    return evidence(*runs, adapter=adapter, **given)


def crawls(*calls: JudgedCall) -> list[tuple[int, ...]]:
    """The numbers of the calls of each."""
    made = drill(run(*calls)).last.crawls
    return [tuple(page.entry.id for page in crawl.pages) for crawl in made]


FIRST, SECOND, END = shows(ONE, next="100"), shows(TWO, place="100", next="200"), shows(THREE, place="200")


def test_pages_of_a_list_are_a_crawl_and_other_calls_are_in_none() -> None:
    assert crawls(token(), FIRST, seen(**GONE), SECOND, END) == [(2, 4, 5)]


def test_a_first_page_that_failed_and_is_asked_for_again_begins_no_other_crawl() -> None:
    failed = seen(status=503)
    assert crawls(failed, failed, FIRST, SECOND) == [(1, 2, 3, 4)]
    made = drill(run(failed, FIRST, SECOND, END)).last.crawls[0]
    assert (made.complete, made.failed) == (True, False)


def test_who_reads_a_list_a_second_time_makes_another_crawl() -> None:
    assert crawls(FIRST, SECOND, FIRST, SECOND, END) == [(1, 2), (3, 4, 5)]
    zero = replace(FIRST, page_request=PageRequest("leads", None, None, "0", 100))
    assert crawls(FIRST, SECOND, zero, SECOND) == [(1, 2), (3, 4)]


def test_periods_that_are_read_side_by_side_are_crawls_each() -> None:
    bounds: Any = {"since": NOW - DAY, "until": NOW}
    other = [shows("7", next="100", **bounds), shows("8", place="100", **bounds)]
    assert crawls(FIRST, other[0], SECOND, other[1], END) == [(1, 3, 5), (2, 4)]
    assert crawls(FIRST, shows("9", feed="others"), SECOND) == [(1, 3), (2,)]


def test_a_list_that_is_not_begun_at_its_beginning_is_a_crawl_too() -> None:
    assert crawls(SECOND, END) == [(1, 2)]


def test_a_crawl_is_of_one_run() -> None:
    made = drill(run(FIRST), run(SECOND, END))
    assert [len(each.crawls) for each in made.runs] == [1, 1]
    assert not made.run(1).crawls[0].complete
    assert made.run(2).crawls[0].complete


def test_a_crawl_failed_when_its_last_page_did() -> None:
    (crawl,) = drill(run(FIRST, seen(place="100", status=503))).last.crawls
    assert (crawl.failed, crawl.complete) == (True, False)
    assert crawl.last_page is not None
    assert crawl.last_page.page == FIRST.page
    (nothing,) = drill(run(seen(status=503))).last.crawls
    assert nothing.last_page is None


@pytest.mark.parametrize(
    ("call", "is_error"),
    [
        (token(), False),
        (token(fault="malformed", reply='{"access_token": "x'), True),
        (token(fault="patch", reply={"token_type": "Bearer"}), True),
        (token(fault="patch", expires_in=None), False),
        (token(fault="patch", expires_in="3600"), False),
        (token(fault="extra_members"), False),
        (seen(operation="getLead", fault="truncate"), True),
        (seen(operation="getLead", status=404), False),
        (seen(operation="getLead", status=403), True),
        (seen(operation="getLead", status=0, fault="reset"), True),
    ],
)
def test_an_answer_that_nobody_can_believe_is_an_error_whatever_was_asked_for(call: JudgedCall, is_error: bool) -> None:
    assert call.got_error is is_error
