"""Webhooks of a sandbox: its subscriptions and their deliveries, and faults of the deliveries to come."""

from typing import Annotated, Any

from pydantic import Field

from mockserver.admin.context import Context
from mockserver.admin.schemas import Schema
from mockserver.foundation.problems import Problem, not_found
from mockserver.sandbox.changes import fail_deliveries
from mockserver.sandbox.webhooks import ActiveDeliveryFault, DeliveryFault, TooManyDeliveryFaults, state

_PATIENCE = 20.0
"""Real seconds after which a flush answers, whatever receivers do; a client of ours waits a little longer."""


class ActiveDeliveryFaultSchema(DeliveryFault):
    """A delivery fault that is in place, and what became of it."""

    id: str
    """`w1`, `w2`…"""
    seen: int
    """The number of deliveries that it matched."""
    fired: int
    """The number of deliveries that it hit."""
    exhausted: bool
    """Whether it has hit as many as it was to."""


class DeliveryFaultListSchema(Schema):
    """The delivery faults of a sandbox, oldest first; all that match a delivery hit it."""

    delivery_faults: list[ActiveDeliveryFaultSchema]


class FlushSchema(Schema):
    """The result of a flush."""

    attempts: Annotated[int, Field(ge=0)]
    """The number of attempts that were made."""


def get_webhooks(context: Context) -> Any:
    """Show the subscriptions of a sandbox, and what became of their deliveries; keys are not shown"""
    return state(context.sandbox.webhooks, context.sandbox.outbox)


async def flush_webhooks(context: Context) -> Any:
    """Attempt the deliveries that are due now, and answer when that is done"""
    return {"attempts": await context.services.dispatcher.flush(context.sandbox, _PATIENCE)}


def list_delivery_faults(context: Context) -> Any:
    """List the delivery faults of a sandbox"""
    return {"delivery_faults": [_describe(active) for active in context.sandbox.delivery_faults.list()]}


def add_delivery_fault(context: Context, body: DeliveryFault) -> Any:
    """Make deliveries to come go wrong on purpose"""
    try:
        return _describe(fail_deliveries(context.sandbox, body))
    except TooManyDeliveryFaults as error:
        raise Problem(409, "too_many_delivery_faults", str(error)) from None


def clear_delivery_faults(context: Context) -> Any:
    """Take all delivery faults of a sandbox away"""
    context.sandbox.delivery_faults.clear()


def get_delivery_fault(context: Context) -> Any:
    """Show a delivery fault, and how often it hit a delivery"""
    active = context.sandbox.delivery_faults.get(context.params["delivery_fault"])
    if active is None:
        raise _no_such(context)
    return _describe(active)


def remove_delivery_fault(context: Context) -> Any:
    """Take a delivery fault away"""
    if not context.sandbox.delivery_faults.remove(context.params["delivery_fault"]):
        raise _no_such(context)


def _describe(active: ActiveDeliveryFault) -> dict[str, Any]:
    fault = active.fault
    return {
        **fault.model_dump(mode="json"),
        "id": active.id,
        "seen": active.seen,
        "fired": active.fired,
        "exhausted": fault.times is not None and active.fired >= fault.times,
    }


def _no_such(context: Context) -> Problem:
    names = ", ".join(active.id for active in context.sandbox.delivery_faults.list()) or "none"
    return not_found(
        f"There is no delivery fault {context.params['delivery_fault']!r} in this sandbox; there is {names}."
    )
