"""Access changes: agencies are revoked and granted, credentials, tokens and keys revoked and rotated."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from mockserver.sandbox.accounts import Account
from mockserver.sandbox.changes.cursors import END_OF_TIME
from mockserver.sandbox.changes.refusal import ChangeRefused, KeysRefused, check_agency, checked_now, enumerated
from mockserver.sandbox.sandbox import Sandbox

LONGEST_SECRET = 1_000


def revoke_agency(sandbox: Sandbox, agency: int, provider: str | None = None, user: str | None = None) -> None:
    """Closes an agency to the users named, or to all. Raises ChangeRefused for an unknown agency, provider or user."""
    check_agency(sandbox, agency)
    for name, account in _named(sandbox, provider, user):
        sandbox.accounts.revoke_agency(name, account.user, agency)


def grant_agency(sandbox: Sandbox, agency: int, provider: str | None = None, user: str | None = None) -> None:
    """Opens an agency to the users named, or to all. Raises ChangeRefused for an unknown agency, provider or user."""
    check_agency(sandbox, agency)
    for name, account in _named(sandbox, provider, user):
        sandbox.accounts.grant_agency(name, account.user, agency)


def revoke_tokens(sandbox: Sandbox, provider: str, user: str | None = None) -> None:
    """Refuses every token that the user, or every user, has got so far; the credentials stay good for new ones.

    Raises ChangeRefused for an unknown provider or user, and for a provider without tokens.
    """
    named, token_issuer = _named(sandbox, provider, user), _token_issuer(sandbox, provider)
    for _, account in named:
        token_issuer.revoke_client(account.user)


def revoke_token(sandbox: Sandbox, provider: str, token: str) -> None:
    """Refuses one token, named by itself or by its `jti`; all others stay good.

    Raises ChangeRefused for an unknown provider, and for a provider without tokens.
    """
    _token_issuer(sandbox, provider).revoke(token)


def rotate_keys(sandbox: Sandbox, provider: str) -> list[str]:
    """Signs tokens with another key from now on; those of the old key stay good until they end.

    Returns the ids of all keys that are needed, the new one first. Raises ChangeRefused for an unknown provider, and
    KeysRefused for one without keys, or when too many are needed.
    """
    _named(sandbox, provider, None)
    token_issuer = sandbox.token_issuers.get(provider)
    if token_issuer is None:
        raise KeysRefused(f"{provider} has no signing keys: its credentials come with every call.")
    try:
        kids: list[str] = token_issuer.rotate_key(checked_now(sandbox))
    except ValueError as error:
        raise KeysRefused(str(error)) from None
    return kids


def set_scopes(sandbox: Sandbox, provider: str, scopes: Iterable[str], user: str | None = None) -> None:
    """Gives the user, or every user of the provider, exactly those scopes; a token keeps those that it was minted with.

    Raises ChangeRefused for an unknown provider or user, and for a provider without scopes.
    """
    named, exactly = _named(sandbox, provider, user), frozenset(scopes)
    if sandbox.token_issuers.get(provider) is None:
        raise ChangeRefused(f"{provider} has no scopes: its credentials come with every call.")
    for _, account in named:
        sandbox.accounts.put(provider, replace(account, scopes=exactly))


def revoke_credentials(sandbox: Sandbox, provider: str, user: str | None = None) -> None:
    """Removes the user, or every user of the provider; their tokens are refused with them.

    Raises ChangeRefused for an unknown provider or user.
    """
    for name, account in _named(sandbox, provider, user):
        sandbox.accounts.remove(name, account.user)


def rotate_credentials(sandbox: Sandbox, provider: str, user: str | None = None, secret: str | None = None) -> Account:
    """Gives the user a new secret, and refuses the old one at once.

    Without `secret` it follows from the sandbox, the user and the number of rotations. Issued tokens stay good.

    Raises ChangeRefused for an unknown provider or user, and when several users could be meant.
    """
    named = _named(sandbox, provider, user)
    if len(named) > 1:
        users = enumerated(account.user for _, account in named)
        raise ChangeRefused(f"{provider} has several users, name one of them: {users}.")
    account = named[0][1]
    if secret is None:
        secret = _next_secret(sandbox, provider, account.user)
    elif not 1 <= len(secret) <= LONGEST_SECRET or not secret.isprintable():
        raise ChangeRefused(f"A secret has 1 to {LONGEST_SECRET} printable characters.")
    elif secret == account.secret:
        raise ChangeRefused(f"That is the secret that {account.user} has already.")
    rotated = replace(account, secret=secret)
    sandbox.accounts.put(provider, rotated)
    return rotated


def rotations(sandbox: Sandbox, provider: str, user: str) -> int:
    """Returns how often a user was given a new secret that follows from the sandbox."""
    return sandbox.store.peek(_rotations(provider, user), 0)


def rotated_secret(identity: str, provider: str, user: str, times: int) -> str:
    """Returns the secret that a user has after so many rotations: 40 hexadecimal digits, as at the start."""
    return blake2b(f"{identity}/{provider}/{user}/{times}".encode(), digest_size=20, person=b"rotated").hexdigest()


def _rotations(provider: str, user: str) -> str:
    return f"rotations/{provider}/{user}"


def _token_issuer(sandbox: Sandbox, provider: str) -> Any:
    _named(sandbox, provider, None)
    token_issuer = sandbox.token_issuers.get(provider)
    if token_issuer is None:
        raise ChangeRefused(f"{provider} has no tokens to revoke: its credentials come with every call.")
    return token_issuer


def _next_secret(sandbox: Sandbox, provider: str, user: str) -> str:
    """40 hexadecimal digits, as the ones that a sandbox starts with."""
    times = sandbox.store.bump(_rotations(provider, user), until=END_OF_TIME, now=checked_now(sandbox))
    return rotated_secret(sandbox.identity, provider, user, times)


def _named(sandbox: Sandbox, provider: str | None, user: str | None) -> list[tuple[str, Account]]:
    """Returns the accounts that the names stand for, with their providers. Raises ChangeRefused when there is none."""
    accounts = sandbox.accounts
    if provider is not None and provider not in accounts:
        raise ChangeRefused(f"There is no provider {provider!r}; {enumerated(accounts)} are there.")
    names = list(accounts) if provider is None else [provider]
    meant = [(name, account) for name in names for account in accounts[name].values() if user in (None, account.user)]
    if not meant:
        where = provider or "any provider"
        raise ChangeRefused(f"There is no user {user!r} at {where}." if user else f"There is no user at {where}.")
    return meant
