"""Reads the four GSL lists side by side with asyncio and httpx, in windows of ninety days; the state is one JSON file.

The token lives in the state file. Text is stored in NFC. A 403 is final: somebody has to look at the contract.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
import time
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

LISTS = ("classifieds", "agencies", "estimations", "projects")
WINDOW = timedelta(days=90)
HISTORY = timedelta(days=3 * 365 + 1)
OVERLAP = timedelta(days=1)
SOON = timedelta(hours=6)
"""Leads may be dated a little ahead of this clock, so windows end later than now."""


class GiveUp(Exception):
    """The provider did not let this run finish."""


class Expired(Exception):
    """The search has to begin again."""


@dataclass
class State:
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    read_until: float | None = None
    token: str | None = None
    token_ends: float = 0.0


class Clock:
    """Follows the given moment from the start of the process on."""

    def __init__(self, start: str) -> None:
        self._start = datetime.fromisoformat(start.replace("Z", "+00:00"))
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)


class Client:
    def __init__(self, http: httpx.AsyncClient, env: Mapping[str, str], state: State, clock: Clock) -> None:
        self.http, self.env, self.state, self.clock = http, env, state, clock
        self._token_lock = asyncio.Lock()
        self._closed_until = 0.0

    async def request(self, method: str, url: str, *, authorized: bool = True, **options: Any) -> httpx.Response:
        """One answer that is whole and no passing failure; a dead token is replaced up to twice."""
        fresh_tokens = 0
        failures = 0
        while True:
            headers = {"Authorization": f"Bearer {await self.token()}"} if authorized else {}
            trouble, wait = "", 0.25 * 2**failures * (1 + random.random() / 4)
            while (rest := self._closed_until - time.monotonic()) > 0:
                await asyncio.sleep(rest)
            try:
                response = await self.http.request(method, url, headers=headers, **options)
            except httpx.TransportError as error:
                trouble = type(error).__name__
            else:
                if authorized and response.status_code == 401 and fresh_tokens < 2:
                    fresh_tokens += 1
                    await self.forget_token(headers["Authorization"])
                    continue
                if response.status_code in (401, 403):
                    raise GiveUp(f"{method} {response.url.path}: refused with {response.status_code}")
                if response.status_code == 429 or response.status_code >= 500:
                    trouble, wait = f"status {response.status_code}", retry_after(response, wait)
                    if "retry-after" in response.headers:
                        self._closed_until = time.monotonic() + min(wait, 30)
                elif not isinstance(document(response), dict):
                    trouble = "an answer that is no JSON object"
                else:
                    return response
            failures += 1
            if failures == 4 or wait > 8:
                raise GiveUp(f"{method} {url}: {trouble}")
            await asyncio.sleep(wait)

    async def token(self) -> str:
        async with self._token_lock:
            if self.state.token is None or self.state.token_ends < self.clock.now().timestamp() + 60:
                answer = await self.request(
                    "POST",
                    self.env["GSL_TOKEN_URL"],
                    authorized=False,
                    data={"grant_type": "client_credentials", "scope": self.env["GSL_SCOPE"]},
                    auth=(self.env["GSL_CLIENT_ID"], self.env["GSL_CLIENT_SECRET"]),
                )
                grant = answer.json()
                if answer.status_code != 200 or not grant.get("access_token"):
                    raise GiveUp(f"no token: status {answer.status_code}")
                self.state.token = str(grant["access_token"])
                lifetime = float(grant.get("expires_in") or 3600)
                self.state.token_ends = self.clock.now().timestamp() + lifetime
            return self.state.token

    async def forget_token(self, header: str) -> None:
        async with self._token_lock:
            if header == f"Bearer {self.state.token}":
                self.state.token = None

    async def search(self, kind: str, start: datetime, end: datetime) -> AsyncIterator[dict[str, Any]]:
        key: str | None = None
        while True:
            body: dict[str, Any] = {
                "SearchCriteria": {"StartDate": int(start.timestamp()), "EndDate": int(end.timestamp())},
                "Pagination": {"Limit": 100},
            }
            if key:
                body["Pagination"]["LastItemKey"] = key
            answer = await self.request("POST", f"{self.env['GSL_BASE_URL']}/v2/leads/{kind}", json=body)
            if answer.status_code == 404:
                return
            if answer.status_code == 400 and key:
                raise Expired(kind)
            if answer.status_code != 200:
                raise GiveUp(f"{kind}: status {answer.status_code}")
            data = answer.json().get("Data")
            if not isinstance(data, dict) or not isinstance(data.get("Items"), list):
                raise GiveUp(f"{kind}: an answer without Data.Items")
            for item in data["Items"]:
                yield item
            key = data.get("LastItemKey")
            if not key:
                return


def document(response: httpx.Response) -> Any:
    if "json" not in response.headers.get("content-type", ""):
        return None
    try:
        return response.json()
    except ValueError:
        return None


def retry_after(response: httpx.Response, otherwise: float) -> float:
    value = response.headers.get("retry-after")
    if value is None:
        return otherwise
    with contextlib.suppress(ValueError):
        return float(value)
    with contextlib.suppress(ValueError, KeyError):
        return max(
            0.0, (parsedate_to_datetime(value) - parsedate_to_datetime(response.headers["date"])).total_seconds()
        )
    return otherwise


def windows(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Splits a time into windows that meet at their edges."""
    found = []
    while start < end:
        found.append((start, min(start + WINDOW, end)))
        start += WINDOW
    return found


