"""Caches of what clients send: bounded by bytes as well as by number."""

import tracemalloc
from base64 import b64encode
from collections.abc import Callable

import pytest

from mockserver.foundation.caches import cached_when_short
from tests.conftest import AUTH, MakeClient

pytestmark = pytest.mark.no_cover

LENGTH, OF_AN_ADDRESS = 300_000, 60_000


def test_a_short_text_is_looked_at_once_and_a_long_one_each_time() -> None:
    seen: list[str | None] = []

    @cached_when_short(2, 3)
    def length(text: str | None) -> int:
        seen.append(text)
        return len(text or "")

    for text in ("abc", "abc", "abcd", "abcd", None, None):
        assert length(text) == len(text or "")
    assert seen == ["abc", "abcd", "abcd", None]


def long_basic(number: int) -> tuple[str, dict[str, str]]:
    credentials = b64encode(f"{number}:{'x' * LENGTH}".encode()).decode()
    return "/apimo/agencies", {"Authorization": f"Basic {credentials}"}


def long_bearer(number: int) -> tuple[str, dict[str, str]]:
    return "/gsl/v2/leads/1", {"Authorization": f"Bearer {number}{'x' * LENGTH}"}


def long_claims(number: int) -> tuple[str, dict[str, str]]:
    claims = b64encode(f'{{"azp": "{number}{"x" * LENGTH}"}}'.encode()).decode()
    return "/seeker/seeker-leads/v1/leads", {"Authorization": f"Bearer a.{claims}.b"}


def long_host(number: int) -> tuple[str, dict[str, str]]:
    return "/seeker/seeker-leads/v1/leads", {"Host": f"{number}{'x' * LENGTH}"}


def long_header_name(number: int) -> tuple[str, dict[str, str]]:
    return "/apimo/agencies", {f"x{number}{'x' * LENGTH}": "a"}


def long_content_type(number: int) -> tuple[str, dict[str, str]]:
    return "/apimo/agencies/101/leads", {"Content-Type": f"a/{number}{'x' * LENGTH}"}


def long_preference(number: int) -> tuple[str, dict[str, str]]:
    return "/apimo/agencies", {"Prefer": f"fault={number}{'x' * LENGTH}"}


def long_sandbox(number: int) -> tuple[str, dict[str, str]]:
    return "/apimo/agencies", {"X-Mockserver-Sandbox": f"{number}{'x' * LENGTH}"}


def long_path(number: int) -> tuple[str, dict[str, str]]:
    return f"/apimo/agencies/101/leads/{number}{'1' * OF_AN_ADDRESS}", {}


def long_catalog(number: int) -> tuple[str, dict[str, str]]:
    return f"/apimo/catalogs/{number}{'x' * OF_AN_ADDRESS}", {}


def long_query(number: int) -> tuple[str, dict[str, str]]:
    return f"/apimo/agencies/101/leads?x{number}={'x' * OF_AN_ADDRESS}", {}


def long_list(number: int) -> tuple[str, dict[str, str]]:
    return f"/apimo/agencies/101/properties?{'&'.join(['status=1'] * 6_000)}&offset={number}", {}


@pytest.mark.parametrize(
    "call",
    [
        *(long_basic, long_bearer, long_claims, long_host, long_header_name, long_content_type, long_preference),
        *(long_sandbox, long_path, long_catalog, long_query, long_list),
    ],
)
def test_nothing_that_a_client_sends_stays_in_memory(
    make_client: MakeClient, call: Callable[[int], tuple[str, dict[str, str]]]
) -> None:
    client = make_client(journal_size=1, world="small")

    def send(number: int) -> None:
        path, headers = call(number)
        # Compressed answers are kept, up to a number of bytes of their own.
        client.get(
            path,
            headers={"Accept-Encoding": "identity", **headers},
            auth=AUTH if "Authorization" not in headers else None,
        )

    for number in range(3):
        send(number)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(3, 18):
        send(number)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 4 * OF_AN_ADDRESS
