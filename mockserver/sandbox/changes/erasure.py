"""GDPR erasure removes everything that identifies a person, everywhere and for good."""

from mockserver.domain import Enquiry, Kind, Person, replace
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.changes.people import leads_of, profiles_of
from mockserver.sandbox.changes.refusal import ChangeRefused, checked_now
from mockserver.sandbox.sandbox import Sandbox
from mockserver.world.erasure import erased_enquiry, erased_person, erased_profile


def erase(sandbox: Sandbox, person_id: int) -> list[Enquiry]:
    """Erases a person's name and words in all their leads and searches; returns the leads that changed.

    The e-mail address stays, as the documentation allows; members that nobody wrote (criteria, moments) stay,
    too. `updated_at` moves for all their leads. Nothing happens to somebody of whom nothing is left to erase. Raises
    ChangeRefused when there is no such person.
    """
    now, store = checked_now(sandbox), sandbox.store
    person = store.get(Kind.PERSON, person_id)
    if not isinstance(person, Person):
        raise ChangeRefused(f"There is no person {person_id}.")
    blank = erased_person(person)
    if blank != person:
        store.put(Kind.PERSON, replace(blank, updated_at=now))
    for profile in profiles_of(store, person):
        empty = erased_profile(sandbox.world.communes, profile)
        if empty != profile:
            store.put(Kind.PROFILE, replace(empty, updated_at=now))
    return _erase_leads(sandbox, person, now, all=blank != person)


def _erase_leads(sandbox: Sandbox, person: Person, now: Epoch, *, all: bool) -> list[Enquiry]:
    changed = []
    for lead in leads_of(sandbox.store, person):
        blank = erased_enquiry(sandbox.world.communes, lead)
        if all or blank != lead:
            changed.append(replace(blank, updated_at=now))
    for lead in changed:
        sandbox.store.put(Kind.ENQUIRY, lead)
    return changed
