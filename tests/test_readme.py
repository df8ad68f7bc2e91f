"""The tables, commands, files and programs of the README are correct."""

import os
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest
import yaml

from mockserver.cli.conform import conform
from mockserver.cli.exec import exec as exec_command
from mockserver.cli.main import main, serve
from mockserver.cli.report_files import FORMS
from mockserver.contract import load_contract
from mockserver.contract.ledger import LedgerRow
from mockserver.foundation.resources import resource
from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import OBLIGATIONS
from mockserver.judge.environment import OUR_NAMES, variables
from mockserver.judge.rulings import Severity, State
from mockserver.judge.suite import battery
from mockserver.providers.contracts import provider_names
from mockserver.providers.loading import judge_adapter_of, load_providers
from mockserver.sandbox.faults import FAULT_KINDS
from mockserver.scenarios import load_scenario, scenario_names
from mockserver.scenarios.action_models import Action
from mockserver.scenarios.model import Judging
from mockserver.server.app import read_contract, read_contracts
from mockserver.world import load_world_file, world_names
from tests.conftest import ROOT, Served
from tests.support.patience import PATIENCE

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
JUDGE = README.partition("\n## Judge your client\n")[2].partition("\n## ")[0]
A_DRILL = ("--scenario", "empty-agency")
"""The options that replace a whole battery, which takes a minute."""


def marked(name: str) -> str:
    """Returns the text between `<!-- NAME: … -->` and `<!-- /NAME -->`."""
    match = re.search(rf"<!-- {name}:.*?-->\n(.*?)\n<!-- /{name} -->", README, re.DOTALL)
    assert match, name
    return match[1]


def commands(start: str) -> list[str]:
    """Returns the commands of the README's console blocks that begin with a word, continuation lines joined."""
    lines = [line for kind, block in BLOCKS if kind == "console" for line in block.replace("\\\n", " ").splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.removeprefix("$ ").startswith(start)]


def judging_commands() -> list[list[str]]:
    """Returns the words of the commands in console blocks that judge a client."""
    return [words for command in commands("mockserver conform") if "--" in (words := shlex.split(command))]


def options_of(command: click.Command) -> set[str]:
    """Returns all names of the options of a command."""
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


def checkout(folder: Path) -> dict[str, str]:
    """Makes a folder look like a checkout with an active .venv, and returns the environment for commands there."""
    (folder / "tests").symlink_to(ROOT / "tests")
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def operation_rows() -> list[str]:
    """Returns the table of operations as the contracts define it."""
    rows = ["| provider | operation | call | fidelity |", "|---|---|---|---|"]
    for name, contract in read_contracts(Settings()).items():
        levels: dict[str, LedgerRow] = {row.operation: row for row in contract.ledger if row.subject == "operation"}
        for operation in contract.operations.values():
            call = f"`{operation.method} {operation.path}`"
            rows.append(f"| {name} | `{operation.id}` | {call} | {levels[operation.id].level} |")
    return rows


def option_rows() -> list[str]:
    """Returns the table of options as the fields of the settings define it."""
    rows = ["| option | default | meaning |", "|---|---|---|"]
    for option in (parameter for parameter in serve.params if isinstance(parameter, click.Option)):
        names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
        value = (
            (option.opts if option.default else option.secondary_opts)[0] if option.secondary_opts else option.default
        )
        rows.append(f"| {names} | {f'`{value}`' if option.show_default else ''} | {option.help} |")
    return rows


def test_the_table_of_options_is_what_the_settings_say() -> None:
    expected = "\n".join(option_rows())
    assert marked("options") == expected, f"put this into the README:\n{expected}"


def test_the_table_of_operations_is_what_the_contracts_say() -> None:
    expected = "\n".join(operation_rows())
    assert marked("operations") == expected, f"put this into the README:\n{expected}"


def test_blocks_with_curl_work_in_the_order_in_which_they_stand(live: Served) -> None:
    blocks = [block for kind, block in BLOCKS if kind == "console" and "curl" in block]
    assert len(blocks) >= 4
    for block in blocks:
        script = block.replace("http://127.0.0.1:8080", live.url).replace("curl ", "curl --silent --fail-with-body ")
        script = script.replace("mockserver exec", f"{shlex.quote(sys.executable)} -m mockserver exec")
        run = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE)
        assert run.returncode == 0, f"{block}\n{run.stdout}{run.stderr}"
        assert run.stdout.startswith(("{", "["))


