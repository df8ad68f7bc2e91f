"""The settings of a server."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mockserver.foundation.epoch import Epoch


class SettingsError(ValueError):
    """A setting that cannot be used; the message is one sentence that says what would be right."""


RETRIES = (10.0, 60.0, 300.0, 1_800.0, 7_200.0)
"""Nobody knows what the real service does; this is assumed: about five times as long after each failure."""
MAX_RETRIES = 50
LONGEST_RETRY = 30 * 86_400
"""Seconds between two attempts."""
LONGEST_TIMEOUT = 600
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_TAKEN = {"host", "content-type", "content-length", "transfer-encoding", "connection", "user-agent", "x-signature"}


def check_header(name: str) -> str:
    """The name of a header in which a webhook's key can go. ValueError says what would do."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header; letters, digits and hyphens are needed, at most 100")
    if name.lower() in _TAKEN:
        raise ValueError(f"{name!r} carries something else in a webhook; choose another header such as x-api-key")
    return name


class Settings(BaseModel):
    """Everything that can be set, with the defaults that tests and other programs rely on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    """0 takes a free one."""
    ports: Mapping[str, int] = {}
    """Providers that get the root of a port of their own."""
    world: str = "default"
    """The name of a world, or the path of a world file."""
    seed: int | None = None
    """None takes the world file's."""
    now: Epoch | None = None
    """Where the clock stands still; None lets it run with real time."""
    overlays: Mapping[str, tuple[Path, ...]] = {}
    """Corrections of contracts, by provider, in order."""
    variants: Mapping[str, Mapping[str, str]] = {}
    """Readings that are not the default, by provider and variant."""
    log_format: Literal["text", "json"] = "text"
    admin_token: str | None = None
    signing_key: Path | None = None
    """A private RSA key (PEM or JWK) for access tokens; None takes the development key that everybody knows."""
    token_lifetime: int = Field(default=86_400, ge=1)
    """How many seconds an access token is good for."""
    body_limit: int = Field(default=1024 * 1024, ge=1024)
    """The most bytes of a request body that are read."""
    journal_size: int = Field(default=1000, ge=1, le=1_000_000)
    journal_body: int = Field(default=4096, ge=0, le=1024 * 1024)
    """The most bytes of a body that the journal keeps."""

    store: str = "memory"
    """Where sandboxes are kept: `memory`, or the URL of a database that SQLAlchemy knows."""
    workers: int = Field(default=1, ge=1, le=64)
    """How many processes serve; more than one need a store that they can share."""
    sandbox_limit: int = Field(default=2_000, ge=0, le=100_000)
    """The most sandboxes beside the default one."""
    sandbox_idle: int = Field(default=3_600, ge=0)
    """After how many real seconds without a call a sandbox is dropped; 0 is never."""
    prefer: bool = True
    """Whether a request may ask for a fault of its own with the header `Prefer`."""
    scenario: str | None = None
    """The scenario at work in the default sandbox: a name, or the path of a file."""
    webhook_hosts: tuple[str, ...] = ()
    """Names, addresses and networks off this machine to which webhooks may go."""
    webhook_retries: tuple[Annotated[float, Field(ge=0, le=LONGEST_RETRY)], ...] = Field(
        default=RETRIES, max_length=MAX_RETRIES
    )
    """Seconds on the virtual clock from each failure to the next attempt."""
    webhook_timeout: float = Field(default=10.0, gt=0, le=LONGEST_TIMEOUT)
    """Real seconds until an attempt has failed."""
    webhook_header: Annotated[str, AfterValidator(check_header)] = "x-api-key"
    """The header that carries a subscription's key."""

    @property
    def on_loopback(self) -> bool:
        """True when only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
