"""The scenarios that come with the package, each driven by a small client that meets what it is about."""

import threading
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import pytest

from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import Provider
from mockserver.registry.sandboxes import SandboxRequest
from mockserver.sandbox.sandbox import Sandbox
from mockserver.scenarios import ScenarioRunner, ScenarioState, load_scenario, scenario_names
from mockserver.server.app import MockServer, build
from tests.conftest import NOW
from tests.support.in_process import TestClient
from tests.support.patience import PATIENCE
from tests.support.receiver import KEY, Receiver

pytestmark = pytest.mark.no_cover

APIMO_LEAD = {"reference": "written-once", "lastname": "Martin", "date": "2026-01-01 10:00:00", "type": "1"}


class Play:
    """A client of both fakes in a sandbox of its own, at which a scenario is at work."""

    def __init__(self, app: MockServer, scenario: str) -> None:
        self.sandbox: Sandbox = app.sandboxes.create(SandboxRequest(scenario=scenario))
        self.receivers: list[Receiver] = []
        self.http = TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False)
        self.http.headers["x-mockserver-sandbox"] = self.sandbox.id
        apimo = self._credentials(app.providers["apimo"])
        self.auth = (apimo["provider"], apimo["token"])
        gsl = self._credentials(app.providers["gsl"])
        self.client, self.secret = gsl["client_id"], gsl["client_secret"]
        self.token = ""
        self.seeker_token = ""
        self.seeker_words = self._credentials(app.providers["seeker"])

    def _credentials(self, provider: Provider) -> dict[str, Any]:
        (account,) = self.sandbox.accounts[provider.name].values()
        return dict(provider.auth.describe_credentials(account))

    @property
    def state(self) -> ScenarioState:
        runner = self.sandbox.scenario
        assert isinstance(runner, ScenarioRunner)
        return runner.state()

    def signal(self, name: str) -> bool:
        runner = self.sandbox.scenario
        assert isinstance(runner, ScenarioRunner)
        with self.sandbox.transaction():
            return runner.signal(name)

    def apimo(self, agency: int = 101, what: str = "leads", **query: int) -> httpx2.Response:
        """A page of one of Apimo's lists."""
        return self.http.get(f"/apimo/agencies/{agency}/{what}", params=query, auth=self.auth)

    def write(self) -> httpx2.Response:
        """A lead that Apimo is to store."""
        return self.http.post("/apimo/agencies/101/leads", json=APIMO_LEAD, auth=self.auth)

    def ask_token(self) -> httpx2.Response:
        """A new token for GSL, kept for the calls that follow."""
        form = {"client_id": self.client, "client_secret": self.secret, "grant_type": "client_credentials"}
        answer = self.http.post("/gsl/oauth/token", json={**form, "scope": "laas:leads:get"})
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def search(self, start: int = 0, end: int | None = None, **pagination: Any) -> httpx2.Response:
        """A page of GSL's leads about a listing."""
        if not self.token:
            self.ask_token()
        period = {"StartDate": start, "EndDate": self.sandbox.clock.now() + 86_400 if end is None else end}
        body = {"SearchCriteria": period, "Pagination": pagination}
        return self.http.post("/gsl/v2/leads", json=body, headers=self._bearer())

    def detail(self, lead: str) -> httpx2.Response:
        """One lead of GSL."""
        return self.http.get(f"/gsl/v2/leads/{lead}", headers=self._bearer())

    def crawl(self, **pagination: Any) -> list[str]:
        """The ids of all that a search finds, page after page."""
        found: list[str] = []
        while True:
            data = good(self.search(**pagination))["Data"]
            found += ids(data)
            if "LastItemKey" not in data:
                return found
            pagination["LastItemKey"] = data["LastItemKey"]

    def ask_seeker_token(self) -> str:
        """A new token for Seeker Leads, kept for the lists that follow."""
        words = {name: self.seeker_words[name] for name in ("client_id", "client_secret", "audience")}
        answer = self.http.post("/seeker/oauth/token", json={**words, "grant_type": "client_credentials"})
        self.seeker_token = good(answer)["access_token"]
        return self.seeker_token

    def seeker(self, method: str, path: str, token: str, **given: Any) -> httpx2.Response:
        """A call of Seeker Leads."""
        headers = {"authorization": f"Bearer {token}"}
        return self.http.request(method, f"/seeker/seeker-leads/v1{path}", headers=headers, **given)

    def seeker_leads(self, limit: int = 20) -> httpx2.Response:
        """The first page of Seeker Leads' list of the last days; the token is got once."""
        if not self.seeker_token:
            self.ask_seeker_token()
        now = self.sandbox.clock.now()
        period = {"minDate": now - 6 * 86_400, "maxDate": now, "limit": limit}
        return self.seeker("GET", "/leads", self.seeker_token, params=period)

    def subscribe(self, token: str) -> Receiver:
        """Somebody who is told of new leads, by a subscription made just now."""
        receiver = Receiver()
        self.receivers.append(receiver)
        body = {"url": receiver.url, "apiKey": KEY}
        assert self.seeker("POST", "/webhook/subscriptions", token, json=body).status_code < 300
        return receiver

    def flush(self) -> None:
        """Lets webhooks that are due go out."""
        assert self.http.post(f"/__admin/sandboxes/{self.sandbox.id}/webhooks/flush").status_code == 200

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def good(answer: httpx2.Response) -> Any:
    """The body of an answer that is 200, or 206 where more remains."""
    assert answer.status_code in (200, 206), answer.text
    return answer.json()


