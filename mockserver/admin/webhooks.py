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
    """A misdelivery that is in place, and what became of it."""

    id: str
    """`w1`, `w2`…"""
    seen: int
    """The number of deliveries that it matched."""
    fired: int
    """The number of deliveries that it hit."""
    spent: bool
    """Whether it has hit as many as it was to."""


class DeliveryFaultList(Schema):
    """The misdeliveries of a sandbox, oldest first; all that match a delivery hit it."""

    misdeliveries: list[ActiveDeliveryFaultSchema]


class Flushed(Schema):
    """The result of a flush."""

    attempts: Annotated[int, Field(ge=0)]
    """The number of attempts that were made."""


def get_webhooks(context: Context) -> Any:
    """Show the subscriptions of a sandbox, and what became of their deliveries; keys are not shown"""
    return state(context.sandbox.webhooks, context.sandbox.outbox)


async def flush_webhooks(context: Context) -> Any:
    """Attempt the deliveries that are due now, and answer when that is done"""
    return {"attempts": await context.services.dispatcher.flush(context.sandbox, _PATIENCE)}


def list_misdeliveries(context: Context) -> Any:
    """List the misdeliveries of a sandbox"""
    return {"misdeliveries": [_describe(active) for active in context.sandbox.misdeliveries.list()]}


def add_misdelivery(context: Context, body: DeliveryFault) -> Any:
    """Make deliveries to come go wrong on purpose"""
    try:
        return _describe(fail_deliveries(context.sandbox, body))
    except TooManyDeliveryFaults as error:
        raise Problem(409, "too_many_misdeliveries", str(error)) from None


def clear_misdeliveries(context: Context) -> Any:
    """Take all misdeliveries of a sandbox away"""
    context.sandbox.misdeliveries.clear()


def get_misdelivery(context: Context) -> Any:
    """Show a misdelivery, and how often it hit a delivery"""
    active = context.sandbox.misdeliveries.get(context.params["misdelivery"])
    if active is None:
        raise _no_such(context)
    return _describe(active)


def remove_misdelivery(context: Context) -> Any:
    """Take a misdelivery away"""
    if not context.sandbox.misdeliveries.remove(context.params["misdelivery"]):
        raise _no_such(context)


def _describe(active: ActiveDeliveryFault) -> dict[str, Any]:
    fault = active.misdelivery
    return {
        **fault.model_dump(mode="json"),
        "id": active.id,
        "seen": active.seen,
        "fired": active.fired,
        "spent": fault.times is not None and active.fired >= fault.times,
    }


def _no_such(context: Context) -> Problem:
    names = ", ".join(active.id for active in context.sandbox.misdeliveries.list()) or "none"
    return not_found(f"There is no misdelivery {context.params['misdelivery']!r} in this sandbox; there is {names}.")
