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
    """A misdelivery that is in place, and what became of it."""

    id: str
    """`w1`, `w2`…"""
    seen: int
    """How many deliveries it could have befallen."""
    fired: int
    """How many it befell."""
    spent: bool
    """Whether it has befallen as many as it was to."""


class DeliveryFaultList(Form):
    """The misdeliveries of a sandbox, oldest first; all that fit a delivery befall it."""

    misdeliveries: list[DeliveryFaultForm]


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


def list_misdeliveries(context: Context) -> Any:
    """List the misdeliveries of a sandbox"""
    return {"misdeliveries": [_shown(placed) for placed in context.sandbox.misdeliveries.list()]}


def add_misdelivery(context: Context, body: DeliveryFault) -> Any:
    """Make deliveries to come go wrong on purpose"""
    try:
        return _shown(fail_deliveries(context.sandbox, body))
    except TooManyDeliveryFaults as error:
        raise Problem(409, "too_many_misdeliveries", str(error)) from None


def clear_misdeliveries(context: Context) -> Any:
    """Take all misdeliveries of a sandbox away"""
    context.sandbox.misdeliveries.clear()


def get_misdelivery(context: Context) -> Any:
    """Show a misdelivery, and how often it befell a delivery"""
    placed = context.sandbox.misdeliveries.get(context.params["misdelivery"])
    if placed is None:
        raise _no_such(context)
    return _shown(placed)


def remove_misdelivery(context: Context) -> Any:
    """Take a misdelivery away"""
    if not context.sandbox.misdeliveries.remove(context.params["misdelivery"]):
        raise _no_such(context)


def _shown(placed: ActiveDeliveryFault) -> dict[str, Any]:
    wanted = placed.misdelivery
    return {
        **wanted.model_dump(mode="json"),
        "id": placed.id,
        "seen": placed.seen,
        "fired": placed.fired,
        "spent": wanted.times is not None and placed.fired >= wanted.times,
    }


def _no_such(context: Context) -> Problem:
    known = ", ".join(placed.id for placed in context.sandbox.misdeliveries.list()) or "none"
    return not_found(f"There is no misdelivery {context.params['misdelivery']!r} in this sandbox; there is {known}.")
