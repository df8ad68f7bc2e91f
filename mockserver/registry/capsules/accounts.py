"""Makes the accounts of a capsule's sandbox: their secrets are derived, given again, or others."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from mockserver.provider_api.provider import Provider
from mockserver.registry.capsules.document import CapsuleAccount, CapsuleHead, CapsuleRefused, SecretSource
from mockserver.sandbox.accounts import Account

GivenCredentials = Mapping[str, Mapping[str, Any]]
"""Credentials by provider, in the provider's own words."""


def start_account(
    head: CapsuleHead, provider: Provider, account: CapsuleAccount, credentials: GivenCredentials
) -> dict[str, Any]:
    """Returns the record of an account that the sandbox is made with: derived, given again, or with another secret."""
    agencies = [agency.id for agency in head.world.agencies if agency.granted]
    check_agencies(head, account)
    secret: str | None = None
    if account.secret is SecretSource.DERIVED:
        made = provider.auth.make_accounts(head.identity, agencies)
        secret = next((one.secret for one in made if one.user == account.user), None)
        if secret is None:
            raise CapsuleRefused(
                f"The credentials of {account.user} at {provider.name} do not follow from the sandbox."
            )
    if provider.name in credentials:
        # Of credentials that were not chosen at first, but rotated later, this secret is only good now.
        _secret_again(provider, account.user, credentials[provider.name])
    if secret is None:
        secret = chosen_secret(head, provider, account.user, credentials)
    return Account(
        account.user, secret, frozenset(account.agencies), frozenset(account.scopes), account.customer
    ).as_record()


def check_agencies(head: CapsuleHead, account: CapsuleAccount) -> None:
    """Raises CapsuleRefused for an account with an agency that is not in the world."""
    if unknown := sorted(set(account.agencies) - {agency.id for agency in head.world.agencies}):
        raise CapsuleRefused(
            f"The capsule's account {account.user} has agency {unknown[0]}, which is not in its world."
        )


def _secret_again(provider: Provider, user: str, credentials: Mapping[str, Any]) -> str:
    try:
        account = provider.auth.parse_credentials(credentials, [])
    except ValueError as error:
        raise CapsuleRefused(f"credentials.{provider.name}: {error}.") from None
    if account.user != user:
        raise CapsuleRefused(f"credentials.{provider.name}: those of {user} are needed, the one in the capsule.")
    return account.secret


def chosen_secret(head: CapsuleHead, provider: Provider, user: str, credentials: GivenCredentials) -> str:
    """Returns the secret that somebody chose, if it is given again; else another one."""
    if provider.name in credentials:
        return _secret_again(provider, user, credentials[provider.name])
    return _stand_in(head.identity, provider.name, user)


def _stand_in(identity: str, provider: str, user: str) -> str:
    """Returns the secret of a user whose own one nobody gave again: 40 hexadecimal digits."""
    return blake2b(f"{identity}/{provider}/{user}".encode(), digest_size=20, person=b"stand-in").hexdigest()
