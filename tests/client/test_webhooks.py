"""`.webhooks` of the client: subscriptions and deliveries as values, flushing, and what is to go wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from mockserver.client import Client, ClientError, ProviderHandle, SandboxHandle
from mockserver.server.embedded import EmbeddedServer
from tests.support.receiver import KEY, Receiver

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of a real server; each test has a sandbox of its own."""
    with EmbeddedServer(world="small", now="2026-01-01T00:00:00Z") as embedded, Client(embedded.url) as client:
        yield client


@pytest.fixture
def sandbox(client: Client) -> Iterator[SandboxHandle]:
    """A sandbox that is dropped after the test."""
    sandbox = client.sandboxes.create()
    yield sandbox
    sandbox.delete()


@pytest.fixture
def seeker(sandbox: SandboxHandle) -> ProviderHandle:
    """The provider that has webhooks."""
    return sandbox.provider("seeker")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who wants to be told."""
    receiver = Receiver()
    yield receiver
    receiver.close()


def called(seeker: ProviderHandle, method: str, path: str, body: Any = None) -> Any:
    """What a call of the provider answers; the token is got with the words of the credentials alone."""
    words = seeker.credentials
    form = {"client_id": words.client_id, "client_secret": words.client_secret, "audience": words.audience}
    with httpx2.Client() as http:
        issued = http.post(words.token_url, json={**form, "grant_type": "client_credentials"})
        headers = {"authorization": f"Bearer {issued.json()['access_token']}"}
        return http.request(method, f"{seeker.url}/seeker-leads/v1{path}", json=body, headers=headers)


def subscribe(seeker: ProviderHandle, url: str) -> str:
    """Subscribes as a client of the provider does; the id."""
    made = called(seeker, "POST", "/webhook/subscriptions", {"url": url, "apiKey": KEY})
    assert made.status_code < 300, made.text
    id: str = made.json()["subscriptionId"]
    return id


def test_what_arrives_is_delivered_and_told(seeker: ProviderHandle, receiver: Receiver) -> None:
    assert (seeker.webhooks.subscriptions, seeker.webhooks.deliveries, seeker.webhooks.flush()) == ((), (), 0)
    id = subscribe(seeker, receiver.url)
    (lead,) = seeker.leads.arrive(agency=101)
    assert seeker.webhooks.flush() in (0, 1), "the server may have made the attempt by itself already"
    (got,) = receiver.got
    assert (got.lead, got.headers["x-api-key"]) == (lead.ids["seeker"], KEY)
    (subscription,), (delivery,) = seeker.webhooks.subscriptions, seeker.webhooks.deliveries
    assert (subscription.id, subscription.provider, subscription.active) == (id, "seeker", True)
    assert (subscription.url, subscription.pending, subscription.last_success) == (receiver.url, 0, NOW)
    (attempt,) = subscription.attempts
    assert (attempt.lead, attempt.turn, attempt.status, attempt.succeeded) == (got.lead, 1, 200, True)
    assert (delivery.lead, delivery.subscription, delivery.state) == (lead.id, id, "delivered")
    assert (seeker.webhooks.counts["delivered"], seeker.webhooks.counts["pending"]) == (1, 0)
    assert (delivery.made_at, delivery.finished_at, delivery.next_at, delivery.turns) == (NOW, NOW, None, 1)
    assert KEY not in repr(subscription)
    with pytest.raises(AttributeError):
        subscription.url = "elsewhere"  # type: ignore[misc]


def test_a_failed_attempt_is_made_again_when_the_clock_gets_there(seeker: ProviderHandle, receiver: Receiver) -> None:
    receiver.plan[:] = [500]
    subscribe(seeker, receiver.url)
    seeker.leads.arrive()
    seeker.webhooks.flush()
    (delivery,) = seeker.webhooks.deliveries
    assert (delivery.state, delivery.turns) == ("pending", 1)
    assert delivery.reason
    assert delivery.next_at is not None
    assert delivery.next_at > NOW
    seeker.clock.set(delivery.next_at)
    seeker.webhooks.flush()
    assert [each.state for each in seeker.webhooks.deliveries] == ["delivered"]
    assert len(receiver.got) == 2


def test_deliveries_go_wrong_as_they_are_told_to(seeker: ProviderHandle, receiver: Receiver) -> None:
    subscribe(seeker, receiver.url)
    placed = seeker.webhooks.delivery_faults.next("duplicate", copies=3)
    assert (placed.kind, placed.provider, placed.fired, placed.exhausted) == ("duplicate", "seeker", 0, False)
    assert placed.delivery_fault["copies"] == 3
    assert seeker.webhooks.delivery_faults.get(placed) == placed
    always = seeker.webhooks.delivery_faults.add("wrong_key")
    for _ in range(2):
        seeker.leads.arrive()
    seeker.webhooks.flush()
    first, second = (each.id for each in reversed(seeker.leads.list(limit=2)))
    assert sorted(each.lead for each in seeker.webhooks.deliveries) == [first] * 3 + [second]
    assert len(receiver.got) == 4
    assert KEY not in {got.headers["x-api-key"] for got in receiver.got}
    assert seeker.webhooks.deliveries[0].faults == ("duplicate", "wrong_key")
    assert [each.exhausted for each in seeker.webhooks.delivery_faults.list()] == [True, False]
    seeker.webhooks.delivery_faults.remove(always)
    assert [each.id for each in seeker.webhooks.delivery_faults.list()] == [placed.id]
    with pytest.raises(ClientError, match="There is no delivery fault 'w2'"):
        seeker.webhooks.delivery_faults.remove(always.id)


def test_a_delayed_delivery_waits_for_the_clock(seeker: ProviderHandle, receiver: Receiver) -> None:
    subscribe(seeker, receiver.url)
    seeker.webhooks.delivery_faults.next("delay", seconds=90)
    seeker.leads.arrive()
    assert seeker.webhooks.flush() == 0
    assert [each.next_at for each in seeker.webhooks.deliveries] == [NOW + timedelta(seconds=90)]
    seeker.clock.advance("PT90S")
    seeker.webhooks.flush()
    assert len(receiver.got) == 1


def test_a_provider_sees_and_clears_its_own_only(sandbox: SandboxHandle, receiver: Receiver) -> None:
    seeker, apimo = sandbox.provider("seeker"), sandbox.provider("apimo")
    subscribe(seeker, receiver.url)
    seeker.leads.arrive()
    seeker.webhooks.flush()
    assert (len(sandbox.webhooks.subscriptions), len(sandbox.webhooks.deliveries)) == (1, 1)
    assert (apimo.webhooks.subscriptions, apimo.webhooks.deliveries) == ((), ())
    seeker.webhooks.delivery_faults.add("erased")
    everybody = sandbox.webhooks.delivery_faults.add("reorder")
    assert apimo.webhooks.delivery_faults.list() == ()
    seeker.webhooks.delivery_faults.clear()
    assert sandbox.webhooks.delivery_faults.list() == (everybody,)
    sandbox.webhooks.delivery_faults.clear()
    assert sandbox.webhooks.delivery_faults.list() == ()


def test_a_subscription_off_this_machine_or_to_the_server_itself_is_refused(seeker: ProviderHandle) -> None:
    for url, why in (("http://10.0.0.1/x", "not of this machine"), (seeker.url, "is this server itself")):
        refused = called(seeker, "POST", "/webhook/subscriptions", {"url": url, "apiKey": KEY})
        assert refused.status_code == 400
        assert why in refused.text
    assert seeker.webhooks.subscriptions == ()
