"""The files with which a server is deployed say nothing that the server does not know."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockserver.cli.main import cli, serve
from mockserver.sandbox.persistence.sql.url import read_address
from tests.conftest import ROOT, MakeClient
from tests.support.databases import DEPLOY

FILES = sorted(DEPLOY.glob("*.yaml"))
SHARED = [path for path in FILES if path.name != "compose.yaml"]
OPTIONS = {name for option in serve.params for name in (*option.opts, *option.secondary_opts)}
VARIABLES = {option.envvar for option in serve.params if isinstance(option, click.Option)}
PLACEHOLDER = re.compile(r"\$\{(\w+):\?[^}]*\}")


def documents(path: Path) -> list[Any]:
    """All documents of a file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def commands(value: Any) -> list[list[str]]:
    """The arguments of every `mockserver serve` in it."""
    if isinstance(value, dict):
        return [command for each in value.values() for command in commands(each)]
    if isinstance(value, list) and value[:1] == ["serve"]:
        return [value]
    return [command for each in value for command in commands(each)] if isinstance(value, list) else []


def test_there_are_two_files_for_compose_and_one_for_kubernetes() -> None:
    assert [path.name for path in FILES] == ["compose.postgresql.yaml", "compose.yaml", "kubernetes.yaml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_option_and_every_variable_is_one_of_ours(path: Path) -> None:
    found = commands(documents(path))
    assert found
    for command in found:
        parsed = serve.make_parser(click.Context(serve)).parse_args(list(command[1:]))
        assert parsed[1] == [], "all arguments are options"
        assert {word for word in command if word.startswith("--")} <= OPTIONS
    variables = set(re.findall(r"^\s*(?:- name: )?(MOCKSERVER_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert variables == {"MOCKSERVER_ADMIN_TOKEN", *(["MOCKSERVER_STORE"] if path in SHARED else [])}
    assert variables <= VARIABLES


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_the_address_of_the_store_is_one_that_can_be_used(path: Path) -> None:
    (address, *others) = set(re.findall(r"postgresql\S*://.*", path.read_text(encoding="utf-8")))
    assert not others
    assert read_address(PLACEHOLDER.sub("word", address)).database == "mockserver"


def test_every_path_that_is_probed_answers_also_without_the_token(make_client: MakeClient) -> None:
    client = make_client(admin_token="secret", host="0.0.0.0")
    text = (DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")
    probed = set(re.findall(r"/__admin/health/\w+", text))
    assert "/__admin/health/ready" in probed
    for each in probed:
        assert client.get(each).status_code == 200


def test_in_compose_both_servers_wait_for_the_database_and_differ_in_their_port_alone() -> None:
    (compose,) = documents(DEPLOY / "compose.postgresql.yaml")
    services = compose["services"]
    one, two = dict(services["server-1"]), dict(services["server-2"])
    assert one.pop("ports") != two.pop("ports")
    assert one == two
    assert one["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["database"]["healthcheck"]
    assert [volume.partition(":")[0] for volume in services["database"]["volumes"]] == list(compose["volumes"])


def test_containers_of_compose_are_made_by_the_file_beside_it_and_may_write_nothing() -> None:
    alone, shared = (documents(DEPLOY / name)[0]["services"] for name in ("compose.yaml", "compose.postgresql.yaml"))
    for service in (alone["mockserver"], shared["server-1"]):
        folder = (DEPLOY / service["build"]["context"]).resolve()
        assert (folder / service["build"]["dockerfile"]) == DEPLOY / "Dockerfile"
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each with its arguments on one line."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, " ".join(rest.split())) for name, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_installs_by_hashes_what_is_in_the_checkout() -> None:
    copied = [rest.split()[0] for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]
    assert copied == [".ci/requirements.lock", "."]
    lock = (ROOT / copied[0]).read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    installs = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert "--require-hashes" in installs[0]
    assert all("--require-hashes" in rest or "--no-index" in rest for rest in installs)
    sent = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all((ROOT / path).exists() for path in sent)
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    for path in (*built["wheel"]["force-include"], *built["wheel"]["packages"], copied[0], "hatch_build.py"):
        assert any(path == place or path.startswith(f"{place}/") for place in sent), path


def test_the_image_runs_a_command_of_ours_for_somebody_who_is_not_root() -> None:
    last = max(number for number, (name, _) in enumerate(instructions()) if name == "FROM")
    final = dict(instructions()[last:])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", final["USER"])
    assert (json.loads(final["ENTRYPOINT"]), json.loads(final["CMD"])) == (["mockserver"], ["serve"])
    program, command = json.loads(final["HEALTHCHECK"].partition("CMD ")[2])
    assert program == "mockserver"
    assert cli.get_command(click.Context(cli), command) is not None
    variables = dict(re.findall(r"(MOCKSERVER_\w+)=(\S+)", final["ENV"]))
    assert set(variables) <= VARIABLES
    assert final["EXPOSE"] == variables["MOCKSERVER_PORT"]


def test_in_kubernetes_names_labels_ports_and_keys_fit_together() -> None:
    secret, deployment, service = documents(DEPLOY / "kubernetes.yaml")
    assert [each["kind"] for each in (secret, deployment, service)] == ["Secret", "Deployment", "Service"]
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"] == service["spec"]["selector"]
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    for variable in container["env"]:
        source = variable["valueFrom"]["secretKeyRef"]
        assert source["name"] == secret["metadata"]["name"]
        assert source["key"] in secret["stringData"]
