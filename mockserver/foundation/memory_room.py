"""The room that what sandboxes keep has in the memory of the process; without any left, nothing more is kept."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from mockserver.foundation.problems import Problem


class MemoryFull(Problem, ValueError):
    """The memory has no room for more. Nothing was changed."""

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        detail = (
            f"The sandboxes take about {limit >> 20} MiB, the most that this server gives them: nothing more is kept. "
            "Delete sandboxes, reset some, clear their journals, or start it with a higher --memory-limit."
        )
        super().__init__(503, "unavailable", detail)


class MemoryRoom(Protocol):
    """The room of all sandboxes together."""

    is_full: bool
    """Whether nothing more is kept. It changes only where `look` is called, so that no call is refused half done."""
    has_news: bool
    """Whether `look` may find something else than the last time."""
    limit: int
    """Bytes."""

    def note(self, weight: int) -> None:
        """Counts bytes that are kept from now on."""

    def look(self) -> None:
        """Sees whether there is room left. It is called where a call begins."""

    def check(self, weight: int) -> None:
        """Raises MemoryFull where so many bytes do not fit any more."""

    def overdrawn(self) -> AbstractContextManager[None]:
        """Lets what was accepted before be kept, although there may be no room left."""


class UnlimitedRoom:
    """The `MemoryRoom` of what belongs to no server."""

    is_full = False
    has_news = False
    limit = 0

    def note(self, weight: int) -> None:
        pass

    def look(self) -> None:
        pass

    def check(self, weight: int) -> None:
        pass

    def overdrawn(self) -> AbstractContextManager[None]:
        return nullcontext()


UNLIMITED_ROOM = UnlimitedRoom()
