"""One deliberate misbehaviour, as it is asked for."""

from mockserver.domain import Frozen


class Fault(Frozen):
    """See the module."""

    kind: str
