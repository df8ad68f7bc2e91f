"""The limit: a raw ASGI application that answers constant bytes, on the same uvicorn. Run as a process of its own.

`python -m tests.benchmarks.constant FOLDER`: the answers are the files `W1`, `W2`… of the folder.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from mockserver.server.uvicorn_protocol import uvicorn_options
from tests.benchmarks.workloads import ALL, HOST

Key = tuple[str, str]


class Constant:
    """Answers known bytes by method and path, with as many headers as we send; reads the body of a POST."""

    def __init__(self, answers: dict[Key, tuple[int, bytes]]) -> None:
        self._answers = {
            key: (_start(status, body), {"type": "http.response.body", "body": body})
            for key, (status, body) in answers.items()
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start, body = self._answers[scope["method"], scope["path"]]
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
        await send(start)
        await send(body)


def _start(status: int, body: bytes) -> dict[str, Any]:
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"server", b"mockserver/0.0.0"),
        (b"date", b"Thu, 01 Jan 2026 00:00:00 GMT"),
        (b"content-length", b"%d" % len(body)),
    ]
    return {"type": "http.response.start", "status": status, "headers": headers}


def _read(folder: Path) -> dict[Key, tuple[int, bytes]]:
    return {
        (workload.method, workload.route): (workload.status, (folder / workload.name).read_bytes()) for workload in ALL
    }


def main() -> None:
    """Serves until SIGTERM; the first line on standard output is JSON with `url`, as `mockserver serve` has it."""
    app = Constant(_read(Path(sys.argv[1])))
    sock = socket.create_server((HOST, 0), backlog=2048)
    sys.stdout.write(json.dumps({"url": f"http://{HOST}:{sock.getsockname()[1]}", "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, **{**uvicorn_options(), "lifespan": "off"})
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
