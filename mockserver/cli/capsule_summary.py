"""`mockserver capsule show` tells people what is in a capsule."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mockserver.foundation.clock import iso
from mockserver.registry.capsules.document import Capsule, SecretSource

_DERIVED = "whose secret follows from the sandbox and is made again"
_CHOSEN = "whose secret was chosen and has to be given again"
_MAX_CALLS = 20
"""The newest so many calls are shown."""


def summary_lines(capsule: Capsule) -> Iterator[str]:
    """Yields lines of text; nothing in the file can break out of its line."""
    return map(_printable, _lines(capsule))


def _lines(capsule: Capsule) -> Iterator[str]:
    head = capsule.head
    yield f"Sandbox {head.sandbox}, saved by {head.made_by}"
    if head.identity != head.sandbox:
        yield f"  loaded there from a capsule of {head.identity}"
    yield f"World {head.world.name}, seed {head.seed}, up to {iso(head.origin)}"
    yield f"Clock {'stands still at' if head.moment.frozen else 'goes on from'} {iso(head.moment.at)}"
    for name, contract in head.contracts.items():
        for overlay in contract.overlays:
            yield f"Overlay of {name}: {overlay.name} (SHA-256 {overlay.sha256})"
    for name, accounts in head.accounts.items():
        for account in accounts:
            is_chosen = account.secret is SecretSource.CHOSEN
            yield f"Credentials of {name}: {account.user}, {_CHOSEN if is_chosen else _DERIVED}"
    yield "Changed:"
    yield from [f"  {line}" for line in _changes(capsule)] or ["  nothing"]
    yield f"Calls: {head.calls}, {len(capsule.call_lines)} of them in the file"
    for entry in islice(capsule.calls(), max(0, len(capsule.call_lines) - _MAX_CALLS), None):
        name = f"{entry.get('provider')} {entry.get('operation') or 'no operation'}"
        yield f"  {entry.get('id')} {entry.get('status')} {name}: {entry.get('method')} {entry.get('path')}"
    if head.withheld:
        yield "Not in the file:"
        yield from (f"  {sentence}" for sentence in head.withheld)


def _changes(capsule: Capsule) -> Iterator[str]:
    by_component: dict[str, list[tuple[str, Any]]] = {}
    for component, key, value in capsule.records():
        by_component.setdefault(component, []).append((key, value))
    entities = Counter(
        (key.partition("/")[0], value is False)
        for key, value in by_component.get("store", ())
        if not key.startswith(("next/", "counter/"))
    )
    for (kind, is_removed), number in sorted(entities.items()):
        yield f"{number} × {kind} {'removed' if is_removed else 'written or changed'}"
    waiting = [key for key, _ in by_component.get("submissions", ()) if key.startswith("waiting/")]
    if waiting:
        yield f"{len(waiting)} × lead accepted, and not there yet"
    for key, value in by_component.get("accounts", ()):
        yield f"credentials {key} {'removed' if value is False else 'changed'}"
    for key, value in by_component.get("faults", ()):
        if isinstance(value, Mapping) and isinstance(fault := value.get("fault"), Mapping):
            yield f"fault {key}: {fault.get('kind')}, met by {value.get('seen')} calls, struck {value.get('fired')}"
    yield from _scenario(capsule, dict(by_component.get("script", ())))
    webhooks = [key for key, _ in by_component.get("webhooks", ()) if key.startswith("subscription/")]
    pending = [key for key, _ in by_component.get("outbox", ()) if key.startswith("pending/")]
    if webhooks:
        yield f"{len(webhooks)} × webhook, {len(pending)} × delivery pending"


def _scenario(capsule: Capsule, records: Mapping[str, Any]) -> Iterator[str]:
    document = records.get("scenario", capsule.head.scenario)
    if document is False:
        yield "the scenario was ended"
    elif isinstance(document, Mapping):
        progress = records.get("progress")
        steps = progress[0] if isinstance(progress, list) and progress else 0
        yield f"scenario {document.get('name')}: {steps} steps have happened"


def _printable(line: str) -> str:
    """Returns a line without control characters, which a file of somebody else may have."""
    return "".join(character if character.isprintable() else "�" for character in line)
