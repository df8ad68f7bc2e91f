"""The variables of ours that a client gets for one run: its moment, its files, and a port for webhooks."""

import os
import socket

from mockserver.foundation.clock import iso
from mockserver.judge.drill_folder import DrillFolder


def our_variables(client_now: float, folder: DrillFolder, port: int | None) -> dict[str, str]:
    """Returns them; without a port a drill has no webhooks."""
    names = {
        "MOCKSERVER_NOW": iso(client_now),
        "MOCKSERVER_STATE_DIR": os.fspath(folder.state),
        "MOCKSERVER_OUTCOME": os.fspath(folder.outcome),
    }
    return names if port is None else {**names, "MOCKSERVER_WEBHOOK_PORT": str(port)}


def free_port() -> int:
    """Finds a port of this machine that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
