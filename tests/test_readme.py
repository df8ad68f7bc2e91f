"""The README is true: its tables, its commands, its files."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mockserver.app import read_contract, read_contracts
from mockserver.cli import serve
from mockserver.contract import load_contract
from mockserver.contract.ledger import LedgerRow
from mockserver.faults import FaultKind
from mockserver.loading import load_providers
from mockserver.resources import resource
from mockserver.scenarios import load_scenario, scenario_names
from mockserver.scenarios.model import Action
from mockserver.settings import Settings
from mockserver.world import load_world_file, world_names

from .conftest import ROOT, Served

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def commands(start: str) -> list[str]:
    """The commands of the README's console blocks that begin with a word, continuation lines joined."""
    lines = [line for kind, block in BLOCKS if kind == "console" for line in block.replace("\\\n", " ").splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.removeprefix("$ ").startswith(start)]


def operation_rows() -> list[str]:
    """The table of operations as it should be."""
    rows = ["| provider | operation | call | fidelity |", "|---|---|---|---|"]
    for name, contract in read_contracts(Settings()).items():
        levels: dict[str, LedgerRow] = {row.operation: row for row in contract.ledger if row.subject == "operation"}
        for operation in contract.operations.values():
            call = f"`{operation.method} {operation.path}`"
            rows.append(f"| {name} | `{operation.id}` | {call} | {levels[operation.id].level} |")
    return rows


def test_the_table_of_operations_is_what_the_contracts_say() -> None:
    found = re.search(r"<!-- operations:.*?-->\n(.*?)\n<!-- /operations -->", README, re.DOTALL)
    assert found
    expected = "\n".join(operation_rows())
    assert found[1] == expected, f"put this into the README:\n{expected}"


def test_blocks_with_curl_work_in_the_order_in_which_they_stand(live: Served) -> None:
    blocks = [block for kind, block in BLOCKS if kind == "console" and "curl" in block]
    assert len(blocks) >= 4
    for block in blocks:
        script = block.replace("http://127.0.0.1:8080", live.url).replace("curl ", "curl --silent --fail-with-body ")
        run = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=30)
        assert run.returncode == 0, f"{block}\n{run.stdout}{run.stderr}"
        assert run.stdout.startswith(("{", "["))


def test_other_commands_work() -> None:
    found = [command for command in commands("mockserver") if not command.startswith("mockserver serve")]
    assert found
    for command in found:
        run = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)], capture_output=True, text=True, cwd=ROOT, timeout=60
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout


def test_serve_commands_use_options_and_variants_that_there_are() -> None:
    options = {option for parameter in serve.params for option in parameter.opts}
    variants = {
        f"{name}.{variant}={value}"
        for name, c in read_contracts(Settings()).items()
        for variant, v in c.variants.items()
        for value in v.values
    }
    for command in re.findall(r"mockserver serve[^`\n]*", README):
        words = shlex.split(command)
        assert {word for word in words if word.startswith("--")} <= options
        assert {words[i + 1] for i, word in enumerate(words) if word == "--variant"} <= variants


def test_every_option_and_every_world_is_told_of() -> None:
    for parameter in serve.params:
        assert any(f"`{option}" in README or f"{option}" in README for option in parameter.opts), parameter.opts
    for name in world_names():
        assert f"`{name}`" in README


@pytest.mark.parametrize("text", [block for kind, block in BLOCKS if kind == "yaml"], ids=lambda text: text.split()[0])
def test_yaml_files_can_be_used(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    document = yaml.safe_load(text)
    if "steps" in document:
        assert load_scenario(str(path), load_providers(lambda name: read_contract(name, Settings()))).steps
    elif "overlay" in document:
        assert load_contract("apimo", resource("contracts", "apimo.yaml"), [path])
    else:
        assert load_world_file(str(path)).name == "mine"


@pytest.mark.parametrize(
    "text", [block for kind, block in BLOCKS if kind == "python"], ids=["plugin", "client", "asgi"]
)
def test_programs_run(text: str, live: Served, tmp_path: Path) -> None:
    path = tmp_path / "test_mine.py"
    path.write_text(text.replace("http://127.0.0.1:8080", live.url), encoding="utf-8")
    clean = ["-p", "no:cacheprovider", "-W", "error", "--override-ini", "addopts="]
    command = ["-m", "pytest", "-q", *clean, str(path)] if "def test_" in text else [str(path)]
    run = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout


def test_every_scenario_action_and_fault_kind_is_told_of() -> None:
    for name in [*scenario_names(), *Action.model_fields, *FaultKind]:
        assert f"`{name}`" in README, name


def test_make_targets_that_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z]+)(?=[\s`])", README)) - {"are"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
