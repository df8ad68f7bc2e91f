"""The correct client of Seeker Leads with one bug each, and the obligation that breaks. As a program: with its name."""

import json
import os
import signal
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from email.message import Message
from threading import Event
from typing import Any
from urllib.parse import urljoin

from tests.clients.seeker import DAY, WINDOW, Answer, Client, Failure
from tests.clients.verifying import key_id, verifies

CATEGORIES = frozenset({"CLASSIFIED", "AGENCY", "PROPERTY_SEARCH", "CALL_TRACKING"})
COUNTRIES = ("-AUT", "-BEL", "-DEU", "-FRA")
MEMBERS = frozenset({"metadata", "contactRequest", "property", "project", "distributionType", "callDetails"})
BROKEN: dict[str, tuple[type[Client], str]] = {}
"""By the name of the bug: the client, and the obligation."""


def breaks(obligation: str) -> Any:
    """Puts a client among the broken ones, by its name in words with hyphens."""

    def put(client: type[Client]) -> type[Client]:
        name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in client.__name__)
        BROKEN[name.removeprefix("-")] = client, obligation
        return client

    return put


# The run as a whole


@breaks("RUN-01")
class CallsNobody(Client):
    def work(self) -> None:
        pass


@breaks("RUN-02")
class FailsAlways(Client):
    def run(self) -> int:
        return super().run() or 1


@breaks("RUN-03")
class LeavesOutTheFirstOfEachPage(Client):
    def found(self, answer: Answer) -> list[Any]:
        return super().found(answer)[1:]


@breaks("RUN-04")
class KeepsALeadForTests(Client):
    def lines(self) -> Iterator[dict[str, Any]]:
        yield {"id": "00000000-0000-4000-8000-000000000000", "name": "Test Test"}
        yield from super().lines()


# Contract


@breaks("RUN-05")
class AsksForTheYearBefore(Client):
    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return super().query(first - 366 * DAY, last - 366 * DAY, place)


@breaks("CONTRACT-01")
class AsksInMilliseconds(Client):
    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return super().query(first * 1000, last * 1000, place)


@breaks("CONTRACT-07")
class TriesLargerPagesFirst(Client):
    limit = 500

    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        try:
            return super().call(method, path, query, body)
        except Failure as failure:
            if query is None or self.limit == 100 or "with 400" not in str(failure):
                raise
            self.limit = 100
            return super().call(method, path, {**query, "limit": 100}, body)


@breaks("CONTRACT-02")
class SortsByAParameterThatIsNone(Client):
    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "order": "asc"}


@breaks("CONTRACT-04")
class DoesNotSayWhoItIs(Client):
    agent = ""


@breaks("CONTRACT-05")
class SendsABodyWithAGet(Client):
    def attempt(self, method: str, url: str, body: Any, token: str | None) -> Answer | None:
        return super().attempt(method, url, {} if method == "GET" else body, token)


@breaks("CONTRACT-06")
class PutsItsTokenIntoTheAddress(Client):
    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return {**super().query(first, last, place), "access_token": self.token()}


# Pages


@breaks("PAGE-01")
class ReadsOnePage(Client):
    def following(self, answer: Answer, found: list[Any]) -> str | None:
        return None


@breaks("PAGE-01")
class TakesAShortPageForTheLast(Client):
    def following(self, answer: Answer, found: list[Any]) -> str | None:
        return super().following(answer, found) if len(found) >= self.limit else None


@breaks("PAGE-02")
class ReadsEachPageTwice(Client):
    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        if query:
            super().call(method, path, query, body)
        return super().call(method, path, query, body)


@breaks("PAGE-03")
class CountsItsLeadsForACursor(Client):
    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return super().query(first, last, str(self.limit) if place else "")


@breaks("PAGE-03")
class MakesUpCursors(Client):
    def following(self, answer: Answer, found: list[Any]) -> str | None:
        if super().following(answer, found) is None:
            return None
        about = found[-1]["metadata"]
        place = {"leadId": about["leadId"], "ingestionDate": about["ingestionDate"]}
        return b64encode(json.dumps(place).encode()).decode()


@breaks("PAGE-05")
class AppendsWhatItIsShown(Client):
    def leads(self, first: int, last: int) -> Iterator[Any]:
        shown = self.state.setdefault("shown", {})
        for lead in super().leads(first, last):
            id = lead["metadata"]["leadId"]
            shown[id] = shown.get(id, 0) + 1
            yield lead

    def lines(self) -> Iterator[dict[str, Any]]:
        for line in super().lines():
            yield from [line] * self.state.get("shown", {}).get(line["id"], 1)


@breaks("PAGE-06")
class TakesNoLeadForAnError(Client):
    def is_empty(self, answer: Answer) -> bool:
        if answer.status == 404:
            raise Failure("GET /leads was answered with 404")
        return False


