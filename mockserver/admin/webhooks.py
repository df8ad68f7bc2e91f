"""Webhooks of a sandbox: who subscribed, what became of each delivery, and what is to go wrong with the next ones."""

from typing import Annotated, Any

from pydantic import Field

from mockserver.admin.context import Context
from mockserver.admin.schemas import Form
from mockserver.foundation.problems import Problem, not_found
from mockserver.sandbox.changes import fail_deliveries
from mockserver.sandbox.webhooks import ActiveDeliveryFault, DeliveryFault, TooManyDeliveryFaults, state

_PATIENCE = 20.0
"""Real seconds after which a flush answers, whatever receivers do; a client of ours waits a little longer."""


class DeliveryFaultForm(DeliveryFault):
    """A delivery fault that is in place, and what became of it."""

    id: str
    """`w1`, `w2`…"""
    seen: int
    """How many deliveries it could have befallen."""
    fired: int
    """How many it befell."""
    spent: bool
    """Whether it has befallen as many as it was to."""


class DeliveryFaultList(Form):
    """The delivery faults of a sandbox, oldest first; all that fit a delivery befall it."""

    delivery_faults: list[DeliveryFaultForm]


class Flushed(Form):
    """What a flush did."""

    attempts: Annotated[int, Field(ge=0)]
    """How many attempts were made."""


def get_webhooks(context: Context) -> Any:
    """Show the subscriptions of a sandbox, and what became of their deliveries; keys are not shown"""
    return state(context.sandbox.webhooks, context.sandbox.outbox)


async def flush_webhooks(context: Context) -> Any:
    """Attempt the deliveries that are due now, and answer when that is done"""
    return {"attempts": await context.server.dispatcher.flush(context.sandbox, _PATIENCE)}


def list_delivery_faults(context: Context) -> Any:
    """List the delivery faults of a sandbox"""
    return {"delivery_faults": [_shown(placed) for placed in context.sandbox.delivery_faults.list()]}


def add_delivery_fault(context: Context, body: DeliveryFault) -> Any:
    """Make deliveries to come go wrong on purpose"""
    try:
        return _shown(fail_deliveries(context.sandbox, body))
    except TooManyDeliveryFaults as error:
        raise Problem(409, "too_many_delivery_faults", str(error)) from None


def clear_delivery_faults(context: Context) -> Any:
    """Take all delivery faults of a sandbox away"""
    context.sandbox.delivery_faults.clear()


def get_delivery_fault(context: Context) -> Any:
    """Show a delivery fault, and how often it befell a delivery"""
    placed = context.sandbox.delivery_faults.get(context.params["delivery_fault"])
    if placed is None:
        raise _no_such(context)
    return _shown(placed)


def remove_delivery_fault(context: Context) -> Any:
    """Take a delivery fault away"""
    if not context.sandbox.delivery_faults.remove(context.params["delivery_fault"]):
        raise _no_such(context)


def _shown(placed: ActiveDeliveryFault) -> dict[str, Any]:
    wanted = placed.fault
    return {
        **wanted.model_dump(mode="json"),
        "id": placed.id,
        "seen": placed.seen,
        "fired": placed.fired,
        "spent": wanted.times is not None and placed.fired >= wanted.times,
    }


def _no_such(context: Context) -> Problem:
    known = ", ".join(placed.id for placed in context.sandbox.delivery_faults.list()) or "none"
    return not_found(
        f"There is no delivery fault {context.params['delivery_fault']!r} in this sandbox; there is {known}."
    )
