"""The requests that every server gets: three, with what tells whether their answers are full."""

import json
from base64 import b64encode
from dataclasses import dataclass

HOST = "127.0.0.1"
MARK = "@" * 20
"""Stands in a body where each request puts a reference that was never used before, of the same length."""

_CREDENTIALS = b64encode(b"4321:0123456789abcdef0123456789abcdef01234567").decode()
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
    """A request, sent over and over. `items` is how many leads the answer must list; None for a write."""

    name: str
    title: str
    method: str
    path: str
    items: int | None = None
    body: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Credentials, and the media type of a body."""
        media = {"Content-Type": "application/json"} if self.body else {}
        return {"Authorization": f"Basic {_CREDENTIALS}", **media}

    def is_full(self, answer: bytes) -> bool:
        """Tells whether a body is what the workload asks for: a benchmark of errors or of nothing is worth nothing."""
        value = json.loads(answer)
        return "id" in value if self.items is None else len(value["leads"]) == self.items


def reference(number: int) -> str:
    """A reference as long as `MARK`."""
    return f"bench-{number:014d}"


def _lead_of(size: int) -> str:
    padding = size - len(json.dumps(_LEAD))
    return json.dumps({**_LEAD, "message": ("Bonjour, merci de me rappeler. " * 40)[:padding]})


# Each has a path of its own, so that a peer that serves one body a path can serve them all.
PAGE_OF_100 = Workload("W1", "page of 100", "GET", "/apimo/agencies/101/leads?limit=100", items=100)
PAGE_OF_1 = Workload("W2", "page of 1", "GET", "/apimo/agencies/102/leads?limit=1", items=1)
POST = Workload("W3", "POST of 1 KB", "POST", "/apimo/agencies/102/leads", body=_lead_of(1024))

READS = (PAGE_OF_100, PAGE_OF_1)
ALL = (*READS, POST)
