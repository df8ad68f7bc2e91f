"""The files for pipelines: linters accept them, and their steps do what they promise.

What installs the package is not run, since that needs a network: a command of the checkout stands where it would be.
"""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockserver.cli.conform import conform
from tests.conftest import ROOT
from tests.support.patience import PATIENCE

CI = ROOT / "fixtures" / "ci"
ACTION, WORKFLOW = CI / "github" / "action.yml", CI / "github" / "workflow.yml"
GITLAB = CI / "gitlab" / "conform.yml"
GITHUB_SERVICES, GITLAB_SERVICES = CI / "github" / "services.yml", CI / "gitlab" / "services.yml"
GITHUB_EXEC, GITLAB_EXEC = CI / "github" / "exec.yml", CI / "gitlab" / "exec.yml"
VARIABLES = {option.envvar for option in conform.params if isinstance(option, click.Option) and option.envvar}
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
CLIENT = f"{sys.executable} {ROOT / 'tests' / 'clients' / 'gsl.py'}"


def read(path: Path) -> Any:
    """A file as YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def lint(tool: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Runs a linter of the extra `dev`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(tool, path=path)
    assert found, f"{tool} is not installed: pip install -c constraints.txt -e '.[dev]'"
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("github-actions", [ACTION]),
        ("github-workflows", [WORKFLOW, GITHUB_SERVICES, GITHUB_EXEC]),
        ("gitlab-ci", [GITLAB, GITLAB_SERVICES, GITLAB_EXEC]),
        ("compose-spec", sorted((ROOT / "fixtures" / "deploy").glob("compose*.yaml"))),
    ],
    ids=["action", "workflows", "gitlab", "compose"],
)
def test_files_fit_the_schema_of_who_reads_them(schema: str, paths: list[Path]) -> None:
    transform = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    done = lint("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *transform, *paths)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_unsafe_in_the_files_for_github() -> None:
    done = lint("zizmor", "--offline", "--no-progress", ACTION, WORKFLOW, GITHUB_SERVICES, GITHUB_EXEC)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linter_would_find_what_is_unsafe(tmp_path: Path) -> None:
    unsafe = tmp_path / "action.yml"
    text = ACTION.read_text(encoding="utf-8").replace('"$COMMAND"', '"${{ inputs.command }}"')
    unsafe.write_text(text, encoding="utf-8")
    done = lint("zizmor", "--offline", "--no-progress", unsafe)
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="there is no actionlint, which no wheel brings")
def test_the_workflow_passes_actionlint() -> None:
    done = lint("actionlint", WORKFLOW)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_input_of_the_action_reaches_a_variable_of_the_command() -> None:
    action = read(ACTION)
    texts = [str(value) for step in action["runs"]["steps"] for value in (*step["env"].values(), step["run"])]
    texts += [str(step.get("working-directory", "")) for step in action["runs"]["steps"]]
    assert {name for text in texts for name in INPUT.findall(text)} == set(action["inputs"])
    for step in action["runs"]["steps"]:
        assert not INPUT.search(step["run"]), "text of an input must not become text of a script"
        assert {name for name in step["env"] if name.startswith("MOCKSERVER_")} <= VARIABLES
    template = read(GITLAB)[".conform"]
    named = set(re.findall(r"MOCKSERVER_\w+", GITLAB.read_text(encoding="utf-8")))
    assert named - {"MOCKSERVER_CONFORM_"} <= VARIABLES
    assert {"MOCKSERVER_CONFORM_RUNS_DIR"} <= set(template["variables"])


def test_the_workflow_uses_the_action_as_it_is() -> None:
    (job,) = read(WORKFLOW)["jobs"].values()
    (judge,) = [step for step in job["steps"] if step["uses"].startswith("./")]
    assert judge["uses"] == f"./lead-mockserver/{ACTION.parent.relative_to(ROOT)}"
    inputs = read(ACTION)["inputs"]
    assert set(judge["with"]) <= set(inputs)
    assert {name for name, about in inputs.items() if about.get("required")} <= set(judge["with"])
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in job["steps"] if step is not judge)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Where the package would be installed: a folder with the command of this checkout in it."""
    scripts = tmp_path / "temp" / "lead-mockserver" / "bin"
    scripts.mkdir(parents=True)
    command = scripts / "mockserver"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m mockserver "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return scripts.parent


