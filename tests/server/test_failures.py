"""Failures inside the server: the provider's own 500 or a problem, and one line in the log."""

import logging
from collections.abc import Callable

import pytest

from mockserver.server.app import MockServer
from tests.conftest import AUTH
from tests.support.in_process import TestClient

PROVIDERS = {
    "apimo": "/apimo/agencies/101/leads",
    "gsl": "/gsl/v2/leads/some-lead",
    "seeker": "/seeker/seeker-leads/v1/leads",
}
FAILURES = (ValueError("wrong\nin two lines"), RecursionError("too deep"), MemoryError(), AssertionError())
PLACES = (
    "mockserver.pipeline.run.PipelineRun.respond",
    "mockserver.pipeline.pipeline.first_values",
    "mockserver.sandbox.journal.Journal.record",
    "mockserver.sandbox.sandbox.Sandbox.process_due",
)


@pytest.fixture
def client(make_app: Callable[..., MockServer]) -> TestClient:
    """A client that raises nothing of what the server raises."""
    made = TestClient(make_app(), base_url="http://127.0.0.1:8080", raise_server_exceptions=False)
    made.auth = AUTH
    return made


def fail_at(monkeypatch: pytest.MonkeyPatch, place: str, failure: Exception) -> None:
    """Makes a function fail."""

    def failing(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(place, failing)


def records_of(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the server logged; the client logs, too."""
    return [record for record in caplog.records if record.name.startswith("mockserver")]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_escapes_a_pipeline_is_the_providers_own_500(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, provider: str, place: str
) -> None:
    usual = client.get(f"/{provider}/no-such-path").json()
    with monkeypatch.context() as patch, caplog.at_level(logging.INFO, "mockserver"):
        fail_at(patch, place, FAILURES[PLACES.index(place)])
        answer = client.get(PROVIDERS[provider])
    assert answer.status_code == 500
    assert usual.keys() <= answer.json().keys(), "the envelope of every other error"
    assert "Traceback" not in answer.text
    (record,) = records_of(caplog)
    message = record.getMessage()
    assert (record.levelname, record.exc_info) == ("ERROR", None)
    assert "\n" not in message
    assert type(FAILURES[PLACES.index(place)]).__name__ in message
    metrics = client.get("/__admin/metrics").text
    assert f'mockserver_failures_total{{provider="{provider}"}} 1.0' in metrics
    assert client.get(PROVIDERS["apimo"]).status_code == 200, "and the server goes on"


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("mockserver.admin.journal.JournalQuery.of", "/__admin/journal"),
        ("mockserver.admin.guard.AdminGuard._refusal", "/__admin/sandboxes"),
        ("mockserver.admin.application.index_page", "/"),
    ],
)
def test_what_escapes_our_own_pages_is_a_problem(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    place: str,
    path: str,
    failure: Exception,
) -> None:
    assert client.get(path).status_code == 200
    with monkeypatch.context() as patch, caplog.at_level(logging.INFO, "mockserver"):
        fail_at(patch, place, failure)
        answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["detail"] == "The mock server failed; its log says why."
    (record,) = records_of(caplog)
    assert "\n" not in record.getMessage()
    assert 'mockserver_failures_total{provider=""} 1.0' in client.get("/__admin/metrics").text


def test_the_traceback_is_there_for_who_asks(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fail_at(monkeypatch, PLACES[0], FAILURES[0])
    with caplog.at_level(logging.DEBUG, "mockserver"):
        client.get(PROVIDERS["apimo"])
    assert [record.levelname for record in records_of(caplog)] == ["ERROR", "DEBUG"]
    assert records_of(caplog)[1].exc_info


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("mockserver.pipeline.pipeline.first_values", "/apimo/agencies"),
        ("mockserver.pipeline.run.route", "/apimo/agencies"),
        ("mockserver.pipeline.run.route", "/~default/gsl"),
        ("mockserver.admin.guard.AdminGuard._refusal", "/__admin/sandboxes"),
    ],
)
def test_the_line_of_a_call_that_failed_has_no_secret_and_is_one_line(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str, path: str
) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
    with monkeypatch.context() as patch, caplog.at_level(logging.INFO, "mockserver"):
        fail_at(patch, place, ValueError("wrong"))
        assert client.get(f"{path}/{token}%0Dforged{'x' * 9_000}").status_code == 500
    (line,) = [record.getMessage() for record in records_of(caplog)]
    assert token not in line
    assert line.isprintable()
    assert len(line) < 600
