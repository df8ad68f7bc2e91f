"""Deliberate misbehaviour: the table of its kinds, their effects, the faults of a sandbox and the calls that they match."""

from mockserver.sandbox.faults.hit import FaultHit, SendPlan
from mockserver.sandbox.faults.kind import ClientMeets, FaultKind
from mockserver.sandbox.faults.kinds import FAULT_KINDS, kinds_that_test
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
]
