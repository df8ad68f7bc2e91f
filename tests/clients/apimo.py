"""A client of Apimo that holds every obligation, in the standard library alone: what the judge is tested with."""

import gzip
import json
import os
import re
import signal
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

Lead = dict[str, Any]
T = TypeVar("T")

LIMIT = 100
OVERLAP = 10
"""Leads that two pages have in common: the list may shift by fewer than that while it is read."""
MARGIN = 6 * 3600
"""Seconds by which the periods of two runs overlap, for leads that come late."""
REPETITIONS = 3
READINGS = 3
"""How often a list is begun that shifts by more than pages overlap."""
LONGEST_WAIT = 5.0
TEXTS = ("firstname", "lastname", "email", "phone", "mobile", "message", "reference")
SAME = (
    *("reference", "date", "type", "lastname", "firstname", "email", "phone", "fax", "mobile", "language", "country"),
    *("message", "start_at", "end_at", "method", "referral", "subreferral", "property", "contact", "request", "user"),
    *("property_address", "property_address_more", "property_zipcode", "property_city", "property_country"),
    *("property_view_landscape", "property_view_type", "opened", "assigned", "closed"),
)
"""Members of a lead that are written as they are read."""


@dataclass(frozen=True)
class Answer:
    """What came back, whole. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Page:
    """A page of the list, by id."""

    leads: Mapping[str, Lead]
    total: int | None
    newest: int | None
    """The newest change on it."""
    date: float | None
    """When it was answered, by the provider's clock."""


class Failure(Exception):
    """A call that was not answered as it should be; `answer` is what came instead, if anything did."""

    def __init__(self, text: str, answer: Answer | None = None) -> None:
        super().__init__(text)
        self.answer = answer
        self.status = answer.status if answer else 0


