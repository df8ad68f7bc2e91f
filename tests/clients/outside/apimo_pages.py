"""Mirrors the leads of an Apimo agency by page numbers, with httpx and a rest of a second between calls.

Pages overlap by some records, so a list that shifts while it is read loses nothing. Text is stored in NFC.
"""

import json
import os
import sys
import time
import unicodedata
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

SIZE = 200
STEP = 180
"""Records from the beginning of one page to that of the next: twenty are read twice."""
REST = 1.0
A_DAY = 86_400


class ApimoError(RuntimeError):
    """Apimo did not give what was asked for."""


class Apimo:
    def __init__(self, agency: str) -> None:
        self.path = f"/agencies/{agency}/leads"
        self.calls = 0
        self.client = httpx.Client(
            base_url=os.environ["APIMO_BASE_URL"],
            auth=(os.environ["APIMO_PROVIDER"], os.environ["APIMO_TOKEN"]),
            headers={"user-agent": "miroir/1.0 (httpx)", "accept": "application/json"},
            timeout=httpx.Timeout(25.0, connect=5.0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def pages(self, since: int | None) -> Iterator[dict[str, Any]]:
        number = 0
        while True:
            query = {"limit": SIZE, "offset": number * STEP} | ({} if since is None else {"timestamp": since})
            page = self.page(query)
            yield page
            if len(page["leads"]) < SIZE:
                return
            number += 1

    def page(self, query: dict[str, int]) -> dict[str, Any]:
        problem = "nothing was tried"
        for pause in (1.0, 2.0, 4.0, None):
            if self.calls:
                time.sleep(REST)
            self.calls += 1
            try:
                response = self.client.get(self.path, params=query)
                if response.status_code == 200:
                    return self.checked(response)
                problem = f"status {response.status_code}"
                if response.status_code < 500 and response.status_code != 429:
                    break
                pause = self.advised(response, pause)
            except (httpx.HTTPError, ValueError) as error:
                problem = repr(error)
            if pause is None or pause > 15:
                break
            time.sleep(pause)
        raise ApimoError(f"{self.path}: {problem}")

    @staticmethod
    def checked(response: httpx.Response) -> dict[str, Any]:
        content = response.json()
        if not isinstance(content, dict) or not isinstance(content.get("leads"), list):
            raise ValueError("no list of leads")
        return content

    @staticmethod
    def advised(response: httpx.Response, pause: float | None) -> float | None:
        """The pause that the answer asks for, or the usual one; none after the last attempt."""
        header = response.headers.get("retry-after")
        if pause is None or header is None:
            return pause
        if header.isdigit():
            return float(header)
        try:
            then, now = (parsedate_to_datetime(text) for text in (header, response.headers["date"]))
        except (ValueError, KeyError):
            return pause
        return (then - now).total_seconds()


class Mirror:
    """The leads on disk."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "mirror.json"
        content = json.loads(self.file.read_bytes()) if self.file.is_file() else {}
        self.stamp: int | None = content.get("stamp")
        self.leads: dict[str, dict[str, str]] = content.get("leads", {})

    def update(self, lead: dict[str, Any]) -> None:
        texts = {
            "name": f"{lead.get('firstname') or ''} {lead.get('lastname') or ''}".strip(),
            "email": lead.get("email"),
            "phone": lead.get("phone") or lead.get("mobile"),
            "message": lead.get("message"),
        }
        tidy = {member: unicodedata.normalize("NFC", text) for member, text in texts.items() if text}
        self.leads[str(lead["id"])] = {"id": str(lead["id"]), **tidy}

    def save(self, outcome: Path) -> None:
        write(self.file, json.dumps({"stamp": self.stamp, "leads": self.leads}, ensure_ascii=False))
        write(outcome, "".join(json.dumps(lead, ensure_ascii=False) + "\n" for lead in self.leads.values()))


def write(path: Path, text: str) -> None:
    """Replaces a file by a whole one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def main() -> int:
    mirror = Mirror(Path(os.environ["MOCKSERVER_STATE_DIR"]))
    status = 0
    try:
        with Apimo(os.environ["APIMO_AGENCY_ID"]) as apimo:
            stamps: list[int] = []
            for page in apimo.pages(None if mirror.stamp is None else mirror.stamp - A_DAY):
                for lead in page["leads"]:
                    mirror.update(lead)
                if page["timestamp"] is not None:
                    stamps.append(page["timestamp"])
            mirror.stamp = max([*stamps, *([mirror.stamp] if mirror.stamp else [])], default=None)
    except ApimoError as error:
        sys.stderr.write(f"miroir: {error}\n")
        status = 1
    mirror.save(Path(os.environ["MOCKSERVER_OUTCOME"]))
    return status


if __name__ == "__main__":
    sys.exit(main())
