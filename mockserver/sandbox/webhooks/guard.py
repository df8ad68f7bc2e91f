"""The guard lets webhooks go to this machine's loopback, and to hosts that are allowed by name."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from mockserver.foundation.patterns import late_pattern

IpAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host, in the order in which to try them. Raises OSError."""

LONGEST = 2_048
_NAME = late_pattern(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = late_pattern(r"\d+|0x[0-9a-f]*")
"""A last label of this form makes many programs read the whole host as an IPv4 address in another spelling."""
_PORTS = {"http": 80, "https": 443}


class Refused(ValueError):
    """Nothing may be sent there; the message is one sentence."""


async def resolve(host: str, port: int) -> list[str]:
    """Returns what the system resolves a host to."""
    entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in entries))


class TargetGuard:
    """Judges a URL twice: as it is written, and by the addresses to which it resolves."""

    def __init__(
        self,
        allowed: Iterable[str] = (),
        *,
        own_ports: Iterable[int] = (),
        public_url: str | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        """`allowed` are names, addresses and networks such as 172.16.0.0/12. ValueError for what is none of them.

        At `own_ports`, and at the `public_url`, this very server listens; webhooks must not call its admin API.
        """
        self._own_ports = set(own_ports)
        self._public_url = None if public_url is None else f"{public_url.lower()}/"
        self._resolve = resolve
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for entry in allowed:
            self._allow(entry.strip().lower().removesuffix("."))

    def add_own_port(self, port: int) -> None:
        """Takes a port for one at which this very server listens, from now on."""
        self._own_ports.add(port)

    def remove_own_port(self, port: int) -> None:
        """Takes a port for anybody's again."""
        self._own_ports.discard(port)

    def refuse(self, url: str) -> str | None:
        """Returns why nothing may be sent to a URL, as far as the URL itself tells; nothing is resolved."""
        try:
            self._read(url)
        except Refused as refused:
            return str(refused)
        return None

    async def addresses(self, url: str) -> list[str]:
        """Returns the addresses to connect to, and no others. Raises Refused, and OSError for a name without any."""
        host, port = self._read(url)
        literal = _literal(host)
        addresses: Sequence[str] = [str(literal)] if literal else await self._resolve(host, port)
        if not addresses:
            raise OSError(f"{host} has no address")
        for address in addresses:
            # Judged is exactly what is connected to: the name is not looked up again.
            self._judge(ip_address(address), port, named=host in self._names, host=host)
        return list(addresses)

    def _allow(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry.strip("[]")))
        except ValueError:
            if not _NAME.fullmatch(entry) or _NUMBER.fullmatch(entry.rpartition(".")[2]):
                raise ValueError(
                    f"{entry!r} is no host; a name, an address or a network such as 172.16.0.0/12 is needed"
                ) from None
            self._names.add(entry)

    def _read(self, url: str) -> tuple[str, int]:
        """Returns host and port. Raises Refused."""
        parts = _split(url)
        host = (parts.hostname or "").removesuffix(".")
        try:
            port = parts.port
        except ValueError:
            raise Refused("The port is none; 1 to 65535 is needed.") from None
        if port is None:
            port = _PORTS[parts.scheme]
        if port == 0:
            raise Refused("Port 0 is none; 1 to 65535 is needed.")
        if literal := _literal(host):
            self._judge(literal, port, named=False, host=host)
        elif "[" in parts.netloc or not _NAME.fullmatch(host):
            raise Refused("The host is neither a name in ASCII nor an IP address.")
        elif _NUMBER.fullmatch(host.rpartition(".")[2]):
            raise Refused(f"{host} is an IP address in an unusual spelling; write it as four decimal numbers.")
        elif host == "localhost" or host.endswith(".localhost"):
            self._not_us(port)
        elif host not in self._names:
            raise Refused(
                f"Webhooks go to this machine only, and {host} is not it; start the server with "
                f"--allow-webhook-host {host} to allow it."
            )
        if self._public_url is not None and f"{url.lower()}/".startswith(self._public_url):
            raise Refused(f"{self._public_url} is this server itself.")
        return host, port

    def _judge(self, address: IpAddress, port: int, *, named: bool, host: str) -> None:
        """Raises Refused for an address that must not be connected to."""
        what = str(address) if str(address) == host else f"{host} is at {address}, which"
        if isinstance(address, IPv6Address) and _hides_ipv4(address):
            raise Refused(f"{what} holds an IPv4 address inside of an IPv6 address; write the IPv4 address.")
        if address.is_unspecified or address.is_multicast or address.is_link_local or _is_reserved(address):
            raise Refused(f"{what} is no address of a receiver.")
        if address.is_loopback:
            self._not_us(port)
            return
        if port in self._own_ports and _is_ours(address):
            raise Refused(f"Port {port} of this machine is this server itself.")
        if any(address in network for network in self._networks) or (named and address.is_global):
            return
        raise Refused(
            f"{what} is not of this machine; start the server with --allow-webhook-host {address} to allow it."
        )

    def _not_us(self, port: int) -> None:
        if port in self._own_ports:
            raise Refused(f"Port {port} of this machine is this server itself.")


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise Refused(f"The URL has more than {LONGEST} characters.")
    # What one reader passes over may be structure to the next.
    if any(char <= " " or char in "\\\x7f" for char in url):
        raise Refused("The URL has blanks, control characters or backslashes; they must be percent-encoded.")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused("The URL cannot be read; one such as http://127.0.0.1:9000/webhook is needed.") from None
    if parts.scheme not in _PORTS:
        raise Refused(f"{parts.scheme or 'No scheme'} cannot be sent to; a URL with http or https is needed.")
    if "@" in parts.netloc:
        raise Refused("The URL names a user before its host; leave that out.")
    return parts


def _literal(host: str) -> IpAddress | None:
    """Returns the host as an address in its usual spelling; None when it is none."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def _hides_ipv4(address: IPv6Address) -> bool:
    """Tells whether some system would go to an IPv4 address inside: mapped, compatible, translated or tunnelled."""
    if address.ipv4_mapped or address.sixtofour or address.teredo:
        return True
    return any(address in network for network in _TRANSLATED) and not (address.is_loopback or address.is_unspecified)


_TRANSLATED = [IPv6Network("::/96"), IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")]


def _is_reserved(address: IpAddress) -> bool:
    # ::1 is in a block that is reserved, too.
    return address.is_reserved and not address.is_loopback


def _is_ours(address: IpAddress) -> bool:
    """Tells whether this machine has that address, since only then it can be bound."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((str(address), 0))
    except OSError:
        return False
    return True


__all__ = ["Refused", "Resolve", "TargetGuard", "resolve"]
