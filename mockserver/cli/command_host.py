"""Everything that a command runs beside: the server, the variables that lead there, and the clearing up."""

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import click

from mockserver.foundation.settings import Settings

if TYPE_CHECKING:
    from mockserver.cli.isolation import Isolation
    from mockserver.cli.supervisor import Supervisor
    from mockserver.cli.watchdog import Watchdog
    from mockserver.server.embedded import CommandServer
    from mockserver.verification.call_record import CallRecord

_GRACE = 1.0
"""Seconds that processes have to end that the command has left behind."""


class CommandWishes(NamedTuple):
    """The options of a command that are none of the server."""

    templates: Sequence[tuple[str, str]] = ()
    """Variables of the user's own."""
    agency: int | None = None
    is_recorded: bool = False
    """Whether all calls are recorded."""
    hosts: bool = False
    """Whether calls to real hosts lead here."""
    isolate: bool = False
    """Whether the command has a network of its own."""


class CommandPlace(NamedTuple):
    """Everything that a command runs beside."""

    server: "CommandServer"
    record: "CallRecord | None"
    supervisor: "Supervisor"
    watchdog: "Watchdog"
    mark: str
    folder: Path


@contextmanager
def prepared(settings: Settings, wishes: CommandWishes) -> Iterator[CommandPlace]:
    """Starts the server, and stops it; the process that clears up after us comes before any thread."""
    from mockserver.cli.call_summary import record_calls
    from mockserver.cli.supervisor import Supervisor
    from mockserver.cli.watchdog import Watchdog
    from mockserver.judge.leftovers import new_mark
    from mockserver.server.embedded import CommandServer
    from mockserver.server.server import freeze_gc

    # Until the server is ready, which stays as it is from then on.
    gc.disable()
    mark, supervisor = new_mark(), Supervisor()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mockserver-", ignore_cleanup_errors=True)))
        (folder / "state").mkdir()
        watchdog = Watchdog(mark, folder)
        stack.callback(watchdog.dismiss)
        stack.enter_context(supervisor.watching())
        server = stack.enter_context(CommandServer(settings))
        record = server.call(lambda: record_calls(server)) if wishes.is_recorded else None
        freeze_gc()
        yield CommandPlace(server, record, supervisor, watchdog, mark, folder)


@contextmanager
def _led(place: CommandPlace, wishes: CommandWishes, environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Yields the variables that lead the command here from real hosts, if it is to be led."""
    if not wishes.hosts:
        yield {}
        return
    from mockserver.server.host_access import HostAccess

    (place.folder / "hosts").mkdir()
    # A NO_PROXY that is inherited would be a way past us by accident; one that is given for this very command is not.
    texts = (environment.get(name, "") for name, _ in wishes.templates if name.upper() == "NO_PROXY")
    direct = [host for text in texts for part in text.split(",") if (host := part.strip()) and host != "*"]
    access = HostAccess(place.server, place.folder / "hosts", inherited=environment, direct=direct)
    with access.variables() as led:
        yield led


def run_beside(words: Sequence[str], place: CommandPlace, wishes: CommandWishes) -> int:
    """Runs the command, and ends what it leaves. Returns its exit code. Raises CommandNotStarted."""
    from mockserver.cli.command_environment import command_environment

    environment = command_environment(place.server, place.folder, templates=wishes.templates, agency=wishes.agency)
    with _led(place, wishes, environment) as led:
        isolation = _isolation(place, led["MOCKSERVER_PROXY"]) if wishes.isolate else None
        return _run(words, {**environment, **led}, place, isolation)


def _run(
    words: Sequence[str], environment: Mapping[str, str], place: CommandPlace, isolation: "Isolation | None"
) -> int:
    from mockserver.judge.leftovers import MARK, children_of, end_marked

    spared = children_of(os.getpid())
    words = words if isolation is None else isolation.words(words)
    with place.supervisor.running(words, {**environment, MARK: place.mark}) as process:
        if place.supervisor.own_group:
            place.watchdog.watch_group(process.pid)
        try:
            with nullcontext() if isolation is None else isolation.serving():
                code = place.supervisor.wait(process)
        finally:
            left = end_marked(place.mark, _GRACE, spared)
            place.supervisor.end_group(process)
        if left:
            processes = "a process" if left == 1 else f"{left} processes"
            click.echo(f"mockserver: the command left {processes} behind, which had to be ended", err=True)
    return code


def _isolation(place: CommandPlace, proxy: str) -> "Isolation":
    from mockserver.cli.isolation import Isolation

    addresses = (place.server.url, *place.server.origins.values(), proxy)
    return Isolation(place.server, place.folder / "hosts", [int(url.rpartition(":")[2]) for url in addresses])
