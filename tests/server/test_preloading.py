"""A server in a test's process loads nothing in the middle of the test, where files and imports may be replaced."""

import subprocess
import sys

from tests.conftest import ROOT
from tests.support.patience import PATIENCE

# Whatever is opened or imported after the start is an error, as it is where a test has replaced the file system.
_PROGRAM = """
import builtins
import io
import sys

import httpx2

from mockserver import EmbeddedServer
from tests.support.every_call import provider_lists, provider_writes, sandbox_lists, server_lists

MORE = [
    ("POST", "/sandboxes", {"id": "x", "world": "messy", "scenario": "outage-on-signal"}),
    ("POST", "/faults", {"kind": "drip", "times": 1, "delay_ms": 0}),
    ("PUT", "/scenario", {"name": "quota-reached"}),
    ("POST", "/leads", {}),
    ("POST", "/leads/newest/erase", {}),
    ("POST", "/verify", {}),
    ("POST", "/snapshot", {}),
    ("POST", "/keys/gsl/rotate", {}),
    ("POST", "/webhooks/flush", {}),
]

def refuse(file, *arguments, **options):
    if isinstance(file, int) or str(file).startswith("/proc/"):
        return opened(file, *arguments, **options)
    late.append(str(file))
    raise FileNotFoundError(str(file))

late, opened = [], io.open
with EmbeddedServer(world="small", now="2026-01-01T00:00:00Z") as server, httpx2.Client(base_url=server.url) as client:
    client.get("/").raise_for_status()
    modules = set(sys.modules)
    builtins.open = io.open = refuse
    answers = [
        *server_lists(client),
        *sandbox_lists(client),
        *provider_lists(client, 1_767_225_600),
        *provider_writes(client),
        *(client.request(method, f"/__admin{path}", json=body) for method, path, body in MORE),
    ]
    builtins.open = io.open = opened
print(sorted({answer.status_code for answer in answers if answer.status_code >= 500}))
print(late)
print(sorted(set(sys.modules) - modules))
"""


def test_nothing_is_opened_or_imported_after_the_start_whatever_is_called() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.splitlines() == ["[]", "[]", "[]"], done.stdout + done.stderr
