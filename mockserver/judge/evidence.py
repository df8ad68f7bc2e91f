"""What was seen of a client in one drill: its runs, its calls, what it held afterwards, and what there really was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, PageRequest, SeenLead, SeenPage, VariantChoices
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets
from mockserver.sandbox.journal import Entry

Ending = Literal["itself", "settled", "timeout"]
"""How a run ended: by itself; stopped by us after it was quiet; stopped by us because it took too long."""


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A line of the outcome: a lead that the client says it holds. None is a member that it did not write."""

    id: str
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """One call of the provider that is judged, read in its dialect."""

    entry: Entry
    run: int
    page_request: PageRequest | None
    """None when it asked for no page of leads."""
    page: SeenPage | None
    """What the client got, if that was a whole page in contract."""
    details: tuple[SeenLead, ...] = ()

    @property
    def items(self) -> tuple[SeenLead, ...]:
        """Every lead that the client was shown by the call."""
        return self.page.items if self.page else self.details

    @property
    def failed(self) -> bool:
        """Whether it asked for a page and did not get it whole."""
        return self.page_request is not None and self.page is None

    @property
    def got_error(self) -> bool:
        """Whether the answer was a failure: an error, other than that something is not there, or none that is whole."""
        return self.failed or self.entry.status == 0 or (self.entry.status >= 300 and self.entry.status != 404)

    @property
    def fault(self) -> str | None:
        """The kind of the fault that struck it."""
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
    def last_page(self) -> JudgedCall | None:
        """The last one that the client got whole."""
        return next((call for call in reversed(self.pages) if call.page is not None), None)

    @property
    def complete(self) -> bool:
        """Whether the client got to the end of the list."""
        return any(call.page is not None and call.page.next is None for call in self.pages)

    @property
    def failed(self) -> bool:
        """Whether the last thing the client met in it was a failure."""
        return bool(self.pages) and self.pages[-1].page is None

    @property
    def shown_ids(self) -> frozenset[str]:
        """The leads that the client was shown in it."""
        return frozenset(item.id for call in self.pages for item in call.items)


@dataclass(frozen=True, slots=True)
class LeadSnapshot:
    """A lead as it really is at some moment."""

    id: str
    """What the judged provider calls it."""
    enquiry: int
    created: float
    updated: float
    agency: int
    contact: Contact
    erased: bool
    parent: str | None
    """The lead that it repeats, as the provider shows it."""
    feeds: frozenset[str]
    """The lists, of those that the client has asked for, that show it to the client at that moment."""
    category: str = ""
    raw: Mapping[str, object] = field(default_factory=dict, compare=False)
    """As the provider shows it."""


@dataclass(frozen=True)
class Run:
    """The client, run once."""

    number: int
    """From 1."""
    client_now: float
    """The moment that it was told is now (`MOCKSERVER_NOW`), epoch seconds."""
    began: float
    """On the sandbox's clock, as is the next one."""
    ended: float
    seconds: float
    """How long it took, really."""
    exit_code: int | None
    """None when it did not end by itself."""
    ending: Ending
    output: str
    """What it wrote to both its outputs, the last part."""
    outcome: tuple[HeldLead, ...] | None
    """None when it wrote none."""
    before: Mapping[str, LeadSnapshot]
    """What the provider had when it began, by id."""
    after: Mapping[str, LeadSnapshot]
    """The same when it had ended."""
    calls: tuple[JudgedCall, ...]
    unreadable: str = ""
    """Why its outcome cannot be read, in one sentence; empty when it can, or when there is none."""
    output_is_whole: bool = True
    """Whether all that it wrote would be in `output`."""

    @property
    def succeeded(self) -> bool:
        """Whether it ended as a client does that is content; one that never ends is content while it is quiet."""
        return self.exit_code == 0 or self.ending == "settled"

    @cached_property
    def crawls(self) -> tuple[Crawl, ...]:
        """Its crawls, in the order in which they began."""
        return tuple(_crawls(self.calls))

    @cached_property
    def shown_leads(self) -> Mapping[str, SeenLead]:
        """The leads that it was shown by calls, each as it was shown last."""
        return {item.id: item for call in self.calls for item in call.items}

    @cached_property
    def got_error(self) -> bool:
        """Whether any call of it was answered by a failure of whatever kind; a lead that is gone is none."""
        return any(call.got_error for call in self.calls)


@dataclass(frozen=True, slots=True)
class JudgedAttempt:
    """One try of ours to deliver a webhook to the client."""

    run: int
    lead: str
    number: int
    """1 is the first try of this delivery."""
    succeeded: bool
    """Whether the client answered with 2xx in time."""
    status: int | None
    """None when there was no answer in time."""
    reason: str | None
    faults: frozenset[str]
    """What was wrong with the delivery on purpose."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that a drill brought to light. Nothing in it was asked of the client but the outcome."""

    provider: str
    drill: str
    """The name of the drill."""
    adapter: JudgeAdapter
    readings: VariantChoices
    variant: str | None
    """`NAME=VALUE` when the drill is about that reading."""
    world: str
    aims: tuple[str, ...]
    """The obligations that the drill is for."""
    skew: float
    """How many seconds the sandbox's clock was ahead of what the client was told."""
    runs: Sequence[Run]
    attempts: Sequence[JudgedAttempt] = ()
    credentials_changed: bool = False
    """Whether credentials were replaced or revoked in it."""
    secrets: Sequence[str] = ()
    """What the client must tell nobody."""
    other_ids: frozenset[str] = frozenset()
    """What other providers call the leads of this world: a client may hold those, too."""

    @property
    def last(self) -> Run:
        """The last run."""
        return self.runs[-1]

    @cached_property
    def calls(self) -> tuple[JudgedCall, ...]:
        """The calls of all runs."""
        return tuple(call for run in self.runs for call in run.calls)

    @cached_property
    def has_outcome(self) -> bool:
        """Whether the client said after its last run what it holds."""
        return self.last.outcome is not None

    def calls_of(self, operation: str) -> Iterator[JudgedCall]:
        """The calls of one operation."""
        return (call for call in self.calls if call.entry.operation == operation)

    def calls_with_fault(self, *kinds: str) -> list[JudgedCall]:
        """The calls that a fault of one of these kinds struck; of any kind when none is named."""
        return [call for call in self.calls if call.fault is not None and (not kinds or call.fault in kinds)]

    def run(self, number: int) -> Run:
        """The run of that number."""
        return self.runs[number - 1]


def _crawls(calls: Sequence[JudgedCall]) -> Iterator[Crawl]:
    """A page at the beginning of a list begins a crawl, unless it is the repetition of one that failed."""
    open_crawls: dict[tuple[str, float | None, float | None], list[JudgedCall]] = {}
    order: list[list[JudgedCall]] = []
    for call in calls:
        if call.page_request is None:
            continue
        key = (call.page_request.feed, call.page_request.since, call.page_request.until)
        pages = open_crawls.get(key)
        again = pages is not None and all(page.page is None for page in pages)
        if pages is None or (is_start(call.page_request) and not again):
            pages = open_crawls[key] = []
            order.append(pages)
        pages.append(call)
    for pages in order:
        asked = pages[0].page_request
        assert asked is not None
        yield Crawl(asked.feed, asked.since, asked.until, tuple(pages))


def is_start(asked: PageRequest) -> bool:
    """Whether it is the beginning of a list that is asked for."""
    return asked.place in ("", "0")
