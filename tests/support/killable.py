"""A server that can be killed and started anew within milliseconds: `python -m tests.support.killable STORE`.

The first line on standard output is the port. For each line on standard input a server is forked from this process,
which has everything loaded, and its process id is written; when it has died, `dead` is.
"""

import gc
import os
import socket
import sys

import httpx2  # noqa: F401 - webhooks are sent with it
import uvicorn

from mockserver.foundation.settings import Settings
from mockserver.server.app import MockServer, build
from mockserver.server.uvicorn_protocol import uvicorn_options
from tests.support.in_process import TestClient

_AUTH = ("4321", "0123456789abcdef0123456789abcdef01234567")


def main() -> None:
    """Forks a server for each line of standard input."""
    server = build(Settings(world="small", now=1_767_225_600, store=sys.argv[1], webhook_timeout=1.0))
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    _load(server)
    server.sandboxes.repository.close()
    gc.collect()
    gc.freeze()
    say(listening.getsockname()[1])
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            uvicorn.Server(uvicorn.Config(server, **uvicorn_options())).run(sockets=[listening])
            os._exit(0)
        say(pid)
        os.waitpid(pid, 0)
        say("dead")


def _load(server: MockServer) -> None:
    """Makes what is made when it is first needed, once for all that are forked."""
    uvicorn.Config(server, **uvicorn_options()).get_loop_factory()
    with TestClient(server, base_url="http://127.0.0.1") as client:
        for answer in (
            client.post("/apimo/agencies/101/leads", auth=_AUTH, json={"reference": "first"}),
            client.get("/apimo/agencies/101/leads", auth=_AUTH),
        ):
            assert answer.status_code == 200, answer.text


def say(word: object) -> None:
    """Writes one line for the process that started this one."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
