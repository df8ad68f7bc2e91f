"""The command `mockserver tail`."""

import sys
import threading
from collections.abc import Iterator

import click

from mockserver.cli.ready import read_url, url_option, usual_url
from mockserver.client import Client, ClientError
from mockserver.client.models import Entry
from mockserver.client.sandbox import SandboxHandle
from mockserver.foundation.call_line import call_line
from mockserver.foundation.settings import SettingsError

_PAUSE = 0.5
"""Seconds between two tries to reach a server that has gone."""


@click.command()
@url_option
@click.option(
    "--token",
    envvar="MOCKSERVER_ADMIN_TOKEN",
    show_envvar=True,
    metavar="TOKEN",
    help="Admin token of the server, where it wants one.",
)
@click.option("--sandbox", default="default", show_default=True, metavar="ID", help="Sandbox whose calls are shown.")
def tail(url: str | None, token: str | None, sandbox: str) -> None:
    """Show each call that a server answers from now on: operation, status, milliseconds and what there is to note.

    It waits for a server that stops until there is one again, and ends with Ctrl-C.
    """
    address = read_url(url or usual_url()).geturl()
    with Client(address, token) as client:
        try:
            for entry in _calls(client.sandbox(sandbox)):
                click.echo(call_line(entry, None if entry.fault is None else entry.fault.kind))
        except ClientError as error:
            raise SettingsError(str(error)) from None
        except KeyboardInterrupt:
            sys.exit(0)


def _calls(sandbox: SandboxHandle) -> Iterator[Entry]:
    """Yields each call once, also those that were answered while the connection was broken. Raises ClientError."""
    newest = next(iter(sandbox.journal.entries(limit=1)), None)
    is_gone = False
    while True:
        try:
            with sandbox.journal.follow(after=_last(sandbox, newest)) as entries:
                if is_gone:
                    click.echo("mockserver: the server answers again", err=True)
                is_gone = False
                for entry in entries:
                    newest = entry
                    yield entry
        except ClientError as error:
            if error.status is not None:
                raise
            if not is_gone:
                click.echo(f"mockserver: {error}; waiting for one", err=True)
            is_gone = True
        threading.Event().wait(_PAUSE)


def _last(sandbox: SandboxHandle, newest: Entry | None) -> int:
    """Returns the id of the call after which others are new; 0 when the journal is another one than before."""
    if newest is None:
        return 0
    first = next(iter(sandbox.journal.entries(after=newest.id - 1)), None)
    # Ids begin again with a journal. When it has let go of the call, all that it has came later.
    return newest.id if first is not None and (first.id, first.real_at) == (newest.id, newest.real_at) else 0