def test_other_commands_work() -> None:
    others = [command for command in commands("mockserver") if not command.startswith("mockserver serve")]
    others = [command for command in others if " -- " not in command]
    assert others
    for command in others:
        run = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout


def test_clients_are_judged_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", checkout(tmp_path)["PATH"])
    monkeypatch.chdir(tmp_path)
    for words in judging_commands():
        rest = [word for word in words[2:] if word != "--quick"]  # which takes a while
        narrowed = words if "--scenario" in words else [*words[:2], *A_DRILL, *rest]
        monkeypatch.setattr(sys, "argv", narrowed)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert ended.value.code == 0, f"{words}\n{out}{err}"
        assert ": PASSED: " in err
    assert ET.parse(tmp_path / "runs" / "conform.xml").getroot().get("failures") == "0"
    assert "<html" in (tmp_path / "runs" / "conform.html").read_text(encoding="utf-8")
    assert yaml.safe_load((tmp_path / "known.yaml").read_text(encoding="utf-8")) == {"version": 1, "broken": []}


def test_commands_run_beside_the_fake_as_it_says(tmp_path: Path) -> None:
    running = [shlex.split(command) for command in commands("mockserver exec -- ")[:1]]
    running += [shlex.split(command) for command in commands("mockserver exec --strict")]
    assert len(running) == 2
    told = README[README.index("## Beside a command") :].partition("\n## ")[0]
    own = {option for option in options_of(exec_command) - options_of(serve) if option not in ("--hosts", "--isolate")}
    assert not [option for option in own if f"`{option}" not in told]
    environment = {**checkout(tmp_path), "PYTHONPATH": str(ROOT)}
    for words in running:
        run = subprocess.run(
            [sys.executable, "-m", *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            timeout=PATIENCE,
        )
        assert run.returncode == 0, run.stdout + run.stderr
    assert ET.parse(tmp_path / "exec.xml").getroot().get("failures") == "0"
    assert {path.name for path in tmp_path.glob("exec.*")} == {f"exec.{end}" for end in ("xml", "har", "md")}


def test_judging_commands_use_options_that_there_are_and_all_are_told_of() -> None:
    assert len(judging_commands()) >= 4
    options = options_of(conform)
    for command in re.findall(r"mockserver conform[^`\n]*", README):
        words = shlex.split(command.partition(" -- ")[0])
        assert {word for word in words if word.startswith("-")} <= options, command
    for parameter in conform.params:
        if isinstance(parameter, click.Option):
            assert any(re.search(rf"`{option}[ `]", JUDGE) for option in parameter.opts), parameter.opts
    for form in FORMS:
        assert f"`{form}`" in JUDGE


def test_what_a_judged_client_gets_is_told() -> None:
    given = {
        name: judge_adapter_of(name).environment(defaultdict(str), defaultdict(str), 101) for name in provider_names()
    }
    ours = {f"MOCKSERVER_{name.upper()}": "" for name in OUR_NAMES}
    templates = [tuple(template.split("=", 1)) for template in re.findall(r"--env (\w+=[^`\s]*\{[^`\s]+)", JUDGE)]
    assert templates
    assert variables(given, ours, [(name, template) for name, template in templates])
    for name in [*(name for environment in given.values() for name in environment), *ours]:
        assert f"| `{name}`" in JUDGE or f", `{name}`" in JUDGE, name


def test_what_the_judge_says_is_told() -> None:
    assert set(re.findall(r"^\| `([A-Z]+)` \|", JUDGE, re.MULTILINE)) == {one.family for one in OBLIGATIONS.values()}
    for state in State:
        assert f"| {state} |" in JUDGE
    for severity in Severity:
        assert f"`{severity}`" in JUDGE
    for member in Judging.model_fields:
        assert re.search(rf"^  {member}:", README, re.MULTILINE), member
    (example,) = re.findall(r"```text\n(.*?)```", JUDGE, re.DOTALL)
    shown = OBLIGATIONS[example.split()[0]]
    assert f"{shown.severity}, gsl: A correct client {shown.sentence}.\n" in example
    assert f"  to do: {shown.remedy}\n" in example


def test_serve_commands_use_options_and_variants_that_there_are() -> None:
    options = options_of(serve)
    variants = {
        f"{name}.{variant}={value}"
        for name, c in read_contracts(Settings()).items()
        for variant, v in c.variants.items()
        for value in v.values
    }
    for command in re.findall(r"mockserver serve[^`'\n]*", README):
        words = shlex.split(command)
        assert {word for word in words if word.startswith("--")} <= options
        assert {words[i + 1] for i, word in enumerate(words) if word == "--variant"} <= variants


def test_every_option_and_every_world_is_told_of() -> None:
    for parameter in serve.params:
        assert any(f"`{option}" in README or f"{option}" in README for option in parameter.opts), parameter.opts
    for name in world_names():
        assert f"`{name}`" in README


def assert_pipeline(document: dict[str, Any]) -> None:
    """Checks that a step of GitHub Actions or a job of GitLab uses our file for it, with what that takes."""
    if "uses" in document:
        action = ROOT / document["uses"].removeprefix("./lead-mockserver/") / "action.yml"
        assert set(document["with"]) <= set(yaml.safe_load(action.read_text(encoding="utf-8"))["inputs"])
        return
    template = (ROOT / "fixtures" / "ci" / "gitlab" / "conform.yml").read_text(encoding="utf-8")
    job = document["conform"]
    assert job["extends"] in yaml.safe_load(template)
    options = {option.envvar for option in conform.params if isinstance(option, click.Option)}
    assert all(name in options or f"${{{name}:" in template for name in job["variables"])


def test_every_input_of_the_action_is_told_of() -> None:
    action = yaml.safe_load((ROOT / "fixtures" / "ci" / "github" / "action.yml").read_text(encoding="utf-8"))
    about = JUDGE[JUDGE.index("`fixtures/ci/` has") :]
    assert not [name for name in action["inputs"] if not re.search(rf"\b{name}[`:]", about)]


@pytest.mark.parametrize("text", [block for kind, block in BLOCKS if kind == "yaml"], ids=lambda text: text.split()[0])
def test_yaml_files_can_be_used(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    document = yaml.safe_load(text)
    if "steps" in document:
        providers = load_providers(lambda name: read_contract(name, Settings()))
        scenario = load_scenario(str(path), providers)
        assert scenario.steps or scenario.judge
        assert not scenario.judge or set(scenario.judge.aims) <= set(OBLIGATIONS)
        assert {drill.provider for drill in battery(providers, scenarios=[str(path)])} == set(scenario.providers)
    elif "uses" in document or "conform" in document:
        assert_pipeline(document)
    elif "overlay" in document:
        assert load_contract("apimo", resource("contracts", "apimo.yaml"), [path])
    else:
        assert load_world_file(str(path)).name == "mine"


@pytest.mark.parametrize(
    "text", [block for kind, block in BLOCKS if kind == "python"], ids=["plugin", "client", "asgi", "judge", "marker"]
)
def test_programs_run(text: str, live: Served, tmp_path: Path) -> None:
    path = tmp_path / "test_mine.py"
    path.write_text(text.replace("http://127.0.0.1:8080", live.url), encoding="utf-8")
    clean = ["-p", "no:cacheprovider", "-W", "error", "--override-ini", "addopts="]
    command = ["-m", "pytest", "-q", *clean, str(path)] if "def test_" in text else [str(path)]
    run = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=checkout(tmp_path),
        timeout=PATIENCE,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout


def test_every_scenario_action_and_fault_kind_is_told_of() -> None:
    for name in [*scenario_names(), *Action.model_fields, *FAULT_KINDS]:
        assert f"`{name}`" in README, name


def test_make_targets_that_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z]+)(?=[\s`])", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_architecture_names_every_package_in_ten_lines() -> None:
    lines = marked("architecture").splitlines()
    assert len(lines) <= 10
    package = ROOT / "mockserver"
    named: list[str] = []
    for path in re.findall(r"`([a-z_/]+(?:/|\.py))`", "\n".join(lines)):
        if (package / path / "__init__.py").is_file():
            named.append(path.rstrip("/"))
        else:
            assert (package / named[-1] / path).exists(), f"{named[-1]}/{path}"
    assert sorted(named) == sorted(path.parent.name for path in package.glob("*/__init__.py"))
