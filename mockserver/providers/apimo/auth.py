"""Apimo authenticates with HTTP Basic: a numeric provider id, a 40-digit token, agency by agency (dossier apimo §4)."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from mockserver.foundation.authorization import Authorization
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import forbidden, not_found, too_many_requests, unauthorized
from mockserver.provider_api.auth.basic import check_basic
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ProviderAuth
from mockserver.providers.apimo.times import next_midnight
from mockserver.sandbox.sandbox import Account, Sandbox

HOSTS = ("api.apimo.pro", "api3.apimo.com")
"""The real hosts: the documented one, and one that clients found."""
_REFUSED = "Please provide the token"
"""The words for an authorization that is not HTTP Basic of provider and token, as a client met them in 2025."""
_CHALLENGE = 'Basic realm="Apimo", charset="UTF-8"'
_MAX_A_SECOND, _MAX_A_DAY = 10, 1_000
"""The documented free quota (dossier apimo §0.8)."""


def authenticate(authorization: Authorization, sandbox: Sandbox, now: Epoch) -> Account:
    """Returns the account that calls; counts the call against its quota when the sandbox has it switched on."""
    if authorization.user is None and not authorization.is_missing:
        raise unauthorized(f"{_REFUSED}. {authorization.error}", challenge=_CHALLENGE)
    account = check_basic(authorization, sandbox.accounts["apimo"], realm="Apimo")
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


def make_accounts(sandbox: str, granted: Iterable[int]) -> list[Account]:
    """Makes one account: the published one, or one that follows from the id of the sandbox."""
    agencies = frozenset(granted)
    if sandbox == "default":
        return [Account("4321", "0123456789abcdef0123456789abcdef01234567", agencies)]
    digest = blake2b(sandbox.encode(), digest_size=28, person=b"apimo").digest()
    # Twelve digits: that two sandboxes get the same number is not to be expected, and refused if it happens.
    number = 10**11 + int.from_bytes(digest[20:], "big") % (9 * 10**11)
    return [Account(str(number), digest[:20].hex(), agencies)]


def parse_credentials(credentials: Mapping[str, Any], granted: Iterable[int]) -> Account:
    """Reads `{provider, token, agencies?}`."""
    user, token = credentials.get("provider"), credentials.get("token")
    if not (isinstance(user, str | int) and str(user).isdecimal() and isinstance(token, str) and token):
        raise ValueError("`provider`, a number, and `token`, a text, are needed")
    return Account(str(user), token, frozenset(credentials.get("agencies", granted)))


def _count(account: Account, sandbox: Sandbox, now: Epoch) -> None:
    midnight = next_midnight(now)
    if sandbox.store.bump(f"apimo/{account.user}/day/{midnight}", until=midnight, now=now) > _MAX_A_DAY:
        detail = f"The quota of {_MAX_A_DAY} requests a day is used up; it starts anew at midnight in Paris."
        raise too_many_requests(detail, retry_after=midnight - now)
    if sandbox.store.bump(f"apimo/{account.user}/second/{now}", until=now + 1, now=now) > _MAX_A_SECOND:
        raise too_many_requests(f"More than {_MAX_A_SECOND} requests in one second.", retry_after=1)


def describe_credentials(account: Account) -> dict[str, Any]:
    """Returns provider id and token, as Apimo calls them."""
    return {"provider": account.user, "token": account.secret, "agencies": sorted(account.agencies)}


AUTH = ProviderAuth(
    authenticate,
    authorize,
    make_accounts,
    parse_credentials,
    describe_credentials,
    claimed_user=lambda authorization, body: authorization.user,
    challenge=_CHALLENGE,
)
