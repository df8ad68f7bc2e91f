"""The files of a server are watched: each call looks whether one has changed, and waits for what is read anew."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from starlette.types import Receive, Scope, Send

from mockserver.contract.errors import ContractError
from mockserver.foundation.clock import stopwatch
from mockserver.foundation.logging import log_failure
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.scenarios.loading import scenario_names
from mockserver.server.app import MockServer
from mockserver.server.reloading import PreparedReload, apply, prepare
from mockserver.world import WorldError, world_names

log = logging.getLogger("mockserver.watch")

_LOOK_EVERY = 0.25
"""Real seconds between two looks at the files while no call comes."""
_SLICE = 0.01
"""Real seconds in which sandboxes are made anew before others have their turn."""
_WRITTEN_IN = 0.05
"""Real seconds without a change after which a file is whole: half of one may be right, and mean something else."""

FileMarks = Mapping[Path, tuple[int, int, int] | None]
"""The modification time, the size and the inode of each file; None for one that is not there."""


class Sources(NamedTuple):
    """The place from which the settings of a server come."""

    read: Callable[[], Settings]
    """Reads them anew. Raises SettingsError."""
    config: Path | None
    """The file that has some of them."""

    def files(self, settings: Settings) -> tuple[Path, ...]:
        """Returns the files that decide what a server with these settings answers, without those of the package."""
        files = [path for paths in settings.overlays.values() for path in paths]
        if settings.world not in world_names():
            files.append(Path(settings.world))
        if settings.scenario is not None and settings.scenario not in scenario_names():
            files.append(Path(settings.scenario))
        return tuple(files if self.config is None else [self.config, *files])


class WatchedServer:
    """The ASGI application of a server whose files may change: a call is answered by what they say when it comes.

    It has no synchronous way in, since a call may have to wait for what is read anew, while others go on.
    """

    def __init__(self, server: MockServer, sources: Sources) -> None:
        """Raises SettingsError for a server whose sandboxes cannot be made anew."""
        check_watchable(server.settings)
        self._server = server
        self._sources = sources
        self._marks = _marks(sources.files(server.settings))
        self._lock = asyncio.Lock()
        self.hosting = server.hosting
        """The real hosts that are answered here, if any are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.catch_up()
            await self._server(scope, receive, send)
            return
        looking = asyncio.get_running_loop().create_task(self._look(), name="watch")
        try:
            await self._server(scope, receive, send)
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    def find_at_host(self, route: object, path: str, sandbox_id: str | None) -> None:
        """Returns no address, so that a call to a real host waits here, as all others do."""

    async def catch_up(self) -> None:
        """Reads everything anew if a file has changed since it was read. What is wrong is told once."""
        if _marks(self._marks) == self._marks:
            return
        async with self._lock:
            while (marks := _marks(self._marks)) != self._marks:
                await asyncio.sleep(_WRITTEN_IN)
                if _marks(marks) == marks:
                    await self._reload(marks)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await self.catch_up()

    async def _reload(self, marks: FileMarks) -> None:
        try:
            settings = await asyncio.to_thread(self._sources.read)
            # Those of files that only the new settings name, too, and before they are read.
            marks = {**_marks(self._sources.files(settings)), **marks}
            prepared = await asyncio.to_thread(prepare, self._server, settings)
            await self._go_on_with(prepared, marks)
        except (ContractError, WorldError, SettingsError) as error:
            self._marks = marks
            log.error("not reloaded, the server goes on as before: %s", error)
        except Exception:
            self._marks = marks
            log_failure(log, "the files could not be followed")

    async def _go_on_with(self, prepared: PreparedReload, marks: FileMarks) -> None:
        changed = [str(path) for path, mark in marks.items() if self._marks.get(path) != mark]
        notes: list[str] = []
        slice_end = stopwatch() + _SLICE
        for note in apply(self._server, prepared):
            if note is not None:
                notes.append(note)
            if stopwatch() >= slice_end:
                await asyncio.sleep(0)
                slice_end = stopwatch() + _SLICE
        files = self._sources.files(self._server.settings)
        self._marks = {path: marks[path] for path in files}
        log.info("reloaded: %s", ", ".join(changed))
        for note in notes:
            log.warning("%s", note)
        if prepared.ignored:
            names = ", ".join(name.replace("_", "-") for name in prepared.ignored)
            log.warning("%s cannot change while the server runs: restart it", names)


def check_watchable(settings: Settings) -> None:
    """Raises SettingsError for a server whose sandboxes are not in its memory alone."""
    if settings.workers > 1:
        raise SettingsError(f"--watch is for one process, and there are {settings.workers} workers; leave one out")
    if settings.capsule is not None:
        raise SettingsError("--watch follows files, and a capsule is what it is; leave out --watch or --capsule")
    if settings.store != "memory":
        raise SettingsError(
            "--watch needs sandboxes in memory: a store keeps those of the settings that it was made with; "
            "leave out --watch or --store"
        )


def _marks(files: "FileMarks | tuple[Path, ...]") -> FileMarks:
    return {path: _mark(path) for path in files}


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
