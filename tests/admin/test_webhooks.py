"""Webhooks through the admin API: subscriptions, deliveries, what is to go wrong with them, and letting them go out."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.server.app import MockServer
from tests.support.in_process import TestClient
from tests.support.receiver import KEY, USER, Receiver
from tests.support.seeker import Seeker

WEBHOOKS = "/__admin/webhooks"
DELIVERY_FAULTS = f"{WEBHOOKS}/delivery-faults"


@pytest.fixture
def client(make_app: Callable[..., MockServer]) -> Iterator[TestClient]:
    """Of a server that runs, with its dispatcher, in one event loop."""
    with TestClient(make_app(), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who wants to be told."""
    receiver = Receiver()
    yield receiver
    receiver.close()


def subscribe(client: TestClient, receiver: Receiver) -> str:
    """Subscribes as a client of the provider does; the id."""
    seeker = Seeker(client)
    made = seeker.post("/webhook/subscriptions", {"url": receiver.url, "apiKey": KEY})
    assert made.status_code < 300, made.text
    id: str = made.json()["subscriptionId"]
    return id


def arrive(client: TestClient, **members: Any) -> int:
    """A new lead of a neutral kind; its id."""
    made = client.post("/__admin/leads", json={"agency": 101, "category": "CLASSIFIED", **members})
    assert made.status_code == 201, made.text
    id: int = made.json()["leads"][0]["id"]
    return id


def settled(client: TestClient) -> Any:
    """What there is of webhooks once all that is due was attempted."""
    flushed = client.post(f"{WEBHOOKS}/flush")
    assert flushed.status_code == 200
    assert list(flushed.json()) == ["attempts"]
    return client.get(WEBHOOKS).json()


def test_without_a_subscription_there_is_nothing_to_see_and_nothing_to_do(client: TestClient) -> None:
    arrive(client)
    assert client.post(f"{WEBHOOKS}/flush").json() == {"attempts": 0}
    shown = client.get(WEBHOOKS).json()
    assert (shown["subscriptions"], shown["deliveries"]) == ([], [])
    assert set(shown["counts"].values()) == {0}


def test_a_lead_of_the_admin_api_is_delivered_and_shown_without_the_key(client: TestClient, receiver: Receiver) -> None:
    id = subscribe(client, receiver)
    lead = arrive(client)
    shown = settled(client)
    (subscription,), (delivery,) = shown["subscriptions"], shown["deliveries"]
    assert {name: subscription[name] for name in ("id", "provider", "user", "url", "active", "pending")} == {
        "id": id,
        "provider": "seeker",
        "user": USER,
        "url": receiver.url,
        "active": True,
        "pending": 0,
    }
    assert subscription["last_success"] == "2026-01-01T00:00:00.000Z"
    assert [(each["turn"], each["status"], each["succeeded"]) for each in subscription["attempts"]] == [(1, 200, True)]
    assert (delivery["lead"], delivery["state"], delivery["subscription"]) == (lead, "delivered", id)
    assert shown["counts"]["delivered"] == 1
    (got,) = receiver.got
    assert got.headers["x-api-key"] == KEY
    ids = client.get(f"/__admin/leads/{lead}").json()["ids"]
    assert got.lead == subscription["attempts"][0]["lead"] == ids["seeker"]
    everything = client.get(WEBHOOKS).text + client.get("/__admin/journal").text + client.get(DELIVERY_FAULTS).text
    assert KEY not in everything


def test_what_failed_is_attempted_when_the_clock_says_so(client: TestClient, receiver: Receiver) -> None:
    receiver.plan[:] = [503]
    subscribe(client, receiver)
    arrive(client)
    (delivery,) = settled(client)["deliveries"]
    assert (delivery["state"], delivery["turns"]) == ("pending", 1)
    assert delivery["reason"]
    assert client.put("/__admin/clock", json={"set": delivery["next_at"]}).status_code == 200
    (delivery,) = settled(client)["deliveries"]
    assert (delivery["state"], delivery["turns"], delivery["next_at"]) == ("delivered", 2, None)
    assert receiver.leads()[0] == receiver.leads()[1]


