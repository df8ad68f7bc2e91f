"""HTTP Basic (RFC 7617). Error messages describe what the client sent instead."""

from collections.abc import Mapping
from hmac import compare_digest

from mockserver.foundation.authorization import Authorization
from mockserver.foundation.problems import unauthorized
from mockserver.sandbox.accounts import Account


def check_basic(authorization: Authorization, accounts: Mapping[str, Account], *, realm: str) -> Account:
    """Returns the account whose credentials a call has. Raises `unauthorized`, which never repeats the header."""
    if authorization.user is None:
        raise unauthorized(authorization.error, challenge=_challenge(realm))
    account = accounts.get(authorization.user)
    if account is None or not compare_digest(account.secret.encode(), authorization.password.encode()):
        raise unauthorized(
            "User or password is wrong; the index page of this server shows those that work; each sandbox has its own.",
            challenge=_challenge(realm),
        )
    return account


def _challenge(realm: str) -> str:
    return f'Basic realm="{realm}", charset="UTF-8"'
