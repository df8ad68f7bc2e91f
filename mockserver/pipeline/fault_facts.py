"""The facts of a call that a fault may depend on; most calls meet no fault and need none of them."""

from mockserver.contract import Operation
from mockserver.pipeline.exchange import Exchange
from mockserver.provider_api.provider import ProviderAuth
from mockserver.sandbox.faults.effects.effect import CallFacts
from mockserver.sandbox.sandbox import Sandbox


def facts_of(exchange: Exchange, auth: ProviderAuth, operation: Operation | None, sandbox: Sandbox) -> CallFacts:
    """Returns what a response in the handler's place may depend on."""
    # A public operation has credentials of its own, if any: the challenge is that of the others.
    is_public = operation is None or operation.public
    return CallFacts(
        exchange.head.base_url,
        exchange.head.raw_path,
        exchange.head.query,
        exchange.head.server[0] if exchange.head.server else None,
        None if is_public else auth.challenge,
        sandbox.clock.now(),
    )
