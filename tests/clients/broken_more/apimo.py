"""Clients of Apimo with one bug each."""

import html
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from tests.clients.apimo import Answer, Client, Failure, Lead, Page
from tests.clients.broken_more.case import Table

CLIENTS = Table("apimo")


@CLIENTS.breaks("SYNC-02")
class AsksInMilliseconds(Client):
    """Takes `Date.now()` for a UNIX timestamp in the runs after the first one."""

    def since(self) -> int | None:
        since = super().since()
        return None if since is None else since * 1000


@CLIENTS.breaks("SYNC-02", "boundary-second", "plain")
class TakesParisForUtc(Client):
    """Goes on from the newest `updated_at`, read as if it were in UTC."""

    def advance(self, pages: list[Page]) -> None:
        stamps = [lead["updated_at"] for page in pages for lead in page.leads.values()]
        if stamps:
            newest = datetime.fromisoformat(max(stamps)).replace(tzinfo=UTC)
            self.state["sync"] = int(newest.timestamp())

    def since(self) -> int | None:
        since: int | None = self.state["sync"]
        return since


@CLIENTS.breaks("SYNC-02")
class AsksFromTheEndOfTheDay(Client):
    """Rounds its last run up to the next midnight, since it is run once a day anyway."""

    def since(self) -> int | None:
        sync: int | None = self.state["sync"]
        return None if sync is None else sync - sync % 86_400 + 86_400


@CLIENTS.breaks("WRITE-01")
class NamesALeadAtEachAttempt(Client):
    """Has a POST repeated as a GET is, each time with a reference made of the time."""

    attempts = 0

    def may_pass(self, failure: Failure, method: str) -> bool:
        return super().may_pass(failure, "GET")

    def send(self, method: str, path: str, body: Any) -> Answer:
        if method == "POST":
            self.attempts += 1
            body["reference"] += f"-{self.attempts}"
        return super().send(method, path, body)


@CLIENTS.breaks("WRITE-01")
class PostsTwiceToBeSure(Client):
    """Sends a lead once more when no answer came, under a new reference, since the old one might be taken."""

    def create(self) -> Failure | None:
        failure = super().create()
        if failure is not None and failure.status == 0:
            self.state["outbox"]["reference"] += "-2"
            return super().create()
        return failure


@CLIENTS.breaks("WRITE-02")
class PutsTheDocumentedHalf(Client):
    """Sends back the members that it has a form field for, and no criteria or addresses."""

    def changed(self, lead: Lead) -> dict[str, Any]:
        body = super().changed(lead)
        return {name: body[name] for name in ("reference", "type", "lastname", "firstname", "step") if name in body}


@CLIENTS.breaks("FAULT-08", "forbidden-in-a-later-run")
class DeletesAllThatIsForbidden(Client):
    """Deletes what it holds at a 403, since the agency has left."""

    def report(self, failure: Failure) -> int:
        if failure.status == 403:
            self.state["leads"].clear()
        return super().report(failure)


@CLIENTS.breaks("FAULT-08")
class DeletesWhatItDoesNotSee(Client):
    """Begins with an empty store, whatever comes of the run."""

    def crawl(self) -> dict[str, Lead]:
        self.state["leads"] = {}
        self.state["sync"] = None
        return super().crawl()


@CLIENTS.breaks("RUN-03", "plain")
class KnowsPeopleByTheirAddress(Client):
    """Has one record for each e-mail address; a second enquiry replaces the first one."""

    def lines(self) -> list[dict[str, Any]]:
        return list({row["email"] or row["id"]: row for row in super().lines()}.values())


@CLIENTS.breaks("RUN-03", "plain")
class KnowsPeopleByTheirNumber(Client):
    """Has one record for each telephone number, and one for all who have none."""

    def lines(self) -> list[dict[str, Any]]:
        return list({row["phone"]: row for row in super().lines()}.values())


@CLIENTS.breaks("RUN-03", "plain")
class MirrorsTheLastAnswer(Client):
    """Holds what the last run was shown, and nothing else."""

    def crawl(self) -> dict[str, Lead]:
        self.state["leads"] = {}
        return super().crawl()


@CLIENTS.breaks("RUN-02", "plain")
class CrashesAtTheEnd(Client):
    """Ends with a KeyError in its last line."""

    def run(self) -> int:
        super().run()
        code: int = self.state["exit_code"]
        return code


@CLIENTS.breaks("RUN-03", "plain")
class WritesOneLineOfAllLeads(Client):
    """Overwrites its outcome with each lead."""

    def run(self) -> int:
        code = super().run()
        outcome = Path(self.environment["MOCKSERVER_OUTCOME"])
        outcome.write_text(outcome.read_text(encoding="utf-8").splitlines()[-1] + "\n", encoding="utf-8")
        return code


@CLIENTS.breaks("TOLERANCE-04")
class KnowsLatinLetters(Client):
    """Stores text in a column of Latin-1."""

    def row(self, lead: Lead) -> dict[str, Any]:
        row = super().row(lead)
        return {**row, "message": row["message"].encode("latin-1", "replace").decode("latin-1")}


@CLIENTS.breaks("TOLERANCE-04")
class EscapesForHtml(Client):
    """Escapes what people wrote when it is stored, not when it is shown."""

    def row(self, lead: Lead) -> dict[str, Any]:
        row = super().row(lead)
        return {**row, "message": html.escape(row["message"]), "name": html.escape(row["name"])}


