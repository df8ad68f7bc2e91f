"""Calls as the judge keeps them: what repeats is kept once, and what there is no room for is cut."""

from dataclasses import replace

import pytest

from mockserver.judge import call_reader
from mockserver.judge.call_reader import EXCERPT, CallReader
from mockserver.judge.calls import CUT
from mockserver.provider_api.judge_adapter import PageRequest, SeenLead, SeenPage, VariantChoices
from mockserver.sandbox.journal import Entry
from tests.support.evidence import JUDGE_ADAPTER, TOKEN, entry

ADAPTER = replace(
    JUDGE_ADAPTER,
    read_page_request=lambda entry, readings: PageRequest("leads", None, None, entry.query, 100),
    read_page=lambda entry, readings: SeenPage((SeenLead("1", raw={"id": 1, "of": entry.query}),), None),
)


def reader() -> CallReader:
    return CallReader({"fake": ADAPTER}, {"fake": {}})


def again(text: str) -> str:
    """The same text, as another object."""
    return (text + " ")[:-1]


def call(query: str = "", reply: str = "[]", operation: str = "listLeads", request: str | None = None) -> Entry:
    return entry(query=again(query), reply=again(reply), operation=operation, request=request)


def test_what_repeats_is_kept_once() -> None:
    reads = reader()
    first, second = (reads.read(call(reply="[1, 2]"), 1) for _ in range(2))
    assert first.entry.reply is second.entry.reply
    assert first.entry.request_headers is second.entry.request_headers
    assert first.page is second.page
    third = reads.read(call(query="offset=1", reply="[1, 2]"), 2)
    assert third.items is first.items
    assert third.run == 2
    assert dict(third.items[0].raw) == {}


def test_long_texts_that_begin_and_end_alike_are_told_apart() -> None:
    reads = reader()
    texts = ["x" * 5_000 + middle + "y" * 5_000 for middle in "abab"]
    replies = [reads.read(call(reply=text), 1).entry.reply for text in texts]
    assert replies == texts
    assert replies[0] is replies[2]
    assert replies[1] is replies[3]


def test_a_body_that_is_cut_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_reader, "MAX_TEXT", 1)
    lengths: list[int] = []

    def read_page(entry: Entry, readings: VariantChoices) -> SeenPage:
        lengths.append(len(entry.reply))
        return SeenPage((), None)

    reads = CallReader({"fake": replace(ADAPTER, read_page=read_page)}, {"fake": {}})
    for length in (EXCERPT + 1, EXCERPT + len(CUT) + 16, EXCERPT + len(CUT) + 17, 9_000):
        reads.read(call(reply="x" * length), 1)
        assert lengths[-1] == length


def test_bodies_are_cut_where_there_is_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_reader, "MAX_TEXT", 1_000)
    reads, long = reader(), "x" * 5_000
    whole = reads.read(call(reply=long), 1)
    one, other = (reads.read(call(reply=long + end), 1) for end in "ab")
    assert whole.entry.reply == long
    assert one.entry.reply.startswith("x" * EXCERPT + CUT)
    assert len(one.entry.reply) < EXCERPT + 50
    assert one.entry.reply != other.entry.reply
    assert reads.read(call(reply=long), 1).entry.reply is whole.entry.reply
    token = reads.read(call(reply="y" * 3_000, operation=TOKEN), 1)
    assert token.entry.reply == "y" * 3_000, "how long a token is good is read of it"
    sent = reads.read(call(request="z" * 3_000), 1)
    assert CUT not in sent.entry.request
