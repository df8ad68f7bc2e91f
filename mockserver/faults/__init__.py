"""Deliberate misbehaviour: which there is, when it strikes, and what it does to an answer."""

from mockserver.faults.book import FaultBook, FaultRefused, Placed, check_names
from mockserver.faults.model import Fault
from mockserver.faults.model import Kind as FaultKind
from mockserver.faults.strike import Delivery, Strike

__all__ = ["Delivery", "Fault", "FaultBook", "FaultKind", "FaultRefused", "Placed", "Strike", "check_names"]
