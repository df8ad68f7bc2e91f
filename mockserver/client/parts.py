"""A test controls a sandbox by its parts: clock, faults, leads, access, scenario."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mockserver.client.connection import AdminConnection, flag, without_none
from mockserver.client.documents import Document, scenario_body
from mockserver.client.models import ActiveFault, ClockState, Lead, LeadPage, ScenarioState, Seeker
from mockserver.client.moments import DurationLike, MomentLike, duration_text, moment_text
from mockserver.client.reading import read_clock, read_fault, read_lead, read_leads, read_scenario

LeadId = int | str | Lead
"""A lead, its neutral id, any provider's id of it, or `newest` or `oldest`."""


class SandboxPart:
    """A part of a sandbox, below its path in the admin API; `provider` narrows it to one provider."""

    def __init__(self, connection: AdminConnection, path: str, provider: str | None = None) -> None:
        self._connection = connection
        self._path = path
        self._provider = provider


class ClockHandle(SandboxPart):
    """The virtual clock of a sandbox. Methods that change it return its new state."""

    @property
    def now(self) -> datetime:
        """The present of the sandbox, as a datetime with its zone."""
        return self.state().now

    @property
    def frozen(self) -> bool:
        """True while it stands still."""
        return self.state().frozen

    def state(self) -> ClockState:
        """Returns `now` and `frozen` from one call."""
        return read_clock(self._connection.get(f"{self._path}/clock"))

    def freeze(self) -> ClockState:
        """Stands still from now on."""
        return self._put({"frozen": True})

    def resume(self) -> ClockState:
        """Runs on with real time from where it stands."""
        return self._put({"frozen": False})

    def set(self, moment: MomentLike) -> ClockState:
        """Jumps there, forwards or backwards."""
        return self._put({"set": moment_text(moment)})

    def advance(self, duration: DurationLike) -> ClockState:
        """Lets that much time pass at once."""
        return self._put({"advance": duration_text(duration)})

    def _put(self, body: Mapping[str, Any]) -> ClockState:
        return read_clock(self._connection.call("PUT", f"{self._path}/clock", body=body))


class Faults(SandboxPart):
    """The misbehaviour that is in place; a provider's own when it is a provider's."""

    def add(self, kind: str, **members: Any) -> ActiveFault:
        """Puts a fault in place: `operation`, `path`, `status`, `delay_ms`, `after`, `times`, `probability`, … as the
        admin API has them. Raises ClientError for one that makes no sense.
        """
        body = without_none(**{"kind": kind, "provider": self._provider, **members})
        return read_fault(self._connection.post(f"{self._path}/faults", body))

    def next(self, kind: str | None = None, **members: Any) -> ActiveFault:
        """A fault for one call: the next one, or the next that fits. `next(status=503)` is of the kind `status`."""
        if kind is None and "status" not in members:
            raise TypeError("say which fault: status=503, or kind='delay' and what belongs to it")
        return self.add(kind or "status", **{"times": 1, **members})

    def list(self) -> tuple[ActiveFault, ...]:
        """The faults in place, the oldest first."""
        faults = map(read_fault, self._connection.get(f"{self._path}/faults")["faults"])
        return tuple(fault for fault in faults if self._provider in (None, fault.provider))

    def get(self, fault: str | ActiveFault) -> ActiveFault:
        """A fault as it is now. Raises ClientError when it is not there."""
        return read_fault(self._connection.get(self._of(fault)))

    def remove(self, fault: str | ActiveFault) -> None:
        """Takes one away. Raises ClientError when it is not there."""
        self._connection.call("DELETE", self._of(fault))

    def clear(self) -> None:
        """Takes all away; a provider's leaves those of others, and those that are for every provider."""
        if self._provider is None:
            self._connection.call("DELETE", f"{self._path}/faults")
            return
        for fault in self.list():
            self.remove(fault)

    def _of(self, fault: str | ActiveFault) -> str:
        id = fault if isinstance(fault, str) else fault.id
        return f"{self._path}/faults/{quote(id, safe='')}"


