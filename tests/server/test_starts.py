"""A start imports what the first answer needs, and no more: each list here is all that may be there by then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE

AUTHORIZATION = "Basic NDMyMTowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
ASK = f"""
import os, socket, sys, threading
def ask(port):
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(b"GET /apimo/agencies/101/leads?limit=1 HTTP/1.1\\r\\nHost: localhost\\r\\n"
                     b"Authorization: {AUTHORIZATION}\\r\\nConnection: close\\r\\n\\r\\n")
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200"), answer
    show()
def show():
    with open(os.environ["MODULES"], "w") as file:
        file.write(" ".join(sys.modules))
    os._exit(0)
"""
SERVE = """
class Output:
    encoding = "utf-8"
    def write(self, text):
        if text.startswith("{"):
            port = int(text.partition('"url": "')[2].partition('"')[0].rpartition(":")[2])
            threading.Thread(target=ask, args=[port]).start()
    def flush(self):
        pass
sys.stdout = Output()
sys.argv = ["mockserver", "serve", "--port", "0"]
from mockserver.__main__ import main
main()
"""
ASGI = f"""
import asyncio
from mockserver import asgi_app
app = asgi_app()
async def receive():
    return {{"type": "http.request"}}
async def send(message):
    assert message.get("status", 200) == 200
    if message["type"] == "http.response.body":
        show()
headers = [(b"host", b"localhost"), (b"authorization", b"{AUTHORIZATION}")]
scope = {{"type": "http", "method": "GET", "path": "/apimo/agencies/101/leads", "query_string": b"limit=1",
         "headers": headers, "server": ("localhost", 80), "client": None, "scheme": "http"}}
asyncio.run(app(scope, receive, send))
"""
PLUGIN = """
import pytest
before = set(sys.modules)
import mockserver.__main__
mockserver.__main__.pytest_plugin
for name in before - {"os", "sys"}:
    del sys.modules[name]
show()
"""

LIBRARIES = {"cython_runtime", "httptools", "jsonschema_rs", "orjson", "starlette", "uvicorn", "uvloop"}
"""Installed packages; `cython_runtime` is a part of uvloop."""
COMMAND = {"click", "cli", "server"}
NEEDED = {
    *("contract", "delivery", "domain", "foundation", "pipeline", "provider_api", "providers", "registry", "sandbox"),
    *("scenarios", "server", "world"),
}
"""Packages of ours of which something is needed."""
LATER = {
    *("pydantic", "yaml", "rich", "joserfc", "cryptography", "httpx2", "sqlalchemy", "prometheus_client", "difflib"),
    *("jsonpath", "http.client"),
    *("mockserver.admin", "mockserver.client", "mockserver.judge", "mockserver.verification"),
    *("mockserver.contract.compiling", "mockserver.contract.ledger", "mockserver.contract.supported.yaml"),
    *("mockserver.delivery.dispatcher", "mockserver.delivery.sender", "mockserver.provider_api.judge_adapter"),
    *("mockserver.sandbox.changes.models", "mockserver.sandbox.faults.model", "mockserver.sandbox.faults.kinds"),
    *("mockserver.sandbox.persistence.sql", "mockserver.scenarios.loading", "mockserver.world.rules"),
    *("mockserver.foundation.models", "mockserver.foundation.settings_model"),
    *("mockserver.contract.supported", "mockserver.server.cross_origin", "mockserver.server.parent"),
    *(f"mockserver.world.{name}" for name in ("profiles", "projects", "estimations", "lookups", "category_counts")),
    *(f"mockserver.providers.apimo.{name}" for name in ("crossings", "lead_writes", "request_writes", "properties")),
    *(f"mockserver.providers.{name}.{part}" for name in ("gsl", "seeker") for part in ("handlers", "leads", "wire")),
}
"""What was there at every start once, or would be the dearest."""


def modules_after(folder: Path, *parts: str) -> set[str]:
    """The modules of a process of its own after the parts of a script."""
    file = folder / "modules"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKSERVER_", "COVERAGE_"))}
    environment = {**kept, "MODULES": str(file), "MOCKSERVER_CACHE": str(folder)}
    command = [sys.executable, "-c", "".join(parts)]
    subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, timeout=PATIENCE, check=True)
    return set(file.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder in which all is compiled, as after any first start."""
    folder = tmp_path_factory.mktemp("compiled")
    modules_after(folder, ASK, ASGI)
    return folder


def ours(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules if name.startswith("mockserver.")} - {"__main__"}


def libraries(modules: set[str]) -> set[str]:
    """Installed packages of which something was imported; names that are private belong to others."""
    tops = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    return {name for name in tops if not name.startswith("_")} - {"mockserver", "a1_coverage"}


def late(modules: set[str]) -> set[str]:
    return LATER & modules


def test_serving_needs_no_more(compiled: Path) -> None:
    modules = modules_after(compiled, ASK, SERVE)
    assert ours(modules) <= NEEDED | COMMAND
    assert libraries(modules) <= LIBRARIES | {"click"}
    assert late(modules) == set()


def test_an_application_in_process_needs_no_more(compiled: Path) -> None:
    modules = modules_after(compiled, ASK, ASGI)
    assert ours(modules) <= NEEDED
    assert libraries(modules) <= LIBRARIES - {"uvicorn", "uvloop"}
    assert late(modules) == set()


def test_the_plugin_imports_next_to_nothing(compiled: Path) -> None:
    modules = modules_after(compiled, ASK, PLUGIN)
    assert {name for name in modules if name.startswith("mockserver.")} == {
        "mockserver.__main__",
        "mockserver.foundation",
        "mockserver.foundation.version",
        "mockserver.pytest_plugin",
        "mockserver.pytest_plugin.conform",
        "mockserver.pytest_plugin.fixtures",
        "mockserver.pytest_plugin.marker",
    }
    assert libraries(modules) == set()
