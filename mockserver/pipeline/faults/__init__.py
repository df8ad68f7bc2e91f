"""Faults at work on a call: the one that matched it acts before, in place of and after the handler, and sends."""

from mockserver.pipeline.faults.matched import NO_FAULT, MatchedFault, NoFault

__all__ = ["NO_FAULT", "MatchedFault", "NoFault"]
