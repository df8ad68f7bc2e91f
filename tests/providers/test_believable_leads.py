"""What clients read of people and their enquiries agrees with itself, whichever provider tells it."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from mockserver.foundation.settings import Settings
from mockserver.providers.apimo.catalogs import REQUEST_CATALOGS, catalogs
from mockserver.server.app import MockServer, build
from tests.conftest import AUTH, NOW
from tests.support.gsl import ROUTES, Gsl
from tests.support.in_process import TestClient
from tests.support.seeker import Seeker

DAY = 86_400
CYRILLIC, HEBREW = re.compile("[\u0400-\u04ff]"), re.compile("[\u0590-\u05ff]")
OFFERS = ("SELL", "MANAGE")
FIRST_HOUR, LAST_HOUR = 7, 21


def client_of(app: MockServer) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8080")


def read(app: MockServer, name: str, agency: int = 101) -> list[dict[str, Any]]:
    """A whole list of an agency at Apimo."""
    client = client_of(app)
    client.auth = AUTH
    items: list[dict[str, Any]] = client.get(f"/apimo/agencies/{agency}/{name}").json()[name]
    return items


@pytest.fixture(scope="module")
def app() -> MockServer:
    """One application over the default world, which nothing changes."""
    return build(Settings(world="default", now=NOW))


@pytest.fixture(scope="module")
def apimo(app: MockServer) -> dict[str, list[dict[str, Any]]]:
    """Apimo's lists by name."""
    return {name: read(app, name) for name in ("leads", "requests", "contacts", "properties", "users")}


@pytest.fixture(scope="module")
def requests() -> list[dict[str, Any]]:
    """Apimo's requests of the default world, and of five others like it: what is rare is not in each."""
    apps = (build(Settings(world="default", now=NOW, seed=seed)) for seed in range(1, 7))
    return [request for app in apps for request in read(app, "requests")]


@pytest.fixture(scope="module")
def gsl(app: MockServer) -> list[dict[str, Any]]:
    """All leads of GSL, of every category."""
    client = Gsl(client_of(app))
    paths = dict.fromkeys(path for name, (path, _) in ROUTES.items() if name != "searchLeads")
    return [lead for path in paths for lead in client.walk(path)]


@pytest.fixture(scope="module")
def seeker(app: MockServer) -> dict[str, dict[str, Any]]:
    """All leads of Seeker Leads, by id."""
    return Seeker(client_of(app)).crawl(NOW - 100 * DAY, NOW)


def test_who_sells_or_lets_owns_a_property(seeker: dict[str, dict[str, Any]]) -> None:
    owners = [lead for lead in seeker.values() if lead["metadata"].get("seekerIntention") in OFFERS]
    assert len(owners) > 30
    assert {lead["contactRequest"].get("isOwner") for lead in owners} == {True}


def test_of_a_range_with_one_value_the_end_that_is_filled_first_is_there(seeker: dict[str, dict[str, Any]]) -> None:
    searches = [lead["property"] for lead in seeker.values() if lead["metadata"]["leadCategory"] == "PROPERTY_SEARCH"]
    assert len(searches) > 100
    for member, first, other in (
        ("spaces", "spaceMin", "spaceMax"),
        ("rooms", "numberOfRoomsMin", "numberOfRoomsMax"),
        ("budget", "amountMax", "amountMin"),
    ):
        ranges = [found for search in searches for found in ranges_of(search, first, other)]
        assert sum(first in found and other not in found for found in ranges) > 10, member
        assert not [found for found in ranges if other in found and first not in found]


def ranges_of(value: Any, *ends: str) -> list[dict[str, Any]]:
    """The objects anywhere in a value that have an end of that range."""
    if not isinstance(value, dict):
        return []
    inner = [found for part in value.values() for found in ranges_of(part, *ends)]
    return (
        [{name: part for name, part in value.items() if part is not None}, *inner] if set(ends) & set(value) else inner
    )


def test_a_tenant_with_a_question_is_no_buyer(gsl: list[dict[str, Any]]) -> None:
    tenants = [lead for lead in gsl if "locataire chez vous" in lead["contactRequest"].get("message", "")]
    assert all(lead["leadMetaInfos"]["projectIntention"] == "TENANT" for lead in tenants)
    asked = Counter(lead["leadMetaInfos"]["projectIntention"] for lead in gsl)
    assert set(asked) == {"BUYER", "TENANT", "SELLER", "LANDLORD"}


def test_sellers_and_landlords_are_tagged_as_owners(
    apimo: dict[str, list[dict[str, Any]]], gsl: list[dict[str, Any]]
) -> None:
    references = {
        lead["leadMetaInfos"]["leadId"]
        for lead in gsl
        if lead["leadMetaInfos"]["projectIntention"] in ("SELLER", "LANDLORD")
    }
    tags = {contact["id"]: contact["tags"] for contact in apimo["contacts"]}
    offers = [lead for lead in apimo["leads"] if lead["reference"] in references and lead["type"] in ("3", "6")]
    assert len(offers) > 30
    assert {tuple(tags[int(lead["contact"])]) for lead in offers if lead["contact"]} == {("owner", "active_owner")}


