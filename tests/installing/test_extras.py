"""What needs an extra that is not installed is refused in one sentence, with the command that installs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.in_process import TestClient
from tests.support.patience import PATIENCE

WITHOUT = (
    "import sys; sys.modules[{!r}] = None; sys.argv[0] = 'mockserver'; from mockserver.cli.main import main; main()"
)
"""A command in an environment without a library."""


@pytest.mark.parametrize(
    ("library", "store", "sentence"),
    [
        ("sqlalchemy", "sqlite:///{}", "a SQLite store needs what is not installed here: {}[store]'"),
        ("sqlalchemy", "postgresql://u@h/d", "a PostgreSQL store needs what is not installed here: {}[postgresql]'"),
        ("psycopg", "postgresql://u@h/d", "a PostgreSQL store needs what is not installed here: {}[postgresql]'"),
    ],
)
def test_a_store_whose_libraries_are_missing(library: str, store: str, sentence: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT.format(library), "serve", "--store", store.format(tmp_path / "db")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)
    told = f"mockserver: {sentence.format('pip install ' + chr(39) + 'lead-mockserver')}\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_metrics_without_their_library_are_refused_and_the_server_goes_on(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = client.get("/__admin/metrics")
    sentence = "The list of metrics needs what is not installed here: pip install 'lead-mockserver[metrics]'"
    assert (answer.status_code, answer.json()["detail"]) == (501, sentence)
    assert client.get("/__admin/version").status_code == 200


def test_the_command_without_its_dependencies_says_what_to_install() -> None:
    command = [sys.executable, "-S", "-m", "mockserver", "serve"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mockserver: what this command needs is not installed here (click): pip install ")
    assert ended.stderr.count("\n") == 1
