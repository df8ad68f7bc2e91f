"""An HTTP exchange: the frozen facts of a request, and the fault that sends its response, if one matched it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mockserver.foundation.authorization import Authorization, read_authorization
from mockserver.foundation.problems import Problem
from mockserver.pipeline.faults import NO_FAULT, NoFault

if TYPE_CHECKING:
    from mockserver.pipeline.faults import MatchedFault


class Exchange:
    """The frozen facts of a request to one provider. Only its result is set later, once, by the pipeline."""

    __slots__ = (
        *("_authorization", "base_url", "body", "body_error", "fault", "headers", "method", "query"),
        *("raw_headers", "raw_path", "sandbox_id", "server"),
    )

    def __init__(
        self,
        method: str,
        raw_path: str,
        query: bytes,
        raw_headers: Sequence[tuple[bytes, bytes]],
        headers: Mapping[bytes, bytes],
        base_url: str,
        body: bytes = b"",
        body_error: Problem | None = None,
        sandbox_id: str | None = None,
        server: tuple[str, int | None] | None = None,
    ) -> None:
        self.method: Final = method
        self.raw_path: Final = raw_path
        """The path below the provider's address, percent-encoded as it came."""
        self.query: Final = query
        self.raw_headers: Final = raw_headers
        """All headers, as they came."""
        self.headers: Final = headers
        """The first value of each header, by its name in lower case."""
        self.base_url: Final = base_url
        """The address of the provider as the client knows it, without a slash at the end."""
        self.body: Final = body
        self.body_error: Final = body_error
        """The reason why the body could not be read; raised only after authentication, so that a 401 wins."""
        self.sandbox_id: Final = sandbox_id
        """The sandbox that the path names, if it names one."""
        self.server: Final = server
        """The host and the port that the server is bound to, if they are known."""
        self.fault: MatchedFault | NoFault = NO_FAULT
        """The result beside the response: it says how the response is sent."""
        self._authorization: Authorization | None = None

    @property
    def authorization(self) -> Authorization:
        """The Authorization header, taken apart when it is first asked for."""
        if self._authorization is None:
            value = self.headers.get(b"authorization")
            self._authorization = read_authorization(None if value is None else value.decode("latin-1"))
        return self._authorization

    def set_fault(self, fault: "MatchedFault | NoFault") -> None:
        """Takes the fault that matched the request, or none after all."""
        self.fault = fault
