"""Clients of Apimo with one bug each, and the obligation that it breaks."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from tests.clients.apimo import LIMIT, SAME, Answer, Client, Failure, Lead, Page, T

KNOWN = {*SAME, "id", "parent", "provider", "step", "criteria", "created_at", "updated_at", "agency"}


class CallsNobody(Client):
    def crawl(self) -> dict[str, Lead]:
        return {}

    def write(self, shown: Mapping[str, Lead]) -> None:
        pass


class AlwaysFails(Client):
    def run(self) -> int:
        super().run()
        return 1


class DropsClosedLeads(Client):
    def keep(self, lead: Lead) -> None:
        if lead.get("step") != "4":
            super().keep(lead)


class InventsALead(Client):
    def lines(self) -> list[dict[str, Any]]:
        return [*super().lines(), {"id": "local-1"}]


class AsksFromTomorrow(Client):
    """Takes the end of the day for its beginning, and no time zone into account."""

    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        return super().query(offset, int(moment_of(self.environment["MOCKSERVER_NOW"])) + 86_400)

    def write(self, shown: Mapping[str, Lead]) -> None:
        pass


class AsksForAnotherAgency(Client):
    """Has the number of an agency from its tests."""

    def page(self, offset: int, since: int | None) -> Page:
        self.leads_path = "/agencies/999/leads"
        return super().page(offset, since)


class AsksForAWord(Client):
    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        return super().query(offset, since) | {"limit": "all"}


class AsksForNothingFirst(Client):
    """Asks for no leads to see what the list says of itself, and does without when that is refused."""

    def page(self, offset: int, since: int | None) -> Page:
        if not offset:
            try:
                self.call("GET", f"{self.leads_path}?limit=0", None, self.read_page)
            except Failure as failure:
                if failure.status != 422:
                    raise
        return super().page(offset, since)


class MisspellsTimestamp(Client):
    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        asked = super().query(offset, since)
        return asked | {"timestamps": asked.get("timestamp", "")}


class NamesNoContentType(Client):
    def exchange(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        return super().exchange(method, url, content, {**headers, "Content-Type": "text/plain"} if content else headers)


class SendsABodyWithGet(Client):
    def exchange(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        return super().exchange(method, url, content or b"{}", headers)


class PutsItsTokenIntoTheAddress(Client):
    def query(self, offset: int, since: int | None) -> dict[str, Any]:
        return super().query(offset, since) | {"token": self.environment["APIMO_TOKEN"]}


class StopsAfterOnePage(Client):
    def is_last(self, offset: int, page: Page) -> bool:
        return True


class AsksTwice(Client):
    def page(self, offset: int, since: int | None) -> Page:
        super().page(offset, since)
        return super().page(offset, since)


class TrustsOffsets(Client):
    def following(self, offset: int) -> int:
        return offset + LIMIT

    def shifted(self, before: Page, page: Page) -> bool:
        return False


class OnlyInserts(Client):
    def keep(self, lead: Lead) -> None:
        known = str(lead["id"]) in self.state["leads"]
        super().keep(lead)
        if known:
            self.state["leads"][f"{lead['id']}, again"] = self.row(lead)


class FailsOnAnEmptyList(Client):
    def page(self, offset: int, since: int | None) -> Page:
        page = super().page(offset, since)
        if not page.leads:
            raise Failure("there are no leads")
        return page


class GoesOnBehindTheEnd(Client):
    def page(self, offset: int, since: int | None) -> Page:
        page = super().page(offset, since)
        for number in range(5 if self.is_last(offset, page) else 0):
            super().page(offset + (1 + number) * LIMIT, since)
        return page


class ReadsEverythingAgain(Client):
    def since(self) -> int | None:
        return None


class AsksFromTheEndOfTheCrawl(Client):
    def advance(self, pages: list[Page]) -> None:
        self.state["sync"] = int(pages[-1].date or 0)

    def since(self) -> int | None:
        since: int | None = self.state["sync"]
        return since


class OverlapsByMinutes(Client):
    def since(self) -> int | None:
        sync: int | None = self.state["sync"]
        return None if sync is None else sync - 900


class AsksByItsOwnClock(Client):
    def advance(self, pages: list[Page]) -> None:
        self.state["sync"] = int(moment_of(self.environment["MOCKSERVER_NOW"])) - 1

    def since(self) -> int | None:
        since: int | None = self.state["sync"]
        return since


class IgnoresUpdates(Client):
    def keep(self, lead: Lead) -> None:
        if is_erased(lead) or str(lead["id"]) not in self.state["leads"]:
            super().keep(lead)


class KeepsRepetitions(Client):
    def row(self, lead: Lead) -> dict[str, Any]:
        return super().row(lead) | {"parent": None}


class RepeatsUnauthorized(Client):
    def call(self, method: str, path: str, body: Any, read: Callable[[Answer], T]) -> T:
        return insist(401, lambda: super(RepeatsUnauthorized, self).call(method, path, body, read))


class RepeatsForbidden(Client):
    def call(self, method: str, path: str, body: Any, read: Callable[[Answer], T]) -> T:
        return insist(403, lambda: super(RepeatsForbidden, self).call(method, path, body, read))


class FollowsRedirects(Client):
    def exchange(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        answer = super().exchange(method, url, content, headers)
        if answer.status in (301, 302, 303, 307, 308):
            return super().exchange(method, answer.headers["location"], content, headers)
        return answer


class TellsItsToken(Client):
    def report(self, failure: Failure) -> int:
        sys.exit(f"apimo: {failure}, with {self.environment['APIMO_PROVIDER']}:{self.environment['APIMO_TOKEN']}")


class ReadsCompressedBodiesAsTheyAre(Client):
    def decoded(self, headers: Mapping[str, str], body: bytes) -> bytes:
        return body


class IgnoresRetryAfter(Client):
    def retry_after(self, answer: Answer) -> float | None:
        return None if answer.headers.get("retry-after", "").isdigit() else super().retry_after(answer)


class ReadsOnlySecondsOfRetryAfter(Client):
    def retry_after(self, answer: Answer) -> float | None:
        return super().retry_after(answer) if answer.headers.get("retry-after", "").isdigit() else None


class WaitsEquallyLong(Client):
    def back_off(self, turn: int) -> float:
        return 0.8


class NeverGivesUp(Client):
    def turns(self) -> int:
        return 31

    def back_off(self, turn: int) -> float:
        return min(super().back_off(turn), 0.2)


class HidesFailures(Client):
    def report(self, failure: Failure) -> int:
        return 0 if failure.status >= 500 else super().report(failure)


class TakesBrokenForEmpty(Client):
    def read_page(self, answer: Answer) -> Page:
        try:
            return super().read_page(answer)
        except Failure:
            return Page({}, None, None, None)

    def shifted(self, before: Page, page: Page) -> bool:
        return bool(page.leads) and super().shifted(before, page)


class MovesOnAfterFailures(Client):
    latest: float | None = None

    def page(self, offset: int, since: int | None) -> Page:
        page = super().page(offset, since)
        self.latest = page.date
        return page

    def crawl(self) -> dict[str, Lead]:
        try:
            return super().crawl()
        except Failure:
            if self.latest is not None:
                self.state["sync"] = int(self.latest)
            raise


class DeletesAllOnFailure(Client):
    def report(self, failure: Failure) -> int:
        self.state["leads"].clear()
        return super().report(failure)


class RefusesUnknownMembers(Client):
    def is_lead(self, lead: Any) -> bool:
        if unknown := lead.keys() - KNOWN:
            raise ValueError(f"a lead has no {unknown}")
        return super().is_lead(lead)


class RefusesUnknownValues(Client):
    def row(self, lead: Lead) -> dict[str, Any]:
        for name, most in (("type", 8), ("step", 5)):
            if lead[name] is not None and lead[name] not in map(str, range(1, most + 1)):
                raise ValueError(f"there is no {name} {lead[name]}")
        return super().row(lead)


class NeedsAPhone(Client):
    def keep(self, lead: Lead) -> None:
        super().keep(lead)
        if not (lead.get("phone") or lead.get("mobile")):
            del self.state["leads"][str(lead["id"])]


class CutsMessages(Client):
    def row(self, lead: Lead) -> dict[str, Any]:
        row = super().row(lead)
        return row | {"message": row["message"][:1000]}


class BelievesTheTotal(Client):
    def advance(self, pages: list[Page]) -> None:
        totals = {page.total for page in pages}
        if totals not in ({None}, {len({id for page in pages for id in page.leads})}) and len(totals) == 1:
            raise Failure("there are fewer leads than there should be")
        super().advance(pages)


class KeepsErasedPeople(Client):
    def keep(self, lead: Lead) -> None:
        held = self.state["leads"].get(str(lead["id"]))
        super().keep(lead)
        if held is not None and is_erased(lead):
            self.state["leads"][str(lead["id"])] = held


class NamesACustomer(Client):
    def exchange(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        held = [row["email"] for row in self.state["leads"].values() if row["email"].isascii() and row["email"]]
        return super().exchange(method, url, content, {**headers, "X-Customer": held[0]} if held else headers)


class CreatesAnew(Client):
    def create(self) -> Failure | None:
        failure = super().create()
        if failure is None:
            return None
        self.state["outbox"]["reference"] = token_hex(8)
        return super().create()


class SendsItOnceMore(Client):
    """Sends a lead again when its answer is lost, as it was, and never looks whether it is there."""

    def create(self) -> Failure | None:
        failure = super().create()
        return failure if failure is None else super().create()


class ChangesTheStepAlone(Client):
    def changed(self, lead: Lead) -> dict[str, Any]:
        return {"step": "2"}


class SendsAnEmptyForm(Client):
    def changed(self, lead: Lead) -> dict[str, Any]:
        empty = dict.fromkeys(("lastname", "firstname", "email", "phone", "mobile", "message"), "")
        return {**empty, "reference": lead["reference"], "step": "2"}


class TellsWhoItReadLast(Client):
    """Says by which lead it was when it failed, with all of it."""

    def report(self, failure: Failure) -> int:
        sys.exit(f"apimo: {failure}, after {list(self.state['leads'].values())[-1:]}")


def moment_of(text: str) -> float:
    """The epoch of an ISO 8601 moment."""
    return datetime.fromisoformat(text).timestamp()


def is_erased(lead: Lead) -> bool:
    """Whether nothing is left of who it was and what they wrote."""
    return not (lead.get("firstname") or lead.get("lastname") or lead.get("message"))


def insist(status: int, call: Callable[[], T]) -> T:
    """Makes a call ten times that is refused with that status."""
    for _ in range(9):
        try:
            return call()
        except Failure as failure:
            if failure.status != status:
                raise
    return call()


BROKEN: dict[str, tuple[type[Client], str]] = {
    "calls-nobody": (CallsNobody, "RUN-01"),
    "always-fails": (AlwaysFails, "RUN-02"),
    "drops-closed-leads": (DropsClosedLeads, "RUN-03"),
    "invents-a-lead": (InventsALead, "RUN-04"),
    "asks-from-tomorrow": (AsksFromTomorrow, "RUN-05"),
    "asks-for-another-agency": (AsksForAnotherAgency, "RUN-05"),
    "asks-for-a-word": (AsksForAWord, "CONTRACT-01"),
    "asks-for-nothing-first": (AsksForNothingFirst, "CONTRACT-07"),
    "misspells-timestamp": (MisspellsTimestamp, "CONTRACT-02"),
    "names-no-content-type": (NamesNoContentType, "CONTRACT-03"),
    "sends-a-body-with-get": (SendsABodyWithGet, "CONTRACT-05"),
    "puts-its-token-into-the-address": (PutsItsTokenIntoTheAddress, "CONTRACT-06"),
    "stops-after-one-page": (StopsAfterOnePage, "PAGE-01"),
    "asks-twice": (AsksTwice, "PAGE-02"),
    "trusts-offsets": (TrustsOffsets, "PAGE-04"),
    "only-inserts": (OnlyInserts, "PAGE-05"),
    "fails-on-an-empty-list": (FailsOnAnEmptyList, "PAGE-06"),
    "goes-on-behind-the-end": (GoesOnBehindTheEnd, "PAGE-07"),
    "reads-everything-again": (ReadsEverythingAgain, "SYNC-01"),
    "asks-from-the-end-of-the-crawl": (AsksFromTheEndOfTheCrawl, "SYNC-02"),
    "overlaps-by-minutes": (OverlapsByMinutes, "SYNC-03"),
    "asks-by-its-own-clock": (AsksByItsOwnClock, "SYNC-04"),
    "ignores-updates": (IgnoresUpdates, "SYNC-05"),
    "keeps-repetitions": (KeepsRepetitions, "SYNC-06"),
    "repeats-unauthorized": (RepeatsUnauthorized, "TOKEN-04"),
    "repeats-forbidden": (RepeatsForbidden, "TOKEN-05"),
    "follows-redirects": (FollowsRedirects, "TOKEN-07"),
    "tells-its-token": (TellsItsToken, "TOKEN-09"),
    "ignores-retry-after": (IgnoresRetryAfter, "FAULT-01"),
    "reads-only-seconds-of-retry-after": (ReadsOnlySecondsOfRetryAfter, "FAULT-02"),
    "waits-equally-long": (WaitsEquallyLong, "FAULT-03"),
    "never-gives-up": (NeverGivesUp, "FAULT-04"),
    "hides-failures": (HidesFailures, "FAULT-05"),
    "takes-broken-for-empty": (TakesBrokenForEmpty, "FAULT-06"),
    "moves-on-after-failures": (MovesOnAfterFailures, "FAULT-07"),
    "deletes-all-on-failure": (DeletesAllOnFailure, "FAULT-08"),
    "refuses-unknown-members": (RefusesUnknownMembers, "TOLERANCE-01"),
    "refuses-unknown-values": (RefusesUnknownValues, "TOLERANCE-02"),
    "needs-a-phone": (NeedsAPhone, "TOLERANCE-03"),
    "cuts-messages": (CutsMessages, "TOLERANCE-04"),
    "believes-the-total": (BelievesTheTotal, "TOLERANCE-05"),
    "reads-compressed-bodies-as-they-are": (ReadsCompressedBodiesAsTheyAre, "TOLERANCE-07"),
    "keeps-erased-people": (KeepsErasedPeople, "GDPR-01"),
    "names-a-customer": (NamesACustomer, "GDPR-03"),
    "tells-who-it-read-last": (TellsWhoItReadLast, "GDPR-04"),
    "creates-anew": (CreatesAnew, "WRITE-01"),
    "changes-the-step-alone": (ChangesTheStepAlone, "WRITE-02"),
    "sends-an-empty-form": (SendsAnEmptyForm, "WRITE-02"),
    "sends-it-once-more": (SendsItOnceMore, "WRITE-03"),
}
"""By the name of the bug."""