def test_budgets_are_round_and_above_the_price_of_what_is_asked_for(apimo: dict[str, list[dict[str, Any]]]) -> None:
    prices = {shown["id"]: shown["price"]["value"] for shown in apimo["properties"]}
    about = [lead for lead in apimo["leads"] if lead["property"] and lead["criteria"]["price"]["max"]]
    assert len(about) > 40
    for lead in about:
        most, price = lead["criteria"]["price"]["max"], prices[lead["property"]]
        assert price <= most <= 1.2 * price, lead["id"]
        assert most % (5 if most < 100 else 10 if most < 500 else 50) == 0, lead["id"]
        assert most < 50_000 or most % 5_000 == 0, lead["id"]


def test_a_listing_that_is_gone_is_asked_for_two_weeks_longer_at_most(app: MockServer) -> None:
    properties, leads = (read(app, name) + read(app, name, agency=102) for name in ("properties", "leads"))
    gone = {shown["id"]: shown["updated_at"] for shown in properties if shown["step"] == 3}
    assert len(gone) > 6
    for lead in leads:
        if lead["property"] in gone and lead["parent"] is None:
            later = moment(lead["created_at"]) - moment(gone[lead["property"]])
            assert later.days < 15, lead["id"]


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def test_names_and_languages_belong_together(apimo: dict[str, list[dict[str, Any]]]) -> None:
    seen = set()
    for contact in apimo["contacts"]:
        name, language = f"{contact['firstname']} {contact['lastname']}", contact["language"]
        assert bool(CYRILLIC.search(name)) is (language == ["ru"]), contact["id"]
        assert bool(HEBREW.search(name)) is (language == ["he"]), contact["id"]
        seen |= set(language)
    assert len(seen) > 5
    rare = Counter((c["firstname"], c["lastname"]) for c in apimo["contacts"] if c["language"] not in (["fr"], []))
    assert max(rare.values()) <= 2


def test_agencies_work_by_day(apimo: dict[str, list[dict[str, Any]]]) -> None:
    milestones = [lead[name] for lead in apimo["leads"] for name in ("opened", "assigned", "closed")]
    done = [moment(stone["date"]) for stone in milestones if stone and stone["date"]]
    done += [moment(shown[name]) for shown in apimo["properties"] for name in ("created_at", "updated_at")]
    night = [at for at in done if not FIRST_HOUR <= at.hour < LAST_HOUR]
    assert len(done) > 500
    assert night == []
    assert sum(at.weekday() == 6 for at in done) < 0.03 * len(done)


@pytest.mark.parametrize(
    "member", ["standing", "condition", "availability", "subcategory", "proximities", "services", "tags"]
)
def test_each_detail_of_a_request_is_shown_now_and_then_from_its_catalog(
    requests: list[dict[str, Any]], member: str
) -> None:
    known = {int(entry["id"] or 0) for entry in catalogs()[REQUEST_CATALOGS.catalogs[member]]}
    values = [request[member] for request in requests if request[member]]
    assert 2 < len(values) < 0.5 * len(requests)
    listed = [int(id) for value in values for id in (value if isinstance(value, list) else [value])]
    assert set(listed) <= known
    assert len(set(listed)) > 1 or member == "subcategory"


SHOWN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "view": lambda request: request["view"]["type"],
    "floor": lambda request: request["floor"]["type"] or request["floor"]["value"],
    "coordinates": lambda request: request["coordinates"],
    "rooms_operator": lambda request: request["rooms_operator"] != "2",
}


@pytest.mark.parametrize("member", SHOWN)
def test_what_is_null_in_the_published_request_is_filled_in_others(
    apimo: dict[str, list[dict[str, Any]]], member: str
) -> None:
    filled = sum(bool(SHOWN[member](request)) for request in apimo["requests"])
    assert 2 < filled < 0.5 * len(apimo["requests"])


def test_no_scheme_that_has_ended_is_asked_for(gsl: list[dict[str, Any]]) -> None:
    schemes = [(lead.get("project") or {}).get("investment") or {} for lead in gsl]
    named = {scheme["investmentType"] for scheme in schemes if scheme.get("investmentType")}
    assert "Pinel" not in named


def test_who_occupies_a_property_lives_in_its_town(gsl: list[dict[str, Any]]) -> None:
    estimations = [lead["estimation"] for lead in gsl if "estimation" in lead]
    occupied = [one for one in estimations if one["estimationProject"].get("contactSituation") == "ownerOccupant"]
    assert len(occupied) > 5
    for estimation in occupied:
        town = estimation.get("userLocation", {}).get("userCity")
        assert town in (None, estimation["estimationProperty"]["geo"]["city"])
