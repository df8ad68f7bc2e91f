"""A small client of the admin API, for tests and for programs that prepare them. Importing it imports nothing heavy."""

from importlib import import_module
from typing import Any

from mockserver.client.client import Client, Sandboxes
from mockserver.client.connection import ClientError
from mockserver.client.coverage import (
    FidelityRow,
    OperationCoverage,
    ParameterCoverage,
    ProviderCoverage,
    ReliedOnRow,
    StatusCoverage,
)
from mockserver.client.credentials import Credentials
from mockserver.client.descriptions import (
    BundledScenario,
    ListedSandbox,
    RealHosts,
    Release,
    SandboxDescription,
    SandboxListing,
)
from mockserver.client.journal import Following, JournalHandle
from mockserver.client.models import (
    ActiveDeliveryFault,
    ActiveFault,
    Attempt,
    ClockState,
    Delivery,
    Difference,
    Entry,
    Fired,
    FiredFault,
    JournalPage,
    Lead,
    LeadPage,
    Message,
    Nearest,
    ScenarioState,
    Seeker,
    SigningKeys,
    Subscription,
    Verification,
    Violation,
)
from mockserver.client.sandbox import ProviderHandle, SandboxHandle
from mockserver.client.webhooks import DeliveryFaultsHandle, Webhooks

__all__ = [
    "ActiveDeliveryFault",
    "ActiveFault",
    "Attempt",
    "BundledScenario",
    "Client",
    "ClientError",
    "ClockState",
    "Credentials",
    "Delivery",
    "DeliveryFaultsHandle",
    "Difference",
    "Entry",
    "FidelityRow",
    "Fired",
    "FiredFault",
    "Following",
    "JournalHandle",
    "JournalPage",
    "Lead",
    "LeadPage",
    "ListedSandbox",
    "Message",
    "Nearest",
    "OperationCoverage",
    "ParameterCoverage",
    "ProviderCoverage",
    "ProviderHandle",
    "RealHosts",
    "Release",
    "ReliedOnRow",
    "SandboxDescription",
    "SandboxHandle",
    "SandboxListing",
    "Sandboxes",
    "ScenarioState",
    "Seeker",
    "SigningKeys",
    "StatusCoverage",
    "Subscription",
    "Verification",
    "Violation",
    "Webhooks",
]


def __getattr__(name: str) -> Any:
    """Refuses the class that MockServer's own client, installed over this package, expects here."""
    if name == "MockServerClient":
        import_module("lead_mockserver").refuse()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
