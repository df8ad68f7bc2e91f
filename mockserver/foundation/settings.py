"""The settings of a server: the command line, the environment, TOML files, keywords and the README read them here."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mockserver.foundation.epoch import Epoch
from mockserver.foundation.numbers import LARGEST
from mockserver.foundation.retry_policy import RETRIES, RETRIES_TEXT
from mockserver.foundation.setting_values import (
    SettingsError,
    check_ca,
    check_header,
    check_origins,
    check_timeout,
    read_now,
    read_overlays,
    read_ports,
    read_retries,
    read_variants,
)

__all__ = ["Option", "Settings", "SettingsError"]


_FOUR_YEARS = 4 * 365 * 86_400
"""Seconds. A clock can be set to a moment so long before the end of the calendar, so every end of a token is a date."""


@dataclass(frozen=True, slots=True)
class Option:
    """Makes a field an option of the command line; its type, bounds, default and help are the field's."""

    metavar: str | None = None
    name: str | None = None
    """The name of the option, where it is not the field's."""
    multiple: bool = False
    """Whether the option may be given again."""
    default: str | None = None
    """The default as text, where the field's is not plain."""


class Settings(BaseModel):
    """Everything that can be set, with the defaults that tests and other programs rely on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, Option(), Field(description="Address to listen on. Off loopback /__admin wants a token.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Option(), Field(ge=0, le=65535, description="Port; 0 takes a free one.")] = 8080
    ports: Annotated[
        Mapping[str, Annotated[int, Field(ge=0, le=65535)]],
        BeforeValidator(read_ports),
        Option("PROVIDER=PORT[,…]"),
        Field(
            description="Ports of their own for providers, each at the root, for clients that drop the path of their "
            "base URL."
        ),
    ] = {}
    world: Annotated[str, Option(), Field(description="Name of a world, or path of a world file.")] = "default"
    seed: Annotated[
        int | None,
        Option(),
        Field(ge=-LARGEST, le=LARGEST, description="Another seed than the world file's: other people, other estates."),
    ] = None
    now: Annotated[
        Epoch | None,
        BeforeValidator(read_now),
        Option("MOMENT"),
        Field(
            description="ISO 8601 moment at which the clock stands still, so that two runs are the same to the byte. "
            "Without it the clock runs with real time."
        ),
    ] = None
    overlays: Annotated[
        Mapping[str, tuple[Path, ...]],
        BeforeValidator(read_overlays),
        Option("PROVIDER=FILE", name="overlay", multiple=True),
        Field(
            description="OpenAPI Overlay 1.0 file that corrects a contract. May be given again; in the environment, "
            "with blanks in between."
        ),
    ] = {}
    variants: Annotated[
        Mapping[str, Mapping[str, str]],
        BeforeValidator(read_variants),
        Option("PROVIDER.NAME=VALUE", name="variant", multiple=True),
        Field(
            description="Another reading where the documentation leaves two; `mockserver contracts lint -v` lists "
            "them. May be given again; in the environment, with blanks in between."
        ),
    ] = {}
    log_format: Annotated[Literal["text", "json"], Option(), Field(description="Logs on stderr.")] = "text"
    log_level: Annotated[
        Literal["info", "debug"],
        Option(),
        Field(description="A failure of the server is one line; at debug, with the traceback."),
    ] = "info"
    admin_token: Annotated[
        str | None,
        Option("TOKEN"),
        Field(description="Token that /__admin wants; made and shown once when off loopback."),
    ] = None
    signing_key: Annotated[
        Path | None,
        Option(),
        Field(
            description="Private RSA key (PEM or JWK) for access tokens, instead of the development key that everybody "
            "knows."
        ),
    ] = None
    token_lifetime: Annotated[int, Option(), Field(ge=1, le=_FOUR_YEARS, description="Seconds a token is good.")] = (
        86_400
    )
    body_limit: Annotated[int, Option(), Field(ge=1024, le=1024**3, description="Most bytes of a body.")] = 1024 * 1024
    journal_size: Annotated[int, Option(), Field(ge=1, le=1_000_000, description="Calls to keep.")] = 1000
    journal_body: Annotated[int, Field(ge=0, le=1024 * 1024, description="Most bytes of a body in the journal.")] = 4096
    """No option: for programs that judge whole bodies, in process."""
    store: Annotated[
        str,
        Option("memory|URL"),
        Field(
            description="Where sandboxes are kept: sqlite:///FILE outlives the process, "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE is shared by several servers, too."
        ),
    ] = "memory"
    workers: Annotated[
        int,
        Option(),
        Field(ge=1, le=64, description="Processes that serve; more than one need a store that they share."),
    ] = 1
    sandbox_limit: Annotated[
        int, Option(), Field(ge=0, le=100_000, description="Most sandboxes beside the default one.")
    ] = 2_000
    sandbox_idle: Annotated[
        int,
        Option(),
        Field(
            ge=0,
            le=_FOUR_YEARS,
            description="Seconds without a call after which a sandbox is dropped; 0 is never. The default one stays.",
        ),
    ] = 3_600
    memory_limit: Annotated[
        int | None,
        Option("MIB"),
        Field(
            ge=64,
            le=1_048_576,
            description="About the most MiB that sandboxes take: caches over half of it are dropped, and over it no "
            "sandbox is made. By default a third of the machine's memory.",
        ),
    ] = None
    prefer: Annotated[
        bool,
        Option(),
        Field(description="Whether a request may ask for a fault of its own with the header `Prefer`."),
    ] = True
    scenario: Annotated[
        str | None,
        Option("NAME|FILE"),
        Field(description="Scenario at work in the default sandbox: a name, or the path of a file."),
    ] = None
    webhook_hosts: Annotated[
        tuple[str, ...],
        Option("HOST", name="allow_webhook_host", multiple=True),
        Field(
            description="Name, address or network (172.16.0.0/12) off this machine to which webhooks may go. May be "
            "given again; in the environment, with blanks in between."
        ),
    ] = ()
    webhook_retries: Annotated[
        tuple[float, ...],
        BeforeValidator(read_retries),
        Option("TIME[,…]", default=RETRIES_TEXT),
        Field(
            description="How long after each failure a webhook is sent again, on the virtual clock; `none` is never."
        ),
    ] = RETRIES
    webhook_timeout: Annotated[
        float,
        AfterValidator(check_timeout),
        Option("SECONDS"),
        Field(description="Seconds of real time until a webhook that is not answered has failed."),
    ] = 10
    webhook_ca: Annotated[
        Path | None,
        AfterValidator(check_ca),
        Option("FILE"),
        Field(
            description="Certificates (PEM) that https receivers of webhooks may have, beside those of known "
            "authorities or of `SSL_CERT_FILE` and `SSL_CERT_DIR`."
        ),
    ] = None
    webhook_header: Annotated[
        str,
        AfterValidator(check_header),
        Option("NAME"),
        Field(description="Header of webhooks that carries the key of the subscription."),
    ] = "x-api-key"

    cors: Annotated[
        tuple[str, ...],
        AfterValidator(check_origins),
        Option("ORIGIN", multiple=True),
        Field(
            description="Origin of pages whose scripts may call providers from a browser, such as "
            "http://localhost:5173, or * for all; the providers themselves allow none. May be given again."
        ),
    ] = ()
    exit_with_parent: Annotated[
        bool,
        Option(),
        Field(description="Whether the server ends when the process that started it is gone, however that ended."),
    ] = False

    @property
    def on_loopback(self) -> bool:
        """True when only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