def ids(body: dict[str, Any]) -> list[Any]:
    """The ids of the leads of a page, of any provider."""
    if "metadata" in body:
        return [lead["metadata"]["leadId"] for lead in body["items"]]
    if "leads" in body:
        return [lead["id"] for lead in body["leads"]]
    items = body.get("Data", body)["Items"]
    return [lead["leadMetaInfos"]["leadId"] for lead in items]


@pytest.fixture(scope="module")
def app() -> MockServer:
    """One application for all scenarios."""
    return build(Settings(world="small", now=NOW))


Start = Callable[[str], Play]


@pytest.fixture
def start(app: MockServer) -> Iterator[Start]:
    """Puts scenarios to work."""
    played: list[Play] = []

    def start(scenario: str) -> Play:
        played.append(Play(app, scenario))
        # With the dispatcher, which works in the event loop of the server.
        played[-1].http.__enter__()
        return played[-1]

    yield start
    for play in played:
        # Whatever it says happened, and all of it could be done.
        assert play.state.done
        assert [fired.failed for fired in play.state.fired if fired.failed] == []
        app.sandboxes.delete(play.sandbox.id)
        for receiver in play.receivers:
            receiver.close()
        play.http.__exit__()


def test_every_scenario_that_comes_with_the_package_is_driven_here_or_by_those_who_judge() -> None:
    driven = {name.removeprefix("test_in_").replace("_", "-") for name in globals() if name.startswith("test_in_")}
    judging = {name for name in scenario_names() if load_scenario(name).judge}
    assert driven | judging == set(scenario_names())
    assert {name for name in judging if load_scenario(name).judging.steps is not None} <= driven
    assert len(driven) >= 20


def test_no_two_scenarios_do_the_same() -> None:
    documents = [load_scenario(name).model_dump_json(exclude={"name", "why"}) for name in scenario_names()]
    assert len(set(documents)) == len(documents)
    reasons = [load_scenario(name).why for name in scenario_names()]
    assert len(set(reasons)) == len(reasons)


def test_in_token_dies_mid_crawl(start: Start) -> None:
    play = start("token-dies-mid-crawl")
    first = good(play.search())["Data"]
    second = good(play.search(LastItemKey=first["LastItemKey"]))["Data"]
    third = play.search(LastItemKey=second["LastItemKey"])
    assert third.status_code == 401
    assert "invalid_token" in third.headers["www-authenticate"]
    assert play.ask_token().status_code == 200
    third = play.search(LastItemKey=second["LastItemKey"])
    assert not set(ids(good(third))) & {*ids(first), *ids(second)}
    assert play.state.done


def test_partial_pages_count_where_a_token_dies(start: Start) -> None:
    play = start("token-dies-mid-crawl")
    for _ in range(2):
        assert play.seeker_leads(limit=5).status_code == 206
    assert play.seeker_leads().status_code == 401
    play.ask_seeker_token()
    good(play.seeker_leads())


def test_in_token_endpoint_down(start: Start) -> None:
    play = start("token-endpoint-down")
    good(play.search())
    assert play.search().status_code == 401
    down = play.ask_token()
    assert (down.status_code, down.headers["retry-after"]) == (503, "30")
    play.sandbox.clock.advance(119)
    assert play.ask_token().status_code == 503
    play.sandbox.clock.advance(1)
    assert play.ask_token().status_code == 200
    good(play.search())


