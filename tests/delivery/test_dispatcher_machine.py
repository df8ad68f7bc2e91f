"""Whatever happens in whichever order: every lead reaches whom it is for, and the audit is what the receivers saw."""

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver.delivery.message import WebhookRequest
from mockserver.delivery.sender import Outcome, Sender
from mockserver.domain import Enquiry, Kind
from mockserver.foundation.settings import Settings
from mockserver.sandbox.webhooks import DeliveryFault, DeliveryFaultKind, DeliveryState
from mockserver.server.app import MockServer, build
from tests.conftest import NOW
from tests.support.receiver import Rig

RETRIES = (10.0, 60.0, 300.0)
URLS = ("http://127.0.0.1:1001/", "http://127.0.0.1:1002/")


@lru_cache
def _application() -> MockServer:
    """One for all runs, each of which resets it."""
    return build(Settings(world="small", now=NOW))


class World:
    """Receivers without a network: whether they take what comes, and what came."""

    def __init__(self) -> None:
        self.failures = dict.fromkeys(URLS, 0)
        """How often each still fails."""
        self.saw: list[tuple[str, str, int]] = []
        """URL, lead and answer."""

    async def send(self, request: WebhookRequest) -> Outcome:
        """What a receiver makes of it."""
        status = 503 if self.failures[request.url] else 200
        self.failures[request.url] = max(0, self.failures[request.url] - 1)
        self.saw.append((request.url, request.lead, status))
        return Outcome(status, None if status == 200 else f"the answer was {status}")


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    async def send(sender: Sender, request: WebhookRequest) -> Outcome:
        return await made.send(request)

    monkeypatch.setattr(Sender, "send", send)
    Deliveries.world = made
    return made


