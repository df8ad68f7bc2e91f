"""A client of Apimo on a package that openapi-python-client made from our contract, called `apimo_generated` here.

It reads and does not write. What is asked and how an answer is read is the package's; repeating is in a transport, as
users of httpx do it, and what it holds is in a database. It shares no code with the reference client.
"""

import json
import os
import signal
import sqlite3
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from apimo_generated import AuthenticatedClient  # type: ignore[import-not-found]
from apimo_generated.api.default import list_leads  # type: ignore[import-not-found]
from apimo_generated.models import Lead, LeadList, Problem  # type: ignore[import-not-found]
from apimo_generated.types import UNSET, Response  # type: ignore[import-not-found]

LIMIT = 100
SHARED = 5
"""Leads that a page has in common with the one before it, which shows that nothing slipped between the two."""
STEPS_BACK = 20
MARGIN = 8 * 3600
"""Seconds by which the periods of two runs overlap."""
TURNS = 4
BACK_OFF = 0.08
LONGEST_WAIT = 5.0
UNREADABLE = (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError)
"""What a generated function raises when no answer came, or one that its models cannot be made of."""
TABLES = """
CREATE TABLE IF NOT EXISTS leads (id TEXT PRIMARY KEY, lead TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sync (one INTEGER PRIMARY KEY CHECK (one = 1), moment INTEGER NOT NULL);
"""


class Failed(Exception):
    """The leads could not be read; the message says why, without anything secret."""


class Patient(httpx.HTTPTransport):
    """Makes a call again, a little later, when it got no answer or one that may be better then. All calls are reads."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self.stop = stop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read to its end; that of the last turn may be anything."""
        for turn in range(TURNS):
            last, wait = turn + 1 == TURNS, BACK_OFF * 2.0**turn
            try:
                response = super().handle_request(request)
                response.read()
            except httpx.RequestError:
                if last:
                    raise
            else:
                asked = retry_after(response)
                if last or asked > LONGEST_WAIT or not is_trouble(response):
                    return response
                wait = max(wait, asked)
            if self.stop.wait(wait):
                break
        raise httpx.TransportError("it was stopped", request=request)


def is_trouble(response: httpx.Response) -> bool:
    """Whether the provider is busy or broken, or the body is not the JSON that it should be."""
    if response.status_code != 200:
        return response.status_code == 429 or response.status_code >= 500
    try:
        return "json" not in response.headers.get("Content-Type", "") or not isinstance(response.json(), dict)
    except ValueError:
        return True


def retry_after(response: httpx.Response) -> float:
    """Seconds that an answer asks for; a date counts from the one of the answer."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    until, now = moment(text), moment(response.headers.get("Date", ""))
    return until - now if until and now else 0.0


def moment(date: str) -> float | None:
    """The epoch of a date in a header."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


class Store:
    """The database: the leads as they were shown last, and up to when all of them are known."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        database.executescript(TABLES)

    def keep(self, leads: list[Lead]) -> None:
        """What is shown replaces what is held."""
        rows = [(str(lead.id), json.dumps(lead.to_dict())) for lead in leads]
        with self.database:
            self.database.executemany("INSERT OR REPLACE INTO leads VALUES (?, ?)", rows)

    @property
    def leads(self) -> list[Lead]:
        """All that are held."""
        return [Lead.from_dict(json.loads(text)) for (text,) in self.database.execute("SELECT lead FROM leads")]

    @property
    def synced(self) -> int | None:
        """The newest change that is known for sure; None before there was one."""
        row = self.database.execute("SELECT moment FROM sync").fetchone()
        return None if row is None else int(row[0])

    @synced.setter
    def synced(self, moment: int) -> None:
        with self.database:
            self.database.execute("INSERT OR REPLACE INTO sync VALUES (1, ?)", (moment,))


class Importer:
    """One run for one agency."""

    def __init__(self, client: AuthenticatedClient, agency: int, store: Store) -> None:
        self.client, self.agency, self.store = client, agency, store

    def run(self) -> None:
        """Reads what is new since the last run. Raises Failed; what came before that is kept, and is read again."""
        replies = []
        for reply in self.pages():
            self.store.keep(reply.parsed.leads)
            replies.append(reply)
        newest = max((reply.parsed.timestamp for reply in replies if reply.parsed.timestamp), default=None)
        if newest is not None:
            # A change that came while the later pages were read may be of a lead that an earlier page showed.
            began = moment(replies[0].headers.get("Date", ""))
            self.store.synced = int(min(newest, began or newest))

    def pages(self) -> Iterator[Response[LeadList]]:
        """Each page of the list. One that has nothing of the page before it is read from further back."""
        offset, steps, before = 0, 0, set[int]()
        while True:
            reply = self.page(offset)
            ids = {lead.id for lead in reply.parsed.leads}
            if offset and before.isdisjoint(ids):
                offset, steps = max(0, offset - LIMIT // 2), steps + 1
                if steps > STEPS_BACK:
                    raise Failed("the list changes faster than it can be read")
                continue
            yield reply
            total = reply.parsed.total_items
            if len(ids) < LIMIT or (total is not UNSET and offset + LIMIT >= total):
                return
            offset, before = offset + LIMIT - SHARED, ids

    def page(self, offset: int) -> Response[LeadList]:
        """One answer with a list in it. Raises Failed for any other."""
        since = UNSET if self.store.synced is None else self.store.synced - MARGIN
        try:
            reply = list_leads.sync_detailed(
                self.agency, client=self.client, limit=LIMIT, offset=offset, timestamp=since
            )
        except UNREADABLE as error:
            raise Failed(f"the leads from {offset} on could not be read ({type(error).__name__})") from None
        if not isinstance(reply.parsed, LeadList):
            why = f": {reply.parsed.title}" if isinstance(reply.parsed, Problem) else ""
            raise Failed(f"the leads from {offset} on were answered with {int(reply.status_code)}{why}")
        return reply


def lines(leads: list[Lead]) -> list[dict[str, Any]]:
    """What is told of the leads that are held; one that repeats another one of them is the same customer."""
    ids = {lead.id for lead in leads}
    return [
        {
            "id": str(lead.id),
            "email": lead.email or "",
            "phone": lead.phone or lead.mobile or "",
            "name": " ".join(filter(None, (lead.firstname, lead.lastname))),
            "message": lead.message or "",
        }
        for lead in leads
        if lead.parent not in ids
    ]


def main(environment: Mapping[str, str], stop: threading.Event | None = None) -> int:
    """Runs once; the exit code."""
    # The generator knows tokens only: HTTP Basic is made by hand.
    credentials = f"{environment['APIMO_PROVIDER']}:{environment['APIMO_TOKEN']}"
    client = AuthenticatedClient(
        base_url=environment["APIMO_BASE_URL"],
        token=b64encode(credentials.encode()).decode(),
        prefix="Basic",
        headers={"User-Agent": f"generated-importer/1.0 python/3 httpx/{httpx.__version__}"},
        timeout=httpx.Timeout(10),
        httpx_args={"transport": Patient(stop or threading.Event())},
    )
    with closing(sqlite3.connect(Path(environment["MOCKSERVER_STATE_DIR"], "leads.sqlite"))) as database, client:
        store = Store(database)
        try:
            Importer(client, int(environment["APIMO_AGENCY_ID"]), store).run()
        except Failed as failure:
            sys.stderr.write(f"generated: {failure}\n")
            return 1
        finally:
            text = "".join(json.dumps(line) + "\n" for line in lines(store.leads))
            Path(environment["MOCKSERVER_OUTCOME"]).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    sys.exit(main(os.environ, ended))
