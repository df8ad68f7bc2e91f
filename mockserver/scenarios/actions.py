"""Performs the actions of steps: each is a function of the sandbox, the providers and its argument."""

from collections.abc import Callable, Generator, Mapping
from itertools import pairwise
from typing import Any

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.clock import LAST_SECOND, LATEST, iso, parse_duration
from mockserver.provider_api.provider import ProvidersByName, lead_ids_of
from mockserver.sandbox import changes
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import Store
from mockserver.sandbox.webhooks import DeliveryFault
from mockserver.scenarios.action_models import (
    Action,
    AgencyAccess,
    ClockMove,
    Credentials,
    DuplicateLead,
    Erase,
    Fill,
    NoArgument,
    OneLead,
    RotateCredentials,
    RotateKeys,
    SetScopes,
    UpdateLead,
)

_COUNTED_AT_ONCE = 2_000
"""Leads: some milliseconds of work."""


def perform(action: Action, sandbox: Sandbox, providers: ProvidersByName) -> str:
    """Performs an action and returns a sentence about it. Raises ValueError with the reason when it cannot be done."""
    parts = performing(action, sandbox, providers)
    while True:
        try:
            next(parts)
        except StopIteration as end:
            return str(end.value)


def performing(action: Action, sandbox: Sandbox, providers: ProvidersByName) -> Generator[None, None, str]:
    """Does what `perform` does, and yields between the parts of an action that may be long."""
    name, argument = action.chosen
    if name == "arrive":
        return (yield from _arrive(sandbox, argument))
    if name == "fill":
        return (yield from _fill(sandbox, argument))
    return _ACTIONS[name](sandbox, providers, argument)


def _arrive(sandbox: Sandbox, arrival: changes.Arrival) -> Generator[None, None, str]:
    leads = []
    for lead in changes.arriving(sandbox, arrival):
        leads.append(lead)
        yield
    return _arrived(leads)


def _arrived(leads: list[Enquiry]) -> str:
    if len(leads) == 1:
        return f"{_named(leads[0])} arrived"
    return f"{len(leads)} leads arrived" + (f", {leads[0].id} to {leads[-1].id}" if leads else "")


def _named(lead: Enquiry) -> str:
    return f"lead {lead.id} of agency {lead.agency}"


def _update(sandbox: Sandbox, providers: ProvidersByName, update: UpdateLead) -> str:
    lead = changes.find_lead(sandbox, lead_ids_of(providers), update.lead)
    members = update.model_dump(exclude={"lead"}, exclude_unset=True)
    changes.update(sandbox, lead, changes.LeadPatch.model_validate(members))
    return f"{_named(lead)} was updated"


def _duplicate(sandbox: Sandbox, providers: ProvidersByName, repeated: DuplicateLead) -> str:
    lead = changes.find_lead(sandbox, lead_ids_of(providers), repeated.lead)
    return f"{_named(lead)} came once more as {changes.duplicate(sandbox, lead, repeated.portal).id}"


def _withdraw(sandbox: Sandbox, providers: ProvidersByName, selected: OneLead) -> str:
    lead = changes.find_lead(sandbox, lead_ids_of(providers), selected.lead)
    changes.withdraw(sandbox, lead)
    return f"{_named(lead)} was withdrawn"


def _erase(sandbox: Sandbox, providers: ProvidersByName, erased: Erase) -> str:
    seeker = erased.seeker
    if erased.lead is not None:
        seeker = changes.find_lead(sandbox, lead_ids_of(providers), erased.lead).seeker
    assert seeker is not None
    leads = changes.erase(sandbox, seeker)
    return f"seeker {seeker} was erased, in leads {', '.join(str(lead.id) for lead in leads) or 'of none'}"


def _fill(sandbox: Sandbox, fill: Fill) -> Generator[None, None, str]:
    if fill.agency not in sandbox.world.agencies:
        agencies = ", ".join(map(str, sandbox.world.agencies))
        raise changes.ChangeRefused(f"There is no agency {fill.agency}; there is {agencies}.")
    count = yield from _count(sandbox.store, fill)
    lacking = -count % fill.to_multiple_of if count else fill.to_multiple_of
    if not lacking:
        return f"agency {fill.agency} has {count} leads already"
    arrival = {
        "agency": fill.agency,
        "count": lacking,
        **({} if fill.category is None else {"category": fill.category}),
    }
    return (yield from _arrive(sandbox, changes.Arrival.model_validate(arrival)))


