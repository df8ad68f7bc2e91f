"""Begins the capsule of a drill where calls are answered; it is written when somebody wants it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.sandbox.journal import Entry
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer

if TYPE_CHECKING:
    from mockserver.registry.capsules.making import CapsuleMaking


def begin_capsule(server: MockServer, sandbox: Sandbox, entries: Sequence[Entry]) -> "CapsuleMaking":
    """Returns the capsule of a sandbox as it is now, with the calls that were recorded of it."""
    from mockserver.registry.capsules.fingerprint import fingerprint
    from mockserver.registry.capsules.making import CapsuleMaking

    spec = server.sandboxes.repository.find(sandbox.id)
    assert spec is not None, "the sandbox of a drill is there until its end"
    mark = fingerprint(sandbox.world)
    return CapsuleMaking(sandbox, spec, server.providers, server.settings, mark, entries)
