"""Leads as the control side finds and shows them, whatever any provider calls them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mockserver.domain import Enquiry, Kind, Person
from mockserver.foundation.clock import iso
from mockserver.sandbox.changes.models import LeadSchema, SeekerSchema
from mockserver.sandbox.changes.refusal import ChangeRefused, known_agency
from mockserver.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from mockserver.provider_api.provider import Provider

MAX_LISTED = 1_000


def find_lead(sandbox: Sandbox, providers: "Mapping[str, Provider]", id: str | int) -> Enquiry:
    """The lead with that id: our own, its UUID, or any provider's; or `newest`, `oldest`, `newest:101`.

    Raises ChangeRefused when there is none.
    """
    text = str(id)
    word, _, agency = text.partition(":")
    if word in ("newest", "oldest"):
        return _at_the_end(sandbox, word, agency)
    lead = sandbox.store.get(Kind.ENQUIRY, int(text)) if text.isdecimal() and len(text) < 19 else None
    if isinstance(lead, Enquiry):
        return lead
    for name in ("", *providers):
        found = _called(sandbox, name, providers).get(text)
        if found is not None:
            return lead_of(sandbox, found)
    raise ChangeRefused(
        f"There is no lead {text[:100]!r}; give an id, or newest, oldest, newest:AGENCY, oldest:AGENCY."
    )


def lead_of(sandbox: Sandbox, id: int) -> Enquiry:
    """The lead as it is now. Raises ChangeRefused when it is not there any more."""
    enquiry = sandbox.store.get(Kind.ENQUIRY, id)
    if not isinstance(enquiry, Enquiry):
        raise ChangeRefused(f"Lead {id} is not there any more.")
    return enquiry


def seeker_of(sandbox: Sandbox, enquiry: Enquiry) -> Person:
    """Who sent it."""
    person = sandbox.store.get(Kind.PERSON, enquiry.seeker)
    assert isinstance(person, Person)
    return person


def list_leads(
    sandbox: Sandbox,
    providers: "Mapping[str, Provider]",
    agency: int | None = None,
    limit: int = 100,
    offset: int = 0,
    newest_first: bool = True,
) -> list[LeadSchema]:
    """Leads of one agency or of all, by when they were created. Raises ChangeRefused for an unknown agency."""
    if not 1 <= limit <= MAX_LISTED or offset < 0:
        raise ChangeRefused(f"limit is 1 to {MAX_LISTED} and offset 0 or more; they are {limit} and {offset}.")
    ids = _by_time(sandbox, agency)
    chosen = [ids[-1 - at] if newest_first else ids[at] for at in range(offset, min(offset + limit, len(ids)))]
    return [describe(sandbox, providers, lead_of(sandbox, id)) for id in chosen]


def count_leads(sandbox: Sandbox, agency: int | None = None) -> int:
    """How many `list_leads` would list without a limit."""
    return len(_by_time(sandbox, agency))


def describe(sandbox: Sandbox, providers: "Mapping[str, Provider]", enquiry: Enquiry) -> LeadSchema:
    """The neutral form of a lead."""
    person = seeker_of(sandbox, enquiry)
    kept = {name: getattr(enquiry, name) for name in _AS_THEY_ARE}
    return LeadSchema(
        **kept,
        seeker=_seeker(person),
        created_at=iso(enquiry.created_at),
        updated_at=iso(enquiry.updated_at),
        contacted_at=iso(enquiry.contacted_at),
        erased=person.erased,
        ids={name: provider.lead_id(enquiry) for name, provider in providers.items()},
    )


_AS_THEY_ARE = (
    *("id", "uuid", "reference", "category", "intention", "portal"),
    *("agency", "estate", "agent", "parent", "step", "message"),
)


def _seeker(person: Person) -> SeekerSchema:
    kept = ("id", "firstname", "lastname", "email", "language", "gender", "company", "erased")
    return SeekerSchema(
        **{name: getattr(person, name) for name in kept}, phones=tuple(phone.number for phone in person.phones)
    )


def _at_the_end(sandbox: Sandbox, word: str, agency: str) -> Enquiry:
    if agency and not (agency.isdecimal() and len(agency) < 19):
        raise ChangeRefused(f"{word}:{agency[:100]} names no agency; {word}:101 would be right.")
    ids = _by_time(sandbox, int(agency) if agency else None)
    if not ids:
        raise ChangeRefused(f"Agency {agency} has no lead." if agency else "There is no lead.")
    return lead_of(sandbox, ids[-1] if word == "newest" else ids[0])


def _by_time(sandbox: Sandbox, agency: int | None) -> Sequence[int]:
    agencies = sorted(sandbox.world.agencies) if agency is None else [known_agency(sandbox, agency)]
    return sandbox.store.derived(
        f"changes/by-time/{agencies}",
        lambda: [
            enquiry.id for enquiry in sorted(_all(sandbox, agencies), key=lambda lead: (lead.created_at, lead.id))
        ],
    )


def _called(sandbox: Sandbox, name: str, providers: "Mapping[str, Provider]") -> Mapping[str, int]:
    """Our ids by what a provider calls the leads; without a name by their UUID."""
    named = providers[name].lead_id if name else lambda enquiry: enquiry.uuid
    everywhere = sorted(sandbox.world.agencies)
    return sandbox.store.derived(
        f"changes/called/{name}", lambda: {str(named(enquiry)): enquiry.id for enquiry in _all(sandbox, everywhere)}
    )


def _all(sandbox: Sandbox, agencies: Sequence[int]) -> list[Enquiry]:
    store = sandbox.store
    found = (store.get(Kind.ENQUIRY, id) for agency in agencies for id in store.ids(Kind.ENQUIRY, agency))
    return [enquiry for enquiry in found if isinstance(enquiry, Enquiry)]
