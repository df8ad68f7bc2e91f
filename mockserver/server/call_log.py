"""Logs each call of every sandbox as one line."""

import logging

from mockserver.foundation.call_line import call_line
from mockserver.registry.sandboxes import DEFAULT, SandboxRegistry
from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox

log = logging.getLogger("mockserver.calls")


def log_calls(sandboxes: SandboxRegistry) -> None:
    """Logs the calls that are answered from now on, those of other sandboxes than the default one with its address."""
    log.setLevel(logging.INFO)
    for sandbox in sandboxes.all_loaded():
        _follow(sandbox)
    sandboxes.listeners.add(_follow)


def _follow(sandbox: Sandbox) -> None:
    mount = "" if sandbox.id == DEFAULT else f"/~{sandbox.id} "

    def log_call(entry: Entry) -> None:
        log.info("%s%s", mount, call_line(entry, None if entry.fault is None else entry.fault["kind"]))

    sandbox.journal.listeners.add(log_call)