class Client:
    """One run: reads what is new, writes what is due, and tells what is held."""

    def __init__(self, environment: Mapping[str, str], stop: threading.Event) -> None:
        self.environment, self.stop = environment, stop
        self.base = environment["APIMO_BASE_URL"].rstrip("/")
        self.leads_path = f"/agencies/{environment['APIMO_AGENCY_ID']}/leads"
        credentials = f"{environment['APIMO_PROVIDER']}:{environment['APIMO_TOKEN']}"
        self.headers = {
            "Authorization": "Basic " + b64encode(credentials.encode()).decode(),
            "User-Agent": "reference/1.0 python/3.11 http.client/3.11",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
        self.memory = Path(environment["MOCKSERVER_STATE_DIR"], "apimo.json")
        fresh = {"leads": {}, "sync": None, "outbox": {"reference": token_hex(8), "sent": False, "there": False}}
        self.state: dict[str, Any] = json.loads(self.memory.read_bytes()) if self.memory.exists() else fresh

    def run(self) -> int:
        """The exit code. What was fetched is kept whatever happens."""
        try:
            self.write(self.crawl())
        except Failure as failure:
            return self.report(failure)
        finally:
            self.save()
            lines = [json.dumps(line) + "\n" for line in self.lines()]
            Path(self.environment["MOCKSERVER_OUTCOME"]).write_text("".join(lines), encoding="utf-8")
        return 0

    def report(self, failure: Failure) -> int:
        """Any failure is one of the run."""
        sys.stderr.write(f"apimo: {failure}\n")
        return 1

    # What is held

    def save(self) -> None:
        """All or nothing."""
        draft = self.memory.with_suffix(".new")
        draft.write_text(json.dumps(self.state), encoding="utf-8")
        draft.replace(self.memory)

    def keep(self, lead: Lead) -> None:
        """What is shown replaces what is held."""
        self.state["leads"][str(lead["id"])] = self.row(lead)

    def row(self, lead: Lead) -> dict[str, Any]:
        """What is kept of a lead."""
        parent = lead.get("parent")
        return {
            "id": str(lead["id"]),
            "parent": None if parent is None else str(parent),
            "email": lead.get("email") or "",
            "phone": lead.get("phone") or lead.get("mobile") or "",
            "name": " ".join(name for name in (lead.get("firstname"), lead.get("lastname")) if name),
            "message": lead.get("message") or "",
        }

    def lines(self) -> list[dict[str, Any]]:
        """The outcome: one line for each customer; a lead that repeats another one that is held is none."""
        return [row for row in self.state["leads"].values() if not self.repeats(row)]

    def repeats(self, row: Mapping[str, Any]) -> bool:
        """Whether it is the enquiry of a lead that is held, once more."""
        return row["parent"] in self.state["leads"]

    # Reading

    def crawl(self) -> dict[str, Lead]:
        """Everything that is new, by id. Only when it came to its end the next run asks from later."""
        since = self.since()
        for _ in range(READINGS):
            pages = self.read_list(since)
            if pages is not None:
                self.advance(pages)
                return {id: lead for page in pages for id, lead in page.leads.items()}
        raise Failure("the list changes faster than it can be read")

    def since(self) -> int | None:
        """From when on this run asks; None is from the beginning."""
        sync: int | None = self.state["sync"]
        return None if sync is None else sync - MARGIN

    def advance(self, pages: list[Page]) -> None:
        """What changed after the first answer, the next run must see again, whatever later pages showed."""
        newest = max((page.newest for page in pages if page.newest is not None), default=None)
        if newest is not None:
            self.state["sync"] = int(min(newest, pages[0].date or newest))

    def read_list(self, since: int | None) -> list[Page] | None:
        """Every page of the list; None when it shifted while it was read."""
        offset, pages = 0, list[Page]()
        while True:
            page = self.page(offset, since)
            if pages and self.shifted(pages[-1], page):
                return None
            pages.append(page)
            for lead in page.leads.values():
                self.keep(lead)
            if self.is_last(offset, page):
                return pages
            offset = self.following(offset)

    def following(self, offset: int) -> int:
        """Where the next page begins."""
        return offset + LIMIT - OVERLAP

    def shifted(self, before: Page, page: Page) -> bool:
        """Whether two pages have no lead in common, as they must."""
        return before.leads.keys().isdisjoint(page.leads)

    def is_last(self, offset: int, page: Page) -> bool:
        """A page that is not full is the last one, whatever the total counts."""
        return len(page.leads) < LIMIT or (page.total is not None and offset + LIMIT >= page.total)

    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        """The parameters of a page."""
        return {"limit": LIMIT, "offset": offset} | ({} if since is None else {"timestamp": since})

    def page(self, offset: int, since: int | None) -> Page:
        """One page of the list."""
        return self.call("GET", f"{self.leads_path}?{urlencode(self.query(offset, since))}", None, self.read_page)

    def read_page(self, answer: Answer) -> Page:
        """The page in an answer. Raises Failure for what is none."""
        body = self.read_json(answer)
        leads, total, newest = body.get("leads"), body.get("total_items"), body.get("timestamp")
        whole = isinstance(total, int | None) and isinstance(newest, int | None)
        if not (whole and isinstance(leads, list) and all(map(self.is_lead, leads))):
            raise Failure("a list of leads is not what was documented", answer)
        return Page({str(lead["id"]): lead for lead in leads}, total, newest, moment(answer.headers.get("date")))

    def is_lead(self, lead: Any) -> bool:
        """Whether it has an id, and text where text is read; everything else may be there, or not."""
        return (
            isinstance(lead, dict)
            and isinstance(lead.get("id"), int)
            and isinstance(lead.get("parent"), int | None)
            and all(isinstance(lead.get(name), str | None) for name in TEXTS)
        )

    def read_json(self, answer: Answer) -> dict[str, Any]:
        """The object in an answer. Raises Failure when it has none."""
        if not answer.headers.get("content-type", "").lower().startswith("application/json"):
            raise Failure("an answer that is no JSON", answer)
        try:
            body = json.loads(answer.body)
        except ValueError:
            raise Failure("an answer whose JSON cannot be read", answer) from None
        if not isinstance(body, dict):
            raise Failure("an answer that is not what was documented", answer)
        return body

    # Writing

    def write(self, shown: Mapping[str, Lead]) -> None:
        """A lead of its own: made once, found again by its reference, and taken to its next step in a later run."""
        own = self.own(shown)
        if own is not None and own.get("step") == "1":
            self.call("PUT", f"{self.leads_path}/{own['id']}", self.changed(own), self.read_json)
        if own is None and not self.state["outbox"]["there"]:
            failure = self.create()
            # Whatever became of the answer, the list tells whether the lead is there.
            if self.own(self.crawl()) is None and failure is not None:
                raise failure
        self.state["outbox"]["there"] = True

    def own(self, shown: Mapping[str, Lead]) -> Lead | None:
        """The lead of its own, if it is among those that were shown."""
        reference = self.state["outbox"]["reference"]
        return next((lead for lead in shown.values() if lead.get("reference") == reference), None)

    def create(self) -> Failure | None:
        """The reference is stored before it is sent: a later run sends the same one again, if the lead is not there."""
        outbox = self.state["outbox"]
        again, outbox["sent"] = outbox["sent"], True
        self.save()
        try:
            self.call("POST", self.leads_path, self.new_lead(outbox["reference"]), self.read_json)
        except Failure as failure:
            return None if again and failure.status == 422 else failure
        return None

    def new_lead(self, reference: str) -> dict[str, Any]:
        """A lead as it is sent."""
        return {
            **{"reference": reference, "type": "1", "step": "1", "language": "fr", "country": "FR"},
            **{"lastname": "Delattre", "firstname": "Camille", "email": "camille.delattre@example.org"},
            **{"phone": "+33199007001", "mobile": "+33639987001", "message": "Bonjour, merci de me rappeler."},
            **{"area_min": "60", "price_max": "350000", "currency": "EUR", "property_category": "1"},
        }

    def changed(self, lead: Lead) -> dict[str, Any]:
        """The lead with its next step, and with all that was read of it: what a PUT leaves out may be emptied."""
        criteria = lead.get("criteria") or {}
        body = {name: lead.get(name) for name in SAME}
        for name in ("area", "room", "price"):
            between = criteria.get(name) or {}
            body |= {f"{name}_min": between.get("min"), f"{name}_max": between.get("max")}
        body["currency"] = (criteria.get("price") or {}).get("currency")
        body["property_category"], body["property_subtype"] = criteria.get("category"), criteria.get("subtype")
        body["property_types"] = ",".join(map(str, criteria.get("types") or ())) or None
        return {name: value for name, value in body.items() if value is not None} | {"step": "2"}

    # Calling

    def call(self, method: str, path: str, body: Any, read: Callable[[Answer], T]) -> T:
        """The answer, read; after a failure that may pass the call is made again. Raises Failure."""
        for turn in range(self.turns()):
            try:
                return read(self.check(self.send(method, path, body)))
            except Failure as failure:
                wait = self.wait(failure, turn)
                if turn + 1 == self.turns() or wait is None or not self.may_pass(failure, method):
                    raise
            if self.stop.wait(wait):
                break
        raise Failure("it was stopped")

    def turns(self) -> int:
        """How often a call is made."""
        return 1 + REPETITIONS

    def may_pass(self, failure: Failure, method: str) -> bool:
        """Whether the same call may be answered well later. What became of a POST is only known when it was refused."""
        return failure.status == 429 or (method != "POST" and (failure.status in (0, 200) or failure.status >= 500))

    def wait(self, failure: Failure, turn: int) -> float | None:
        """How many seconds to wait before the call is made again; None when that is too long."""
        asked = self.retry_after(failure.answer) if failure.answer else None
        return None if (asked or 0) > LONGEST_WAIT else max(self.back_off(turn), asked or 0)

    def back_off(self, turn: int) -> float:
        """Three times as long each time."""
        return 0.1 * 3.0**turn

    def retry_after(self, answer: Answer) -> float | None:
        """Seconds of the header; a date is compared with that of the answer."""
        text = answer.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d+", text):
            return float(text)
        until, now = moment(text), moment(answer.headers.get("date"))
        return None if until is None or now is None else until - now

    def check(self, answer: Answer) -> Answer:
        """Raises Failure for any other answer than a good one; redirects are not followed."""
        if answer.status != 200:
            raise Failure(f"status {answer.status}", answer)
        return answer

    def send(self, method: str, path: str, body: Any) -> Answer:
        """One call. Raises Failure when no whole answer came."""
        content = None if body is None else json.dumps(body).encode()
        headers = self.headers if content is None else {**self.headers, "Content-Type": "application/json"}
        return self.exchange(method, self.base + path, content, headers)

    def decoded(self, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body as it was before it was compressed."""
        return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body

    def exchange(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One call, to the letter."""
        parts = urlsplit(url)
        connection = (HTTPSConnection if parts.scheme == "https" else HTTPConnection)(parts.netloc, timeout=10)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, content, dict(headers))
            got = connection.getresponse()
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, named, self.decoded(named, got.read()))
        except (OSError, EOFError, HTTPException) as error:
            raise Failure(f"no whole answer came ({type(error).__name__})") from None
        finally:
            connection.close()


def moment(text: str | None) -> float | None:
    """The epoch of a date of HTTP; None for what is none."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None


def main(environment: Mapping[str, str], stop: threading.Event | None = None) -> int:
    """Runs once; the exit code."""
    return Client(environment, stop or threading.Event()).run()


if __name__ == "__main__":
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    sys.exit(main(os.environ, ended))
