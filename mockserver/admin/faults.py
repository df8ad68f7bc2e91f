"""Faults of a sandbox: placing them, seeing what became of them, taking them away."""

from typing import Any

from mockserver.admin.context import Context
from mockserver.admin.schemas import Form, ShownMoment
from mockserver.foundation.problems import Problem, not_found
from mockserver.sandbox.faults import Fault, FaultRefused, check_names


class ActiveFaultSchema(Fault):
    """A fault that is in place, and what became of it."""

    id: str
    seen: int
    """How many calls it could have struck."""
    fired: int
    """How many it struck."""
    spent: bool
    """Whether it strikes no more, as things stand."""
    until: ShownMoment | None = None


class FaultList(Form):
    """The faults of a sandbox, oldest first; of several that fit a call the oldest strikes."""

    faults: list[ActiveFaultSchema]


def add_fault(context: Context, body: Fault) -> Any:
    """Place a fault in a sandbox"""
    check_names(body, context.operations)
    try:
        return context.sandbox.faults.add(body).as_dict()
    except FaultRefused as error:
        raise Problem(409, "too_many_faults", str(error)) from None


def list_faults(context: Context) -> Any:
    """List the faults of a sandbox"""
    return {"faults": [placed.as_dict() for placed in context.sandbox.faults.list()]}


def get_fault(context: Context) -> Any:
    """Show a fault, and how often it has struck"""
    placed = context.sandbox.faults.get(context.params["fault"])
    if placed is None:
        raise _no_such_fault(context)
    return placed.as_dict()


def remove_fault(context: Context) -> Any:
    """Take a fault away"""
    if not context.sandbox.faults.remove(context.params["fault"]):
        raise _no_such_fault(context)


def clear_faults(context: Context) -> Any:
    """Take all faults of a sandbox away"""
    context.sandbox.faults.clear()


def _no_such_fault(context: Context) -> Problem:
    known = ", ".join(placed.id for placed in context.sandbox.faults.list()) or "none"
    return not_found(f"There is no fault {context.params['fault']!r} in this sandbox; there is {known}.")
