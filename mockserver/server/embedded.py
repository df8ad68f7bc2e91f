"""The server inside another program: in a thread of it, or as an ASGI application without any socket."""

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mockserver.foundation.clock import stopwatch

if TYPE_CHECKING:
    from mockserver.foundation.settings import Settings
    from mockserver.server.app import MockServer

T = TypeVar("T")

_STOP = 10.0
"""Seconds until a thread that does not end is left alone."""


def asgi_app(**settings: Any) -> "MockServer":
    """The whole server as an ASGI application, for `httpx.ASGITransport` and the like; nothing listens.

    The settings are those of `mockserver serve`, with underscores, such as `world="small"`, `admin_token="…"`; a value
    may be text as on the command line. Raises ContractError, WorldError or SettingsError, each with one sentence that
    says what would be right.
    """
    from mockserver.foundation.settings_reading import read_settings
    from mockserver.server.app import build

    return build(read_settings(settings))


def _refuse_green_threads() -> None:
    """Raises RuntimeError where a library has put threads of its own, which never run by themselves, for real ones."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if gevent is not None and gevent.is_module_patched("threading"):
        library = "gevent"
    elif eventlet is not None and eventlet.is_monkey_patched("thread"):
        library = "eventlet"
    else:
        return
    raise RuntimeError(
        f"{library} has patched the threads of this process, so a server in one of them would never answer; start "
        "`mockserver serve` as a process of its own, or patch everything but threads"
    )


class EmbeddedServer:
    """A server in a daemon thread, with an event loop of its own, on a free port of this machine.

    A context manager. The port is bound before the thread starts: who connects is answered, or waits for it.
    """

    _farewell: float = 1.0
    """Seconds in which calls under way may end when it stops."""

    def __init__(self, **settings: Any) -> None:
        """Takes the settings of `mockserver serve`; all that a call may need is loaded before it returns.

        Raises what `asgi_app` raises, and RuntimeError where threads are none.
        """
        from mockserver.foundation.settings_reading import read_settings

        self._start(read_settings(settings))

    def _start(self, settings: "Settings") -> None:
        from mockserver.server.limits import Limits
        from mockserver.server.running import make_prompt_server

        _refuse_green_threads()
        with ExitStack() as stack:
            self.app, self._sockets = self._open(settings, stack)
            self._prepare()
            self._opened = stack.pop_all()
        # A stream or a body that nobody ends must not hold up the end of a test run.
        self._server = make_prompt_server(self.app, Limits(farewell=0.5), timeout_graceful_shutdown=1)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)
        self._thread.start()

    def _open(self, settings: "Settings", stack: ExitStack) -> "tuple[MockServer, list[socket.socket]]":
        """Makes the application and its sockets, which the stack closes, and sets the address."""
        from mockserver.server.app import build

        sock = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
        port = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return build(settings, own_ports=[port]), [sock]

    def _prepare(self) -> None:
        from mockserver.server.preloading import preload

        preload(self.app)

    def call(self, function: Callable[[], T]) -> T:
        """Calls the function in the thread where calls are answered, while none is under way, and returns its result.

        It must not wait for anything, least of all for a call to this server.
        """

        async def calling() -> T:
            return function()

        return self._await(lambda loop: calling())

    @contextmanager
    def open_proxy(self, sandbox_id: str | None = None, sock: socket.socket | None = None) -> Iterator[int]:
        """Opens one more port until the end of the block, and yields it: a proxy, and a server for real hosts.

        It is for clients that are led here whatever they call, so every host that is not answered is refused. All calls
        to real hosts are for the sandbox, if one is named. The server was made with `tls`.
        """
        from mockserver.server.hosts.protocol import AccessPolicy
        from mockserver.server.hosts.server import HostingServer
        from mockserver.server.listening import port_of

        server, policy = self._server, AccessPolicy(refuses_others=True, sandbox_id=sandbox_id)
        assert isinstance(server, HostingServer), "it was made with `tls`"
        with sock or socket.create_server(("127.0.0.1", 0)) as opened:
            guard, port = self.app.sandboxes.guard, port_of(opened)
            guard.add_own_port(port)
            self.call(lambda: server.open(opened, policy))
            try:
                yield port
            finally:
                self._await(lambda loop: server.close(opened, policy))
                guard.remove_own_port(port)

    @contextmanager
    def serve_network(self, names: socket.socket, sockets: Iterable[socket.socket]) -> Iterator[None]:
        """Serves the sockets of another network until the end of the block, as `open_proxy` does, and closes them.

        At the first one names are looked up.
        """
        from mockserver.server.hosts.name_server import NameServer

        hosting = self.app.hosting
        assert hosting is not None, "it was made with `tls`"
        with ExitStack() as stack:
            names.setblocking(False)
            answering = self._await(lambda loop: loop.create_datagram_endpoint(lambda: NameServer(hosting), sock=names))
            stack.callback(self.call, answering[0].close)
            for sock in sockets:
                stack.enter_context(self.open_proxy(sock=sock))
            yield

    def _await(self, begin: Callable[[asyncio.AbstractEventLoop], Coroutine[Any, Any, T]]) -> T:
        self._running.wait()
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(begin(self._loop), self._loop).result()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._make_loop) as runner:
            runner.run(self._serve())

    def _make_loop(self) -> asyncio.AbstractEventLoop:
        factory = self._server.config.get_loop_factory()
        loop = asyncio.new_event_loop() if factory is None else factory()
        # A loop in Python asks `time`, which a test may freeze; one in C has a clock of its own, and takes no other.
        with suppress(AttributeError):
            loop.time = stopwatch  # type: ignore[method-assign]  # the only way that a loop offers
        return loop

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running.set()
        await self._server.serve(sockets=self._sockets)

    def stop(self) -> None:
        """Lets calls under way end, then the thread. Nothing is left when it returns."""
        self._server.stop()
        self._thread.join(_STOP)
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()


class SoleServer(EmbeddedServer):
    """A server in a process in which nobody replaces anything, so that what a call needs is loaded when one comes."""

    def _prepare(self) -> None:
        pass


class CommandServer(SoleServer):
    """A server in the process of a command: it listens where the settings say, as `mockserver serve` does."""

    _farewell = 0.1  # whoever it was there for has ended

    def __init__(self, settings: "Settings") -> None:
        """Raises what `build` raises, and SettingsError where it cannot listen."""
        self.origins: dict[str, str] = {}
        """The addresses of the providers that have a port of their own."""
        self._start(settings)

    def _open(self, settings: "Settings", stack: ExitStack) -> "tuple[MockServer, list[socket.socket]]":
        from mockserver.server.server import open_server, origins_of, url_of

        server, sockets = open_server(settings, stack)
        self.url, self.origins = url_of(server, sockets), origins_of(server)
        stack.callback(server.sandboxes.repository.close)
        return server, sockets
