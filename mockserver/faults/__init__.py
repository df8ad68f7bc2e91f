"""Deliberate misbehaviour: which there is, when it strikes, and what it does to an answer."""

from mockserver.faults.book import FaultBook
from mockserver.faults.model import Fault

__all__ = ["Fault", "FaultBook"]
