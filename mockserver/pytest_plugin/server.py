"""The server of a run, and a sandbox at it for each test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from itertools import count

import pytest

from mockserver.client import Client, ClientError, SandboxHandle
from mockserver.pytest_plugin.marker import SandboxOptions

_TAKEN = 409
_MISSING = 404
_JOURNAL = 10_000
"""Calls that the journal of a test keeps."""
_MAX_TRIES = 20


class Server:
    """A server, started for this run or there before it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.url = client.url

    def open(self, item: pytest.Item, options: SandboxOptions) -> SandboxHandle:
        """The sandbox of a test: the same id, and without another wish the same seed, in every run.

        At a server that others use too, the id may be taken by another run of the same test: then it gets a number.
        """
        digest = blake2b(node_id(item).encode(), digest_size=8).digest()
        id = f"{_slug(item)}-{digest[:5].hex()}"
        for number in count(2):
            try:
                return self._create(id if number == 2 else f"{id}.{number - 1}", int.from_bytes(digest[5:]), options)
            except ClientError as error:
                if error.status != _TAKEN or number > _MAX_TRIES:
                    raise
        raise AssertionError("count() does not end")

    def _create(self, id: str, seed: int, options: SandboxOptions) -> SandboxHandle:
        if options.capsule is not None:
            return self._load(id, options)
        # A scenario may say in which world it plays; another seed would be another one.
        usual = seed if options.scenario is None else None
        return self.client.sandboxes.create(
            id,
            world=options.world,
            seed=usual if options.seed is None else options.seed,
            now=options.now,
            variants=options.variants,
            scenario=options.scenario,
            credentials=options.credentials,
        )

    def _load(self, id: str, options: SandboxOptions) -> SandboxHandle:
        try:
            sandbox = self.client.sandboxes.load(options.capsule, id, credentials=options.credentials)
        except OSError as error:
            raise ClientError(f"the capsule {options.capsule} cannot be read: {error.strerror}") from None
        except ClientError as error:
            raise ClientError(f"capsule {options.capsule}: {error}", status=error.status) from None
        # The journal of a test has the calls of that test.
        sandbox.journal.clear()
        return sandbox

    def drop(self, sandbox: SandboxHandle) -> None:
        """Deletes the sandbox of a test, if the test has not."""
        try:
            sandbox.delete()
        except ClientError as error:
            if error.status != _MISSING:
                raise


@contextmanager
def open_server(url: str | None, token: str | None, command: str | None = None) -> Iterator[Server]:
    """The server at the URL, that of the command, or one of our own for as long as the block lasts.

    Raises ClientError for a command that starts none, and for libraries that a server of our own lacks.
    """
    if url is not None:
        with Client(url, token) as client:
            yield Server(client)
        return
    if command is not None:
        from mockserver.pytest_plugin.started_server import started

        with started(command) as address, Client(address.url, token or address.token) as client:
            yield Server(client)
        return
    try:
        import uvicorn  # noqa: F401

        from mockserver.server import app, embedded  # noqa: F401
    except ImportError as error:
        raise ClientError(
            f"a server in this environment needs libraries that are not here, or others than these ({error}): install "
            "lead-mockserver with all that it needs, or have a server elsewhere, by --mockserver-command or "
            "--mockserver-url"
        ) from error
    # Tests may stand at a breakpoint for longer than an idle sandbox lives elsewhere.
    with embedded.EmbeddedServer(sandbox_idle=0, journal_size=_JOURNAL) as server, Client(server.url) as client:
        yield Server(client)


def node_id(item: pytest.Item) -> str:
    """The id of a test, whoever runs it: pytest-xdist writes the group of a grouped test behind it."""
    marker = item.get_closest_marker("xdist_group")
    if marker is None:
        return item.nodeid
    group = marker.args[0] if marker.args else marker.kwargs.get("name", "default")
    return item.nodeid.removesuffix(f"@{group}")


def _slug(item: pytest.Item) -> str:
    """A part of the test's name that can stand in a path."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", item.name.partition("[")[0])[:40].strip("-_")
    return name or "test"
