"""Values of settings are read from text: of the command line, of the environment, of a TOML file, of a keyword.

What is not text is left to the model of the settings. Each reader raises ValueError with one sentence that says what
would be right.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mockserver.foundation.clock import LATEST, parse_moment
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.retry_policy import parse_retries, read_steps

MAX_TIMEOUT = 600
_TOKEN = late_pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HOST_NAME = late_pattern(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_THIS_MACHINE = late_pattern(r"(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0")
_PREFIX = late_pattern(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@%-]+(?:/|\Z))*")
_PUBLIC_URL = late_pattern(
    r"https?://(?:\[[0-9a-f:]{2,45}\]|[a-z0-9_.-]{1,253})(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*",
    re.IGNORECASE | re.ASCII,
)
_MANAGED_HEADERS = frozenset(
    {"host", "content-type", "content-length", "transfer-encoding", "connection", "user-agent", "x-signature"}
)
"""Headers of a webhook that carry something else than a key."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message is one sentence that says what would be right."""


def read_pairs(texts: Iterable[str], form: str) -> list[tuple[str, str]]:
    """Name and value from each text NAME=VALUE; `form` is what the error asks for instead."""
    pairs = []
    for text in filter(str.strip, texts):
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            raise ValueError(f"{text!r} is not of the form {form}")
        pairs.append((name, value))
    return pairs


def read_ports(value: Any) -> Any:
    """Ports by provider, from `apimo=8081,gsl=0`."""
    if not isinstance(value, str):
        return value
    pairs = read_pairs(value.split(","), "PROVIDER=PORT[,…]")
    for _, text in pairs:
        if not text.isdecimal() or int(text) > 65535:
            raise ValueError(f"{text!r} is not a port (0 to 65535; 0 takes a free one)")
    return {name: int(port) for name, port in pairs}


def read_overlays(value: Any) -> Any:
    """Files by provider, in order, from texts such as `apimo=mine.yaml`."""
    if isinstance(value, Mapping):
        return value
    overlays: dict[str, tuple[Path, ...]] = {}
    for provider, file in read_pairs(_texts(value), "PROVIDER=FILE"):
        overlays[provider] = (*overlays.get(provider, ()), Path(file))
    return overlays


def read_variants(value: Any) -> Any:
    """Readings by provider and variant, from texts such as `apimo.error-body=message`."""
    if isinstance(value, Mapping):
        return value
    variants: dict[str, dict[str, str]] = {}
    for name, reading in read_pairs(_texts(value), "PROVIDER.NAME=VALUE"):
        provider, dot, variant = name.partition(".")
        if not dot:
            raise SettingsError(f"variant {name!r} does not say whose it is; write PROVIDER.NAME=VALUE")
        variants.setdefault(provider, {})[variant] = reading
    return variants


def _texts(value: Any) -> Iterable[str]:
    return [value] if isinstance(value, str) else value


def read_host_routes(value: Any) -> Any:
    """Places of providers by host, or by path of a host, from texts such as `login.example.com=gsl/oauth`."""
    if isinstance(value, Mapping):
        if not all(isinstance(place, str) for place in value.values()):
            return value
        pairs: Iterable[tuple[str, str]] = value.items()
    else:
        pairs = read_pairs(_texts(value), "HOST[/PATH]=PROVIDER[/PREFIX]")
    routes: dict[str, str] = {}
    for address, place in pairs:
        (name, _, path), (provider, _, prefix) = address.partition("/"), place.partition("/")
        host = name.lower().removesuffix(".")
        if not _HOST_NAME.fullmatch(host):
            raise ValueError(
                f"{address!r} is not the name of a host, such as login.example.com, without port or scheme"
            )
        if _THIS_MACHINE.fullmatch(host):
            raise ValueError(f"{name!r} is this machine, which is called directly, and has every provider below a path")
        if not _PREFIX.fullmatch(path):
            raise ValueError(f"{address!r} is not of the form HOST[/PATH], such as login.example.com/connect/token")
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"{place!r} is not of the form PROVIDER[/PREFIX], such as gsl/oauth")
        routes[f"{host}/{path}".rstrip("/")] = f"{provider}/{prefix}".rstrip("/")
    return routes


def check_public_url(url: str | None) -> str | None:
    """Returns the address of a server, without a slash at the end."""
    if url is None:
        return None
    parts = _PUBLIC_URL.fullmatch(url.strip().rstrip("/"))
    if parts is None or int(parts["port"] or 1) not in range(1, 65536):
        raise ValueError(
            f"{url!r} is not the address of a server, such as https://mock.example.com or http://mock:8080/fake"
        )
    return parts[0]


def read_now(value: Any) -> Any:
    """The moment at which a clock stands still, from ISO 8601 text or seconds since the epoch."""
    moment = parse_moment(value) if isinstance(value, str) else value
    if isinstance(moment, int) and not 0 <= moment <= LATEST:
        raise ValueError(f"{value!r} is out of range; a moment between the years 1970 and 9994 is needed")
    return moment


def read_retries(value: Any) -> tuple[float, ...]:
    """Seconds from text such as 10s,1m, or from a list of seconds or of such texts."""
    return read_steps(value) if isinstance(value, list | tuple) else parse_retries(str(value))


def check_timeout(seconds: float) -> float:
    """Returns a number of seconds that can be waited for an answer; "nan" and "inf" cannot."""
    if not 0 < seconds <= MAX_TIMEOUT:
        raise ValueError(f"{seconds:g} seconds cannot be waited; more than 0 and at most {MAX_TIMEOUT} can")
    return seconds


def check_ca(file: Path | None) -> Path | None:
    """Returns the name of a file with certificates."""
    if file is None:
        return None
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        raise ValueError(f"{file} has no certificate in PEM, `-----BEGIN CERTIFICATE-----`") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    return file


def check_header(name: str) -> str:
    """Returns the name of a header in which a webhook's key can go."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header; letters, digits and hyphens are needed, at most 100")
    if name.lower() in _MANAGED_HEADERS:
        raise ValueError(f"{name!r} carries something else in a webhook; choose another header such as x-api-key")
    return name


def check_origins(origins: Iterable[str]) -> tuple[str, ...]:
    """Returns origins of pages in lower case. Raises ValueError for what is neither `*` nor an origin."""
    names = tuple(origin.strip().lower() for origin in origins)
    for name in names:
        scheme, _, host = name.partition("://")
        if name not in ("*", "null") and (scheme not in ("http", "https") or not host or set(host) & set("/?#@ ")):
            raise ValueError(f"{name!r} is not the origin of a page, such as http://localhost:5173, or *")
    return names
