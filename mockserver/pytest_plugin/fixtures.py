"""A fixture for each provider that there is, none of them known by name here."""

import pkgutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.client import ProviderHandle, SandboxHandle

_PROVIDERS = Path(__file__).parents[1] / "providers"


def provider_names() -> list[str]:
    """The provider folders, found without importing any."""
    return sorted(module.name for module in pkgutil.iter_modules([str(_PROVIDERS)]) if module.ispkg)


def provider_fixtures(names: Iterable[str] | None = None) -> dict[str, Any]:
    """Pytest fixtures by name, `mock_…` for each provider."""
    return {f"mock_{name}": _fixture(name) for name in (provider_names() if names is None else names)}


def _fixture(name: str) -> Any:
    def provider(mockserver_sandbox: "SandboxHandle") -> "ProviderHandle":
        return mockserver_sandbox.provider(name)

    provider.__name__ = provider.__qualname__ = f"mock_{name}"
    provider.__doc__ = f"The {name} fake in the test's sandbox: `.url`, `.credentials`, and what a test can turn."
    make: Callable[[Callable[..., Any]], Any] = pytest.fixture
    return make(provider)
