"""Flow control of a connection that has read more than it can answer at the moment."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl


class HeldFlow(FlowControl):
    """uvicorn's flow control; while it is held, nothing of what would let the client send more does so."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.is_held = False
        """True between `hold` and `release`."""
        self._more_is_wanted = False
        """Whether an application has asked for more of its body meanwhile."""

    def hold(self) -> None:
        """Reads no more until `release`."""
        self.is_held = True
        self.pause_reading()

    def release(self) -> None:
        """Lets `resume_reading` do as it says again, and does what it was told meanwhile."""
        self.is_held = False
        if self._more_is_wanted:
            self.resume_reading()

    def pause_reading(self) -> None:
        """Reads no more."""
        self._more_is_wanted = False
        super().pause_reading()

    def resume_reading(self) -> None:
        """Reads on; while it is held, once it is released."""
        self._more_is_wanted = self.is_held
        if not self.is_held:
            super().resume_reading()
