"""The access of clients changes: agencies, credentials, tokens, signing keys, cursors."""

from collections.abc import Mapping
from typing import Any

from mockserver.admin.context import Context
from mockserver.admin.schemas import AccessScopeSchema, RotationSchema, Schema, TokenScopeSchema, UserScopeSchema
from mockserver.foundation.problems import not_found
from mockserver.foundation.suggestions import ended, hint
from mockserver.sandbox import changes
from mockserver.sandbox.changes import ChangeRefused


class CredentialsSchema(Schema):
    """Credentials as they are from now on, in the provider's own words."""

    provider: str
    credentials: Mapping[str, Any]


class SigningKeysSchema(Schema):
    """The signing keys of a provider after a rotation."""

    kid: str
    """The key of new tokens."""
    keys: list[str]
    """All keys that the JWK set shows, the new one first."""


def revoke_agency(context: Context, body: AccessScopeSchema) -> Any:
    """Close an agency to the credentials of a sandbox"""
    changes.revoke_agency(context.sandbox, _agency(context), _check_provider(context, body.provider), body.user)


def grant_agency(context: Context, body: AccessScopeSchema) -> Any:
    """Open an agency to the credentials of a sandbox"""
    changes.grant_agency(context.sandbox, _agency(context), _check_provider(context, body.provider), body.user)


def revoke_access(context: Context, body: UserScopeSchema) -> Any:
    """Revoke credentials for good"""
    changes.revoke_credentials(context.sandbox, context.provider().name, body.user)


def rotate_access(context: Context, body: RotationSchema) -> Any:
    """Give credentials another secret; the old one is refused at once"""
    provider = context.provider()
    account = changes.rotate_credentials(context.sandbox, provider.name, body.user, body.secret)
    return {"provider": provider.name, "credentials": dict(provider.auth.describe_credentials(account))}


def revoke_issued_tokens(context: Context, body: TokenScopeSchema) -> Any:
    """Revoke the tokens that were issued so far, or one of them"""
    if body.token is None:
        changes.revoke_tokens(context.sandbox, context.provider().name, body.user)
    else:
        changes.revoke_token(context.sandbox, context.provider().name, body.token)


def rotate_keys(context: Context) -> Any:
    """Sign tokens with another key; those of the old one stay good until they end"""
    kids = changes.rotate_keys(context.sandbox, context.provider().name)
    return {"kid": kids[0], "keys": kids}


def expire_given_cursors(context: Context) -> Any:
    """Make the cursors that were given out so far go stale"""
    changes.expire_cursors(context.sandbox)


def _agency(context: Context) -> int:
    text, agencies = context.params["agency"], context.sandbox.world.agencies
    agency = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
    if agency not in agencies:
        raise not_found(f"There is no agency {text[:100]!r}; there is {', '.join(map(str, sorted(agencies)))}.")
    return agency


def _check_provider(context: Context, provider: str | None) -> str | None:
    if provider is not None and provider not in context.services.providers:
        raise ChangeRefused(f"There is no provider {provider!r}; {ended(hint(provider, context.services.providers))}")
    return provider
