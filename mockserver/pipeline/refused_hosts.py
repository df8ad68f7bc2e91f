"""Calls to hosts that are not answered here: they are refused, counted by host, and in the journal."""

from collections.abc import Sequence

from mockserver.foundation.asgi import first_values
from mockserver.foundation.clock import real_time
from mockserver.foundation.problems import Problem
from mockserver.foundation.redaction import loggable
from mockserver.foundation.request_head import RequestHead
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import SandboxGone

REFUSED = 403
"""The status of these calls; none that has no provider for another reason has it."""
_MAX_HOSTS = 200
"""The most hosts that are counted one by one."""
OTHERS = "…"
"""The name under which the calls to all further hosts are counted."""
_LONGEST = 261
"""The length of the longest name of a host with the longest port."""


class RefusedHosts:
    """Counts the calls that a client meant for other hosts: a test must never reach them by accident."""

    def __init__(self, sandboxes: SandboxRegistry) -> None:
        self._sandboxes = sandboxes
        self.counts: dict[str, int] = {}
        """The number of refused calls by host, with its port where the client named one."""

    def refuse(
        self, method: str, host: str, sandbox_id: str | None = None, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> str:
        """Notes one call, and returns the sentence with which it is refused."""
        host = loggable(host[:_LONGEST])
        if host not in self.counts and len(self.counts) >= _MAX_HOSTS:
            self.counts[OTHERS] = self.counts.get(OTHERS, 0) + 1
        else:
            self.counts[host] = self.counts.get(host, 0) + 1
        self._record(method, host, sandbox_id, headers)
        return f"{host} is no host of a provider that is answered here, and nothing is sent to any other one."

    def _record(self, method: str, host: str, sandbox_id: str | None, headers: Sequence[tuple[bytes, bytes]]) -> None:
        head = RequestHead(method, host, raw_headers=headers)
        head.take_headers(first_values(headers))
        try:
            sandbox = (sandbox_id and self._sandboxes.get(sandbox_id)) or self._sandboxes.default
            with sandbox.transaction():
                sandbox.journal.record(
                    at=sandbox.clock.time(),
                    real_at=real_time(),
                    provider="",
                    operation="",
                    head=head,
                    status=REFUSED,
                    duration_ms=0.0,
                    violations=(),
                    notes=(f"refused: {host} is no host of a provider; --host-route makes it one",),
                    request=b"",
                    reply=b"",
                )
        except (Problem, SandboxGone):
            # The store is out of reach, or the sandbox is gone: the call is refused all the same.
            pass
