"""Calls of the judged provider, read by its adapter, and the crawls that they make up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.provider_api.judge_adapter import PageRequest, SeenLead, SeenPage
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets
from mockserver.sandbox.journal import Entry

CrawlKey: TypeAlias = tuple[str, float | None, float | None]
"""The list and the bounds that the pages of one crawl have in common."""


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """A call of the judged provider, read by its adapter."""

    entry: Entry
    run: int
    page_request: PageRequest | None
    """None when it asked for no page of leads."""
    page: SeenPage | None
    """The page that the client got, if it was whole and in contract."""
    details: tuple[SeenLead, ...] = ()

    @property
    def items(self) -> tuple[SeenLead, ...]:
        """Every lead that the client was shown by the call."""
        return self.page.items if self.page else self.details

    @property
    def failed(self) -> bool:
        """Tells whether it asked for a page and did not get it whole."""
        return self.page_request is not None and self.page is None

    @property
    def got_error(self) -> bool:
        """Tells whether the answer was an error, other than that something is not there, or was not whole."""
        return self.failed or self.entry.status == 0 or (self.entry.status >= 300 and self.entry.status != 404)

    @property
    def fault(self) -> str | None:
        """The kind of the fault that befell it."""
        return None if self.entry.fault is None else str(self.entry.fault["kind"])

    @property
    def trouble(self) -> ClientMeets | None:
        """The sort of trouble that the client met in that fault."""
        return None if self.fault is None else FAULT_KINDS[self.fault].meets


@dataclass(frozen=True, slots=True)
class Crawl:
    """The pages of one list with the same bounds, from its beginning as far as the client went, within one run."""

    feed: str
    since: float | None
    until: float | None
    pages: tuple[JudgedCall, ...]
    """In the order of the calls, failed ones and repetitions included."""

    @property
    def key(self) -> CrawlKey:
        """The list and its bounds."""
        return self.feed, self.since, self.until

    @property
    def last_page(self) -> JudgedCall | None:
        """The last page that the client got whole."""
        return next((call for call in reversed(self.pages) if call.page is not None), None)

    @property
    def complete(self) -> bool:
        """Tells whether the client got to the end of the list."""
        return any(call.page is not None and call.page.next is None for call in self.pages)

    @property
    def failed(self) -> bool:
        """Tells whether the last page that was asked for failed."""
        return bool(self.pages) and self.pages[-1].page is None

    @property
    def shown_ids(self) -> frozenset[str]:
        """The leads that the client was shown in it."""
        return frozenset(item.id for call in self.pages for item in call.items)


def find_crawls(calls: Sequence[JudgedCall]) -> Iterator[Crawl]:
    """Yields the crawls of a run. A page at the beginning of a list begins one, unless it repeats one that failed."""
    open_crawls: dict[CrawlKey, list[JudgedCall]] = {}
    order: list[tuple[CrawlKey, list[JudgedCall]]] = []
    for call in calls:
        if call.page_request is None:
            continue
        key = crawl_key(call.page_request)
        pages = open_crawls.get(key)
        is_repetition = pages is not None and all(page.page is None for page in pages)
        if pages is None or (is_start(call.page_request) and not is_repetition):
            pages = open_crawls[key] = []
            order.append((key, pages))
        pages.append(call)
    for key, pages in order:
        yield Crawl(*key, tuple(pages))


def crawl_key(request: PageRequest) -> CrawlKey:
    """Returns the list and the bounds that are asked for."""
    return request.feed, request.since, request.until


def is_start(request: PageRequest) -> bool:
    """Tells whether the beginning of a list is asked for."""
    return request.place in ("", "0")
