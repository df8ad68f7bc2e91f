"""The command line: settings and where they come from, the first line, the end, what goes wrong."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.cli.main import main
from mockserver.foundation.version import __version__
from mockserver.server import server
from tests.conftest import AUTH, ROOT, Served, StartServer
from tests.support.patience import PATIENCE, until

LEADS = "/apimo/agencies/101/leads"
OVERLAY = """
overlay: 1.0.0
info: {title: mine, version: '1'}
actions: [{target: $.info, update: {title: As my document says}}]
"""


def mockserver(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command that ends by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    command = [sys.executable, "-m", "mockserver", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**clean, **environment}, timeout=PATIENCE, check=False
    )


Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Runs a command that ends by itself, in this process."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(server, "_run", lambda *_: pytest.fail("this would serve without an end"))
    for name in os.environ:
        if name.startswith("MOCKSERVER_"):
            monkeypatch.delenv(name)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["mockserver", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return subprocess.CompletedProcess(arguments, ended.value.code, said.out, said.err)

    logs = [(log, log.level, log.handlers[:]) for log in (logging.getLogger(), logging.getLogger("mockserver"))]
    yield run
    for log, level, handlers in logs:
        log.setLevel(level)
        log.handlers[:] = handlers


def world_of(served: Served) -> Any:
    """The world that a server shows, as its index tells."""
    return httpx2.get(served.url).json()["world"]


def test_the_first_line_is_json_and_the_log_is_elsewhere(start_server: StartServer) -> None:
    served = start_server()
    assert served.first == {"url": served.url, "admin_token": None, "pid": served.process.pid}
    assert served.port > 0
    assert httpx2.get(f"{served.url}/__admin/health/ready").status_code == 200
    assert served.stop() == 0
    assert served.process.stdout is not None
    assert served.process.stdout.read() == "", "one line, and nothing else"
    assert f" at {served.url}; " in served.log()


def test_flags_win_over_the_environment_and_that_over_the_file(start_server: StartServer, tmp_path: Path) -> None:
    config = tmp_path / "mockserver.toml"
    config.write_text('world = "empty"\nseed = 11\nvariant = "apimo.error-body=message"\n', encoding="utf-8")
    environment = {"MOCKSERVER_WORLD": "small", "MOCKSERVER_CONFIG": str(config)}
    from_file = start_server("--config", str(config))
    assert (world_of(from_file)["name"], world_of(from_file)["seed"]) == ("empty", 11)
    assert set(httpx2.get(f"{from_file.url}/apimo/x").json()) == {"message"}
    from_environment = start_server(environment=environment)
    assert (world_of(from_environment)["name"], world_of(from_environment)["seed"]) == ("small", 11)
    from_flags = start_server("--world", "default", "--seed", "13", environment=environment)
    assert (world_of(from_flags)["name"], world_of(from_flags)["seed"]) == ("default", 13)


def test_every_setting_can_come_from_the_environment(start_server: StartServer, tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(OVERLAY, encoding="utf-8")
    served = start_server(
        environment={
            "MOCKSERVER_HOST": "localhost",
            "MOCKSERVER_PORTS": "apimo=0",
            "MOCKSERVER_WORLD": "small",
            "MOCKSERVER_SEED": "7",
            "MOCKSERVER_NOW": "2026-01-01T01:00:00+01:00",
            "MOCKSERVER_OVERLAY": f"apimo={overlay}",
            "MOCKSERVER_VARIANT": "apimo.error-body=message apimo.lead-required=reference-and-type",
            "MOCKSERVER_LOG_FORMAT": "json",
            "MOCKSERVER_ADMIN_TOKEN": "let-me-in",
            "MOCKSERVER_BODY_LIMIT": "2048",
            "MOCKSERVER_JOURNAL_SIZE": "2",
            "MOCKSERVER_STORE": f"sqlite:///{tmp_path}/store.db",
            "MOCKSERVER_WORKERS": "1",
            "MOCKSERVER_SANDBOX_LIMIT": "0",
            "MOCKSERVER_SANDBOX_IDLE": "5",
            "MOCKSERVER_PREFER": "false",
            "MOCKSERVER_SCENARIO": "stale-cursor",
            "MOCKSERVER_ALLOW_WEBHOOK_HOST": "hooks.example 192.0.2.0/24",
            "MOCKSERVER_WEBHOOK_RETRIES": "none",
            "MOCKSERVER_WEBHOOK_TIMEOUT": "2.5",
            "MOCKSERVER_WEBHOOK_HEADER": "X-My-Key",
        }
    )
    assert served.url.startswith("http://localhost:")
    assert served.first["admin_token"] == "let-me-in"
    assert world_of(served)["seed"] == 7
    over = httpx2.post(served.url + LEADS, auth=AUTH, content=b"a" * 2049)
    assert (over.status_code, over.headers["date"]) == (413, "Thu, 01 Jan 2026 00:00:00 GMT")
    invalid = httpx2.post(f"{served.first['origins']['apimo']}/agencies/101/leads", auth=AUTH, json={"reference": "1"})
    assert (invalid.status_code, set(invalid.json()["errors"])) == (422, {"type"})
    httpx2.get(served.url + LEADS, auth=AUTH)
    assert httpx2.get(f"{served.url}/__admin/journal").status_code == 401
    admin = {"authorization": "Bearer let-me-in"}
    assert httpx2.get(f"{served.url}/__admin/journal", headers=admin).json()["evicted"] == 1
    assert httpx2.get(f"{served.url}/__admin/scenario", headers=admin).json()["name"] == "stale-cursor"
    assert httpx2.post(f"{served.url}/__admin/sandboxes", headers=admin, json={}).status_code == 409
    assert httpx2.get(served.url + LEADS, auth=AUTH, headers={"prefer": "code=503"}).status_code == 200
    assert (tmp_path / "store.db").exists()
    contract = httpx2.get(f"{served.url}/__admin/contracts/apimo", headers=admin).json()
    assert contract["info"]["title"] == "As my document says"
    assert json.loads(served.log().splitlines()[0])["message"].startswith("serving ")


def test_every_setting_can_come_from_the_file(start_server: StartServer, tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(OVERLAY, encoding="utf-8")
    config = tmp_path / "mockserver.toml"
    config.write_text(
        f'host = "localhost"\nports = "apimo=0"\nworld = "small"\nseed = 7\nnow = 2026-01-01T00:00:00Z\n'
        f'overlay = ["apimo={overlay}"]\nvariant = ["apimo.error-body=message", "apimo.update=replace"]\n'
        f'log-format = "json"\nadmin-token = "let-me-in"\nbody_limit = 2048\njournal-size = 2\n',
        encoding="utf-8",
    )
    served = start_server("--config", str(config))
    assert served.url.startswith("http://localhost:")
    assert set(served.first["origins"]) == {"apimo"}
    assert world_of(served) == {"name": "small", "seed": 7, "agencies": [101, 102, 103]}
    over = httpx2.post(served.url + LEADS, auth=AUTH, content=b"a" * 2049)
    assert (over.status_code, over.headers["date"]) == (413, "Thu, 01 Jan 2026 00:00:00 GMT")
    assert set(over.json()) == {"message"}
    admin = {"authorization": "Bearer let-me-in"}
    contract = httpx2.get(f"{served.url}/__admin/contracts/apimo", headers=admin).json()
    assert contract["info"]["title"] == "As my document says"


def test_a_provider_alone_at_a_port_is_at_its_root(start_server: StartServer) -> None:
    served = start_server("--ports", "apimo=0", "--world", "small")
    origin = served.first["origins"]["apimo"]
    assert origin != served.url
    assert httpx2.get(f"{origin}/agencies", auth=AUTH).status_code == 200
    catalogs = httpx2.get(f"{origin}/catalogs", auth=AUTH).json()
    assert {entry["path"].rpartition("/")[0] for entry in catalogs} == {f"{origin}/catalogs"}
    assert httpx2.get(catalogs[0]["path"], auth=AUTH).status_code == 200
    for ours in ("/", "/__admin/journal", "/apimo/agencies", "/agencies%0A"):
        answer = httpx2.get(origin + ours, auth=AUTH)
        assert answer.status_code == 404
        assert answer.json()["type"] != "about:blank", "at this port everything wears the provider's envelope"
    mounted = httpx2.get(f"{served.url}/apimo/catalogs", auth=AUTH).json()
    assert mounted[0]["path"].startswith(f"{served.url}/apimo/catalogs/")
    assert httpx2.get(served.url).json()["providers"]["apimo"]["origin"] == origin


def test_off_loopback_the_admin_api_wants_the_token_that_was_shown(start_server: StartServer) -> None:
    served = start_server("--host", "0.0.0.0", "--world", "small")
    token = served.first["admin_token"]
    assert len(token) >= 20
    for path in ("journal", "fidelity", "contracts", "nowhere"):
        answer = httpx2.get(f"{served.url}/__admin/{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert httpx2.get(f"{served.url}/__admin/journal", headers={"authorization": f"Bearer {token}"}).status_code == 200
    for path in ("health/live", "health/ready", "version", "contracts/apimo"):
        assert httpx2.get(f"{served.url}/__admin/{path}").status_code == 200
    assert token not in served.log()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_server_that_is_ended_right_after_its_first_line_exits_0_and_leaves_nothing(
    start_server: StartServer, number: signal.Signals
) -> None:
    served = start_server("--world", "small", "--tls")
    assert os.path.exists(served.first["ca"])
    served.process.send_signal(number)
    assert served.process.wait(timeout=PATIENCE) == 0
    assert not os.path.exists(os.path.dirname(served.first["ca"]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_call_under_way_is_finished_before_the_end(start_server: StartServer, number: signal.Signals) -> None:
    served = start_server("--world", "small", "--log-format", "json")
    body = b'{"reference": "the last one"}'
    head = (
        f"POST {LEADS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        f"Authorization: Basic {b64encode(':'.join(AUTH).encode()).decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 "), "from here on the call is under way"
        served.process.send_signal(number)
        wait_until_refused(served.port)
        assert served.process.poll() is None
        connection.sendall(body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'{"id":' in answer
    assert served.process.wait(timeout=PATIENCE) == 0
    lines = [json.loads(line) for line in served.log().splitlines()]
    assert [line["message"] for line in lines][-1] == "stopped"
    assert {tuple(line) for line in lines} == {("at", "level", "logger", "message")}


def wait_until_refused(port: int) -> None:
    """Returns when nobody listens at the port any more."""

    def is_refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
        except OSError:
            return True
        return False

    until(is_refused)


WRONG: dict[str, tuple[list[str], str]] = {
    "world": (["--world", "nowhere"], "There is no world 'nowhere': give one of"),
    "world, nearly": (["--world", "defualt"], "There is no world 'defualt': did you mean default?"),
    "provider, nearly": (["--variant", "apim.update=merge"], "there is no provider 'apim'; did you mean apimo?"),
    "variant, nearly": (["--variant", "apimo.updat=merge"], "has no variant 'updat'; did you mean update?"),
    "reading, nearly": (["--variant", "apimo.update=merg"], "cannot be 'merg'; did you mean merge?"),
    "scenario, nearly": (["--scenario", "retention"], "there is no 'retention'; "),
    "provider of a variant": (["--variant", "nobody.update=merge"], "there is no provider 'nobody'; there is "),
    "provider of an overlay": (["--overlay", "nobody=x.yaml"], "there is no provider 'nobody'; there is "),
    "provider of a port": (["--ports", "nobody=0"], "there is no provider 'nobody'; there is "),
    "variant": (["--variant", "apimo.nothing=x"], "provider apimo has no variant 'nothing'; it has error-body,"),
    "value of a variant": (
        ["--variant", "apimo.update=x"],
        "variant apimo.update cannot be 'x'; it can be merge, replace",
    ),
    "variant of nobody": (["--variant", "update=merge"], "write PROVIDER.NAME=VALUE"),
    "form of a variant": (["--variant", "apimo.update"], "is not of the form PROVIDER.NAME=VALUE"),
    "file of an overlay": (["--overlay", "apimo=nowhere.yaml"], "nowhere.yaml: cannot be read"),
    "a port that is none": (["--ports", "apimo=70000"], "'70000' is not a port"),
    "moment": (["--now", "tomorrow"], "'tomorrow' is not an ISO 8601 moment such as 2026-01-31T12:00:00Z"),
    "moment long ago": (["--now", "0001-01-01"], "a moment between the years 1970 and 9994 is needed"),
    "moment far ahead": (["--now", "9999-12-31T23:59:59Z"], "a moment between the years 1970 and 9994 is needed"),
    "a token that outlives the calendar": (["--token-lifetime", "999999999999"], "999999999999 is not in the range"),
    "seed": (["--seed", str(10**30)], "is not in the range -9007199254740992<=x<=9007199254740992"),
    "body": (["--body-limit", str(2**63)], "is not in the range 1024<=x<=1073741824"),
    "file of settings": (["--config", "nowhere.toml"], "nowhere.toml cannot be read: No such file or directory"),
    "host": (["--host", "256.256.256.256"], "cannot listen on 256.256.256.256:0"),
    "host of webhooks": (
        ["--allow-webhook-host", "http://x"],
        "--allow-webhook-host: 'http://x' is no host; a name, an",
    ),
    "address in another spelling": (["--allow-webhook-host", "0x7f.1"], "'0x7f.1' is no host; a name, an address"),
    "retries": (["--webhook-retries", "10s,soon"], "'soon' is not a time such as 10s, 5m, 2h or 1d"),
    "a retry that is far away": (["--webhook-retries", "31d"], "'31d' is longer than 30 days, the most between two"),
    "too many retries": (["--webhook-retries", ",".join(["1s"] * 51)], "these are 51 retries; 50 are the most"),
    "no time for an answer": (["--webhook-timeout", "0"], "0 seconds cannot be waited; more than 0 and at most 600"),
    "no number of seconds": (["--webhook-timeout", "nan"], "nan seconds cannot be waited; more than 0 and at most"),
    "a word for seconds": (["--webhook-timeout", "ten"], "'ten' is not a valid float"),
    "certificates that are not there": (["--webhook-ca", "nowhere.pem"], "File 'nowhere.pem' does not exist"),
    "certificates that are none": (["--webhook-ca", "pyproject.toml"], "pyproject.toml has no certificate in PEM"),
    "header": (["--webhook-header", "x api key"], "'x api key' is not the name of a header; letters, digits and"),
    "header that is taken": (["--webhook-header", "Content-Length"], "'Content-Length' carries something else in a"),
    "overlay that is none": (["--overlay", "apimo=pyproject.toml"], "pyproject.toml:3: it cannot be read as YAML: "),
}


def assert_refused(done: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    """Exit code 2, nothing on standard output, one sentence and no traceback on standard error."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    *usage, said = done.stderr.rstrip().splitlines()
    assert sentence in said
    assert said.startswith("Error: ") if usage else said.startswith("mockserver: ")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_refused_in_one_sentence(call: Call, name: str) -> None:
    arguments, sentence = WRONG[name]
    assert_refused(call("serve", "--port", "0", *arguments), sentence)