def test_in_lead_arrives_on_page_one(start: Start) -> None:
    play = start("lead-arrives-on-page-one")
    first = good(play.apimo(limit=100, offset=0))
    second = good(play.apimo(limit=100, offset=100))
    assert ids(second)[0] == ids(first)[-1]
    assert second["total_items"] == first["total_items"] + 1
    (new,) = ids(good(play.apimo(timestamp=NOW)))
    assert new not in [*ids(first), *ids(second)]


def test_in_leads_withdrawn_while_paging(start: Start) -> None:
    play = start("leads-withdrawn-while-paging")
    first = good(play.apimo(limit=100, offset=0))
    second = good(play.apimo(limit=100, offset=100))
    overlapping = good(play.apimo(limit=100, offset=97))
    lost = set(ids(overlapping)) - {*ids(first), *ids(second)}
    assert lost == set(ids(overlapping)[:3])
    assert second["total_items"] == first["total_items"] - 3


def test_in_lead_updated_while_paging(start: Start) -> None:
    play = start("lead-updated-while-paging")
    first = good(play.apimo(limit=200, offset=0))
    assert play.state.done
    second = good(play.apimo(limit=200, offset=200))
    ended = play.sandbox.clock.now()
    assert ids(good(play.apimo(timestamp=ended))) == []
    newest = max(first["timestamp"], second["timestamp"])
    changed = {lead["id"]: lead["message"] for lead in good(play.apimo(timestamp=newest))["leads"]}
    assert changed[ids(first)[0]] == "Finalement, je peux visiter samedi." != first["leads"][0]["message"]


def test_in_lead_arrives_during_cursor_crawl(start: Start) -> None:
    play = start("lead-arrives-during-cursor-crawl")
    first = good(play.search())["Data"]
    assert play.state.step == 1
    found = ids(first) + play.crawl(LastItemKey=first["LastItemKey"])
    assert len(found) == len(set(found))
    # Both that arrived while it went on are there, at the end.
    assert found[-2:] == ids(good(play.search(start=NOW)))


def test_in_late_lead(start: Start) -> None:
    play = start("late-lead")
    polled = play.sandbox.clock.now()
    known = play.crawl()
    assert play.sandbox.clock.now() == polled + 3_600
    assert ids(good(play.search(start=polled))) == []
    overlapping = ids(good(play.search(start=polled - 3 * 3_600)))
    assert len(set(overlapping) - set(known)) == 1


def test_in_same_enquiry_twice(start: Start) -> None:
    play = start("same-enquiry-twice")
    # What arrived before the first poll, and what ten minutes later.
    (parent,) = good(play.apimo(timestamp=NOW))["leads"]
    (twin,) = good(play.apimo(timestamp=NOW + 600))["leads"]
    assert twin["parent"] == parent["id"]
    assert (parent["email"], parent["property"]) == (twin["email"], twin["property"])
    assert parent["provider"] != twin["provider"]
    newest = good(play.search(Order="desc", Limit=2))["Data"]["Items"]
    assert len({lead["contactRequest"]["email"] for lead in newest}) == 1
    assert len({lead["leadMetaInfos"]["leadId"] for lead in newest}) == 2


def test_in_erased_between_runs(start: Start) -> None:
    play = start("erased-between-runs")
    named = good(play.apimo(timestamp=NOW))["leads"][-1]
    (erased,) = good(play.apimo(timestamp=NOW + 3_600))["leads"]
    assert erased["id"] == named["id"]
    assert named["lastname"]
    assert not erased["lastname"]
    lead = good(play.search(Order="desc", Limit=1))["Data"]["Items"][0]
    assert "fullName" not in lead["contactRequest"]


def test_in_last_page_exactly_full(start: Start) -> None:
    play = start("last-page-exactly-full")
    page = good(play.apimo(limit=50, offset=50))
    assert (len(ids(page)), page["total_items"]) == (50, 100)
    assert ids(good(play.apimo(limit=50, offset=100))) == []


def test_in_last_cursor_page_exactly_full(start: Start) -> None:
    play = start("last-cursor-page-exactly-full")
    first = good(play.search(Limit=100))["Data"]
    last = good(play.search(Limit=100, LastItemKey=first["LastItemKey"]))["Data"]
    assert len(ids(last)) == 100
    assert "LastItemKey" not in last


