"""Deliberate misbehaviour: the kinds of faults, their effects, and the faults of a sandbox."""

from mockserver.sandbox.faults.hit import FaultHit, SendPlan
from mockserver.sandbox.faults.kind import ClientMeets, FaultKind
from mockserver.sandbox.faults.kinds import FAULT_KINDS, kinds_that_test, strange_kinds
from mockserver.sandbox.faults.model import Fault
from mockserver.sandbox.faults.registry import ActiveFault, FaultRefused, FaultRegistry, check_names

__all__ = [
    "FAULT_KINDS",
    "ActiveFault",
    "ClientMeets",
    "Fault",
    "FaultHit",
    "FaultKind",
    "FaultRefused",
    "FaultRegistry",
    "SendPlan",
    "check_names",
    "kinds_that_test",
    "strange_kinds",
]
