"""The pytest plugin, in runs of pytest within this one."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mockserver import Client, EmbeddedServer
from mockserver.pytest_plugin.fixtures import provider_fixtures, provider_names
from tests.conftest import ROOT
from tests.support.patience import PATIENCE
from tests.support.plugin_runs import Run, load_everything

pytest_plugins = ["pytester"]

EXAMPLE = ROOT / "tests" / "example"

HEAVY = ("httpx2", "httpx", "starlette", "uvicorn", "faker", "yaml", "pydantic", "sqlalchemy", "schemathesis")


@pytest.fixture(scope="module")
def everything() -> None:
    """See `load_everything`."""
    load_everything()


@pytest.fixture
def run(everything: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test file with the plugin, and with no other that happens to be installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # What this run itself is told in the environment is not meant for those.
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    return Run(pytester)


def test_the_example_of_the_documentation_works_as_it_stands(run: Run) -> None:
    result = run("""
def run_my_sync(base_url, auth):
    with httpx2.Client(auth=auth) as http:
        for _ in range(2):
            assert http.get(f"{base_url}/agencies/101/leads").status_code == 200

def test_sync(mock_apimo):            # also mock_gsl, mock_seeker, mock_providers
    run_my_sync(base_url=mock_apimo.url, auth=mock_apimo.credentials)
    mock_apimo.leads.arrive(count=3); mock_apimo.clock.advance("PT1H"); mock_apimo.faults.next(status=503)
    assert mock_apimo.journal.count(operation="listLeads") == 2 and not mock_apimo.journal.violations
""")
    result.assert_outcomes(passed=1)


def test_a_program_and_its_tests_as_a_user_writes_them_pass(run: Run) -> None:
    shutil.copy(EXAMPLE / "my_sync.py", run.pytester.path / "my_sync.py")
    shutil.copy(EXAMPLE / "check_my_sync.py", run.pytester.path / "test_my_sync.py")
    run.again().assert_outcomes(passed=5)


def test_what_a_test_does_shows_at_the_provider(run: Run) -> None:
    result = run("""
def test_turn(mock_apimo):
    before = leads(mock_apimo).json()["total_items"]
    mock_apimo.leads.arrive(count=3, agency=101)
    assert leads(mock_apimo).json()["total_items"] == before + 3
    mock_apimo.faults.next(status=503)
    assert [leads(mock_apimo).status_code for _ in range(2)] == [503, 200]

def test_the_next_test_sees_nothing_of_it(mock_apimo):
    assert mock_apimo.journal.count() == 0
    assert mock_apimo.faults.list() == ()
""")
    result.assert_outcomes(passed=2)


def test_there_is_a_fixture_for_every_provider_and_one_for_all_of_them(run: Run) -> None:
    names = provider_names()
    result = run(f"""
@pytest.fixture(params={names!r})
def provider(request):
    return request.getfixturevalue(f"mock_{{request.param}}")

def test_one(provider, mock_providers, mockserver_sandbox):
    assert mock_providers[provider.name].url == provider.url == getattr(mock_providers, provider.name).url
    assert provider.sandbox is mock_providers.sandbox is mockserver_sandbox
    assert provider.url.endswith(f"/~{{mockserver_sandbox.id}}/{{provider.name}}")
    assert provider.credentials.secret not in repr(provider.credentials)
    assert list(mock_providers) == {names!r} and len(mock_providers) == {len(names)}
    with pytest.raises(AttributeError, match="there is no provider 'acme'; there is {names[0]}"):
        mock_providers.acme
""")
    result.assert_outcomes(passed=len(names))


def test_a_provider_that_is_added_gets_its_fixture_by_itself() -> None:
    assert list(provider_fixtures(["seeker"])) == ["mock_seeker"]
    assert set(provider_fixtures()) == {f"mock_{name}" for name in provider_names()}
    folders = {path.parent.name for path in (ROOT / "mockserver" / "providers").glob("*/__init__.py")}
    assert set(provider_names()) == folders


def test_a_token_is_fetched_where_the_fixture_says(run: Run) -> None:
    result = run("""
