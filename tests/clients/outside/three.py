"""A CRM's nightly import from all three portals in one process, with requests and urllib3's own retries.

Each portal is a source of its own: one that fails is reported and does not stop the others. A 403 is final. Only the
portals that are configured take part.
"""

import json
import logging
import os
import sqlite3
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlparse

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

log = logging.getLogger("crm.import")
WEEK = timedelta(days=7)
THREE_YEARS = timedelta(days=1096)
RETRY = Retry(
    total=4,
    backoff_factor=0.4,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,
    redirect=0,
    raise_on_status=False,
)


class SourceFailed(Exception):
    """A portal could not be read to the end."""


@dataclass(frozen=True)
class Enquiry:
    """A lead in the form of the CRM."""

    key: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    message: str | None = None
    expires: float | None = None


class Source(ABC):
    name: ClassVar[str]
    history: ClassVar[timedelta] = THREE_YEARS

    def __init__(self, store: "Store", now: datetime) -> None:
        self.store, self.now = store, now
        self.env = {key.partition("_")[2]: value for key, value in os.environ.items() if key.startswith(self.prefix)}
        self.http = requests.Session()
        self.http.mount("http://", HTTPAdapter(max_retries=RETRY))
        self.http.headers["User-Agent"] = "CRM-Import/7.0 requests/2 python/3"

    @property
    def prefix(self) -> str:
        return f"{self.name.upper()}_"

    @property
    def is_configured(self) -> bool:
        return "BASE_URL" in self.env

    @abstractmethod
    def read(self, since: datetime | None) -> Iterator[Enquiry]:
        """Every enquiry of the time since then."""

    def json(self, method: str, url: str, **options: Any) -> tuple[int, Mapping[str, Any]]:
        """Status and body; an answer that is no JSON object is asked for three times."""
        for attempt in range(3):
            try:
                answer = self.http.request(method, url, timeout=30, allow_redirects=False, **options)
                body = answer.json()
                if isinstance(body, dict):
                    return answer.status_code, body
            except (requests.RequestException, ValueError) as error:
                log.warning("%s: attempt %d: %s", self.name, attempt + 1, type(error).__name__)
            time.sleep(0.5 * 2**attempt)
        raise SourceFailed("no answer that makes sense")


class BearerSource(Source):
    """A portal with OAuth2 client credentials."""

    def grant(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.env["CLIENT_ID"],
            "client_secret": self.env["CLIENT_SECRET"],
        }

    def bearer(self) -> str:
        token, ends = self.store.token(self.name)
        if token is None or ends < self.now.timestamp() + 300:
            status, body = self.json("POST", self.env["TOKEN_URL"], data=self.grant())
            if status != 200:
                raise SourceFailed(f"the token was refused: {status} {body.get('error', '')}")
            token = str(body["access_token"])
            self.store.set_token(self.name, token, self.now.timestamp() + int(body.get("expires_in") or 3600))
        return token

    def call(self, method: str, path: str, **options: Any) -> tuple[int, Mapping[str, Any]]:
        for _ in range(3):
            headers = {"Authorization": f"Bearer {self.bearer()}"}
            status, body = self.json(method, self.env["BASE_URL"] + path, headers=headers, **options)
            if status != 401:
                break
            self.store.set_token(self.name, None, 0)
        if status in (401, 403):
            raise SourceFailed(f"{path}: {status}, please check the contract")
        return status, body


class Apimo(Source):
    name = "apimo"

    def read(self, since: datetime | None) -> Iterator[Enquiry]:
        url = f"{self.env['BASE_URL']}/agencies/{self.env['AGENCY_ID']}/leads"
        query = {"limit": 1000, "offset": 0} | ({} if since is None else {"timestamp": int(since.timestamp())})
        while True:
            status, page = self.json("GET", url, params=query, auth=(self.env["PROVIDER"], self.env["TOKEN"]))
            if status != 200 or "leads" not in page:
                raise SourceFailed(f"leads: {status}")
            yield from map(self.enquiry, page["leads"])
            query["offset"] += len(page["leads"])
            if not page["leads"] or query["offset"] >= page["total_items"]:
                return

    @staticmethod
    def enquiry(lead: Mapping[str, Any]) -> Enquiry:
        name = " ".join(part for part in (lead.get("firstname"), lead.get("lastname")) if part)
        phone = lead.get("phone") or lead.get("mobile")
        return Enquiry(str(lead["id"]), name, lead.get("email"), phone, lead.get("message"))


class Gsl(BearerSource):
    name = "gsl"

    def grant(self) -> dict[str, str]:
        return super().grant() | {"scope": self.env["SCOPE"]}

    def read(self, since: datetime | None) -> Iterator[Enquiry]:
        begin = since or self.now - self.history
        period = {"StartDate": int(begin.timestamp()), "EndDate": int((self.now + WEEK).timestamp())}
        for kind in ("classifieds", "agencies", "estimations", "projects"):
            key, renewed = None, False
            while True:
                paging = {"Limit": 100} | ({"LastItemKey": key} if key else {})
                body = {"SearchCriteria": period, "Pagination": paging}
                status, page = self.call("POST", f"/v2/leads/{kind}", json=body)
                if status == 400 and key and not renewed:
                    key, renewed = None, True
                    continue
                if status != 200 and status != 404:
                    raise SourceFailed(f"{kind}: {status}")
                data = page.get("Data") or {}
                yield from map(self.enquiry, data.get("Items") or [])
                key = data.get("LastItemKey")
                if not key:
                    break

    @staticmethod
    def enquiry(lead: Mapping[str, Any]) -> Enquiry:
        meta, contact = lead["leadMetaInfos"], lead.get("contactRequest") or {}
        person = contact.get("personContact", contact) or {}
        details = (person.get("fullName"), person.get("email"), person.get("phoneNumber"), contact.get("message"))
        return Enquiry(meta["leadId"], *details, meta.get("timeToLive"))