def test_in_empty_agency(start: Start) -> None:
    play = start("empty-agency")
    nothing = good(play.apimo())
    assert (nothing["leads"], nothing["total_items"], nothing["timestamp"]) == ([], 0, None)
    assert len(ids(good(play.apimo()))) == 1


def the_quota_is_reached(play: Play, wait: Callable[[httpx2.Response], int]) -> None:
    until = NOW + 86_400
    good(play.search(end=until))
    second = good(play.search(end=until, Limit=10))["Data"]
    for refused in (play.apimo(), play.search(end=until, LastItemKey=second["LastItemKey"]), play.seeker_leads()):
        assert refused.status_code == 429
        assert wait(refused) == 30
    play.sandbox.clock.advance(29)
    assert play.search().status_code == 429
    play.sandbox.clock.advance(1)
    assert ids(good(play.search(end=until, LastItemKey=second["LastItemKey"])))
    good(play.apimo())
    good(play.seeker_leads())


def test_in_quota_reached(start: Start) -> None:
    the_quota_is_reached(start("quota-reached"), lambda answer: int(answer.headers["retry-after"]))


def test_in_quota_reached_until_a_date(start: Start) -> None:
    def wait(answer: httpx2.Response) -> int:
        until, now = (parsedate_to_datetime(answer.headers[name]) for name in ("retry-after", "date"))
        return int((until - now).total_seconds())

    the_quota_is_reached(start("quota-reached-until-a-date"), wait)


def test_in_down_for_a_minute(start: Start) -> None:
    play = start("down-for-a-minute")
    good(play.apimo())
    for answer in (play.apimo(), play.ask_token()):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "20")
    play.sandbox.clock.advance(59)
    assert play.apimo().status_code == 503
    play.sandbox.clock.advance(1)
    good(play.apimo())
    good(play.search())


def test_in_outage_on_signal(start: Start) -> None:
    play = start("outage-on-signal")
    good(play.apimo())
    assert not play.signal("up")
    assert play.signal("down")
    assert (play.apimo().status_code, play.ask_token().status_code) == (500, 500)
    assert play.signal("up")
    good(play.apimo())
    good(play.search())


def test_in_provider_clock_ahead(start: Start) -> None:
    play = start("provider-clock-ahead")
    answer = play.search(end=NOW)
    assert parsedate_to_datetime(answer.headers["date"]).timestamp() == NOW + 300
    seen = ids(good(answer))
    (ahead,) = set(ids(good(play.search(end=NOW + 300)))) - set(seen)
    assert ahead


def test_in_provider_clock_behind(start: Start) -> None:
    play = start("provider-clock-behind")
    polled = play.sandbox.clock.now()
    seen = ids(good(play.search(end=polled)))
    assert play.state.done
    assert ids(good(play.search(start=polled, end=polled + 3_600))) == []
    later = ids(good(play.search(start=polled - 900, end=polled)))
    assert len(set(later) - set(seen)) == 1


def test_in_largest_page(start: Start) -> None:
    play = start("largest-page")
    most, rest = (good(play.apimo(what="properties", offset=offset)) for offset in (0, 1_000))
    assert (len(most["properties"]), len(rest["properties"]), most["total_items"]) == (1_000, 1, 1_001)
    assert len(good(play.apimo(what="properties", limit=5_000))["properties"]) == 1_000
    full = good(play.search(Limit=100))["Data"]
    assert len(ids(full)) == 100
    assert full["LastItemKey"]
    assert play.search(Limit=101).status_code == 400


def test_in_stale_cursor(start: Start) -> None:
    play = start("stale-cursor")
    first = good(play.search(Limit=20))["Data"]
    for _ in range(2):
        assert play.search(Limit=20, LastItemKey=first["LastItemKey"]).status_code == 400
    again = play.crawl(Limit=20)
    assert again[:20] == ids(first)
    assert len(again) > 20


def test_in_credentials_revoked(start: Start) -> None:
    play = start("credentials-revoked")
    play.ask_seeker_token()
    good(play.apimo())
    good(play.search())
    assert play.apimo().status_code == 401
    assert play.search().status_code == 401
    assert play.ask_token().status_code in (401, 403)
    assert play.seeker_leads().status_code == 401
    play.sandbox.clock.advance(86_400)
    assert play.apimo().status_code == 401