@breaks("PAGE-07")
class SendsAnEmptyCursorAtTheEnd(Client):
    def leads(self, first: int, last: int) -> Iterator[Any]:
        yield from super().leads(first, last)
        self.call("GET", "/leads", {**self.query(first, last, ""), "start": ""})


@breaks("PAGE-08")
class AsksForAMonthAtOnce(Client):
    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        yield first, last


@breaks("PAGE-09")
class LeavesAnHourBetweenPeriods(Client):
    def windows(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        while first < last:
            yield first, min(first + WINDOW, last)
            first += WINDOW + 3_600


@breaks("PAGE-09")
class EndsPeriodsAMinuteEarlier(Client):
    def query(self, first: int, last: int, place: str) -> dict[str, Any]:
        return super().query(first, last - 60 if last < self.until() else last, place)


# Synchronisation


@breaks("SYNC-01")
class ReadsAMonthEachTime(Client):
    def since(self) -> int:
        return self.told - 34 * DAY


@breaks("SYNC-02")
class BeginsBehindTheNewest(Client):
    def since(self) -> int:
        newest: int | None = self.state["newest"]
        return super().since() if newest is None else newest + 1


@breaks("SYNC-03")
class LooksBackTenMinutes(Client):
    def since(self) -> int:
        newest: int | None = self.state["newest"]
        return super().since() if newest is None else newest - 600


@breaks("SYNC-04")
class GoesByItsOwnClock(Client):
    def since(self) -> int:
        newest: int | None = self.state["newest"]
        return super().since() if newest is None else newest

    def crawl(self) -> None:
        super().crawl()
        self.state["newest"] = self.told


@breaks("SYNC-05")
class KeepsWhatItSawFirst(Client):
    def keep(self, lead: Any) -> None:
        erased = not self.record(lead)["name"]
        if erased or lead["metadata"]["leadId"] not in self.state["leads"]:
            super().keep(lead)


@breaks("SYNC-08")
class KnowsEnquiriesByAddressAndText(Client):
    def keep(self, lead: Any) -> None:
        contact, id = lead.get("contactRequest") or {}, lead["metadata"]["leadId"]
        key = json.dumps([contact.get("email"), contact.get("message"), lead.get("property")])
        if contact.get("message") and self.state.setdefault("enquiries", {}).setdefault(key, id) != id:
            return
        super().keep(lead)


@breaks("SYNC-07")
class StaysAnHourBehind(Client):
    def until(self) -> int:
        return self.told - 3_600


# Tokens and access


@breaks("TOKEN-01")
class RequestsATokenForEachCall(Client):
    def token(self) -> str:
        self.state["token"] = None
        return super().token()


@breaks("TOKEN-02")
class ForgetsItsToken(Client):
    def save(self) -> None:
        held, self.state["token"] = self.state["token"], None
        super().save()
        self.state["token"] = held


@breaks("TOKEN-03")
class GivesUpWhenATokenDies(Client):
    def wants_fresh_token(self, answer: Answer) -> bool:
        return answer.status == 403 and super().wants_fresh_token(answer)


@breaks("TOKEN-03")
class ReplacesOneTokenOfARun(Client):
    replaced = 0

    def wants_fresh_token(self, answer: Answer) -> bool:
        wants = super().wants_fresh_token(answer)
        self.replaced += wants
        return wants and self.replaced == 1


@breaks("TOKEN-04")
class AsksForTokensWithoutEnd(Client):
    def request(self, method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
        answer = super().request(method, url, body, token)
        for _ in range(40):
            if token is None or answer.status != 401:
                break
            self.state["token"] = None
            answer = super().request(method, url, body, self.token())
        return answer


@breaks("TOKEN-10")
class KnowsTheTypeInOneSpelling(Client):
    def life(self, token: Mapping[str, Any]) -> float:
        if token["token_type"] != "Bearer":
            raise Failure("a token of an unknown type")
        return super().life(token)


@breaks("TOKEN-10")
class ReadsTheLifeOfEachToken(Client):
    def life(self, token: Mapping[str, Any]) -> float:
        return float(token["expires_in"])


@breaks("TOKEN-11")
class TakesTheLifeForANumber(Client):
    def life(self, token: Mapping[str, Any]) -> float:
        life = token.get("expires_in", DAY)
        if not isinstance(life, int):
            raise Failure("a token without its life")
        return life


class Verifying(Client):
    """Verifies its tokens with the keys of the provider before it uses them; it has no bug."""

    def new_token(self) -> dict[str, Any]:
        made = super().new_token()
        kid = key_id(made["token"])
        if not verifies(made["token"], self.keys_for(kid).get(kid)):
            raise Failure("a token is not signed by the provider")
        return made

    def keys_for(self, kid: str) -> dict[str, Any]:
        kept: dict[str, Any] = self.state.get("keys") or {}
        return kept if kid in kept else self.fetched_keys()

    def fetched_keys(self) -> dict[str, Any]:
        url = self.settings["token_url"].removesuffix("/oauth/token") + "/.well-known/jwks.json"
        keys: dict[str, Any] = {key["kid"]: key for key in self.request("GET", url).body["keys"]}
        self.state["keys"] = keys
        return keys


@breaks("TOKEN-12")
class FetchesKeysOnce(Verifying):
    def keys_for(self, kid: str) -> dict[str, Any]:
        return self.state.get("keys") or self.fetched_keys()


@breaks("TOKEN-04")
class AsksOnWithRefusedCredentials(Client):
    def request(self, method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
        answer = super().request(method, url, body, token)
        for _ in range(6):
            if token is not None or answer.status not in (400, 401, 403):
                break
            answer = super().request(method, url, body, token)
        return answer


@breaks("TOKEN-05")
class RepeatsWhatIsForbidden(Client):
    def request(self, method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
        answer = super().request(method, url, body, token)
        for _ in range(3):
            if token is None or answer.status != 403 or self.wants_fresh_token(answer):
                break
            answer = super().request(method, url, body, token)
        return answer


@breaks("TOKEN-06")
class NamesNoAudience(Client):
    def token_request(self) -> dict[str, str]:
        return {name: value for name, value in super().token_request().items() if name != "audience"}


@breaks("TOKEN-07")
class FollowsRedirectsWithItsToken(Client):
    def attempt(self, method: str, url: str, body: Any, token: str | None) -> Answer | None:
        answer = super().attempt(method, url, body, token)
        if answer is None or not 300 <= answer.status < 400:
            return answer
        return super().attempt(method, urljoin(url, answer.headers["Location"]), body, token)


@breaks("TOKEN-08")
class AsksForTokenAfterTokenWhenForbidden(Client):
    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        for _ in range(2):
            try:
                return super().call(method, path, query, body)
            except Failure as failure:
                if "403" not in str(failure):
                    raise
            self.state["token"] = None
        return super().call(method, path, query, body)


@breaks("TOKEN-09")
class WritesItsTokenIntoTheLog(Client):
    def run(self) -> int:
        code = super().run()
        # What a callable writes is not heard, but the reason that it gives for a failure is.
        return code if code == 0 else sys.exit(f"seeker: failed with {self.settings['client_secret']}")


# Failures of the provider


@breaks("FAULT-01")
class PassesOverSecondsToWait(Client):
    def wait(self, answer: Answer | None, pause: float) -> float | None:
        wanted = answer.headers.get("Retry-After", "") if answer else ""
        return pause if wanted.isdigit() else super().wait(answer, pause)


@breaks("FAULT-02")
class PassesOverADateToWaitFor(Client):
    def wait(self, answer: Answer | None, pause: float) -> float | None:
        wanted = answer.headers.get("Retry-After", "0") if answer else "0"
        return super().wait(answer, pause) if wanted.isdigit() else pause


@breaks("FAULT-03")
class WaitsTheSameEachTime(Client):
    pauses = (0.8, 0.8, 0.8)


@breaks("FAULT-04")
class RepeatsSixteenTimes(Client):
    pauses = tuple(0.02 * 1.2**turn for turn in range(16))


@breaks("FAULT-05")
class NeverSaysThatItFailed(Client):
    def run(self) -> int:
        super().run()
        return 0


@breaks("FAULT-06")
class TakesABrokenAnswerForNoLead(Client):
    def attempt(self, method: str, url: str, body: Any, token: str | None) -> Answer | None:
        answer = super().attempt(method, url, body, token)
        return Answer(200, Message(), {"items": []}) if answer is None and "minDate=" in url else answer


@breaks("FAULT-07")
class MovesOnAfterAFailure(Client):
    def crawl(self) -> None:
        try:
            super().crawl()
        except Failure:
            self.state["newest"] = self.told
            raise


@breaks("FAULT-08")
class ThrowsAwayWhatItHasAfterAFailure(Client):
    def crawl(self) -> None:
        try:
            super().crawl()
        except Failure:
            self.state |= {"leads": {}, "newest": None}
            raise


@breaks("FAULT-08")
class ThrowsAwayWhatItHasWhenForbidden(Client):
    def crawl(self) -> None:
        try:
            super().crawl()
        except Failure as failure:
            if "403" in str(failure):
                self.state |= {"leads": {}, "newest": None}
            raise


# Tolerance


@breaks("TOLERANCE-01")
class FailsForAMemberThatItDoesNotKnow(Client):
    def found(self, answer: Answer) -> list[Any]:
        leads = super().found(answer)
        if unknown := {name for lead in leads for name in lead} - MEMBERS:
            raise Failure(f"a lead has {', '.join(sorted(unknown))}")
        return leads


@breaks("TOLERANCE-02")
class DropsAPortalThatItDoesNotKnow(Client):
    def found(self, answer: Answer) -> list[Any]:
        return [lead for lead in super().found(answer) if lead["metadata"]["portal"].endswith(COUNTRIES)]


@breaks("TOLERANCE-03")
class DropsALeadWithoutAnAddress(Client):
    def found(self, answer: Answer) -> list[Any]:
        return [lead for lead in super().found(answer) if (lead["contactRequest"] or {}).get("email")]


@breaks("TOLERANCE-04")
class KnowsTheLettersOfWesternEurope(Client):
    def record(self, lead: Any) -> dict[str, Any]:
        made = super().record(lead)
        texts = {name: value for name, value in made.items() if name in ("name", "message") and value}
        return made | {name: text.encode("latin-1", "replace").decode("latin-1") for name, text in texts.items()}


@breaks("TOLERANCE-04")
class CutsLongMessages(Client):
    def record(self, lead: Any) -> dict[str, Any]:
        made = super().record(lead)
        return made | {"message": (made["message"] or "")[:255]}


@breaks("TOLERANCE-05")
class TakesTwoHundredForTheEnd(Client):
    def following(self, answer: Answer, found: list[Any]) -> str | None:
        return None if answer.status == 200 else super().following(answer, found)


@breaks("TOLERANCE-05")
class KnowsOneEnvelope(Client):
    def found(self, answer: Answer) -> list[Any]:
        leads: list[Any] = answer.body["items"]
        return leads


@breaks("TOLERANCE-07")
class ReadsCompressedBodiesAsTheyAre(Client):
    def decoded(self, headers: Message, raw: bytes) -> bytes:
        return raw


@breaks("TOLERANCE-06")
class FailsForALeadThatIsGone(Client):
    def look_again(self, ids: list[str]) -> None:
        super().look_again(ids)
        if gone := [id for id in ids if id not in self.state["leads"]]:
            raise Failure(f"there is no lead {gone[0]}")


# Data protection


@breaks("GDPR-01")
class KeepsWhatIsNotShownAnyMore(Client):
    def record(self, lead: Any) -> dict[str, Any]:
        made = super().record(lead)
        known: dict[str, Any] = self.state["leads"].get(made["id"], made)
        return known | {name: value for name, value in made.items() if value}


@breaks("GDPR-02")
class KeepsLeadsForEver(Client):
    def purge(self) -> None:
        pass


@breaks("GDPR-04")
class TellsWhoItReadLast(Client):
    def run(self) -> int:
        code = super().run()
        return code if code == 0 else sys.exit(f"seeker: failed after {list(self.lines())[-9:]}")


@breaks("GDPR-03")
class TellsWhoseLeadItHas(Client):
    def headers(self, sent: str | None, token: str | None) -> dict[str, str]:
        known = next((lead["email"] for lead in self.state["leads"].values() if lead["email"]), None)
        return super().headers(sent, token) | ({"X-Last-Contact": known} if known else {})


# Webhooks


@breaks("HOOK-01")
class WorksBeforeItAnswers(Client):
    def told_of(self, headers: Message, raw: bytes) -> int:
        time.sleep(3)
        return super().told_of(headers, raw)


@breaks("HOOK-02")
class TakesAnyKey(Client):
    def is_genuine(self, headers: Message) -> bool:
        return True


@breaks("HOOK-03")
class FailsOverWhatComesTwice(Client):
    def take(self, lead: Any) -> int:
        return 500 if lead["metadata"]["leadId"] in self.hooked else super().take(lead)


@breaks("HOOK-01")
class AnswersAndStoresNothing(Client):
    def take(self, lead: Any) -> int:
        return 204


@breaks("HOOK-01")
class FailsOverEveryWebhook(Client):
    def take(self, lead: Any) -> int:
        return 500


@breaks("HOOK-05")
class CrashesOverWhoWasErased(Client):
    def told_of(self, headers: Message, raw: bytes) -> int:
        if json.loads(raw)["contactRequest"]["lastName"] is None:
            raise ConnectionAbortedError
        return super().told_of(headers, raw)


@breaks("HOOK-04")
class RefusesWhatIsOlder(Client):
    def take(self, lead: Any) -> int:
        about = [self.state["leads"][id]["created"] for id in self.hooked]
        return 409 if lead["metadata"]["ingestionDate"] < max(about, default=0) else super().take(lead)


@breaks("HOOK-05")
class RefusesACategoryThatItDoesNotKnow(Client):
    def take(self, lead: Any) -> int:
        return 422 if lead["metadata"]["leadCategory"] not in CATEGORIES else super().take(lead)


if __name__ == "__main__":
    ended = Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    sys.exit(BROKEN[sys.argv[1]][0](os.environ, ended).run())
