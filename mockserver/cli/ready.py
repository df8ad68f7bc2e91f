"""The command `mockserver ready`, for health checks: it imports little, since a machine may ask every few seconds."""

import http.client
import json
import os
import re
import sys
import threading
from urllib.parse import SplitResult, urlsplit

import click

from mockserver.cli.streams import prepare_streams

_TIMEOUT = 5.0
"""Seconds until a server that does not answer is given up for this time."""
_PAUSE = 0.05
"""Seconds between two tries."""
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600}
_LONGEST = 86_400
"""Seconds that may be waited."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATH = "/__admin/health/ready"
_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}
"""Addresses to listen on that nobody can call, and those that stand for them."""


def main() -> None:
    """Runs the command `mockserver ready` alone."""
    prepare_streams()
    ready(sys.argv[2:], prog_name="mockserver ready")


def _read_time(text: str) -> float:
    """Returns seconds. Raises BadParameter for a text that is no time, or a longer one than a day."""
    match = re.fullmatch(r"(\d{1,8}(?:\.\d{1,3})?)(ms|s|m|h)?", text.strip(), re.ASCII)
    seconds = float(match[1]) * _UNITS[match[2] or "s"] if match else _LONGEST + 1
    if seconds > _LONGEST:
        raise click.BadParameter(f"{text!r} is not a time such as 500ms, 30s or 2m; a day is the longest")
    return seconds


def usual_url() -> str:
    """Returns the address of a server with the settings that stand in this environment."""
    host = os.environ.get("MOCKSERVER_HOST", "")
    name = _WILDCARDS.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{os.environ.get('MOCKSERVER_PORT') or 8080}"


url_option = click.option(
    "--url",
    envvar="MOCKSERVER_URL",
    show_envvar=True,
    metavar="URL",
    help="Address of the server. Default: this machine, at MOCKSERVER_PORT or 8080.",
)


@click.command()
@url_option
@click.option(
    "--wait",
    default="0s",
    show_default=True,
    metavar="TIME",
    callback=lambda context, option, text: _read_time(text),
    help="How long to try again while it is not ready, such as 30s.",
)
def ready(url: str | None, wait: float) -> None:
    """Tell whether a server is ready to serve, for health checks and scripts.

    Exit codes: 0 it is, 1 it is not, 2 wrong usage.
    """
    address = read_url(url or usual_url())
    if reason := _why_not(address, _TIMEOUT) if not wait else _wait(address, wait):
        click.echo(f"mockserver: {reason}", err=True)
        sys.exit(1)


def _wait(address: SplitResult, seconds: float) -> str:
    """Asks until the server is ready, or the time is over. Returns why it was not; empty when it is."""
    # Our clock brings more along than a single question needs.
    from mockserver.foundation.clock import stopwatch

    until = stopwatch() + seconds
    while reason := _why_not(address, max(_PAUSE, min(_TIMEOUT, until - stopwatch()))):
        if stopwatch() >= until:
            break
        threading.Event().wait(_PAUSE)
    return reason


def read_url(url: str) -> SplitResult:
    """Returns the parts of an address. Raises BadParameter for one that is none."""
    try:
        address = urlsplit(url)
        _ = address.port
    except ValueError as error:
        raise click.BadParameter(f"{url!r}: {error}; http://127.0.0.1:8080 is right") from None
    if address.scheme not in ("http", "https") or not address.hostname:
        raise click.BadParameter(f"{url!r} is no address of a server; http://127.0.0.1:8080 is right")
    return address


def _why_not(address: SplitResult, timeout: float) -> str:
    """Asks once. Returns the reason why the server is not ready; empty when it is."""
    url, connection = address.geturl(), _connection(address, timeout)
    try:
        connection.request("GET", address.path.rstrip("/") + _PATH)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"no mock server answers at {url}: {getattr(error, 'strerror', None) or error or type(error).__name__}"
    finally:
        connection.close()
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        return f"{url} answers {answer.status}, not as a mock server does"
    if answer.status == http.client.OK and members.get("status") == "ok":
        return ""
    return f"the server at {url} is not ready: {members.get('detail') or answer.status}"


def _connection(address: SplitResult, timeout: float) -> http.client.HTTPConnection:
    host = address.hostname
    assert host is not None
    if address.scheme == "http":
        return http.client.HTTPConnection(host, address.port, timeout=timeout)
    import ssl

    context = ssl.create_default_context()
    if host in _LOOPBACK:
        # The authority of a server on this machine was made for its run, and nothing secret is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, address.port, timeout=timeout, context=context)
