"""Specs: all that it takes to make a sandbox, so that another process can make the same one again."""

from collections.abc import Mapping
from typing import Any

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.records import as_json, json_reader
from mockserver.world import WorldFile


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSpec:
    """Everything that a sandbox starts with. What happens later is in its records."""

    id: str
    world: WorldFile
    seed: int
    origin: Epoch
    """The moment at which the world ends; its newest enquiry is from shortly before."""
    now: Epoch | None = None
    """The moment at which the clock stands still; None lets it run with real time."""
    variants: Mapping[str, Mapping[str, str]]
    accounts: Mapping[str, tuple[Mapping[str, Any], ...]]
    """Records of accounts by provider."""
    scenario: Mapping[str, Any] | None = None
    """The scenario document that is at work from the start."""
    identity: str | None = None
    """The id that it was first made with, where it is loaded under another: credentials, cursors, ids of subscriptions
    and of requests follow from it."""
    token_lifetime: int | None = None
    """Seconds a token is good; None is as the settings say."""
    is_found_by_user: bool = True
    """Whether its credentials alone lead to it. Another sandbox has the same ones, where they do not."""

    @property
    def origin_id(self) -> str:
        """The id from which follows what follows from an id."""
        return self.identity or self.id

    def users(self) -> list[tuple[str, str]]:
        """Returns provider and user of every account that leads to it."""
        if not self.is_found_by_user:
            return []
        return [(name, account["user"]) for name, accounts in self.accounts.items() for account in accounts]

    def as_record(self) -> dict[str, Any]:
        """Returns it as plain JSON."""
        record: dict[str, Any] = as_json(self)
        return record


read_spec = json_reader(SandboxSpec)
"""Reads what `as_record` returned."""
