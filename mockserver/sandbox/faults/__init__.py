"""Deliberate misbehaviour: the kinds of faults, their effects, and the faults of a sandbox."""

from typing import TYPE_CHECKING

from mockserver.foundation.lazy_exports import lazy_exports

if TYPE_CHECKING:
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

_MODULES = {
    "ActiveFault": "registry",
    "ClientMeets": "kind",
    "FAULT_KINDS": "kinds",
    "Fault": "model",
    "FaultHit": "hit",
    "FaultKind": "kind",
    "FaultRefused": "registry",
    "FaultRegistry": "registry",
    "SendPlan": "hit",
    "check_names": "registry",
    "kinds_that_test": "kinds",
    "strange_kinds": "kinds",
}

__getattr__ = lazy_exports(__name__, _MODULES)
