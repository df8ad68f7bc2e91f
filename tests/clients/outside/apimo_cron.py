"""Imports the leads of one Apimo agency into SQLite; a cron job runs it every few minutes.

It uses the standard library alone. Each run asks for a week more than it needs, so that nothing is missed at the seams.
"""

import base64
import email.utils
import http.client
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

PAGE = 150
WEEK = 7 * 86_400
ATTEMPTS = 4
PATIENCE = 10.0
"""The most seconds that this job sleeps between two attempts; the next run comes soon enough."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS lead (
    id TEXT PRIMARY KEY, parent TEXT, updated TEXT, name TEXT, email TEXT, phone TEXT, message TEXT, raw TEXT
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT);
"""


class ImportFailed(Exception):
    """The list could not be read to its end; nothing of this run is stored as known."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirects)


def main() -> int:
    """Runs the import once, and returns the exit code for cron."""
    database = sqlite3.connect(Path(os.environ["MOCKSERVER_STATE_DIR"]) / "leads.sqlite3")
    database.executescript(SCHEMA)
    try:
        synchronize(database, os.environ["APIMO_AGENCY_ID"])
    except ImportFailed as failure:
        sys.stderr.write(f"apimo import failed: {failure}\n")
        return 1
    else:
        return 0
    finally:
        export(database, Path(os.environ["MOCKSERVER_OUTCOME"]))
        database.close()


def synchronize(database: sqlite3.Connection, agency: str) -> None:
    """Fetches what was created or updated since the last good run, and commits it as one transaction."""
    row = database.execute("SELECT value FROM setting WHERE name = 'since'").fetchone()
    since = int(row[0]) if row else None
    with database:
        newest = 0
        for lead, stamp in fetch_all(agency, since):
            store(database, lead)
            newest = max(newest, stamp)
        if newest:
            database.execute("INSERT OR REPLACE INTO setting VALUES ('since', ?)", (str(max(newest, since or 0)),))


def fetch_all(agency: str, since: int | None) -> list[tuple[dict[str, Any], int]]:
    """Every lead of the list with the timestamp of its page; begins again when the list shifted meanwhile."""
    for _ in range(3):
        leads, shifted = read_list(agency, since)
        if not shifted:
            return leads
    return leads


def read_list(agency: str, since: int | None) -> tuple[list[tuple[dict[str, Any], int]], bool]:
    leads: list[tuple[dict[str, Any], int]] = []
    first_total: int | None = None
    shifted = False
    offset = 0
    while True:
        query = {"limit": PAGE, "offset": offset}
        if since is not None:
            query["timestamp"] = max(0, since - WEEK)
        page = get(f"/agencies/{agency}/leads?{urllib.parse.urlencode(query)}")
        total = page["total_items"]
        if first_total is None:
            first_total = total
        shifted = shifted or total != first_total
        leads += [(lead, page["timestamp"] or 0) for lead in page["leads"]]
        offset += PAGE
        if len(page["leads"]) < PAGE:
            return leads, shifted


def get(path: str) -> Any:
    """One page, after up to four attempts."""
    for attempt in range(1, ATTEMPTS + 1):
        reason, wait = "", 0.3 * 2**attempt
        try:
            return once(path)
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in (408, 429) and error.code < 500:
                    raise ImportFailed(f"GET {path}: HTTP {error.code}") from error
                reason = f"HTTP {error.code}"
                wait = asked_wait(error.headers.get("Retry-After"), error.headers.get("Date"), wait)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
        if attempt == ATTEMPTS or wait > PATIENCE:
            break
        time.sleep(wait)
    raise ImportFailed(f"GET {path}: {reason}")


def once(path: str) -> Any:
    secret = f"{os.environ['APIMO_PROVIDER']}:{os.environ['APIMO_TOKEN']}".encode()
    headers = {
        "Authorization": "Basic " + base64.b64encode(secret).decode(),
        "Accept": "application/json",
        "User-Agent": "AgenceImport/2.3 (+https://agence.example)",
    }
    request = urllib.request.Request(os.environ["APIMO_BASE_URL"] + path, headers=headers)
    with OPENER.open(request, timeout=30) as answer:
        if not answer.headers.get_content_type().endswith("json"):
            raise ValueError(f"the answer is {answer.headers.get_content_type()}")
        page = json.loads(answer.read().decode("utf-8"))
    if not isinstance(page, dict) or not isinstance(page.get("leads"), list) or "total_items" not in page:
        raise ValueError("the answer is no list of leads")
    return page


def asked_wait(retry_after: str | None, date: str | None, otherwise: float) -> float:
    """The seconds that Retry-After asks for; a date counts from that of the answer."""
    if not retry_after:
        return otherwise
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after)
        now = email.utils.parsedate_to_datetime(date) if date else datetime.now(until.tzinfo)
    except ValueError:
        return otherwise
    return max(0.0, (until - now).total_seconds())


def store(database: sqlite3.Connection, lead: dict[str, Any]) -> None:
    name = " ".join(part for part in (lead.get("firstname"), lead.get("lastname")) if part)
    phone = lead.get("mobile") or lead.get("phone") or None
    database.execute(
        "INSERT OR REPLACE INTO lead VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(lead["id"]),
            str(lead["parent"]) if lead.get("parent") else None,
            lead.get("updated_at"),
            name or None,
            lead.get("email") or None,
            phone,
            lead.get("message") or None,
            json.dumps(lead, ensure_ascii=False),
        ),
    )


def export(database: sqlite3.Connection, target: Path) -> None:
    """Writes what the CRM reads next, whole or not at all."""
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for row in database.execute("SELECT id, parent, name, email, phone, message FROM lead ORDER BY id"):
            line = dict(zip(("id", "parent", "name", "email", "phone", "message"), row, strict=True))
            file.write(json.dumps({key: value for key, value in line.items() if value is not None}) + "\n")
    part.replace(target)


if __name__ == "__main__":
    sys.exit(main())
