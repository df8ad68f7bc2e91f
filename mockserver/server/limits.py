"""Bounds of what a client may send before it is answered, in bytes and in seconds, and of the number of clients."""

import logging
import sys

from mockserver.foundation.clock import stopwatch
from mockserver.foundation.dataclass import dataclass

log = logging.getLogger("mockserver.server")

_RESERVE = 64
"""Descriptors that connections of clients leave to the store, to webhooks and to files."""
_LOG_INTERVAL = 60.0
"""Seconds between two log lines that say the same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a connection. Time that the server takes, for a held answer or a stream, counts for no client."""

    head: float = 20.0
    """Seconds in which a request line and headers must come, from their first byte."""
    body: float = 60.0
    """Seconds in which a body must come that is slower than `rate`."""
    rate: int = 1024
    """Bytes a second with which a body may take longer than `body`."""
    idle: float = 75.0
    """Seconds without a request after which a connection is closed."""
    unread: float = 60.0
    """Seconds after which a connection is aborted whose client reads nothing of its answer."""
    linger: float = 2.0
    """Seconds in which a refused client may read the refusal, and what it goes on sending is thrown away."""
    farewell: float = 3.0
    """Seconds in which a body that is under way may still come when the server stops."""
    target: int = 65_535
    """Most bytes of the target of a request line; the parser has no longer ones."""
    head_bytes: int = 512 * 1024
    """About the most bytes of a request line and headers."""
    pipelined: int = 256
    """Most requests of a connection that wait for the responses to those before them."""
    headers: int = 1000
    """Most headers of a request."""
    framing: int = 64 * 1024
    """Most bytes around a body in chunks (extensions and trailers), beside `chunk` for each chunk."""
    chunk: int = 16
    """Bytes around a chunk that are no extension."""

    @property
    def shortest(self) -> float:
        """The shortest of the periods that are watched while a connection is open."""
        return min(self.head, self.body, self.idle, self.unread)


class ConnectionLimit:
    """Keeps the connections of one server below the limit of descriptors, and says so in the log once a minute."""

    def __init__(self, most: int | None = None) -> None:
        """`most` connections are served at once; by default as many as this process has descriptors for."""
        self._most = affordable_connections() if most is None else most
        self._logged: float | None = None
        self._refused = 0

    def refuses(self, count: int) -> bool:
        """Tells whether the newest of `count` connections is one too many."""
        if self._most is None or count <= self._most:
            return False
        self._refused += 1
        now = stopwatch()
        if self._logged is None or now - self._logged >= _LOG_INTERVAL:
            log.warning(
                "%d connections are open, the most that the limit of open files allows (`ulimit -n` raises it); "
                "%d were refused since this was last said",
                self._most,
                self._refused,
            )
            self._logged, self._refused = now, 0
        return True


def affordable_connections() -> int | None:
    """Returns how many connections the limit of open files allows, or None where there is no such limit."""
    if sys.platform == "win32":
        return None
    from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit

    soft, _ = getrlimit(RLIMIT_NOFILE)
    return None if soft == RLIM_INFINITY else max(soft - _RESERVE, soft // 2)
