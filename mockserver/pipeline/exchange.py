"""An HTTP exchange: the frozen facts of a request, and the fault that sends its response, if one matched it."""

from typing import TYPE_CHECKING, Final

from mockserver.foundation.problems import Problem
from mockserver.foundation.request_head import RequestHead
from mockserver.pipeline.faults import NO_FAULT, NoFault

if TYPE_CHECKING:
    from mockserver.pipeline.faults import MatchedFault


class Exchange:
    """The frozen facts of a request to one provider. Only its result is set later, once, by the pipeline."""

    __slots__ = ("body", "body_error", "fault", "head")

    def __init__(self, head: RequestHead, body: bytes = b"", body_error: Problem | None = None) -> None:
        self.head: Final = head
        """All of the request but its body."""
        self.body: Final = body
        self.body_error: Final = body_error
        """The reason why the body could not be read; raised only after authentication, so that a 401 wins."""
        self.fault: MatchedFault | NoFault = NO_FAULT
        """The result beside the response: it says how the response is sent."""

    def set_fault(self, fault: "MatchedFault | NoFault") -> None:
        """Takes the fault that matched the request, or none after all."""
        self.fault = fault
