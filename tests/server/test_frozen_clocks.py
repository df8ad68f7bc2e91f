"""A server in a process whose clocks a test has stopped, before the import or after: what takes time still ends."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE

_PROGRAM = """
import sys
import time
if sys.argv[1] == "python":
    sys.modules["uvloop"] = None  # the loop is then one of asyncio's own
import httpx2

def stop_clocks():
    for name in ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns"):
        now = getattr(time, name)()
        setattr(time, name, lambda now=now: now)
    if sys.argv[3] == "freezegun":
        import freezegun
        freezegun.freeze_time("2020-01-01").start()

if sys.argv[2] == "before":
    stop_clocks()
from mockserver import EmbeddedServer
with EmbeddedServer(world="small", webhook_timeout=0.2) as server, httpx2.Client(base_url=server.url) as client:
    if sys.argv[2] == "after":
        stop_clocks()
    started = client.get("/__admin/clock").json()["now"]
    for fault in ({"kind": "delay"}, {"kind": "drip", "piece_bytes": 9000}, {"kind": "status", "status": 503}):
        client.post("/__admin/faults", json={"delay_ms": 20, "times": 1, **fault}).raise_for_status()
        print(client.get("/apimo/catalogs", auth=("4321", "0123456789abcdef" * 2 + "01234567")).status_code)
    print(client.get("/__admin/clock").json()["now"] > started > "2026")
"""


@pytest.mark.parametrize("loop", ["python", "c"])
@pytest.mark.parametrize(("when", "by"), [("before", "hand"), ("after", "hand"), ("after", "freezegun")])
def test_a_held_answer_comes_and_the_sandbox_goes_on_where_clocks_are_stopped(loop: str, when: str, by: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, loop, when, by], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.stdout.split(), done.returncode) == (["200", "200", "503", "True"], 0), done.stderr
