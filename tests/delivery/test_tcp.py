"""Webhooks of servers that are processes: settings, who is told, and that nothing is lost, whoever is killed when."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

import mockserver
from mockserver.foundation.settings import SettingsError
from tests.conftest import AUTH, NOW, Served, StartServer
from tests.server.test_durable import Killable, killable
from tests.support.databases import MakeStore
from tests.support.lanes import slow
from tests.support.patience import until
from tests.support.receiver import Receiver
from tests.support.seeker import AUDIENCE, BASE, CREDENTIALS

SUBSCRIPTIONS = f"{BASE}/webhook/subscriptions"
LEADS = "/apimo/agencies/101/leads"
SMALL = ("--world", "small", "--now", "2026-01-01T00:00:00Z")


@pytest.fixture
def receiver() -> Any:
    """One that answers 200."""
    made = Receiver()
    yield made
    made.close()


def told(receiver: Receiver, path: str = "/webhook") -> list[str]:
    """The messages of the leads that came to a path, in order."""
    return [got.body["contactRequest"]["message"] for got in list(receiver.got) if got.path == path]


class Caller:
    """Calls a server, as Seeker's client where it has to do with webhooks."""

    def __init__(self, url: str) -> None:
        self.url = url
        token = httpx2.post(f"{url}/seeker/oauth/token", json={**CREDENTIALS, "audience": AUDIENCE}).json()
        self._headers = {"authorization": f"Bearer {token['access_token']}"}

    def try_to_subscribe(self, receiver: str) -> httpx2.Response:
        """The answer, whatever it is."""
        body = {"url": receiver, "apiKey": "the-key"}
        return httpx2.post(self.url + SUBSCRIPTIONS, headers=self._headers, json=body)

    def subscribe(self, receiver: str) -> str:
        """The id of the subscription."""
        answer = self.try_to_subscribe(receiver)
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["subscriptionId"]
        return id

    def audit(self, subscription: str) -> Any:
        """The attempts, the newest first."""
        return httpx2.get(f"{self.url}{SUBSCRIPTIONS}/{subscription}/audit", headers=self._headers).json()

    def post(self, message: str) -> None:
        """A new lead by another provider's API."""
        answer = httpx2.post(self.url + LEADS, auth=AUTH, json={"reference": message, "message": message})
        assert answer.status_code == 200, answer.text

    def advance(self, seconds: int) -> None:
        """Moves the virtual clock."""
        assert httpx2.put(f"{self.url}/__admin/clock", json={"advance": f"PT{seconds}S"}).status_code == 200

    def pending(self) -> int:
        """Deliveries that wait."""
        page = httpx2.get(f"{self.url}/__admin/webhooks").json()
        pending: int = page["counts"]["pending"]
        return pending


def audited(caller: Caller, subscription: str, attempts: int) -> bool:
    """Whether so many attempts are in the audit."""
    return len(caller.audit(subscription)["recentEvents"]) == attempts


# Settings, and where webhooks go


def test_a_lead_of_another_provider_is_told_with_the_key_in_the_header_of_the_settings(
    start_server: StartServer, receiver: Receiver
) -> None:
    served = start_server(*SMALL, "--webhook-header", "x-my-key")
    caller = Caller(served.url)
    caller.subscribe(receiver.url)
    caller.post("Bonjour")
    until(lambda: len(receiver.got) == 1)
    (got,) = receiver.got
    assert (got.headers["x-my-key"], got.body["contactRequest"]["message"]) == ("the-key", "Bonjour")
    assert "x-api-key" not in got.headers
    assert served.stop() == 0
    assert [line.split(": ")[-1] for line in served.log().splitlines()][1:] == ["stopped"]


def test_a_receiver_that_fails_gets_the_timetable_of_the_settings(
    start_server: StartServer, receiver: Receiver, tmp_path: Path
) -> None:
    config = tmp_path / "mockserver.toml"
    config.write_text('webhook-retries = [10, "1m"]\nwebhook-timeout = 5\nallow-webhook-host = "192.0.2.1"\n')
    caller = Caller(start_server(*SMALL, "--config", str(config)).url)
    receiver.plan = [500, 503, 500]
    subscription = caller.subscribe(receiver.url)
    caller.post("Bonjour")
    for attempts, waits in ((1, (9, 1)), (2, (59, 1)), (3, ())):
        until(partial(audited, caller, subscription, attempts))
        for seconds in waits:
            caller.advance(seconds)
    caller.advance(3_600)
    moments = [event["timestamp"][11:19] for event in caller.audit(subscription)["recentEvents"]]
    assert moments == ["00:01:10", "00:00:10", "00:00:00"]
    assert (len(receiver.got), caller.pending()) == (3, 0)
    assert caller.try_to_subscribe("http://192.0.2.1/hook").status_code == 201


def test_a_server_is_no_receiver_of_its_own_and_nobody_else_is_unless_allowed(start_server: StartServer) -> None:
    served = start_server(*SMALL, "--ports", "apimo=0")
    caller = Caller(served.url)
    for url, reason in (
        (f"{served.url}/__admin/reset", "is this server itself."),
        (f"http://localhost:{served.port}/__admin/reset", "is this server itself."),
        (f"{served.first['origins']['apimo']}/agencies", "is this server itself."),
        ("http://192.0.2.1/hook", "start the server with --allow-webhook-host 192.0.2.1 to allow it."),
        ("https://hooks.example/", "start the server with --allow-webhook-host hooks.example to allow it."),
        ("http://169.254.169.254/latest/meta-data", "is no address of a receiver."),
    ):
        refused = caller.try_to_subscribe(url)
        assert refused.status_code == 400, url
        assert refused.json()["errors"][0]["reason"].endswith(reason)


