"""`mockserver world check`: what is printed, and the exit code."""

import json
import sys
from pathlib import Path

import httpx2
import pytest

from mockserver.cli.main import main
from tests.conftest import StartServer

PINNED = """
name: mine
size: {agents: 1, estates: 2, enquiries: 6}
agencies: [{id: 101}]
pins:
  - {kind: enquiry, agency: 101, position: 4, why: as some write, set: {message: Un logement à Le Cannet ?}}
"""


def world_check(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["mockserver", "world", "check", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_a_world_in_which_all_rules_hold_is_fine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world_check(monkeypatch, "--world", "small", "--seed", "3") == 0
    assert capsys.readouterr().out.startswith("World small, seed 3: all ")
    assert world_check(monkeypatch, "--world", "small", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_what_breaks_a_rule_is_printed_with_its_id(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(PINNED, encoding="utf-8")
    assert world_check(monkeypatch, "--world", str(file)) == 1
    told = capsys.readouterr().out
    assert "place-preposition: The article of a town is contracted" in told
    assert "enquiry 170005" in told
    assert "“à Le Cannet”" in told
    assert world_check(monkeypatch, "--world", str(file), "--json") == 1
    (broken,) = json.loads(capsys.readouterr().out)
    assert (broken["area"], broken["rule"]) == ("places", "place-preposition")
    assert broken["breaches"] == [{"kind": "enquiry", "id": 170_005, "detail": "“à Le Cannet”"}]


def test_serving_a_world_whose_pins_break_a_rule_warns_and_serves(start_server: StartServer, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(PINNED, encoding="utf-8")
    served = start_server("--world", str(file))
    assert "world mine: place-preposition: " in served.log()
    assert "enquiry 170005" in served.log()
    assert httpx2.get(f"{served.url}/__admin/health/ready").status_code == 200
