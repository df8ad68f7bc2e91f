"""Clients of GSL with one bug each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.clients.broken_more.case import Table
from tests.clients.gsl import AHEAD, DAY, LIMIT, OVERLAP, Answer, Client, Failure, is_page

CLIENTS = Table("gsl")
Whole = Callable[[Any], bool]


@CLIENTS.breaks("FAULT-08", "forbidden-in-a-later-run")
class DeletesAllThatIsForbidden(Client):
    """Deletes what it holds at a 403."""

    def failed(self, failure: Failure) -> int:
        if "403" in str(failure):
            self.leads.clear()
        return super().failed(failure)


@CLIENTS.breaks("RUN-03", "plain")
class KnowsPeopleByTheirAddress(Client):
    """Has one record for each e-mail address."""

    def outcome(self) -> Iterator[dict[str, Any]]:
        yield from {row.get("email", row["id"]): row for row in super().outcome()}.values()


@CLIENTS.breaks("RUN-03", "plain")
class KnowsPeopleByTheirSeeker(Client):
    """Stores leads by the id of their seeker, of which many have none."""

    def store(self, row: dict[str, Any]) -> None:
        for id in [id for id, other in self.leads.items() if other["seeker"] == row["seeker"] and id != row["id"]]:
            del self.leads[id]
        super().store(row)


@CLIENTS.breaks("RUN-03")
class HoldsWhatIsInTheLastAnswer(Client):
    """Deletes what the last search did not have, as if it had asked for everything."""

    def crawl(self) -> None:
        self.leads.clear()
        super().crawl()


@CLIENTS.breaks("RUN-02", "plain")
class CrashesWhenItIsDone(Client):
    """Sends its figures to a service of which it does not know the address."""

    def save(self) -> None:
        super().save()
        raise LookupError(self.env.get("STATSD_HOST", "STATSD_HOST"))


@CLIENTS.breaks("CONTRACT-01", "plain")
class SendsTheLimitAsText(Client):
    """Reads its limit from a configuration, where everything is text."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        if body is not None:
            body = {**body, "Pagination": {**body["Pagination"], "Limit": str(LIMIT)}}
        return super().call(method, path, body, whole)


@CLIENTS.breaks("CONTRACT-01", "plain")
class SendsNaN(Client):
    """Sends a date that is not a number."""

    def periods(self) -> Iterator[tuple[int, int]]:
        yield float("nan"), AHEAD  # type: ignore[misc]


@CLIENTS.breaks("CONTRACT-01", "plain")
class ForgetsTheEnd(Client):
    """Leaves out `EndDate`, of which the page says that it is missed."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        if body is not None:
            body = {**body, "SearchCriteria": {"StartDate": body["SearchCriteria"]["StartDate"]}}
        return super().call(method, path, body, whole)


@CLIENTS.breaks("CONTRACT-07", "plain")
class SendsAHugeLimit(Client):
    """Asks for everything at once."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        if body is not None:
            body = {**body, "Pagination": {**body["Pagination"], "Limit": 10**30}}
        return super().call(method, path, body, whole)


