"""Reports of the calls that were recorded while a command ran: HAR, JSON, JUnit and Markdown."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from xml.etree import ElementTree as ET

from mockserver.foundation.clock import iso
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.markdown_text import code_block, inline_code, markdown_text
from mockserver.foundation.texts import counted, plain, trimmed
from mockserver.foundation.version import __version__
from mockserver.foundation.xml_elements import xml_element
from mockserver.verification.call_record import CallRecord, RecordedEntry
from mockserver.verification.har import har_entry, to_har

MAX_SHOWN = 20
"""The first so many calls that broke a contract are in a report for people."""
_MAX_CALL = 600
"""Characters of a call in such a report."""
_NO_OPERATION = "no operation"
_OTHER_HOSTS = "other hosts"


@dataclass(frozen=True, slots=True)
class CommandRun:
    """Everything that a report tells of a command."""

    command: str
    """Its words, as for a shell."""
    exit_code: int
    began: float
    """Real seconds since the epoch."""
    seconds: float
    record: CallRecord
    urls: Callable[[str], Mapping[str, str]]
    """Returns the address of each provider in a sandbox."""
    body_limit: int
    """The most bytes of a body."""
    refused_hosts: Mapping[str, int]
    """The calls to hosts that are none of a provider, all of which were refused."""


def to_har_text(run: CommandRun) -> str:
    """Returns the calls as an HTTP archive (HAR 1.2)."""
    document = to_har([], {}, run.body_limit)
    for sandbox, entry in run.record.calls:
        document["log"]["entries"].append({**har_entry(entry, run.urls(sandbox), run.body_limit), "_sandbox": sandbox})
    return _as_json(document)


def to_json_text(run: CommandRun) -> str:
    """Returns counts by operation, and the calls in the form of the journal."""
    record = run.record
    return _as_json(
        {
            "version": 1,
            "mockserver": __version__,
            "command": run.command,
            "exit_code": run.exit_code,
            "started_at": iso(run.began),
            "seconds": round(run.seconds, 3),
            "calls": {"total": record.total, "broken": record.total_broken, "left_out": record.left_out},
            "operations": [
                {
                    "provider": provider or None,
                    "operation": operation or None,
                    "calls": sum(statuses.values()),
                    "broken": record.violations[provider, operation],
                    "statuses": {str(status): count for status, count in statuses.items()},
                }
                for (provider, operation), statuses in _operations(record).items()
            ],
            "refused_hosts": dict(run.refused_hosts),
            "entries": [{"sandbox": sandbox, **entry.as_dict(run.body_limit)} for sandbox, entry in record.all_kept()],
        }
    )


def to_junit_text(run: CommandRun) -> str:
    """Returns a suite for each provider, and a case for each operation; one fails when its contract was broken."""
    record = run.record
    root = xml_element(None, "testsuites", {"name": "mockserver exec", "time": f"{run.seconds:.3f}"})
    suites: dict[str, ET.Element] = {}
    for (provider, operation), statuses in _operations(record).items():
        suite = suites.get(provider)
        if suite is None:
            about = {"name": provider or "no provider", "timestamp": iso(run.began), "time": "0.000"}
            suite = suites[provider] = xml_element(root, "testsuite", about)
        name = f"{operation or _NO_OPERATION}: {_calls_line(statuses)}"
        case = _case(suite, f"exec.{provider or 'no provider'}", name)
        if broken := record.violations[provider, operation]:
            examples = [
                call for call in record.broken if (call.entry.provider, call.entry.operation) == (provider, operation)
            ]
            text = "\n".join(line for call in examples[:MAX_SHOWN] for line in broken_lines(call))
            message = f"{counted(broken, 'call')} broke the contract"
            xml_element(case, "failure", {"message": message, "type": "contract"}, text)
    if run.refused_hosts:
        suite = xml_element(root, "testsuite", {"name": _OTHER_HOSTS, "timestamp": iso(run.began), "time": "0.000"})
        for host, count in run.refused_hosts.items():
            case = _case(suite, f"exec.{_OTHER_HOSTS}", host)
            xml_element(case, "skipped", {"message": f"{counted(count, 'call')} refused: it is no host of a provider"})
    for parent in (*root, root):
        cases = list(parent.iter("testcase"))
        counts = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "skipped")}
        parent.set("tests", str(len(cases)))
        parent.set("failures", str(counts["failure"]))
        parent.set("errors", "0")
        parent.set("skipped", str(counts["skipped"]))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def to_markdown_text(run: CommandRun) -> str:
    """Returns a table of operations, and what broke a contract, for the summary of a job."""
    record = run.record
    broken = f"{record.total_broken} broke the contract" if record.total_broken else "no contract was broken"
    parts = [
        f"## {counted(record.total, 'call')}, {broken}",
        f"{inline_code(run.command)}: exit code {run.exit_code} after {timedelta(seconds=round(run.seconds))}",
        "\n".join(_table(record)),
    ]
    if record.broken:
        examples = record.broken[:MAX_SHOWN]
        parts.append(code_block(line for call in examples for line in broken_lines(call)))
        if (more := record.total_broken - len(examples)) > 0:
            parts.append(f"{counted(more, 'more call')} broke a contract; the report `json` has them.")
    if run.refused_hosts:
        hosts = ", ".join(f"{markdown_text(host)} ({count})" for host, count in run.refused_hosts.items())
        parts.append(f"Calls to other hosts were refused: {hosts}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def broken_lines(call: RecordedEntry) -> Iterator[str]:
    """Yields a call, and below it the rules of the contract that it broke."""
    entry = call.entry
    query = f"?{entry.query}" if entry.query else ""
    name = f"{entry.provider} {entry.operation or _NO_OPERATION}" if entry.provider else "no provider"
    yield trimmed(plain(f"{name}: {entry.method} {entry.path}{query}"), _MAX_CALL)
    for violation in call.broken:
        yield trimmed(plain(f"  {violation.place} {violation.pointer or '/'}: {violation.message}"), _MAX_CALL)


CALL_REPORTS: Mapping[str, Callable[[CommandRun], str]] = {
    "har": to_har_text,
    "json": to_json_text,
    "junit": to_junit_text,
    "markdown": to_markdown_text,
}
"""The forms of a report by name."""


def _table(record: CallRecord) -> Iterator[str]:
    operations = _operations(record)
    if operations:
        yield "| provider | operation | calls | broke the contract |"
        yield "|---|---|---|---|"
    for (provider, operation), statuses in operations.items():
        cells = (provider or "none", operation or _NO_OPERATION, _calls_line(statuses))
        yield f"| {' | '.join(map(markdown_text, cells))} | {record.violations[provider, operation] or ''} |"


def _operations(record: CallRecord) -> dict[tuple[str, str], dict[int, int]]:
    """Returns the number of calls by operation and status."""
    operations: dict[tuple[str, str], dict[int, int]] = {}
    for (provider, operation, status), count in sorted(record.statuses.items()):
        operations.setdefault((provider, operation), {})[status] = count
    return operations


def _calls_line(statuses: Mapping[int, int]) -> str:
    return ", ".join(f"{count} × {status}" for status, count in statuses.items())


def _case(suite: ET.Element, classname: str, name: str) -> ET.Element:
    return xml_element(suite, "testcase", {"classname": classname, "name": name, "time": "0.000"})


def _as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
