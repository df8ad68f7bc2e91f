"""The command `mockserver ready`: whether a server can serve, for health checks."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from mockserver.cli.ready import main, usual_url
from tests.conftest import Served

NOT_READY = {"detail": "The store is locked."}


class Answers(BaseHTTPRequestHandler):
    """Answers that it is not ready, and that it is when it is asked again."""

    answers: ClassVar[list[tuple[int, dict[str, str]]]] = []

    def do_GET(self) -> None:
        status, body = self.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments: object) -> None:
        return None


@pytest.fixture
def slow_server() -> Iterator[str]:
    """The address of a server that becomes ready."""
    Answers.answers[:] = [(503, NOT_READY), (200, {"status": "ok"})]
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/fake/"
        server.shutdown()
        thread.join()


def ready(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["mockserver", "ready", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_server_that_serves_is_ready(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ready(monkeypatch, "--url", live.url) == 0


def test_who_is_not_ready_is_told_why(
    slow_server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ready(monkeypatch, "--url", slow_server) == 1
    assert "is not ready: The store is locked." in capsys.readouterr().err


def test_it_is_waited_for(slow_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ready(monkeypatch, "--url", slow_server, "--wait", "2m") == 0
    assert Answers.answers == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--url", "http://127.0.0.1:1", "--wait", "1ms"], 1, "no mock server answers at http://127.0.0.1:1: "),
        (["--url", "localhost:8080"], 2, "http://127.0.0.1:8080 is right"),
        (["--url", "http://127.0.0.1:99999"], 2, "http://127.0.0.1:8080 is right"),
        (["--wait", "5 apples"], 2, "500ms, 30s or 2m"),
    ],
    ids=["nobody", "no scheme", "no port", "no time"],
)
def test_what_is_wrong_is_told(
    arguments: list[str],
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ready(monkeypatch, *arguments) == code
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("", "", "http://127.0.0.1:8080"),
        ("0.0.0.0", "9000", "http://127.0.0.1:9000"),
        ("::", "9000", "http://[::1]:9000"),
        ("fe80::1", "1", "http://[fe80::1]:1"),
    ],
)
def test_the_usual_address_is_that_of_the_settings(
    host: str, port: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_HOST", host)
    monkeypatch.setenv("MOCKSERVER_PORT", port)
    assert usual_url() == url