# One that is found as the command line is read, one as the server is built, one as it starts to listen.
@pytest.mark.parametrize("name", ["form of a variant", "world", "host"])
def test_a_process_with_a_wrong_setting_ends_with_one_sentence(name: str) -> None:
    arguments, sentence = WRONG[name]
    assert_refused(mockserver("serve", "--port", "0", *arguments), sentence)


def test_a_port_in_use_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = mockserver("serve", "--port", str(port))
    assert_refused(done, f"cannot listen on 127.0.0.1:{port}: Address already in use; `--port 0` takes a free one")


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("{target: '$.paths[\"/nothing\"]', update: {x: 1}}", "matches nothing in the contract"),
        ("{target: \"$.paths['/agencie'].get\", remove: true}", "it has no '/agencie' there; did you mean /agencies?"),
        (
            "{target: '$.paths[\"/agencies\"].get', update: {operationId: other}}",
            "operation other has no handler other()",
        ),
        ("{target: '$.paths[\"/agencies\"].get', remove: true}", "handler list_agencies() has no operation"),
        (
            "{target: $.components.schemas.Lead, update: {unevaluatedProperties: false}}",
            "'unevaluatedProperties' is not",
        ),
        ("{target: '$.paths[', update: {}}", "is not a JSONPath"),
    ],
)
def test_an_overlay_that_cannot_be_served_is_refused_in_one_sentence(
    call: Call, tmp_path: Path, action: str, sentence: str
) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(f"overlay: 1.0.0\ninfo: {{title: x, version: '1'}}\nactions: [{action}]\n", encoding="utf-8")
    assert_refused(call("contracts", "lint", "--overlay", f"apimo={overlay}"), sentence)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("typo = 1", "'typo' is not a setting; known are admin-token, allow-webhook-host, body-limit,"),
        ("seed = 1\nport =", "mockserver.toml:2: it cannot be read as TOML"),
        ("\ufeffseed = 1.5", "mockserver.toml:1: seed: a whole number is needed"),
        ("overlay = 3", "mockserver.toml:1: overlay: a text or a list of texts is needed"),
        ('log-format = "xml"', "'xml' is not one of 'text', 'json'"),
        ("body-limit = 3", "3 is not in the range"),
    ],
)
def test_a_file_of_settings_that_is_wrong_is_refused_in_one_sentence(
    call: Call, tmp_path: Path, content: str, sentence: str
) -> None:
    config = tmp_path / "mockserver.toml"
    config.write_text(content, encoding="utf-8")
    assert_refused(call("serve", "--port", "0", "--config", str(config)), sentence)


