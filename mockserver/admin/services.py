"""The admin API reaches the server that it controls through one protocol, and knows nothing of who implements it."""

from collections.abc import Mapping
from typing import Protocol

from mockserver.delivery import WebhookDispatcher
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.sandbox.sandbox import Sandbox


class RealHosts(Protocol):
    """The real hosts that a server answers."""

    @property
    def places(self) -> Mapping[str, str]:
        """The place to which each host leads, such as `gsl` or `gsl/oauth`."""

    @property
    def refusals(self) -> Mapping[str, int]:
        """The number of calls to every other host that this process refused."""

    @property
    def certificate(self) -> bytes | None:
        """The certificate that clients have to trust, in PEM; None without TLS."""


class Services(Protocol):
    """Everything of a server that its admin API shows or changes."""

    @property
    def settings(self) -> Settings:
        """The settings that the server was started with."""

    @property
    def providers(self) -> Mapping[str, Provider]:
        """Every provider by name."""

    @property
    def sandboxes(self) -> SandboxRegistry:
        """Every sandbox of the server."""

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""

    @property
    def dispatcher(self) -> WebhookDispatcher:
        """The dispatcher of webhooks."""

    @property
    def ports(self) -> Mapping[int, str]:
        """The providers that have a port of their own, by that port."""

    @property
    def hosting(self) -> RealHosts | None:
        """The real hosts that are answered, if any are."""
