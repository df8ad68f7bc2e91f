"""The configuration of a client in a drill: addresses and credentials of all providers, as environment variables."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mockserver.provider_api.judge_adapter import JudgeAdapter
from mockserver.provider_api.provider import ProvidersByName
from mockserver.registry.factory import DEFAULT
from mockserver.sandbox.sandbox import Sandbox


class Configuration:
    """Configures a client for one sandbox. To be used where calls are answered."""

    def __init__(
        self,
        url: str,
        sandbox: Sandbox,
        providers: ProvidersByName,
        adapters: Mapping[str, JudgeAdapter],
        agency: int,
        origins: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`url` is that of the server, and `origins` has those of providers with a port of their own.

        The client is told to look after that agency.
        """
        self._bases = base_urls(url, origins, sandbox.id, providers)
        self._sandbox = sandbox
        self._providers = providers
        self._adapters = adapters
        self._agency = agency
        self._environments: dict[str, Mapping[str, str]] = {}
        self.secrets: dict[str, set[str]] = {name: set() for name in providers}
        """The secrets that the client was configured with, by provider."""

    def environments(self) -> dict[str, Mapping[str, str]]:
        """Returns the variables of each provider; those of one whose credentials are no more stay what they were."""
        for name, provider in self._providers.items():
            account = next(iter(self._sandbox.accounts[name].values()), None)
            if account is None:
                continue
            base = self._bases[name]
            urls = {name: base, **{f"{name}_{kind}": url for kind, url in provider.auth.urls(base).items()}}
            credentials = provider.auth.describe_credentials(account)
            self._environments[name] = self._adapters[name].environment(urls, credentials, self._agency)
            self.secrets[name].add(account.secret)
        return self._environments


def base_urls(url: str, origins: Mapping[str, str], sandbox_id: str, providers: Iterable[str]) -> dict[str, str]:
    """Returns the address of each provider in a sandbox."""
    mount = "" if sandbox_id == DEFAULT else f"/~{sandbox_id}"
    return {name: f"{origins[name]}{mount}" if name in origins else f"{url}{mount}/{name}" for name in providers}
