"""A small program as an integrator writes it: it fetches the leads of an agency from two providers."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx2

TRIES = 3


def run_my_sync(base_url: str, auth: tuple[str, str], agency: int = 101) -> dict[int, Any]:
    """All Apimo leads of an agency by id. A server that is down for a moment is asked again."""
    found: dict[int, Any] = {}
    with httpx2.Client(auth=auth) as http:
        while True:
            query = {"limit": 10, "offset": len(found)}
            page = _retry(partial(http.get, f"{base_url}/agencies/{agency}/leads", params=query)).json()
            found.update((lead["id"], lead) for lead in page["leads"])
            if len(page["leads"]) < 10:
                return found


def run_my_gsl_sync(base_url: str, token_url: str, client_id: str, client_secret: str, scope: str) -> list[Any]:
    """All GSL leads of the last months; another token is fetched when one is not good any more."""
    credentials = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": scope,
    }
    with httpx2.Client() as http:

        def log_in() -> None:
            http.headers.pop("authorization", None)
            token = _retry(lambda: http.post(token_url, data=credentials)).json()["access_token"]
            http.headers["authorization"] = f"Bearer {token}"

        def search(pagination: dict[str, Any]) -> Any:
            body = {"SearchCriteria": {"StartDate": 0, "EndDate": 4_000_000_000}, "Pagination": pagination}
            answer = _retry(lambda: http.post(f"{base_url}/v2/leads", json=body), but=401)
            if answer.status_code == 401:
                log_in()
                answer = _retry(lambda: http.post(f"{base_url}/v2/leads", json=body))
            return answer.json()["Data"]

        log_in()
        return list(_pages(search))


def _pages(search: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
    data = search({"Limit": 10})
    yield from data["Items"]
    while key := data.get("LastItemKey"):
        data = search({"Limit": 10, "LastItemKey": key})
        yield from data["Items"]


def _retry(ask: Callable[[], httpx2.Response], but: int | None = None) -> httpx2.Response:
    for _ in range(TRIES):
        answer = ask()
        if answer.status_code < 500:
            break
    if answer.status_code != but:
        answer.raise_for_status()
    return answer
