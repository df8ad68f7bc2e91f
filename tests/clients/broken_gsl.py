"""Clients of GSL with one bug each, made from the one that has none."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urljoin

from tests.clients.gsl import (
    AHEAD,
    DAY,
    LIMIT,
    LISTS,
    OVERLAP,
    RETENTION,
    Answer,
    Client,
    Failure,
    Refused,
    is_lead,
    is_page,
    is_token,
)
from tests.clients.verifying import key_id, verifies

Whole = Callable[[Any], bool]


class Verifying(Client):
    """Verifies its tokens with the keys of the provider before it uses them; it has no bug."""

    def ask_for_token(self) -> Answer:
        answer = super().ask_for_token()
        if is_token(answer.value) and not self.is_genuine(answer.value["access_token"]):
            raise Failure("a token is not signed by the provider")
        return answer

    def is_genuine(self, token: str) -> bool:
        """Whether one of the keys signed it; a key that is not known is looked for once more."""
        kid = key_id(token)
        return verifies(token, self.keys_for(kid).get(kid))

    def keys_for(self, kid: str) -> dict[str, Any]:
        kept = self.kept_keys()
        return kept if kid in kept else self.fetched_keys()

    def kept_keys(self) -> dict[str, Any]:
        keys: dict[str, Any] = self.state.get("keys") or {}
        return keys

    def fetched_keys(self) -> dict[str, Any]:
        url = self.env["GSL_TOKEN_URL"].removesuffix("/oauth/token") + "/.well-known/jwks.json"
        answer = self.persist(lambda: self.send("GET", url, {}, None), lambda value: isinstance(value, dict))
        self.state["keys"] = {key["kid"]: key for key in self.expect(answer, "the keys")["keys"]}
        return self.kept_keys()


# The run as a whole


class NeverCalls(Client):
    """Ends well without a call."""

    def crawl(self) -> None:
        pass


class EndsWithThree(Client):
    """Ends with an exit code of its own though all went well."""

    def run(self) -> int:
        return super().run() or 3


class DropsTheLast(Client):
    """Counts the items of a page from 1 to less than their number."""

    def page(self, path: str, first: int, last: int, place: str) -> dict[str, Any]:
        data = super().page(path, first, last, place)
        return {**data, "Items": data["Items"][:-1]}


class HoldsATestLead(Client):
    """Somebody left a lead of the first tests in."""

    def outcome(self) -> Iterator[dict[str, Any]]:
        yield {"id": "00000000-test", "name": "Jean Test"}
        yield from super().outcome()


class AsksForTheSeventies(Client):
    """Takes the number of the day for that of the second."""

    def page(self, path: str, first: int, last: int, place: str) -> dict[str, Any]:
        return super().page(path, first // DAY, int(self.now) // DAY, place)


# Contract


class LargerPagesFirst(Client):
    """Asks for larger pages than the page speaks of, and for smaller ones when that is refused."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        if body is not None and not hasattr(self, "tried"):
            self.tried = True
            larger = {**body, "Pagination": {**body["Pagination"], "Limit": 500}}
            try:
                return super().call(method, path, larger, whole)
            except Failure as failure:
                if "status 400" not in str(failure):
                    raise
        return super().call(method, path, body, whole)


