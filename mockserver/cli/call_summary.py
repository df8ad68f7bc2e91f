"""The calls of a command: they are recorded, told on standard error where they broke a contract, written as reports."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from mockserver.cli.report_files import write
from mockserver.foundation.texts import counted
from mockserver.judge.configuration import base_urls
from mockserver.server.embedded import CommandServer
from mockserver.verification.call_record import CallRecord
from mockserver.verification.call_reports import CALL_REPORTS, CommandRun, broken_lines

_MOST = 10
"""The first so many calls are told of."""
_MOST_KEPT = 10_000
"""The newest so many calls are in the reports, or as many as the journal keeps."""
_FOR_OTHERS = "--host-route answers one here, and --env NO_PROXY=HOST lets one be called"
_NO_CALL = (
    "mockserver: no call came here: the command made none, does not trust the file MOCKSERVER_CA, or looks at no proxy "
    "variable and called the real hosts themselves; --isolate is for that"
)


def record_calls(server: CommandServer) -> CallRecord:
    """Records all calls from now on; to be called where calls are answered."""
    sandboxes = server.app.sandboxes
    record = CallRecord(max(_MOST_KEPT, sandboxes.settings.journal_size))
    for sandbox in sandboxes.all_loaded():
        record.follow(sandbox)
    sandboxes.listeners.add(record.follow)
    return record


def summary(server: CommandServer, record: CallRecord | None, *, is_led: bool = False) -> Iterator[str]:
    """Yields the lines; none when no call broke a contract, or was for a host that is not answered here.

    `record` is there when calls are to be told one by one; `is_led` tells that variables lead the command here.
    """
    if server.app.hosting is not None and (refused := server.app.hosting.refusals):
        hosts = ", ".join(f"{host} ({count})" for host, count in list(refused.items())[:_MOST])
        rest = f" and {len(refused) - _MOST} more" if len(refused) > _MOST else ""
        yield f"mockserver: calls to other hosts were refused: {hosts}{rest}; {_FOR_OTHERS}"
    elif is_led and not server.app.sandboxes.metrics.calls:
        yield _NO_CALL
    if record is None:
        if broken := server.app.sandboxes.metrics.violations.total():
            yield f"mockserver: contracts were broken in {counted(broken, 'place')}; --strict tells where, and fails"
        return
    if not record.total_broken:
        return
    calls = counted(record.total, "call")
    yield f"mockserver: {record.total_broken} of {calls} broke the contract:"
    for call in record.broken[:_MOST]:
        yield from (f"  {line}" for line in broken_lines(call))
    if (more := record.total_broken - _MOST) > 0:
        yield f"  and {more} more; --report json=FILE has them"


def command_run(
    server: CommandServer, record: CallRecord, command: str, exit_code: int, began: float, seconds: float
) -> CommandRun:
    """Returns everything that a report tells."""
    app = server.app
    return CommandRun(
        command=command,
        exit_code=exit_code,
        began=began,
        seconds=seconds,
        record=record,
        urls=lambda sandbox: base_urls(server.url, server.origins, sandbox, app.providers),
        body_limit=app.settings.journal_body,
        refused_hosts={} if app.hosting is None else app.hosting.refusals,
    )


def write_call_reports(server: CommandServer, run: CommandRun, files: Mapping[str, Path]) -> None:
    """Writes each report to its file. Raises SettingsError."""
    for form, path in files.items():
        # Others may still call, and calls are recorded there.
        write(path, server.call(partial(CALL_REPORTS[form], run)))
