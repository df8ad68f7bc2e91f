"""Accounts: the credentials of consumers by provider, and the agencies that they open."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import lru_cache
from typing import Any, TypeVar

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.records import RecordFormat, RecordTable
from mockserver.foundation.stateful import RecordedComponent
from mockserver.foundation.weak_methods import weakly

T = TypeVar("T")

_MAX_DERIVED = 64


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials of one consumer at one provider, and the agencies that they open."""

    user: str
    secret: str = field(repr=False)
    agencies: frozenset[int]
    scopes: frozenset[str] = frozenset()
    """The scopes that it may request, where a provider has scopes; in a call, those of its token."""
    customer: str = ""
    """The provider's number for the customer, where it has one."""

    def as_record(self) -> dict[str, Any]:
        """Returns it as plain JSON."""
        return {
            "user": self.user,
            "secret": self.secret,
            "agencies": sorted(self.agencies),
            "scopes": sorted(self.scopes),
            "customer": self.customer,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Account":
        """Reads what `as_record` returned."""
        agencies, scopes = frozenset(record["agencies"]), frozenset(record["scopes"])
        return cls(record["user"], record["secret"], agencies, scopes, record["customer"])


@lru_cache
def _format(provider: str) -> RecordFormat[str, Account]:
    return RecordFormat(f"{provider}/", encode=Account.as_record, decode=Account.from_record)


class Accounts(RecordedComponent, Mapping[str, Mapping[str, Account]]):
    """The accounts of one sandbox, by provider and then by user name.

    It is a `StatefulComponent` with the records `provider/user`.
    """

    def __init__(
        self, start: Mapping[str, Iterable[Account]], on_secret: Callable[[str], None] = lambda secret: None
    ) -> None:
        """`on_secret` receives every secret that there is, so that it can be redacted wherever something is shown."""
        self._on_secret = on_secret
        self._derived: dict[Hashable, Any] = {}
        self._accounts = {name: self._table(name, accounts) for name, accounts in start.items()}
        super().__init__(*self._accounts.values())
        self._tell_secrets()

    def __getitem__(self, provider: str) -> Mapping[str, Account]:
        return self._accounts[provider]

    def __iter__(self) -> Iterator[str]:
        return iter(self._accounts)

    def __len__(self) -> int:
        return len(self._accounts)

    def put(self, provider: str, account: Account) -> None:
        """Adds the account, or replaces the one of that user."""
        self._accounts[provider][account.user] = account

    def remove(self, provider: str, user: str) -> None:
        """Removes the account of that user, if there is one."""
        self._accounts[provider].pop(user, None)

    def grant_agency(self, provider: str, user: str, agency: int) -> None:
        """Opens an agency to an account. Raises KeyError when there is no such account."""
        account = self[provider][user]
        self.put(provider, replace(account, agencies=account.agencies | {agency}))

    def revoke_agency(self, provider: str, user: str, agency: int) -> None:
        """Closes an agency to an account. Raises KeyError when there is no such account."""
        account = self[provider][user]
        self.put(provider, replace(account, agencies=account.agencies - {agency}))

    def derived(self, key: Hashable, make: Callable[[], T]) -> T:
        """Returns what is made of the accounts under a key, until one of them changes."""
        if key not in self._derived:
            if len(self._derived) >= _MAX_DERIVED:
                self._derived.clear()
            self._derived[key] = make()
        value: T = self._derived[key]
        return value

    def reset(self) -> None:
        """Restores the accounts that the sandbox was made with."""
        super().reset()
        self._derived.clear()
        self._tell_secrets()

    def _table(self, provider: str, accounts: Iterable[Account]) -> RecordTable[str, Account]:
        return RecordTable(
            _format(provider),
            start={account.user: account for account in accounts},
            applied=weakly(self._tell_secret),
        )

    def _tell_secret(self, user: str, old: Account | None, new: Account | None) -> None:
        self._derived.clear()
        if new is not None:
            self._on_secret(new.secret)

    def _tell_secrets(self) -> None:
        for accounts in self._accounts.values():
            for account in accounts.values():
                self._on_secret(account.secret)
