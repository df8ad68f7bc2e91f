"""A client of GSL that holds every obligation: the standard library alone, configured by its environment."""

import gzip
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

LISTS = ("classifieds", "agencies", "estimations", "projects")
LIMIT = 100
HOUR, DAY = 3_600, 86_400
OVERLAP = 6 * HOUR
RETENTION = 1_096 * DAY
"""Seconds: no three years are longer, so as far back as there can be any lead."""
AHEAD = 4_000_000_000_000
"""An `EndDate` that is in the future in seconds as well as in milliseconds; which of them it is nobody knows."""
LOOKED_AT = 5
"""How many of the newest leads are read once more by their id."""
REPETITIONS = 3
LONGEST_WAIT = 5.0
USER_AGENT = "reference/1.0 python/3.11 urllib/3.11"


class Failure(Exception):
    """The run cannot go on; the message says why, without any secret."""


class Refused(Failure):
    """A cursor is not good any more."""


class NoRedirects(HTTPRedirectHandler):
    """A redirect is an answer like any other: the token goes nowhere else."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


@dataclass
class Answer:
    """What came back. Status 0 is no whole answer at all."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The JSON in it; None when it is no JSON, or does not say that it is."""
        if "json" not in self.headers.get("content-type", ""):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def is_token(value: Any) -> bool:
    """Whether the answer of the token endpoint has what it must."""
    return isinstance(value, dict) and isinstance(value.get("access_token"), str)


def is_lead(value: Any) -> bool:
    """Whether it can be stored: it has an id, a date and a contact, whatever is in that."""
    meta = value.get("leadMetaInfos") if isinstance(value, dict) else None
    if not isinstance(meta, dict) or not isinstance(value.get("contactRequest") or {}, dict):
        return False
    return isinstance(meta.get("leadId"), str) and isinstance(meta.get("creationDate"), str)


def is_page(value: Any) -> bool:
    """Whether it is a whole page of leads."""
    data = value.get("Data") if isinstance(value, dict) else None
    return isinstance(data, dict) and isinstance(data.get("Items"), list) and all(map(is_lead, data["Items"]))


