"""RSA keys of somebody else."""

from functools import cache

from joserfc.jwk import RSAKey

from mockserver.provider_api.auth.signing_key import SigningKey


@cache
def foreign_key() -> SigningKey:
    """A key that no ring derives: made once for all tests, since that takes a while."""
    members = RSAKey.generate_key(2048).as_dict(private=True)
    return SigningKey({name: str(value) for name, value in members.items() if name != "kid"})
