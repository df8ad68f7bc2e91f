"""HTTP Basic (RFC 7617). Error messages describe what the client sent instead."""

from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache
from hmac import compare_digest

from mockserver.foundation.problems import unauthorized
from mockserver.sandbox.accounts import Account


def check_basic(header: str | None, accounts: Mapping[str, Account], *, realm: str) -> Account:
    """Returns the account of an `Authorization` header. Raises `unauthorized`, which never repeats the header."""
    challenge = f'Basic realm="{realm}", charset="UTF-8"'
    try:
        user, secret = read_basic(header)
    except ValueError as error:
        raise unauthorized(str(error), challenge=challenge) from None
    account = accounts.get(user)
    if account is None or not compare_digest(account.secret.encode(), secret.encode()):
        raise unauthorized(
            "User or password is wrong; the index page `/` shows those that work, and each sandbox has its own.",
            challenge=challenge,
        )
    return account


@lru_cache(256)
def read_basic(header: str | None) -> tuple[str, str]:
    """Returns user and password of an `Authorization` header. The message of a ValueError never repeats the header."""
    if not header:
        raise ValueError("There is no Authorization header; send HTTP Basic credentials.")
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        detail = f"The Authorization scheme is {_describe_scheme(scheme)}"
        raise ValueError(f"{detail}; HTTP Basic is needed: `Basic` and base64 of user:password.")
    try:
        user, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise ValueError("The credentials are not base64 of user:password in UTF-8.") from None
    if not colon:
        raise ValueError("The credentials have no colon; base64 of user:password is needed.")
    return user, secret


def claimed_user(header: str | None) -> str | None:
    """Returns the user that an `Authorization` header names; None when it is not HTTP Basic."""
    try:
        return read_basic(header)[0]
    except ValueError:
        return None


def _describe_scheme(scheme: str) -> str:
    # A client that forgot the scheme sent its secret in this place.
    return repr(scheme) if scheme.isalpha() and len(scheme) <= 10 else "not the name of a scheme"
