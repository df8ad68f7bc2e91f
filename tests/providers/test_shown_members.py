"""Every member that a contract has is shown in one world or another, or there is a reason why it is not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.contract import Contract
from mockserver.foundation.settings import Settings
from mockserver.server.app import read_contracts
from tests.conftest import NOW, MakeClient
from tests.support.gsl import ROUTES, Gsl
from tests.support.in_process import TestClient
from tests.support.seeker import DAY, Seeker

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

CONTRACTS = read_contracts(Settings())
WORLDS: tuple[dict[str, Any], ...] = (
    {"world": "default"},
    {"world": "messy"},
    {"world": "busy"},
    *({"world": "default", "seed": seed} for seed in range(3)),
)
"""The worlds that are looked at, until everything was shown: what is rare is not in every one of them."""
Shown = dict[str, set[str]]
"""By operation: the members of its answers that have a value."""

NO_DETAIL = """
property properties.activities .address_more .altitude .area.total .area.weighted .areas.area .areas.ceiling_height
.areas.comments .areas.floor .areas.flooring .areas.lot .areas.orientations .available_at .block_name .brand
.cadastre_reference .comments.comment_full .comments.hook .comments.subtitle .construction.construction_step
.construction.method .construction.renovation_cost .construction.renovation_year .delivered_at .documents
.facades .filling_rate .financial .floor.levels .height .interagency_comment .length .location
.lot_reference .medias .name .options .orientations .original_city .original_district .parent .pictures.comments
.pictures.reference .pictures.type_id .plot.height .plot.land_type .plot.net_floor .plot.width .price.commission
.price.commission_customer .price.commission_owner .price.contribution .price.estimation .price.guarantee
.price.inventory .price.max .price.negotiable .price.net_seller .price.pension .price.sold .price.sold_at
.price.tenant .price.transfer_tax .price.unit .price.vat .private_comment .proximities .quality .ranking .rates
.referral .referrals .region .regulations.date .regulations.graph .residence .sector .services .stairs_reference
.standing .status_comment .style .subreferral .tags .tags_customized .tenant .twinned .url .user.birthday_at
.user.city .user.fax .user.partners .user.picture .user.rates .user.stories .visit .water agencies.address_more
.brand .district .fax .logo .logo_svg .networks .partners .picture .pictures .quality .rates .sectors .stories
.subscription .timetable .url .users contacts.activity .birthplace .children .civil_status .emailing
.incoming_action_at .magazine .mailing .nationality .outgoing_action_at .relationship .spouse_birthday_at
.spouse_birthplace .spouse_email .spouse_firstname .spouse_job .spouse_lastname .spouse_mobile .spouse_nationality
.spouse_taxcode .spouse_title .tags_customized .taxcode .vat_number users.birthday_at .city .fax
.partners .picture .rates .stories name_plurial processing_time
"""
"""Members of Apimo that only the provider's OpenAPI has: the world has no such detail of buildings and people.

Of quality, options, rates and referrals no source has what is in them; the catalogs of civil status, activity,
relationship and subscriptions (mailing, emailing, magazine) are not known, and no contact has a spouse.
"""
WRITTEN = """
leads.criteria.locations .criteria.subtype .fax .method .property_address_more .property_view_landscape
.property_view_type .referral .subreferral requests.activities .availability .condition .coordinates .emailing.last_at
.floor.type .floor.value .locations.region .proximities .referral .sector .services .standing .subcategory
.subreferral .subtype .tags .tags_customized .view.landscape .view.type .zone
"""
"""Members of leads and requests that most worlds leave empty: a write that names one is shown with it."""
OTHER_READINGS = "callDetails items.callDetails contactRequest.name items.contactRequest.name data pagination"
"""Members of Seeker Leads that only readings other than the defaults show, as in `seeker/test_reads.py`."""
EXCEPTIONS = f"{NO_DETAIL} {WRITTEN} {OTHER_READINGS}".split()
IN_ALL_CATEGORIES = "searchLeads"
"""GSL's operation that has the other categories only by the variant `search-leads`."""