def test_in_credentials_rotated(start: Start) -> None:
    play = start("credentials-rotated")
    play.ask_seeker_token()
    good(play.apimo())
    good(play.search())
    assert [play.apimo().status_code, play.search().status_code, play.seeker_leads().status_code] == [401] * 3
    assert play.ask_token().status_code in (401, 403)
    # The new ones are what the file says.
    apimo, gsl, seeker = (action.chosen[1].secret for action in load_scenario("credentials-rotated").steps[0].do[:3])
    play.auth, play.secret = (play.auth[0], apimo), gsl
    play.seeker_words["client_secret"] = seeker
    play.ask_seeker_token()
    good(play.seeker_leads())
    good(play.apimo())
    assert play.ask_token().status_code == 200
    good(play.search())


def test_in_keys_rotated(start: Start) -> None:
    play = start("keys-rotated")
    play.ask_seeker_token()
    before = {name: play.sandbox.token_issuers[name].keys.current.kid for name in ("gsl", "seeker")}
    good(play.search())
    for name, kid in before.items():
        keys = play.sandbox.token_issuers[name].keys
        assert [key["kid"] for key in keys.jwks(play.sandbox.clock.now())["keys"]] == [keys.current.kid, kid]
    good(play.search())
    assert play.search().status_code == 401, "tokens of the old key were good, and are withdrawn now"
    assert play.seeker_leads().status_code == 401
    play.ask_seeker_token()
    assert play.ask_token().status_code == 200
    good(play.search())
    good(play.seeker_leads())
    assert play.signal("next-run")
    assert play.search().status_code == 401, "a day is over"
    assert play.ask_token().status_code == 200
    good(play.search())


def test_in_agency_cut_mid_crawl(start: Start) -> None:
    play = start("agency-cut-mid-crawl")
    assert good(play.apimo(limit=100))["total_items"] == 300
    assert play.apimo(limit=100, offset=100).status_code == 403
    others = good(play.apimo(agency=102))["leads"]
    left = play.crawl()
    # GSL shows all agencies in one list: what is left of it are leads of the other one.
    assert 0 < len(left) < len(others)
    assert set(left) <= {lead["reference"] for lead in others}


def test_in_agency_granted_later(start: Start) -> None:
    play = start("agency-granted-later")
    before = play.crawl()
    assert play.apimo(agency=103).status_code == 403
    play.sandbox.clock.advance(3_600)
    leads = good(play.apimo(agency=103))["leads"]
    assert len(leads) == 25
    assert ids(good(play.search(start=NOW))) == []
    assert set(play.crawl()) > set(before)


def test_in_lead_withdrawn_before_detail(start: Start) -> None:
    play = start("lead-withdrawn-before-detail")
    page = good(play.search(Order="desc"))["Data"]
    assert page["Items"][0]["leadMetaInfos"]["creationDate"].startswith("2026-01-01T00:00:00")
    listed = ids(page)
    assert [play.detail(lead).status_code for lead in listed[:2]] == [404, 200]


def one_page_is_spoilt(play: Play, spoilt: Callable[[Callable[[], httpx2.Response]], bool]) -> None:
    """The second page of each provider, and only that one."""
    play.ask_seeker_token()
    good(play.search(Limit=20))
    pages: list[Callable[[], httpx2.Response]] = [
        lambda: play.apimo(limit=20, offset=20),
        lambda: play.search(Limit=20),
        lambda: play.seeker_leads(limit=20),
    ]
    for page in pages:
        assert spoilt(page)
        assert len(ids(good(page()))) == 20


def test_in_reset_in_mid_page(start: Start) -> None:
    def spoilt(page: Callable[[], httpx2.Response]) -> bool:
        with pytest.raises(ConnectionResetError):
            page()
        return True

    one_page_is_spoilt(start("reset-in-mid-page"), spoilt)


def test_in_truncated_page(start: Start) -> None:
    def spoilt(page: Callable[[], httpx2.Response]) -> bool:
        answer = page()
        with pytest.raises(ValueError, match=r".+"):
            answer.json()
        return answer.is_success and int(answer.headers["content-length"]) == len(answer.content) > 100

    one_page_is_spoilt(start("truncated-page"), spoilt)


def test_in_proxy_page(start: Start) -> None:
    def spoilt(page: Callable[[], httpx2.Response]) -> bool:
        answer = page()
        html = answer.headers["content-type"].startswith("text/html") and "<html>" in answer.text
        return html and answer.is_success

    one_page_is_spoilt(start("proxy-page"), spoilt)