@pytest.mark.parametrize("allowed", ["192.0.2.0/24 hooks.example", "192.0.2.1 HOOKS.example."])
def test_hosts_are_allowed_by_the_environment(start_server: StartServer, allowed: str) -> None:
    caller = Caller(start_server(*SMALL, environment={"MOCKSERVER_ALLOW_WEBHOOK_HOST": allowed}).url)
    for url in ("http://192.0.2.1/hook", "https://hooks.example/"):
        caller.subscribe(url)


def test_an_embedded_server_delivers_and_does_not_call_itself(receiver: Receiver) -> None:
    with mockserver.EmbeddedServer(world="small", now=NOW, webhook_retries="1s,1m", webhook_header="x-key") as server:
        assert server.app.settings.webhook_retries == (1.0, 60.0)
        caller = Caller(server.url)
        assert caller.try_to_subscribe(f"{server.url}/__admin/reset").status_code == 400
        receiver.plan = [500]
        subscription = caller.subscribe(receiver.url)
        caller.post("Bonjour")
        until(partial(audited, caller, subscription, 1))
        caller.advance(1)
        until(lambda: caller.pending() == 0)
    assert [got.headers["x-key"] for got in receiver.got] == ["the-key"] * 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"webhook_retries": "soon"}, "setting webhook_retries: 'soon' is not a time such as 10s"),
        (
            {"webhook_retries": (-1,)},
            "setting webhook_retries: '-1' is not a time such as 10s, 5m, 2h or 1d; write them with commas",
        ),
        (
            {"webhook_timeout": 0},
            "setting webhook_timeout: 0 seconds cannot be waited; more than 0 and at most 600 can",
        ),
        ({"webhook_header": "a b"}, "setting webhook_header: .*'a b' is not the name of a header"),
        ({"webhook_hosts": ("a b",)}, "'a b' is no host; a name, an address or a network"),
    ],
)
def test_an_embedded_server_tells_which_setting_cannot_be(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        mockserver.asgi_app(**given)


# Nothing is lost


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 3), slow("sqlite", 12), slow("postgresql", 6)])
def test_every_accepted_lead_is_told_however_often_the_server_is_killed(
    kind: str, kills: int, make_store: MakeStore, receiver: Receiver
) -> None:
    chance, accepted = Random(kills), []
    with killable(make_store(kind)) as server:
        caller = start_again(server)
        paths = [f"/{number}" for number in range(4)]
        for path in paths:
            caller.subscribe(f"http://127.0.0.1:{receiver.port}{path}")
        for number in range(kills):
            # It does not answer, or it fails, or it takes what it gets in the little time there is.
            mood = chance.choice(("slow", "failing", "fine"))
            receiver.plan = [503] * 1_000 if mood == "failing" else []
            (receiver.hold.clear if mood == "slow" else receiver.hold.set)()
            for each in range(chance.randint(1, 3)):
                accepted.append(f"{number}-{each}")
                caller.post(accepted[-1])
            if chance.random() < 0.5 and mood == "fine":
                # What failed before is due later, and the clock stands still.
                until(partial(idle, caller, 7_200))
            server.kill(caller.pid)
            receiver.hold.set()
            caller = start_again(server)
        receiver.plan = []
        until(partial(idle, caller, 7_200))
        server.kill(caller.pid)
    for path in paths:
        assert set(told(receiver, path)) == set(accepted)


def idle(caller: Caller, seconds: int = 0) -> bool:
    """Whether nothing waits to be told after that time."""
    if seconds:
        caller.advance(seconds)
    return caller.pending() == 0


class KillableCaller(Caller):
    """Calls one of the servers that can be killed."""

    def __init__(self, url: str, pid: int) -> None:
        super().__init__(url)
        self.pid = pid


def start_again(server: Killable) -> KillableCaller:
    """A new process at the same port."""
    pid = server.start()
    return KillableCaller(f"http://127.0.0.1:{server.port}", pid)


# Several processes


def two_workers(start_server: StartServer, make_store: MakeStore) -> list[Served]:
    """One server of two processes."""
    return [start_server(*SMALL, "--store", make_store("sqlite"), "--workers", "2")]


def two_servers(start_server: StartServer, make_store: MakeStore) -> list[Served]:
    """Two servers of one process each."""
    store = make_store("postgresql")
    return [start_server(*SMALL, "--store", store) for _ in range(2)]


@pytest.mark.parametrize("make", [two_workers, slow(two_servers)])
def test_several_processes_tell_of_each_lead_once(
    make: Callable[[StartServer, MakeStore], list[Served]],
    start_server: StartServer,
    make_store: MakeStore,
    receiver: Receiver,
) -> None:
    servers = make(start_server, make_store)
    first, last = Caller(servers[0].url), Caller(servers[-1].url)
    receiver.plan = [500, 500]
    first.subscribe(receiver.url)
    leads = [f"lead {number}" for number in range(12)]
    for number, lead in enumerate(leads):
        (first if number % 2 else last).post(lead)
    until(lambda: len(receiver.got) >= 12)
    until(partial(idle, last, 10))
    twice = {lead: told(receiver).count(lead) for lead in leads}
    assert sorted(twice.values()) == [1] * 10 + [2] * 2, "two attempts failed"
    for served in servers:
        assert served.stop() == 0
    # Both servers write their log to one file.
    assert "Traceback" not in servers[0].log()
    assert servers[-1].log().rstrip().endswith("stopped")
