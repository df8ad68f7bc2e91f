"""The process: sockets, the first line, the loop, the end."""

import gc
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mockserver.foundation.settings import Settings, SettingsError
from mockserver.server.app import MockServer, build

if TYPE_CHECKING:
    import uvicorn

log = logging.getLogger("mockserver")


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then lets calls under way end. Raises what `build` raises, before it binds."""
    if not settings.on_loopback and settings.admin_token is None:
        settings = settings.model_copy(update={"admin_token": secrets.token_urlsafe(24)})
    server = build(settings)
    sockets = [_bind(settings.host, port) for port in (settings.port, *settings.ports.values())]
    server.dispatcher.guard.own_ports.update(_port(sock) for sock in sockets)
    server.ports = dict(zip((_port(sock) for sock in sockets[1:]), settings.ports, strict=True))
    _settle()
    if settings.workers == 1:
        _run(server, sockets, lambda: _announce(server, sockets))
    else:
        if sys.platform == "win32":
            raise SettingsError("several workers need a system that can fork; this one serves with --workers 1 only")
        from mockserver.server.workers import run_workers

        # A connection to a database must not be used by two processes; each makes its own.
        server.sandboxes.repository.close()
        run_workers(settings.workers, lambda: _run(server, sockets), lambda: _announce(server, sockets))
    log.info("stopped")


def _run(server: MockServer, sockets: list[socket.socket], ready: Callable[[], None] = lambda: None) -> None:
    """Serves in this process. `ready` is called when a signal ends it well."""
    runner = _runner(server)
    # Before the first line: who reads it may end us at once. When uvicorn is done it raises the signal that stopped it
    # once more; by then that means nothing to us.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, runner.handle_exit)
    ready()
    runner.run(sockets=sockets)
    server.sandboxes.repository.close()


def _settle() -> None:
    """What was made at the start stays for good, so no collection needs to look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}; `--port 0` takes a free one") from None
    # Listening from here on: who reads the first line and connects at once is queued, not refused.
    sock.listen(2048)
    return sock


def _announce(server: MockServer, sockets: list[socket.socket]) -> None:
    """The one line on standard output: JSON, for the program that started us."""
    host = server.settings.host
    line: dict[str, Any] = {
        "url": _url(host, _port(sockets[0])),
        "admin_token": server.settings.admin_token,
        "pid": os.getpid(),
    }
    if server.ports:
        line["origins"] = {name: _url(host, port) for port, name in server.ports.items()}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    log.info("serving %s at %s; %s/ shows credentials", ", ".join(server.providers), line["url"], line["url"])


def _runner(server: MockServer) -> "uvicorn.Server":
    import uvicorn

    from mockserver.server.uvicorn_protocol import uvicorn_options

    return uvicorn.Server(uvicorn.Config(server, **uvicorn_options()))


def _port(sock: socket.socket) -> int:
    port: int = sock.getsockname()[1]
    return port


def _url(host: str, port: int) -> str:
    # A wildcard address is where we listen, not where anybody can call.
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"
