"""Calls every operation of every provider, and every list of the admin API, in one sandbox."""

from collections.abc import Iterator
from typing import Any

import httpx2

DAY = 86_400
_NOBODY = httpx2.Auth()
"""No credentials in the header; the client of the tests may bring some."""
_ADMIN = (
    *("", "/clock", "/faults", "/scenario", "/leads?limit=1000", "/webhooks", "/webhooks/delivery-faults"),
    *("/journal", "/journal.har", "/coverage"),
)
_GSL = ("/v2/leads", "/v2/leads/classifieds", "/v2/leads/agencies", "/v2/leads/estimations", "/v2/leads/projects")
_SEEKER_LEAD = {
    **{"firstName": "Jane", "lastName": "Doe", "gender": "FEMALE", "email": "test@example.com"},
    **{"phoneNumbers": [{"number": "+33511223344"}], "message": "Bonjour", "classifiedId": "00AAAAAAAAAA"},
    "submittedDate": "2026-01-01T00:00:00Z",
}


def sandbox_lists(client: httpx2.Client, sandbox: str = "default") -> Iterator[httpx2.Response]:
    """Yields the answer of every GET of the admin API about a sandbox."""
    for path in _ADMIN:
        yield client.get(f"/__admin/sandboxes/{sandbox}{path}", auth=_NOBODY)


def server_lists(client: httpx2.Client) -> Iterator[httpx2.Response]:
    """Yields the answer of every GET of the admin API about the server."""
    for path in ("/sandboxes", "/metrics", "/scenarios", "/fidelity", "/openapi.json", "/version", "/health/ready"):
        yield client.get(f"/__admin{path}", auth=_NOBODY)


def provider_lists(client: httpx2.Client, now: int, sandbox: str = "default") -> Iterator[httpx2.Response]:
    """Yields the answer of every reading operation of every provider; `now` is what the sandbox's clock shows."""
    yield from _apimo_lists(client, _about(client, sandbox))
    yield from _gsl_lists(client, _about(client, sandbox), now)
    yield from _seeker_lists(client, _about(client, sandbox), now)


def provider_writes(client: httpx2.Client, sandbox: str = "default") -> Iterator[httpx2.Response]:
    """Yields the answer of every writing operation of every provider."""
    about = _about(client, sandbox)
    url, auth, agency = _apimo(about)
    contact = client.get(f"{url}/agencies/{agency}/contacts", params={"limit": 1}, auth=auth).json()["contacts"][0][
        "id"
    ]
    agent = client.get(f"{url}/agencies/{agency}/users", auth=auth).json()["users"][0]["id"]
    search = {"contact": contact, "user": agent, "category": 1, "country": "FR"}
    for what, body in (("leads", {"reference": "every-call"}), ("requests", search)):
        yield client.post(f"{url}/agencies/{agency}/{what}", json=body, auth=auth)
        listed = client.get(f"{url}/agencies/{agency}/{what}", params={"limit": 1}, auth=auth).json()
        yield client.put(
            f"{url}/agencies/{agency}/{what}/{listed[what][0]['id']}", json={"comment": "called"}, auth=auth
        )
    base, headers = f"{about['urls']['seeker']}/seeker-leads/v1", _bearer(client, about, "seeker")
    hook = {"url": "http://127.0.0.1:9/hook", "apiKey": "key-of-a-test-1", "status": "INACTIVE"}
    made = client.post(f"{base}/webhook/subscriptions", json=hook, headers=headers, auth=_NOBODY)
    yield made
    id = f"{base}/webhook/subscriptions/{made.json()['subscriptionId']}"
    yield client.put(id, json={"apiKey": "key-of-a-test-2"}, headers=headers, auth=_NOBODY)
    yield client.get(f"{id}/audit", headers=headers, auth=_NOBODY)
    yield client.delete(id, headers=headers, auth=_NOBODY)
    yield client.post(f"{base}/leads", json=_SEEKER_LEAD, headers=headers, auth=_NOBODY)


def _about(client: httpx2.Client, sandbox: str) -> Any:
    answer = client.get(f"/__admin/sandboxes/{sandbox}", auth=_NOBODY)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _apimo(about: Any) -> tuple[str, tuple[str, str], int]:
    credentials = about["credentials"]["apimo"]
    return about["urls"]["apimo"], (credentials["provider"], credentials["token"]), credentials["agencies"][0]


def _apimo_lists(client: httpx2.Client, about: Any) -> Iterator[httpx2.Response]:
    url, auth, agency = _apimo(about)
    yield client.get(f"{url}/agencies", auth=auth)
    yield client.get(f"{url}/catalogs", auth=auth)
    yield client.get(f"{url}/catalogs/lead_type", auth=auth)
    for what in ("leads", "contacts", "users", "requests", "properties"):
        answer = client.get(f"{url}/agencies/{agency}/{what}", params={"limit": 1000}, auth=auth)
        yield answer
        if what in ("requests", "properties") and answer.status_code == 200:
            items = next(value for value in answer.json().values() if isinstance(value, list))
            for item in items[:2]:
                yield client.get(f"{url}/agencies/{agency}/{what}/{item['id']}/crossings", auth=auth)
                if what == "properties":
                    yield client.get(f"{url}/agencies/{agency}/{what}/{item['id']}", auth=auth)


def _gsl_lists(client: httpx2.Client, about: Any, now: int) -> Iterator[httpx2.Response]:
    url, headers = about["urls"]["gsl"], _bearer(client, about, "gsl")
    for path in _GSL:
        body = {"SearchCriteria": {"StartDate": max(0, now - 1000 * DAY), "EndDate": now + 1}}
        answer = client.post(url + path, json=body, headers=headers, auth=_NOBODY)
        yield answer
        if answer.status_code == 200 and (items := answer.json()["Data"]["Items"]):
            about_lead = items[0]["leadMetaInfos"]
            yield client.get(f"{url}/v2/leads/{about_lead['leadId']}", headers=headers, auth=_NOBODY)
            if listing := about_lead.get("classifiedID"):
                path = f"{url}/v2/leads/classifieds/{listing}"
                yield client.post(path, json=body, headers=headers, auth=_NOBODY)


def _seeker_lists(client: httpx2.Client, about: Any, now: int) -> Iterator[httpx2.Response]:
    leads, headers = f"{about['urls']['seeker']}/seeker-leads/v1", _bearer(client, about, "seeker")
    period = {"minDate": max(0, now - 7 * DAY), "maxDate": now, "limit": 100}
    yield client.get(f"{leads}/leads", params=period, headers=headers, auth=_NOBODY)
    yield client.get(f"{leads}/leads/no-such-lead", headers=headers, auth=_NOBODY)
    for name in ("gsl", "seeker"):
        for document in ("openid-configuration", "jwks.json"):
            yield client.get(f"{about['urls'][name]}/.well-known/{document}", auth=_NOBODY)
    yield client.get(f"{leads}/webhook/subscriptions", headers=headers, auth=_NOBODY)


def _bearer(client: httpx2.Client, about: Any, provider: str) -> dict[str, str]:
    names = ("client_id", "client_secret", "scope", "audience")
    credentials = {name: value for name, value in about["credentials"][provider].items() if name in names}
    form = {"grant_type": "client_credentials", **credentials}
    answer = client.post(about["urls"][f"{provider}_token_url"], json=form, auth=_NOBODY)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}