@pytest.mark.mockserver(world="small")
def test_token(mock_gsl):
    form = {"grant_type": "client_credentials", "scope": mock_gsl.credentials.scope,
            "client_id": mock_gsl.credentials.client_id, "client_secret": mock_gsl.credentials.client_secret}
    answer = httpx2.post(mock_gsl.token_url, data=form)
    assert answer.status_code == 200
    headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
    body = {"SearchCriteria": {"StartDate": 0, "EndDate": 4_000_000_000}}
    assert httpx2.post(f"{mock_gsl.url}/v2/leads", json=body, headers=headers).status_code == 200
    assert mock_gsl.verify(operation="searchLeads", count=1)
    assert mock_gsl.credentials.token_url == mock_gsl.token_url
""")
    result.assert_outcomes(passed=1)


def test_a_webhook_reaches_a_receiver_of_the_test(run: Run) -> None:
    result = run("""
import json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = "12345-abcd-67890-xyz"

@pytest.fixture
def receiver():
    got = []
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            got.append((self.headers["x-api-key"], body["metadata"]["leadId"]))
            self.send_response(204)
            self.end_headers()
        def log_message(self, *arguments):
            pass
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/webhook", got
        server.shutdown()
        thread.join()

def test_told(mock_seeker, mock_gsl, receiver):
    url, got = receiver
    words = mock_seeker.credentials
    form = {"grant_type": "client_credentials", "audience": words.audience}
    issued = httpx2.post(mock_seeker.token_url, data=form, auth=words)
    headers = {"authorization": f"Bearer {issued.json()['access_token']}"}
    subscriptions = f"{mock_seeker.url}/seeker-leads/v1/webhook/subscriptions"
    assert httpx2.post(subscriptions, json={"url": url, "apiKey": KEY}, headers=headers).is_success
    (lead,) = mock_seeker.leads.arrive()
    mock_seeker.webhooks.flush()
    assert got == [(KEY, lead.ids["seeker"])]
    assert [each.state for each in mock_seeker.webhooks.deliveries] == ["delivered"]
    assert len(mock_seeker.webhooks.subscriptions) == 1 and mock_gsl.webhooks.subscriptions == ()
    assert words == (words.client_id, words.client_secret) and words.token_url == mock_seeker.token_url
    assert mock_seeker.verify(operation="createSubscription", count=1) and not mock_seeker.journal.violations
""")
    result.assert_outcomes(passed=1)


SHOWS = """
@pytest.mark.parametrize("part", ["a/b", "é"])
def test_shows(mock_apimo, part, record_property):
    record_property("sandbox", mock_apimo.sandbox.id)
    record_property("lead", leads(mock_apimo).json()["leads"][0]["firstname"])
"""


def properties(result: pytest.RunResult, folder: Path) -> list[str]:
    """What tests recorded, from the report in JUnit's format."""
    return re.findall(r'<property name="\w+" value="(.*?)"', (folder / "report.xml").read_text(encoding="utf-8"))


def test_id_and_seed_of_a_test_are_the_same_in_every_run_and_its_own(run: Run) -> None:
    shown = []
    for _ in range(2):
        result = run(SHOWS, "--junitxml=report.xml")
        result.assert_outcomes(passed=2)
        shown.append(properties(result, run.pytester.path))
    assert shown[0] == shown[1]
    first, _, second, _ = shown[0]
    assert first != second
    assert re.fullmatch(r"test_shows-[0-9a-f]{10}", first)


def test_the_marker_says_what_the_sandbox_is(run: Run) -> None:
    result = run("""
from datetime import UTC, datetime
pytestmark = pytest.mark.mockserver(world="small", now="2026-01-01T00:00:00Z")

@pytest.mark.mockserver(variants={"apimo": {"error-body": "message"}}, seed=3)
def test_both(mock_apimo):
    assert mock_apimo.clock.now == datetime(2026, 1, 1, tzinfo=UTC) and mock_apimo.clock.frozen
    assert leads(mock_apimo).json()["total_items"] == 25
    assert "message" in leads(mock_apimo, 999).json()

@pytest.mark.mockserver(world="empty", credentials={"apimo": {"provider": "12", "token": "mine"}})
def test_the_closest_wins(mock_apimo):
    assert leads(mock_apimo).json()["total_items"] == 0
    assert mock_apimo.credentials == ("12", "mine")
""")
    result.assert_outcomes(passed=2)


