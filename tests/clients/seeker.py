"""A correct client of Seeker Leads in plain Python: periods, pages, tokens, failures, erasure, retention, webhooks."""

import gzip
import http.client
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

DAY = 86_400
WINDOW = 7 * DAY - 60  # of a period; safely under the most that is allowed
OVERLAP = 6 * 3_600  # leads may come so late, with the date of when they were written
AHEAD = 15 * 60  # the provider's clock may be so much ahead
RETENTION = 3 * 365 * DAY + DAY  # no three years are longer
TIMEOUT, PATIENCE = 10.0, 5.0


class Failure(Exception):
    """The provider did not do what was asked. The message holds no secret."""


class Answer(NamedTuple):
    """A whole answer; `body` is None where it is no JSON."""

    status: int
    headers: Message
    body: Any


class Client:
    """One program, configured by its environment. What it knows is kept in the state directory."""

    agent = "reference/1.0 python/3.11 http.client/3.11"
    pauses: tuple[float, ...] = (0.1, 0.3, 0.9)
    limit = 100

    def __init__(self, environment: Mapping[str, str], stop: threading.Event | None = None) -> None:
        self.settings = {name.removeprefix("SEEKER_").lower(): value for name, value in environment.items()}
        self.told = int(datetime.fromisoformat(environment["MOCKSERVER_NOW"]).timestamp())
        self.outcome = Path(environment["MOCKSERVER_OUTCOME"])
        self.file = Path(environment["MOCKSERVER_STATE_DIR"]) / "seeker.json"
        self.port = int(environment.get("MOCKSERVER_WEBHOOK_PORT", "0"))
        self.stop = stop or threading.Event()
        self.lock = threading.RLock()
        self.hooked: list[str] = []
        self.state: dict[str, Any] = {"leads": {}, "newest": None, "token": None, "key": token_hex(16)}
        if self.file.exists():
            self.state |= json.loads(self.file.read_text(encoding="utf-8"))

    def run(self) -> int:
        """Everything once; with a port for webhooks also until it is stopped. The exit code."""
        server = self.listen() if self.port else None
        try:
            self.work()
        except (Failure, LookupError, TypeError, ValueError, AttributeError) as failure:
            sys.stderr.write(f"seeker: {failure if isinstance(failure, Failure) else type(failure).__name__}\n")
            return 1
        finally:
            if server:
                server.shutdown()
                server.server_close()
            self.save()
        return 0

    def work(self) -> None:
        if self.port:
            self.subscribe()
        self.crawl()
        self.look_again(self.newest())
        if self.port:
            self.save()
            self.stop.wait()
            self.look_again(self.hooked)

    # Leads

    def crawl(self) -> None:
        """All that is new. Only when all of it was read, the next run begins later."""
        newest = self.state["newest"]
        for first, last in self.windows(self.since(), self.until()):
            for lead in self.leads(first, last):
                self.keep(lead)
                newest = max(newest or 0, lead["metadata"]["ingestionDate"])
        self.state["newest"] = newest or self.told

    def since(self) -> int:
        """From the newest date that was ever shown, with a margin; at first from five periods ago."""
        newest: int | None = self.state["newest"]
        return self.until() - 5 * WINDOW if newest is None else max(newest - OVERLAP, self.told - RETENTION)

    def until(self) -> int:
        return self.told + AHEAD

    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Periods that are short enough; each begins where the one before ended."""
        while first < last:
            yield first, min(first + WINDOW, last)
            first += WINDOW

    def leads(self, first: int, last: int) -> Iterator[Any]:
        """The leads of a period, page after page."""
        place: str | None = ""
        while place is not None:
            answer = self.call("GET", "/leads", self.query(first, last, place))
            if self.is_empty(answer):
                return
            found = self.found(answer)
            yield from found
            following = self.following(answer, found)
            place = following if following != place else None

    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {"minDate": first, "maxDate": last, "limit": self.limit, **({"start": place} if place else {})}

    def is_empty(self, answer: Answer) -> bool:
        """A period without any lead is 404."""
        return answer.status == 404

    def found(self, answer: Answer) -> list[Any]:
        """The leads of a page, in whichever of the two envelopes."""
        leads = answer.body.get("items", answer.body.get("data"))
        if not isinstance(leads, list):
            raise Failure("a page has no list of leads")
        return leads

    def following(self, answer: Answer, found: list[Any]) -> str | None:
        """Where the next page begins; None when there is none."""
        link = (answer.body.get("links") or {}).get("next") or ""
        given: str | None = parse_qs(urlsplit(link).query).get("start", [""])[0]
        given = given or (answer.body.get("pagination") or {}).get("nextCursor")
        return given or (found[-1]["metadata"]["leadId"] if answer.status == 206 and found else None)

    def newest(self) -> list[str]:
        """The newest leads that are held: of older ones nobody would tell us that they were erased, either."""
        leads = self.state["leads"]
        return sorted(leads, key=lambda id: -leads[id]["created"])[:5]

    def look_again(self, ids: list[str]) -> None:
        """Reads leads by their ids, and drops those that are gone."""
        for id in ids:
            answer = self.call("GET", f"/leads/{quote(id, safe='')}")
            if answer.status == 404:
                self.state["leads"].pop(id, None)
            else:
                self.keep(answer.body)

    def keep(self, lead: Any) -> None:
        """Stores a lead in the place of what was known of it."""
        with self.lock:
            self.state["leads"][lead["metadata"]["leadId"]] = self.record(lead)

    def record(self, lead: Any) -> dict[str, Any]:
        about, contact = lead["metadata"], lead.get("contactRequest") or {}
        phones = [phone.get("number") for phone in contact.get("phoneNumbers") or []]
        phones.append((lead.get("callDetails") or {}).get("seekerPhoneNumber"))
        return {
            "id": about["leadId"],
            "email": contact.get("email"),
            "phone": next(filter(None, phones), None),
            "name": " ".join(filter(None, (contact.get("firstName"), contact.get("lastName")))),
            "message": contact.get("message"),
            "created": about["ingestionDate"],
            "ends": about.get("TTL") or about["ingestionDate"] + RETENTION,
        }

    def purge(self) -> None:
        """Deletes what nobody may keep any longer."""
        leads = self.state["leads"]
        self.state["leads"] = {id: lead for id, lead in leads.items() if lead["ends"] > self.told}

    def lines(self) -> Iterator[dict[str, Any]]:
        for lead in self.state["leads"].values():
            yield {name: lead[name] for name in ("id", "email", "phone", "name", "message") if lead[name]}

    def save(self) -> None:
        """Writes outcome and state, each whole or not at all."""
        with self.lock:
            self.purge()
            write(self.outcome, "".join(json.dumps(line) + "\n" for line in self.lines()))
            write(self.file, json.dumps(self.state))

    # Calls

    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        """A call of the API with a token, once more with a fresh one when that was refused."""
        url = self.settings["base_url"] + path + (f"?{urlencode(query)}" if query else "")
        answer = self.request(method, url, body, self.token())
        if self.wants_fresh_token(answer):
            self.state["token"] = None
            answer = self.request(method, url, body, self.token())
        if answer.status in (200, 201, 206, 404, 409):
            return answer
        raise Failure(f"{method} {path} was answered with {answer.status}")

    def wants_fresh_token(self, answer: Answer) -> bool:
        """Whether the token is not good any more, or from before a right was opened."""
        said = f"{answer.body} {answer.headers.get('WWW-Authenticate')}".lower()
        return answer.status == 401 or (answer.status == 403 and "scope" in said)

    def token(self) -> str:
        if self.state["token"] is None or self.state["token"]["ends"] <= self.told:
            self.state["token"] = self.new_token()
        token: str = self.state["token"]["token"]
        return token

    def new_token(self) -> dict[str, Any]:
        """A token and when it ends, a little early, by the clock that issued it."""
        answer = self.request("POST", self.settings["token_url"], self.token_request())
        if answer.status != 200:
            raise Failure(f"a token was refused with {answer.status}")
        lives = self.life(answer.body)
        ends = date(answer.headers["Date"]) + lives - min(60, lives / 10)
        return {"token": answer.body["access_token"], "ends": ends}

    def life(self, token: Mapping[str, Any]) -> float:
        """Seconds; where the answer does not say it, a 401 ends the token."""
        return float(token.get("expires_in") or DAY)

    def token_request(self) -> dict[str, str]:
        names = ("client_id", "client_secret", "audience", "scope")
        known = {name: self.settings[name] for name in names if name in self.settings}
        return {**known, "grant_type": "client_credentials"}

    def request(self, method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
        """The answer; what fails is repeated a few times."""
        answer = None
        for pause in (*self.pauses, None):
            answer = self.attempt(method, url, body, token)
            if answer is not None and answer.status != 429 and answer.status < 500:
                return answer
            seconds = None if pause is None else self.wait(answer, pause)
            if seconds is None:
                break
            time.sleep(seconds)
        said = answer.status if answer else "nothing whole"
        raise Failure(f"{method} {urlsplit(url).path} was answered with {said}")

    def wait(self, answer: Answer | None, pause: float) -> float | None:
        """Seconds until the next attempt: what the provider says, or else `pause`. None when that is too long."""
        wanted = answer.headers.get("Retry-After") if answer else None
        if answer is None or wanted is None:
            return pause
        seconds = float(wanted) if wanted.isdigit() else date(wanted) - date(answer.headers["Date"])
        return max(0.0, seconds) if seconds <= PATIENCE else None

    def attempt(self, method: str, url: str, body: Any, token: str | None) -> Answer | None:
        """One request; redirects are not followed. None when no whole answer came, or one that is no JSON."""
        parts = urlsplit(url)
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = connect(parts.netloc, timeout=TIMEOUT)
        sent = None if body is None else json.dumps(body)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, sent, self.headers(sent, token))
            answer = connection.getresponse()
            return self.read(answer.status, answer.headers, self.decoded(answer.headers, answer.read()))
        except (OSError, EOFError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def headers(self, sent: str | None, token: str | None) -> dict[str, str]:
        headers = {"User-Agent": self.agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        headers |= {"Content-Type": "application/json"} if sent is not None else {}
        return headers | ({"Authorization": f"Bearer {token}"} if token else {})

    def decoded(self, headers: Message, raw: bytes) -> bytes:
        """The body as it was before it was compressed."""
        return gzip.decompress(raw) if headers.get("Content-Encoding") == "gzip" else raw

    def read(self, status: int, headers: Message, raw: bytes) -> Answer | None:
        """The answer; None when its body is not what such a status comes with."""
        try:
            body = json.loads(raw) if "json" in headers.get_content_type() else None
        except ValueError:
            body = None
        believed = isinstance(body, dict) or status not in (200, 201, 206, 404)
        return Answer(status, headers, body) if believed else None

    # Webhooks

    def subscribe(self) -> None:
        """Makes sure that there is one subscription of this address, with our key."""
        url, path = f"http://127.0.0.1:{self.port}/webhook", "/webhook/subscriptions"
        wanted = {"apiKey": self.state["key"], "status": "ACTIVE"}
        known = self.call("GET", path).body["items"]
        mine = next((each["subscriptionId"] for each in known if each["url"] == url), None)
        if mine is None:
            self.call("POST", path, body={"url": url, **wanted})
        else:
            self.call("PUT", f"{path}/{mine}", body=wanted)

    def listen(self) -> ThreadingHTTPServer:
        """Serves webhooks in a thread."""
        client = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(client.told_of(self.headers, raw))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def told_of(self, headers: Message, raw: bytes) -> int:
        """Takes a webhook in; the status of the answer. Everything that takes time comes afterwards."""
        if not self.is_genuine(headers):
            return 401
        try:
            return self.take(json.loads(raw))
        except (LookupError, TypeError, ValueError, AttributeError):
            return 400

    def is_genuine(self, headers: Message) -> bool:
        """Whether a header has our key; which one carries it is not documented."""
        key = self.state["key"].encode()
        return any(compare_digest(str(value).encode(errors="replace"), key) for value in headers.values())

    def take(self, lead: Any) -> int:
        with self.lock:
            self.keep(lead)
            if lead["metadata"]["leadId"] not in self.hooked:
                self.hooked.append(lead["metadata"]["leadId"])
            self.save()
        return 200


def date(text: str) -> float:
    """Epoch seconds of a date in a header."""
    return parsedate_to_datetime(text).timestamp()


def write(path: Path, text: str) -> None:
    """Writes a file, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def main(environment: Mapping[str, str], stop: threading.Event | None = None) -> int:
    """Runs the client; its exit code."""
    return Client(environment, stop).run()


if __name__ == "__main__":
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    sys.exit(main(os.environ, ended))
