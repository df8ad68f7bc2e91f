"""Flow control of a connection that has read more than it can answer at the moment."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl


class HeldFlow(FlowControl):
    """uvicorn's flow control; while it is held, nothing of what would let the client send more does so."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.is_held = False
        """True between `hold` and `release`."""

    def hold(self) -> None:
        """Reads no more until `release`."""
        self.is_held = True
        self.pause_reading()

    def release(self) -> None:
        """Lets `resume_reading` do as it says again."""
        self.is_held = False

    def resume_reading(self) -> None:
        """Reads on, unless it is held."""
        if not self.is_held:
            super().resume_reading()
