"""A client of the GSL fake, for tests."""

from typing import Any

import httpx2

from mockserver.domain import Category, Enquiry, Kind
from mockserver.server.app import MockServer
from tests.conftest import NOW
from tests.support.in_process import TestClient

SCOPE = "laas:leads:get"
CREDENTIALS = {
    "client_id": "mock-gsl-client",
    "client_secret": "mock-gsl-secret",
    "grant_type": "client_credentials",
    "scope": SCOPE,
}
DAY = 86_400
ALL_TIME = {"StartDate": 0, "EndDate": NOW + DAY}
ROUTES = {
    "searchLeads": ("/v2/leads", Category.CLASSIFIED),
    "searchClassifiedLeads": ("/v2/leads/classifieds", Category.CLASSIFIED),
    "searchAgencyLeads": ("/v2/leads/agencies", Category.AGENCY),
    "searchEstimationLeads": ("/v2/leads/estimations", Category.ESTIMATION),
    "searchProjectLeads": ("/v2/leads/projects", Category.PROPERTY_SEARCH),
}


class Gsl:
    """A client with a token, and the application behind it."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.client.auth = httpx2.Auth()  # none: the fixture brings another provider's
        client.headers.pop("authorization", None)
        app = client.app
        assert isinstance(app, MockServer)
        self.app = app
        answer = client.post("/gsl/oauth/token", json=CREDENTIALS)
        assert answer.status_code == 200, answer.text
        self.token: str = answer.json()["access_token"]
        self.client.headers["authorization"] = f"Bearer {self.token}"

    def search(self, path: str = "/v2/leads", criteria: Any = ALL_TIME, **pagination: Any) -> Any:
        """The answer of a search that succeeds."""
        body: dict[str, Any] = {"SearchCriteria": criteria} if criteria is not None else {}
        answer = self.client.post(f"/gsl{path}", json={**body, "Pagination": pagination} if pagination else body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def walk(self, path: str = "/v2/leads", criteria: Any = ALL_TIME, **pagination: Any) -> list[dict[str, Any]]:
        """All leads of a search, page after page."""
        leads: list[dict[str, Any]] = []
        while True:
            answer = self.search(path, criteria, **pagination)
            assert answer["Count"] == len(answer["Data"]["Items"])
            leads += answer["Data"]["Items"]
            if "LastItemKey" not in answer["Data"]:
                return leads
            pagination["LastItemKey"] = answer["Data"]["LastItemKey"]

    def enquiries(self, *categories: Category) -> list[Enquiry]:
        """The world's enquiries of the customer's agencies, oldest first."""
        store = self.app.sandbox.store
        leads = [store.get(Kind.ENQUIRY, id) for agency in (101, 102) for id in store.ids(Kind.ENQUIRY, agency)]
        fitting = [e for e in leads if isinstance(e, Enquiry) and e.category in categories]
        return sorted(fitting, key=lambda enquiry: (enquiry.created_at, enquiry.id))