class Deliveries(RuleBasedStateMachine):
    """Leads arrive, receivers fail and recover, subscriptions come and go, time passes, processes die."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.world.failures, self.world.saw = dict.fromkeys(URLS, 0), []
        self.app = _application()
        self.app.sandbox.reset()
        self.rig = Rig(self.app, retries=RETRIES)
        self.subscribed: dict[str, str] = {}
        """The URL of every subscription that there ever was."""
        self.promised: dict[tuple[str, str], int] = {}
        """How often a lead is due at least, by subscription."""
        self.audits: dict[str, list[Any]] = {}
        """Of subscriptions that were deleted, the newest first."""
        for url in URLS:
            self.subscribe(url)

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            self.rig.close()

    @precondition(lambda self: len(self.rig.sandbox.webhooks) < len(URLS))
    @rule(url=st.sampled_from(URLS))
    def subscribe(self, url: str) -> None:
        if any(kept.url == url for kept in self.rig.sandbox.webhooks.list()):
            return
        made = self.rig.subscribe(url)
        self.subscribed[made.id] = url

    @rule(position=st.integers(0, 1), active=st.booleans())
    def update(self, position: int, active: bool) -> None:
        for kept in self.rig.sandbox.webhooks.list()[position : position + 1]:
            self.rig.sandbox.webhooks.update(kept.id, self.rig.sandbox.clock.now(), active=active)

    @precondition(lambda self: len(self.rig.sandbox.outbox) > 2)
    @rule(position=st.integers(0, 1))
    def delete(self, position: int) -> None:
        for kept in self.rig.sandbox.webhooks.list()[position : position + 1]:
            self.audits[kept.id] = list(self.rig.sandbox.webhooks.attempts(kept.id))
            self.rig.sandbox.webhooks.remove(kept.id)

    @rule(number=st.integers(1, 3), failures=st.tuples(st.integers(0, 9), st.integers(0, 9)))
    def arrive(self, number: int, failures: tuple[int, int]) -> None:
        """The receivers fail so often from here on."""
        self.world.failures = dict(zip(URLS, failures, strict=True))
        for _ in range(number):
            active = [kept.id for kept in self.rig.sandbox.webhooks.list() if kept.active]
            lead = self.rig.arrive()
            for id in active:
                self.promised[id, lead.uuid] = 1

    @rule(
        kind=st.sampled_from(
            [
                DeliveryFaultKind.DUPLICATE,
                DeliveryFaultKind.REORDER,
                DeliveryFaultKind.DELAY,
                DeliveryFaultKind.WRONG_KEY,
            ]
        ),
        after=st.integers(0, 2),
    )
    def fail_deliveries(self, kind: DeliveryFaultKind, after: int) -> None:
        self.rig.sandbox.delivery_faults.add(DeliveryFault(kind=kind, after=after))

    @rule(seconds=st.sampled_from([0, 1, 9, 10, 60, 300, 5_000]))
    def advance(self, seconds: int) -> None:
        self.rig.advance(seconds)
        active = {kept.id for kept in self.rig.sandbox.webhooks.list() if kept.active}
        for each in self.rig.sandbox.outbox.list():
            if each.state is DeliveryState.PENDING:
                assert each.subscription not in active or each.next_at > self.rig.sandbox.clock.time()

    @rule(times=st.integers(1, 6))
    def wait_long(self, times: int) -> None:
        """Time for that many attempts."""
        for _ in range(times):
            self.advance(300)

    @rule()
    def die(self) -> None:
        """The process is killed; another one takes over what is kept."""
        dump = self.rig.sandbox.dump()
        self.rig.close()
        self.rig = Rig(self.app, retries=RETRIES)
        self.rig.sandbox.restore({})
        self.rig.sandbox.restore(dump)

    @invariant()
    def the_audit_is_what_the_receivers_saw(self) -> None:
        if not hasattr(self, "rig"):
            return
        webhooks = self.rig.sandbox.webhooks
        audits = {**self.audits, **{kept.id: list(webhooks.attempts(kept.id)) for kept in webhooks.list()}}
        for url in URLS:
            # A URL has one subscription at a time, so theirs follow one another.
            audited = [
                (attempt.lead, attempt.status)
                for id, of in self.subscribed.items()
                if of == url
                for attempt in reversed(audits[id])
            ]
            assert audited == [(lead, status) for to, lead, status in self.world.saw if to == url]
        for kept in webhooks.list():
            successes = [attempt.at for attempt in webhooks.attempts(kept.id) if attempt.succeeded]
            assert webhooks.last_success(kept.id) == max(successes, default=None)

    @invariant()
    def every_delivery_is_somewhere(self) -> None:
        if not hasattr(self, "rig"):
            return
        outbox = self.rig.sandbox.outbox
        known = outbox.list()
        assert sum(outbox.count(state) for state in DeliveryState) == len(known)
        told = {(each.subscription, self._uuid(each.enquiry)) for each in known}
        assert told == set(self.promised)
        for each in known:
            assert (
                each.attempts == len(RETRIES) + 1
                if each.state is DeliveryState.GIVEN_UP
                else each.attempts <= len(RETRIES) + 1
            )
            assert (each.state is DeliveryState.PENDING) == (each.finished_at is None)

    def _uuid(self, enquiry: int) -> str:
        found = self.rig.sandbox.store.get(Kind.ENQUIRY, enquiry)
        assert isinstance(found, Enquiry)
        return found.uuid

    def finish(self) -> None:
        """All recover, all are active, and enough time passes."""
        self.world.failures = dict.fromkeys(URLS, 0)
        webhooks, outbox = self.rig.sandbox.webhooks, self.rig.sandbox.outbox
        for kept in webhooks.list():
            webhooks.update(kept.id, NOW, active=True)
        for _ in range(6):
            self.rig.advance(5_000)
        assert len(outbox) == 0
        for each in outbox.list():
            url, lead = self.subscribed[each.subscription], self._uuid(each.enquiry)
            taken = (url, lead, 200) in self.world.saw
            assert (
                taken
                if each.state is DeliveryState.DELIVERED
                else each.state in (DeliveryState.GIVEN_UP, DeliveryState.DROPPED)
            )
            assert each.state is not DeliveryState.DROPPED or webhooks.get(each.subscription) is None


class FinishedDeliveries(Deliveries):
    """Each run ends with everything settled."""

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            try:
                self.finish()
                self.the_audit_is_what_the_receivers_saw()
            finally:
                self.rig.close()


TestDeliveries = FinishedDeliveries.TestCase
TestDeliveries.settings = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
