"""Runs of pytest within this one, for tests of the plugin."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx2
import pytest

from mockserver import Client, EmbeddedServer
from mockserver.client import SandboxHandle
from tests.support.patience import PATIENCE

PRELUDE = """
import httpx2, pytest

def leads(apimo, agency=101, **query):
    with httpx2.Client() as http:
        return http.get(f"{apimo.url}/agencies/{agency}/leads", params=query, auth=apimo.credentials)
"""


def load_everything() -> None:
    """Imports everything first: a run forgets what it imports, and some modules cannot be imported twice."""
    with EmbeddedServer(world="small") as server, Client(server.url) as client:
        sandbox = client.sandboxes.create(scenario={"name": "none", "why": "to load it", "steps": []})
        apimo, gsl = sandbox.provider("apimo"), sandbox.provider("gsl")
        sandbox.leads.arrive()
        apimo.faults.next(kind="malformed")
        for _ in range(2):
            httpx2.get(f"{apimo.url}/agencies/101/leads", auth=apimo.credentials)
        form = {"grant_type": "client_credentials", "scope": gsl.credentials.scope}
        token = httpx2.post(gsl.token_url, data=form, auth=gsl.credentials).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        httpx2.post(f"{gsl.url}/v2/leads", json={"Pagination": {"Limit": 1}}, headers=headers)
        assert sandbox.verify(count=4)
        deliver_something(sandbox)
        assert sandbox.coverage()
        client.sandboxes.load(sandbox.capsule(), "again").delete()
        sandbox.delete()


def deliver_something(sandbox: SandboxHandle) -> None:
    """Sends a webhook to a receiver that does not know what to do with it."""
    seeker = sandbox.provider("seeker")
    words = seeker.credentials
    form = {"client_id": words.client_id, "client_secret": words.client_secret, "audience": words.audience}
    token = httpx2.post(seeker.token_url, json={**form, "grant_type": "client_credentials"}).json()["access_token"]
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as receiver:
        Thread(target=receiver.handle_request, daemon=True).start()
        body = {"url": f"http://127.0.0.1:{receiver.server_address[1]}/", "apiKey": "12345-abcd-67890-xyz"}
        path = f"{seeker.url}/seeker-leads/v1/webhook/subscriptions"
        assert httpx2.post(path, json=body, headers={"authorization": f"Bearer {token}"}).is_success
        sandbox.leads.arrive()
        sandbox.webhooks.flush()
    (delivery,) = sandbox.webhooks.deliveries
    assert delivery.turns


class Run:
    """Runs of pytest in a folder of their own, where a warning is an error."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def __call__(self, source: str, *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """In this process."""
        self.pytester.makepyfile(PRELUDE + source)
        return self.again(*arguments, plugins=plugins)

    def again(self, *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """The files that are there, in this process."""
        return self.pytester.runpytest_inprocess(*self._arguments(arguments, plugins))

    def apart(self, source: str, *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """In a process of its own."""
        self.pytester.makepyfile(PRELUDE + source)
        return self.pytester.runpytest_subprocess(*self._arguments(arguments, plugins), timeout=PATIENCE)

    def _arguments(self, arguments: tuple[str, ...], plugins: tuple[str, ...]) -> list[str]:
        loaded = [argument for plugin in ("mockserver.pytest_plugin", *plugins) for argument in ("-p", plugin)]
        # The report in JUnit's newer format has no place for what tests record.
        return ["-W", "error", "--strict-markers", "-o", "junit_family=xunit1", *loaded, *arguments]