def test_a_delivery_fault_is_placed_shown_and_taken_away(client: TestClient, receiver: Receiver) -> None:
    id = subscribe(client, receiver)
    wanted = {"kind": "duplicate", "copies": 3, "subscription": id, "provider": "seeker"}
    placed = client.post(DELIVERY_FAULTS, json=wanted)
    assert placed.status_code == 201
    assert placed.json() == {
        **wanted,
        "after": 0,
        "times": 1,
        "seconds": None,
        "id": "w1",
        "seen": 0,
        "fired": 0,
        "exhausted": False,
    }
    arrive(client)
    arrive(client)
    deliveries = settled(client)["deliveries"]
    assert [each["faults"] for each in deliveries] == [["duplicate"]] * 3 + [[]]
    assert sorted(Counter(receiver.leads()).values()) == [1, 3]
    shown = client.get(f"{DELIVERY_FAULTS}/w1").json()
    assert (shown["seen"], shown["fired"], shown["exhausted"]) == (1, 1, True)
    assert client.get(DELIVERY_FAULTS).json() == {"delivery_faults": [shown]}
    assert client.delete(f"{DELIVERY_FAULTS}/w1").status_code == 204
    gone = client.get(f"{DELIVERY_FAULTS}/w1")
    assert (gone.status_code, gone.json()["detail"]) == (
        404,
        "There is no delivery fault 'w1' in this sandbox; there is none.",
    )
    assert client.delete(f"{DELIVERY_FAULTS}/w1").status_code == 404
    for _ in range(2):
        client.post(DELIVERY_FAULTS, json={"kind": "wrong_key"})
    assert client.delete(DELIVERY_FAULTS).status_code == 204
    assert client.get(DELIVERY_FAULTS).json() == {"delivery_faults": []}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "/kind: is missing; it is required."),
        (
            {"kind": "lost"},
            "/kind: 'duplicate', 'reorder', 'delay', 'wrong_key', 'unknown_category' or 'erased' is needed.",
        ),
        ({"kind": "erased", "seconds": 1}, "`seconds` is for delay and reorder; erased has none"),
        ({"kind": "delay", "copies": 3}, "`copies` is for duplicate; delay has none"),
        ({"kind": "duplicate", "copies": 11}, "/copies: 10 is the most"),
        ({"kind": "delay", "provider": "acme"}, "There is no provider 'acme'; apimo, gsl and seeker are there."),
        ({"kind": "delay", "subscription": "x"}, "There is no subscription 'x'; none are there."),
        ({"kind": "delay", "often": 2}, "/often: is not known here; known are kind, subscription, provider,"),
    ],
)
def test_a_delivery_fault_that_makes_no_sense_is_refused_with_a_sentence(
    client: TestClient, body: dict[str, Any], sentence: str
) -> None:
    refused = client.post(DELIVERY_FAULTS, json=body)
    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]
    assert client.get(DELIVERY_FAULTS).json() == {"delivery_faults": []}


def test_webhooks_of_a_sandbox_are_its_own(client: TestClient, receiver: Receiver) -> None:
    subscribe(client, receiver)
    client.post("/__admin/sandboxes", json={"id": "other"})
    other = "/__admin/sandboxes/other/webhooks"
    assert client.get(other).json()["subscriptions"] == []
    assert client.post(f"{other}/delivery-faults", json={"kind": "delay"}).json()["id"] == "w1"
    assert client.get(DELIVERY_FAULTS).json() == {"delivery_faults": []}
    client.post("/__admin/sandboxes/other/leads", json={"agency": 101})
    assert client.post(f"{other}/flush").json() == {"attempts": 0}
    assert receiver.got == []
    assert client.post("/__admin/sandboxes/none/webhooks/flush").status_code == 404


def test_a_reset_forgets_subscriptions_deliveries_and_delivery_faults(client: TestClient, receiver: Receiver) -> None:
    subscribe(client, receiver)
    client.post(DELIVERY_FAULTS, json={"kind": "delay"})
    arrive(client)
    assert settled(client)["counts"]["pending"] == 1
    assert client.post("/__admin/reset").status_code == 204
    shown = settled(client)
    assert (shown["subscriptions"], shown["deliveries"], shown["counts"]["pending"]) == ([], [], 0)
    assert client.get(DELIVERY_FAULTS).json() == {"delivery_faults": []}


def test_attempts_are_in_the_metrics(client: TestClient, receiver: Receiver) -> None:
    receiver.plan[:] = [500]
    subscribe(client, receiver)
    arrive(client)
    arrive(client)
    settled(client)
    shown = client.get("/__admin/metrics").text
    assert 'mockserver_webhook_attempts_total{provider="seeker",state="pending"} 1.0' in shown
    assert 'mockserver_webhook_attempts_total{provider="seeker",state="delivered"} 1.0' in shown
    assert KEY not in shown


def test_in_a_durable_store_it_is_all_the_same(
    make_app: Callable[..., MockServer], receiver: Receiver, tmp_path: Path
) -> None:
    app = make_app(store=f"sqlite:///{tmp_path}/mockserver.db")
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        subscribe(client, receiver)
        assert client.post(DELIVERY_FAULTS, json={"kind": "delay", "seconds": 30}).status_code == 201
        arrive(client)
        assert settled(client)["counts"]["pending"] == 1
        client.put("/__admin/clock", json={"advance": "PT30S"})
        assert settled(client)["counts"] == {"pending": 0, "delivered": 1, "given_up": 0, "dropped": 0}
        assert len(receiver.got) == 1
        client.post("/__admin/sandboxes", json={"id": "gone"})
        assert client.delete("/__admin/sandboxes/gone").status_code == 204
        assert client.post("/__admin/sandboxes/gone/webhooks/flush").status_code == 404
    app.sandboxes.repository.close()