@CLIENTS.breaks("PAGE-01", "plain")
class MisspellsTheCursor(Client):
    """Sends `lastItemKey`, which nobody reads, and stops when a page has been seen ten times."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        if body is not None and "LastItemKey" in body["Pagination"]:
            pagination = dict(body["Pagination"])
            pagination["lastItemKey"] = pagination.pop("LastItemKey")
            body = {**body, "Pagination": pagination}
        return super().call(method, path, body, whole)

    def next_place(self, data: dict[str, Any]) -> str:
        self.seen = getattr(self, "seen", 0) + 1
        return super().next_place(data) if self.seen % 10 else ""


@CLIENTS.breaks("PAGE-03", "plain")
class CountsItsOwnPages(Client):
    """Takes the cursor for the number of a page."""

    def next_place(self, data: dict[str, Any]) -> str:
        self.number = getattr(self, "number", 1) + 1
        return str(self.number) if super().next_place(data) else ""


@CLIENTS.breaks("TOKEN-01", "plain")
class RequestsATokenForEachList(Client):
    """Has an object for each list, each with a token of its own."""

    def search(self, path: str, first: int, last: int) -> int:
        self.state["token"] = ""
        return super().search(path, first, last)


@CLIENTS.breaks("TOKEN-03")
class RepeatsWithTheSameToken(Client):
    """Takes a 401 for a passing failure."""

    def wants_token(self, answer: Answer) -> bool:
        return False

    def is_failure(self, answer: Answer, whole: Whole) -> bool:
        return answer.status == 401 or super().is_failure(answer, whole)


@CLIENTS.breaks("GDPR-02")
class TakesTheEndForADuration(Client):
    """Adds `timeToLive` to the date of the lead, as if it were a number of seconds, and knows no longest time."""

    def store(self, row: dict[str, Any]) -> None:
        super().store({**row, "ends": float(row["created"]) + float(row["ends"])})


@CLIENTS.breaks("RUN-03", "month-without-a-run")
class DeletesAfterAMonth(Client):
    """Deletes leads after thirty days, to be on the safe side."""

    def store(self, row: dict[str, Any]) -> None:
        super().store({**row, "ends": float(row["created"]) + 30 * DAY})


@CLIENTS.breaks("GDPR-01")
class MergesWhatIsThere(Client):
    """Replaces a member only where the new answer has one."""

    def store(self, row: dict[str, Any]) -> None:
        old = self.leads.get(row["id"], {})
        super().store({**row, **{name: row[name] or old.get(name) for name in ("name", "phone", "message")}})

    def forget(self, seeker: str) -> None:
        pass


@CLIENTS.breaks("FAULT-05")
class LooksAtNoStatus(Client):
    """Reads `Data.Items` of whatever came: an error has none."""

    def expect(self, answer: Answer, what: str) -> Any:
        value = answer.value if isinstance(answer.value, dict) else {}
        return value if "access_token" in value else {"Data": {"Items": []}, **value}

    def is_failure(self, answer: Answer, whole: Whole) -> bool:
        return False if whole is is_page and answer.status >= 500 else super().is_failure(answer, whole)


@CLIENTS.breaks("FAULT-07")
class WritesTheMomentFirst(Client):
    """Stores that it is up to date before it asks."""

    def crawl(self) -> None:
        self.asked_from = super().since()
        self.state["since"] = self.now - OVERLAP
        super().crawl()

    def since(self) -> int:
        return self.asked_from


@CLIENTS.breaks("FAULT-07", "forbidden-list")
class EndsAtAForbiddenPage(Client):
    """Takes a 403 for the end of a list, and that it is up to date."""

    def search(self, path: str, first: int, last: int) -> int:
        try:
            return super().search(path, first, last)
        except Failure as failure:
            if "403" not in str(failure):
                raise
            return 0


@CLIENTS.breaks("FAULT-01", "down-for-a-second")
class ReadsRetryAfterOf429Alone(Client):
    """Waits as it is told after a 429, and not after a 503."""

    def told_wait(self, answer: Answer) -> float | None:
        return super().told_wait(answer) if answer.status == 429 else None


@CLIENTS.breaks("FAULT-04", "down-for-good")
class TriesForAMinute(Client):
    """Repeats forty times, quicker than it says it does."""

    def most_repetitions(self) -> int:
        return 40

    def pause(self, answer: Answer, turn: int) -> float | None:
        return 0.01 * 1.05**turn


@CLIENTS.breaks("TOLERANCE-04")
class EscapesForHtml(Client):
    """Escapes what people wrote when it is stored."""

    def store(self, row: dict[str, Any]) -> None:
        message = row["message"] and row["message"].replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        super().store({**row, "message": message})


@CLIENTS.breaks("TOLERANCE-04")
class DropsWhatIsNoAscii(Client):
    """Stores names in ASCII."""

    def store(self, row: dict[str, Any]) -> None:
        super().store({**row, "name": row["name"] and row["name"].encode("ascii", "ignore").decode()})


@CLIENTS.breaks("TOKEN-09", "down-for-good")
class LogsItsToken(Client):
    """Writes the token with a failure, for whoever looks into it."""

    def failed(self, failure: Failure) -> int:
        super().failed(failure)
        raise RuntimeError(f"GSL failed with Authorization: Bearer {self.state['token']}")


@CLIENTS.breaks("SYNC-02")
class ForgetsWhereItWas(Client):
    """Goes on from the newest date of the last list alone."""

    def next_since(self) -> float | None:
        newest = max((float(row["created"]) for row in self.leads.values()), default=0.0)
        return newest + 600 if newest else super().next_since()


@CLIENTS.breaks("GDPR-03", "plain")
class AsksWithANumber(Client):
    """Names the telephone number of a customer in a header of each call."""

    def headers(self, data: bytes | None) -> dict[str, str]:
        numbers = [row["phone"] for row in self.leads.values() if row["phone"]]
        return super().headers(data) | ({"X-Caller": numbers[-1]} if numbers else {})


@CLIENTS.breaks("PAGE-09")
class LeavesASecondBetweenPeriods(Client):
    """Ends each period a second before the next one, and begins that a second late, too."""

    def periods(self) -> Iterator[tuple[int, int]]:
        first = self.since()
        while first + 2 * DAY < self.now:
            yield first, first + 2 * DAY - 1
            first += 2 * DAY + 1
        yield first, AHEAD


@CLIENTS.breaks("PAGE-09")
class LeavesAMinuteBetweenPeriods(Client):
    """Adds a minute to where a period ended, so that none is shown twice."""

    def periods(self) -> Iterator[tuple[int, int]]:
        first = self.since()
        while first + 7 * DAY < self.now:
            yield first, first + 7 * DAY
            first += 7 * DAY + 60
        yield first, AHEAD


@CLIENTS.breaks("RUN-05", "plain")
class AsksInMilliseconds(Client):
    """Sends milliseconds, as `Date.now()` gives them."""

    def periods(self) -> Iterator[tuple[int, int]]:
        yield self.since() * 1000, int(self.now) * 1000

    def learn_unit(self) -> None:
        pass


@CLIENTS.breaks("RUN-05", "plain")
class SendsNoCredentials(Client):
    """Never sends the token that it has, and takes a refusal for the end."""

    def headers(self, data: bytes | None) -> dict[str, str]:
        return {name: value for name, value in super().headers(data).items() if name != "Authorization"}

    def wants_token(self, answer: Answer) -> bool:
        return False


@CLIENTS.breaks("PAGE-01", "short-pages")
class StopsAtAShortPage(Client):
    """Takes a page of fewer leads than it asked for for the last one."""

    def next_place(self, data: dict[str, Any]) -> str:
        return super().next_place(data) if len(data["Items"]) == LIMIT else ""


@CLIENTS.breaks("TOKEN-04", "every-fresh-token-refused")
class AsksForFortyTokens(Client):
    """Requests another token at each 401, forty times."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        for _ in range(40):
            answer = super().call(method, path, body, whole)
            if answer.status != 401:
                break
        return answer


