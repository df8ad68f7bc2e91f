"""Receivers of all kinds: silent ones hold nobody else up, slow ones are told once, own certificates can be trusted."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import DeliveryState
from mockserver.server.app import MockServer
from tests.conftest import NOW, StartServer
from tests.delivery.test_tcp import SMALL, Caller
from tests.support.certificates import server_context, write_authority
from tests.support.patience import until
from tests.support.receiver import KEY, Receiver, Rig, arrive

MakeApp = Callable[..., MockServer]


@pytest.fixture
def silent() -> Iterator[Receiver]:
    """A receiver that takes requests, and answers none until it is closed."""
    made = Receiver()
    made.hold.clear()
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that answers 200."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def make_rig(make_app: MakeApp) -> Iterator[Callable[..., Rig]]:
    """Makes rigs; rules of the dispatcher are given by name."""
    made: list[Rig] = []

    def make(**rules: Any) -> Rig:
        made.append(Rig(make_app(), **rules))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


MakeRig = Callable[..., Rig]


def another(rig: Rig, id: str) -> Sandbox:
    """One more sandbox of the same server."""
    rig.app.sandboxes.create(SandboxRequest(id=id))
    sandbox = rig.app.sandboxes.get(id)
    assert sandbox is not None
    return sandbox


def subscribe(sandbox: Sandbox, url: str, times: int = 1) -> None:
    """Subscriptions of the client that the sandbox has."""
    (user,) = sandbox.accounts["seeker"]
    for _ in range(times):
        sandbox.webhooks.add("seeker", user, url, KEY, True, sandbox.clock.now())


def under_way(rig: Rig) -> dict[str, int]:
    """The number of attempts that are being made in each sandbox."""
    ids = [where.id for where, _ in rig.dispatcher._attempts.values()]
    return {id: ids.count(id) for id in sorted(set(ids))}


# Silent receivers


def test_silent_receivers_of_one_sandbox_do_not_hold_another_ones_webhooks(
    make_rig: MakeRig, silent: Receiver, receiver: Receiver
) -> None:
    rig = make_rig(timeout=600.0)
    subscribe(rig.sandbox, silent.url, 40)
    for _ in range(3):
        rig.arrive()
    rig.until(lambda: len(silent.got) == 32)
    other = another(rig, "z")
    subscribe(other, receiver.url)
    lead = arrive(other)
    rig.until(lambda: under_way(rig) == {"default": 32} and receiver.leads() == [lead.uuid])
    other.webhooks.add("seeker", next(iter(other.accounts["seeker"])), receiver.url, KEY, True, NOW)
    lead = arrive(other)
    assert rig.flush(other) == 2
    assert receiver.leads()[1:] == [lead.uuid] * 2


def test_those_of_many_sandboxes_do_not_either(
    make_rig: MakeRig, silent: Receiver, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, bound in (("_MAX_OF_A_SANDBOX", 2), ("_MAX_AT_ONCE", 4), ("_RESERVED", 2)):
        monkeypatch.setattr(f"mockserver.delivery.dispatcher.{name}", bound)
    rig = make_rig(timeout=600.0)
    for id in "abcd":
        sandbox = another(rig, id)
        subscribe(sandbox, silent.url, 3)
        arrive(sandbox)
    rig.until(lambda: sum(under_way(rig).values()) >= 4 and len(under_way(rig)) >= 2)
    rig.until(lambda: len(silent.got) >= 4)
    assert max(under_way(rig).values()) == 2
    assert sum(under_way(rig).values()) <= 6
    silent.hold.set()
    rig.until(lambda: len(silent.got) == 12)


def test_where_there_is_little_room_subscriptions_have_their_turn(
    make_rig: MakeRig, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.delivery.dispatcher._MAX_OF_A_SANDBOX", 1)
    rig = make_rig()
    for path in "abc":
        subscribe(rig.sandbox, f"{receiver.url}/{path}")
    for _ in range(2):
        rig.arrive()
    rig.flush()
    turns = [got.path for got in receiver.got]
    assert len(turns) == 6
    assert set(turns[:3]) == set(turns[3:]) == {f"/webhook/{path}" for path in "abc"}


# Slow receivers


def drip(listener: socket.socket, over: threading.Event) -> None:
    """Answers 200 at once, with a body that never ends."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while not over.wait(0.02):
            try:
                connection.sendall(b"x")
            except OSError:
                return


def test_a_receiver_that_answered_200_is_delivered_however_slowly_its_body_drips(make_rig: MakeRig) -> None:
    rig, over = make_rig(timeout=5.0, retries=(1.0,)), threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        subscribe(rig.sandbox, f"http://127.0.0.1:{listener.getsockname()[1]}/")
        rig.arrive()
        thread = threading.Thread(target=drip, args=(listener, over))
        thread.start()
        try:
            assert rig.flush() == 1
        finally:
            over.set()
            thread.join()
    assert [delivery.state for delivery in rig.sandbox.outbox.list()] == [DeliveryState.DELIVERED]


# Certificates of one's own


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Receiver]:
    """A receiver over https, whose certificate nobody knows."""
    made = Receiver(tls=server_context(tmp_path))
    yield made
    made.close()


def test_a_certificate_of_ones_own_is_refused_with_a_reason(make_rig: MakeRig, secured: Receiver) -> None:
    rig = make_rig(retries=())
    subscribe(rig.sandbox, secured.url)
    rig.arrive()
    rig.flush()
    (delivery,) = rig.sandbox.outbox.list()
    assert delivery.state is DeliveryState.GIVEN_UP
    assert "certificate verify failed" in (delivery.reason or "").lower().replace("_", " ")


@pytest.mark.parametrize("way", ["the rule", "SSL_CERT_FILE"])
def test_a_certificate_of_ones_own_can_be_trusted(
    make_rig: MakeRig, secured: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    authority = write_authority(tmp_path)
    if way == "SSL_CERT_FILE":
        monkeypatch.setenv(way, str(authority))
    rig = make_rig(retries=(), ca=authority if way == "the rule" else None)
    subscribe(rig.sandbox, secured.url)
    lead = rig.arrive()
    assert rig.flush() == 1
    assert secured.leads() == [lead.uuid]


def test_certificates_that_cannot_be_read_fail_the_attempt_with_their_settings_named(
    make_rig: MakeRig, secured: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    rig = make_rig(retries=())
    subscribe(rig.sandbox, secured.url)
    rig.arrive()
    rig.flush()
    (delivery,) = rig.sandbox.outbox.list()
    assert "(SSL_CERT_FILE, SSL_CERT_DIR, --webhook-ca) cannot be read" in (delivery.reason or "")


def test_the_option_of_the_command_line(start_server: StartServer, secured: Receiver, tmp_path: Path) -> None:
    caller = Caller(start_server(*SMALL, "--webhook-ca", str(write_authority(tmp_path))).url)
    caller.subscribe(secured.url)
    caller.post("Bonjour")
    until(lambda: len(secured.got) == 1)
    until(lambda: caller.pending() == 0)