class DatesAsText(Client):
    """Sends dates in ISO 8601."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        if body is not None:
            dates = {name: min(date, 9_999_999_999) for name, date in body["SearchCriteria"].items()}
            texts = {name: datetime.fromtimestamp(date, UTC).isoformat() for name, date in dates.items()}
            body = {**body, "SearchCriteria": texts}
        return super().call(method, path, body, whole)


class NamesNoContentType(Client):
    """Leaves the content type to its library, which takes every body for a form."""

    def headers(self, data: bytes | None) -> dict[str, str]:
        return {name: value for name, value in super().headers(data).items() if name != "Content-Type"}


class GetWithBody(Client):
    """Sends the id of a lead in the body, too."""

    def detail(self, id: str) -> Answer:
        return self.call("GET", f"/v2/leads/{quote(id, safe='')}", {"leadId": id}, is_lead)


class TokenInTheQuery(Client):
    """Sends the token in the address."""

    def send(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None) -> Answer:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        return super().send(method, f"{url}?access_token={token}" if token else url, headers, data)


# Pages


class StopsAtAPageThatIsNotFull(Client):
    """Takes a page with fewer leads than it asked for for the last one."""

    def next_place(self, data: dict[str, Any]) -> str:
        return super().next_place(data) if len(data["Items"]) == LIMIT else ""


class StopsAfterPageOne(Client):
    """Takes the first page for all of it."""

    def next_place(self, data: dict[str, Any]) -> str:
        return ""


class AsksTwice(Client):
    """Asks for each page once to see whether it is there, and once to read it."""

    def page(self, path: str, first: int, last: int, place: str) -> dict[str, Any]:
        super().page(path, first, last, place)
        return super().page(path, first, last, place)


class WritesCursors(Client):
    """Takes cursors for Base64 and pads them as that wants it."""

    def next_place(self, data: dict[str, Any]) -> str:
        place = super().next_place(data)
        return place + "=" * (4 - len(place) % 4) if place else ""


class OnlyInserts(Client):
    """Adds a row for each time that a lead is shown."""

    def store(self, row: dict[str, Any]) -> None:
        row["rows"] = self.leads.get(row["id"], {"rows": 0})["rows"] + 1
        super().store(row)

    def outcome(self) -> Iterator[dict[str, Any]]:
        for row in super().outcome():
            yield from [row] * self.leads[row["id"]]["rows"]


class NothingIsAnError(Client):
    """Takes no lead at all for a failure."""

    def learn_unit(self) -> None:
        if not self.newest[1]:
            raise Failure("there is no lead")
        super().learn_unit()


class SendsAnEmptyCursor(Client):
    """Learns that a list has ended from a page that is shown once more."""

    def follow(self, path: str, first: int, last: int) -> int:
        found = super().follow(path, first, last)
        criteria = {"StartDate": first, "EndDate": last}
        pagination = {"Limit": LIMIT, "LastItemKey": "", "Order": "asc"}
        self.call("POST", f"/v2/leads/{path}", {"SearchCriteria": criteria, "Pagination": pagination}, is_page)
        return found


class LeavesGaps(Client):
    """Asks for four weeks at a time, and counts thirty days to the next ones."""

    def periods(self) -> Iterator[tuple[int, int]]:
        unit, first = self.unit(), self.since()
        while first + 30 * DAY < self.now:
            yield first * unit, (first + 28 * DAY) * unit
            first += 30 * DAY
        yield first * unit, AHEAD


class AsksForOneListAlone(Client):
    """Takes the list at the published address for all leads."""

    def page(self, path: str, first: int, last: int, place: str) -> dict[str, Any]:
        return super().page(path, first, last, place) if path == "classifieds" else {"Items": []}

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        return super().call(method, path.removesuffix("/classifieds"), body, whole)


class LeavesASecond(Client):
    """Takes both bounds for outside of a period, one of which is counted twice."""

    def periods(self) -> Iterator[tuple[int, int]]:
        unit, first = self.unit(), self.since()
        while first + 7 * DAY < self.now:
            yield first * unit, (first + 7 * DAY - 2) * unit
            first += 7 * DAY
        yield first * unit, AHEAD


class GivesUpAtStaleCursors(Client):
    """Ends when a cursor is refused."""

    def search(self, path: str, first: int, last: int) -> int:
        return self.follow(path, first, last)


class RepeatsStaleCursors(Client):
    """Sends a cursor that is refused again and again."""

    def page(self, path: str, first: int, last: int, place: str) -> dict[str, Any]:
        for _ in range(4):
            try:
                return super().page(path, first, last, place)
            except Refused:
                continue
        raise Failure("the cursor is refused")


# Synchronisation


class ReadsEverything(Client):
    """Begins at the beginning in every run."""

    def since(self) -> int:
        return int(self.now - RETENTION)


class BeginsASecondLater(Client):
    """Asks for what is newer than the newest lead."""

    def next_since(self) -> float | None:
        return self.newest[0] + 1 if self.newest[1] else super().next_since()


class BarelyOverlaps(Client):
    """Lets the periods of two runs overlap by ten minutes."""

    def next_since(self) -> float | None:
        since = super().next_since()
        return self.newest[0] - 600 if self.newest[1] else since


class TrustsItsOwnClock(Client):
    """Asks from two minutes before its last run, by its own clock."""

    def next_since(self) -> float | None:
        return self.now - 120


class KeepsTheFirst(Client):
    """Passes over every lead that it knows, unless the seeker was erased."""

    def store(self, row: dict[str, Any]) -> None:
        if row["id"] not in self.leads or (row["name"] is None and row["message"] is None):
            super().store(row)


class OneLeadForEachAddressAndListing(Client):
    """Knows an enquiry by the address of the seeker and the listing."""

    def keep(self, lead: dict[str, Any]) -> None:
        said, id = lead.get("contactRequest") or {}, lead["leadMetaInfos"]["leadId"]
        email = (said.get("personContact") or said).get("email")
        key = f"{email} {lead['leadMetaInfos'].get('classifiedID')}"
        enquiries = self.state.setdefault("enquiries", {})
        if email and lead["leadMetaInfos"].get("classifiedID") and enquiries.setdefault(key, id) != id:
            return
        super().keep(lead)


class EndsYesterday(Client):
    """Leaves the last day to its next run."""

    def periods(self) -> Iterator[tuple[int, int]]:
        last = int(self.now) - DAY
        yield min(self.since(), last) * self.unit(), last * self.unit()


# Tokens


class TokenForEachCall(Client):
    """Requests a token before every call."""

    def token(self) -> str:
        self.state["token"] = ""
        return super().token()


class TokenForEachRun(Client):
    """Keeps its token in memory alone."""

    def save(self) -> None:
        self.state["token"] = ""
        super().save()


class DiesOfA401(Client):
    """Takes a token that is not good any more for the end."""

    def wants_token(self, answer: Answer) -> bool:
        return False


class ReplacesItsTokenOnce(Client):
    """Replaces one token in a run, and takes the next one that dies for the end."""

    replaced = False

    def wants_token(self, answer: Answer) -> bool:
        wants, self.replaced = super().wants_token(answer) and not self.replaced, True
        return wants


class AsksForTokenAfterToken(Client):
    """Takes every 401 for a token that is over, forty times."""

    def call(self, method: str, path: str, body: Any, whole: Whole) -> Answer:
        answer = super().call(method, path, body, whole)
        for _ in range(39):
            if answer.status != 401:
                break
            self.state["token"] = ""
            answer = super().call(method, path, body, whole)
        return answer


class NeedsToKnowHowLong(Client):
    """Takes a token answer without expires_in for no token."""

    def life(self, given: Mapping[str, Any]) -> float:
        if "expires_in" not in given:
            raise Failure("the token has no expires_in")
        return super().life(given)


class AddsTexts(Client):
    """Adds the life of a token to the moment, whatever it is."""

    def life(self, given: Mapping[str, Any]) -> float:
        life: float = given.get("expires_in", DAY)
        return life + 0.0


class KeepsKeysForEver(Verifying):
    """Fetches the keys of the provider once, for all time."""

    def keys_for(self, kid: str) -> dict[str, Any]:
        return self.kept_keys() or self.fetched_keys()


class KeepsKeysForTheRun(Verifying):
    """Fetches the keys of the provider once in each run."""

    keys: dict[str, Any] | None = None

    def keys_for(self, kid: str) -> dict[str, Any]:
        self.keys = self.keys or self.fetched_keys()
        return self.keys


class InsistsOnItsCredentials(Client):
    """Asks for a token ten times whatever is said."""

    def expect(self, answer: Answer, what: str) -> Any:
        for _ in range(9 if what == "the token" and 400 <= answer.status < 500 else 0):
            self.persist(self.ask_for_token, is_token)
        return super().expect(answer, what)


class InsistsOnAForbiddenCall(Client):
    """Repeats a call that is forbidden, as if that were a matter of time."""

    def is_failure(self, answer: Answer, whole: Whole) -> bool:
        return answer.status == 403 or super().is_failure(answer, whole)


class AsksForNoScope(Client):
    """Takes the scope for a matter of the credentials."""

    def credentials(self) -> dict[str, str]:
        return {name: value for name, value in super().credentials().items() if name != "scope"}


class FollowsRedirects(Client):
    """Goes wherever it is sent to, token in hand."""

    def send(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None) -> Answer:
        answer = super().send(method, url, headers, data)
        if 300 <= answer.status < 400:
            return super().send(method, urljoin(url, answer.headers["location"]), headers, data)
        return answer


class TellsItsCredentials(Client):
    """Says with all that it was configured with why it failed."""

    def run(self) -> int:
        if code := super().run():
            raise SystemExit(f"gsl: failed with {self.credentials()}")
        return code


# Failures of the provider


class KnowsNoRetryAfter(Client):
    """Passes over Retry-After in seconds."""

    def told_wait(self, answer: Answer) -> float | None:
        return None if answer.headers.get("retry-after", "").isdecimal() else super().told_wait(answer)


class KnowsNoDates(Client):
    """Reads Retry-After where it is a number only."""

    def told_wait(self, answer: Answer) -> float | None:
        return super().told_wait(answer) if answer.headers.get("retry-after", "").isdecimal() else None


class WaitsAlwaysTheSame(Client):
    """Waits as long before each attempt."""

    def pause(self, answer: Answer, turn: int) -> float | None:
        wait = super().pause(answer, 1)
        return wait and max(wait, 0.8)


class WorkersWaitTheSame(WaitsAlwaysTheSame):
    """Reads all lists at once, each by a worker that always waits the same."""

    def crawl(self) -> None:
        self.token()
        with ThreadPoolExecutor(len(LISTS)) as pool:
            list(pool.map(lambda path: [self.search(path, *period) for period in self.periods()], LISTS))
        self.learn_unit()
        self.look_again()


class HardlyGivesUp(Client):
    """Repeats a call twenty-five times."""

    def most_repetitions(self) -> int:
        return 25

    def pause(self, answer: Answer, turn: int) -> float | None:
        return super().pause(answer, min(turn, 1))


class FailsInSilence(Client):
    """Writes why it failed to its log alone."""

    def failed(self, failure: Failure) -> int:
        super().failed(failure)
        return 0


class BrokenIsEmpty(Client):
    """Takes a page that it cannot read for one without leads."""

    def persist(self, send: Callable[[], Answer], whole: Whole) -> Answer:
        return super().persist(lambda: self.guess(send(), whole), whole)

    def guess(self, answer: Answer, whole: Whole) -> Answer:
        if whole is not is_page or answer.status not in (0, 200) or is_page(answer.value):
            return answer
        return Answer(200, {"content-type": "application/json"}, json.dumps({"Data": {"Items": []}}).encode())


class MovesOnAfterFailures(Client):
    """Begins each run hours before the last one, however that ended."""

    def crawl(self) -> None:
        self.trouble: list[Failure] = []
        super().crawl()
        if self.trouble:
            raise self.trouble[0]

    def search(self, path: str, first: int, last: int) -> int:
        try:
            return super().search(path, first, last)
        except Failure as failure:
            if not self.has_token():
                raise
            self.trouble.append(failure)
            return 0

    def failed(self, failure: Failure) -> int:
        self.state["since"] = self.now - OVERLAP
        return super().failed(failure)


class ClearsAfterFailures(Client):
    """Holds what it read in this run only, and so nothing after one that failed."""

    def failed(self, failure: Failure) -> int:
        self.leads.clear()
        return super().failed(failure)


# Tolerance


class OffersWhatItCannotRead(Client):
    """Sends the headers of a browser, and reads what comes as text."""

    def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return Answer(status, headers, body)


class TakesCompressedPagesForEmpty(OffersWhatItCannotRead):
    """Offers gzip, and takes a page that it cannot decode for one without leads."""

    def persist(self, send: Callable[[], Answer], whole: Whole) -> Answer:
        return super().persist(lambda: self.guess(send(), whole), whole)

    def guess(self, answer: Answer, whole: Whole) -> Answer:
        if whole is not is_page or "content-encoding" not in answer.headers:
            return answer
        return Answer(200, {"content-type": "application/json"}, json.dumps({"Data": {"Items": []}}).encode())


_KNOWN = frozenset(
    {
        *("leadCategory", "leadId", "creationDate", "partnerID", "projectIntention", "portals", "timeToLive"),
        *("isCalled", "seekerID", "hasRentalDocumentAttached", "classifiedID"),
    }
)
_CATEGORIES = frozenset({"CLASSIFIED", "AGENCY", "ESTIMATION", "PROPERTY_SEARCH"})


class RefusesMembers(Client):
    """Reads leads into a class that has a place for the documented members only."""

    def keep(self, lead: dict[str, Any]) -> None:
        if unknown := set(lead["leadMetaInfos"]) - _KNOWN:
            raise TypeError(f"unexpected keyword argument {min(unknown)!r}")
        super().keep(lead)


class RefusesWords(Client):
    """Reads categories into an enumeration."""

    def keep(self, lead: dict[str, Any]) -> None:
        category = lead["leadMetaInfos"]["leadCategory"]
        if category not in _CATEGORIES:
            raise ValueError(f"{category!r} is not a valid Category")
        super().keep(lead)


class NeedsAnAddress(Client):
    """Takes the e-mail address for a member that is always there."""

    def keep(self, lead: dict[str, Any]) -> None:
        said = lead["contactRequest"]
        if "@" not in said.get("personContact", said)["email"]:
            return
        super().keep(lead)


class NeedsANumber(Client):
    """Stores leads by somebody who left a number, or of whom nothing is left at all."""

    def keep(self, lead: dict[str, Any]) -> None:
        said = lead["contactRequest"]
        person = said.get("personContact") or said
        if person.get("phoneNumber") or not person.get("fullName"):
            super().keep(lead)


class CutsTexts(Client):
    """Has room for 120 characters of a message."""

    def store(self, row: dict[str, Any]) -> None:
        super().store({**row, "message": row["message"][:120] if row["message"] else row["message"]})


class EndsByAbsence(Client):
    """Knows the last page only where it has no cursor at all."""

    def next_place(self, data: dict[str, Any]) -> str:
        if "LastItemKey" in data and not data["LastItemKey"]:
            raise Failure("the same page again and again")
        return super().next_place(data)


class NotFoundIsAnError(Client):
    """Takes a list that is answered with 404 for a wrong address."""

    def nothing_found(self) -> dict[str, Any]:
        raise Failure("answered with status 404")


class DiesOfAGoneLead(Client):
    """Ends when one lead is not there any more."""

    def gone(self, id: str) -> None:
        raise Failure(f"lead {id} was answered with status 404")


# Data protection


class KeepsWhatIsGone(Client):
    """Takes over what a lead has, and never that it has something no more."""

    def store(self, row: dict[str, Any]) -> None:
        told = {name: value for name, value in row.items() if value is not None}
        super().store({**row, **self.leads.get(row["id"], {}), **told})

    def forget(self, seeker: str) -> None:
        pass


class NeverDeletes(Client):
    """Knows of no retention."""

    def purge(self) -> None:
        pass


class TellsAddresses(Client):
    """Asks for a lead by its id and, for its log, by the address of its seeker."""

    def detail(self, id: str) -> Answer:
        email = quote(self.leads[id]["email"] or "", safe="")
        return self.call("GET", f"/v2/leads/{quote(id, safe='')}?email={email}", None, is_lead)


class TellsItsLastLead(Client):
    """Says by which lead it was when it failed, with the name."""

    def failed(self, failure: Failure) -> int:
        last = [(row["id"], row["name"], row["phone"]) for row in self.leads.values()][-1:]
        raise SystemExit(f"gsl: {failure}, after {last}")


BROKEN: dict[str, tuple[type[Client], str]] = {
    "never calls the provider": (NeverCalls, "RUN-01"),
    "ends with exit code 3 when all went well": (EndsWithThree, "RUN-02"),
    "drops the last lead of each page": (DropsTheLast, "RUN-03"),
    "holds a lead of its own tests": (HoldsATestLead, "RUN-04"),
    "asks for days of 1970": (AsksForTheSeventies, "RUN-05"),
    "sends dates as text": (DatesAsText, "CONTRACT-01"),
    "asks for larger pages first": (LargerPagesFirst, "CONTRACT-07"),
    "names no content type": (NamesNoContentType, "CONTRACT-03"),
    "sends a body with a GET": (GetWithBody, "CONTRACT-05"),
    "sends its token in the query": (TokenInTheQuery, "CONTRACT-06"),
    "stops after page one": (StopsAfterPageOne, "PAGE-01"),
    "stops at a page that is not full": (StopsAtAPageThatIsNotFull, "PAGE-01"),
    "asks for each page twice": (AsksTwice, "PAGE-02"),
    "pads the cursor": (WritesCursors, "PAGE-03"),
    "only inserts": (OnlyInserts, "PAGE-05"),
    "takes no lead at all for a failure": (NothingIsAnError, "PAGE-06"),
    "sends an empty cursor after the end": (SendsAnEmptyCursor, "PAGE-07"),
    "leaves two days between its periods": (LeavesGaps, "PAGE-09"),
    "leaves a second between its periods": (LeavesASecond, "PAGE-09"),
    "gives up when a cursor is refused": (GivesUpAtStaleCursors, "PAGE-10"),
    "repeats a cursor that is refused": (RepeatsStaleCursors, "PAGE-10"),
    "asks for one list alone": (AsksForOneListAlone, "PAGE-11"),
    "always reads everything": (ReadsEverything, "SYNC-01"),
    "begins a second after the newest lead": (BeginsASecondLater, "SYNC-02"),
    "overlaps by ten minutes": (BarelyOverlaps, "SYNC-03"),
    "asks from its last run by its own clock": (TrustsItsOwnClock, "SYNC-04"),
    "keeps the first version of a lead": (KeepsTheFirst, "SYNC-05"),
    "knows enquiries by address and listing": (OneLeadForEachAddressAndListing, "SYNC-08"),
    "asks up to yesterday": (EndsYesterday, "SYNC-07"),
    "requests a token for each call": (TokenForEachCall, "TOKEN-01"),
    "requests a token for each run": (TokenForEachRun, "TOKEN-02"),
    "gives up at a 401": (DiesOfA401, "TOKEN-03"),
    "replaces a token once a run": (ReplacesItsTokenOnce, "TOKEN-03"),
    "asks for token after token": (AsksForTokenAfterToken, "TOKEN-04"),
    "needs to know how long a token lasts": (NeedsToKnowHowLong, "TOKEN-10"),
    "adds the life of a token as a text": (AddsTexts, "TOKEN-11"),
    "keeps keys for ever": (KeepsKeysForEver, "TOKEN-12"),
    "keeps keys for the run": (KeepsKeysForTheRun, "TOKEN-12"),
    "asks ten times with refused credentials": (InsistsOnItsCredentials, "TOKEN-04"),
    "repeats a forbidden call": (InsistsOnAForbiddenCall, "TOKEN-05"),
    "asks for no scope": (AsksForNoScope, "TOKEN-06"),
    "follows redirects with its token": (FollowsRedirects, "TOKEN-07"),
    "tells its credentials when it fails": (TellsItsCredentials, "TOKEN-09"),
    "passes over Retry-After in seconds": (KnowsNoRetryAfter, "FAULT-01"),
    "passes over Retry-After as a date": (KnowsNoDates, "FAULT-02"),
    "always waits the same": (WaitsAlwaysTheSame, "FAULT-03"),
    "lets each worker always wait the same": (WorkersWaitTheSame, "FAULT-03"),
    "hardly ever gives up": (HardlyGivesUp, "FAULT-04"),
    "ends with exit code 0 after a failure": (FailsInSilence, "FAULT-05"),
    "takes a broken page for an empty one": (BrokenIsEmpty, "FAULT-06"),
    "moves on after a failure": (MovesOnAfterFailures, "FAULT-07"),
    "throws everything away after a failure": (ClearsAfterFailures, "FAULT-08"),
    "refuses members that it does not know": (RefusesMembers, "TOLERANCE-01"),
    "refuses categories that it does not know": (RefusesWords, "TOLERANCE-02"),
    "crashes without an e-mail address": (NeedsAnAddress, "TOLERANCE-03"),
    "drops leads without a telephone number": (NeedsANumber, "TOLERANCE-03"),
    "cuts messages": (CutsTexts, "TOLERANCE-04"),
    "wants the last cursor to be absent": (EndsByAbsence, "TOLERANCE-05"),
    "takes a 404 of a list for a failure": (NotFoundIsAnError, "TOLERANCE-05"),
    "offers gzip and cannot read it": (OffersWhatItCannotRead, "TOLERANCE-07"),
    "takes a compressed page for an empty one": (TakesCompressedPagesForEmpty, "TOLERANCE-07"),
    "gives up when a lead is gone": (DiesOfAGoneLead, "TOLERANCE-06"),
    "keeps the name of the erased": (KeepsWhatIsGone, "GDPR-01"),
    "never deletes": (NeverDeletes, "GDPR-02"),
    "asks with an e-mail address": (TellsAddresses, "GDPR-03"),
    "tells whom it read last when it fails": (TellsItsLastLead, "GDPR-04"),
}
"""By the bug: the client, and the obligation that it breaks."""
