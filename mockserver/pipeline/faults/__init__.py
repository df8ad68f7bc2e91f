"""Faults at work on a call: the one that matched it acts before, in place of and after the handler, and sends."""

from typing import TYPE_CHECKING

from mockserver.foundation.lazy_exports import lazy_exports
from mockserver.pipeline.faults.no_fault import NO_FAULT, NoFault

if TYPE_CHECKING:
    from mockserver.pipeline.faults.matched import MatchedFault

__all__ = ["NO_FAULT", "MatchedFault", "NoFault"]

__getattr__ = lazy_exports(__name__, {"MatchedFault": "matched"})