@CLIENTS.breaks("TOKEN-10", "token-answer-of-another-form")
class WantsACapital(Client):
    """Compares `token_type` with `Bearer`, whatever RFC 6749 says of case."""

    def expect(self, answer: Answer, what: str) -> Any:
        value = super().expect(answer, what)
        if isinstance(value, dict) and value.get("token_type", "Bearer") != "Bearer":
            raise Failure("the token is of a type that is not supported")
        return value


@CLIENTS.breaks("RUN-03", "plain")
class WritesAListOfLeads(Client):
    """Writes its outcome as one JSON array, on one line."""

    def save(self) -> None:
        super().save()
        outcome = Path(self.env["MOCKSERVER_OUTCOME"])
        outcome.write_text("[" + ",".join(outcome.read_text(encoding="utf-8").splitlines()) + "]", encoding="utf-8")


@CLIENTS.breaks("RUN-03", "plain")
class WritesHalfALine(Client):
    """Ends in the middle of its outcome."""

    def save(self) -> None:
        super().save()
        outcome = Path(self.env["MOCKSERVER_OUTCOME"])
        outcome.write_bytes(outcome.read_bytes()[:-20])


@CLIENTS.breaks("RUN-03", "plain")
class WritesBytesOfItsOwn(Client):
    """Writes its outcome in UTF-16."""

    def save(self) -> None:
        super().save()
        outcome = Path(self.env["MOCKSERVER_OUTCOME"])
        outcome.write_text(outcome.read_text(encoding="utf-8"), encoding="utf-16")
