"""Measures how long the judge takes: whole batteries and quick ones, of clients that work, wait, or call a lot."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Figure

_ROOT = Path(__file__).parents[2]
_CLIENTS = _ROOT / "tests" / "clients"
_CONFORM = [sys.executable, "-m", "mockserver", "conform"]
_HERE = [sys.executable, "-m", "tests.benchmarks.judged_client"]


@dataclass(frozen=True, slots=True)
class Case:
    """A battery for a client."""

    name: str
    provider: str
    client: Sequence[str]
    limit: float
    """Seconds that it is to take at most on two quiet cores."""
    options: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)


def report() -> list[Figure]:
    """Returns for each client the seconds of its battery; the CPU of judge and clients together, drills, and findings.

    `MOCKSERVER_BENCH` in the environment narrows it to the rows whose name has that text.
    """
    figures = []
    with TemporaryDirectory() as folder:
        for case in _cases(Path(folder)):
            if os.environ.get("MOCKSERVER_BENCH", "") in case.name:
                figures.append(_measured(case, Path(folder)))
                sys.stderr.write(f"{' '.join(figures[-1].row())}\n")
    return figures


def _cases(folder: Path) -> Iterator[Case]:
    for provider in ("apimo", "gsl", "seeker"):
        yield Case(f"reference {provider}", provider, [sys.executable, "-m", f"tests.clients.{provider}"], 60)
    for provider in ("apimo", "gsl", "seeker"):
        yield Case(f"quick {provider}, runs of 0.2 s", provider, [*_HERE, "slow-start", provider], 20, ["--quick"])
    if shutil.which("node"):
        yield Case("Node with fetch gsl", "gsl", ["node", str(_CLIENTS / "fetch.mjs")], 120)
    if (package := _generated(folder)) is not None:
        command = [sys.executable, str(_CLIENTS / "generated.py")]
        yield Case("generated apimo", "apimo", command, 120, environment={"PYTHONPATH": f"{_ROOT}:{package}"})
    yield Case("many connections gsl", "gsl", [*_HERE, "small-pages", "gsl"], 120)
    yield Case("three years in windows seeker", "seeker", [*_HERE, "three-years", "seeker"], 120)
    for provider in ("apimo", "gsl", "seeker"):
        yield Case(f"polite {provider}", provider, [*_HERE, "polite", provider], 120)


def _generated(folder: Path) -> Path | None:
    """The folder of the package that openapi-python-client makes of Apimo's contract; None where it is not there."""
    import yaml

    contract = yaml.safe_load((_ROOT / "contracts" / "apimo.yaml").read_bytes())
    (folder / "apimo.json").write_text(json.dumps(contract), encoding="utf-8")
    config = {"post_hooks": [], "package_name_override": "apimo_generated"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "apimo.json", "--meta", "none"]
    command += ["--config", "config.json", "--output-path", "apimo_generated"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return folder if done.returncode == 0 else None


def _measured(case: Case, folder: Path) -> Figure:
    file = folder / "report.json"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*_CONFORM, "--provider", case.provider, *case.options, "--report", f"json={file}", "--", *case.client]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), **case.environment}
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    judged = json.loads(file.read_text(encoding="utf-8"))
    drills = judged["drills"] + judged.get("other_readings", [])
    longest = max(drill["seconds"] for drill in drills)
    verdict = done.stderr.strip().splitlines()[-1:] or ["-"]
    note = (
        f"{cpu:.1f} s CPU, {len(drills)} drills, the longest {longest:.1f} s, {after.ru_maxrss / 1024:.0f} MB; "
        f"{verdict[0].partition(': ')[2][:60]}"
    )
    return Figure(case.name, judged["seconds"], "s", case.limit, note=note)
