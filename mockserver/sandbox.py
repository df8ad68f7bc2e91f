"""One world with everything that a run of calls changes: store, clock, variants, credentials, journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import Clock
from mockserver.journal import Journal
from mockserver.store import Store
from mockserver.world import World


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials of one consumer at one provider, and the agencies that they open."""

    user: str
    secret: str
    agencies: frozenset[int]
    scopes: frozenset[str] = frozenset()
    """What it may ask for, where a provider has scopes; of a call, what its token carries."""
    customer: str = ""
    """The provider's number for the customer, where it has one."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The state that calls meet. The one called `default` is there from the start."""

    id: str
    world: World
    store: Store
    clock: Clock
    journal: Journal
    variants: Mapping[str, Mapping[str, str]]
    """The reading chosen for each variant, by provider."""
    accounts: Mapping[str, Mapping[str, Account]]
    """By provider, then by user name."""
    authorities: Mapping[str, Any] = field(default_factory=dict)
    """What a provider's door keeps, by provider: keys, revoked tokens."""

    def variants_key(self, provider: str) -> str:
        """Tells choices of variants apart, for what is derived from them."""
        return ",".join(self.variants[provider].values())
