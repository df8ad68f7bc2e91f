"""Clients discover where the tokens and the keys of an issuer are."""

from collections.abc import Iterable
from typing import Any

from mockserver.provider_api.auth.token_request import GRANT


def discovery(
    issuer: str,
    scopes: Iterable[str] = (),
    *,
    token_path: str = "/oauth/token",
    jwks_path: str = "/.well-known/jwks.json",
) -> dict[str, Any]:
    """Returns the document at `/.well-known/openid-configuration` (OpenID Connect Discovery §3, RFC 8414 §2).

    The paths are below the issuer; a contract may have other ones.
    """
    base = f"{issuer.rstrip('/')}/"
    document: dict[str, Any] = {
        "issuer": base,
        "token_endpoint": f"{base}{token_path[1:]}",
        "jwks_uri": f"{base}{jwks_path[1:]}",
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        # The standard demands these three members, though no user signs in here.
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    supported = sorted(scopes)
    return {**document, "scopes_supported": supported} if supported else document
