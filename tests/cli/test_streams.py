"""The standard streams of commands: other encodings than UTF-8, and none at all."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from io import BytesIO, TextIOWrapper

import httpx2
import pytest

from mockserver.cli.streams import ESCAPE, prepare_streams
from tests.conftest import ROOT
from tests.support.patience import PATIENCE

NARROW = ["latin-1", "iso8859-15", "cp437", "cp850", "cp1250", "cp1251", "cp1252", "cp932", "cp936", "ascii"]
WORDS = "L’Agence d’à Côté… œuf € 🏠"


@pytest.mark.parametrize("encoding", NARROW)
def test_every_text_can_be_written_in_every_encoding_and_json_stays_json(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, encoding=encoding, write_through=True))
    monkeypatch.setattr(sys, "stderr", None)
    prepare_streams()
    sys.stdout.write(json.dumps({"words": WORDS}, ensure_ascii=False))
    sys.stderr.write("lost")
    sys.stderr.close()
    assert json.loads(written.getvalue().decode(encoding)) == {"words": WORDS}
    assert "à".encode("ascii", ESCAPE) == b"\\u00e0"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("latin-1", ["serve", "--help"]), ("cp437", ["fidelity"]), ("cp932", ["world", "show", "--world", "messy"])],
)
def test_a_command_says_all_it_has_to_say_in_a_narrow_encoding(encoding: str, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *words],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding)


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_server_without_standard_streams_serves(closed: str) -> None:
    port = free_port()
    command = f"exec {sys.executable} -m mockserver serve --world small --port {port} {closed}"
    process = subprocess.Popen(["sh", "-c", command], cwd=ROOT)
    try:
        with client_of(port) as client:
            assert client.get("/__admin/version").json()["name"] == "lead-mockserver"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def free_port() -> int:
    """A port that nobody listens at: a server that cannot say where it listens is told."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def client_of(port: int) -> httpx2.Client:
    """A client of a server at that port, once it listens."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        time.sleep(0.05)
    raise AssertionError("the server did not come")


def test_a_reader_who_has_read_enough_is_no_error() -> None:
    command = f"{sys.executable} -m mockserver fidelity | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, timeout=PATIENCE)
    assert done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize("words", ["world show --world small", "conform --list", "fidelity --json"])
def test_an_output_without_room_is_told_in_a_sentence(words: str) -> None:
    command = f"{sys.executable} -m mockserver {words} > /dev/full"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, timeout=PATIENCE)
    sentence = b"mockserver: the output cannot be written: no space is left where it goes\n"
    assert (done.returncode, done.stderr) == (1, sentence)
