"""The recipes for test runners and pipelines: their variables, commands and waits are those of the server."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockserver.cli.main import cli
from mockserver.provider_api.provider import Provider
from mockserver.providers.loading import judge_adapter_of
from tests.conftest import ROOT, MakeClient
from tests.support.patience import PATIENCE

RECIPES = ROOT / "fixtures" / "recipes"
START = """
import { startMockserver } from %s;
const { url, variables, stop } = await startMockserver("--world", "small");
const login = Buffer.from(`${variables.APIMO_PROVIDER}:${variables.APIMO_TOKEN}`).toString("base64");
const leads = await fetch(`${variables.APIMO_BASE_URL}/agencies/${variables.APIMO_AGENCY_ID}/leads?limit=2`, {
  headers: { authorization: `Basic ${login}` },
});
for (const recipe of %s) await import(recipe);
console.log(JSON.stringify({ url, variables, leads: (await leads.json()).leads.length }));
await stop();
"""


def variables(client: Any, url: str) -> dict[str, str]:
    """The variables by which a client is configured for the default sandbox of a server at an address."""
    result: dict[str, str] = {}
    for name, provider in client.app.providers.items():
        assert isinstance(provider, Provider)
        (account,) = client.app.sandbox.accounts[name].values()
        base = f"{url}/{name}"
        urls = {name: base, **{f"{name}_{kind}": place for kind, place in provider.auth.urls(base).items()}}
        result |= judge_adapter_of(name).environment(urls, provider.auth.describe_credentials(account), 101)
    return result


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_set_up_for_node_starts_the_fake_says_what_exec_says_and_stops_it(
    tmp_path: Path, make_client: MakeClient
) -> None:
    script = tmp_path / "start.mjs"
    modules = [str(path) for path in sorted(RECIPES.rglob("*.mjs"), key=lambda path: path.name == "mockserver.mjs")]
    script.write_text(START % (json.dumps(modules[-1]), json.dumps(modules)), encoding="utf-8")
    environment = {**os.environ, "MOCKSERVER_COMMAND": f"{sys.executable} -m mockserver"}
    done = subprocess.run(
        ["node", script], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    url = told["url"]
    assert told["variables"] == {"MOCKSERVER_URL": url, **variables(make_client(), url)}
    assert told["leads"] == 2
    assert "stopped" in done.stderr


@pytest.mark.parametrize("path", ["github/services.yml", "gitlab/services.yml"])
def test_services_of_pipelines_have_the_addresses_of_the_server(path: str, make_client: MakeClient) -> None:
    document = yaml.safe_load((ROOT / "fixtures" / "ci" / path).read_text(encoding="utf-8"))
    job = document["jobs"]["tests"] if "jobs" in document else document[".with-mockserver"]
    addresses = job.get("env") or job["variables"]
    url = addresses["GSL_BASE_URL"].removesuffix("/gsl")
    expected = variables(make_client(), url)
    assert addresses == {name: expected[name] for name in addresses}
    assert {name for name in expected if name.endswith("_URL")} == set(addresses)


@pytest.mark.parametrize("path", sorted(RECIPES.rglob("*.py")), ids=lambda path: path.name)
def test_the_recipe_for_python_is_python(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_command_and_wait_of_a_recipe_is_one_of_ours() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(RECIPES.rglob("*")) if path.is_file())
    assert set(re.findall(r"/__admin/[\w/]+", text)) == {"/__admin/health/ready", "/__admin/journal"}
    jenkins = (RECIPES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    for line in re.findall(r"bin/mockserver\" (.*)'", jenkins):
        name, *arguments = shlex.split(line)
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        _, rest, _ = command.make_parser(click.Context(command)).parse_args(arguments)
        assert not [word for word in rest if word.startswith("--")]
    assert ET.parse(RECIPES / "testcontainers" / "java" / "pom.xml").getroot().tag.endswith("}project")
