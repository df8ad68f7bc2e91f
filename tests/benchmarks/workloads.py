"""The requests that every server gets, with what tells whether their answers are full."""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

HOST = "127.0.0.1"
MARK = "@" * 20
"""Stands in a body where each request puts a reference that was never used before, of the same length."""

_BASIC = "Basic " + b64encode(b"4321:0123456789abcdef0123456789abcdef01234567").decode()
_DAY = 86_400
_LEAD = {
    "reference": MARK,
    "date": "2025-01-25 11:02:11",
    "step": "1",
    "type": "1",
    "language": "fr",
    "country": "FR",
    "title": "1",
    "lastname": "MARTIN",
    "firstname": "Jean",
    "email": "jean.martin@example.com",
    "phone": "+33106060600",
    "mobile": "+33606060606",
    "address": "131 rue d Antibes",
    "address_more": "Second floor",
    "zipcode": "06400",
    "city": "Cannes",
    "area_min": "80",
    "area_max": "120",
    "room_min": "1",
    "room_max": "4",
    "price_min": "400000",
    "price_max": "450000",
    "currency": "EUR",
    "start_at": "2016-08-01",
    "end_at": "2016-08-31",
    "property_address": "80 boulevard de la Croisette",
    "property_zipcode": "06400",
    "property_city": "Cannes",
    "property_country": "FR",
    "property_category": "1",
    "property_types": "1,2",
    "message": "",
}


@dataclass(frozen=True, slots=True)
class Workload:
    """A request, sent over and over. `items` is how many items the answer must list; None where it lists none."""

    name: str
    title: str
    method: str
    path: str
    items: int | None = None
    body: str = ""
    status: int = 200
    authorization: str = _BASIC
    token_of: str = ""
    """The provider whose token it needs, which `with_tokens` puts in place."""

    @property
    def headers(self) -> dict[str, str]:
        """Credentials, and the media type of a body."""
        credentials = {"Authorization": self.authorization} if self.authorization else {}
        return {**credentials, **({"Content-Type": "application/json"} if self.body else {})}

    @property
    def route(self) -> str:
        """The path without its query; no other workload of the same method has it."""
        return self.path.partition("?")[0]

    def is_full(self, answer: bytes) -> bool:
        """Tells whether a body is what the workload asks for: a benchmark of errors or of nothing is worth nothing."""
        value = json.loads(answer)
        if self.status >= 400:
            return bool(value)
        return "id" in value if self.items is None else len(_listed(value)) == self.items


def _listed(value: dict[str, object]) -> list[object]:
    """The items of a list of whichever provider."""
    data = value.get("Data", value)
    assert isinstance(data, dict)
    items = next(data[name] for name in ("leads", "Items", "items") if name in data)
    assert isinstance(items, list)
    return items


def with_tokens(workloads: tuple[Workload, ...], tokens: Mapping[str, str]) -> tuple[Workload, ...]:
    """Returns the workloads with the tokens of those providers."""
    return tuple(
        replace(workload, authorization=f"Bearer {tokens[workload.token_of]}") if workload.token_of else workload
        for workload in workloads
    )


def reference(number: int) -> str:
    """A reference as long as `MARK`."""
    return f"bench-{number:014d}"


def _lead_of(size: int) -> str:
    padding = size - len(json.dumps(_LEAD))
    return json.dumps({**_LEAD, "message": ("Bonjour, merci de me rappeler. " * 40)[:padding]})


def _search_of(limit: int, now: int) -> str:
    period = {"StartDate": 0, "EndDate": now + 365 * _DAY}
    return json.dumps({"SearchCriteria": period, "Pagination": {"Limit": limit}})


# Each has a path of its own, so that a peer that serves one body a path can serve them all.
PAGE_OF_100 = Workload("W1", "page of 100", "GET", "/apimo/agencies/101/leads?limit=100", items=100)
PAGE_OF_1 = Workload("W2", "page of 1", "GET", "/apimo/agencies/102/leads?limit=1", items=1)
POST = Workload("W3", "POST of 1 KB", "POST", "/apimo/agencies/102/leads", body=_lead_of(1024))
REFUSED = Workload("W7", "401", "GET", "/apimo/agencies", status=401, authorization="")
UNKNOWN = Workload("W8", "404", "GET", "/apimo/agencies/101/properties/999999999", status=404)

APIMO = (PAGE_OF_100, PAGE_OF_1, POST)


def workloads_at(now: int) -> tuple[Workload, ...]:
    """Returns all workloads, for a server whose clock shows that moment or a little more."""
    period = f"minDate={now - 7 * _DAY + 60}&maxDate={now}"
    leads = f"/seeker/seeker-leads/v1/leads?{period}&limit=25"
    return (
        *APIMO,
        _search("W4", "GSL search of 100", "/gsl/v2/leads", 100, now),
        _search("W5", "GSL search of 1", "/gsl/v2/leads/classifieds", 1, now),
        Workload("W6", "Seeker list of 25", "GET", leads, items=25, status=206, token_of="seeker"),
        REFUSED,
        UNKNOWN,
    )


def _search(name: str, title: str, path: str, limit: int, now: int) -> Workload:
    return Workload(name, title, "POST", path, items=limit, body=_search_of(limit, now), token_of="gsl")


ALL = workloads_at(int(time.time()))

TOKEN_REQUESTS: Mapping[str, Mapping[str, str]] = {
    "gsl": {
        "client_id": "mock-gsl-client",
        "client_secret": "mock-gsl-secret",
        "grant_type": "client_credentials",
        "scope": "laas:leads:get",
    },
    "seeker": {
        "client_id": "mock-seeker-client",
        "client_secret": "mock-seeker-secret",
        "grant_type": "client_credentials",
        "audience": "https://api.aviv-group.com/seeker-leads/v1",
    },
}
"""The body of a token request to each provider that has tokens."""