def convert(item: Mapping[str, Any]) -> dict[str, Any]:
    """Our own form of a lead, with NFC text and a date of deletion."""
    meta = item["leadMetaInfos"]
    contact = item.get("contactRequest") or {}
    person = contact.get("personContact") or contact
    texts = {
        "name": person.get("fullName"),
        "email": person.get("email"),
        "phone": person.get("phoneNumber"),
        "message": contact.get("message"),
    }
    lead = {key: unicodedata.normalize("NFC", text) for key, text in texts.items() if text}
    return lead | {"id": meta["leadId"], "seeker": meta.get("seekerID"), "delete_after": deletion(meta)}


def deletion(meta: Mapping[str, Any]) -> float | None:
    if isinstance(meta.get("timeToLive"), int | float) and meta["timeToLive"] > 0:
        return float(meta["timeToLive"])
    try:
        created = datetime.fromisoformat(str(meta.get("creationDate")).replace("Z", "+00:00"))
    except ValueError:
        return None
    return (created + HISTORY).timestamp()


async def read_list(client: Client, kind: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    leads: list[dict[str, Any]] = []
    for first, last in windows(start, end):
        try:
            leads += [convert(item) async for item in client.search(kind, first, last)]
        except Expired:
            leads += [convert(item) async for item in client.search(kind, first, last)]
    return leads


async def synchronize(client: Client) -> None:
    state, now = client.state, client.clock.now()
    start = now - HISTORY if state.read_until is None else datetime.fromtimestamp(state.read_until, UTC) - OVERLAP
    results = await asyncio.gather(
        *(read_list(client, kind, start, now + SOON) for kind in LISTS), return_exceptions=True
    )
    failure: BaseException | None = None
    for result in results:
        if isinstance(result, BaseException):
            failure = failure or result
            continue
        state.leads.update({lead["id"]: lead for lead in result})
    if failure is not None:
        raise failure
    state.read_until = now.timestamp()


def prune(state: State, now: datetime) -> None:
    over = [key for key, lead in state.leads.items() if (lead["delete_after"] or 1e18) < now.timestamp()]
    for key in over:
        del state.leads[key]


def write(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


async def main() -> int:
    env = os.environ
    file = Path(env["MOCKSERVER_STATE_DIR"]) / "gsl.json"
    state = State(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else State()
    clock = Clock(env["MOCKSERVER_NOW"])
    code = 0
    async with httpx.AsyncClient(timeout=30, headers={"User-Agent": "mandataire/0.9 httpx/0.28 python/3.11"}) as http:
        try:
            await synchronize(Client(http, env, state, clock))
        except (GiveUp, Expired) as failure:
            sys.stderr.write(f"error: {failure}\n")
            code = 1
    prune(state, clock.now())
    write(file, json.dumps(asdict(state), ensure_ascii=False))
    shown = ("id", "name", "email", "phone", "message")
    lines = [json.dumps({key: lead[key] for key in shown if key in lead}) for lead in state.leads.values()]
    write(Path(env["MOCKSERVER_OUTCOME"]), "".join(f"{line}\n" for line in lines))
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
