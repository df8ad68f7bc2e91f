"""Polls Seeker Leads for ever, and takes webhooks where it may listen: requests, three threads and one JSON file.

One thread polls, one serves webhooks, and the main thread alone owns the leads and writes them. The token lives in
memory only. Between two calls the poller rests a second, far below the documented limit. The first poll goes back
thirty days.
"""

import hmac
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

DAY = 86_400
WINDOW = 7 * DAY - 60
BACK = 30 * DAY
OVERLAP = 2 * DAY
RETENTION = 3 * 365 * DAY + DAY
POLL_EVERY = 60.0
REST = 1.0
TOLD_LATER = 3600
"""Seconds: the provider's clock may be ahead, so a period ends later than now."""

Lead = dict[str, Any]


class Stopped(Exception):
    """The process was asked to end."""


class Trouble(Exception):
    """This poll failed; the next one may not."""


class Api:
    """Everything that goes over the wire; used by the polling thread alone."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "leadd/4.1 requests/2.34 python/3.11"
        self.token: str | None = None
        self.token_ends = 0.0
        self.base = os.environ["SEEKER_BASE_URL"]

    def rest(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Stopped

    def send(self, method: str, url: str, **options: Any) -> requests.Response:
        """An answer that is whole and means something, after at most four attempts."""
        error = ""
        for attempt in range(4):
            wait = 0.4 * 2**attempt
            try:
                answer = self.session.request(method, url, timeout=(5, 25), allow_redirects=False, **options)
                body = answer.json() if "json" in answer.headers.get("Content-Type", "") else None
            except (requests.RequestException, ValueError) as failure:
                error = type(failure).__name__
            else:
                error = f"status {answer.status_code}"
                if answer.status_code == 429 or answer.status_code >= 500:
                    wait = self.asked(answer, wait)
                elif isinstance(body, dict):
                    return answer
            if attempt == 3 or wait > 10:
                break
            self.rest(wait)
        raise Trouble(f"{method} {urlsplit(url).path}: {error}")

    @staticmethod
    def asked(answer: requests.Response, otherwise: float) -> float:
        value = answer.headers.get("Retry-After", "")
        if value.isdigit():
            return float(value)
        try:
            return (parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["Date"])).total_seconds()
        except (ValueError, KeyError):
            return otherwise

    def authenticate(self) -> None:
        answer = self.send(
            "POST",
            os.environ["SEEKER_TOKEN_URL"],
            json={
                "grant_type": "client_credentials",
                "client_id": os.environ["SEEKER_CLIENT_ID"],
                "client_secret": os.environ["SEEKER_CLIENT_SECRET"],
                "audience": os.environ["SEEKER_AUDIENCE"],
            },
        )
        grant = answer.json()
        if not answer.ok or "access_token" not in grant:
            raise Trouble(f"no token: {answer.status_code} {grant.get('error', '')}")
        self.token = grant["access_token"]
        self.token_ends = time.monotonic() + float(grant.get("expires_in", DAY)) - 600

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """An authorized call; one new token when the old one is refused."""
        for second in (False, True):
            if self.token is None or time.monotonic() > self.token_ends:
                self.authenticate()
            bearer = {"Authorization": f"Bearer {self.token}"}
            answer = self.send(method, self.base + path, headers=bearer, **options)
            lacks_scope = answer.status_code == 403 and "scope" in answer.text.lower()
            if second or not (answer.status_code == 401 or lacks_scope):
                break
            self.token = None
        if answer.status_code in (401, 403):
            raise Trouble(f"{method} {path}: refused with {answer.status_code}")
        return answer

    def leads(self, start: int, end: int) -> Iterator[Lead]:
        query: dict[str, Any] = {"minDate": start, "maxDate": end, "limit": 100}
        while True:
            answer = self.call("GET", "/leads", params=query)
            if answer.status_code == 404:
                return
            if answer.status_code not in (200, 206):
                raise Trouble(f"GET /leads: status {answer.status_code}")
            page = answer.json()
            if "data" in page:
                items, cursor = page["data"], (page.get("pagination") or {}).get("nextCursor")
                following = {"cursor": cursor} if cursor else {}
            else:
                items = page["items"]
                following = self.following(page, answer.status_code == 206)
            yield from items
            self.rest(REST)
            if not following or not items:
                return
            query.update(following)

    @staticmethod
    def following(page: dict[str, Any], partial: bool) -> dict[str, str]:
        link = (page.get("links") or {}).get("next")
        if link and "start" in (values := parse_qs(urlsplit(link).query)):
            return {"start": values["start"][0]}
        return {"start": page["items"][-1]["metadata"]["leadId"]} if partial and page["items"] else {}

    def subscribe(self, url: str, key: str) -> None:
        listed = self.call("GET", "/webhook/subscriptions")
        mine = [entry for entry in listed.json().get("items", []) if entry["url"] == url]
        settings = {"apiKey": key, "status": "ACTIVE"}
        if mine:
            answer = self.call("PUT", f"/webhook/subscriptions/{mine[0]['subscriptionId']}", json=settings)
        else:
            answer = self.call("POST", "/webhook/subscriptions", json={"url": url, **settings})
        if not answer.ok:
            raise Trouble(f"no subscription: status {answer.status_code}")


class Inbox(BaseHTTPRequestHandler):
    """Takes webhooks: checks the key, queues the lead, answers at once."""

    key = ""
    deliveries: "queue.Queue[Lead]"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stripped = [value.removeprefix("Bearer ").removeprefix("ApiKey ") for value in self.headers.values()]
        if not any(hmac.compare_digest(value.encode(), self.key.encode()) for value in stripped):
            self.reply(401)
            return
        try:
            lead = json.loads(body)
            lead["metadata"]["leadId"]
        except (ValueError, KeyError, TypeError):
            self.reply(400)
            return
        self.deliveries.put(lead)
        self.reply(200)

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


class Daemon:
    """The owner of the leads."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.news: queue.Queue[Lead] = queue.Queue()
        self.file = Path(os.environ["MOCKSERVER_STATE_DIR"]) / "daemon.json"
        stored = json.loads(self.file.read_text()) if self.file.exists() else {"leads": {}, "until": None}
        self.leads: dict[str, Lead] = stored["leads"]
        self.until: int | None = stored["until"]
        self.began = time.monotonic()
        self.start = datetime.fromisoformat(os.environ["MOCKSERVER_NOW"].replace("Z", "+00:00")).timestamp()
        self.failed = False

    def now(self) -> int:
        return int(self.start + time.monotonic() - self.began)

    def poll_for_ever(self) -> None:
        api = Api(self.stop)
        port = os.environ.get("MOCKSERVER_WEBHOOK_PORT")
        try:
            if port:
                api.subscribe(f"http://127.0.0.1:{port}/leads", Inbox.key)
            while not self.stop.is_set():
                try:
                    self.poll(api)
                    self.failed = False
                except Trouble as trouble:
                    self.failed = True
                    sys.stderr.write(f"leadd: {trouble}\n")
                self.stop.wait(POLL_EVERY)
        except Trouble as trouble:
            self.failed = True
            sys.stderr.write(f"leadd: {trouble}\n")
            self.stop.wait()
        except Stopped:
            pass

    def poll(self, api: Api) -> None:
        now = self.now()
        start = now - BACK if self.until is None else self.until - OVERLAP
        while start < now + TOLD_LATER:
            end = min(start + WINDOW, now + TOLD_LATER)
            for lead in api.leads(start, end):
                self.news.put(lead)
            start = end
        self.until = now

    def take(self, lead: Lead) -> None:
        meta, contact = lead["metadata"], lead.get("contactRequest") or {}
        numbers = [entry.get("number") for entry in contact.get("phoneNumbers") or []]
        self.leads[meta["leadId"]] = {
            "id": meta["leadId"],
            "name": " ".join(filter(None, (contact.get("firstName"), contact.get("lastName")))) or None,
            "email": contact.get("email"),
            "phone": next(filter(None, numbers), None),
            "message": contact.get("message"),
            "ends": meta.get("TTL") or meta.get("ingestionDate", self.now()) + RETENTION,
        }

    def save(self) -> None:
        for lead in [lead for lead in self.leads.values() if lead["ends"] <= self.now()]:
            del self.leads[lead["id"]]
        lines = [json.dumps({k: v for k, v in lead.items() if v and k != "ends"}) for lead in self.leads.values()]
        replace(self.file, json.dumps({"leads": self.leads, "until": self.until}))
        replace(Path(os.environ["MOCKSERVER_OUTCOME"]), "".join(line + "\n" for line in lines))

    def run(self) -> int:
        signal.signal(signal.SIGTERM, lambda *_: self.stop.set())
        if port := os.environ.get("MOCKSERVER_WEBHOOK_PORT"):
            Inbox.key, Inbox.deliveries = f"leadd-{os.urandom(8).hex()}", self.news
            server = ThreadingHTTPServer(("127.0.0.1", int(port)), Inbox)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        poller = threading.Thread(target=self.poll_for_ever)
        poller.start()
        self.save()
        while not (self.stop.is_set() and self.news.empty() and not poller.is_alive()):
            try:
                self.take(self.news.get(timeout=0.1))
            except queue.Empty:
                self.save()
        self.save()
        return 1 if self.failed else 0


def replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(Daemon().run())
