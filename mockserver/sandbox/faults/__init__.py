"""Deliberate misbehaviour: which there is, when it strikes, and what it does to an answer."""

from mockserver.sandbox.faults.hit import Delivery, Strike
from mockserver.sandbox.faults.model import Fault
from mockserver.sandbox.faults.model import Kind as FaultKind
from mockserver.sandbox.faults.registry import FaultBook, FaultRefused, Placed, check_names

__all__ = ["Delivery", "Fault", "FaultBook", "FaultKind", "FaultRefused", "Placed", "Strike", "check_names"]
