"""The context in which a view shows an entity: all that a provider's JSON of it may depend on."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mockserver.contract import Contract
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store import Store
from mockserver.world import World


@dataclass(frozen=True, slots=True)
class ViewContext:
    """All that a provider's JSON of an entity may depend on, whether or not a request asks for it."""

    store: Store
    world: World
    contract: Contract
    variants: Mapping[str, str]
    """The reading that is chosen for each variant of the contract."""
    account: Account | None
    """The account that sees it; None where nobody in particular does."""
    now: Epoch
    base_url: str
    """The address of the provider as the client knows it, without a slash at the end."""

    @classmethod
    def of(
        cls, sandbox: Sandbox, contract: Contract, *, account: Account | None = None, base_url: str = ""
    ) -> "ViewContext":
        """Returns the context of a sandbox as it is now."""
        return cls(
            sandbox.store,
            sandbox.world,
            contract,
            sandbox.variants[contract.name],
            account,
            sandbox.clock.now(),
            base_url,
        )

    def variant(self, name: str) -> str:
        """Returns the reading that is chosen for a variant of the contract."""
        return self.variants[name]


View: TypeAlias = Callable[[Any, ViewContext], Any]
"""Shows a domain entity in a provider's JSON. It may look other entities up in the store; nothing else may vary."""
