"""Keeps proxies of the machine from coming between a client and the fake, which listens on this machine."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_NAMES = ("no_proxy", "NO_PROXY")
"""Some programs read one of them, some the other, some the first that is there."""
_HERE = ("127.0.0.1", "localhost", "::1")
_lock = threading.Lock()
_runs = 0
_before: dict[str, str | None] = {}


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables by which this machine is reached without a proxy; what they have already stays."""
    both = [environment.get(name) for name in _NAMES]
    return {name: _with_this_machine(environment.get(name) or both[0] or both[1] or "") for name in _NAMES}


@contextmanager
def without_proxies() -> Iterator[None]:
    """Sets these variables in this process for as long as the block lasts, or any other such block beside it."""
    global _runs
    with _lock:
        if not _runs:
            _before.update({name: os.environ.get(name) for name in _NAMES})
            os.environ.update(past_proxies(os.environ))
        _runs += 1
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if not _runs:
                _restore()


def _restore() -> None:
    for name, value in _before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _with_this_machine(hosts: str) -> str:
    listed = [host.strip() for host in hosts.split(",") if host.strip()]
    # The asterisk, which is every host, is understood only where it stands alone.
    return hosts if listed == ["*"] else ",".join([*listed, *(host for host in _HERE if host not in listed)])
