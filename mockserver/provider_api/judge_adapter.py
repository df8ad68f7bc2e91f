"""The interface by which the judge of clients reads the calls of one provider."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from mockserver.domain import Enquiry
from mockserver.foundation.dataclass import dataclass
from mockserver.sandbox.faults import FAULT_KINDS, ClientMeets
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

VariantChoices: TypeAlias = Mapping[str, str]
"""The reading that was chosen for each variant of the provider."""


def was_complete(entry: Entry) -> bool:
    """Tells whether the client got the answer whole, in spite of any fault. It may still be an error."""
    fault = entry.fault
    return fault is None or bool(fault["in_contract"]) or FAULT_KINDS[fault["kind"]].leaves_answer_whole


def was_refused(entry: Entry) -> bool:
    """Tells whether a fault answered with a status of its own in the provider's place."""
    return _client_met(entry) is ClientMeets.OTHER_STATUS


def was_strange(entry: Entry) -> bool:
    """Tells whether a fault made the answer one that a client has to take, though it is out of contract perhaps."""
    return _client_met(entry) is ClientMeets.STRANGE


def is_granted(enquiry: Enquiry, provider: str, sandbox: Sandbox) -> bool:
    """Tells whether an account of the provider may see the agency of an enquiry."""
    return any(enquiry.agency in account.agencies for account in sandbox.accounts[provider].values())


def _client_met(entry: Entry) -> ClientMeets | None:
    return None if entry.fault is None else FAULT_KINDS[entry.fault["kind"]].meets


@dataclass(frozen=True, slots=True)
class Contact:
    """The members of a lead that tell a person and what they wrote, as far as a client sees them; empty without."""

    email: str = ""
    phones: tuple[str, ...] = ()
    """Every number that is shown, in no order."""
    name: str = ""
    """First and last name with a blank between, as far as they are shown."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class SeenLead:
    """A lead in an answer."""

    id: str
    """The provider's id of it, as text."""
    contact: Contact = Contact()
    parent: str | None = None
    """The lead that this one repeats, where the provider says so."""
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """The lead as it was answered."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for one page of a list of leads."""

    feed: str
    """The list, in words that a person reads, such as `leads of agency 101`; bounds and place are no part of it."""
    since: float | None
    """The first moment asked for, in epoch seconds as this sandbox's readings take it; None is no bound."""
    until: float | None
    """The last moment asked for; None is no bound."""
    place: str
    """The place in the list: empty is its beginning, else an offset in digits, or a cursor as it was sent."""
    limit: int
    """The most items of the page; the default where the request names none."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page of a list that the client got whole and in contract."""

    items: tuple[SeenLead, ...]
    next: str | None
    """The place of the page behind it; None when this is the last one."""
    total: int | None = None
    """The number of all leads, where the provider says it."""


@dataclass(frozen=True, slots=True)
class Write:
    """An operation that creates or changes a lead."""

    creates: bool
    reference: Callable[[Entry], str | None] = lambda entry: None
    """Returns the client's reference in a call, by which the provider knows a repetition; None without one."""
    target: Callable[[Entry], str | None] = lambda entry: None
    """Returns the lead that a call changes; None for one that creates."""


@dataclass(frozen=True, slots=True)
class JudgeAdapter:
    """The functions and facts that the judge needs of one provider."""

    ordered_by: Literal["created", "updated"]
    """The moment of a lead that the bounds of a list are about."""
    uses_offsets: bool
    """Whether a place in a list is a number of items; else it is a cursor."""
    read_page_request: Callable[[Entry, VariantChoices], PageRequest | None]
    """Reads a call as a request for a page of leads; None for any other call, and for one that cannot be understood."""
    read_page: Callable[[Entry, VariantChoices], SeenPage | None]
    """Reads the answer to such a call as a page; None when the client did not get a whole page in contract, be it for a
    status that is an error, a fault that left the contract, or a body that is not whole. An empty period that the
    provider answers with 404 is an empty page."""
    read_details: Callable[[Entry, VariantChoices], tuple[SeenLead, ...]]
    """Reads the leads that the answer to any other call shows whole, such as one by its id; else none."""
    read_lead: Callable[[Any], SeenLead]
    """Reads a lead in the provider's JSON."""
    is_listed: Callable[[Enquiry, str, Sandbox], bool]
    """Tells whether the list of that name shows the lead to an account of the sandbox now, were its bounds open."""
    environment: Callable[[Mapping[str, str], Mapping[str, Any], int], Mapping[str, str]]
    """Returns the variables that a client is configured with, from base and token URLs by name (`<provider>`,
    `<provider>_token_url`), credentials as `describe_credentials` returns them, and an agency."""
    shows: Callable[[Enquiry, Sandbox], bool] = lambda enquiry, sandbox: True
    """Tells whether the provider has a shape for the lead at all, whoever asks."""
    lists_of: Callable[[int], tuple[str, ...]] = lambda agency: ()
    """Returns the lists in which the leads lie that a client with that agency in its environment looks after."""
    partial_list: str | None = None
    """The operationId of a list that by its address is all leads, and by the chosen reading one of several lists."""
    ends_before_bound: Callable[[VariantChoices], bool] = lambda readings: False
    """Tells whether by these readings the end of a period does not belong to it."""
    token_operation: str | None = None
    """The operationId of the token endpoint."""
    keys_operation: str | None = None
    """The operationId that shows the public keys of tokens."""
    token_needs: str | None = None
    """The member that a token request must have beside the credentials, such as `scope`."""
    detail_operation: str | None = None
    """The operationId that shows one lead by its id."""
    writes: Mapping[str, Write] = field(default_factory=dict)
    """By operationId."""
    longest_window: int | None = None
    """The most seconds between both bounds of a list."""
    subscribe_operation: str | None = None
    """The operationId that subscribes to webhooks."""
