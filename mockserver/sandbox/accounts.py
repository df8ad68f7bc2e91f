"""Who may call: credentials by provider, and what they open. They can be cut, granted, rotated and revoked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.foundation.stateful import Keep


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials of one consumer at one provider, and the agencies that they open."""

    user: str
    secret: str = field(repr=False)
    agencies: frozenset[int]
    scopes: frozenset[str] = frozenset()
    """What it may ask for, where a provider has scopes; of a call, what its token carries."""
    customer: str = ""
    """The provider's number for the customer, where it has one."""

    def as_record(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "user": self.user,
            "secret": self.secret,
            "agencies": sorted(self.agencies),
            "scopes": sorted(self.scopes),
            "customer": self.customer,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Account":
        """The inverse of `as_record`."""
        agencies, scopes = frozenset(record["agencies"]), frozenset(record["scopes"])
        return cls(record["user"], record["secret"], agencies, scopes, record["customer"])


class Accounts(Mapping[str, Mapping[str, Account]]):
    """The accounts of one sandbox, by provider and then by user name. A `StatefulComponent`."""

    def __init__(
        self, start: Mapping[str, Iterable[Account]], on_secret: Callable[[str], None] = lambda secret: None
    ) -> None:
        self.keep: Keep | None = None
        self._start = {name: {account.user: account for account in accounts} for name, accounts in start.items()}
        self._on_secret = on_secret
        """Told of every secret that there is, so that it can be kept out of what is shown."""
        self.reset()

    def __getitem__(self, provider: str) -> Mapping[str, Account]:
        return self._now[provider]

    def __iter__(self) -> Any:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    def put(self, provider: str, account: Account) -> None:
        """Adds the account, or replaces the one of that user."""
        self._take(provider, account)
        if self.keep:
            self.keep(f"{provider}/{account.user}", account.as_record())

    def remove(self, provider: str, user: str) -> None:
        """Nobody is that user any more."""
        self._now[provider].pop(user, None)
        if self.keep:
            self.keep(f"{provider}/{user}", _NOBODY)

    def grant_agency(self, provider: str, user: str, agency: int) -> None:
        """Opens an agency to an account. Raises KeyError when there is no such account."""
        account = self[provider][user]
        self.put(provider, replace(account, agencies=account.agencies | {agency}))

    def revoke_agency(self, provider: str, user: str, agency: int) -> None:
        """Closes an agency to an account. Raises KeyError when there is no such account."""
        account = self[provider][user]
        self.put(provider, replace(account, agencies=account.agencies - {agency}))

    def dump(self) -> Mapping[str, Any]:
        """Records by `provider/user`; false where somebody was removed."""
        records: dict[str, Any] = {}
        for provider, start in self._start.items():
            now = self._now[provider]
            changed = {user: account for user, account in now.items() if start.get(user) != account}
            records.update({f"{provider}/{user}": account.as_record() for user, account in changed.items()})
            records.update({f"{provider}/{user}": _NOBODY for user in start.keys() - now.keys()})
        return records

    def load(self, key: str, value: Any | None) -> None:
        """See `StatefulComponent.load`."""
        provider, _, user = key.partition("/")
        if value is None and user in self._start[provider]:
            self._take(provider, self._start[provider][user])
        elif value is None or value == _NOBODY:
            self._now[provider].pop(user, None)
        else:
            self._take(provider, Account.from_record(value))

    def reset(self) -> None:
        """Back to those that the sandbox was made with."""
        self._now = {name: dict(accounts) for name, accounts in self._start.items()}
        for accounts in self._now.values():
            for account in accounts.values():
                self._on_secret(account.secret)

    def _take(self, provider: str, account: Account) -> None:
        self._now[provider][account.user] = account
        self._on_secret(account.secret)


_NOBODY = False
"""The record of an account that was removed."""