def run(script: str, folder: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs a script as a runner does: with bash, in a folder, with these variables and nothing else of ours."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**inherited, **environment},
        timeout=PATIENCE,
        check=False,
    )


def judged_on_github(installed: Path, folder: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """What the step of the action does that judges, with these inputs."""
    action = read(ACTION)
    values = {name: about.get("default", "") for name, about in action["inputs"].items()} | inputs
    step = action["runs"]["steps"][-1]
    environment = {name: INPUT.sub(lambda found: values[found[1]], text) for name, text in step["env"].items()}
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    return run(step["run"], folder, {**environment, **runner, "RUNNER_TEMP": str(installed.parent)})


def test_the_action_judges_a_client_and_tells_it_to_the_job(installed: Path, tmp_path: Path) -> None:
    done = judged_on_github(installed, tmp_path, command=CLIENT, provider="gsl", scenario="plain")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^(PASSED|INCOMPLETE): ", done.stdout, re.MULTILINE)
    assert "::error" not in done.stdout + done.stderr
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith(("## PASSED: ", "## INCOMPLETE: "))
    reports = {path.name for path in (tmp_path / "conform").glob("conform.*")}
    assert reports == {"conform.json", "conform.xml", "conform.html", "conform.badge.json"}


def test_a_client_that_is_broken_fails_the_job_with_annotations(installed: Path, tmp_path: Path) -> None:
    hostile = "true; echo '::error::of the client' \"$HOME\""
    done = judged_on_github(installed, tmp_path, command=hostile, provider="gsl", scenario="plain", strict="true")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "\n::error title=RUN-01 must%2C gsl%3A " in f"\n{done.stderr}"
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("## FAILED: ")
    assert not re.search(r"^\s*::error::of the client", done.stdout + done.stderr, re.MULTILINE)


def test_the_template_for_gitlab_judges_a_client(installed: Path, tmp_path: Path) -> None:
    template = read(GITLAB)[".conform"]
    (script,) = template["script"]
    assert script.count("/tmp/lead-mockserver") == 1
    here = script.replace("/tmp/lead-mockserver", str(installed))
    variables = {**template["variables"], "MOCKSERVER_CONFORM_PROVIDER": "gsl", "MOCKSERVER_CONFORM_SCENARIO": "plain"}
    done = run(here, tmp_path, {**variables, "CONFORM_COMMAND": CLIENT})
    assert done.returncode == 0, done.stdout + done.stderr
    junit = template["artifacts"]["reports"]["junit"]
    assert ET.parse(tmp_path / junit).getroot().get("failures") == "0"
    assert all(list(tmp_path.glob(pattern)) for pattern in template["artifacts"]["paths"])
    unnamed = run(here, tmp_path, variables)
    assert unnamed.returncode != 0
    assert "it is the command line of the client" in unnamed.stderr


def test_tests_run_beside_the_fake_in_both_pipelines(installed: Path, tmp_path: Path) -> None:
    *_, step = read(GITHUB_EXEC)["jobs"]["tests"]["steps"]
    (script,) = read(GITLAB_EXEC)[".beside-mockserver"]["script"]
    fake, summary = f"{installed}/bin", tmp_path / "summary.md"
    on_github = step["run"].replace('"$RUNNER_TEMP/fake/bin', f'"{fake}').replace("npm test", CLIENT)
    done = run(on_github, tmp_path, {"GITHUB_STEP_SUMMARY": str(summary)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no contract was broken" in summary.read_text(encoding="utf-8")
    assert ET.parse(tmp_path / "exec.xml").getroot().get("failures") == "0"
    done = run(script.replace("/tmp/fake/bin", fake), tmp_path, {"TEST_COMMAND": "exit 4"})
    assert done.returncode == 4, done.stdout + done.stderr


def test_the_install_steps_install_what_they_name() -> None:
    install = read(ACTION)["runs"]["steps"][0]
    assert '"${PACKAGE:-$GITHUB_ACTION_PATH/../../..}"' in install["run"]
    assert (ACTION.parent / "../../.." / "pyproject.toml").resolve() == ROOT / "pyproject.toml"
    made, package = read(GITLAB)[".conform"]["before_script"]
    assert made.endswith("/tmp/lead-mockserver")
    assert package.endswith('pip install --quiet "$CONFORM_PACKAGE"')
