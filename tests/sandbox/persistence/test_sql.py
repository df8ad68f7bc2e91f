"""Repositories in a database: addresses, versions, failures, and the way back from them."""

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from mockserver.domain import Kind
from mockserver.foundation.problems import Problem
from mockserver.foundation.settings import SettingsError
from mockserver.sandbox.persistence.sql import open_repository, schema, sync
from mockserver.sandbox.persistence.sql.encoding import escape_key, from_json, to_json, unescape_key
from mockserver.sandbox.sandbox import Sandbox
from mockserver.server.app import MockServer
from tests.conftest import AUTH, NOW, ROOT
from tests.sandbox.persistence.test_repositories import count_up, record, write
from tests.support.databases import KINDS, MakeStore, OpenStore, PostgreSQL
from tests.support.in_process import TestClient

BAD: dict[str, tuple[str, str]] = {
    "no address": ("nowhere", "the store is not an address that can be read; it is `memory`, `sqlite:///FILE` or"),
    "no address, but a password": ("postgresql://u:s3cret@h:port/d", "the store is not an address that can be read"),
    "another database": ("mysql://u:s3cret@h/d", "there is no store of the kind 'mysql'; the store is `memory`,"),
    "another driver": ("postgresql+asyncpg://u:s3cret@h/d", "there is no store of the kind 'postgresql+asyncpg'"),
    "SQLite in memory": ("sqlite:///:memory:", "neither lasts nor can be shared; name one"),
    "SQLite without a file": ("sqlite://", "neither lasts nor can be shared; name one"),
    "SQLite with two slashes": ("sqlite://file.db", "with three slashes"),
    "SQLite with options": ("sqlite:///file:x?mode=memory&uri=true", "nothing behind the file's name"),
    "a folder that is not there": ("sqlite:////nowhere/file.db", "sqlite+pysqlite:////nowhere/file.db cannot be used"),
    "a file that is something else": (f"sqlite:///{ROOT}/pyproject.toml", "file is not a database"),
    "PostgreSQL without a database": ("postgresql+psycopg://u:s3cret@h", "ends with the name of its database"),
    "PostgreSQL that is away": (
        "postgresql+psycopg://u:s3cret@127.0.0.1:9/d?password=s3cret",
        "the store postgresql+psycopg://127.0.0.1:9/d cannot be used: ",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_store_that_cannot_be_used_is_refused_in_one_sentence_without_its_password(name: str) -> None:
    address, sentence = BAD[name]
    with pytest.raises(SettingsError) as refused:
        open_repository(address)
    said = str(refused.value)
    assert sentence in said
    assert "s3cret" not in said
    assert "\n" not in said


def test_the_command_line_refuses_it_with_exit_code_2_and_no_traceback() -> None:
    for arguments, sentence in (
        (["--store", "postgresql+psycopg://u:s3cret@127.0.0.1:9/d"], "mockserver: the store postgresql+psycopg://127"),
        (["--workers", "2"], "mockserver: 2 workers need a store that they share: add `--store sqlite:///"),
    ):
        command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(sentence)
        assert "Traceback" not in done.stderr
        assert "s3cret" not in done.stderr


def test_without_psycopg_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.persistence.sql.url.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'lead-mockserver\[postgresql\]'"):
        open_repository("postgresql+psycopg://u@h/d")


def test_a_server_in_memory_imports_no_database() -> None:
    code = (
        "import sys, mockserver.server.server, mockserver.cli.main; from mockserver.server.app import build; "
        "from mockserver.foundation.settings import Settings; build(Settings(world='small')); "
        "ours = {'mockserver.sandbox.persistence.sql', 'mockserver.server.workers'}; "
        "print({'sqlalchemy', 'psycopg', 'sqlite3', *ours} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_changed_is_there_in_the_next_process(kind: str, make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store(kind)
    first = open_store(store)
    with first.default.transaction():
        write(first.default)
        count_up(first.default)
    record(first.default)
    kept = first.default.dump()
    first.repository.close()
    second = open_store(store, now=None)
    assert second.default.dump() == kept
    assert second.default.clock.now() == NOW, "the clock still stands where the store was made to stand"
    assert [entry.path for entry in second.default.journal.entries()] == ["/x"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_is_not_used_with_other_settings_than_it_was_made_with(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    store = make_store(kind)
    open_store(store)
    with pytest.raises(SettingsError, match="the store holds a default sandbox of world 'small', seed 1"):
        open_store(store, seed=99)


@pytest.mark.parametrize("kind", KINDS)
def test_processes_that_start_at_once_on_an_empty_database_agree(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    store = make_store(kind)
    with ThreadPoolExecutor(4) as starts:
        started = list(starts.map(lambda _: open_store(store, now=None), range(4)))
    specs = [sandboxes.repository.find("default") for sandboxes in started]
    assert specs[0]
    assert specs == specs[:1] * 4
    assert [sandboxes.default.world.origin for sandboxes in started] == [specs[0].origin] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_transaction_that_fails_leaves_nothing_in_memory_nor_in_the_database(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    store = make_store(kind)
    here, there = open_store(store).default, open_store(store).default
    record(here, path="/before")
    before, count = here.dump(), here.store.count(Kind.ENQUIRY, 101)
    with pytest.raises(ZeroDivisionError):
        fail(here)
    for sandbox in (here, there):
        with sandbox.transaction():
            assert sandbox.dump() == before
            assert sandbox.store.count(Kind.ENQUIRY, 101) == count
            assert [entry.path for entry in sandbox.journal.entries()] == ["/before"]
            assert sandbox.journal.total == 1


def fail(sandbox: Sandbox) -> None:
    """Changes everything, and fails; one transaction inside another is part of it."""
    with sandbox.transaction():
        with sandbox.transaction():
            write(sandbox)
            sandbox.clock.advance(1)
        sandbox.journal.clear()
        record(sandbox, path="/lost")
        raise ZeroDivisionError


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_outside_of_a_transaction_is_refused_loudly(
    kind: str, make_store: MakeStore, open_store: OpenStore
) -> None:
    sandbox = open_store(make_store(kind)).default
    with pytest.raises(RuntimeError, match="clock of sandbox 'default' was changed outside of its unit"):
        sandbox.clock.advance(1)


@pytest.mark.parametrize("kind", KINDS)
def test_tombstones_are_swept_and_who_slept_meanwhile_reads_everything_anew(
    kind: str, make_store: MakeStore, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "_SWEEP_EVERY", 4)
    store = make_store(kind)
    here, asleep = open_store(store).default, open_store(store).default
    with here.transaction():
        fault_and_write(here)
    with asleep.transaction():
        assert asleep.dump() == here.dump()
    with here.transaction():
        here.reset()
    for _ in range(9):
        with here.transaction():
            here.clock.advance(1)
    engine = create_engine(store)
    with engine.connect() as connection:
        (left,) = connection.execute(text("SELECT count(*) FROM mockserver_records WHERE value IS NULL")).one()
    engine.dispose()
    assert left == 0
    with asleep.transaction():
        assert asleep.dump() == here.dump()


def fault_and_write(sandbox: Sandbox) -> None:
    """Records that a reset takes away."""
    write(sandbox)
    count_up(sandbox)


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_of_a_newer_release_is_refused(
    kind: str, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(kind)
    open_repository(store).close()
    monkeypatch.setattr(schema, "VERSION", 0)
    with pytest.raises(SettingsError, match=r"the store has tables of version 3, this is version 0: .* upgrade"):
        open_repository(store)


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_of_an_older_release_is_brought_up_to_date_once(
    kind: str, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, ran = make_store(kind), list[int]()
    open_repository(store).close()

    def add_a_column(connection: Connection) -> None:
        ran.append(1)
        connection.execute(text("ALTER TABLE mockserver_meta ADD COLUMN about TEXT"))

    monkeypatch.setattr(schema, "VERSION", 4)
    monkeypatch.setattr(schema, "MIGRATIONS", {3: add_a_column})
    for _ in range(2):
        open_repository(store).close()
    engine = create_engine(store)
    columns = [column["name"] for column in inspect(engine).get_columns("mockserver_meta")]
    engine.dispose()
    assert columns == ["name", "value", "about"]
    assert ran == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_sandboxes_of_tables_of_version_1_are_found(kind: str, make_store: MakeStore, open_store: OpenStore) -> None:
    store = make_store(kind)
    before = open_store(store, seed=7).repository.find("default")
    engine = create_engine(store)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE mockserver_sandboxes RENAME COLUMN spec TO birth"))
        connection.execute(text("UPDATE mockserver_meta SET value = '1' WHERE name = 'schema'"))
    engine.dispose()
    after = open_store(store, seed=7).repository.find("default")
    assert before is not None
    assert after == before


def test_a_store_of_another_version_of_this_package_is_warned_of(
    make_store: MakeStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store("sqlite")
    open_repository(store).close()
    with caplog.at_level(logging.WARNING, "mockserver.store"):
        open_repository(store).close()
        assert caplog.messages == []
        monkeypatch.setattr(schema, "__version__", "999")
        open_repository(store).close()
    (message,) = caplog.messages
    assert message.endswith("this is 999; its worlds may differ")


@pytest.mark.slow
def test_a_database_that_goes_away_is_a_503_until_it_is_back(
    postgresql: PostgreSQL, make_app: Callable[..., MockServer], caplog: pytest.LogCaptureFixture
) -> None:
    server = make_app(store=postgresql.database())
    client = TestClient(server, base_url="http://127.0.0.1:8080")
    client.auth = AUTH
    path = "/apimo/agencies/101/leads"
    stored = client.post(path, json={"reference": "before"})
    assert stored.status_code == client.get("/__admin/health/ready").status_code == 200
    postgresql.stop("fast")
    try:
        refused = client.post(path, json={"reference": "while it is away"})
        named = client.get(path, headers={"x-mockserver-sandbox": "some-other"})
        admin = client.get("/__admin/journal")
        health = [client.get(f"/__admin/health/{name}").status_code for name in ("ready", "live")]
    finally:
        postgresql.start()
    for answer in (refused, named, admin):
        assert answer.status_code in (500, 503)
        assert "Traceback" not in answer.text
        assert "psycopg" not in answer.text
    assert admin.status_code == 503
    assert "secret-of-tester" not in caplog.text
    assert health == [503, 200]
    assert client.get("/__admin/health/ready").status_code == 200
    healed = client.post(path, json={"reference": "after"})
    assert healed.status_code == 200
    server.sandboxes.repository.close()
    assert healed.json()["id"] == stored.json()["id"] + 1, "what failed left nothing behind"


def test_who_waits_too_long_for_a_lock_is_told(
    make_store: MakeStore, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.sandbox.persistence.sql.transaction.STORE_PATIENCE", 0)
    store = make_store("sqlite")
    here, there = open_store(store).default, open_store(store).default
    with here.transaction(), pytest.raises(Problem) as refused, there.transaction():
        raise AssertionError("two are in a transaction at once")
    assert (refused.value.status, refused.value.name) == (503, "unavailable")


@pytest.mark.parametrize("name", ["", "plain/name", "é", "\x00", "back\\slash", '"', "\ud800", "\n"])
def test_any_name_can_be_stored_and_read_again(name: str) -> None:
    assert unescape_key(escape_key(name)) == name
    assert escape_key(name).isascii()
    assert escape_key(name).isprintable()


def test_any_json_can_be_stored() -> None:
    assert from_json(to_json({"a": [1, None, "é\x00"]})) == {"a": [1, None, "é\x00"]}
    assert to_json(10**30) == b"1" + b"0" * 30
