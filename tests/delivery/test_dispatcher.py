"""Webhooks: whom a new lead is told, when, how often, and what is written down of it."""

import asyncio
import hmac
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from mockserver.contract.checks import violations
from mockserver.delivery import DeliveryAttempted, Rules, WebhookDispatcher, run_lifespan
from mockserver.delivery.message import WebhookRequest
from mockserver.delivery.sender import Outcome
from mockserver.domain import Category, Enquiry, Kind, replace
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem
from mockserver.foundation.retry_policy import parse_retries
from mockserver.foundation.stateful import StatefulComponent
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.sandbox import Sandbox, SandboxGone
from mockserver.sandbox.store import MemoryStore
from mockserver.sandbox.webhooks import (
    Delivery,
    DeliveryFault,
    DeliveryFaultKind,
    DeliveryState,
    TargetGuard,
    state,
)
from mockserver.server.app import MockServer
from tests.conftest import NOW
from tests.support.receiver import KEY, USER, Receiver, Rig, arrive, erase
from tests.support.seeker import BASE, Seeker

MakeApp = Callable[..., MockServer]
RETRIES = (10.0, 60.0, 300.0)
AWAY = Problem(503, "unavailable", "The store cannot be reached.")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that answers 200."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def make_rig(make_app: MakeApp) -> Iterator[Callable[..., Rig]]:
    """Makes rigs over applications of given settings; rules of the dispatcher are given by name."""
    made: list[Rig] = []

    def make(
        settings: dict[str, Any] | None = None,
        guard: TargetGuard | None = None,
        app: MockServer | None = None,
        **rules: Any,
    ) -> Rig:
        made.append(Rig(app or make_app(**(settings or {})), guard, **{"retries": RETRIES, **rules}))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


MakeRig = Callable[..., Rig]


def audit(rig: Rig, subscription: str) -> list[tuple[Epoch, int, int | None]]:
    """When, the how-manieth attempt, and what was answered; the oldest first."""
    attempts = reversed(rig.sandbox.webhooks.attempts(subscription))
    return [(attempt.at - NOW, attempt.turn, attempt.status) for attempt in attempts]


def states(rig: Rig) -> list[DeliveryState]:
    """Of every delivery."""
    return [delivery.state for delivery in rig.sandbox.outbox.list()]


# Delivering


@pytest.mark.parametrize("category", [Category.CLASSIFIED, Category.AGENCY, Category.PROPERTY_SEARCH])
def test_a_new_lead_is_posted_as_the_contract_has_it_with_the_key_of_the_subscription(
    make_rig: MakeRig, receiver: Receiver, category: Category
) -> None:
    rig = make_rig()
    subscription = rig.subscribe(receiver.url)
    lead = rig.arrive(category=category)
    assert rig.flush() == 1
    (got,) = receiver.got
    assert (got.path, got.lead) == ("/webhook", lead.uuid)
    assert got.body["metadata"]["leadCategory"] == category
    assert got.headers["content-type"].startswith("application/json")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["x-api-key"] == KEY
    assert "x-signature" not in got.headers
    contract = rig.app.providers["seeker"].contract
    (schema,) = contract.webhooks["newLead"].media.values()
    assert violations(schema, got.body, "body") == []
    assert rig.sandbox.webhooks.last_success(subscription.id) == NOW
    assert audit(rig, subscription.id) == [(0, 1, 200)]
    assert states(rig) == [DeliveryState.DELIVERED]


def test_the_lead_is_the_same_as_by_its_id(make_rig: MakeRig, receiver: Receiver, make_client: Any) -> None:
    seeker = Seeker(make_client())
    rig = make_rig(app=seeker.app)
    rig.subscribe(receiver.url)
    lead = rig.arrive()
    rig.flush()
    assert receiver.got[0].body == seeker.client.get(f"{BASE}/leads/{lead.uuid}").json()


