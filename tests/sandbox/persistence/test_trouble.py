"""A store in trouble: calls are told in the provider's envelope, readiness says so, and it heals by itself."""

import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest

from mockserver.sandbox.unit_of_work import when_free
from mockserver.server.app import MockServer
from tests.conftest import AUTH, StartServer
from tests.support.in_process import TestClient

LEADS = "/apimo/agencies/101/leads"
MakeApp = Callable[..., MockServer]
T = TypeVar("T")


async def impatient(function: Callable[[], T], patience: float = 0.0) -> T:
    """`when_free`, but it hardly waits."""
    return await when_free(function, 0.01)


class Stored:
    """An application over a SQLite file, and its client."""

    def __init__(self, app: MockServer, file: Path) -> None:
        self.app = app
        self.file = file
        self.client = TestClient(app, base_url="http://127.0.0.1:8080")
        self.client.auth = AUTH
        assert self.write() == 200

    def write(self) -> int:
        """Adds a lead; the status of the answer."""
        return self.client.post(LEADS, json={"reference": "a lead"}).status_code

    def assert_in_trouble(self, reason: str) -> None:
        """Every call says that the store is in trouble, and why; the process is alive."""
        for answer in (self.client.get(LEADS), self.client.post(LEADS, json={"reference": "one more"})):
            assert answer.status_code == 503, answer.text
            # Apimo's envelope.
            assert answer.json()["status"] == 503
            assert reason in answer.json()["detail"]
        ready = self.client.get("/__admin/health/ready")
        assert (ready.status_code, ready.headers["content-type"]) == (503, "application/problem+json")
        assert reason in ready.json()["detail"]
        assert self.client.get("/__admin/journal").status_code == 503
        assert self.client.get("/__admin/health/live").status_code == 200

    def assert_healed(self) -> None:
        """The next call is answered, and the server is ready."""
        assert self.write() == 200
        assert self.client.get("/__admin/health/ready").status_code == 200


@pytest.fixture
def stored(make_app: MakeApp, tmp_path: Path) -> Iterator[Stored]:
    """A server that has stored something."""
    file = tmp_path / "store.db"
    app = make_app(store=f"sqlite:///{file}")
    yield Stored(app, file)
    app.sandboxes.repository.close()


def test_a_file_that_is_removed_acknowledges_nothing_until_it_is_back(stored: Stored, tmp_path: Path) -> None:
    aside = tmp_path / "aside.db"
    stored.file.rename(aside)
    stored.assert_in_trouble("its file cannot be opened")
    assert not stored.file.exists(), "it is not made anew, empty"
    aside.rename(stored.file)
    stored.assert_healed()


def test_a_file_that_is_removed_while_a_call_is_answered_acknowledges_nothing(stored: Stored, tmp_path: Path) -> None:
    leads = stored.client.get(LEADS).json()["total_items"]
    sandbox = stored.app.sandbox

    def remove(_: object) -> None:
        stored.file.rename(tmp_path / "aside.db")

    sandbox.store.arrived.add(remove)
    assert stored.write() == 503
    sandbox.store.arrived.discard(remove)
    (tmp_path / "aside.db").rename(stored.file)
    stored.assert_healed()
    # The file was only away: what was committed to it is there, and what was acknowledged is, too.
    assert stored.client.get(LEADS).json()["total_items"] >= leads + 1


