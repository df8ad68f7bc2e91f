"""Faults of a sandbox: placing them, seeing what became of them, taking them away."""

from typing import Any

from mockserver.admin.context import Context
from mockserver.admin.schemas import Schema
from mockserver.foundation.moments import IsoMomentText
from mockserver.foundation.problems import Problem, not_found
from mockserver.sandbox.faults import Fault, FaultRefused, check_names


class ActiveFaultSchema(Fault):
    """A fault that is in place, and what became of it."""

    id: str
    seen: int
    """The number of calls that it matched."""
    fired: int
    """The number of calls that it hit."""
    exhausted: bool
    """Whether it hits no more, as things stand."""
    until: IsoMomentText | None = None


class FaultListSchema(Schema):
    """The faults of a sandbox, oldest first; of several that match a call the oldest hits it."""

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
    return {"faults": [active.as_dict() for active in context.sandbox.faults.list()]}


def get_fault(context: Context) -> Any:
    """Show a fault, and how often it has hit a call"""
    active = context.sandbox.faults.get(context.params["fault"])
    if active is None:
        raise _no_such_fault(context)
    return active.as_dict()


def remove_fault(context: Context) -> Any:
    """Take a fault away"""
    if not context.sandbox.faults.remove(context.params["fault"]):
        raise _no_such_fault(context)


def clear_faults(context: Context) -> Any:
    """Take all faults of a sandbox away"""
    context.sandbox.faults.clear()


def _no_such_fault(context: Context) -> Problem:
    active = ", ".join(fault.id for fault in context.sandbox.faults.list()) or "none"
    return not_found(f"There is no fault {context.params['fault']!r} in this sandbox; there is {active}.")
