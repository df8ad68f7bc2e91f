"""The pytest plugin: a sandbox for each test that asks for one, at a server that starts when the first test does.

It is loaded in every run of pytest where the package is installed, so importing it imports nothing heavy, and nothing
happens before a fixture of it is used. PYTEST_DONT_REWRITE (there are no assertions here to explain)
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from mockserver.pytest_plugin.conform import (
    check_conform,
    conform_client,
    mockserver_judge_server,
    pytest_generate_tests,
)
from mockserver.pytest_plugin.fixtures import provider_fixtures
from mockserver.pytest_plugin.marker import MarkerError, read_marker

__all__ = ["conform_client", "mockserver_judge_server", "pytest_generate_tests"]  # for pytest, which finds them here

if TYPE_CHECKING:
    from mockserver.client import SandboxHandle
    from mockserver.pytest_plugin.providers import Providers
    from mockserver.pytest_plugin.server import Server

_SANDBOX: "pytest.StashKey[SandboxHandle]" = pytest.StashKey()
"""Where a test's item keeps its sandbox while there is one."""

globals().update(provider_fixtures())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and settings of ours."""
    group = parser.getgroup("mockserver", "fakes of real-estate lead APIs")
    group.addoption("--mockserver-url", metavar="URL", help="use the running mock server there instead of starting one")
    group.addoption(
        "--mockserver-command",
        metavar="COMMAND",
        help="have this command start the server, as in 'uvx lead-mockserver serve', so that it needs nothing that is "
        "installed beside the tests; it is ended with the run",
    )
    group.addoption("--mockserver-token", metavar="TOKEN", help="the admin token of that server, where it wants one")
    group.addoption(
        "--mockserver-strict", action="store_true", help="fail a test whose client broke the contract of a provider"
    )
    group.addoption(
        "--mockserver-capsules",
        metavar="DIR",
        help="write the sandbox of each failing test there, as a file that another server loads",
    )
    parser.addini(
        "mockserver_strict", "fail a test whose client broke the contract of a provider", type="bool", default=False
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker. Raises pytest's UsageError for options that exclude each other."""
    if config.getoption("mockserver_url") and config.getoption("mockserver_command"):
        raise pytest.UsageError("--mockserver-url and --mockserver-command exclude each other: give one of them")
    config.addinivalue_line(
        "markers",
        "mockserver(world=…, scenario=…, variants=…, now=…, seed=…, credentials=…, capsule=…, strict=…): "
        "what the test's sandbox at the mock server is to be.",
    )
    config.addinivalue_line(
        "markers",
        "conform(*providers, scenarios=[…], quick=True): a test for each drill of the mock server's judge of clients; "
        "it calls the pytest fixture `conform` with the client.",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A marker that cannot be understood ends the run before any test, as every wrong usage does."""
    if hasattr(config, "workerinput"):
        return  # Of several workers each fails its test instead: to end one does not end the run.
    for item in items:
        try:
            read_marker(item)
            check_conform(item)
        except MarkerError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def mockserver_server(pytestconfig: pytest.Config) -> "Iterator[Server]":
    """The mock server of this run: `.url`, and `.client` for its admin API."""
    from contextlib import ExitStack

    from mockserver.client import ClientError
    from mockserver.pytest_plugin.server import open_server

    options = [pytestconfig.getoption(f"mockserver_{name}") for name in ("url", "token", "command")]
    with ExitStack() as stack:
        try:
            server = stack.enter_context(open_server(*options))
        except ClientError as error:
            # The sentence is all that there is to know; a traceback through our code would only hide it.
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        yield server


@pytest.fixture
def mockserver_sandbox(request: pytest.FixtureRequest, mockserver_server: "Server") -> "Iterator[SandboxHandle]":
    """The sandbox of this test: clock, faults, leads, journal of all providers."""
    from mockserver.client import ClientError

    item = request.node
    try:
        sandbox = mockserver_server.open(item, read_marker(item))
    except (MarkerError, ClientError, ValueError) as error:
        # ValueError: a file that the marker names. The sentence is all that there is to know; a traceback
        # through our code would only hide it.
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    item.stash[_SANDBOX] = sandbox
    yield sandbox
    del item.stash[_SANDBOX]
    mockserver_server.drop(sandbox)


@pytest.fixture
def mock_providers(mockserver_sandbox: "SandboxHandle") -> "Providers":
    """Every provider in the test's sandbox, by name: `mock_providers["…"]`, or as an attribute."""
    from mockserver.pytest_plugin.providers import Providers

    return Providers(mockserver_sandbox)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """In a strict run a test that passed fails when its client broke a contract."""
    result = yield
    sandbox = item.stash.get(_SANDBOX, None)
    if sandbox is not None and _is_strict(item):
        from mockserver.pytest_plugin.report import complaint

        if broken := complaint(sandbox.journal.entries(violations=True)):
            pytest.fail(broken, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test's report shows what its client called."""
    report = yield
    sandbox = item.stash.get(_SANDBOX, None)
    if report.failed and sandbox is not None:
        from mockserver.pytest_plugin.report import section

        report.sections.append((f"mockserver journal of {sandbox.id}", section(sandbox)))
        folder = item.config.getoption("mockserver_capsules")
        if folder is not None:
            from mockserver.pytest_plugin.capsules import write_capsule

            report.sections.append(("mockserver capsule", write_capsule(sandbox, folder)))
    return report


def _is_strict(item: pytest.Item) -> bool:
    strict = read_marker(item).strict
    if strict is not None:
        return strict
    return bool(item.config.getoption("mockserver_strict") or item.config.getini("mockserver_strict"))