def test_a_file_that_is_replaced_is_read_anew(stored: Stored, tmp_path: Path) -> None:
    before = stored.client.get(LEADS).json()["total_items"]
    with closing(sqlite3.connect(stored.file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(stored.file, tmp_path / "copy.db")
    assert stored.write() == 200
    for part in ("-wal", "-shm"):
        Path(f"{stored.file}{part}").unlink(missing_ok=True)
    (tmp_path / "copy.db").replace(stored.file)
    assert stored.client.get(LEADS).status_code == 200
    assert stored.client.get(LEADS).json()["total_items"] == before


def test_a_malformed_file_is_told(stored: Stored, tmp_path: Path) -> None:
    with closing(sqlite3.connect(stored.file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = stored.file.read_bytes()
    stored.file.write_bytes(b"no database" * 1_000)
    stored.app.sandboxes.repository.close()
    stored.assert_in_trouble("its file is malformed")
    stored.file.write_bytes(whole)
    stored.assert_healed()


def test_a_file_that_loses_its_tables_is_told(stored: Stored) -> None:
    with closing(sqlite3.connect(stored.file)) as database:
        database.execute("ALTER TABLE mockserver_sandboxes RENAME TO elsewhere")
    stored.assert_in_trouble("its tables are not those that this server made")
    with closing(sqlite3.connect(stored.file)) as database:
        database.execute("ALTER TABLE elsewhere RENAME TO mockserver_sandboxes")
    stored.assert_healed()


def test_a_record_that_cannot_be_read_is_told(stored: Stored) -> None:
    with closing(sqlite3.connect(stored.file, isolation_level=None)) as database:
        row = "sandbox = 'default' AND part = 'store' AND record LIKE 'enquiry/%'"
        (value,) = database.execute(f"SELECT value FROM mockserver_records WHERE {row}").fetchone()
        database.execute(f"UPDATE mockserver_records SET value = '{{', revision = 1000 WHERE {row}")
        database.execute("UPDATE mockserver_sandboxes SET revision = 1000")
        answer = stored.client.get(LEADS)
        assert answer.status_code == 503
        assert "it holds what this server cannot read" in answer.json()["detail"]
        database.execute(f"UPDATE mockserver_records SET value = ? WHERE {row}", (value,))
    stored.assert_healed()


def test_a_full_disk_is_told(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = "mockserver.sandbox.persistence.sql.sqlite_connection._SETTINGS"
    with monkeypatch.context() as patch:
        patch.setattr(settings, ("PRAGMA journal_mode=WAL", "PRAGMA max_page_count=1"))
        stored.app.sandboxes.repository.close()
        stored.client.get(LEADS)
        # What is written in place needs no page more; a lead does, sooner or later.
        statuses = [stored.client.post(LEADS, json={"message": "x" * 9_000}).status_code for _ in range(3)]
        assert statuses[-1] == 503
        answer = stored.client.post(LEADS, json={"message": "x" * 9_000})
        assert "its disk is full" in answer.json()["detail"]
    stored.app.sandboxes.repository.close()
    stored.assert_healed()


def test_a_full_disk_is_not_ready_though_what_is_small_still_works(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(stored.file)) as database:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
    with monkeypatch.context() as patch, caplog.at_level(logging.INFO, "mockserver.store"):
        settings = ("PRAGMA journal_mode=WAL", f"PRAGMA max_page_count={pages + 8}")
        patch.setattr("mockserver.sandbox.persistence.sql.sqlite_connection._SETTINGS", settings)
        stored.app.sandboxes.repository.close()
        big = {"reference": "a lead", "message": "x" * 9_000}
        while (answer := stored.client.post(LEADS, json=big)).status_code == 200:
            pass
        assert answer.status_code == 503
        for _ in range(5):
            assert stored.client.get("/apimo/catalogs").status_code in (200, 503)
            ready = stored.client.get("/__admin/health/ready")
            assert (ready.status_code, "its disk is full" in ready.text) == (503, True)
    assert [record.levelname for record in caplog.records] == ["ERROR"], "it does not say that all is well in between"
    stored.app.sandboxes.repository.close()
    stored.assert_healed()


@pytest.mark.parametrize("trouble", ["emptied", "overwritten", "removed"])
def test_a_log_that_is_no_log_any_more_is_told(stored: Stored, trouble: str) -> None:
    log = stored.file.with_name(f"{stored.file.name}-wal")
    assert log.stat().st_size > 0
    if trouble == "removed":
        log.unlink()
    else:
        with log.open("r+b") as opened:
            opened.truncate(0) if trouble == "emptied" else opened.write(b"?" * 4_096)
    statuses = {stored.write() for _ in range(3)}
    assert 503 in statuses
    assert stored.client.get("/__admin/health/live").status_code == 200


def test_a_file_that_can_only_be_read_is_told(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("mockserver.sandbox.persistence.sql.sqlite_connection._SETTINGS", ("PRAGMA query_only=ON",))
        stored.app.sandboxes.repository.close()
        stored.assert_in_trouble("its file can only be read")
    stored.app.sandboxes.repository.close()
    stored.assert_healed()


def test_the_log_tells_a_trouble_once(stored: Stored, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stored.file.rename(tmp_path / "aside.db")
    with caplog.at_level(logging.INFO, "mockserver.store"):
        for _ in range(5):
            assert stored.client.get(LEADS).status_code == 503
        (tmp_path / "aside.db").rename(stored.file)
        assert stored.write() == 200
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_who_waits_for_a_lock_holds_up_nobody_else(start_server: StartServer, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    server = start_server("--world", "small", "--store", f"sqlite:///{file}")
    with (
        httpx2.Client(base_url=server.url, auth=AUTH) as client,
        closing(sqlite3.connect(file, isolation_level=None)) as database,
    ):
        assert client.get(LEADS).status_code == 200
        database.execute("BEGIN IMMEDIATE")
        answers: list[int] = []
        waiting = threading.Thread(target=lambda: answers.append(client.get(LEADS).status_code))
        waiting.start()
        with httpx2.Client(base_url=server.url, auth=AUTH) as other:
            for _ in range(20):
                assert other.get("/__admin/health/live").status_code == 200
            assert other.get("/__admin/health/ready").status_code == 503
        assert answers == [], "it waits still"
        database.execute("COMMIT")
        waiting.join()
        assert answers == [200]


def test_a_lock_that_is_held_for_too_long_is_told(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("pipeline.pipeline", "admin.turns", "admin.endpoint"):
        monkeypatch.setattr(f"mockserver.{place}.when_free", impatient)
    with closing(sqlite3.connect(stored.file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        for path in (LEADS, "/__admin/journal"):
            answer = stored.client.get(path)
            assert answer.status_code == 503
            assert "held the lock" in answer.json()["detail"]
        database.execute("COMMIT")
    stored.assert_healed()
