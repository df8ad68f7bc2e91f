"""Where the runs of a drill are kept, whatever its name, and what of it is removed; what was not seen, and why."""

import shutil
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from rich.console import Console

from mockserver.judge.drill import Drill
from mockserver.judge.drill_folder import DrillFolder, folder_name
from mockserver.judge.drill_run import DrillRun
from mockserver.judge.function import Function
from mockserver.judge.judge_server import JudgeServer
from mockserver.judge.program import ConformError
from mockserver.judge.report import Report
from mockserver.judge.reports import write_console
from mockserver.judge.rulings import State
from mockserver.scenarios import Scenario
from tests.conftest import MakeClient
from tests.support.reports import broken, drill, finding, report, ruled

NAMES = ("..", ".", "...", "", "/", "../..", "a/../..", "\\..\\..", "a\0b", "a/b", "a_b", "a b", "é", ".hidden", "\n")


@pytest.fixture(scope="module")
def judge_server() -> Iterator[JudgeServer]:
    with JudgeServer() as made:
        yield made


def one(name: str) -> Drill:
    document = {"name": name, "why": "It is tested.", "world": "small", "steps": [], "judge": {"then": []}}
    return Drill(name, "gsl", Scenario.model_validate(document))


def idle(environment: object) -> int:
    return 0


def test_every_name_has_a_folder_of_its_own_right_below_the_providers() -> None:
    folders = [folder_name(name) for name in NAMES]
    assert len({folder.casefold() for folder in folders}) == len(NAMES)
    for folder in folders:
        assert Path(folder).parts == (folder,)
        assert folder.strip(".") == folder != ""
        assert folder.replace("-", "a").replace("=", "a").replace(".", "a").isidentifier()
    for name in ("plain", "gsl.a-b=c_d"):
        assert folder_name(name) == name


