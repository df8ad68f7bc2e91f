"""Texts about the calls of a test: the journal of one that failed, and the complaints of a strict run."""

from collections.abc import Iterable

from mockserver.client import ClientError, Entry, SandboxHandle

_MAX_CALLS = 30
"""The newest so many calls are in a report."""


def section(sandbox: SandboxHandle) -> str:
    """The last calls of a sandbox, one line each, with what there is to say of it below."""
    try:
        entries = sandbox.journal.entries()
    except ClientError as error:
        return f"the journal cannot be read: {error}"
    if not entries:
        return "no call reached the sandbox; is the client configured with the fixture's url and credentials?"
    hidden = len(entries) - _MAX_CALLS
    head = [f"… {hidden} earlier call{'s' if hidden > 1 else ''}"] if hidden > 0 else []
    return "\n".join([*head, *(line for entry in entries[-_MAX_CALLS:] for line in _lines(entry))])


def complaint(entries: Iterable[Entry]) -> str:
    """The rules that clients broke, call by call; empty when they broke none."""
    lines = [line for entry in entries if entry.broken for line in (_call(entry), *_broken(entry))]
    if not lines:
        return ""
    return "\n".join(["the client broke the contract:", *lines])


def _lines(entry: Entry) -> list[str]:
    fault = entry.fault
    faults = [] if fault is None else [f"{fault.kind} {fault.id}{'' if fault.in_contract else ', out of contract'}"]
    return [
        _call(entry),
        *_broken(entry),
        *(f"      our answer: {violation}" for violation in entry.violations if violation not in entry.broken),
        *(f"      fault: {text}" for text in faults),
        *(f"      note: {note}" for note in entry.notes),
    ]


def _call(entry: Entry) -> str:
    query = f"?{entry.query}" if entry.query else ""
    name = f"{entry.provider} {entry.operation or 'no operation'}" if entry.provider else "no provider"
    return f"  {entry.id:>3} {entry.status} {name}: {entry.method} {entry.path}{query}"


def _broken(entry: Entry) -> list[str]:
    return [f"      broke the contract in {violation}" for violation in entry.broken]