def test_a_scenario_is_at_work_from_the_start(run: Run) -> None:
    from mockserver.scenarios import scenario_names

    name = scenario_names()[0]
    result = run(f"""
@pytest.mark.mockserver(scenario={name!r})
def test_scenario(mock_apimo):
    assert mock_apimo.scenario.state().name == {name!r}
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        (
            "wordl='small'",
            "*test_a*: @pytest.mark.mockserver: there is no argument 'wordl'; write world=…, scenario=…*",
        ),
        ("'small'", "*@pytest.mark.mockserver: 'small' has no name; write world=…*"),
    ],
)
def test_a_marker_that_is_not_understood_is_wrong_usage(run: Run, marker: str, sentence: str) -> None:
    result = run(f"@pytest.mark.mockserver({marker})\ndef test_a(mock_apimo): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])


def test_what_the_server_refuses_fails_the_test_with_its_sentence(run: Run) -> None:
    result = run("@pytest.mark.mockserver(world='atlantis')\ndef test_a(mock_apimo): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["There is no world 'atlantis'*"])
    result.stdout.no_fnmatch_line("*During handling of the above exception*")


def test_a_file_that_cannot_be_used_fails_the_test_with_its_place(run: Run) -> None:
    run.pytester.makefile(".yaml", mine="name: mine\nagencies: none\n")
    result = run(
        "from pathlib import Path\n@pytest.mark.mockserver(world=Path('mine.yaml'))\ndef test_a(mock_apimo): pass"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mine.yaml:*: agencies: *"])


def test_a_failing_test_shows_its_journal(run: Run) -> None:
    result = run("""
def test_fails(mock_apimo, mock_gsl):
    for _ in range(30):
        leads(mock_apimo, limit=1)
    leads(mock_apimo, limit="many", colour="red")
    mock_apimo.faults.next(status=503)
    leads(mock_apimo)
    httpx2.get(f"{mock_gsl.url}/nowhere")
    assert False

def test_without_a_call(mock_apimo):
    assert False

def test_passes(mock_apimo):
    leads(mock_apimo, limit=77)
""")
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*mockserver journal of test_fails-*",
            "… 3 earlier calls",
            "    4 200 apimo listLeads: GET /agencies/101/leads?limit=1",
            "   31 4?? apimo listLeads: GET /agencies/101/leads?limit=many&colour=red",
            "      broke the contract in query /limit: *",
            "      note: *colour*",
            "   32 503 apimo listLeads: GET /agencies/101/leads",
            "      fault: status f1*",
            "   33 4?? gsl no operation: GET /nowhere",
            "*mockserver journal of test_without_a_call-*",
            "no call reached the sandbox*",
        ]
    )
    result.stdout.no_fnmatch_line("*limit=77*")


BREAKS = """
def test_breaks(mock_apimo):
    leads(mock_apimo, limit="many")

def test_keeps(mock_apimo):
    leads(mock_apimo)

@pytest.mark.mockserver(strict=False)
def test_may(mock_apimo):
    leads(mock_apimo, limit="many")

@pytest.mark.mockserver(strict=True)
def test_may_never(mock_apimo):
    leads(mock_apimo, limit="many")

def test_without_us():
    pass

@pytest.mark.mockserver(strict=True)
def test_what_we_break_is_not_the_clients(mock_apimo):
    mock_apimo.faults.next(kind="malformed")
    leads(mock_apimo)
"""


def test_a_failing_test_leaves_a_capsule_with_which_another_goes_on(run: Run) -> None:
    options = ["--mockserver-capsules", "of failing tests"]
    result = run(
        """
def test_fails(mock_apimo):
    mock_apimo.leads.arrive(message="the one that is lost")
    mock_apimo.faults.add(kind="status", status=503, after=1)
    assert leads(mock_apimo).status_code == 503

def test_passes(mock_apimo):
    assert leads(mock_apimo).status_code == 200
""",
        *options,
    )
    result.assert_outcomes(failed=1, passed=1)
    (path,) = (run.pytester.path / "of failing tests").iterdir()
    result.stdout.fnmatch_lines(
        ["*- mockserver capsule -*", f"mockserver serve --capsule 'of failing tests/{path.name}'"]
    )
    result = run(
        f"""
@pytest.mark.mockserver(capsule={str(path)!r})
def test_goes_on(mock_apimo, mockserver_sandbox):
    assert mockserver_sandbox.leads.get("newest").message == "the one that is lost"
    assert leads(mock_apimo).status_code == 503
    assert mock_apimo.journal.count() == 1

@pytest.mark.mockserver(capsule="nowhere.json.gz")
def test_not_there(mock_apimo): ...

@pytest.mark.mockserver(capsule=__file__)
def test_no_capsule(mock_apimo): ...
"""
    )
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(
        [
            "the capsule nowhere.json.gz cannot be read: No such file or directory",
            "capsule *.py: It is no capsule: it is not compressed with gzip; *",
        ]
    )
    result = run("@pytest.mark.mockserver(capsule='x', seed=3)\ndef test_wrong(mock_apimo): ...")
    result.stderr.fnmatch_lines(["*test_wrong: @pytest.mark.mockserver: a capsule brings its own seed; leave it out"])


def test_a_client_that_breaks_a_contract_fails_a_strict_run(run: Run) -> None:
    run(BREAKS).assert_outcomes(passed=5, failed=1)
    strict = run(BREAKS, "--mockserver-strict")
    strict.assert_outcomes(passed=4, failed=2)
    strict.stdout.fnmatch_lines(
        [
            "*_ test_breaks _*",
            "the client broke the contract:",
            "    1 4?? apimo listLeads: GET /agencies/101/leads?limit=many",
            "      broke the contract in query /limit: *",
        ]
    )
    run.pytester.makeini("[pytest]\nmockserver_strict = true")
    run(BREAKS).assert_outcomes(passed=4, failed=2)


def test_async_tests_call_the_fake_as_plain_ones_do(run: Run) -> None:
    result = run(
        """
@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_async(mock_apimo):
    async with httpx2.AsyncClient(auth=mock_apimo.credentials) as http:
        assert (await http.get(f"{mock_apimo.url}/agencies/101/leads")).status_code == 200
    assert mock_apimo.journal.count() == 1
""",
        plugins=("anyio.pytest_plugin",),
    )
    result.assert_outcomes(passed=1)


def test_a_running_server_is_used_and_left_as_it_was(run: Run) -> None:
    with EmbeddedServer(world="small", admin_token="let-me-in") as server, Client(server.url, "let-me-in") as client:
        at = (f"--mockserver-url={server.url}", "--mockserver-token=let-me-in", "--junitxml=report.xml")
        source = f"{SHOWS}\ndef test_here(mock_apimo):\n    assert mock_apimo.url.startswith({server.url!r})\n"
        run(source, *at).assert_outcomes(passed=3)
        assert [sandbox.id for sandbox in client.sandboxes.list()] == ["default"]
        first = properties(run(SHOWS, *at), run.pytester.path)[0]
        # Another run of the same test is under way.
        client.sandboxes.create(first)
        client.sandboxes.create(f"{first}.2")
        result = run(SHOWS, *at)
        result.assert_outcomes(passed=2)
        assert properties(result, run.pytester.path)[0] == f"{first}.3"
        assert [sandbox.id for sandbox in client.sandboxes.list()] == ["default", first, f"{first}.2"]


def test_a_server_that_is_not_there_is_told(run: Run) -> None:
    result = run("def test_a(mock_apimo): pass", "--mockserver-url=http://127.0.0.1:1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["no mock server answers at http://127.0.0.1:1: *"])


def test_a_test_may_delete_its_sandbox(run: Run) -> None:
    run("def test_a(mockserver_sandbox): mockserver_sandbox.delete()").assert_outcomes(passed=1)


def test_the_plugin_says_what_it_brings(run: Run) -> None:
    run("").stdout.fnmatch_lines(["*no tests ran*"])
    run.pytester.runpytest_inprocess("-p", "mockserver.pytest_plugin", "--markers").stdout.fnmatch_lines(
        ["@pytest.mark.mockserver(world=*"]
    )
    listed = run.pytester.runpytest_inprocess("-p", "mockserver.pytest_plugin", "--fixtures")
    listed.stdout.fnmatch_lines(["mock_apimo*", "*The apimo fake in the test's sandbox*"])


def test_an_installed_package_brings_the_plugin_by_itself() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"lead-mockserver": "lead_mockserver:pytest_plugin"}


@pytest.mark.slow
def test_workers_of_xdist_have_servers_of_their_own(run: Run) -> None:
    result = run.apart(
        """
@pytest.mark.parametrize("number", range(4))
def test_one(mock_apimo, number, worker_id, record_property):
    assert leads(mock_apimo).status_code == 200
    record_property("where", f"{worker_id} {mock_apimo.url}")

@pytest.mark.xdist_group("together")
def test_grouped(mock_apimo, record_property):
    record_property("where", f"grouped {mock_apimo.url}")

@pytest.mark.mockserver(colour="red")
def test_wrong_usage(mock_apimo):
    pass
""",
        "-n2",
        "--dist=loadgroup",
        "--junitxml=report.xml",
        plugins=("xdist",),
    )
    result.assert_outcomes(passed=5, errors=1)
    result.stdout.fnmatch_lines(["*@pytest.mark.mockserver: there is no argument 'colour'; write world=…*"])
    where = [shown.split() for shown in properties(result, run.pytester.path)]
    ports = {(worker, url.split("/~")[0]) for worker, url in where if worker != "grouped"}
    assert len({worker for worker, _ in ports}) == len({url for _, url in ports}) == len(ports)
    # Alone, the same test has the same sandbox: its group is no part of its name.
    (grouped,) = [url for worker, url in where if worker == "grouped"]
    alone = run.apart(
        """
@pytest.mark.xdist_group("together")
def test_grouped(mock_apimo, record_property):
    record_property("where", mock_apimo.url)
""",
        "--junitxml=report.xml",
        plugins=("xdist",),
    )
    assert properties(alone, run.pytester.path)[0].split("/~")[1] == grouped.split("/~")[1]


def test_a_run_without_our_fixtures_loads_nothing_heavy_and_starts_nothing(run: Run) -> None:
    run.pytester.makepyfile(f"""
import sys, threading

def test_light():
    assert [name for name in {HEAVY!r} if name in sys.modules] == []
    assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
""")
    result = run.pytester.runpytest_subprocess("-p", "mockserver.pytest_plugin", timeout=PATIENCE)
    result.assert_outcomes(passed=1)


def test_the_server_is_gone_when_the_run_ends(run: Run) -> None:
    source = """
import threading, mockserver.server.embedded

@pytest.fixture(scope="session", autouse=True)
def afterwards():
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "mockserver"] == []

def test_a(mock_apimo):
    assert leads(mock_apimo).status_code == 200
    assert [thread.name for thread in threading.enumerate() if thread.name == "mockserver"] == ["mockserver"]
"""
    run.apart(source).assert_outcomes(passed=1)


def test_the_plugin_runs_no_schemathesis() -> None:
    code = (
        "import sys, mockserver.pytest_plugin.server as s, mockserver.pytest_plugin.report, mockserver\n"
        "with s.open_server(None, None) as server: server.client.version()\n"
        "print([name for name in ('schemathesis', 'hypothesis', 'sqlalchemy') if name in sys.modules])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=PATIENCE, env=environment
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