class Seeker(BearerSource):
    name = "seeker"

    def grant(self) -> dict[str, str]:
        return super().grant() | {"audience": self.env["AUDIENCE"]}

    def read(self, since: datetime | None) -> Iterator[Enquiry]:
        begin, end = since or self.now - self.history, self.now + timedelta(hours=1)
        while begin < end:
            yield from self.week(begin, min(begin + WEEK, end))
            begin += WEEK

    def week(self, begin: datetime, end: datetime) -> Iterator[Enquiry]:
        query: dict[str, Any] = {"minDate": int(begin.timestamp()), "maxDate": int(end.timestamp()), "limit": 100}
        while True:
            status, page = self.call("GET", "/leads", params=query)
            if status == 404:
                return
            if status not in (200, 206):
                raise SourceFailed(f"leads: {status}")
            yield from map(self.enquiry, page["items"])
            start = parse_qs(urlparse((page.get("links") or {}).get("next") or "").query).get("start", [None])[0]
            if start is None and status == 206:
                start = page["items"][-1]["metadata"]["leadId"]
            if start is None:
                return
            query["start"] = start

    @staticmethod
    def enquiry(lead: Mapping[str, Any]) -> Enquiry:
        meta, contact = lead["metadata"], lead.get("contactRequest") or {}
        name = " ".join(part for part in (contact.get("firstName"), contact.get("lastName")) if part)
        numbers = [phone["number"] for phone in contact.get("phoneNumbers") or [] if phone.get("number")]
        phone = numbers[0] if numbers else None
        return Enquiry(meta["leadId"], name, contact.get("email"), phone, contact.get("message"), meta.get("TTL"))


class Store:
    """The CRM's tables."""

    def __init__(self, path: Path) -> None:
        self.sql = sqlite3.connect(path, isolation_level=None)
        self.sql.execute("PRAGMA journal_mode = WAL")
        columns = "source, key, name, email, phone, message, expires"
        self.sql.execute(f"CREATE TABLE IF NOT EXISTS enquiry ({columns}, PRIMARY KEY (source, key))")
        self.sql.execute("CREATE TABLE IF NOT EXISTS source (name PRIMARY KEY, since, token, token_ends)")

    def since(self, source: str) -> datetime | None:
        row = self.sql.execute("SELECT since FROM source WHERE name = ?", (source,)).fetchone()
        return datetime.fromtimestamp(row[0], UTC) if row and row[0] else None

    def token(self, source: str) -> tuple[str | None, float]:
        row = self.sql.execute("SELECT token, token_ends FROM source WHERE name = ?", (source,)).fetchone()
        return (row[0], row[1] or 0) if row else (None, 0)

    def set_token(self, source: str, token: str | None, ends: float) -> None:
        self.sql.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", (source,))
        self.sql.execute("UPDATE source SET token = ?, token_ends = ? WHERE name = ?", (token, ends, source))

    def take(self, source: str, enquiries: list[Enquiry], now: datetime) -> None:
        """Stores all that was read with the moment of the reading, in one transaction."""
        self.sql.execute("BEGIN")
        rows = [(source, e.key, e.name, e.email, e.phone, e.message, e.expires) for e in enquiries]
        self.sql.executemany("INSERT OR REPLACE INTO enquiry VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self.sql.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", (source,))
        self.sql.execute("UPDATE source SET since = ? WHERE name = ?", (now.timestamp(), source))
        self.sql.execute("COMMIT")

    def prune(self, now: datetime) -> None:
        self.sql.execute("DELETE FROM enquiry WHERE expires <= ?", (now.timestamp(),))

    def export(self, path: Path) -> None:
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            query = "SELECT source, key, name, email, phone, message FROM enquiry ORDER BY source, key"
            for row in self.sql.execute(query):
                members = zip(("provider", "id", "name", "email", "phone", "message"), row, strict=True)
                file.write(json.dumps({name: value for name, value in members if value}) + "\n")
        draft.replace(path)


def main() -> int:
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
    now = datetime.fromisoformat(os.environ["MOCKSERVER_NOW"].replace("Z", "+00:00"))
    store = Store(Path(os.environ["MOCKSERVER_STATE_DIR"]) / "crm.db")
    failed = 0
    with closing(store.sql):
        for source in (Apimo(store, now), Gsl(store, now), Seeker(store, now)):
            if not source.is_configured:
                continue
            last = store.since(source.name)
            try:
                store.take(source.name, list(source.read(last and last - WEEK)), now)
            except SourceFailed as failure:
                log.error("%s: %s", source.name, failure)
                failed += 1
        store.prune(now)
        store.export(Path(os.environ["MOCKSERVER_OUTCOME"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