class Client:
    """One run."""

    def __init__(self, environment: Mapping[str, str], stop: threading.Event | None = None) -> None:
        self.env, self.stop = environment, stop or threading.Event()
        self.now = datetime.fromisoformat(environment["MOCKSERVER_NOW"]).timestamp()
        self.began = time.monotonic()
        self.opener = build_opener(NoRedirects, ProxyHandler({}))
        self.file = Path(environment["MOCKSERVER_STATE_DIR"]) / "gsl.json"
        self.state: dict[str, Any] = {"leads": {}, "since": None, "unit": None, "token": "", "ends": 0}
        if self.file.exists():
            self.state = json.loads(self.file.read_text(encoding="utf-8"))
        self.leads: dict[str, dict[str, Any]] = self.state["leads"]
        self.newest = (0.0, "")
        """Of the leads shown in this run the newest date, and the list that it was in."""

    def run(self) -> int:
        """Reads what is new, forgets what must be forgotten, says what is held. 0 when all went well."""
        code = 0
        try:
            self.crawl()
            self.state["since"] = self.next_since()
        except Failure as failure:
            code = self.failed(failure)
        self.purge()
        self.save()
        return code

    def failed(self, failure: Failure) -> int:
        """What was fetched is kept; the next run asks for the same period again."""
        sys.stderr.write(f"gsl: {failure}\n")
        return 1

    def clock(self) -> float:
        """Now, in epoch seconds of the world that the client was told of."""
        return self.now + time.monotonic() - self.began

    # What is asked for

    def crawl(self) -> None:
        for path in LISTS:
            for first, last in self.periods():
                self.search(path, first, last)
        self.learn_unit()
        self.look_again()

    def since(self) -> int:
        """The first second to ask for."""
        return int(self.now - RETENTION if self.state["since"] is None else self.state["since"])

    def next_since(self) -> float | None:
        """Where the next run begins: hours before the newest date that the provider showed."""
        if not self.newest[1]:
            return self.state["since"]  # type: ignore[no-any-return]
        return max(min(self.newest[0], self.now) - OVERLAP, self.state["since"] or 0)

    def periods(self) -> Iterator[tuple[int, int]]:
        """The first and the last moment of each search."""
        yield self.since() * self.unit(), AHEAD

    def unit(self) -> int:
        """How many of the units in which dates are sent make a second."""
        return int(self.state["unit"] or 1)

    def learn_unit(self) -> None:
        """Whether dates are sent in seconds or milliseconds: in whichever the newest lead is found by its date.

        Until that is known seconds do: read as milliseconds they are long ago, and bring more than is needed.
        """
        date, path = int(self.newest[0]), self.newest[1]
        if self.state["unit"] is None and path:
            units = (unit for unit in (1, 1000) if self.search(path, date * unit, (date + 1) * unit))
            self.state["unit"] = next(units, None)

    def search(self, path: str, first: int, last: int) -> int:
        """How many leads one list has in a period; a cursor that is refused is worth one more beginning."""
        try:
            return self.follow(path, first, last)
        except Refused:
            return self.follow(path, first, last)

    def follow(self, path: str, first: int, last: int) -> int:
        place, found = "", 0
        while True:
            data = self.page(path, first, last, place)
            for lead in data["Items"]:
                self.newest = max(self.newest, (moment(lead), path))
                self.keep(lead)
                found += 1
            place = self.next_place(data)
            if not place:
                return found

    def next_place(self, data: dict[str, Any]) -> str:
        """The cursor of the next page; empty at the end, which may be absent, null or empty."""
        return data.get("LastItemKey") or ""

    def page(self, path: str, first: int, last: int, place: str) -> dict[str, Any]:
        pagination = {"Limit": LIMIT, "Order": "asc", **({"LastItemKey": place} if place else {})}
        criteria = {"StartDate": first, "EndDate": last}
        answer = self.call("POST", f"/v2/leads/{path}", {"SearchCriteria": criteria, "Pagination": pagination}, is_page)
        if answer.status == 400 and place:
            raise Refused(f"the cursor of {path} is refused twice")
        if answer.status == 404:
            return self.nothing_found()
        return self.expect(answer, path)["Data"]  # type: ignore[no-any-return]

    def nothing_found(self) -> dict[str, Any]:
        """A list that the provider says has nothing in that period."""
        return {"Items": []}

    def look_again(self) -> None:
        """Reads the newest leads by their id: what became of them since they were listed shows there first."""
        for id in sorted(self.leads, key=lambda id: float(self.leads[id]["created"]))[-LOOKED_AT:]:
            answer = self.detail(id)
            if answer.status == 404:
                self.gone(id)
            else:
                self.keep(self.expect(answer, "lead"))

    def detail(self, id: str) -> Answer:
        return self.call("GET", f"/v2/leads/{quote(id, safe='')}", None, is_lead)

    def gone(self, id: str) -> None:
        self.leads.pop(id, None)

    # What is held

    def keep(self, lead: dict[str, Any]) -> None:
        """Stores a lead as it is shown now."""
        meta, said = lead["leadMetaInfos"], lead.get("contactRequest") or {}
        person = said.get("personContact") or said
        ends = meta.get("timeToLive")
        told = {"email": person.get("email"), "phone": person.get("phoneNumber"), "name": person.get("fullName")}
        row = {
            "id": meta["leadId"],
            "seeker": meta.get("seekerID"),
            "created": moment(lead),
            "ends": min(ends if isinstance(ends, int) else AHEAD, three_years_after(moment(lead))),
            **told,
            "message": said.get("message"),
        }
        self.store(row)
        if row["name"] is None and row["phone"] is None and row["message"] is None and row["seeker"]:
            self.forget(row["seeker"])

    def store(self, row: dict[str, Any]) -> None:
        self.leads[row["id"]] = row

    def forget(self, seeker: str) -> None:
        """Somebody was erased: that is so in all their leads, also in those that are too old to be shown again."""
        for row in self.leads.values():
            if row["seeker"] == seeker:
                row.update(name=None, phone=None, message=None)

    def purge(self) -> None:
        """Deletes leads at the end of their retention."""
        for id in [id for id, row in self.leads.items() if row["ends"] <= self.now]:
            del self.leads[id]

    def save(self) -> None:
        """The state as a whole or not at all, and the outcome."""
        write(self.file, json.dumps(self.state))
        write(Path(self.env["MOCKSERVER_OUTCOME"]), "".join(json.dumps(row) + "\n" for row in self.outcome()))

    def outcome(self) -> Iterator[dict[str, Any]]:
        for row in self.leads.values():
            yield {name: row[name] for name in ("id", "email", "phone", "name", "message") if row[name] is not None}

    # How calls are made

    def call(self, method: str, path: str, body: Any, whole: Callable[[Any], bool]) -> Answer:
        """An answer to believe. A token that is refused, or lacks the right, is replaced once."""
        url, data = self.env["GSL_BASE_URL"] + path, None if body is None else json.dumps(body).encode()
        answer = self.persist(lambda: self.send(method, url, self.headers(data), data), whole)
        if self.wants_token(answer):
            self.state["token"] = ""
            answer = self.persist(lambda: self.send(method, url, self.headers(data), data), whole)
        return answer

    def wants_token(self, answer: Answer) -> bool:
        return answer.status == 401 or (answer.status == 403 and b"scope" in answer.body.lower())

    def headers(self, data: bytes | None) -> dict[str, str]:
        kind = {} if data is None else {"Content-Type": "application/json"}
        return {"Authorization": f"Bearer {self.token()}", **kind}

    def token(self) -> str:
        """The token that is stored, or another one when that is over."""
        if not self.has_token():
            given = self.expect(self.persist(self.ask_for_token, is_token), "the token")
            self.state.update(token=given["access_token"], ends=self.clock() + self.life(given))
        return str(self.state["token"])

    def life(self, given: Mapping[str, Any]) -> float:
        """Seconds for which a token is good. Where the answer does not say it, a 401 will."""
        return float(given.get("expires_in", DAY))

    def has_token(self) -> bool:
        return bool(self.state["token"]) and self.clock() < self.state["ends"] - 60

    def ask_for_token(self) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", self.env["GSL_TOKEN_URL"], headers, urlencode(self.credentials()).encode())

    def credentials(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.env["GSL_CLIENT_ID"],
            "client_secret": self.env["GSL_CLIENT_SECRET"],
            "scope": self.env["GSL_SCOPE"],
        }

    def expect(self, answer: Answer, what: str) -> Any:
        """The JSON of a good answer."""
        if answer.status != 200:
            raise Failure(f"{what}: answered with status {answer.status}")
        return answer.value

    def persist(self, send: Callable[[], Answer], whole: Callable[[Any], bool]) -> Answer:
        """Repeats a call that fails, a few times, later each time."""
        turn = 0
        while self.is_failure(answer := send(), whole):
            pause = self.pause(answer, turn)
            if pause is None or turn >= self.most_repetitions():
                raise Failure(f"given up after {turn + 1} tries, the last answer had status {answer.status}")
            if self.stop.wait(pause):
                raise Failure("stopped")
            turn += 1
        return answer

    def most_repetitions(self) -> int:
        return REPETITIONS

    def is_failure(self, answer: Answer, whole: Callable[[Any], bool]) -> bool:
        """Whether another try may be answered better: no answer, a busy server, or a body that cannot be believed."""
        if answer.status in (0, 429) or answer.status >= 500:
            return True
        if answer.status == 404:
            return not isinstance(answer.value, dict)
        return answer.status == 200 and not whole(answer.value)

    def pause(self, answer: Answer, turn: int) -> float | None:
        """Seconds until the next try; None when that is longer than a run should take."""
        wait = self.told_wait(answer)
        if wait is None:
            return 0.1 * float(3**turn)
        return wait if wait <= LONGEST_WAIT else None

    def told_wait(self, answer: Answer) -> float | None:
        """Retry-After in seconds; a date is compared with that of the same answer."""
        told = answer.headers.get("retry-after", "")
        if told.isdecimal():
            return float(told)
        try:
            wait = parsedate_to_datetime(told) - parsedate_to_datetime(answer.headers.get("date", ""))
        except (TypeError, ValueError):
            return None
        return max(wait.total_seconds(), 0.0) + 0.05

    def send(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None) -> Answer:
        own = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        try:
            with self.opener.open(Request(url, data, own, method=method), timeout=10) as answer:
                return self.whole(answer.status, lower(answer.headers), answer.read())
        except HTTPError as error:
            with error:
                return self.refusal(error)
        except (OSError, HTTPException, EOFError):
            return Answer(0, {}, b"")

    def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer with its body as it was before it was compressed."""
        return Answer(status, headers, gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body)

    def refusal(self, error: HTTPError) -> Answer:
        try:
            return self.whole(error.code, lower(error.headers), error.read())
        except (OSError, HTTPException, EOFError):
            return Answer(0, {}, b"")


def moment(lead: Mapping[str, Any]) -> float:
    """When a lead was created; 0 when that cannot be read."""
    try:
        return datetime.fromisoformat(lead["leadMetaInfos"]["creationDate"]).timestamp()
    except ValueError:
        return 0.0


def three_years_after(moment: float) -> float:
    """The end of a lead that does not tell its own; in a year without the day, as long as it may be at all."""
    day = datetime.fromtimestamp(moment, UTC)
    try:
        return day.replace(year=day.year + 3).timestamp()
    except ValueError:
        return moment + RETENTION


def lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def write(file: Path, text: str) -> None:
    """All of it or nothing."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, file)


def main(environment: Mapping[str, str], stop: threading.Event | None = None) -> int:
    """Runs once; the exit code."""
    return Client(environment, stop).run()


if __name__ == "__main__":
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    sys.exit(main(os.environ, stopped))
