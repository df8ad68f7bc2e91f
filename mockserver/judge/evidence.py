"""The evidence of one drill: runs of the client and their calls, the leads that it held, and those that there were."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Literal, TypeAlias

from mockserver.contract.ledger import Fidelity
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.problems import Violation
from mockserver.judge.calls import Crawl, JudgedCall, distinct_items, find_crawls
from mockserver.judge.run_index import RunIndex
from mockserver.provider_api.judge_adapter import Contact, JudgeAdapter, SeenLead, VariantChoices

Ending: TypeAlias = Literal["itself", "settled", "timeout"]
"""The end of a run: by itself; stopped by us after it was quiet; stopped by us because it took too long."""


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A line of the outcome: a lead that the client says it holds. None is a member that it did not write."""

    id: str
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    message: str | None = None
    parent: str | None = None
    """The lead that it is linked to, as one that repeats it; empty when the client says that there is none."""


@dataclass(frozen=True, slots=True)
class LeadSnapshot:
    """A lead as the provider has it at some moment."""

    id: str
    """The judged provider's id of it."""
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
    lists: frozenset[str] = frozenset()
    """The lists of the client's agency that show it at that moment, asked for or not."""
    repeats: int | None = None
    """The enquiry that it repeats, whether or not the provider says so."""


@dataclass(frozen=True)
class Run:
    """A run of the client."""

    number: int
    """From 1."""
    client_now: float
    """The moment that the client is told to take for the present (`MOCKSERVER_NOW`), epoch seconds."""
    began: float
    """On the sandbox's clock, as is the next one."""
    ended: float
    seconds: float
    """Real seconds that it took."""
    exit_code: int | None
    """None when it did not end by itself."""
    ending: Ending
    output: str
    """The last part of what it wrote to both its outputs."""
    outcome: tuple[HeldLead, ...] | None
    """None when it wrote none."""
    before: Mapping[str, LeadSnapshot]
    """The leads that the provider had when it began, by id."""
    after: Mapping[str, LeadSnapshot]
    """The same when it had ended."""
    calls: tuple[JudgedCall, ...]
    other_calls: tuple[JudgedCall, ...] = ()
    """Its calls of other providers, which are not judged."""
    unreadable: str = ""
    """The reason for which its outcome cannot be read, in one sentence; else empty."""
    output_is_whole: bool = True
    """Whether all that it wrote would be in `output`."""

    @property
    def succeeded(self) -> bool:
        """Tells whether it ended as a content client does; one that never ends is content while it is quiet."""
        return self.exit_code == 0 or self.ending == "settled"

    @cached_property
    def crawls(self) -> tuple[Crawl, ...]:
        """Its crawls, in the order in which they began."""
        return tuple(find_crawls(self.calls))

    @cached_property
    def shown_leads(self) -> Mapping[str, SeenLead]:
        """The leads that it was shown by calls, each as it was shown last."""
        return {item.id: item for items in self.shown_items for item in items}

    @cached_property
    def shown_items(self) -> list[tuple[SeenLead, ...]]:
        """The leads of its answers, the same answer once, in the order in which each came last."""
        return distinct_items(self.calls)

    @cached_property
    def index(self) -> RunIndex:
        """Its calls, indexed."""
        return RunIndex(self.calls, self.crawls)

    @cached_property
    def held_ids(self) -> frozenset[str]:
        """The leads of its outcome."""
        return frozenset(line.id for line in self.outcome or ())

    @cached_property
    def got_error(self) -> bool:
        """Tells whether any call of it was answered by an error of whatever kind; a lead that is gone is none."""
        return any(call.got_error for call in self.calls)


@dataclass(frozen=True, slots=True)
class JudgedAttempt:
    """An attempt to deliver a webhook to the client."""

    run: int
    lead: str
    number: int
    """1 is the first attempt of this delivery."""
    succeeded: bool
    """Whether the client answered with 2xx in time."""
    status: int | None
    """None when there was no answer in time."""
    reason: str | None
    faults: frozenset[str]
    """The faults of the delivery that were made on purpose."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that a drill brought to light. The client was asked for nothing but its outcome."""

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
    """Seconds by which the clock of the sandbox was ahead of what the client took for the present."""
    runs: Sequence[Run]
    attempts: Sequence[JudgedAttempt] = ()
    credentials_changed: bool = False
    """Whether credentials were replaced or revoked in it."""
    secrets: Sequence[str] = ()
    """Texts that the client must tell nobody."""
    signing_keys: Mapping[int, str] = field(default_factory=dict)
    """By the id of each call, the id of the key that signed tokens when it was answered; empty where none does."""
    other_ids: frozenset[str] = frozenset()
    """Other providers' ids of the leads of this world: a client may hold those, too."""
    certainty: Callable[[str, Violation], Fidelity] = lambda operation, violation: Fidelity("documented", "")
    """The level and the source of the rule that a request to an operation broke."""

    @property
    def last(self) -> Run:
        """The last run."""
        return self.runs[-1]

    @cached_property
    def calls(self) -> tuple[JudgedCall, ...]:
        """The calls of all runs."""
        return tuple(call for run in self.runs for call in run.calls)

    @cached_property
    def last_showing(self) -> Mapping[str, JudgedCall]:
        """The last call that showed each lead."""
        calls_by_lead: dict[str, JudgedCall] = {}
        seen: set[int] = set()
        for call in reversed(self.calls):
            if id(call.items) not in seen:
                seen.add(id(call.items))
                for item in call.items:
                    calls_by_lead.setdefault(item.id, call)
        return calls_by_lead

    @cached_property
    def delivered(self) -> Mapping[str, int]:
        """The leads that the client took by webhook, each with the last run in which it did."""
        runs: dict[str, int] = {}
        for attempt in self.attempts:
            if attempt.succeeded:
                runs[attempt.lead] = max(attempt.run, runs.get(attempt.lead, 0))
        return runs

    @cached_property
    def has_outcome(self) -> bool:
        """Tells whether the client wrote an outcome in its last run."""
        return self.last.outcome is not None

    def calls_of(self, operation: str) -> Iterator[JudgedCall]:
        """Returns the calls of one operation."""
        return (call for call in self.calls if call.entry.operation == operation)

    def calls_with_fault(self, *kinds: str) -> list[JudgedCall]:
        """Returns the calls that a fault of one of these kinds befell; of any kind when none is named."""
        return [call for call in self.calls if call.fault is not None and (not kinds or call.fault in kinds)]

    def run(self, number: int) -> Run:
        """Returns the run of that number."""
        return self.runs[number - 1]
