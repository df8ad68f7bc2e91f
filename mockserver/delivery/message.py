"""The request of one attempt is built from the lead as it is at that moment."""

import logging
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from mockserver.contract.checks import violations
from mockserver.domain import Enquiry, Kind
from mockserver.foundation.dataclass import dataclass
from mockserver.provider_api.call import JSON
from mockserver.provider_api.provider import Provider
from mockserver.provider_api.retention import is_unexpired
from mockserver.provider_api.view_context import ViewContext
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import Delivery, DeliveryFaultKind, Subscription, may_see

log = logging.getLogger("mockserver.webhooks")


class NothingToDeliver(Exception):
    """A delivery has no lead, no receiver, or nothing that its receiver may see; the message says which."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """The HTTP request of one attempt to deliver a webhook."""

    delivery: Delivery
    """The delivery as it was claimed for this attempt."""
    provider: str
    at: float
    """The moment at which the attempt began, on the virtual clock."""
    lead: str
    """The lead's id at the provider."""
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def resolve_target(sandbox: Sandbox, delivery: Delivery) -> tuple[Subscription, Enquiry]:
    """Returns the subscription of a delivery and its lead. Raises NothingToDeliver."""
    subscription = sandbox.webhooks.get(delivery.subscription)
    if subscription is None:
        raise NothingToDeliver("the subscription was deleted")
    enquiry = sandbox.store.get(Kind.ENQUIRY, delivery.enquiry)
    if not is_unexpired(enquiry, sandbox.clock.now()):
        raise NothingToDeliver("the lead is gone")
    if not may_see(sandbox.accounts, subscription, enquiry):
        raise NothingToDeliver("the agency is not open to who subscribed any more")
    return subscription, enquiry


def build_request(
    sandbox: Sandbox,
    provider: Provider,
    subscription: Subscription,
    enquiry: Enquiry,
    delivery: Delivery,
    key_header: str,
) -> WebhookRequest:
    """Builds the request. Raises NothingToDeliver, and ValueError when the lead breaks the contract."""
    view = provider.webhook
    if view is None:
        raise NothingToDeliver(f"{provider.name} has no webhooks")
    account = sandbox.accounts[provider.name][subscription.user]
    context = ViewContext.of(sandbox, provider.contract, account=account)
    value = view.body(enquiry, context)
    if value is None:
        raise NothingToDeliver("the lead is not shown to who subscribed")
    if DeliveryFaultKind.UNKNOWN_CATEGORY in delivery.faults:
        value = view.with_unknown_category(value)
    else:
        _check(provider, value)
    body = orjson.dumps(value)
    key = subscription.api_key
    if key is not None and DeliveryFaultKind.WRONG_KEY in delivery.faults and delivery.attempts == 1:
        key = _wrong_key(key)
    headers = [("content-type", JSON), *([] if key is None else [(key_header, key)]), *view.headers(body, key, context)]
    return WebhookRequest(
        delivery=delivery,
        provider=provider.name,
        at=sandbox.clock.time(),
        lead=str(provider.lead_id(enquiry)),
        url=subscription.url,
        headers=tuple(headers),
        body=body,
    )


def _check(provider: Provider, value: Mapping[str, Any]) -> None:
    assert provider.webhook is not None
    (schema,) = provider.contract.webhooks[provider.webhook.operation].media.values()
    if wrong := violations(schema, value, "reply"):
        log.error("%s would tell out of contract: %s", provider.name, [violation.as_dict() for violation in wrong])
        raise ValueError("the lead breaks the contract; the log of the mock server says how")


def _wrong_key(key: str) -> str:
    """Returns another key of the same length."""
    digest = blake2b(key.encode()).hexdigest()
    other = (digest * (len(key) // len(digest) + 1))[: len(key)]
    return other if other != key else "x" * (len(key) + 1)
