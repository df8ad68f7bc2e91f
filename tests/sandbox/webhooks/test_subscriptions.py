"""Subscriptions and leads on their way, as parts of a sandbox and over HTTP."""

import json
from typing import Any

import pytest

from mockserver.domain import Enquiry, Person, Role
from mockserver.domain.enquiry import Category, Intention
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.pending_leads import PendingLead, PendingLeads
from mockserver.sandbox.webhooks import DeliveryAttempt, Subscriptions, TooManySubscriptions
from mockserver.sandbox.webhooks.subscriptions import MAX_ATTEMPTS, MAX_SUBSCRIPTIONS
from tests.conftest import NOW, MakeClient
from tests.support.seeker import BASE, Seeker

URL, KEY = "http://localhost:9/hook", "a secret key"


def some(count: int = 2) -> Subscriptions:
    """That many subscriptions of one client."""
    made = Subscriptions("1/test")
    for number in range(count):
        made.add("seeker", "me", f"{URL}/{number}", KEY, True, NOW + number)
    return made


def attempt(number: int, *, succeeded: bool = True) -> DeliveryAttempt:
    """An attempt at a moment of its own."""
    return DeliveryAttempt(
        at=NOW + number, lead=f"lead-{number}", succeeded=succeeded, status=200 if succeeded else None
    )


def test_ids_look_like_the_published_one_differ_and_are_the_same_in_the_same_sandbox() -> None:
    first, second = some().list()
    assert len(first.id) == len("D2IOuPcAq9s3sZ1pt3jW7")
    assert first.id.isalnum()
    assert first.id != second.id
    assert [each.id for each in some().list()] == [first.id, second.id]
    assert Subscriptions("1/other").add("seeker", "me", URL, KEY, True, NOW).id != first.id


def test_there_are_at_most_fifty() -> None:
    full = some(MAX_SUBSCRIPTIONS)
    with pytest.raises(TooManySubscriptions, match="50 subscriptions"):
        full.add("seeker", "me", URL, KEY, True, NOW)
    full.remove(full.list()[0].id)
    assert full.add("seeker", "me", URL, KEY, True, NOW)


def test_lists_are_narrowed_by_provider_and_user() -> None:
    webhooks = some()
    webhooks.add("seeker", "other", URL, KEY, True, NOW)
    assert len(webhooks) == len(webhooks.list()) == len(webhooks.list("seeker")) == 3
    assert len(webhooks.list("seeker", "other")) == 1
    assert webhooks.list("none") == []


def test_attempts_are_newest_first_and_bounded_and_the_last_success_is_remembered() -> None:
    webhooks = some(1)
    (kept,) = webhooks.list()
    for number in range(MAX_ATTEMPTS + 5):
        webhooks.record(kept.id, attempt(number, succeeded=number == 2))
    attempts = webhooks.attempts(kept.id)
    assert [each.at for each in attempts] == [NOW + number for number in range(MAX_ATTEMPTS + 4, 4, -1)]
    assert webhooks.last_success(kept.id) == NOW + 2
    webhooks.record("nobody", attempt(1))
    assert webhooks.attempts("nobody") == []


def test_what_is_dumped_is_what_keep_was_told_and_makes_the_same_again() -> None:
    told: dict[str, Any] = {}

    def keep(key: str, value: Any) -> None:
        told.pop(key, None)
        if value is not None:
            told[key] = json.loads(json.dumps(value))

    webhooks = Subscriptions("1/test")
    webhooks.on_change(keep)
    first, second = (webhooks.add("seeker", "me", f"{URL}/{n}", KEY, True, NOW) for n in range(2))
    webhooks.update(first.id, NOW + 5, active=False, api_key="other")
    for number in range(3):
        webhooks.record(first.id, attempt(number, succeeded=number != 2))
        webhooks.record(second.id, attempt(number))
    webhooks.remove(second.id)
    assert told == webhooks.dump()

    again = Subscriptions("1/test")
    again.replace(dict(reversed(list(told.items()))))
    assert again.dump() == webhooks.dump()
    assert again.list() == webhooks.list()
    assert again.attempts(first.id) == webhooks.attempts(first.id)
    assert again.last_success(first.id) == NOW + 1
    for key in list(again.dump()):
        again.load(key, None)
    assert again.dump() == {}