def test_every_mistake_of_a_file_of_settings_is_told_at_once_with_its_line(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "mockserver.toml"
    config.write_text('prot = 1\n\njournal-size = "many"\n[variants]\nx.y = "z"\n', encoding="utf-8")
    done = call("serve", "--config", str(config))
    assert done.returncode == 2
    assert [line.partition("mockserver.toml:")[2] for line in done.stderr.splitlines()[-3:]] == [
        "1: 'prot' is not a setting; did you mean port?",
        "3: journal-size: 'many' is not a valid integer range.",
        "4: 'variants' is not a setting; did you mean variant?",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("overlay: 1.0.0\n  x: y\n", "mine.yaml:2: it cannot be read as YAML: mapping values are not allowed"),
        ("a: " + "[" * 100_000, "mine.yaml:1: it is nested more than 200 levels deep"),
    ],
)
def test_an_overlay_that_is_no_yaml_is_refused_with_its_line(
    call: Call, tmp_path: Path, content: str, sentence: str
) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(content, encoding="utf-8")
    assert_refused(call("contracts", "lint", "--overlay", f"apimo={overlay}"), sentence)


def test_every_action_of_an_overlay_that_is_wrong_is_told_at_once_with_its_line(call: Call, tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    actions = "  - {target: $.components.schema, remove: true}\n\n  - {target: $.info, updat: {x: 1}}\n"
    overlay.write_text(f"overlay: 1.0.0\nactions:\n{actions}", encoding="utf-8")
    done = call("contracts", "lint", "--overlay", f"apimo={overlay}")
    assert done.returncode == 2
    assert [line.partition("mine.yaml:")[2] for line in done.stderr.splitlines()] == [
        "3: actions[0]: target '$.components.schema' matches nothing in the contract: it has no 'schema' there; "
        "did you mean schemas?",
        "5: actions[1]: unknown member 'updat'; did you mean update?",
    ]


def test_a_wrong_environment_variable_is_refused_by_name() -> None:
    done = mockserver("serve", MOCKSERVER_PORT="eighty")
    assert_refused(done, "'MOCKSERVER_PORT'")


def test_help_names_every_command_and_every_setting(call: Call) -> None:
    general, serve = call("--help"), call("serve", "--help")
    assert (general.returncode, serve.returncode) == (0, 0)
    for command in ("serve", "fidelity", "world show", "contracts lint"):
        assert f"mockserver {command}" in general.stdout
    for name in (
        "host",
        "port",
        "ports",
        "world",
        "seed",
        "now",
        "overlay",
        "variant",
        "log-format",
        "config",
        "store",
        "workers",
        "sandbox-limit",
        "sandbox-idle",
        "prefer",
        "scenario",
        "allow-webhook-host",
        "webhook-retries",
        "webhook-timeout",
        "webhook-ca",
        "webhook-header",
    ):
        assert f"--{name} " in serve.stdout
        assert f"MOCKSERVER_{name.upper().replace('-', '_')}" in serve.stdout
    assert mockserver("--version").stdout == f"mockserver, version {__version__}\n"


def test_the_other_commands_answer(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lint = mockserver("contracts", "lint", "--verbose")
    assert (lint.returncode, lint.stderr) == (0, "")
    assert lint.stdout.startswith("apimo: fine - ")
    assert "merge (default)" in lint.stdout
    rows = json.loads(call("fidelity", "--provider", "apimo", "--json").stdout)
    assert {row["provider"] for row in rows} == {"apimo"}
    table = call("fidelity", "--provider", "apimo").stdout.splitlines()
    assert table[0].split() == ["provider", "operation", "subject", "level", "source"]
    assert sum(line.startswith("apimo") for line in table) == sum(not row["inherited"] for row in rows) < len(rows)
    world = json.loads(mockserver("world", "show", "--world", "small", "--now", "2026-01-01", "--json").stdout)
    assert (world["world"]["name"], world["world"]["origin"]) == ("small", "2026-01-01T00:00:00.000Z")
    shown = call("world", "show", "--world", "small").stdout
    assert AUTH[1] in shown
    assert_refused(call("fidelity", "--provider", "nobody"), "there is no provider 'nobody'")


def test_a_toml_file_may_use_tables(start_server: StartServer, tmp_path: Path) -> None:
    file = tmp_path / "mockserver.toml"
    file.write_text('world = "small"\nports = {apimo = 0}\n[variant.apimo]\nerror-body = "message"\n', encoding="utf-8")
    served = start_server("--config", str(file))
    answer = httpx2.get(f"{served.first['origins']['apimo']}/agencies")
    assert (answer.status_code, list(answer.json())) == (401, ["message"])


def test_tables_are_as_wide_as_the_environment_says(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    narrow = call("fidelity", "--provider", "apimo").stdout
    assert max(map(len, narrow.splitlines())) <= 80
    monkeypatch.delenv("COLUMNS")
    wide = call("fidelity", "--provider", "apimo").stdout
    assert max(map(len, wide.splitlines())) > 100
    assert "".join(narrow.split("source", 1)[1].split()).count("…") == wide.count("…"), "nothing is cut"
