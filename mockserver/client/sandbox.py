"""Handles of a sandbox and of a provider in it: addresses, credentials, and the parts that a test controls."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mockserver.client.connection import AdminConnection, ClientError, without_none
from mockserver.client.coverage import ProviderCoverage, read_coverage
from mockserver.client.credentials import Credentials
from mockserver.client.descriptions import SandboxDescription, read_sandbox
from mockserver.client.journal import JournalHandle
from mockserver.client.models import SigningKeys, Verification
from mockserver.client.parts import AgencyGrants, ClockHandle, Faults, Leads, ScenarioHandle, Seekers
from mockserver.client.reading import read_signing_keys, read_verification
from mockserver.client.webhooks import Webhooks

_TOKEN_URL = "token_url"


class SandboxHandle:
    """A sandbox at a server. It holds only the name, addresses and credentials; all else is asked of the server."""

    def __init__(self, connection: AdminConnection, id: str, description: SandboxDescription | None = None) -> None:
        self.id = id
        self._connection = connection
        self._path = path_of(id)
        self._description = description
        self.clock = ClockHandle(connection, self._path)
        self.faults = Faults(connection, self._path)
        self.leads = Leads(connection, self._path)
        self.seekers = Seekers(connection, self._path)
        self.access = AgencyGrants(connection, self._path)
        self.tokens = Tokens(connection, self._path)
        self.cursors = Cursors(connection, self._path)
        self.scenario = ScenarioHandle(connection, self._path)
        self.webhooks = Webhooks(connection, self._path)
        self.journal = JournalHandle(connection, self._path)

    def __repr__(self) -> str:
        return f"<sandbox {self.id!r} at {self._connection.url}>"

    @property
    def urls(self) -> Mapping[str, str]:
        """Base URLs by provider, and token URLs where there are any."""
        return self._describe().urls

    @property
    def origins(self) -> Mapping[str, str]:
        """Providers that stand at the root of a port of their own; credentials lead to the sandbox there."""
        return self._describe().origins

    @property
    def credentials(self) -> Mapping[str, Credentials]:
        """The credentials for clients, by provider; a provider whose credentials were revoked is not there."""
        by_provider = self._describe().credentials.items()
        return {name: self.read_credentials(name, words) for name, words in by_provider if words}

    def credentials_of(self, provider: str) -> "CredentialsOf":
        """The credentials of a provider, to rotate and to revoke."""
        return CredentialsOf(self, self._connection, provider)

    def provider(self, name: str) -> "ProviderHandle":
        """The sandbox as one provider's clients see it. Raises ClientError when there is no such provider."""
        if name not in self.urls:
            raise ClientError(f"there is no provider {name!r}; there is {', '.join(self.urls)}")
        return ProviderHandle(self, self._connection, name)

    def verify(self, **expectation: Any) -> Verification:
        """Judges whether calls were made as expected.

        `provider`, `operation`, `method`, `path` (a glob), `status`, `query` and `body` select calls; of those `count`
        expects a number, or `{"min": 1, "max": 3}`, `order` operations in that order, and `absent=True` none. Without
        any of these three at least one call is expected.
        """
        return read_verification(self._connection.post(f"{self._path}/verify", expectation))

    def coverage(self) -> Mapping[str, ProviderCoverage]:
        """The parts of each contract that the calls have used, and the rows of the ledger that they relied on."""
        return read_coverage(self._connection.get(f"{self._path}/coverage"))

    def reset(self) -> None:
        """Back to how it was made: world, clock, credentials; no faults, no journal."""
        self._connection.post(f"{self._path}/reset")
        self.forget()

    def snapshot(self, name: str | None = None) -> str:
        """Keeps the state as it is now, and returns the name for `restore`; a snapshot of that name is replaced."""
        snapshot: str = self._connection.post(f"{self._path}/snapshot", without_none(name=name))["snapshot"]
        return snapshot

    def restore(self, snapshot: str) -> None:
        """Back to a snapshot."""
        self._connection.post(f"{self._path}/restore", {"snapshot": snapshot})
        self.forget()

    def capsule(self) -> bytes:
        """The sandbox as it is now, as a file for `Client.sandboxes.load`, here or elsewhere; no secret is in it."""
        return self._connection.get_file(f"{self._path}/capsule")

    @property
    def warnings(self) -> Sequence[str]:
        """Rules that its world breaks; of one that was loaded, also what is not as where it was saved."""
        return self._describe().warnings

    def delete(self) -> None:
        """Drops the sandbox with all that is in it."""
        self._connection.call("DELETE", self._path)

    def forget(self) -> None:
        """Asks the server anew for addresses and credentials; for when somebody else has changed them."""
        self._description = None

    def description(self) -> SandboxDescription:
        """Addresses, credentials, clock, world, variants and snapshots, as they are now."""
        self._description = read_sandbox(self._connection.get(self._path))
        return self._description

    def _describe(self) -> SandboxDescription:
        return self._description or self.description()

    def read_credentials(self, provider: str, words: Mapping[str, Any]) -> Credentials:
        """Credentials from the provider's own words for them, with its token URL where it has one."""
        token_url = self._token_url(provider)
        return Credentials(words if token_url is None else {**words, _TOKEN_URL: token_url})

    def _token_url(self, provider: str) -> str | None:
        return self.urls.get(f"{provider}_{_TOKEN_URL}")


