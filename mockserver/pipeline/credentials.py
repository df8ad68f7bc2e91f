"""Notes for the journal on credentials that were refused."""

from mockserver.pipeline.exchange import Exchange
from mockserver.provider_api.auth.credential_hints import credential_hint
from mockserver.registry.sandboxes import DEFAULT
from mockserver.sandbox.sandbox import Sandbox


def notes_on_credentials(exchange: Exchange, sandbox: Sandbox, provider: str) -> list[str]:
    """Returns the note that says what would have been right, if that can be told; no credential is in it."""
    raw, accounts = exchange.headers.get(b"authorization", b""), sandbox.accounts[provider]
    hint = credential_hint(exchange.authorization, raw.decode("latin-1"), exchange.body, accounts)
    if hint is not None:
        return [hint]
    if exchange.authorization.scheme != "bearer" and (raw or exchange.body) and sandbox.id != DEFAULT:
        place = f"/__admin/sandboxes/{sandbox.id}"
        return [f"credentials: each sandbox has its own; `GET {place}` shows those of this one"]
    return []
