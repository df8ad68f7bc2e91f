"""Clients of Seeker Leads with one bug each."""

import html
import time
from collections.abc import Iterator
from email.message import Message
from typing import Any

from tests.clients.broken_more.case import Table
from tests.clients.seeker import DAY, WINDOW, Answer, Client, Failure

CLIENTS = Table("seeker")


@CLIENTS.breaks("PAGE-08", "plain")
class AsksForSevenDaysAndASecond(Client):
    """Counts both seconds of the bounds."""

    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        while first < last:
            yield first, min(first + 7 * DAY + 1, last)
            first += 7 * DAY


@CLIENTS.breaks("PAGE-03", "plain")
class CountsPages(Client):
    """Takes `start` for the number of a page."""

    def following(self, answer: Answer, found: list[Any]) -> str | None:
        if super().following(answer, found) is None:
            self.number = 1
            return None
        self.number = getattr(self, "number", 1) + 1
        return str(self.number)


@CLIENTS.breaks("PAGE-03", "plain")
class CutsTheCursor(Client):
    """Reads the cursor with an expression that knows eight letters at most."""

    def following(self, answer: Answer, found: list[Any]) -> str | None:
        following = super().following(answer, found)
        return following and following[:8]


@CLIENTS.breaks("FAULT-08", "forbidden-in-a-later-run")
class DeletesAllThatIsForbidden(Client):
    """Deletes what it holds at a 403."""

    def work(self) -> None:
        try:
            super().work()
        except Failure as failure:
            if "403" in str(failure):
                self.state["leads"].clear()
            raise


@CLIENTS.breaks("RUN-03", "plain")
class KnowsPeopleByTheirAddress(Client):
    """Has one record for each e-mail address."""

    def lines(self) -> Iterator[dict[str, Any]]:
        yield from {row.get("email", row["id"]): row for row in super().lines()}.values()


@CLIENTS.breaks("RUN-03", "plain")
class KnowsPeopleByTheirNumber(Client):
    """Has one record for each telephone number."""

    def lines(self) -> Iterator[dict[str, Any]]:
        yield from {row.get("phone", row["id"]): row for row in super().lines()}.values()


@CLIENTS.breaks("RUN-03", "plain")
class KeepsListingsAlone(Client):
    """Stores leads that have a listing, and passes over the others."""

    def keep(self, lead: Any) -> None:
        if lead.get("property"):
            super().keep(lead)


@CLIENTS.breaks("RUN-02", "plain")
class CrashesWhenItIsDone(Client):
    """Reads a setting that is not there when all is done."""

    def save(self) -> None:
        super().save()
        raise LookupError("STATSD_HOST")


@CLIENTS.breaks("CONTRACT-01", "plain")
class SendsNaN(Client):
    """Sends a date that is not a number."""

    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "minDate": float("nan")}


@CLIENTS.breaks("CONTRACT-01", "plain")
class SendsAnIsoDate(Client):
    """Sends dates as the provider writes them elsewhere."""

    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "minDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(first))}


@CLIENTS.breaks("CONTRACT-01", "plain")
class SendsFractions(Client):
    """Sends seconds with the fraction that its clock has."""

    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "maxDate": last + 0.25}


@CLIENTS.breaks("CONTRACT-07", "plain")
class AsksBackwards(Client):
    """Sends both bounds in each other's place."""

    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "minDate": last, "maxDate": first}


@CLIENTS.breaks("CONTRACT-02", "plain")
class FiltersByPortal(Client):
    """Asks for the leads of its own portal with a filter that is in no document."""

    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "portal": "SLG-FRA"}


@CLIENTS.breaks("CONTRACT-04", "plain")
class SendsAnEmptyUserAgent(Client):
    """Leaves its name to a setting that is empty."""

    agent = ""


@CLIENTS.breaks("TOKEN-01", "plain")
class RequestsATokenForEachPeriod(Client):
    """Has an object for each period, each with a token of its own."""

    def leads(self, first: int, last: int) -> Iterator[Any]:
        self.state["token"] = None
        yield from super().leads(first, last)


@CLIENTS.breaks("TOKEN-03")
class RepeatsWithTheSameToken(Client):
    """Takes a 401 for a passing failure."""

    def wants_fresh_token(self, answer: Answer) -> bool:
        return False


