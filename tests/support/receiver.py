"""For tests of webhooks: a receiver that listens, and a dispatcher whose event loop runs only when the test says so."""

import asyncio
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from mockserver.delivery import Rules, WebhookDispatcher
from mockserver.domain import Category, Enquiry, Kind, Person, replace
from mockserver.foundation.clock import stopwatch
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.webhooks import Subscription, TargetGuard
from mockserver.server.app import MockServer
from tests.support.patience import PATIENCE

T = TypeVar("T")
KEY = "12345-abcd-67890-xyz"
USER = "mock-seeker-client"


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    """By name in lower case."""
    raw: bytes

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)

    @property
    def lead(self) -> str:
        """Its `leadId`."""
        lead: str = self.body["metadata"]["leadId"]
        return lead


class Receiver:
    """Listens on a free port. `plan` is what it answers next; after that it answers 200."""

    def __init__(self, plan: Sequence[int] = (), *, tls: ssl.SSLContext | None = None) -> None:
        self.plan = list(plan)
        self.got: list[ReceivedRequest] = []
        self.headers: dict[str, str] = {}
        """Of every answer."""
        self.answer = b'{"ok":true}'
        self.hold = threading.Event()
        """Answers wait for it."""
        self.hold.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/webhook"
        if tls is not None:
            # The handshake is made in the thread of its connection.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self.url = f"https://localhost:{self.port}/webhook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def leads(self) -> list[str]:
        """The `leadId` of each request."""
        return [request.lead for request in self.got]

    def close(self) -> None:
        """Listens no more."""
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(ReceivedRequest(self.path, headers, raw))
            status = receiver.plan.pop(0) if receiver.plan else 200
            receiver.hold.wait(PATIENCE)
            try:
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(receiver.answer)))
                self.end_headers()
                self.wfile.write(receiver.answer)
            except OSError:
                # Whom it was for has hung up.
                pass

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    return Handler


def erase(sandbox: Sandbox, person: int) -> None:
    """Makes a person one who was erased, as far as webhooks show it."""
    stored = sandbox.store.get(Kind.PERSON, person)
    assert isinstance(stored, Person)
    sandbox.store.put(Kind.PERSON, replace(stored, erased=True))


class Rig:
    """An application, and the dispatcher of its sandboxes."""

    def __init__(self, app: MockServer, guard: TargetGuard | None = None, **rules: Any) -> None:
        self.app = app
        self.sandbox = app.sandbox
        self._runner = asyncio.Runner()
        # The application's own would deliver in any event loop that runs, and so would ours, until it has one.
        app.sandboxes.listeners.discard(app.dispatcher.watch)
        self.run(app.dispatcher.stop)
        self.dispatcher = WebhookDispatcher(app.sandboxes, Rules(**rules), guard or TargetGuard(), erase)
        self.run(self.dispatcher.stop)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Lets the event loop run until that is done."""

        async def wrapped() -> T:
            return await work()

        return self._runner.run(wrapped())

    def flush(self, sandbox: Sandbox | None = None) -> int:
        """Makes the attempts that are due now."""
        return self.run(lambda: self.dispatcher.flush(sandbox or self.sandbox))

    def until(self, holds: Callable[[], bool]) -> None:
        """Lets the dispatcher work by itself until that holds."""

        async def wait() -> None:
            self.dispatcher.start()
            began = stopwatch()
            while not holds():
                assert stopwatch() - began < PATIENCE, "it never came about"
                await asyncio.sleep(0.005)

        self.run(wait)

    def subscribe(self, url: str, *, active: bool = True, key: str | None = KEY) -> Subscription:
        """A subscription of the client that every default sandbox has."""
        return self.sandbox.webhooks.add("seeker", USER, url, key, active, self.sandbox.clock.now())

    def advance(self, seconds: float) -> int:
        """Lets virtual time pass, and makes what is due then; how many attempts there were."""
        self.sandbox.clock.advance(seconds)
        return self.flush()

    def arrive(self, agency: int = 101, category: Category = Category.CLASSIFIED) -> Enquiry:
        """A new lead, by somebody new."""
        return arrive(self.sandbox, agency, category)

    def close(self) -> None:
        """Stops the dispatcher as a server does."""
        self.run(self.dispatcher.stop)
        self._runner.close()


def arrive(sandbox: Sandbox, agency: int = 101, category: Category = Category.CLASSIFIED) -> Enquiry:
    """A new lead of a sandbox, made after one that is there."""
    store, now = sandbox.store, sandbox.clock.now()
    leads = (store.get(Kind.ENQUIRY, id) for id in store.ids(Kind.ENQUIRY, agency))
    model = next(lead for lead in leads if isinstance(lead, Enquiry) and lead.category is category)
    person = store.get(Kind.PERSON, model.seeker)
    assert isinstance(person, Person)
    moments = {"created_at": now, "updated_at": now}
    seeker = replace(person, id=store.next_id(Kind.PERSON), erased=False, **moments)
    store.put(Kind.PERSON, seeker)
    id = store.next_id(Kind.ENQUIRY)
    uuid = sandbox.world.new_uuid(Kind.ENQUIRY, id)
    made = replace(model, id=id, uuid=uuid, reference=uuid, seeker=seeker.id, **moments)
    store.put(Kind.ENQUIRY, made)
    return made
