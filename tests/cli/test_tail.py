"""The command `mockserver tail`, and the same lines in the log of a server."""

import logging
import signal
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import httpx2
import pytest

from mockserver.cli.main import main
from mockserver.foundation.settings import Settings
from mockserver.server.embedded import CommandServer
from tests.conftest import AUTH, ROOT, MakeClient
from tests.support.patience import PATIENCE

LEADS = "/apimo/agencies/101/leads"
BROKEN = " - query /limit: `limit` is 'many'; a whole number is needed"


def test_each_call_is_a_line_also_after_a_restart_until_ctrl_c() -> None:
    with CommandServer(Settings(world="small", port=0)) as server:
        port = urlsplit(server.url).port or 0
        httpx2.get(f"{server.url}/v2/leads")  # answered before it follows
        tail = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "tail", "--url", server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        late = threading.Timer(PATIENCE, tail.kill)
        late.start()
        assert tail.stdout is not None
        assert tail.stderr is not None
        # It follows from some moment on: until then calls are made again.
        streams = server.app.sandbox.journal.listeners
        while not streams:
            assert tail.poll() is None, tail.stderr.read()
        httpx2.get(f"{server.url}{LEADS}?limit=many", auth=AUTH)
        line = tail.stdout.readline()
        assert line.startswith("apimo listLeads 422 ")
        assert line.endswith(f" ms{BROKEN}\n")
    assert "; waiting for one" in tail.stderr.readline()
    with CommandServer(Settings(world="small", port=port)) as server:
        httpx2.get(f"{server.url}/agencies")
        assert tail.stdout.readline().startswith("no provider, no operation: GET /agencies 404 ")
        tail.send_signal(signal.SIGINT)
        out, _ = tail.communicate(timeout=PATIENCE)
        late.cancel()
    assert (tail.returncode, out) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--url", "http://127.0.0.1:1"], "no mock server answers at http://127.0.0.1:1: "), (["--url", "x"], "is right")],
    ids=["nobody", "no address"],
)
def test_a_server_that_is_not_there_is_one_sentence(
    arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mockserver", "tail", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_calls_are_lines_of_the_log(make_client: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mockserver.calls")
    client = make_client(log_calls=True)
    id = client.post("/__admin/sandboxes", json={}).json()["id"]
    client.get(f"{LEADS}?limit=many")
    client.get(f"/~{id}/gsl/v2/none%0Aof%1B%5B31m")
    first, second = [record.getMessage() for record in caplog.records if record.name == "mockserver.calls"]
    assert first.startswith("apimo listLeads 422 ")
    assert first.endswith(f" ms{BROKEN}")
    assert second.startswith(f"/~{id} gsl no operation: GET /v2/none%0Aof%1B%5B31m 404 ")
