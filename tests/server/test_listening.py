"""The addresses at which a server listens."""

import errno
import socket
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from mockserver.foundation.settings import SettingsError
from mockserver.server import listening
from mockserver.server.listening import bind_all, port_of, refuse_sharing
from tests.conftest import StartServer


def has_ipv6() -> bool:
    """Whether this machine has a loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Has every name stand for these addresses."""
    entries = [
        (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
        for address in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: entries)


def bound(host: str, port: int = 0) -> list[tuple[str, int]]:
    """The addresses that are bound."""
    with ExitStack() as stack:
        return [stack.enter_context(sock).getsockname()[:2] for sock in bind_all(host, port)]


def test_localhost_is_served_at_both_of_its_addresses(start_server: StartServer) -> None:
    server = start_server("--host", "localhost", "--world", "small", "--ports", "apimo=0")
    assert server.url == f"http://localhost:{server.port}"
    own = server.first["origins"]["apimo"].rpartition(":")[2]
    for host in ("localhost", "127.0.0.1", *(["[::1]"] if has_ipv6() else [])):
        assert httpx2.get(f"http://{host}:{server.port}/__admin/version").status_code == 200
        assert (
            httpx2.get(f"http://{host}:{server.port}/").json()["providers"]["apimo"]["origin"] == f"http://{host}:{own}"
        )
        assert httpx2.get(f"http://{host}:{own}/catalogs").status_code == 401


def test_every_address_of_a_name_gets_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1", "127.0.0.2")
    (first, port), (second, other) = bound("several.example")
    assert (first, second, port) == ("127.0.0.1", "127.0.0.2", other)


def test_an_address_that_this_machine_lacks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1", "192.0.2.1")
    assert [address for address, _ in bound("half.example")] == ["127.0.0.1"]
    resolve_to(monkeypatch, "192.0.2.1")
    with pytest.raises(
        SettingsError, match=r"cannot listen on elsewhere\.example:0: .+; an address of this machine is right"
    ):
        bind_all("elsewhere.example", 0)


def test_a_free_port_is_looked_for_until_it_is_free_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1", "127.0.0.2")
    refusals = iter([True, True])
    plain = listening._bind

    def bind(family: int, address: str, port: int, *, alone: bool) -> socket.socket:
        if address == "127.0.0.2" and next(refusals, False):
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return plain(family, address, port, alone=alone)

    monkeypatch.setattr(listening, "_bind", bind)
    assert len(bound("several.example")) == 2
    refusals = iter([True])
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = port_of(sock)
    with pytest.raises(SettingsError, match="Address already in use"):
        bind_all("several.example", port)


@pytest.mark.parametrize("host", ["no.such.name.invalid", "256.256.256.256", "a" * 300, "[::1]", "a b"])
def test_a_host_that_is_none_is_told(host: str) -> None:
    with pytest.raises(SettingsError, match="cannot listen on "):
        bind_all(host, 0)


class RecordingSocket:
    """Keeps the options that are set."""

    def __init__(self) -> None:
        self.options: list[Any] = []

    def setsockopt(self, *option: Any) -> None:
        """Keeps one."""
        self.options.append(option)


def test_a_port_is_never_shared_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = RecordingSocket(), RecordingSocket()
    monkeypatch.delattr(socket, "SO_EXCLUSIVEADDRUSE", raising=False)
    refuse_sharing(here)  # type: ignore[arg-type]
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    refuse_sharing(there)  # type: ignore[arg-type]
    assert here.options == [(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)]
    assert there.options == [(socket.SOL_SOCKET, -5, 1)]


def test_a_second_server_does_not_get_the_port_of_the_first() -> None:
    (first,) = bind_all("127.0.0.1", 0)
    with first:
        first.listen()
        with pytest.raises(SettingsError, match="Address already in use"):
            bind_all("127.0.0.1", port_of(first))
