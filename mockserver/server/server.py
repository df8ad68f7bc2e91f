"""The process: sockets, the first line, the loop, the end."""

import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.signals import ending_signals
from mockserver.server.app import MockServer, build
from mockserver.server.listening import bind_all, cannot_listen, port_of
from mockserver.world import world_names

if TYPE_CHECKING:
    import uvicorn

    from mockserver.server.watching import Sources, WatchedServer

log = logging.getLogger("mockserver")


def serve(settings: Settings, sources: "Sources | None" = None) -> None:
    """Serves until SIGTERM, SIGINT or SIGHUP, then lets calls under way end.

    With `sources`, what these files say is followed while it runs. Raises what `build` raises, before it listens.
    """
    parent = os.getppid()
    if sources is not None:
        from mockserver.server.watching import check_watchable

        check_watchable(settings)
    with ExitStack() as stack:
        server, sockets = open_server(settings, stack)
        freeze_gc()
        _serve(server, _watched(server, sources), sockets, parent, _write_ca(server, stack))
    log.info("stopped")


def open_server(settings: Settings, stack: ExitStack) -> tuple[MockServer, list[socket.socket]]:
    """Makes the application and the sockets on which it listens, which the stack closes. Raises what `build` raises."""
    if not settings.on_loopback and settings.admin_token is None:
        import secrets

        settings = replace(settings, admin_token=secrets.token_urlsafe(24))
    # Bound first, since the application must know its ports; nobody can connect before it is there and they listen.
    bound = [bind_all(settings.host, port) for port in (settings.port, *settings.ports.values())]
    sockets = [stack.enter_context(sock) for group in bound for sock in group]
    ports = [port_of(group[0]) for group in bound]
    server = build(settings, own_ports=ports, provider_ports=dict(zip(ports[1:], settings.ports, strict=True)))
    _warn_about_pins(server)
    for sock in sockets:
        _listen(sock)
    return server, sockets


def _watched(server: MockServer, sources: "Sources | None") -> "WatchedServer | None":
    if sources is None:
        return None
    from mockserver.server.watching import WatchedServer

    return WatchedServer(server, sources)


def _write_ca(server: MockServer, stack: ExitStack) -> Path | None:
    """Writes the certificate that clients have to trust, if there is one, to a file that is there until the end."""
    if server.hosting is None or server.hosting.authority is None:
        return None
    from tempfile import TemporaryDirectory

    folder = stack.enter_context(TemporaryDirectory(prefix="mockserver-ca-", ignore_cleanup_errors=True))
    file = Path(folder, "ca.pem")
    file.write_bytes(server.hosting.authority.pem)
    return file


def _serve(
    server: MockServer, watched: "WatchedServer | None", sockets: list[socket.socket], parent: int, ca: Path | None
) -> None:
    settings = server.settings

    def ready() -> None:
        _announce(server, sockets, ca)
        # Not before: the thread must have the same signals blocked, or handled, as this one.
        if settings.exit_with_parent:
            from mockserver.server.parent import follow_parent

            follow_parent(parent)

    if settings.workers == 1:
        _run(server, sockets, ready, watched)
    else:
        if sys.platform == "win32":
            raise SettingsError("several workers need a system that can fork; this one serves with --workers 1 only")
        from mockserver.server.workers import run_workers

        # A connection to a database must not be used by two processes; each makes its own.
        server.sandboxes.repository.close()
        run_workers(settings.workers, lambda: _run(server, sockets), ready)


def _run(
    server: MockServer,
    sockets: list[socket.socket],
    ready: Callable[[], None] = lambda: None,
    watched: "WatchedServer | None" = None,
) -> None:
    """Serves in this process. `ready` is called when a signal ends it well."""
    runner = _runner(server, watched)
    # Before the first line: who reads it may end us at once. When uvicorn is done it raises the signal that stopped it
    # once more; by then that means nothing to us.
    for number in ending_signals():
        signal.signal(number, runner.handle_exit)
    ready()
    runner.run(sockets=sockets)
    server.sandboxes.repository.close()


def _warn_about_pins(server: MockServer) -> None:
    """Tells a user which rules their own pins break; the worlds of the package break some on purpose."""
    if server.settings.world not in world_names():
        from mockserver.world.rules import warnings_about_pins

        for warning in warnings_about_pins(server.sandbox.world):
            log.warning("world %s: %s", server.sandbox.world.file.name, warning)


def freeze_gc() -> None:
    """Spares collections from looking at what was made at the start, which stays for good."""
    gc.freeze()
    # Of what a large page makes, so little is looked through at a time that nobody waits for it.
    gc.set_threshold(10_000, 2, 5_000)
    gc.enable()


def _listen(sock: socket.socket) -> None:
    """From here on who reads the first line and connects at once is queued, not refused. Raises SettingsError."""
    try:
        sock.listen(2048)
    except OSError as error:
        # Another process bound the same port meanwhile, and was the first to listen.
        host, port = sock.getsockname()[:2]
        raise cannot_listen(host, port, error) from None


def _announce(server: MockServer, sockets: list[socket.socket], ca: Path | None) -> None:
    """The one line on standard output: JSON, for the program that started us."""
    line: dict[str, Any] = {
        "url": url_of(server, sockets),
        "admin_token": server.settings.admin_token,
        "pid": os.getpid(),
    }
    if server.ports:
        line["origins"] = origins_of(server)
    if server.public_url is not None:
        line["public_url"] = server.public_url
    if ca is not None:
        line["https"], line["ca"] = line["url"].replace("http", "https", 1), os.fspath(ca)
    try:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    except OSError:
        log.warning("nobody reads standard output; the server goes on")
    log.info("serving %s at %s; %s/ shows credentials", ", ".join(server.providers), line["url"], line["url"])


def _runner(server: MockServer, watched: "WatchedServer | None") -> "uvicorn.Server":
    from mockserver.server.running import make_http_server

    return make_http_server(server, watched)


def url_of(server: MockServer, sockets: list[socket.socket]) -> str:
    """Returns the address at which the server is called."""
    return _url(server.settings.host, port_of(sockets[0]))


def origins_of(server: MockServer) -> dict[str, str]:
    """Returns the addresses of the providers that have a port of their own."""
    return {name: _url(server.settings.host, port) for port, name in server.ports.items()}


def _url(host: str, port: int) -> str:
    # A wildcard address is where we listen, not where anybody can call.
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"
