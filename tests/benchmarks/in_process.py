"""The workloads in this process, from the bytes of a request to those of its response, without a socket."""

import asyncio
import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import uvicorn

from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer, build
from mockserver.server.limits import Limits
from mockserver.server.uvicorn_protocol import uvicorn_options
from tests.benchmarks.workloads import HOST, MARK, TOKEN_REQUESTS, Workload, reference, with_tokens, workloads_at

NOW = 1_767_225_600
"""2026-01-01T00:00:00Z, where the clock stands: two runs do the same."""
_LONG = 86_400.0
Answer = Callable[[], bytes]
"""Makes a request of a workload, and returns the whole response."""


class Connection:
    """A connection of a client to an application, over uvicorn's protocol, with a transport that keeps what it gets."""

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        patient = Limits(head=_LONG, body=_LONG, idle=_LONG, unread=_LONG)
        config = uvicorn.Config(app, **{**uvicorn_options(patient), "lifespan": "off"})
        config.load()
        self._loop = loop
        self._transport = _Transport()
        state = uvicorn.server.ServerState()
        make: Any = config.http_protocol_class
        self._protocol = make(config=config, server_state=state, app_state={}, _loop=loop)
        self._protocol.connection_made(self._transport)

    def ask(self, request: bytes) -> bytes:
        """Sends a request; returns the bytes of its response. The loop runs only if the response has to wait for it."""
        written = self._transport.written
        written.clear()
        self._protocol.data_received(request)
        if not written or not _is_whole(written):
            while not written or not _is_whole(written):
                self._turn()
            self._end_tasks()
        return b"".join(written)

    def holds(self, request: bytes) -> list[float]:
        """Sends a request; returns for how many seconds of the processor the loop was held each time until it came."""
        written = self._transport.written
        written.clear()
        began = process_time()
        self._protocol.data_received(request)
        moments = [began, process_time()]
        while not written or not _is_whole(written):
            self._turn()
            moments.append(process_time())
        self._end_tasks()
        return [after - before for before, after in pairwise(moments)]

    def _end_tasks(self) -> None:
        """Lets tasks end that have sent their response: nothing of them is left to the garbage collector."""
        while asyncio.all_tasks(self._loop):
            self._turn()

    def _turn(self) -> None:
        self._loop.call_soon(self._loop.stop)
        self._loop.run_forever()


class _Transport(asyncio.Transport):
    """A transport to nobody."""

    def __init__(self) -> None:
        super().__init__({"sockname": (HOST, 8080), "peername": (HOST, 50_000)})
        self.written: list[bytes] = []

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        raise ConnectionError(f"the server hung up after {b''.join(self.written)[:500]!r}")

    def pause_reading(self) -> None:
        """Nothing more comes anyway."""

    def resume_reading(self) -> None:
        """Nothing was held back."""

    def get_write_buffer_size(self) -> int:
        return 0


def _is_whole(written: list[bytes]) -> bool:
    head, _, body = b"".join(written).partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) == int(length)


def make_server(seed: int | None = None) -> MockServer:
    """Returns the server as everybody starts it, but with a clock that stands."""
    return build(Settings(now=NOW, seed=seed))


def make_sized(enquiries: int, seed: int) -> MockServer:
    """Returns a server over a world with that many enquiries of each of two agencies, which nobody has looked at."""
    size = {"agents": 6, "estates": min(20_000, max(60, enquiries // 5)), "enquiries": enquiries}
    file = {"name": "sized", "size": size, "agencies": [{"id": 101}, {"id": 102}]}
    with TemporaryDirectory() as folder:
        world = Path(folder, "sized.yaml")
        world.write_text(json.dumps(file), encoding="utf-8")
        return build(Settings(world=str(world), now=NOW, seed=seed))


def answers_of(app: Any, loop: asyncio.AbstractEventLoop, workloads: tuple[Workload, ...]) -> Mapping[str, Answer]:
    """Returns for each workload, by name, what makes one request of it."""
    connection = Connection(app, loop)
    return {workload.name: _answer(connection, workload) for workload in workloads}


def prepared(app: Any, loop: asyncio.AbstractEventLoop) -> tuple[Workload, ...]:
    """Returns all workloads with the tokens that our server issues. Raises RuntimeError when an answer is not full."""
    connection = Connection(app, loop)
    tokens = {}
    for provider, wanted in TOKEN_REQUESTS.items():
        asked = Workload(
            "token", "token", "POST", f"/{provider}/oauth/token", body=json.dumps(wanted), authorization=""
        )
        tokens[provider] = json.loads(body_of(connection.ask(bytes_of(asked))))["access_token"]
    workloads = with_tokens(workloads_at(NOW), tokens)
    for workload, answer in zip(workloads, answers_of(app, loop, workloads).values(), strict=True):
        response = answer()
        if status_of(response) != workload.status or not workload.is_full(body_of(response)):
            raise RuntimeError(f"the answer to {workload.name} is {response[:500]!r}")
    return workloads


def _answer(connection: Connection, workload: Workload) -> Answer:
    request, number = bytes_of(workload), 0
    if MARK not in workload.body:
        return lambda: connection.ask(request)
    head, _, tail = request.partition(MARK.encode())

    def post() -> bytes:
        nonlocal number
        number += 1
        return connection.ask(head + reference(number).encode() + tail)

    return post


def bytes_of(workload: Workload) -> bytes:
    """Returns a request as it is sent."""
    headers = {"Host": f"{HOST}:8080", "User-Agent": "bench", **workload.headers}
    if workload.body:
        headers["Content-Length"] = str(len(workload.body))
    lines = [f"{workload.method} {workload.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", workload.body]).encode()


def status_of(response: bytes) -> int:
    """Returns the status of a response."""
    return int(response[9:12])


def body_of(response: bytes) -> bytes:
    """Returns the body of a response."""
    return response.partition(b"\r\n\r\n")[2]