def test_the_header_of_the_key_and_the_signature_can_be_chosen(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig({"variants": {"seeker": {"webhook-signature": "hmac-sha256"}}}, key_header="authorization")
    rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    (got,) = receiver.got
    assert got.headers["authorization"] == KEY
    assert got.headers["x-signature"] == hmac.new(KEY.encode(), got.raw, sha256).hexdigest()


def test_a_subscription_without_a_key_sends_none(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig({"variants": {"seeker": {"webhook-signature": "hmac-sha256"}}})
    rig.subscribe(receiver.url, key=None)
    rig.arrive()
    rig.flush()
    assert {"x-api-key", "x-signature"} & receiver.got[0].headers.keys() == set()


def test_the_dispatcher_works_by_itself_and_at_once_when_the_clock_is_moved(
    make_rig: MakeRig, receiver: Receiver
) -> None:
    rig = make_rig()
    receiver.plan = [500]
    rig.subscribe(receiver.url)
    rig.arrive()
    rig.until(lambda: len(rig.sandbox.webhooks.attempts(rig.sandbox.webhooks.list()[0].id)) == 1)
    rig.sandbox.clock.advance(10)
    rig.until(lambda: states(rig) == [DeliveryState.DELIVERED])
    assert len(receiver.got) == 2


def test_a_clock_that_runs_needs_nobody_to_move_it(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig({"now": None}, retries=(0.05,))
    receiver.plan = [500]
    rig.subscribe(receiver.url)
    rig.arrive()
    rig.until(lambda: states(rig) == [DeliveryState.DELIVERED])
    assert len(receiver.got) == 2


def test_a_lead_that_is_on_its_way_is_told_when_it_arrives_though_nobody_calls(
    make_rig: MakeRig, make_client: Any, receiver: Receiver
) -> None:
    seeker = Seeker(make_client())
    rig = make_rig(app=seeker.app)
    rig.subscribe(receiver.url)
    store = rig.sandbox.store
    estate: Any = store.get(Kind.ESTATE, store.ids(Kind.ESTATE, 101)[0])
    body = {
        "lastName": "Doe",
        "email": "a@example.com",
        "phoneNumbers": [{"number": "+33199001234"}],
        "message": "Bonjour",
        "classifiedId": estate.classified_id,
        "submittedDate": "2026-01-01T00:00:00Z",
    }
    assert seeker.client.post(f"{BASE}/leads", json=body).status_code == 200
    assert rig.advance(1) == 0
    assert rig.advance(1) == 1
    assert receiver.got[0].body["contactRequest"]["lastName"] == "Doe"


def test_leads_of_another_provider_are_told_too(make_rig: MakeRig, make_client: Any, receiver: Receiver) -> None:
    client = make_client()
    rig = make_rig(app=client.app)
    rig.subscribe(receiver.url)
    made = client.post("/apimo/agencies/101/leads", json={"reference": "new", "message": "Bonjour"})
    assert made.status_code == 200, made.text
    rig.flush()
    assert states(rig) == [DeliveryState.DELIVERED]
    assert receiver.got[-1].body["contactRequest"]["message"] == "Bonjour"


def test_only_active_subscriptions_whose_account_has_the_agency_are_told(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url, active=False)
    accounts = rig.sandbox.accounts
    rig.subscribe(receiver.url)
    granted = accounts["seeker"][USER].agencies
    other = next(agency for agency in rig.sandbox.world.agencies if agency not in granted)
    rig.arrive(agency=other)
    assert rig.flush() == 0
    rig.arrive()
    assert rig.flush() == 1


def test_sandboxes_have_their_own_webhooks(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    other = rig.app.sandboxes.create(SandboxRequest(id="other"))
    (user,) = other.accounts["seeker"]
    other.webhooks.add("seeker", user, receiver.url, KEY, True, NOW)
    rig.arrive()
    assert rig.flush() == 0
    lead = arrive(other)
    assert rig.flush(other) == 1
    assert receiver.leads() == [lead.uuid]


def test_what_is_loaded_is_no_arrival(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    told: list[int] = []
    store = MemoryStore(rig.sandbox.world)
    store.arrived.add(told.append)
    lead = rig.arrive()
    for key, value in rig.sandbox.store.dump().items():
        store.load(key, value)
    assert told == []
    store.put(Kind.ENQUIRY, replace(lead, message="Changed"))
    assert told == []
    assert rig.flush() == 1


# The timetable


def test_a_receiver_that_fails_gets_exactly_the_promised_timetable(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [500, 404, 302]
    subscription = rig.subscribe(receiver.url)
    rig.arrive()
    assert rig.flush() == 1
    for wait in RETRIES:
        assert rig.advance(wait - 1) == 0
        assert rig.advance(1) == 1
    assert audit(rig, subscription.id) == [(0, 1, 500), (10, 2, 404), (70, 3, 302), (370, 4, 200)]
    assert states(rig) == [DeliveryState.DELIVERED]
    assert rig.sandbox.webhooks.last_success(subscription.id) == NOW + 370
    assert rig.advance(10_000) == 0


def test_after_the_last_failure_it_is_given_up(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [503] * 10
    subscription = rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    for wait in RETRIES:
        rig.advance(wait)
    assert states(rig) == [DeliveryState.GIVEN_UP]
    assert rig.advance(1_000_000) == 0
    assert [turn for _, turn, _ in audit(rig, subscription.id)] == [1, 2, 3, 4]
    assert rig.sandbox.webhooks.last_success(subscription.id) is None
    assert rig.dispatcher.counts == {("seeker", DeliveryState.PENDING): 3, ("seeker", DeliveryState.GIVEN_UP): 1}


def test_a_clock_that_leaps_makes_each_attempt_once(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [500, 500]
    subscription = rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    assert rig.advance(5_000) == 1
    assert rig.advance(60) == 1
    assert audit(rig, subscription.id) == [(0, 1, 500), (5_000, 2, 500), (5_060, 3, 200)]


def test_a_lead_that_fails_does_not_hold_up_the_next_one(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [500]
    rig.subscribe(receiver.url)
    first, second = rig.arrive(), rig.arrive()
    assert rig.flush() == 2
    rig.advance(10)
    assert receiver.leads() == [first.uuid, second.uuid, first.uuid]


@pytest.mark.parametrize(
    ("text", "steps"),
    [("10s,60s,300s", (10, 60, 300)), ("1m, 2h,1d", (60, 7_200, 86_400)), ("5,0.5s", (5, 0.5)), ("none", ()), ("", ())],
)
def test_timetables_are_read(text: str, steps: tuple[float, ...]) -> None:
    assert parse_retries(text) == steps


@pytest.mark.parametrize("text", ["10x", "-1s", "1,,2", "31d", ",".join(["1s"] * 51), "١s"])
def test_timetables_that_cannot_be_say_what_would_do(text: str) -> None:
    with pytest.raises(ValueError, match=r"10s, 5m|30 days|the most"):
        parse_retries(text)


# Receivers that misbehave


def test_a_receiver_that_does_not_answer_in_time_has_failed(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig(timeout=0.05)
    receiver.hold.clear()
    subscription = rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    receiver.hold.set()
    (attempt,) = rig.sandbox.webhooks.attempts(subscription.id)
    assert (attempt.status, attempt.reason) == (None, "no answer within 0.05 s")
    patient = make_rig(app=rig.app)
    patient.advance(10)
    assert states(patient) == [DeliveryState.DELIVERED]


def test_nobody_listens(make_rig: MakeRig) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    rig = make_rig()
    subscription = rig.subscribe(f"http://localhost:{port}/")
    rig.arrive()
    rig.flush()
    (attempt,) = rig.sandbox.webhooks.attempts(subscription.id)
    assert attempt.status is None
    assert (attempt.reason or "").startswith("nobody could be reached")


def test_a_redirect_is_a_failure_and_leads_nowhere(make_rig: MakeRig, receiver: Receiver) -> None:
    rig, elsewhere = make_rig(), Receiver()
    receiver.plan, receiver.headers = [307], {"location": elsewhere.url}
    subscription = rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    elsewhere.close()
    (attempt,) = rig.sandbox.webhooks.attempts(subscription.id)
    assert attempt.reason == "the answer was 307, and redirects are not followed"
    assert elsewhere.got == []


def test_of_a_long_answer_only_the_status_matters(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.answer = b"x" * 3_000_000
    rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    assert states(rig) == [DeliveryState.DELIVERED]


def test_a_key_that_cannot_be_a_header_is_a_failure_not_a_crash(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    subscription = rig.subscribe(receiver.url, key="a\r\nhost: evil")
    rig.arrive()
    rig.flush()
    (attempt,) = rig.sandbox.webhooks.attempts(subscription.id)
    assert not attempt.succeeded
    assert receiver.got == []


# What changes while a delivery waits


def test_a_seeker_who_was_erased_meanwhile_is_erased_in_the_webhook(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [500]
    rig.subscribe(receiver.url)
    lead = rig.arrive()
    rig.flush()
    person: Any = rig.sandbox.store.get(Kind.PERSON, lead.seeker)
    rig.sandbox.store.put(Kind.PERSON, replace(person, erased=True))
    rig.advance(10)
    before, after = (got.body["contactRequest"] for got in receiver.got)
    assert before["message"] is not None
    assert (after["message"], after["lastName"], after["phoneNumbers"]) == (None, None, [])


def test_a_paused_subscription_is_told_later_with_its_new_key(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    subscription = rig.subscribe(receiver.url)
    lead = rig.arrive()
    rig.sandbox.webhooks.update(subscription.id, NOW, active=False)
    rig.arrive()
    assert rig.advance(100_000) == 0
    rig.sandbox.webhooks.update(subscription.id, NOW, active=True, api_key="another")
    assert rig.flush() == 1
    assert receiver.leads() == [lead.uuid]
    assert receiver.got[0].headers["x-api-key"] == "another"


def revoke_agency(sandbox: Sandbox, subscription: str, lead: Enquiry) -> None:
    sandbox.accounts.revoke_agency("seeker", USER, lead.agency)


def delete(sandbox: Sandbox, subscription: str, lead: Enquiry) -> None:
    sandbox.webhooks.remove(subscription)


def withdraw(sandbox: Sandbox, subscription: str, lead: Enquiry) -> None:
    sandbox.store.remove(Kind.ENQUIRY, lead.id)


def revoke(sandbox: Sandbox, subscription: str, lead: Enquiry) -> None:
    sandbox.accounts.remove("seeker", USER)


@pytest.mark.parametrize("change", [revoke_agency, delete, withdraw, revoke])
def test_what_nobody_may_see_any_more_is_dropped(
    make_rig: MakeRig, receiver: Receiver, change: Callable[[Sandbox, str, Enquiry], None]
) -> None:
    rig = make_rig()
    subscription = rig.subscribe(receiver.url)
    lead = rig.arrive()
    change(rig.sandbox, subscription.id, lead)
    assert rig.flush() == 0
    assert states(rig) == [DeliveryState.DROPPED]
    assert receiver.got == []


# What goes wrong on purpose


def test_a_duplicate_comes_twice_once(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.DUPLICATE, after=1, copies=3))
    leads = [rig.arrive().uuid for _ in range(3)]
    rig.flush()
    assert receiver.leads() == [leads[0], leads[1], leads[1], leads[1], leads[2]]


def test_a_reordered_lead_comes_after_the_next_one(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.REORDER))
    first = rig.arrive()
    assert rig.flush() == 0
    second = rig.arrive()
    assert rig.flush() == 2
    assert receiver.leads() == [second.uuid, first.uuid]


def test_a_reordered_lead_that_none_follows_comes_in_the_end(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.REORDER, seconds=5))
    rig.arrive()
    assert rig.advance(4) == 0
    assert rig.advance(1) == 1


def test_a_delayed_lead_comes_late(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    subscription = rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.DELAY, seconds=90))
    rig.arrive()
    assert rig.advance(89) == 0
    assert rig.advance(1) == 1
    assert audit(rig, subscription.id) == [(90, 1, 200)]


def test_a_wrong_key_comes_once_and_its_signature_fits_it(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig({"variants": {"seeker": {"webhook-signature": "hmac-sha256"}}})
    receiver.plan = [401]
    rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.WRONG_KEY))
    rig.arrive()
    rig.flush()
    rig.advance(10)
    wrong, right = receiver.got
    assert (wrong.headers["x-api-key"] != KEY, right.headers["x-api-key"]) == (True, KEY)
    for got in (wrong, right):
        key = got.headers["x-api-key"].encode()
        assert got.headers["x-signature"] == hmac.new(key, got.raw, sha256).hexdigest()


def test_an_unknown_category_stays_unknown(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [500]
    rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.UNKNOWN_CATEGORY))
    rig.arrive()
    rig.flush()
    rig.advance(10)
    contract = rig.app.providers["seeker"].contract
    (schema,) = contract.webhooks["newLead"].media.values()
    for got in receiver.got:
        (wrong,) = {violation.pointer for violation in violations(schema, got.body, "body")} & {
            "/metadata/leadCategory"
        }
        assert wrong
    assert len(receiver.got) == 2


def test_a_lead_can_be_erased_just_before_it_is_told(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.ERASED))
    lead = rig.arrive()
    rig.flush()
    assert receiver.got[0].body["contactRequest"]["message"] is None
    person: Any = rig.sandbox.store.get(Kind.PERSON, lead.seeker)
    assert person.erased


def test_delivery_faults_count_and_befall_whom_they_are_for(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    one, two = rig.subscribe(receiver.url), rig.subscribe(receiver.url)
    placed = rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.DELAY, subscription=two.id, times=2))
    strangers = rig.sandbox.delivery_faults.add(
        DeliveryFault(kind=DeliveryFaultKind.DELAY, provider="nobody", times=None)
    )
    for _ in range(3):
        rig.arrive()
    assert rig.flush() == 4
    assert [each.faults for each in rig.sandbox.outbox.of(two.id)] == [(DeliveryFaultKind.DELAY,)] * 2
    assert rig.sandbox.outbox.of(one.id) == []
    now = rig.sandbox.delivery_faults.get(placed.id)
    assert now is not None
    assert (now.seen, now.fired) == (2, 2)
    assert rig.sandbox.delivery_faults.get(strangers.id) == strangers
    assert rig.sandbox.delivery_faults.remove(placed.id)
    assert not rig.sandbox.delivery_faults.remove(placed.id)
    rig.sandbox.delivery_faults.clear()
    assert rig.sandbox.delivery_faults.list() == []


@pytest.mark.parametrize("given", [{"kind": "wrong_key", "seconds": 1}, {"kind": "delay", "copies": 3}, {"kind": "no"}])
def test_delivery_faults_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is for|Input should be"):
        DeliveryFault.model_validate(given)


# Keeping


def moved(rig: Rig, make_rig: MakeRig, **rules: Any) -> Rig:
    """Another process with the same store, after the first one was killed: nothing but records is left."""
    other = make_rig(**rules)
    other.sandbox.restore(rig.sandbox.dump())
    return other


def test_nothing_is_lost_when_the_process_is_killed_between_acceptance_and_delivery(
    make_rig: MakeRig, receiver: Receiver
) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    lead = rig.arrive()
    other = moved(rig, make_rig)
    other.until(lambda: states(other) == [DeliveryState.DELIVERED])
    assert receiver.leads() == [lead.uuid]


def test_nothing_is_lost_when_the_process_is_killed_while_it_delivers(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig(timeout=5.0)
    subscription = rig.subscribe(receiver.url)
    receiver.hold.clear()
    lead = rig.arrive()
    rig.until(lambda: len(receiver.got) == 1)
    other = make_rig(timeout=5.0)
    dump = rig.sandbox.dump()
    (kept,) = (value for key, value in dump["outbox"].items() if key.startswith("pending/"))
    assert kept["claim"]
    other.sandbox.restore(dump)
    assert other.flush() == 0, "the claim of the one that was killed still holds"
    kept["claimed_until"] = 1.0
    other.sandbox.restore(dump)
    receiver.hold.set()
    assert other.flush() == 1
    assert receiver.leads() == [lead.uuid, lead.uuid]
    (attempt,) = other.sandbox.webhooks.attempts(subscription.id)
    assert (attempt.turn, attempt.succeeded) == (2, True)


def test_a_server_that_stops_in_good_order_leaves_no_claim(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    receiver.hold.clear()
    rig.arrive()
    rig.until(lambda: len(receiver.got) == 1)
    rig.run(rig.dispatcher.stop)
    receiver.hold.set()
    (delivery,) = rig.sandbox.outbox.list()
    assert (delivery.claim, delivery.attempts, delivery.state) == (None, 0, DeliveryState.PENDING)
    assert rig.flush() == 1


def test_retries_and_delivery_faults_survive(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [500]
    subscription = rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.DELAY, after=1))
    rig.arrive()
    rig.flush()
    other = moved(rig, make_rig)
    assert other.advance(9) == 0
    assert other.advance(1) == 1
    other.arrive()
    assert other.flush() == 0
    assert audit(other, subscription.id) == [(0, 1, 500), (10, 2, 200)]


def test_what_came_of_an_attempt_from_before_a_reset_counts_for_nothing(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    receiver.hold.clear()
    rig.arrive()
    rig.until(lambda: len(receiver.got) == 1)
    rig.sandbox.reset()
    subscription = rig.subscribe(receiver.url)
    receiver.hold.set()
    rig.flush()
    assert rig.sandbox.outbox.dump() == {}
    assert rig.sandbox.webhooks.attempts(subscription.id) == []


def test_records_are_told_one_by_one_as_they_are_dumped(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    parts: dict[str, StatefulComponent] = {"outbox": rig.sandbox.outbox, "misdeliveries": rig.sandbox.delivery_faults}
    records: dict[str, dict[str, Any]] = {name: {} for name in parts}

    def keep(name: str, key: str, value: Any) -> None:
        records[name].pop(key, None)
        if value is not None:
            records[name][key] = value

    for name, part in parts.items():
        part.on_change(partial(keep, name))
    receiver.plan = [500, 200, 500, 500]
    one = rig.subscribe(receiver.url)
    rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.REORDER))
    gone = rig.sandbox.delivery_faults.add(DeliveryFault(kind=DeliveryFaultKind.DUPLICATE))
    for _ in range(3):
        rig.arrive()
    rig.sandbox.delivery_faults.remove(gone.id)
    for wait in (0, *RETRIES):
        rig.advance(wait)
        assert records == {name: part.dump() for name, part in parts.items()}
    rig.arrive()
    rig.sandbox.webhooks.remove(one.id)
    rig.flush()
    assert records == {name: part.dump() for name, part in parts.items()}


# Stores that several processes share


def test_what_another_process_left_undone_is_found(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.app.sandboxes.repository.shared = True
    rig.subscribe(receiver.url)
    for part in (rig.sandbox.outbox, rig.sandbox.webhooks):
        part.listeners.clear()
    lead = rig.arrive()
    rig.until(lambda: states(rig) == [DeliveryState.DELIVERED])
    assert receiver.leads() == [lead.uuid]


def test_two_dispatchers_of_one_sandbox_deliver_once(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    other = WebhookDispatcher(rig.app.sandboxes, Rules(), TargetGuard(), erase)
    rig.subscribe(receiver.url)
    leads = [rig.arrive().uuid for _ in range(5)]

    async def both() -> None:
        while len(rig.sandbox.outbox):
            await asyncio.gather(rig.dispatcher.flush(rig.sandbox), other.flush(rig.sandbox))
        await other.stop()

    rig.run(both)
    assert receiver.leads() == leads


def test_a_store_that_cannot_be_reached_is_asked_again(
    make_rig: MakeRig, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.delivery.dispatcher._AGAIN", 0.01)
    rig = make_rig()
    rig.subscribe(receiver.url)
    away = [AWAY, AWAY, ValueError("something else")]

    @contextmanager
    def transaction() -> Iterator[None]:
        if away:
            raise away.pop()
        yield

    monkeypatch.setattr(rig.sandbox, "transaction", transaction)
    rig.arrive()
    rig.until(lambda: states(rig) == [DeliveryState.DELIVERED])
    assert (away, len(receiver.got)) == ([], 1)


def test_an_attempt_that_could_not_be_written_down_is_made_again_when_its_claim_is_over(
    make_rig: MakeRig, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.delivery.outbox_worker._GRACE", -1.7)
    rig = make_rig(timeout=2.0)
    subscription = rig.subscribe(receiver.url)
    rig.arrive()
    record_outcome = rig.dispatcher._worker.record_outcome
    failed: list[WebhookRequest] = []

    def fail_once(sandbox: Sandbox, request: WebhookRequest, outcome: Outcome) -> Delivery | None:
        if not failed:
            failed.append(request)
            raise AWAY
        return record_outcome(sandbox, request, outcome)

    monkeypatch.setattr(rig.dispatcher._worker, "record_outcome", fail_once)
    rig.until(lambda: states(rig) == [DeliveryState.DELIVERED])
    assert len(receiver.got) >= 2
    (attempt,) = rig.sandbox.webhooks.attempts(subscription.id)
    assert attempt.turn >= 2


def test_a_sandbox_that_is_gone_is_left_alone(
    make_rig: MakeRig, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = make_rig()
    other = rig.app.sandboxes.create(SandboxRequest(id="other"))
    (user,) = other.accounts["seeker"]
    other.webhooks.add("seeker", user, receiver.url, KEY, True, NOW)
    arrive(other)

    def transaction() -> AbstractContextManager[None]:
        raise SandboxGone(other.id)

    monkeypatch.setattr(other, "transaction", transaction)
    assert rig.flush(other) == 0
    # In memory nobody else has it: whatever is there under its id by now stays.
    assert rig.app.sandboxes.loaded("other") is other
    assert rig.flush(other) == 0
    assert receiver.got == []


# Bounds, and what is shown


def test_too_many_that_wait_are_given_up_and_it_shows(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.webhooks.outbox.MAX_PENDING", 2)
    monkeypatch.setattr("mockserver.sandbox.webhooks.outbox.MAX_FINISHED", 3)
    rig = make_rig()
    rig.subscribe("http://127.0.0.1:9/")
    for _ in range(7):
        rig.arrive()
    outbox = rig.sandbox.outbox
    assert states(rig) == [DeliveryState.PENDING] * 2 + [DeliveryState.GIVEN_UP] * 3
    assert (outbox.count(DeliveryState.PENDING), outbox.count(DeliveryState.GIVEN_UP)) == (2, 5)
    assert "2 deliveries wait" in (outbox.list()[-1].reason or "")
    assert (outbox.get(1) is not None, outbox.get(3), outbox.get(7) is not None) == (True, None, True)


def test_the_state_shows_subscriptions_and_deliveries_and_no_key(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    receiver.plan = [200, 500]
    subscription = rig.subscribe(receiver.url)
    first, second = rig.arrive(), rig.arrive()
    rig.flush()
    shown = state(rig.sandbox.webhooks, rig.sandbox.outbox)
    assert KEY not in shown.model_dump_json()
    (form,) = shown.subscriptions
    assert (form.id, form.user, form.pending, form.last_success) == (
        subscription.id,
        USER,
        1,
        "2026-01-01T00:00:00.000Z",
    )
    assert [(attempt.lead, attempt.status) for attempt in form.attempts] == [(second.uuid, 500), (first.uuid, 200)]
    assert [(each.lead, each.state, each.next_at) for each in shown.deliveries] == [
        (first.id, DeliveryState.DELIVERED, None),
        (second.id, DeliveryState.PENDING, "2026-01-01T00:00:10.000Z"),
    ]
    assert shown.counts[DeliveryState.DELIVERED] == 1


def test_listeners_hear_of_each_attempt(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    told: list[DeliveryAttempted] = []
    rig.dispatcher.listeners.add(told.append)
    receiver.plan = [500]
    rig.subscribe(receiver.url)
    rig.arrive()
    rig.flush()
    rig.advance(10)
    assert [(each.sandbox, each.outcome.status, each.state) for each in told] == [
        ("default", 500, DeliveryState.PENDING),
        ("default", 200, DeliveryState.DELIVERED),
    ]


def test_an_address_that_is_refused_cannot_be_subscribed(make_rig: MakeRig, make_client: Any) -> None:
    seeker = Seeker(make_client())
    make_rig(app=seeker.app)
    answer = seeker.client.post(
        f"{BASE}/webhook/subscriptions", json={"url": "http://10.0.0.1/", "apiKey": "k", "status": "ACTIVE"}
    )
    assert answer.status_code == 400
    assert "10.0.0.1" in answer.text
    assert "--allow-webhook-host" in answer.text


def test_an_address_that_came_to_be_refused_is_not_called(make_rig: MakeRig, receiver: Receiver) -> None:
    before = make_rig()
    subscription = before.subscribe(receiver.url)
    rig = make_rig(app=before.app, guard=TargetGuard(own_ports=[receiver.port]))
    rig.arrive()
    rig.flush()
    (attempt,) = rig.sandbox.webhooks.attempts(subscription.id)
    assert attempt.reason == f"Port {receiver.port} of this machine is this server itself."
    assert receiver.got == []


def test_the_dispatcher_lives_as_long_as_the_server(make_rig: MakeRig, receiver: Receiver) -> None:
    rig = make_rig()
    rig.subscribe(receiver.url)
    rig.arrive()
    sent: list[str] = []

    async def run() -> None:
        inbox: asyncio.Queue[Any] = asyncio.Queue()

        async def send(message: Any) -> None:
            sent.append(message["type"])

        task = asyncio.create_task(run_lifespan(rig.dispatcher, inbox.get, send))
        inbox.put_nowait({"type": "lifespan.startup"})
        while not receiver.got:
            await asyncio.sleep(0.005)
        inbox.put_nowait({"type": "lifespan.shutdown"})
        await task

    rig.run(run)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    rig.arrive()
    rig.run(lambda: asyncio.sleep(0.02))
    assert len(receiver.got) == 1, "it has stopped"