class Leads(SandboxPart):
    """The leads of a sandbox, in neutral form: what is done to one shows at every provider."""

    def arrive(self, count: int = 1, **members: Any) -> tuple[Lead, ...]:
        """New leads, at the clock's moment. What is not given is made up: `agency`, `category`, `seeker`, `estate`,
        `message`, `portal`, `intention`, `parent`, `created_at`.
        """
        return _leads(self._connection.post(f"{self._path}/leads", {"count": count, **members}))

    def list(
        self,
        agency: int | None = None,
        *,
        limit: int | None = None,
        offset: int | None = None,
        newest_first: bool | None = None,
    ) -> tuple[Lead, ...]:
        """The leads by when they were created; by default the newest hundred, newest first."""
        return tuple(self.page(agency, limit=limit, offset=offset, newest_first=newest_first).leads)

    def page(
        self,
        agency: int | None = None,
        *,
        limit: int | None = None,
        offset: int | None = None,
        newest_first: bool | None = None,
    ) -> LeadPage:
        """The leads as `list` has them, with the number of all."""
        parameters = {"agency": agency, "limit": limit, "offset": offset, "newest_first": flag(newest_first)}
        return read_leads(self._connection.get(f"{self._path}/leads", parameters))

    def get(self, lead: LeadId) -> Lead:
        """A lead as it is now. Raises ClientError when there is none of that id."""
        return read_lead(self._connection.get(self._of(lead)))

    def update(self, lead: LeadId, **members: Any) -> Lead:
        """Changes members; those that are not given stay."""
        return read_lead(self._connection.call("PATCH", self._of(lead), body=members))

    def duplicate(self, lead: LeadId, portal: str | None = None) -> Lead:
        """The same lead once more, as a child of the first, perhaps through another portal."""
        return read_lead(self._connection.post(f"{self._of(lead)}/duplicate", without_none(portal=portal)))

    def withdraw(self, lead: LeadId) -> None:
        """The lead is gone from every list."""
        self._connection.call("DELETE", self._of(lead))

    def erase(self, lead: LeadId) -> tuple[Lead, ...]:
        """Erases the seeker of this lead (GDPR), everywhere; all the leads that changed."""
        return _leads(self._connection.post(f"{self._of(lead)}/erase"))

    def _of(self, lead: LeadId) -> str:
        id = lead.id if isinstance(lead, Lead) else lead
        return f"{self._path}/leads/{quote(str(id), safe='')}"


class Seekers(SandboxPart):
    """The people who send leads."""

    def erase(self, seeker: int | Seeker) -> tuple[Lead, ...]:
        """Erases one (GDPR), everywhere; all the leads that changed."""
        id = seeker.id if isinstance(seeker, Seeker) else seeker
        return _leads(self._connection.post(f"{self._path}/seekers/{id}/erase"))


class AgencyGrants(SandboxPart):
    """The agencies that are open to the credentials of a sandbox."""

    def revoke_agency(self, agency: int, *, provider: str | None = None, user: str | None = None) -> None:
        """Closes an agency, at every provider when none is named."""
        self._change("revoke", agency, provider, user)

    def grant(self, agency: int, *, provider: str | None = None, user: str | None = None) -> None:
        """Opens an agency, at every provider when none is named."""
        self._change("grant", agency, provider, user)

    def _change(self, how: str, agency: int, provider: str | None, user: str | None) -> None:
        body = without_none(provider=provider or self._provider, user=user)
        self._connection.post(f"{self._path}/agencies/{agency}/{how}", body)


class ScenarioHandle(SandboxPart):
    """The scenario that is at work in a sandbox."""

    def start(self, scenario: Document) -> ScenarioState:
        """Starts one by name, from a file (`pathlib.Path`), or from a document, in place of any other."""
        return read_scenario(self._connection.call("PUT", f"{self._path}/scenario", body=scenario_body(scenario)) or {})

    def signal(self, name: str) -> ScenarioState:
        """Gives the signal that the next step waits for. Raises ClientError when it waits for something else."""
        return read_scenario(self._connection.post(f"{self._path}/scenario/signal", {"name": name}))

    def state(self) -> ScenarioState:
        """The progress of the scenario."""
        return read_scenario(self._connection.get(f"{self._path}/scenario"))

    def stop(self) -> None:
        """Ends it where it is; what it did stays."""
        self._connection.call("DELETE", f"{self._path}/scenario")


def _leads(answer: Any) -> tuple[Lead, ...]:
    return tuple(map(read_lead, answer["leads"]))
