"""All providers of a test's sandbox in one value."""

from collections.abc import Iterator, Mapping

from mockserver.client import ProviderHandle, SandboxHandle
from mockserver.pytest_plugin.fixtures import provider_names


class Providers(Mapping[str, ProviderHandle]):
    """Providers by name, as items and as attributes, and the sandbox that they share."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self._providers = {name: sandbox.provider(name) for name in provider_names() if name in sandbox.urls}

    def __getitem__(self, name: str) -> ProviderHandle:
        return self._providers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._providers)

    def __len__(self) -> int:
        return len(self._providers)

    def __getattr__(self, name: str) -> ProviderHandle:
        providers: dict[str, ProviderHandle] = self.__dict__.get("_providers", {})
        if name in providers:
            return providers[name]
        raise AttributeError(f"there is no provider {name!r}; there is {', '.join(providers)}")
