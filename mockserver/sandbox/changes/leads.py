"""Leads in neutral form: the control side finds and shows them, whatever any provider calls them."""

from collections.abc import Callable, Mapping, Sequence

from mockserver.domain import Enquiry, Kind, Person
from mockserver.foundation.clock import iso
from mockserver.sandbox.changes.models import LeadSchema, SeekerSchema
from mockserver.sandbox.changes.refusal import ChangeRefused, check_agency
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store.sequences import CreationKey, merged_slice

LeadIds = Mapping[str, Callable[[Enquiry], int | str]]
"""By provider, the function that returns its id of a lead."""

MAX_LISTED = 1_000
"""The limit of a list of leads."""


def find_lead(sandbox: Sandbox, lead_ids: LeadIds, id: str | int) -> Enquiry:
    """Returns the lead with that id: our own, its UUID, or any provider's; or `newest`, `oldest`, `newest:101`.

    Raises ChangeRefused when there is none.
    """
    text = str(id)
    word, _, named = text.partition(":")
    if word in ("newest", "oldest"):
        return _at_the_end(sandbox, word, named)
    lead = sandbox.store.get(Kind.ENQUIRY, int(text)) if text.isdecimal() and len(text) < 19 else None
    if isinstance(lead, Enquiry):
        return lead
    for agency in sandbox.world.agencies:
        for enquiry in sandbox.store.find_all(Kind.ENQUIRY, agency, "uuid", text):
            if isinstance(enquiry, Enquiry):
                return enquiry
    raise ChangeRefused(
        f"There is no lead {text[:100]!r}; give an id, or newest, oldest, newest:AGENCY, oldest:AGENCY."
    )


def lead_of(sandbox: Sandbox, id: int) -> Enquiry:
    """Returns the lead as it is now. Raises ChangeRefused when it is not there any more."""
    enquiry = sandbox.store.get(Kind.ENQUIRY, id)
    if not isinstance(enquiry, Enquiry):
        raise ChangeRefused(f"Lead {id} is not there any more.")
    return enquiry


def seeker_of(sandbox: Sandbox, enquiry: Enquiry) -> Person:
    """Returns the person who sent the lead."""
    person = sandbox.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    return person


def list_leads(
    sandbox: Sandbox,
    lead_ids: LeadIds,
    agency: int | None = None,
    limit: int = 100,
    offset: int = 0,
    newest_first: bool = True,
) -> list[LeadSchema]:
    """Returns leads of one agency or of all, by when they were created.

    Raises ChangeRefused for an unknown agency, and for a limit or an offset out of bounds.
    """
    if not 1 <= limit <= MAX_LISTED or offset < 0:
        raise ChangeRefused(f"limit is 1 to {MAX_LISTED} and offset 0 or more; they are {limit} and {offset}.")
    rows = _rows(sandbox, agency)
    total = sum(map(len, rows))
    start, stop = min(offset, total), min(offset + limit, total)
    page = merged_slice(rows, total - stop, total - start)[::-1] if newest_first else merged_slice(rows, start, stop)
    return [describe(sandbox, lead_ids, lead_of(sandbox, id)) for _, id in page]


def count_leads(sandbox: Sandbox, agency: int | None = None) -> int:
    """Returns the number of leads that `list_leads` would list without a limit."""
    return sum(map(len, _rows(sandbox, agency)))


def describe(sandbox: Sandbox, lead_ids: LeadIds, enquiry: Enquiry) -> LeadSchema:
    """Returns the neutral form of a lead."""
    person = seeker_of(sandbox, enquiry)
    return LeadSchema(
        **{name: getattr(enquiry, name) for name in _UNCHANGED},
        seeker=_seeker(person),
        created_at=iso(enquiry.created_at),
        updated_at=iso(enquiry.updated_at),
        contacted_at=iso(enquiry.contacted_at),
        erased=person.erased,
        ids={name: lead_id(enquiry) for name, lead_id in lead_ids.items()},
    )


_UNCHANGED = (
    *("id", "uuid", "reference", "category", "intention", "portal"),
    *("agency", "estate", "agent", "parent", "step", "message"),
)
_UNCHANGED_OF_SEEKER = ("id", "firstname", "lastname", "email", "language", "gender", "company", "erased")


def _seeker(person: Person) -> SeekerSchema:
    members = {name: getattr(person, name) for name in _UNCHANGED_OF_SEEKER}
    return SeekerSchema(**members, phones=tuple(phone.number for phone in person.phones))


def _at_the_end(sandbox: Sandbox, word: str, agency: str) -> Enquiry:
    if agency and not (agency.isdecimal() and len(agency) < 19):
        raise ChangeRefused(f"{word}:{agency[:100]} names no agency; {word}:101 would be right.")
    rows = [row for row in _rows(sandbox, int(agency) if agency else None) if len(row)]
    if not rows:
        raise ChangeRefused(f"Agency {agency} has no lead." if agency else "There is no lead.")
    return lead_of(sandbox, (max(row[-1] for row in rows) if word == "newest" else min(row[0] for row in rows))[1])


def _rows(sandbox: Sandbox, agency: int | None) -> list[Sequence[CreationKey]]:
    """Returns the leads of an agency, or of all, in sequences that each are in the order of time."""
    agencies = sorted(sandbox.world.agencies) if agency is None else [check_agency(sandbox, agency)]
    return [row for id in agencies for row in sandbox.store.by_creation(id)]
