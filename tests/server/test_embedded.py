"""The server inside another program: as an ASGI application, and in a thread."""

import asyncio
import subprocess
import sys
import threading
from types import ModuleType
from typing import Any

import httpx2
import pytest

import mockserver
from mockserver.foundation.settings import SettingsError
from mockserver.foundation.settings_reading import read_settings
from mockserver.server import embedded
from tests.conftest import AUTH, NOW
from tests.support.patience import PATIENCE


def test_the_application_answers_an_async_client_without_a_socket() -> None:
    app = mockserver.asgi_app(world="small", now="2026-01-01T00:00:00Z")

    async def sync() -> tuple[httpx2.Response, httpx2.Response]:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            page = await client.get("/apimo/agencies/101/leads", params={"limit": 2}, auth=AUTH)
            return page, await client.get("/__admin/journal")

    page, journal = asyncio.run(sync())
    assert (page.status_code, len(page.json()["leads"])) == (200, 2)
    assert [entry["operation"] for entry in journal.json()["entries"]] == ["listLeads"]


def test_two_applications_share_nothing() -> None:
    one, other = mockserver.asgi_app(world="small", now=NOW), mockserver.asgi_app(world="empty")
    assert (one.sandbox.world.file.name, other.sandbox.world.file.name) == ("small", "empty")
    assert one.sandbox.clock.now() == NOW


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"worlds": "small"}, "there is no setting 'worlds'; there is host, port"),
        ({"journal_size": 0}, "setting journal_size: 1 is the least"),
        ({"now": "soon"}, "setting now: 'soon' is not an ISO 8601 moment"),
        ({"now": 2**53}, "setting now: .* is out of range; a moment between the years 1970 and 9994 is needed"),
        ({"token_lifetime": 999_999_999_999}, "setting token_lifetime: 126144000 is the most"),
        ({"ports": "apimo"}, "setting ports: 'apimo' is not of the form PROVIDER=PORT"),
        ({"webhook_retries": [1, -1]}, "setting webhook_retries: '-1' is not a time such as 10s"),
        ({"webhook_timeout": float("nan")}, "setting webhook_timeout: nan seconds cannot be waited"),
        ({"webhook_header": "Host"}, "setting webhook_header: 'Host' carries something else in a webhook"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        mockserver.asgi_app(**given)


def test_settings_may_be_text_as_on_the_command_line() -> None:
    settings = read_settings(
        {"now": "2026-01-01", "variants": ["apimo.update=merge"], "webhook_retries": "1m,2h", "ports": "gsl=0"}
    )
    assert (settings.now, settings.variants, settings.ports) == (NOW, {"apimo": {"update": "merge"}}, {"gsl": 0})
    assert settings.webhook_retries == (60, 7_200)


def test_a_server_that_cannot_be_made_leaves_no_port_open() -> None:
    with pytest.raises(SettingsError, match="there is no provider 'nobody'"):
        mockserver.EmbeddedServer(variants={"nobody": {"a": "b"}})


def test_a_server_in_a_thread_ends_with_its_block_also_while_somebody_follows() -> None:
    before = threading.active_count()
    with mockserver.EmbeddedServer(world="small") as server:
        assert any(thread.name == "mockserver" and thread.daemon for thread in threading.enumerate())
        client = mockserver.Client(server.url)
        calls = client.sandbox().journal.follow()
    assert list(calls) == []
    client.close()
    assert threading.active_count() == before
    with mockserver.Client(server.url) as gone, pytest.raises(mockserver.ClientError, match="no mock server answers"):
        gone.version()


def test_two_servers_run_side_by_side() -> None:
    with mockserver.EmbeddedServer(world="small") as one, mockserver.EmbeddedServer(world="empty") as other:
        assert one.url != other.url
        totals = [
            httpx2.get(f"{server.url}/apimo/agencies/101/leads", auth=AUTH).json()["total_items"]
            for server in (one, other)
        ]
    assert totals[0] > 0
    assert totals[1] == 0


def test_what_is_exported_is_there_and_nothing_else() -> None:
    assert mockserver.Client.__name__ == "Client"
    assert mockserver.ClientError.__name__ == "ClientError"
    assert mockserver.asgi_app is embedded.asgi_app
    with pytest.raises(AttributeError, match="has no attribute 'Server'"):
        _ = mockserver.Server


HEAVY = ("httpx2", "httpx", "starlette", "uvicorn", "faker", "yaml", "pydantic", "sqlalchemy", "schemathesis", "orjson")


def heavy_after(statement: str) -> list[str]:
    """Which heavy modules a fresh interpreter has loaded after a statement."""
    code = f"import sys; {statement}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "statement",
    ["import mockserver", "import mockserver.pytest_plugin", "import mockserver; mockserver.Client()"],
)
def test_importing_us_imports_nothing_heavy(statement: str) -> None:
    assert heavy_after(statement) == []


def test_the_test_of_imports_would_notice() -> None:
    assert "starlette" in heavy_after("import mockserver; mockserver.asgi_app()")


@pytest.mark.parametrize(
    ("module", "probe"), [("gevent.monkey", "is_module_patched"), ("eventlet.patcher", "is_monkey_patched")]
)
def test_threads_that_are_none_are_told_instead_of_waited_for(
    module: str, probe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ModuleType(module)
    monkeypatch.setattr(library, probe, lambda name: name in ("threading", "thread"), raising=False)
    monkeypatch.setitem(sys.modules, module, library)
    with pytest.raises(RuntimeError, match=r"has patched the threads of this process, .* as a process of its own"):
        mockserver.EmbeddedServer(world="small")
