"""Deliberate misbehaviour: which there is, when it strikes, and what it does to an answer."""

from mockserver.sandbox.faults.hit import FaultHit, SendPlan
from mockserver.sandbox.faults.model import Fault
from mockserver.sandbox.faults.model import Kind as FaultKind
from mockserver.sandbox.faults.registry import ActiveFault, FaultRefused, FaultRegistry, check_names

__all__ = ["ActiveFault", "Fault", "FaultHit", "FaultKind", "FaultRefused", "FaultRegistry", "SendPlan", "check_names"]
