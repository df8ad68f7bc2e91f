"""The settings of a server: the command line, the environment, TOML files, keywords and the README read them here."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, fields
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from mockserver.foundation.bounds import LARGEST
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.retry_policy import RETRIES, RETRIES_TEXT
from mockserver.foundation.setting_values import (
    SettingsError,
    check_ca,
    check_header,
    check_origins,
    check_public_url,
    check_timeout,
    read_host_routes,
    read_now,
    read_overlays,
    read_ports,
    read_retries,
    read_variants,
)

__all__ = ["Setting", "Settings", "SettingsError"]


_FOUR_YEARS = 4 * 365 * 86_400
"""Seconds. A clock can be set to a moment so long before the end of the calendar, so every end of a token is a date."""
_PLAIN = (str, int, bool)
"""Types of which a value is taken as it is; what it takes to read others is loaded when there are some."""


class Setting(NamedTuple):
    """Describes a field of `Settings`: what it may be, and the option of the command line that sets it."""

    about: str
    """The help of the option."""
    least: int | None = None
    most: int | None = None
    read: Callable[[Any], Any] | None = None
    """Reads what a user wrote, before its type is checked. Raises ValueError."""
    check: Callable[[Any], Any] | None = None
    """Returns the value of a right type, perhaps in another form. Raises ValueError."""
    is_option: bool = True
    metavar: str | None = None
    name: str | None = None
    """The name of the option, where it is not the field's."""
    multiple: bool = False
    """Whether the option may be given again."""
    default_text: str | None = None
    """The default as text, where the field's is not plain."""

    def is_plain(self, value: Any, annotation: Any) -> bool:
        """Tells whether a value is right without being read, or checked by more than its type and bounds."""
        if self.read is not None or self.check is not None:
            return False
        kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
        if get_origin(annotation) is Literal:
            return type(value) is str and value in get_args(annotation)
        if value is None or type(value) not in _PLAIN or type(value) not in kinds:
            return value is None and type(None) in kinds
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set, with the defaults that tests and other programs rely on.

    It takes values as they are; `settings_reading` reads and checks them.
    """

    host: Annotated[str, Setting("Address to listen on. Off loopback /__admin wants a token.")] = "127.0.0.1"
    port: Annotated[int, Setting("Port; 0 takes a free one.", least=0, most=65535)] = 8080
    ports: Annotated[
        Mapping[str, int],
        Setting(
            "Ports of their own for providers, each at the root, for clients that drop the path of their base URL.",
            read=read_ports,
            metavar="PROVIDER=PORT[,…]",
        ),
    ] = field(default_factory=dict)
    world: Annotated[str, Setting("Name of a world, or path of a world file.")] = "default"
    seed: Annotated[
        int | None,
        Setting("Another seed than the world file's: other people, other estates.", least=-LARGEST, most=LARGEST),
    ] = None
    now: Annotated[
        Epoch | None,
        Setting(
            "ISO 8601 moment at which the clock stands still, so that two runs are the same to the byte. Without it "
            "the clock runs with real time.",
            read=read_now,
            metavar="MOMENT",
        ),
    ] = None
    overlays: Annotated[
        Mapping[str, tuple[Path, ...]],
        Setting(
            "OpenAPI Overlay 1.0 file that corrects a contract. May be given again; in the environment, with blanks "
            "in between.",
            read=read_overlays,
            metavar="PROVIDER=FILE",
            name="overlay",
            multiple=True,
        ),
    ] = field(default_factory=dict)
    variants: Annotated[
        Mapping[str, Mapping[str, str]],
        Setting(
            "Another reading where the documentation leaves two; `mockserver contracts lint -v` lists them. May be "
            "given again; in the environment, with blanks in between.",
            read=read_variants,
            metavar="PROVIDER.NAME=VALUE",
            name="variant",
            multiple=True,
        ),
    ] = field(default_factory=dict)
    log_format: Annotated[Literal["text", "json"], Setting("Logs on stderr.")] = "text"
    log_level: Annotated[
        Literal["info", "debug"], Setting("A failure of the server is one line; at debug, with the traceback.")
    ] = "info"
    log_calls: Annotated[bool, Setting("Whether each call is a line: operation, status, milliseconds, notes.")] = False
    admin_token: Annotated[
        str | None, Setting("Token that /__admin wants; made and shown once when off loopback.", metavar="TOKEN")
    ] = None
    signing_key: Annotated[
        Path | None,
        Setting("Private RSA key (PEM or JWK) for access tokens, instead of the development key that everybody knows."),
    ] = None
    token_lifetime: Annotated[int, Setting("Seconds a token is good.", least=1, most=_FOUR_YEARS)] = 86_400
    body_limit: Annotated[int, Setting("Most bytes of a body.", least=1024, most=1024**3)] = 1024 * 1024
    journal_size: Annotated[int, Setting("Calls to keep.", least=1, most=1_000_000)] = 1000
    journal_body: Annotated[
        int, Setting("Most bytes of a body in the journal.", least=0, most=1024 * 1024, is_option=False)
    ] = 4096
    """No option: for programs that judge whole bodies, in process."""
    store: Annotated[
        str,
        Setting(
            "Where sandboxes are kept: sqlite:///FILE outlives the process, "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE is shared by several servers, too.",
            metavar="memory|URL",
        ),
    ] = "memory"
    workers: Annotated[
        int, Setting("Processes that serve; more than one need a store that they share.", least=1, most=64)
    ] = 1
    sandbox_limit: Annotated[int, Setting("Most sandboxes beside the default one.", least=0, most=100_000)] = 2_000
    sandbox_idle: Annotated[
        int,
        Setting(
            "Seconds without a call after which a sandbox is dropped; 0 is never. The default one stays.",
            least=0,
            most=_FOUR_YEARS,
        ),
    ] = 3_600
    memory_limit: Annotated[
        int | None,
        Setting(
            "About the most MiB that sandboxes take: caches over half of it are dropped, and over it no sandbox is "
            "made. By default a third of the machine's memory, of which caches take 24 MiB.",
            metavar="MIB",
            least=64,
            most=1_048_576,
        ),
    ] = None
    prefer: Annotated[bool, Setting("Whether a request may ask for a fault of its own with the header `Prefer`.")] = (
        True
    )
    scenario: Annotated[
        str | None,
        Setting("Scenario at work in the default sandbox: a name, or the path of a file.", metavar="NAME|FILE"),
    ] = None
    capsule: Annotated[
        Path | None,
        Setting(
            "Capsule that fills the default sandbox: its world, its clock and all that changed; made by `mockserver "
            "capsule save`.",
            metavar="FILE",
        ),
    ] = None
    webhook_hosts: Annotated[
        tuple[str, ...],
        Setting(
            "Name, address or network (172.16.0.0/12) off this machine to which webhooks may go. May be given again; "
            "in the environment, with blanks in between.",
            metavar="HOST",
            name="allow_webhook_host",
            multiple=True,
        ),
    ] = ()
    webhook_retries: Annotated[
        tuple[float, ...],
        Setting(
            "How long after each failure a webhook is sent again, on the virtual clock; `none` is never.",
            read=read_retries,
            metavar="TIME[,…]",
            default_text=RETRIES_TEXT,
        ),
    ] = RETRIES
    webhook_timeout: Annotated[
        float,
        Setting(
            "Seconds of real time until a webhook that is not answered has failed.",
            check=check_timeout,
            metavar="SECONDS",
        ),
    ] = 10
    webhook_ca: Annotated[
        Path | None,
        Setting(
            "Certificates (PEM) that https receivers of webhooks may have, beside those of known authorities or of "
            "`SSL_CERT_FILE` and `SSL_CERT_DIR`.",
            check=check_ca,
            metavar="FILE",
        ),
    ] = None
    webhook_header: Annotated[
        str, Setting("Header of webhooks that carries the key of the subscription.", check=check_header, metavar="NAME")
    ] = "x-api-key"
    cors: Annotated[
        tuple[str, ...],
        Setting(
            "Origin of pages whose scripts may call providers from a browser, such as http://localhost:5173, or * for"
            " all; the providers themselves allow none. May be given again.",
            check=check_origins,
            metavar="ORIGIN",
            multiple=True,
        ),
    ] = ()
    tls: Annotated[
        bool,
        Setting(
            "Whether the port speaks HTTPS, too, and is a proxy for the real hosts of the providers; the first line "
            "names the file of the certificate authority, which is made for this run."
        ),
    ] = False
    host_routes: Annotated[
        Mapping[str, str],
        Setting(
            "Another real host that is answered here, such as login.example.com=gsl/oauth, where its /token is then "
            "/gsl/oauth/token, or one path of a host, such as login.example.com/connect/token=gsl/oauth/token. May be "
            "given again; in the environment, with blanks in between.",
            read=read_host_routes,
            metavar="HOST[/PATH]=PROVIDER[/PREFIX]",
            name="host_route",
            multiple=True,
        ),
    ] = field(default_factory=dict)
    public_url: Annotated[
        str | None,
        Setting(
            "Address at which clients reach this server, for links, audiences and addresses that it tells; without it "
            "that is the Host of each request.",
            check=check_public_url,
            metavar="URL",
        ),
    ] = None
    exit_with_parent: Annotated[
        bool, Setting("Whether the server ends when the process that started it is gone, however that ended.")
    ] = False

    @staticmethod
    @cache
    def described() -> Mapping[str, tuple[Setting, Any, Any]]:
        """Returns by name what each field may be, its type, and its default."""
        return {
            entry.name: (entry.type.__metadata__[0], entry.type.__origin__, _default(entry))
            for entry in cast("tuple[Any, ...]", fields(Settings))
        }

    @property
    def on_loopback(self) -> bool:
        """True when only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _default(entry: Any) -> Any:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()
