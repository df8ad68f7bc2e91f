"""Calls of the judged provider, read by its adapter, and the crawls that they make up."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from mockserver.foundation.dataclass import dataclass
from mockserver.judge.token_answers import form_to_take
from mockserver.provider_api.judge_adapter import PageRequest, SeenLead, SeenPage
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets
from mockserver.sandbox.journal import Entry

CrawlKey: TypeAlias = tuple[str, float | None, float | None]
"""The list and the bounds that the pages of one crawl have in common."""

CUT = "\N{HORIZONTAL ELLIPSIS}[cut]"
"""Stands where a text was cut for which there was no more room."""


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
        return self.failed or was_spoilt(self) or (self.entry.status >= 300 and self.entry.status != 404)

    @property
    def fault(self) -> str | None:
        """The kind of the fault that befell it."""
        return None if self.entry.fault is None else str(self.entry.fault["kind"])

    @property
    def trouble(self) -> ClientMeets | None:
        """The sort of trouble that the client met in that fault."""
        return None if self.fault is None else FAULT_KINDS[self.fault].meets


@dataclass(frozen=True)
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
    def first_id(self) -> int:
        """The id of its first call."""
        return self.pages[0].entry.id

    @cached_property
    def last_page(self) -> JudgedCall | None:
        """The last page that the client got whole."""
        return next((call for call in reversed(self.pages) if call.page is not None), None)

    @cached_property
    def complete(self) -> bool:
        """Tells whether the client got to the end of the list."""
        return any(call.page is not None and call.page.next is None for call in self.pages)

    @cached_property
    def is_overfull(self) -> bool:
        """Tells whether a page had more items than it may have, so that nobody can tell how far the list was read."""
        return any(
            call.page is not None and call.page_request is not None and len(call.page.items) > call.page_request.limit
            for call in self.pages
        )

    @property
    def failed(self) -> bool:
        """Tells whether the last page that was asked for failed."""
        return bool(self.pages) and self.pages[-1].page is None

    @cached_property
    def failures(self) -> tuple[JudgedCall, ...]:
        """The pages that the client did not get whole."""
        return tuple(call for call in self.pages if call.failed)

    @cached_property
    def is_broken(self) -> bool:
        """Tells whether the client never got a page of it whole."""
        if not self.failures:
            return False
        whole = {call.page_request.place for call in self.pages if call.page is not None and call.page_request}
        return any(call.page_request is not None and call.page_request.place not in whole for call in self.failures)


def find_crawls(calls: Sequence[JudgedCall]) -> Iterator[Crawl]:
    """Yields the crawls of a run. A page at the beginning of a list begins one, unless it repeats one that failed."""
    open_crawls: dict[CrawlKey, list[JudgedCall]] = {}
    order: list[tuple[CrawlKey, list[JudgedCall]]] = []
    whole: dict[CrawlKey, bool] = {}
    """Whether the client got any page of an open crawl."""
    for call in calls:
        if call.page_request is None:
            continue
        key = crawl_key(call.page_request)
        pages = open_crawls.get(key)
        if pages is None or (is_start(call.page_request) and whole[key]):
            pages = open_crawls[key] = []
            order.append((key, pages))
            whole[key] = False
        pages.append(call)
        whole[key] = whole[key] or call.page is not None
    for key, pages in order:
        yield Crawl(*key, tuple(pages))


def crawl_key(request: PageRequest) -> CrawlKey:
    """Returns the list and the bounds that are asked for."""
    return request.feed, request.since, request.until


def is_start(request: PageRequest) -> bool:
    """Tells whether the beginning of a list is asked for."""
    return request.place in ("", "0")


def request_of(call: JudgedCall) -> Hashable:
    """Returns method, path, query and body, which make two calls the same."""
    entry = call.entry
    return entry.method, entry.path, entry.query, entry.request


def aim_of(call: JudgedCall) -> Hashable:
    """Returns a key that repetitions share, also those that ask up to a later moment or for smaller pages."""
    page_request = call.page_request
    return request_of(call) if page_request is None else (page_request.feed, page_request.since, page_request.place)


def was_spoilt(call: JudgedCall) -> bool:
    """Tells whether there was no answer, or none that can be believed."""
    fault = call.entry.fault
    if fault is None or call.entry.status == 0:
        return call.entry.status == 0
    is_spoilt = call.trouble is ClientMeets.SPOILING and not fault["in_contract"]
    return is_spoilt and form_to_take(call.entry) is None


def was_answered_well(call: JudgedCall) -> bool:
    """Tells whether the client got what it asked for."""
    return 200 <= call.entry.status < 300 and not was_spoilt(call)


def distinct_items(calls: Iterable[JudgedCall]) -> list[tuple[SeenLead, ...]]:
    """Returns the leads that calls showed, the same answer once, in the order in which each was given last."""
    distinct: dict[int, tuple[SeenLead, ...]] = {}
    for call in calls:
        items = call.items
        if items:
            distinct.pop(id(items), None)
            distinct[id(items)] = items
    return list(distinct.values())
