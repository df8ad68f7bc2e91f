"""Subscriptions to new leads are visible to the client alone that made them (dossier seeker §2.4 to §2.8)."""

from datetime import UTC, datetime
from typing import Any

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import Problem, Violation, invalid
from mockserver.provider_api.call import Call, Reply
from mockserver.provider_api.problem_details import no_resource
from mockserver.sandbox.webhooks import DeliveryAttempt, Subscription, TooManySubscriptions


def create_subscription(call: Call) -> Reply:
    """Makes a subscription. The guard of webhooks says which addresses may be subscribed."""
    body, webhooks = call.body, call.sandbox.webhooks
    url: str = body["url"]
    if why := webhooks.refuse(url):
        raise invalid([Violation("body", "/url", "address", why)])
    if call.variant("duplicate-subscription") == "refused" and any(other.url == url for other in _of_client(call)):
        raise Problem(409, "conflict", "There is a subscription of this address already; update or delete it.")
    user, active = _user(call), body.get("status", "ACTIVE") == "ACTIVE"
    try:
        made = webhooks.add("seeker", user, url, body["apiKey"], active, call.now)
    except TooManySubscriptions as error:
        raise invalid([Violation("body", "", "maximum", str(error))]) from None
    return Reply(_summary(made), 201 if call.variant("subscription-status") == "created" else 200)


def list_subscriptions(call: Call) -> Reply:
    """Lists the client's subscriptions, oldest first."""
    return Reply({"items": [_summary(subscription) for subscription in _of_client(call)]})


def update_subscription(call: Call) -> Reply:
    """Changes key and status; the address stays."""
    changes: dict[str, Any] = {}
    if "apiKey" in call.body:
        changes["api_key"] = call.body["apiKey"]
    if "status" in call.body:
        changes["active"] = call.body["status"] == "ACTIVE"
    return Reply(_summary(call.sandbox.webhooks.update(_find(call).id, call.now, **changes)))


def delete_subscription(call: Call) -> Reply:
    """Deletes it and answers with its last state and a sentence."""
    gone = _find(call)
    call.sandbox.webhooks.remove(gone.id)
    return Reply({**_summary(gone), "message": "Subscription deleted successfully"})


def subscription_audit_by_id(call: Call) -> Reply:
    """Lists the newest attempts to deliver, newest first."""
    subscription, webhooks = _find(call), call.sandbox.webhooks
    succeeded = webhooks.last_success(subscription.id)
    events = webhooks.attempts(subscription.id)[: call.params["limit"]]
    return Reply(
        {
            **_summary(subscription),
            "lastSuccessTimestamp": None if succeeded is None else _iso(succeeded),
            "recentEvents": [_event(attempt) for attempt in events],
        }
    )


def _event(attempt: DeliveryAttempt) -> dict[str, Any]:
    return {
        "leadId": attempt.lead,
        "timestamp": _iso(attempt.at),
        "status": "DELIVERED" if attempt.succeeded else "FAILED",
        "attempt": attempt.turn,
        "httpStatus": attempt.status,
        "reason": attempt.reason,
    }


def _summary(subscription: Subscription) -> dict[str, Any]:
    return {
        "subscriptionId": subscription.id,
        "url": subscription.url,
        "status": "ACTIVE" if subscription.active else "INACTIVE",
        "createdAt": _iso(subscription.created_at),
        "updatedAt": _iso(subscription.updated_at),
    }


def _of_client(call: Call) -> list[Subscription]:
    return list(call.sandbox.webhooks.list("seeker", _user(call)))


def _find(call: Call) -> Subscription:
    id = call.params["id"]
    subscription = call.sandbox.webhooks.get(id)
    if subscription is None or (subscription.provider, subscription.user) != ("seeker", _user(call)):
        raise no_resource(id)
    return subscription


def _user(call: Call) -> str:
    return call.authenticated_account.user


def _iso(moment: Epoch) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