def test_a_key_is_in_no_text_form_of_a_subscription() -> None:
    assert KEY not in repr(some().list())


# Leads on their way


def submission(due: int) -> PendingLead:
    """A lead that is due then."""
    person = Person(id=0, agency=101, created_at=due, updated_at=due, role=Role.SEEKER)
    enquiry = Enquiry(
        id=0,
        agency=101,
        created_at=due,
        updated_at=due,
        contacted_at=due,
        uuid="",
        reference="",
        category=Category.AGENCY,
        intention=Intention.BUY,
        portal=None,
        seeker=0,
        message=str(due),
    )
    return PendingLead(due=due, seeker=person, enquiry=enquiry)


def test_submissions_arrive_in_the_order_in_which_they_are_due(make_client: MakeClient) -> None:
    seeker = Seeker(make_client())
    sandbox = seeker.app.sandbox
    told: dict[str, Any] = {}
    waiting = PendingLeads()

    def keep(key: str, value: Any) -> None:
        told.pop(key, None)
        if value is not None:
            told[key] = value

    waiting.on_change(keep)
    for due in (NOW + 9, NOW + 3, NOW + 6):
        waiting.add(submission(due))
    assert told == waiting.dump()
    again = PendingLeads()
    again.replace(told)
    assert again.dump() == told

    assert again.arrive(sandbox.world, sandbox.store, NOW + 2) == []
    arrived = again.arrive(sandbox.world, sandbox.store, NOW + 6)
    assert [enquiry.message for enquiry in arrived] == [str(NOW + 3), str(NOW + 6)]
    assert arrived[0].id < arrived[1].id
    assert arrived[0].uuid == arrived[0].reference != arrived[1].uuid
    assert len(again) == 1
    for key in list(again.dump()):
        again.load(key, None)
    assert len(again) == 0


# Over HTTP


@pytest.fixture
def seeker(make_client: MakeClient) -> Seeker:
    """A client over the small world."""
    return Seeker(make_client())


def subscribe(seeker: Seeker, **changes: Any) -> Any:
    """The answer of a subscription."""
    return seeker.post("/webhook/subscriptions", {"url": URL, "apiKey": KEY, **changes})


def test_a_client_lists_first_then_subscribes_then_updates_and_deletes(seeker: Seeker) -> None:
    assert seeker.get("/webhook/subscriptions").json() == {"items": []}
    made = subscribe(seeker, status="ACTIVE")
    assert made.status_code == 201
    shown = made.json()
    assert shown == {
        "subscriptionId": shown["subscriptionId"],
        "url": URL,
        "status": "ACTIVE",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
    }
    assert seeker.get("/webhook/subscriptions").json() == {"items": [shown]}

    seeker.app.sandbox.clock.advance(60)
    path = f"{BASE}/webhook/subscriptions/{shown['subscriptionId']}"
    changed = seeker.client.put(path, json={"status": "INACTIVE", "apiKey": "n", "url": "http://localhost/else"})
    assert changed.json() == {**shown, "status": "INACTIVE", "updatedAt": "2026-01-01T00:01:00Z"}
    assert seeker.app.sandbox.webhooks.list()[0].api_key == "n"
    assert seeker.client.put(path, json={}).json()["status"] == "INACTIVE"

    gone = seeker.client.delete(path)
    assert gone.status_code == 200
    assert gone.json() == {**changed.json(), "message": "Subscription deleted successfully"}
    for method, body in (("PUT", {}), ("DELETE", None)):
        again = seeker.client.request(method, path, json=body) if body is not None else seeker.client.delete(path)
        assert again.status_code == 404
    assert seeker.client.get(f"{path}/audit").status_code == 404


