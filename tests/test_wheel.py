"""A wheel built from a clean copy, installed elsewhere, serves with contracts and fixtures on board."""

import json
import os
import shutil
import signal
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx2
import pytest

from tests.conftest import AUTH, ROOT
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def elsewhere() -> dict[str, str]:
    """The environment without what leads to this checkout."""
    hidden = ("PYTHONPATH", "VIRTUAL_ENV")
    return {
        name: value for name, value in os.environ.items() if name not in hidden and not name.startswith("MOCKSERVER_")
    }


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed; this checkout is not on its path."""
    environment = elsewhere()
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=cwd, env=environment, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of what a clean clone would have: files of git, and new ones that it does not ignore."""
    clone, out = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("dist")
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, cwd=clone)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a fresh environment that has the wheel and what it needs, and nothing else."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False)
    folder = home / ("Scripts" if sys.platform == "win32" else "bin")
    # Our pip installs there, without bytecode: that saves a pip of its own and much compiling.
    pip = (sys.executable, "-m", "pip", "--python", folder / "python", "install", "--no-compile")
    run(*pip, "--quiet", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", wheel, cwd=home)
    return folder


def test_the_wheel_holds_the_package_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"lead_mockserver.py", "mockserver/__main__.py"} <= names, "`python -m mockserver` is the command, too"
    shipped = {name for name in names if ".dist-info/" not in name}
    assert all(name.startswith("mockserver/") for name in shipped - {"lead_mockserver.py"})
    for folder in ("contracts", "fixtures"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
        here = {f"mockserver/_data/{path.relative_to(ROOT)}" for path in files}
        assert here
        assert here == {name for name in shipped if name.startswith(f"mockserver/_data/{folder}/")}
    clients = {f"mockserver/_data/tests/clients/{path.name}" for path in (ROOT / "tests" / "clients").glob("*.py")}
    assert clients < {name for name in shipped if name.startswith("mockserver/_data/tests/")}
    compiled = [name for name in shipped if name.startswith("mockserver/_data/compiled/")]
    sources = [*(ROOT / "contracts").glob("*.yaml"), *(ROOT / "fixtures" / "worlds").glob("*.yaml")]
    assert len(compiled) == len(sources) + 1  # one has all scenarios
    assert "mockserver/py.typed" in shipped
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_installed_wheel_lints_its_contracts_anywhere(scripts: Path, tmp_path: Path) -> None:
    where = run(scripts / "python", "-c", "import mockserver; print(mockserver.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(scripts.parent), "it must not be this checkout"
    assert run(scripts / "mockserver", "contracts", "lint", cwd=tmp_path).startswith("apimo: fine")
    world = json.loads(run(scripts / "mockserver", "world", "show", "--json", cwd=tmp_path))
    assert world["world"]["name"] == "default"


def test_the_installed_wheel_judges_the_clients_that_it_has(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("raise AssertionError('not ours')\n", encoding="utf-8")
    table = run(scripts / "mockserver", "conform", "--selftest", "--provider", "apimo", cwd=tmp_path)
    assert "WRONG" not in table
    assert table.count("right") > 30


def test_the_installed_wheel_serves_leads_anywhere_and_ends(scripts: Path, tmp_path: Path) -> None:
    command = [str(scripts / "mockserver"), "serve", "--port", "0"]
    environment = {**elsewhere(), "MOCKSERVER_CACHE": str(tmp_path / "cache")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            leads = httpx2.get(f"{url}/apimo/agencies/101/leads", auth=AUTH).json()["leads"]
            assert leads
            assert httpx2.get(url).json()["providers"].keys() >= {"apimo"}
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
    assert not (tmp_path / "cache").exists(), "its documents come compiled"
