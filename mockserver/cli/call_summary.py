"""The lines on standard error about the calls of a command: what broke a contract."""

from collections.abc import Iterator

from mockserver.server.embedded import CommandServer
from mockserver.verification.call_record import CallRecord, RecordedEntry

_MOST = 10
"""The first so many calls are told of."""


def summary(server: CommandServer, record: CallRecord | None) -> Iterator[str]:
    """Yields the lines; none when no call broke a contract, or was for a host that is not answered here.

    `record` is there when calls are to be told one by one.
    """
    if server.app.hosting is not None and (refused := server.app.hosting.refusals):
        hosts = ", ".join(f"{host} ({count})" for host, count in list(refused.items())[:_MOST])
        rest = f" and {len(refused) - _MOST} more" if len(refused) > _MOST else ""
        yield f"mockserver: calls to other hosts were refused: {hosts}{rest}; --host-route answers one here"
    if record is None:
        if broken := server.app.sandboxes.metrics.violations.total():
            yield f"mockserver: contracts were broken in {broken} places; --strict tells where, and fails"
        return
    if not record.total_broken:
        return
    calls = "1 call" if record.total == 1 else f"{record.total} calls"
    yield f"mockserver: {record.total_broken} of {calls} broke the contract:"
    for call in record.broken[:_MOST]:
        yield from _lines(call)
    if (more := record.total_broken - _MOST) > 0:
        yield f"  and {more} more; --report json=FILE has them"


def _lines(call: RecordedEntry) -> Iterator[str]:
    entry = call.entry
    query = f"?{entry.query}" if entry.query else ""
    yield f"  {entry.provider} {entry.operation or 'no operation'}: {entry.method} {entry.path}{query}"
    for violation in call.broken:
        yield f"    {violation.place} {violation.pointer or '/'}: {violation.message}"
