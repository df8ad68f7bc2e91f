"""A server whose files are watched: the next call sees a change, and what calls wrote stays as far as it fits."""

import asyncio
import logging
import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mockserver.foundation.settings import Settings, SettingsError
from mockserver.foundation.settings_reading import read_settings
from mockserver.sandbox.sandbox import SandboxGone
from mockserver.server.app import MockServer, build
from mockserver.server.watching import Sources, WatchedServer
from tests.conftest import AUTH, NOW, StartServer
from tests.support.in_process import TestClient
from tests.support.patience import until

WORLD = "name: mine\nsize: {agents: 2, estates: 4, enquiries: %d}\nagencies: [{id: 101}, {id: 102}]\n"
LEADS = "/apimo/agencies/101/leads"
LEAD = {"reference": "web-1", "type": "1", "lastname": "MARTIN", "firstname": "Jean"}
OVERLAY = """overlay: 1.0.0
info: {title: mine, version: '1'}
actions:
  - target: $.info
    update: {title: %s}
"""


class Watched:
    """A server over a world file in a folder, and a client of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = folder / "mine.yaml"
        self.world.write_text(WORLD % 10, encoding="utf-8")
        self.settings: dict[str, Any] = {"world": str(self.world), "now": NOW}
        self.server: MockServer = build(self.read())
        self.app = WatchedServer(self.server, Sources(self.read, None))
        self.client = TestClient(self.app, base_url="http://127.0.0.1:8080")
        self.client.auth = AUTH

    def read(self) -> Settings:
        """The settings as they are now."""
        return read_settings(self.settings)

    def replace(self, path: Path, text: str) -> None:
        """Writes a file as many editors do: another one takes its place."""
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.rename(path)

    def references(self, prefix: str = "") -> list[str]:
        """The references of all leads of agency 101."""
        answer = self.client.get(f"{prefix}{LEADS}", params={"limit": 100})
        assert answer.status_code == 200, answer.text
        return [lead["reference"] for lead in answer.json()["leads"]]

    def admin(self, path: str, **members: Any) -> Any:
        """The answer to a POST to the admin API."""
        answer = self.client.post(f"/__admin{path}", json=members)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture
def watched(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Watched:
    caplog.set_level(logging.INFO, "mockserver.watch")
    return Watched(tmp_path)


def test_the_next_call_sees_the_new_world_and_what_was_written_before(watched: Watched) -> None:
    before = watched.references()
    id = watched.client.post(LEADS, json=LEAD).json()["id"]
    watched.replace(watched.world, (WORLD % 8).replace("mine", "mine\nseed: 5"))
    after = watched.references()
    assert (len(after), after[-1]) == (9, "web-1")
    assert not set(before) & set(after)
    assert watched.client.get(f"/__admin/leads/{id}").status_code == 200
    assert watched.client.get("/__admin/journal").json()["total"] == 3


def test_written_leads_that_do_not_fit_the_new_world_are_counted(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.client.post(LEADS, json=LEAD)
    watched.replace(watched.world, WORLD % 30)
    assert len(watched.references()) == 30
    assert "sandbox default: 2 of what was written do not fit the world as it is now, and are gone" in caplog.text
    watched.client.post(LEADS, json=LEAD)
    assert watched.references()[-1] == "web-1"


def test_an_edited_and_a_removed_lead_stay_so_and_faults_and_the_clock_too(watched: Watched) -> None:
    leads = watched.client.get("/__admin/leads").json()["leads"]
    edited, removed = (lead["id"] for lead in leads if lead["agency"] == 101 and lead["id"] in (170_001, 170_003))
    watched.client.patch(f"/__admin/leads/{edited}", json={"message": "Bonjour"})
    watched.client.delete(f"/__admin/leads/{removed}")
    watched.admin("/faults", provider="apimo", kind="status", status=503, after=3)
    watched.client.put("/__admin/clock", json={"advance": "PT1H"})
    watched.replace(watched.world, (WORLD % 10).replace("{id: 101}", "{id: 101, name: Chez nous}"))
    assert watched.client.get(f"/__admin/leads/{edited}").json()["message"] == "Bonjour"
    assert watched.client.get(f"/__admin/leads/{removed}").status_code == 404
    assert watched.client.get("/__admin/clock").json()["now"] == "2026-01-01T01:00:00.000Z"
    assert len(watched.client.get("/__admin/faults").json()["faults"]) == 1
    assert watched.server.sandbox.world.agencies[101].name == "Chez nous"


def test_a_broken_file_leaves_the_old_world_and_is_told_once_with_its_line(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.world.write_text((WORLD % 8).replace("agents", "agent"), encoding="utf-8")
    assert len(watched.references()) == len(watched.references()) == 10
    watched.world.unlink()
    assert len(watched.references()) == 10
    first, second = [record.getMessage() for record in caplog.records]
    place = f"{watched.world}:2: size.agent: there is no such member; did you mean agents?"
    assert first == f"not reloaded, the server goes on as before: {place}"
    assert second.startswith("not reloaded, the server goes on as before: There is no world ")
    watched.replace(watched.world, WORLD % 8)
    assert len(watched.references()) == 8


def test_a_file_that_is_half_written_is_read_when_it_is_whole(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.world.write_text("name: mi", encoding="utf-8")

    async def finish() -> None:
        # While the first look waits for the file to be whole.
        await asyncio.sleep(0)
        watched.replace(watched.world, WORLD % 8)

    async def both() -> None:
        await asyncio.gather(watched.app.catch_up(), finish())

    asyncio.run(both())
    assert len(watched.references()) == 8
    assert "not reloaded" not in caplog.text


def test_overlays_and_variants_are_taken_anew(watched: Watched) -> None:
    overlay = watched.folder / "apimo.yaml"
    overlay.write_text(OVERLAY % "First", encoding="utf-8")
    watched.settings["overlays"] = {"apimo": (overlay,)}
    watched.replace(watched.world, WORLD % 9)
    assert watched.client.get("/__admin/contracts/apimo").json()["info"]["title"] == "First"
    watched.replace(overlay, OVERLAY % "Second")
    assert watched.client.get("/__admin/contracts/apimo").json()["info"]["title"] == "Second"
    watched.settings["variants"] = {"apimo": {"list-order": "newest-first"}}
    oldest_first = watched.references()
    os.utime(overlay, ns=(1, 1))
    assert watched.references() == oldest_first[::-1]


def test_a_scenario_begins_anew_when_its_file_changes(watched: Watched) -> None:
    scenario = watched.folder / "late.yaml"
    text = "name: late\nwhy: because\nsteps: [{when: {calls: 1}, do: [{arrive: {count: %d, agency: 101}}]}]\n"
    scenario.write_text(text % 1, encoding="utf-8")
    watched.settings["scenario"] = str(scenario)
    watched.replace(watched.world, WORLD % 9)
    assert [len(watched.references()), len(watched.references())] == [9, 10]
    watched.replace(scenario, text % 2)
    assert [len(watched.references()), len(watched.references()), len(watched.references())] == [10, 12, 12]


def test_what_cannot_change_while_the_server_runs_is_named(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    watched.settings.update(port=9000, journal_size=5, token_lifetime=60)
    watched.replace(watched.world, WORLD % 9)
    watched.references()
    assert "port, journal-size cannot change while the server runs: restart it" in caplog.text
    assert (watched.server.settings.port, watched.server.settings.token_lifetime) == (8080, 60)


def test_other_sandboxes_follow_unless_they_have_a_world_of_their_own(watched: Watched) -> None:
    follower = watched.admin("/sandboxes", id="follower")
    watched.admin("/sandboxes", id="apart", world="small")
    snapshot = watched.admin("/sandboxes/follower/snapshot")["snapshot"]
    apart = watched.admin("/sandboxes/apart/snapshot")["snapshot"]
    watched.replace(watched.world, WORLD.replace("{id: 102}", "{id: 102, granted: false}") % 12)
    watched.client.auth = (follower["credentials"]["apimo"]["provider"], follower["credentials"]["apimo"]["token"])
    assert len(watched.references()) == 12
    assert watched.client.get("/apimo/agencies/102/leads").status_code == 403
    world = watched.server.sandboxes.get("apart")
    assert world is not None
    assert world.world.file.name == "small"
    assert watched.client.post("/__admin/sandboxes/follower/restore", json={"snapshot": snapshot}).status_code == 404
    assert watched.client.post("/__admin/sandboxes/apart/restore", json={"snapshot": apart}).status_code < 300


def test_a_call_under_way_goes_on_in_the_sandbox_that_took_the_place_of_its_own(watched: Watched) -> None:
    before = watched.server.sandbox
    watched.replace(watched.world, WORLD % 9)
    watched.references()
    with pytest.raises(SandboxGone), before.transaction():
        pass
    assert watched.server.sandbox is not before


def test_the_loop_is_free_while_files_are_read(watched: Watched) -> None:
    is_free = Event()
    read = watched.read

    def read_slowly() -> Settings:
        assert is_free.wait(60), "the loop did nothing else"
        return read()

    app = WatchedServer(watched.server, Sources(read_slowly, None))
    watched.replace(watched.world, WORLD % 9)

    async def both() -> None:
        reading = asyncio.create_task(app.catch_up())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(is_free.set)
        await reading

    asyncio.run(both())
    assert watched.server.sandbox.world.file.size.enquiries == 9


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"workers": 2}, "--watch is for one process"),
        ({"capsule": "bug.capsule"}, "a capsule is what it is"),
        ({"store": "sqlite:///x.db"}, "--watch needs sandboxes in memory"),
    ],
)
def test_what_cannot_be_watched_is_refused(watched: Watched, settings: dict[str, Any], sentence: str) -> None:
    server = MockServer(read_settings(settings), watched.server.providers, watched.server.sandboxes)
    with pytest.raises(SettingsError, match=sentence):
        WatchedServer(server, Sources(watched.read, None))


def test_a_server_follows_its_file_of_settings_even_while_nobody_calls(
    start_server: StartServer, tmp_path: Path
) -> None:
    world, config = tmp_path / "mine.yaml", tmp_path / "mockserver.toml"
    world.write_text(WORLD % 9, encoding="utf-8")
    config.write_text(f'world = "{world}"\n', encoding="utf-8")
    served = start_server("--watch", "--config", str(config))
    config.write_text(f'world = "{world}"\nseed = 4\nworkers = 2\n', encoding="utf-8")
    until(lambda: "workers cannot change while the server runs" in served.log())
    config.write_text(f'world = "{world}"\nsed = 4\n', encoding="utf-8")
    until(lambda: f"{config}:2: 'sed' is not a setting; did you mean seed?" in served.log())
    assert served.stop() == 0
    assert "Traceback" not in served.log()
