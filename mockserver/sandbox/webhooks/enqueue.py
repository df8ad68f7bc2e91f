"""Enqueuing: a new lead enters the outbox once for each subscription, in the transaction that wrote the lead."""

from mockserver.domain import Enquiry
from mockserver.sandbox.accounts import Accounts
from mockserver.sandbox.webhooks.delivery import DeliveryFaultKind
from mockserver.sandbox.webhooks.delivery_faults import DeliveryFaults
from mockserver.sandbox.webhooks.outbox import Outbox
from mockserver.sandbox.webhooks.subscriptions import Subscription, Subscriptions


def enqueue_deliveries(
    enquiry: Enquiry,
    subscriptions: Subscriptions,
    accounts: Accounts,
    delivery_faults: DeliveryFaults,
    outbox: Outbox,
    now: float,
) -> None:
    """Adds a delivery for every active subscription of an account to which the lead's agency is open."""
    for subscription in subscriptions.list():
        if subscription.active and may_see(accounts, subscription, enquiry):
            _enqueue_for(subscription, enquiry, delivery_faults, outbox, now)


def may_see(accounts: Accounts, subscription: Subscription, enquiry: Enquiry) -> bool:
    """Returns whether the subscriber is still a client, to whom the lead's agency is open."""
    account = accounts.get(subscription.provider, {}).get(subscription.user)
    return account is not None and enquiry.agency in account.agencies


def _enqueue_for(
    subscription: Subscription, enquiry: Enquiry, delivery_faults: DeliveryFaults, outbox: Outbox, now: float
) -> None:
    hits = delivery_faults.match(subscription.provider, subscription.id) if delivery_faults else []
    # In their order, each kind once.
    kinds = tuple(dict.fromkeys(fault.kind for fault in hits))
    wait = sum(fault.wait for fault in hits)
    copies = max((fault.copies for fault in hits if fault.kind is DeliveryFaultKind.DUPLICATE), default=1)
    for _ in range(copies):
        outbox.add(subscription.id, enquiry.id, now, faults=kinds, wait=wait)
