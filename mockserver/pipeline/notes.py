"""Notes for the journal on calls that were refused: what the client may have meant."""

from functools import partial

from mockserver.contract import Match, Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.faults import NO_FAULT
from mockserver.pipeline.reading import hints
from mockserver.provider_api.auth.credential_hints import credential_hint
from mockserver.registry.sandboxes import DEFAULT
from mockserver.sandbox.journal import LateNotes
from mockserver.sandbox.sandbox import Sandbox

_MAX_LATE = 4_096
"""The most bytes of a body that is kept whole for notes on it, which are made when somebody looks."""
_MAX_CACHED = 1_024
"""The most bytes of header and body of which the note is kept."""


def notes_on_credentials(exchange: Exchange, sandbox: Sandbox, provider: str) -> list[str]:
    """Returns the note that says what would have been right, if that can be told; no credential is in it."""
    raw, body = exchange.head.headers.get(b"authorization", b""), exchange.body

    def make() -> str | None:
        return credential_hint(exchange.head.authorization, raw.decode("latin-1"), body, sandbox.accounts[provider])

    # Clients that are refused try the same again.
    is_short = len(raw) + len(body) <= _MAX_CACHED
    hint = sandbox.accounts.derived((provider, raw, body), make) if is_short else make()
    if hint is not None:
        return [hint]
    if exchange.head.authorization.scheme != "bearer" and (raw or exchange.body) and sandbox.id != DEFAULT:
        place = f"/__admin/sandboxes/{sandbox.id}"
        return [f"credentials: each sandbox has its own; `GET {place}` shows those of this one"]
    return []


def note_unknown_names(operation: Operation, match: Match, exchange: Exchange, notes: list[str]) -> LateNotes | None:
    """Notes the names that the contract does not have, of a call that was refused before it was read.

    Returns what makes the notes later; None when they are among the others already.
    """
    make = partial(hints, operation, match, exchange)
    if exchange.fault is NO_FAULT and len(exchange.body) <= _MAX_LATE:
        return LateNotes(len(notes), make)
    notes.extend(note for note in make() if note not in notes)
    return None
