"""The server, its sandboxes and the scenarios that it brings, as values with typed attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mockserver.client.models import Json
from mockserver.client.moments import read_moment


@dataclass(frozen=True, slots=True)
class Release:
    """The release of a server."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class RealHosts:
    """The real hosts that a server answers, and the others that it refused."""

    hosts: Mapping[str, str]
    """The place of each: a provider, perhaps with the beginning of a path."""
    refused: Mapping[str, int]
    """The number of calls to each other host."""
    tls: bool


@dataclass(frozen=True, slots=True)
class BundledScenario:
    """A scenario that comes with the server."""

    name: str
    why: str
    """The event out there, and what a correct client does about it."""
    providers: Sequence[str]
    """The providers that it is about; all when it is empty."""
    steps: int


@dataclass(frozen=True, slots=True)
class SandboxDescription:
    """A sandbox as it was when the server was asked: addresses, credentials, and what it was made from."""

    id: str
    urls: Mapping[str, str]
    """Base URLs by provider, and beside them token URLs as `<provider>_token_url`."""
    origins: Mapping[str, str]
    """Providers at the root of a port of their own."""
    credentials: Mapping[str, Mapping[str, Any]]
    """By provider, in the provider's own words; empty when they were revoked."""
    now: datetime
    frozen: bool
    world: str
    seed: int
    variants: Mapping[str, Mapping[str, str]]
    """The reading of each variant, by provider."""
    snapshots: Sequence[str]
    warnings: Sequence[str]
    """Rules of `mockserver world check` that pinned values of its world break; after a capsule was loaded, also what is
    not as where it was saved."""


@dataclass(frozen=True, slots=True)
class ListedSandbox:
    """A sandbox in a listing."""

    id: str
    url: str
    """The address below which its providers are."""


@dataclass(frozen=True, slots=True)
class SandboxListing:
    """All sandboxes of a server, in the order in which they were made."""

    sandboxes: Sequence[ListedSandbox]
    total: int
    limit: int
    """The most that the server keeps beside the default one."""


def read_release(answer: Json) -> Release:
    """From `{name, version}`."""
    return Release(answer["name"], answer["version"])


def read_hosts(answer: Json) -> RealHosts:
    """From `{hosts, refused, tls}`."""
    return RealHosts(answer["hosts"], answer["refused"], answer["tls"])


def read_scenarios(answer: Json) -> tuple[BundledScenario, ...]:
    """From the list of scenarios."""
    return tuple(
        BundledScenario(one["name"], one["why"], tuple(one["providers"]), one["steps"]) for one in answer["scenarios"]
    )


def read_sandbox(answer: Json) -> SandboxDescription:
    """From the description of a sandbox."""
    members = {
        name: answer[name] for name in ("id", "urls", "origins", "credentials", "frozen", "world", "seed", "variants")
    }
    return SandboxDescription(
        **members,
        now=read_moment(answer["now"]),
        snapshots=tuple(answer["snapshots"]),
        warnings=tuple(answer["warnings"]),
    )


def read_sandboxes(answer: Json) -> SandboxListing:
    """From the list of sandboxes."""
    sandboxes = tuple(ListedSandbox(one["id"], one["url"]) for one in answer["sandboxes"])
    return SandboxListing(sandboxes, answer["total"], answer["limit"])