def test_the_audit_tells_the_newest_attempts_first(seeker: Seeker) -> None:
    id = subscribe(seeker).json()["subscriptionId"]
    empty = seeker.get(f"/webhook/subscriptions/{id}/audit").json()
    assert (empty["lastSuccessTimestamp"], empty["recentEvents"]) == (None, [])
    for number in range(12):
        seeker.app.sandbox.webhooks.record(id, attempt(number, succeeded=number != 11))
    audit = seeker.get(f"/webhook/subscriptions/{id}/audit").json()
    assert len(audit["recentEvents"]) == 10
    assert audit["lastSuccessTimestamp"] == "2026-01-01T00:00:10Z"
    assert audit["recentEvents"][0] == {
        "leadId": "lead-11",
        "timestamp": "2026-01-01T00:00:11Z",
        "status": "FAILED",
        "attempt": 1,
        "httpStatus": None,
        "reason": None,
    }
    (newest,) = seeker.get(f"/webhook/subscriptions/{id}/audit", limit=1).json()["recentEvents"]
    assert newest["leadId"] == "lead-11"


def test_a_subscription_of_another_client_is_not_there(seeker: Seeker) -> None:
    made = seeker.app.sandbox.webhooks.add("seeker", "other", URL, KEY, True, NOW)
    assert seeker.get("/webhook/subscriptions").json() == {"items": []}
    assert seeker.client.delete(f"{BASE}/webhook/subscriptions/{made.id}").status_code == 404


def test_the_fifty_first_subscription_is_refused(seeker: Seeker) -> None:
    for _ in range(MAX_SUBSCRIPTIONS):
        assert subscribe(seeker).status_code == 201
    answer = subscribe(seeker)
    assert answer.status_code == 400
    assert "50 subscriptions" in answer.json()["errors"][0]["reason"]


def test_whoever_delivers_says_which_address_is_refused(seeker: Seeker) -> None:
    seeker.app.sandbox.webhooks.refuse = lambda url: f"nothing is sent to {url}"
    answer = subscribe(seeker)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"name": "/url", "reason": f"nothing is sent to {URL}"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "ftp://localhost/"},
        {"url": "http://user@localhost/"},
        {"url": "http://localhost/\n"},
        {"url": None},
        {"apiKey": "two\r\nlines"},
        {"apiKey": ""},
        {"status": "PAUSED"},
    ],
)
def test_what_cannot_be_subscribed_is_refused(seeker: Seeker, changes: dict[str, Any]) -> None:
    assert subscribe(seeker, **changes).status_code == 400


def test_the_key_is_in_no_answer_and_not_in_the_journal(seeker: Seeker) -> None:
    answers = [subscribe(seeker), seeker.get("/webhook/subscriptions")]
    id = answers[0].json()["subscriptionId"]
    answers.append(seeker.client.put(f"{BASE}/webhook/subscriptions/{id}", json={"apiKey": KEY + "\n"}))
    answers.append(seeker.client.put(f"{BASE}/webhook/subscriptions/{id}", json={"apiKey": KEY}))
    assert all(KEY not in answer.text for answer in answers)
    entries = list(seeker.app.sandbox.journal.entries(provider="seeker"))
    assert len(entries) >= 4
    assert all(KEY not in repr(entry) for entry in entries)


def test_another_sandbox_has_other_subscriptions(seeker: Seeker) -> None:
    other = seeker.app.sandboxes.create(SandboxRequest(id="other"))
    subscribe(seeker)
    assert len(other.webhooks) == 0
    dump = seeker.app.sandbox.dump()
    seeker.app.sandbox.reset()
    assert len(seeker.app.sandbox.webhooks) == 0
    seeker.app.sandbox.restore(dump)
    assert len(seeker.app.sandbox.webhooks) == 1
