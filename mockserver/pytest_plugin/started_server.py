"""A server that a command starts out of process, in whatever environment that command has, until the run ends.

Only the standard library and the client of this package are needed on this side.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import IO, Any, NamedTuple

from mockserver.client import ClientError
from mockserver.foundation.processes import GRACE, ended, stop

PATIENCE = 180.0
"""Seconds in which the first line must have come: the command may have to download what it runs."""
_SETTINGS = {"MOCKSERVER_PORT": "0", "MOCKSERVER_SANDBOX_IDLE": "0", "MOCKSERVER_JOURNAL_SIZE": "10000"}
"""Settings of the server where neither the command nor the environment has others: a free port, so that several runs
may have servers of their own; tests may stand at a breakpoint for longer than an idle sandbox lives elsewhere."""
_MAX_LINE = 64 * 1024
"""Bytes of the first line; what is longer is none of ours."""
_MAX_ERROR_TEXT = 4000
"""Characters of standard error in a message, the last ones."""


class StartedServer(NamedTuple):
    """The place of a server, and what its admin API wants."""

    url: str
    token: str | None


@contextmanager
def started(command: str, patience: float = PATIENCE) -> Iterator[StartedServer]:
    """Runs the command for as long as the block lasts; its first line says where the server is. Raises ClientError."""
    words = _words(command)
    with tempfile.TemporaryFile() as errors:
        process = _start(command, words, errors)
        try:
            yield _address(command, _first_line(process, patience), process, errors)
        finally:
            stop(process)


def _words(command: str) -> list[str]:
    try:
        # Where paths have backslashes, these escape nothing.
        words = shlex.split(command, posix=sys.platform != "win32")
    except ValueError as error:
        raise ClientError(f"--mockserver-command {command!r} cannot be split into words: {error}") from None
    if not words:
        raise ClientError("--mockserver-command is empty; name a command, such as 'uvx lead-mockserver serve'")
    return words


def _start(command: str, words: list[str], errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            words,
            env={**_SETTINGS, **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # A keyboard interrupt is for the tests, which then end the server.
        )
    except (OSError, ValueError) as error:
        raise ClientError(f"--mockserver-command {command!r} cannot be run: {error}") from None


def _first_line(process: "subprocess.Popen[bytes]", patience: float) -> bytes | None:
    """Returns the first line, empty when the output ended before one; None when the patience did."""
    lines: list[bytes] = []
    has_come = Event()

    def read(pipe: IO[bytes]) -> None:
        with pipe:
            lines.append(pipe.readline(_MAX_LINE))
            has_come.set()
            while pipe.read1(65_536):  # type: ignore[attr-defined]  # a BufferedReader
                pass  # So that the server never waits for somebody who reads.

    assert process.stdout is not None
    Thread(target=read, args=(process.stdout,), name="mockserver-output", daemon=True).start()
    return lines[0] if has_come.wait(patience) else None


def _address(command: str, line: bytes | None, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> StartedServer:
    if line is None:
        raise ClientError(f"--mockserver-command {command!r} has not printed the line of a server that is ready")
    if not line:
        end = f"ended with {process.returncode}" if ended(process, GRACE) else "closed its output"
        raise ClientError(f"--mockserver-command {command!r} {end}, and no server is ready:\n{_error_text(errors)}")
    answer = _object(line)
    url, token = answer.get("url"), answer.get("admin_token")
    if not isinstance(url, str) or not (token is None or isinstance(token, str)):
        text = line.decode("utf-8", "replace").strip()
        raise ClientError(
            f"--mockserver-command {command!r} printed {text[:200]!r}, and a server prints "
            '{"url": "http://…", "admin_token": …, …} first; is it `… serve`?'
        )
    return StartedServer(url, token)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _error_text(errors: IO[bytes]) -> str:
    errors.seek(0)
    text = errors.read().decode("utf-8", "replace").strip()
    return text[-_MAX_ERROR_TEXT:] or "it wrote nothing on standard error"