@CLIENTS.breaks("GDPR-02")
class TakesSecondsForMilliseconds(Client):
    """Divides the moment in `TTL` of its own records by a thousand, and so compares with the wrong clock."""

    def purge(self) -> None:
        leads = self.state["leads"]
        self.state["leads"] = {id: lead for id, lead in leads.items() if lead["ends"] > self.told / 1000}


@CLIENTS.breaks("RUN-03", "month-without-a-run")
class DeletesAfterAMonth(Client):
    """Deletes leads after thirty days."""

    def record(self, lead: Any) -> dict[str, Any]:
        record = super().record(lead)
        return {**record, "ends": record["created"] + 30 * DAY}


@CLIENTS.breaks("GDPR-01", "erased-between-runs")
class MergesWhatIsThere(Client):
    """Replaces a member only where the new answer has one."""

    def keep(self, lead: Any) -> None:
        old = self.state["leads"].get(lead["metadata"]["leadId"], {})
        super().keep(lead)
        new = self.state["leads"][lead["metadata"]["leadId"]]
        new.update({name: new[name] or old.get(name) for name in ("name", "phone", "message")})


@CLIENTS.breaks("FAULT-05")
class LooksAtNoStatus(Client):
    """Reads `items` of whatever came: an error has none."""

    def request(self, method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
        answer = super().request(method, url, body, token) if method != "GET" else None
        if answer is None and (answer := self.attempt(method, url, body, token)) is None:
            raise Failure("nothing came")
        return Answer(200, answer.headers, {"items": []}) if answer.status >= 500 else answer

    def look_again(self, ids: list[str]) -> None:
        pass


@CLIENTS.breaks("FAULT-07")
class WritesTheMomentFirst(Client):
    """Stores that it is up to date before it asks."""

    def crawl(self) -> None:
        self.asked_from = super().since()
        self.state["newest"] = self.told
        super().crawl()

    def since(self) -> int:
        return self.asked_from


@CLIENTS.breaks("FAULT-07", "forbidden-list")
class EndsAtAForbiddenPage(Client):
    """Takes a 403 for the end of its work, and that it is up to date."""

    def crawl(self) -> None:
        try:
            super().crawl()
        except Failure as failure:
            if "403" not in str(failure):
                raise
            self.state["newest"] = self.told


@CLIENTS.breaks("FAULT-07", "forbidden-list")
class PassesOverAForbiddenPeriod(Client):
    """Goes on with the next period at a 403, and never comes back."""

    def leads(self, first: int, last: int) -> Iterator[Any]:
        try:
            yield from super().leads(first, last)
        except Failure as failure:
            if "403" not in str(failure):
                raise


@CLIENTS.breaks("FAULT-04", "down-for-good")
class TriesForAMinute(Client):
    """Repeats forty times."""

    pauses = tuple(0.01 * 1.05**turn for turn in range(40))


@CLIENTS.breaks("FAULT-01", "quota-reached")
class WaitsHalfAsLong(Client):
    """Waits half the time that it is asked for."""

    def wait(self, answer: Answer | None, pause: float) -> float | None:
        seconds = super().wait(answer, pause)
        return seconds if seconds is None or seconds == pause else seconds / 2


@CLIENTS.breaks("TOLERANCE-04")
class EscapesForHtml(Client):
    """Escapes what people wrote when it is stored."""

    def record(self, lead: Any) -> dict[str, Any]:
        record = super().record(lead)
        return {**record, "message": record["message"] and html.escape(record["message"])}


@CLIENTS.breaks("TOLERANCE-06", "withdrawn-between-runs")
class EndsItsListAtAGoneLead(Client):
    """Fails for good at a lead that is gone."""

    def look_again(self, ids: list[str]) -> None:
        for id in ids:
            if self.call("GET", f"/leads/{id}").status == 404:
                raise Failure(f"lead {id} cannot be read")
        super().look_again([])


@CLIENTS.breaks("GDPR-03", "plain")
class AsksForAnAddress(Client):
    """Names a customer in a header."""

    def headers(self, sent: str | None, token: str | None) -> dict[str, str]:
        people = [lead["email"] for lead in self.state["leads"].values() if lead["email"]]
        return super().headers(sent, token) | ({"X-Customer": people[0]} if people else {})


@CLIENTS.breaks("PAGE-09")
class LeavesASecondBetweenPeriods(Client):
    """Begins each period two seconds after the end of the one before."""

    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        while first < last:
            yield first, min(first + DAY, last)
            first += DAY + 2


@CLIENTS.breaks("PAGE-09")
class LeavesAMinuteBetweenPeriods(Client):
    """Takes the minute that keeps a period short enough off its end, and not off the next beginning."""

    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        while first < last:
            yield first, min(first + WINDOW, last)
            first += WINDOW + 60


@CLIENTS.breaks("RUN-05", "plain")
class SendsNoCredentials(Client):
    """Never sends the token that it has."""

    def headers(self, sent: str | None, token: str | None) -> dict[str, str]:
        return super().headers(sent, None)

    def wants_fresh_token(self, answer: Answer) -> bool:
        return False


@CLIENTS.breaks("PAGE-01", "short-pages")
class StopsAtAShortPage(Client):
    """Takes a page of fewer leads than it asked for for the last one."""

    def following(self, answer: Answer, found: list[Any]) -> str | None:
        return super().following(answer, found) if len(found) == self.limit else None


@CLIENTS.breaks("TOKEN-04", "every-fresh-token-refused")
class AsksForFortyTokens(Client):
    """Requests another token at each 401, forty times."""

    def call(self, method: str, path: str, query: Any = None, body: Any = None) -> Answer:
        for _ in range(40):
            try:
                return super().call(method, path, query, body)
            except Failure as failure:
                if "401" not in str(failure):
                    raise
        raise Failure("no token is good")


@CLIENTS.breaks("TOKEN-10", "token-answer-of-another-form")
class WantsACapital(Client):
    """Compares `token_type` with `Bearer`."""

    def request(self, method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
        answer = super().request(method, url, body, token)
        if isinstance(answer.body, dict) and answer.body.get("token_type", "Bearer") != "Bearer":
            raise Failure("the token is of a type that is not supported")
        return answer


@CLIENTS.breaks("RUN-04", "plain")
class WritesNumbersForIds(Client):
    """Numbers its leads by itself, and writes those numbers as their ids."""

    def lines(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(super().lines()):
            yield {**line, "id": number}


@CLIENTS.breaks("RUN-03", "plain")
class WritesNestedLeads(Client):
    """Writes each lead below a member of its own."""

    def lines(self) -> Iterator[dict[str, Any]]:
        for line in super().lines():
            yield {"lead": line}


# Webhooks


@CLIENTS.breaks("RUN-03", "webhook-before-a-run")
class AnswersAndStoresNothing(Client):
    """Answers 204 to each webhook, leaves the rest to a queue that is not there, and reads no list any more."""

    def take(self, lead: Any) -> int:
        return 204

    def crawl(self) -> None:
        if self.state["newest"] is None:
            super().crawl()


@CLIENTS.breaks("HOOK-01", "webhook-plain")
class FailsAtEachWebhook(Client):
    """Answers 500 to each webhook."""

    def told_of(self, headers: Message, raw: bytes) -> int:
        return 500


@CLIENTS.breaks("HOOK-01", "webhook-plain")
class AnswersAfterItsWork(Client):
    """Reads the whole list before it answers."""

    def take(self, lead: Any) -> int:
        time.sleep(2.3)
        return super().take(lead)


@CLIENTS.breaks("HOOK-02", "webhook-wrong-key")
class LooksForTheKeyInTheBody(Client):
    """Takes a webhook for genuine when it has any header for a key."""

    def is_genuine(self, headers: Message) -> bool:
        return any("key" in name.lower() or "auth" in name.lower() for name in headers)


@CLIENTS.breaks("HOOK-05", "webhook-erased")
class CrashesAtAnErasedSeeker(Client):
    """Greets each new customer by name."""

    def take(self, lead: Any) -> int:
        contact = lead["contactRequest"]
        self.greeting = "Bonjour " + contact["firstName"] + " " + contact["lastName"]
        return super().take(lead)


@CLIENTS.breaks("HOOK-03", "webhook-twice-and-out-of-order")
class FailsAtASecondDelivery(Client):
    """Inserts with a unique key, and has the error go up."""

    def take(self, lead: Any) -> int:
        return 500 if lead["metadata"]["leadId"] in self.hooked else super().take(lead)


@CLIENTS.breaks("HOOK-04", "webhook-twice-and-out-of-order")
class PassesOverWhatIsOlder(Client):
    """Answers 200 to a webhook that is older than the newest one, and drops it."""

    latest = 0

    def take(self, lead: Any) -> int:
        if lead["metadata"]["ingestionDate"] < self.latest:
            return 409
        self.latest = lead["metadata"]["ingestionDate"]
        return super().take(lead)
