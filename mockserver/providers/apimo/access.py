"""Who may call Apimo: HTTP Basic, a numeric provider id and a 40-digit token, agency by agency (dossier apimo §4)."""

from collections.abc import Iterable
from typing import Any

from mockserver.domain import Epoch
from mockserver.problems import forbidden, not_found, too_many_requests
from mockserver.provider import Access, Call
from mockserver.providers.apimo.times import next_midnight
from mockserver.sandbox import Account, Sandbox
from mockserver.security.basic import check_basic

_A_SECOND, _A_DAY = 10, 1_000
"""The documented free quota (dossier apimo §0.8)."""


def authenticate(header: str | None, sandbox: Sandbox, now: Epoch) -> Account:
    """The account that calls; counted against its quota when the sandbox has it switched on."""
    account = check_basic(header, sandbox.accounts["apimo"], realm="Apimo")
    if sandbox.variants["apimo"]["quota"] == "documented":
        _count(account, sandbox, now)
    return account


def authorize(call: Call) -> None:
    """An agency that is not there is 404; one that the account was not granted is 403."""
    agency = call.params.get("agency_id")
    if agency is None or call.account is None:
        return
    if agency not in call.sandbox.world.agencies:
        raise not_found(f"There is no agency {agency}.")
    if agency not in call.account.agencies:
        raise forbidden(f"Agency {agency} exists, but is not linked to provider {call.account.user}.")


def default_accounts(granted: Iterable[int]) -> list[Account]:
    """The one account that is there from the start."""
    return [Account("4321", "0123456789abcdef0123456789abcdef01234567", frozenset(granted))]


def _count(account: Account, sandbox: Sandbox, now: Epoch) -> None:
    midnight = next_midnight(now)
    if sandbox.store.bump(f"apimo/{account.user}/day/{midnight}", until=midnight, now=now) > _A_DAY:
        detail = f"The quota of {_A_DAY} requests a day is used up; it starts anew at midnight in Paris."
        raise too_many_requests(detail, retry_after=midnight - now)
    if sandbox.store.bump(f"apimo/{account.user}/second/{now}", until=now + 1, now=now) > _A_SECOND:
        raise too_many_requests(f"More than {_A_SECOND} requests in one second.", retry_after=1)


def show(account: Account) -> dict[str, Any]:
    """Provider id and token, as Apimo calls them."""
    return {"provider": account.user, "token": account.secret, "agencies": sorted(account.agencies)}


ACCESS = Access(authenticate, authorize, default_accounts, show)