def members(contract: Contract, schema: Any, path: str = "") -> Iterator[str]:
    """The members that a schema names, as paths with dots; items of arrays are not told apart."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = contract.document["components"]["schemas"][name]
    for way in ("oneOf", "anyOf", "allOf"):
        for branch in schema.get(way, ()):
            yield from members(contract, branch, path)
    for name, inner in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below
        yield from members(contract, inner, below)
    if "items" in schema:
        yield from members(contract, schema["items"], path)


def shown(value: Any, path: str = "") -> Iterator[str]:
    """The members of an answer that have a value."""
    if isinstance(value, list):
        for item in value:
            yield from shown(item, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            if inner not in (None, "", [], {}):
                yield below
            yield from shown(inner, below)


def add(found: Shown, operation: str, answer: Any) -> Any:
    """Counts what an answer shows, and returns its body."""
    assert answer.is_success, answer.text
    body = answer.json()
    found.setdefault(operation, set()).update(shown(body))
    return body


def apimo(client: TestClient) -> Shown:
    """All lists of the agencies, and some of what is behind each entry."""
    found: Shown = {}
    add(found, "listAgencies", client.get("/apimo/agencies"))
    for catalog in add(found, "listCatalogs", client.get("/apimo/catalogs")):
        add(found, "getCatalog", client.get(catalog["path"]))
    for start in ("/apimo/agencies/101", "/apimo/agencies/102"):
        for name in ("leads", "contacts", "users"):
            add(found, f"list{name.capitalize()}", client.get(f"{start}/{name}?limit=1000"))
        for entry in add(found, "listRequests", client.get(f"{start}/requests"))["requests"][:9]:
            add(found, "listRequestCrossings", client.get(f"{start}/requests/{entry['id']}/crossings"))
        for entry in add(found, "listProperties", client.get(f"{start}/properties"))["properties"]:
            add(found, "getProperty", client.get(f"{start}/properties/{entry['id']}"))
            if entry["id"] % 9 == 0:
                add(found, "listPropertyCrossings", client.get(f"{start}/properties/{entry['id']}/crossings"))
    return found


def gsl(client: TestClient) -> Shown:
    """Every lead in its list and by its id."""
    found: Shown = {}
    api = Gsl(client)
    for operation, (path, _) in ROUTES.items():
        body = {"SearchCriteria": {"StartDate": 0, "EndDate": NOW}, "Pagination": {"Limit": 3}}
        add(found, operation, client.post(f"/gsl{path}", json=body))
        for lead in api.walk(path, Limit=100):
            found[operation].update(shown({"Data": {"Items": [lead]}}))
            add(found, "getLeadById", client.get(f"/gsl/v2/leads/{lead['leadMetaInfos']['leadId']}"))
    return found


def seeker(client: TestClient) -> Shown:
    """Every lead in the list and by its id."""
    found: Shown = {}
    api = Seeker(client)
    add(found, "getLeads", api.get("/leads", minDate=NOW - 6 * DAY, maxDate=NOW, limit=3))
    for id, lead in api.crawl(NOW - 120 * DAY, NOW, 100).items():
        found["getLeads"].update(shown({"items": [lead]}))
        add(found, "getLeadById", api.get(f"/leads/{id}"))
    return found


def in_full(exceptions: list[str]) -> set[str]:
    """Paths that begin with a dot are members of the last entity that was named."""
    paths, entity = set(), ""
    for text in exceptions:
        entity = entity if text.startswith(".") else text.partition(".")[0]
        paths.add(f"{entity}{text}" if text.startswith(".") else text)
    return paths


def is_excepted(path: str, exceptions: set[str]) -> bool:
    """Tells whether a member, or one that it lies in, need not be shown; a property is in a list or alone."""
    parts = path.split(".")
    starts = {".".join(parts[: end + 1]) for end in range(len(parts))}
    return bool(exceptions & (starts | {f"properties.{start}" for start in starts}))


@pytest.mark.parametrize("gather", [apimo, gsl, seeker], ids=lambda gather: gather.__name__)
def test_every_member_is_shown_somewhere(make_client: MakeClient, gather: Callable[[TestClient], Shown]) -> None:
    found: Shown = {}
    missing: list[str] = []
    for world in WORLDS:
        for operation, paths in gather(make_client(**world)).items():
            found.setdefault(operation, set()).update(paths)
        missing = list(not_shown(CONTRACTS[gather.__name__], found))
        if not missing:
            break
    assert missing == []


def not_shown(contract: Contract, found: Shown) -> Iterator[str]:
    """The members of the operations that were called which no answer has, and for which there is no reason."""
    exceptions = in_full(EXCEPTIONS)
    for item in contract.document["paths"].values():
        for operation in item.values():
            id = operation.get("operationId") if isinstance(operation, dict) else None
            if id not in found or id == IN_ALL_CATEGORIES:
                continue
            (response,) = (value for status, value in operation["responses"].items() if status == "200")
            schema = next(iter(response["content"].values()))["schema"]
            for path in members(contract, schema):
                if path not in found[id] and not is_excepted(path, exceptions):
                    yield f"{id}: {path}"