@pytest.mark.parametrize("name", ["..", ".", "../../kept", "/"])
def test_no_name_leads_to_what_is_not_the_drills(name: str, judge_server: JudgeServer, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    mine = [tmp_path / "mine", runs / "mine", runs / "gsl" / "mine", tmp_path / "kept" / "state" / "mine"]
    for file in mine:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", encoding="utf-8")
    judge_server.run_drill(one(name), Function(idle), runs_dir=runs)
    assert all(file.exists() for file in mine)
    (made,) = (path for path in (runs / "gsl").iterdir() if path.name != "mine")
    assert (made / "state").is_dir()


def test_only_what_drills_leave_is_removed_from_a_folder(judge_server: JudgeServer, tmp_path: Path) -> None:
    folder = tmp_path / "gsl" / "mine"
    (folder / "state" / "deep").mkdir(parents=True)
    ours = ["outcome.jsonl", "outcome-1.jsonl", "output-7.txt", "state/deep/leads"]
    others = ["notes.txt", "output.txt", "conform.json"]
    for name in ours + others:
        (folder / name).write_text("x", encoding="utf-8")
    judge_server.run_drill(one("mine"), Function(idle), runs_dir=tmp_path)
    assert [name for name in ours if (folder / name).exists()] == []
    assert list((folder / "state").iterdir()) == []
    assert all((folder / name).exists() for name in others)


def test_a_state_that_is_a_link_is_removed_and_not_what_it_names(judge_server: JudgeServer, tmp_path: Path) -> None:
    folder, kept = tmp_path / "runs" / "gsl" / "mine", tmp_path / "kept"
    folder.mkdir(parents=True)
    kept.mkdir()
    (kept / "file").touch()
    (folder / "state").symlink_to(kept)
    judge_server.run_drill(one("mine"), Function(idle), runs_dir=tmp_path / "runs")
    assert (kept / "file").exists()
    assert not (folder / "state").is_symlink()


def refused(environment: Mapping[str, str]) -> int:
    with pytest.raises(HTTPError):
        urlopen(f"{environment['GSL_BASE_URL']}/v2/leads/nothing")
    return 1


def test_a_broken_drill_leaves_its_sandbox_and_a_report_the_command_that_loads_it(
    judge_server: JudgeServer, make_client: MakeClient, tmp_path: Path
) -> None:
    made = judge_server.judge(one("mine"), Function(refused), runs_dir=tmp_path)
    path = tmp_path / "gsl" / "mine" / "capsule.json.gz"
    assert made.broken
    assert made.capsule == str(path)
    client = make_client(world="default", now=None, capsule=path)
    (call,) = client.get("/__admin/journal").json()["entries"]
    assert (call["path"], call["status"]) == ("/v2/leads/nothing", 401)
    assert client.get("/__admin/scenario").json()["name"] == "mine"
    written = StringIO()
    write_console(report([made]), Console(file=written, width=200))
    assert f"gsl mine: mockserver serve --capsule {path}" in written.getvalue()
    # What went well leaves none, and takes away what was there.
    assert judge_server.judge(one("mine"), Function(idle)).capsule is None
    drill_again = judge_server.run_drill(one("mine"), Function(idle), runs_dir=tmp_path)
    assert drill_again.capsule is not None
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(judge_server: JudgeServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConformError, match=r"the folder .* cannot be made: Not a directory; name another one"):
        judge_server.run_drill(one("mine"), Function(idle), runs_dir=tmp_path / "file")


def test_a_drill_that_cannot_be_gone_through_leaves_no_sandbox(
    judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ConformError("there is no agency 999")

    monkeypatch.setattr(DrillRun, "__init__", refuse)
    before = judge_server._server.call(lambda: len(judge_server._server.app.sandboxes.ids()))
    with pytest.raises(ConformError, match="there is no agency 999"):
        judge_server.run_drill(one("mine"), Function(idle), agency=999)
    assert judge_server._server.call(lambda: len(judge_server._server.app.sandboxes.ids())) == before


# What was not seen


def written(judgement: Report) -> str:
    console = Console(file=StringIO(), width=80)
    write_console(judgement, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_who_wrote_what_cannot_be_read_is_not_told_to_write_something() -> None:
    unreadable = broken("RUN-03", finding("run 1: line 2 of the outcome: it is no JSON"))
    text = written(report([drill("a", "seeker", [unreadable, *ruled(State.NOT_OBSERVABLE, "RUN-04", "PAGE-05")])]))
    assert "Not observable: the outcome cannot be read\n  seeker PAGE-05, seeker RUN-04\n  a: run 1: line 2" in text
    assert "MOCKSERVER_OUTCOME" not in text[text.index("Not observable") :]
    assert "wrote no outcome" not in text


def test_of_a_program_that_was_ended_it_is_not_said_that_it_wrote_no_outcome() -> None:
    text = written(report([drill("a", "seeker", ruled(State.NOT_OBSERVABLE, "FAULT-05"))]))
    assert "Not observable: the judge ended the program there, so that it had no exit code\n  seeker FAULT-05\n" in text
    assert "wrote no outcome" not in text


def test_what_shows_in_the_output_is_not_said_to_need_an_outcome() -> None:
    text = written(report([drill("a", "seeker", ruled(State.NOT_OBSERVABLE, "RUN-04", "TOKEN-09"))]))
    assert "Not observable: the program wrote no outcome\n  seeker RUN-04\n" in text
    assert "Not observable: not all that the program writes was seen\n  seeker TOKEN-09\n  Of a program" in text


def test_repetitions_are_judged_by_a_member_of_the_outcome() -> None:
    text = written(report([drill("a", "apimo", ruled(State.NOT_OBSERVABLE, "SYNC-06"))]))
    assert "Not observable: the program wrote no `parent` in its outcome\n  apimo SYNC-06\n" in text


@pytest.mark.parametrize("leave", ["file", "link", "nothing"])
def test_a_folder_that_a_program_replaced_is_made_anew(leave: str, tmp_path: Path) -> None:
    folder = DrillFolder(tmp_path / "runs")
    shutil.rmtree(folder.state if leave == "file" else folder.path)
    if leave == "file":
        folder.state.write_text("mine", encoding="utf-8")
    elif leave == "link":
        folder.path.symlink_to(tmp_path / "elsewhere")
    folder.keep_output(1, "half a character: \ud800")
    assert folder.state.is_dir()
    assert (folder.path / "output-1.txt").read_text(encoding="utf-8") == "half a character: \\ud800"
    folder.keep_outcome(1)
    assert not (folder.path / "outcome-1.jsonl").exists()
