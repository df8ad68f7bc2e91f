"""`mockserver schema`: what it prints is a JSON Schema, and says of files what loading them says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from mockserver.cli.file_schemas import SCHEMAS
from mockserver.cli.main import serve
from mockserver.cli.schema import schema
from mockserver.foundation.resources import resource
from mockserver.foundation.settings import SettingsError
from tests.support.patience import PATIENCE

SETTINGS = """
log-format = "json"
webhook_retries = ["10s", "1m"]
cors = "*"
watch = true
overlay = ["apimo=x.yaml"]
[variant.apimo]
update = "merge"
[ports]
apimo = 8081
"""
"""Each form that a setting can have in a file."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the schemas as the command prints them."""
    for name in SCHEMAS:
        (tmp_path / f"{name}.json").write_text(printed(name), encoding="utf-8")
    return tmp_path


def printed(*arguments: str) -> str:
    return CliRunner().invoke(schema, arguments, catch_exceptions=False).output


def lint(*arguments: object) -> None:
    command = [str(Path(sys.executable).with_name("check-jsonschema")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_shipped_files_are_right_by_schemas_that_are_right_themselves(folder: Path) -> None:
    lint("--check-metaschema", *folder.glob("*.json"))
    lint("--schemafile", folder / "world.json", *resource("fixtures", "worlds").glob("*.yaml"))
    lint("--schemafile", folder / "scenario.json", *resource("fixtures", "scenarios").glob("*.yaml"))
    (folder / "mine.toml").write_text(SETTINGS, encoding="utf-8")
    lint("--schemafile", folder / "configuration.json", folder / "mine.toml")


def test_what_the_schema_takes_of_a_file_of_settings_is_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SETTINGS, encoding="utf-8")
    read = serve.make_context("serve", ["--config", str(tmp_path / "mine.toml")]).params
    assert (read["webhook_retries"], read["cors"], read["watch"]) == ((10.0, 60.0), ("*",), True)
    assert (read["variant"], read["ports"]) == ({"apimo": {"update": "merge"}}, {"apimo": 8081})


HEAD = {"name": "mine", "agencies": [{"id": 101}]}
PIN = {"kind": "person", "agency": 101, "position": 0, "why": "test"}


@pytest.mark.parametrize(
    ("name", "document", "place"),
    [
        ("world", {**HEAD, "size": {"agent": 1}}, "/size"),
        ("world", {**HEAD, "pins": [{**PIN, "set": {"lastnam": "A"}}]}, "/pins/0/set"),
        ("world", {**HEAD, "pins": [{**PIN, "set": {"gender": "BOTH"}}]}, "/pins/0/set/gender"),
        ("scenario", {"name": "a", "why": "b", "steps": [{"when": "now", "do": []}]}, "/steps/0/when"),
        ("configuration", {"port": 70_000}, "/port"),
        ("configuration", {"prot": 1}, ""),
        ("overlay", {"overlay": "1.0.0", "actions": []}, "/actions"),
        ("overlay", {"overlay": "1.0.0", "actions": [{"target": "$.info", "updat": {}}]}, "/actions/0"),
    ],
)
def test_what_is_wrong_is_found_at_its_place(name: str, document: Any, place: str) -> None:
    errors = jsonschema_rs.validator_for(SCHEMAS[name]()).iter_errors(document)
    assert place in ["".join(f"/{part}" for part in error.instance_path) for error in errors]


def test_a_schema_tells_what_members_are_and_the_command_what_there_is() -> None:
    members = json.loads(printed("scenario"))["properties"]
    assert members["why"]["description"].startswith("The reason: what happens out there")
    assert printed().split() == list(SCHEMAS)
    with pytest.raises(SettingsError, match="there is no schema 'wrold'; did you mean world"):
        printed("wrold")
