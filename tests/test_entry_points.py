"""The command and the pytest plugin of an installed package, alone and beside the other one named `mockserver`."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.__main__ import BOTH, NOT_OURS
from tests.conftest import ROOT

PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS, THEIRS = "lead-mockserver", "mockserver-client"
THEIR_FILES = {
    "mockserver/__init__.py": "from mockserver.models import HttpRequest\n"
    "from mockserver.client import MockServerClient\n",
    "mockserver/models.py": "class HttpRequest: ...\n",
    "mockserver/client.py": "from mockserver.models import HttpRequest\n\nclass MockServerClient: ...\n",
    "mockserver/pytest_plugin.py": "import pytest\n\n@pytest.fixture\ndef mockserver():\n    return 'theirs'\n",
    "mockserver/py.typed": "",
}
"""MockServer's own client, as far as it matters: the same modules, imported in the same order."""
SCRIPT = """
import sys
from importlib.metadata import entry_points

(script,) = entry_points(group="console_scripts", name="mockserver")
sys.argv[0] = "mockserver"
sys.exit(script.load()())
"""
"""What an installer writes for the command."""
A_TEST = "def test_of_a_user(mock_apimo):\n    assert mock_apimo.name == 'apimo'\n"


class Site:
    """Folders of packages on the path of a fresh interpreter, and nothing else but what the package needs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._path: list[Path] = []
        self._dependencies = home / "dependencies"
        self._dependencies.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if "mockserver" not in entry.name and entry.suffix != ".pth":
                (self._dependencies / entry.name).symlink_to(entry)

    def install(self, distribution: str, folder: str, metadata: str | None = None) -> None:
        """Copies files over what is there, as pip does; metadata go to a folder of their own when one is named."""
        target, described = self.folder(folder), self.folder(metadata or folder)
        if distribution == OURS:
            shutil.copytree(
                ROOT / "mockserver",
                target / "mockserver",
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
            included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
            for source, place in included.items():
                (target / place).parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / source).is_file():
                    shutil.copy(ROOT / source, target / place)
                elif not (target / place).exists():
                    (target / place).symlink_to(ROOT / source)
            project = PROJECT["project"]
            points = {"console_scripts": project["scripts"], **project["entry-points"]}
        else:
            for name, text in THEIR_FILES.items():
                (target / name).parent.mkdir(exist_ok=True)
                (target / name).write_text(text, encoding="utf-8")
            points = {"pytest11": {"mockserver": "mockserver.pytest_plugin"}}
        described = described / f"{distribution.replace('-', '_')}-1.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {distribution}\nVersion: 1.0\n")
        lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in named.items()) for group, named in points.items()]
        (described / "entry_points.txt").write_text("\n".join(lines))

    def uninstall_theirs(self, folder: str) -> None:
        """Removes the files of the other one, as pip does, also those that were ours."""
        for name in THEIR_FILES:
            (self.home / folder / name).unlink()
        shutil.rmtree(self.home / folder / "mockserver_client-1.0.dist-info")

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs the command `mockserver`."""
        return self.python("-c", SCRIPT, *arguments)

    def pytest(self) -> "subprocess.CompletedProcess[str]":
        """Runs the test of a user, with every plugin that is installed."""
        folder = self.home / "of-a-user"
        folder.mkdir(exist_ok=True)
        (folder / "test_of_a_user.py").write_text(A_TEST)
        return self.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", str(folder))

    def python(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs an interpreter that finds what is installed here, and what it needs."""
        path = os.pathsep.join(map(str, [*self._path, self._dependencies]))
        hidden = ("PYTEST_", "MOCKSERVER_", "COVERAGE_", "COV_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        # -S: what else is installed in this environment, this package among it, must not be found.
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            env={**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def folder(self, name: str) -> Path:
        """A folder that is on the path from now on, behind those before it."""
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        if folder not in self._path:
            self._path.append(folder)
        return folder


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Returns an environment in which nothing of ours is installed yet."""
    return Site(tmp_path)


def assert_command_refuses(site: Site, sentence: str) -> None:
    """The command ends with that one sentence and exit code 2."""
    done = site.command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"mockserver: {sentence}\n")


def assert_pytest_refuses(site: Site, sentence: str) -> None:
    """A run of pytest ends with that one sentence, as for every wrong usage."""
    done = site.pytest()
    assert (done.returncode, done.stderr.strip()) == (pytest.ExitCode.USAGE_ERROR, f"ERROR: {sentence}"), done.stdout
    assert done.stdout == ""


def test_alone_the_command_and_the_plugin_work(site: Site) -> None:
    site.install(OURS, "site")
    done = site.command("--version")
    assert (done.returncode, done.stdout.split()[:2], done.stderr) == (0, ["mockserver,", "version"], "")
    done = site.pytest()
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("first_found", [OURS, THEIRS], ids="{}-is-found-first".format)
@pytest.mark.parametrize("installed", [(OURS, THEIRS), (THEIRS, OURS)], ids=" then ".join)
def test_in_one_folder_both_end_with_one_sentence(site: Site, installed: tuple[str, str], first_found: str) -> None:
    site.folder(f"metadata of {first_found}")
    for distribution in installed:
        site.install(distribution, "site", f"metadata of {distribution}")
    assert_command_refuses(site, BOTH)
    assert_pytest_refuses(site, BOTH)


def test_a_program_that_imports_the_mixture_is_told_the_same(site: Site) -> None:
    site.install(OURS, "site")
    site.install(THEIRS, "site")
    done = site.python("-c", "import mockserver")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"ImportError: {BOTH}"


def test_behind_the_other_one_both_end_with_one_sentence(site: Site) -> None:
    site.install(THEIRS, "first")
    site.install(OURS, "second")
    assert_command_refuses(site, BOTH)
    assert_pytest_refuses(site, BOTH)


def test_before_the_other_one_the_command_works_and_the_plugin_ends_with_one_sentence(site: Site) -> None:
    site.install(OURS, "first")
    site.install(THEIRS, "second")
    assert site.command("--version").returncode == 0
    assert_pytest_refuses(site, BOTH)


def test_when_the_other_one_took_our_files_with_it_both_end_with_one_sentence(site: Site) -> None:
    site.install(OURS, "site")
    site.install(THEIRS, "site")
    site.uninstall_theirs("site")
    assert_command_refuses(site, NOT_OURS)
    assert_pytest_refuses(site, NOT_OURS)


def test_installed_anew_all_is_well_again(site: Site) -> None:
    site.install(OURS, "site")
    site.install(THEIRS, "site")
    site.uninstall_theirs("site")
    shutil.rmtree(site.home / "site" / "lead_mockserver-1.0.dist-info")
    site.install(OURS, "site")
    assert site.command("--version").returncode == 0
    assert site.pytest().returncode == 0