@CLIENTS.breaks("TOLERANCE-04")
class CutsNames(Client):
    """Has a column of twenty characters for names."""

    def row(self, lead: Lead) -> dict[str, Any]:
        row = super().row(lead)
        return {**row, "name": row["name"][:20]}


@CLIENTS.breaks("FAULT-01", "quota-reached")
class WaitsAtLeastHalfAsLong(Client):
    """Waits half the time that it is asked for, to be quick."""

    def retry_after(self, answer: Answer) -> float | None:
        asked = super().retry_after(answer)
        return None if asked is None else asked / 2


@CLIENTS.breaks("FAULT-05")
class LooksAtNoStatus(Client):
    """Reads `leads` of whatever came: an error has none."""

    def check(self, answer: Answer) -> Answer:
        return answer

    def read_page(self, answer: Answer) -> Page:
        try:
            leads = json.loads(answer.body).get("leads", [])
        except ValueError:
            raise Failure("no JSON", answer) from None
        return super().read_page(answer) if leads else Page({}, None, None, None)


@CLIENTS.breaks("FAULT-07")
class WritesTheMomentFirst(Client):
    """Stores that it is up to date before it asks."""

    def crawl(self) -> dict[str, Lead]:
        since = self.state["sync"]
        self.state["sync"] = int(datetime.fromisoformat(self.environment["MOCKSERVER_NOW"]).timestamp())
        self.asked_from = since
        return super().crawl()

    def since(self) -> int | None:
        asked_from: int | None = self.asked_from
        return asked_from


@CLIENTS.breaks("GDPR-01")
class MergesWhatIsThere(Client):
    """Replaces a member only where the new answer has one, so that nothing is ever lost."""

    def keep(self, lead: Lead) -> None:
        old = self.state["leads"].get(str(lead["id"]), {})
        new = {name: value for name, value in self.row(lead).items() if value or name not in old}
        self.state["leads"][str(lead["id"])] = old | new


@CLIENTS.breaks("GDPR-01")
class KeepsAHistory(Client):
    """Keeps the message that a lead came with beside its newest form."""

    def row(self, lead: Lead) -> dict[str, Any]:
        row = super().row(lead)
        old = self.state["leads"].get(row["id"])
        return {**row, "message": row["message"] or (old["message"] if old else "")}


@CLIENTS.breaks("PAGE-01", "plain")
class ReadsTwoPagesAtMost(Client):
    """Has a bound of two pages from its first tests, and goes on from its own clock."""

    def is_last(self, offset: int, page: Page) -> bool:
        return offset > 0 or super().is_last(offset, page)

    def advance(self, pages: list[Page]) -> None:
        self.state["sync"] = int(pages[0].date or 0)


@CLIENTS.breaks("PAGE-07", "plain")
class StopsAtAnEmptyPageTwice(Client):
    """Believes that a list has ended when four pages in a row are empty."""

    def is_last(self, offset: int, page: Page) -> bool:
        self.empty = 0 if page.leads else getattr(self, "empty", 0) + 1
        return self.empty >= 4

    def shifted(self, before: Page, page: Page) -> bool:
        return bool(page.leads) and super().shifted(before, page)


@CLIENTS.breaks("CONTRACT-01", "plain")
class SendsNaN(Client):
    """Divides by zero on the way to its limit."""

    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        return {**super().query(offset, since), "limit": float("nan")}


@CLIENTS.breaks("CONTRACT-07", "plain")
class SendsANegativeOffset(Client):
    """Begins one lead before the beginning."""

    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        return {**super().query(offset, since), "offset": offset - 1}


@CLIENTS.breaks("TOKEN-05", "agency-cut-mid-crawl")
class TakesForbiddenForBusy(Client):
    """Waits and repeats at each status of 400 and more."""

    def turns(self) -> int:
        return 6

    def back_off(self, turn: int) -> float:
        return 0.05 * 1.5**turn

    def may_pass(self, failure: Failure, method: str) -> bool:
        return failure.status >= 400 or super().may_pass(failure, method)


@CLIENTS.breaks("TOKEN-09", "credentials-revoked")
class LogsItsRequest(Client):
    """Writes a request that failed with all its headers, for whoever looks into it."""

    def report(self, failure: Failure) -> int:
        super().report(failure)
        raise RuntimeError(f"GET {self.leads_path} {self.headers}")


@CLIENTS.breaks("GDPR-03", "plain")
class PutsTheCustomerIntoAHeader(Client):
    """Tells in a header for whom it asks."""

    def __init__(self, environment: Mapping[str, str], stop: Event) -> None:
        super().__init__(environment, stop)
        people = [row["email"] for row in self.state["leads"].values() if row["email"]]
        if people:
            self.headers["X-Customer"] = people[0]


@CLIENTS.breaks("RUN-05", "plain")
class SendsNoCredentials(Client):
    """Never sends what it is to log in with, and takes the refusal for the end."""

    def __init__(self, environment: Mapping[str, str], stop: Event) -> None:
        super().__init__(environment, stop)
        del self.headers["Authorization"]


@CLIENTS.breaks("RUN-05", "plain")
class SendsItsTokenAsABearer(Client):
    """Sends its token as a bearer's, which Apimo does not know."""

    def __init__(self, environment: Mapping[str, str], stop: Event) -> None:
        super().__init__(environment, stop)
        self.headers["Authorization"] = f"Bearer {environment['APIMO_TOKEN']}"


@CLIENTS.breaks("RUN-03", "plain")
class WritesNoIds(Client):
    """Writes people without the ids of their leads."""

    def lines(self) -> list[dict[str, Any]]:
        return [{name: value for name, value in line.items() if name != "id"} for line in super().lines()]