def _count(store: Store, fill: Fill) -> Generator[None, None, int]:
    """Counts the leads of an agency; by category a part after the other, as it may look at each of them."""
    if fill.category is None:
        return store.count(Kind.ENQUIRY, fill.agency)
    made = store.by_creation(fill.agency)[0]
    bounds = [0, *(made[place][0] for place in range(_COUNTED_AT_ONCE, len(made), _COUNTED_AT_ONCE)), LAST_SECOND + 1]
    count = 0
    for first, end in pairwise(bounds):
        count += store.count_created(fill.agency, [fill.category], first, end)
        yield
    return count


def _revoke_agency(sandbox: Sandbox, providers: ProvidersByName, access: AgencyAccess) -> str:
    changes.revoke_agency(sandbox, access.agency, access.provider, access.user)
    return f"agency {access.agency} was cut"


def _grant(sandbox: Sandbox, providers: ProvidersByName, access: AgencyAccess) -> str:
    changes.grant_agency(sandbox, access.agency, access.provider, access.user)
    return f"agency {access.agency} was granted"


def _entitle(sandbox: Sandbox, providers: ProvidersByName, scopes: SetScopes) -> str:
    changes.set_scopes(sandbox, scopes.provider, scopes.scope.split(), scopes.user)
    return f"the scopes of {scopes.provider} are {scopes.scope or 'none'}"


def _revoke_tokens(sandbox: Sandbox, providers: ProvidersByName, credentials: Credentials) -> str:
    changes.revoke_tokens(sandbox, credentials.provider, credentials.user)
    return f"the tokens of {credentials.provider} were revoked"


def _revoke_credentials(sandbox: Sandbox, providers: ProvidersByName, credentials: Credentials) -> str:
    changes.revoke_credentials(sandbox, credentials.provider, credentials.user)
    return f"the credentials of {credentials.provider} were revoked"


def _rotate_credentials(sandbox: Sandbox, providers: ProvidersByName, rotation: RotateCredentials) -> str:
    changes.rotate_credentials(sandbox, rotation.provider, rotation.user, rotation.secret)
    return f"the credentials of {rotation.provider} were rotated"


def _rotate_keys(sandbox: Sandbox, providers: ProvidersByName, rotation: RotateKeys) -> str:
    changes.rotate_keys(sandbox, rotation.provider)
    return f"the signing key of {rotation.provider} was rotated"


def _expire_cursors(sandbox: Sandbox, providers: ProvidersByName, _argument: NoArgument) -> str:
    changes.expire_cursors(sandbox)
    return "the cursors given out so far ended"


def _fault(sandbox: Sandbox, providers: ProvidersByName, fault: Any) -> str:
    placed = sandbox.faults.add(fault)
    return f"fault {placed.id} ({fault.kind}) was placed"


def _clear_faults(sandbox: Sandbox, providers: ProvidersByName, _argument: NoArgument) -> str:
    sandbox.faults.clear()
    return "the faults were cleared"


def _delivery_fault(sandbox: Sandbox, providers: ProvidersByName, fault: DeliveryFault) -> str:
    placed = changes.fail_deliveries(sandbox, fault)
    return f"delivery fault {placed.id} ({fault.kind}) was placed"


def _clock(sandbox: Sandbox, providers: ProvidersByName, move: ClockMove) -> str:
    clock = sandbox.clock
    if move.freeze:
        clock.freeze()
    elif move.resume:
        clock.resume()
    else:
        moment = clock.time() + parse_duration(move.advance) if move.advance else float(move.set or 0)
        if not 0 <= moment <= LATEST:
            raise ValueError("The clock can show moments from 1970 to 9994.")
        clock.set(moment)
    return f"the clock shows {iso(clock.time())}" + (" and stands still" if clock.frozen else "")


_ACTIONS: Mapping[str, Callable[[Sandbox, ProvidersByName, Any], str]] = {
    "update": _update,
    "duplicate": _duplicate,
    "withdraw": _withdraw,
    "erase": _erase,
    "revoke_agency": _revoke_agency,
    "grant": _grant,
    "entitle": _entitle,
    "revoke_tokens": _revoke_tokens,
    "revoke_credentials": _revoke_credentials,
    "rotate_credentials": _rotate_credentials,
    "rotate_keys": _rotate_keys,
    "expire_cursors": _expire_cursors,
    "fault": _fault,
    "clear_faults": _clear_faults,
    "delivery_fault": _delivery_fault,
    "clock": _clock,
}
