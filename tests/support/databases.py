"""Databases for tests: files of SQLite, and a PostgreSQL server of Debian's package that lives as long as the run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.providers.loading import load_providers
from mockserver.registry.sandboxes import SandboxRegistry
from mockserver.server.app import open_sandboxes, read_contract
from tests.support.lanes import slow

MakeStore = Callable[[str], str]
OpenStore = Callable[..., SandboxRegistry]

DEPLOY = Path(__file__).parents[2] / "fixtures" / "deploy"
KINDS = ("sqlite", slow("postgresql"))
_REQUIRED = ("CI", "MOCKSERVER_REQUIRE_POSTGRESQL")
"""Environment variables that make a missing PostgreSQL a failure."""
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""What is tested is that our process may die, not the machine."""
_numbers = count(1)


@dataclass(frozen=True)
class PostgreSQL:
    """A server of our own on this machine."""

    programs: Path
    folder: Path
    port: int
    quick: bool

    def start(self) -> None:
        """Starts it; it answers then."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        settings = "".join(f" -c {setting}" for setting in _QUICK if self.quick)
        log = self.folder / "server.log"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(log), "-w", "-o", options + settings, "start")

    def stop(self, how: str = "immediate") -> None:
        """Ends it; its files stay."""
        self._run("pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop")

    @property
    def data(self) -> Path:
        """Returns the folder of its files."""
        return self.folder / "data"

    def make(self) -> None:
        """Makes the files of a new one."""
        self._run("initdb", "-D", str(self.data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://tester:secret-of-tester@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str) -> None:
        """Runs one statement."""
        import psycopg

        address = f"host=127.0.0.1 port={self.port} user=tester dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        # It refuses to run as root; Debian's package makes a user for it.
        user = "postgres" if os.getuid() == 0 else None
        done = subprocess.run(
            command,
            user=user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr} {self._log()}"

    def _log(self) -> str:
        log = self.folder / "server.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs; the newest, when there are several."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if installed:
        return installed[-1].parent
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def new_server(*, quick: bool = True) -> Iterator[PostgreSQL]:
    """A server with nothing in it, for the length of the block. One that is not quick writes through to the disk."""
    programs = find_programs()
    assert programs
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = PostgreSQL(programs, folder, _free_port(), quick)
    server.make()
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The PostgreSQL server of the run."""
    if find_programs() is None:
        message = "PostgreSQL is not installed; Debian's package is `postgresql`"
        if any(os.environ.get(name) for name in _REQUIRED):
            pytest.fail(message)
        pytest.skip(message)
    with new_server() as server:
        yield server


@pytest.fixture
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Makes an empty store of a kind, `memory`, `sqlite` or `postgresql`: what `--store` is given."""

    def make(kind: str) -> str:
        if kind == "postgresql":
            server: PostgreSQL = request.getfixturevalue("postgresql")
            return server.database()
        return f"sqlite:///{tmp_path}/store-{next(_numbers)}.db" if kind == "sqlite" else "memory"

    return make


@pytest.fixture(scope="session")
def providers() -> Mapping[str, Provider]:
    """All providers, for tests that need no whole application."""
    return load_providers(lambda name: read_contract(name, Settings()))


@pytest.fixture
def open_store(providers: Mapping[str, Provider]) -> Iterator[OpenStore]:
    """Opens a store as one process does: by default the small world with its clock standing at 2026-01-01T00:00:00Z."""
    opened: list[SandboxRegistry] = []

    def open_(store: str, **settings: Any) -> SandboxRegistry:
        chosen = Settings(**{"world": "small", "now": 1_767_225_600, "store": store, **settings})
        opened.append(open_sandboxes(chosen, providers))
        return opened[-1]

    yield open_
    for sandboxes in opened:
        sandboxes.repository.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port