def test_in_slow_answer(start: Start) -> None:
    play = start("slow-answer")
    answered = threading.Event()
    answers: list[httpx2.Response] = []
    play.sandbox.journal.listeners.add(lambda entry: answered.set())

    def spoilt(page: Callable[[], httpx2.Response]) -> bool:
        def ask() -> None:
            answers.append(page())

        answered.clear()
        waiting = threading.Thread(target=ask)
        waiting.start()
        assert answered.wait(PATIENCE)
        play.sandbox.clock.advance(19.9)
        held = waiting.is_alive()
        play.sandbox.clock.advance(0.1)
        waiting.join(PATIENCE)
        fault = list(play.sandbox.journal.entries())[-1].fault
        return held and answers.pop().is_success and fault is not None and fault["kind"] == "delay"

    one_page_is_spoilt(play, spoilt)
    assert play.sandbox.clock.time() == NOW + 60


def test_in_items_repeated(start: Start) -> None:
    def spoilt(page: Callable[[], httpx2.Response]) -> bool:
        found = ids(good(page()))
        return (len(found), len(set(found))) == (21, 20)

    one_page_is_spoilt(start("items-repeated"), spoilt)


def test_in_answer_to_write_lost(start: Start) -> None:
    play = start("answer-to-write-lost")
    with pytest.raises(ConnectionResetError):
        play.write()
    (stored,) = [lead for lead in good(play.apimo())["leads"] if lead["reference"] == APIMO_LEAD["reference"]]
    # A client that sends it again without a look makes a second one.
    again = good(play.write())["id"]
    (child,) = [lead for lead in good(play.apimo())["leads"] if lead["id"] == again]
    assert child["parent"] == stored["id"]


def test_in_unknown_members(start: Start) -> None:
    play = start("unknown-members")
    page = good(play.apimo())
    assert set(page) > {"leads", "total_items", "timestamp"}
    assert set(page["leads"][0]) > {"id", "agency", "message"}
    assert set(play.ask_token().json()) > {"access_token", "expires_in", "token_type"}
    assert set(good(play.search())["Data"]["Items"][0]) > {"leadMetaInfos", "contactRequest", "property"}
    notes = [note for entry in play.sandbox.journal.entries() for note in entry.notes]
    assert [note for note in notes if note.startswith("scenario")] == [
        "scenario unknown-members, step 1: fault f1 (extra_members) was placed"
    ]


def test_in_retention_over(start: Start) -> None:
    play = start("retention-over")
    found = ids(good(play.search()))
    assert play.search().status_code == 401  # the token did not last so long either
    assert play.ask_token().status_code == 200
    assert ids(good(play.search())) == []
    assert {play.detail(lead).status_code for lead in found} == {404}


def test_in_webhook_twice_and_out_of_order(start: Start) -> None:
    play = start("webhook-twice-and-out-of-order")
    receiver = play.subscribe(play.ask_seeker_token())
    play.flush()
    came = [(got.body["metadata"]["ingestionDate"], got.lead) for got in receiver.got]
    assert len(came) == 3
    (first, second) = sorted(set(came))
    assert first[0] < second[0]
    assert came[0] == second, "the newer one came before the older one"
    assert came.count(second) == 2


def test_in_erased_between_delivery_and_detail(start: Start) -> None:
    play = start("erased-between-delivery-and-detail")
    token = play.ask_seeker_token()
    receiver = play.subscribe(token)
    play.flush()
    (got,) = receiver.got
    told = got.body["contactRequest"]
    assert told["firstName"]
    assert told["lastName"]
    assert told["message"]
    assert good(play.seeker("GET", f"/leads/{got.lead}", token))["contactRequest"] == told
    play.sandbox.clock.advance(5)
    detail = good(play.seeker("GET", f"/leads/{got.lead}", token))["contactRequest"]
    assert [detail[name] for name in ("firstName", "lastName", "message")] == [None, None, None]
    assert detail["email"] == told["email"]


def test_in_token_minted_before_the_right(start: Start) -> None:
    play = start("token-minted-before-the-right")
    period = {"minDate": NOW - 86_400, "maxDate": NOW}
    old = play.ask_seeker_token()
    for _ in range(2):
        refused = play.seeker("GET", "/leads", old, params=period)
        assert (refused.status_code, refused.json()["title"]) == (403, "Bad Scope")
    assert play.seeker("GET", "/leads", play.ask_seeker_token(), params=period).status_code in (200, 206)
