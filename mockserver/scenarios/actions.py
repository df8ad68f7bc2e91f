"""What a step does: each action as a function of the sandbox and what the action is told."""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.domain import Enquiry, Kind
from mockserver.foundation.clock import LATEST, iso, parse_duration
from mockserver.provider_api.provider import Provider
from mockserver.sandbox import changes
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import DeliveryFault
from mockserver.scenarios.model import (
    Action,
    ClockMove,
    Credentials,
    DuplicateLead,
    Entitling,
    Erase,
    Fill,
    KeyRotation,
    Nothing,
    OneLead,
    Opening,
    Rotation,
    UpdateLead,
)

Providers = Mapping[str, Provider]


def perform(action: Action, sandbox: Sandbox, providers: Providers) -> str:
    """Does it, and says what was done. Raises ValueError with a sentence that says why it cannot be done."""
    verb, told = action.chosen
    return _DO[verb](sandbox, providers, told)


def _arrive(sandbox: Sandbox, providers: Providers, told: changes.Arrival) -> str:
    return _arrived(changes.arrive(sandbox, told))


def _arrived(leads: list[Enquiry]) -> str:
    if len(leads) == 1:
        return f"{_named(leads[0])} arrived"
    return f"{len(leads)} leads arrived" + (f", {leads[0].id} to {leads[-1].id}" if leads else "")


def _named(lead: Enquiry) -> str:
    return f"lead {lead.id} of agency {lead.agency}"


def _update(sandbox: Sandbox, providers: Providers, told: UpdateLead) -> str:
    lead = changes.find_lead(sandbox, providers, told.lead)
    members = told.model_dump(exclude={"lead"}, exclude_unset=True)
    changes.update(sandbox, lead, changes.LeadPatch.model_validate(members))
    return f"{_named(lead)} was updated"


def _duplicate(sandbox: Sandbox, providers: Providers, told: DuplicateLead) -> str:
    lead = changes.find_lead(sandbox, providers, told.lead)
    return f"{_named(lead)} came once more as {changes.duplicate(sandbox, lead, told.portal).id}"


def _withdraw(sandbox: Sandbox, providers: Providers, told: OneLead) -> str:
    lead = changes.find_lead(sandbox, providers, told.lead)
    changes.withdraw(sandbox, lead)
    return f"{_named(lead)} was withdrawn"


def _erase(sandbox: Sandbox, providers: Providers, told: Erase) -> str:
    seeker = told.seeker
    if told.lead is not None:
        seeker = changes.find_lead(sandbox, providers, told.lead).seeker
    assert seeker is not None
    leads = changes.erase(sandbox, seeker)
    return f"seeker {seeker} was erased, in leads {', '.join(str(lead.id) for lead in leads) or 'of none'}"


def _fill(sandbox: Sandbox, providers: Providers, told: Fill) -> str:
    if told.agency not in sandbox.world.agencies:
        known = ", ".join(map(str, sandbox.world.agencies))
        raise changes.ChangeRefused(f"There is no agency {told.agency}; there is {known}.")
    leads = (sandbox.store.get(Kind.ENQUIRY, id) for id in sandbox.store.ids(Kind.ENQUIRY, told.agency))
    there = sum(1 for lead in leads if isinstance(lead, Enquiry) and told.category in (None, lead.category))
    lacking = -there % told.to_multiple_of if there else told.to_multiple_of
    if not lacking:
        return f"agency {told.agency} has {there} leads already"
    arrival = {"agency": told.agency, "category": told.category, "count": lacking}
    given = {name: value for name, value in arrival.items() if value is not None}
    return _arrived(changes.arrive(sandbox, changes.Arrival.model_validate(given)))


def _revoke_agency(sandbox: Sandbox, providers: Providers, told: Opening) -> str:
    changes.revoke_agency(sandbox, told.agency, told.provider, told.user)
    return f"agency {told.agency} was cut"


def _grant(sandbox: Sandbox, providers: Providers, told: Opening) -> str:
    changes.grant_agency(sandbox, told.agency, told.provider, told.user)
    return f"agency {told.agency} was granted"


def _entitle(sandbox: Sandbox, providers: Providers, told: Entitling) -> str:
    changes.set_scopes(sandbox, told.provider, told.scope.split(), told.user)
    return f"the scopes of {told.provider} are {told.scope or 'none'}"


def _revoke_tokens(sandbox: Sandbox, providers: Providers, told: Credentials) -> str:
    changes.revoke_tokens(sandbox, told.provider, told.user)
    return f"the tokens of {told.provider} were revoked"


def _revoke_credentials(sandbox: Sandbox, providers: Providers, told: Credentials) -> str:
    changes.revoke_credentials(sandbox, told.provider, told.user)
    return f"the credentials of {told.provider} were revoked"


def _rotate_credentials(sandbox: Sandbox, providers: Providers, told: Rotation) -> str:
    changes.rotate_credentials(sandbox, told.provider, told.user, told.secret)
    return f"the credentials of {told.provider} were rotated"


def _rotate_keys(sandbox: Sandbox, providers: Providers, told: KeyRotation) -> str:
    changes.rotate_keys(sandbox, told.provider)
    return f"the signing key of {told.provider} was rotated"


def _expire_cursors(sandbox: Sandbox, providers: Providers, told: Nothing) -> str:
    changes.expire_cursors(sandbox)
    return "the cursors given out so far ended"


def _fault(sandbox: Sandbox, providers: Providers, told: Any) -> str:
    placed = sandbox.faults.add(told)
    return f"fault {placed.id} ({told.kind}) was placed"


def _clear_faults(sandbox: Sandbox, providers: Providers, told: Nothing) -> str:
    sandbox.faults.clear()
    return "the faults were cleared"


def _delivery_fault(sandbox: Sandbox, providers: Providers, told: DeliveryFault) -> str:
    placed = changes.fail_deliveries(sandbox, told)
    return f"delivery fault {placed.id} ({told.kind}) was placed"


def _clock(sandbox: Sandbox, providers: Providers, told: ClockMove) -> str:
    clock = sandbox.clock
    if told.freeze:
        clock.freeze()
    elif told.resume:
        clock.resume()
    else:
        moment = clock.time() + parse_duration(told.advance) if told.advance else float(told.set or 0)
        if not 0 <= moment <= LATEST:
            raise ValueError("The clock can show moments from 1970 to 9994.")
        clock.set(moment)
    return f"the clock shows {iso(clock.time())}" + (" and stands still" if clock.frozen else "")


_DO: Mapping[str, Callable[[Sandbox, Providers, Any], str]] = {
    "arrive": _arrive,
    "update": _update,
    "duplicate": _duplicate,
    "withdraw": _withdraw,
    "erase": _erase,
    "fill": _fill,
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