class ProviderHandle:
    """A provider in a sandbox: its address and credentials, and the parts that a test controls."""

    def __init__(self, sandbox: SandboxHandle, connection: AdminConnection, name: str) -> None:
        path = path_of(sandbox.id)
        self.name = name
        self.sandbox = sandbox
        self.clock = sandbox.clock
        """The sandbox's: every provider goes by it."""
        self.leads = sandbox.leads
        """The sandbox's: a lead is one at every provider."""
        self.seekers = sandbox.seekers
        self.scenario = sandbox.scenario
        self.faults = Faults(connection, path, name)
        self.access = AgencyGrants(connection, path, name)
        self.webhooks = Webhooks(connection, path, name)
        self.journal = JournalHandle(connection, path, name)

    def __repr__(self) -> str:
        return f"<{self.name} at {self.url}>"

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return self.sandbox.urls[self.name]

    @property
    def credentials(self) -> Credentials:
        """The credentials: `auth=` where the provider has HTTP Basic; their words are attributes."""
        by_provider = self.sandbox.credentials
        if self.name not in by_provider:
            raise ClientError(f"sandbox {self.sandbox.id!r} has no credentials at {self.name} any more")
        return by_provider[self.name]

    @property
    def token_url(self) -> str:
        """The address of the token endpoint. Raises AttributeError when this provider issues no tokens."""
        url: str = self.credentials.token_url
        return url

    def rotate(self, secret: str | None = None) -> Credentials:
        """Gives the credentials another secret, and tells it."""
        return self.sandbox.credentials_of(self.name).rotate(secret)

    def verify(self, **expectation: Any) -> Verification:
        """Judges whether this provider was called as expected, like `SandboxHandle.verify`."""
        return self.sandbox.verify(**{"provider": self.name, **expectation})


class CredentialsOf:
    """The credentials of a provider, to rotate and to revoke."""

    def __init__(self, sandbox: SandboxHandle, connection: AdminConnection, provider: str) -> None:
        self._sandbox = sandbox
        self._connection = connection
        self._provider = provider
        self._path = f"{path_of(sandbox.id)}/credentials/{quote(provider, safe='')}"

    def rotate(self, secret: str | None = None, *, user: str | None = None) -> Credentials:
        """Another secret, from now on the only one that works; the credentials as they are then."""
        answer = self._connection.post(f"{self._path}/rotate", without_none(secret=secret, user=user))
        self._sandbox.forget()
        return self._sandbox.read_credentials(answer["provider"], answer["credentials"])

    def revoke(self, *, user: str | None = None) -> None:
        """They do not work any more, for good; the handle goes on telling what they were."""
        self._connection.post(f"{self._path}/revoke", without_none(user=user))


class Tokens:
    """The access tokens that are issued, and the keys that sign them."""

    def __init__(self, connection: AdminConnection, path: str) -> None:
        self._connection = connection
        self._path = path

    def revoke(self, provider: str, *, user: str | None = None, token: str | None = None) -> None:
        """Tokens issued so far do not work any more, or only the one that is named; new ones do."""
        body = without_none(user=user, token=token)
        self._connection.post(f"{self._path}/tokens/{quote(provider, safe='')}/revoke", body)

    def rotate_keys(self, provider: str) -> SigningKeys:
        """New tokens are signed with another key; the old one stays in the JWK set until its last token ends."""
        return read_signing_keys(self._connection.post(f"{self._path}/keys/{quote(provider, safe='')}/rotate"))


class Cursors:
    """The places in lists that clients hold."""

    def __init__(self, connection: AdminConnection, path: str) -> None:
        self._connection = connection
        self._path = path

    def expire(self) -> None:
        """Cursors given out so far are refused from now on."""
        self._connection.post(f"{self._path}/cursors/expire")


def path_of(sandbox: str) -> str:
    """The path of a sandbox in the admin API."""
    return f"/sandboxes/{quote(sandbox, safe='')}"
