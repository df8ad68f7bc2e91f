"""Reading of token requests: a form or a JSON body, with or without HTTP Basic (RFC 6749 §2.3.1, §4.4.2)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import orjson

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.patterns import late_pattern
from mockserver.provider_api.auth import oauth_errors as refuse

GRANT = "client_credentials"
_PARAMETERS = ("grant_type", "client_id", "client_secret", "scope", "audience")
_MAX_OF_A_REQUEST = 16 * 1024
_SCOPE = late_pattern(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*")
"""Matches a list of scopes (RFC 6749 §3.3)."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request that was read, and not yet granted."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: frozenset[str] | None
    """The requested scopes; None when none was requested."""
    audience: str | None
    by_header: bool
    """True when the client authenticated with HTTP Basic."""


def read_token_request(content: Mapping[str, Any] | None, authorization: str | None) -> TokenRequest:
    """Reads the members of a JSON or form body and the Authorization header. Raises `OAuthProblem`.

    The value of a parameter that a form repeats is a list. Unknown parameters are ignored (RFC 6749 §3.2).
    """
    parameters = _parameters(content or {})
    if "grant_type" not in parameters:
        if any(name.lstrip().startswith("{") for name in content or ()):
            detail = "The body is JSON, and Content-Type says that it is a form; send Content-Type: application/json."
            raise refuse.invalid_request(detail)
        raise refuse.invalid_request(
            "grant_type is missing; send client_credentials, in a form or a JSON body, not in the query."
        )
    if parameters["grant_type"] != GRANT:
        raise refuse.unsupported_grant_type()
    client_id, client_secret = _credentials(parameters, authorization)
    scopes = _scopes(parameters["scope"]) if "scope" in parameters else None
    return TokenRequest(client_id, client_secret, scopes, parameters.get("audience"), by_header=bool(authorization))


def client_in(body: bytes) -> str | None:
    """Returns the client id in the body of a token request, JSON or form; None when there is none."""
    if not body or len(body) > _MAX_OF_A_REQUEST:
        return None
    try:
        content = orjson.loads(body) if body.lstrip().startswith(b"{") else dict(parse_qsl(body.decode()))
    except ValueError:
        return None
    client = content.get("client_id")
    return client if isinstance(client, str) else None


def _parameters(content: Mapping[str, Any]) -> dict[str, str]:
    """Returns the known parameters with a value, since an empty one counts as omitted (RFC 6749 §3.2)."""
    for value in content.values():
        if isinstance(value, list):
            raise refuse.invalid_request("A parameter is given more than once, or as a list; each takes one text.")
    for name in _PARAMETERS:
        if not isinstance(content.get(name, ""), str):
            raise refuse.invalid_request(f"{name} must be text.")
    return {name: content[name] for name in _PARAMETERS if content.get(name)}


def _credentials(parameters: Mapping[str, str], authorization: str | None) -> tuple[str, str]:
    if not authorization:
        if "client_id" in parameters and "client_secret" in parameters:
            return parameters["client_id"], parameters["client_secret"]
        detail = "client_id and client_secret are needed, in the body or as HTTP Basic."
        raise refuse.invalid_client(detail, by_header=False)
    client_id, client_secret = _basic(authorization)
    # Some clients repeat their id in the body; the same id is no second authentication.
    if "client_secret" in parameters or parameters.get("client_id", client_id) != client_id:
        raise refuse.invalid_request("The client authenticates in the header and in the body; choose one.")
    return client_id, client_secret


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.strip().partition(" ")
    try:
        user, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
        if scheme.lower() == "basic" and colon:
            # RFC 6749 §2.3.1: both are form-encoded before they are joined.
            return unquote_plus(user, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        pass
    detail = "The Authorization header is not HTTP Basic: `Basic` and base64 of client_id:client_secret."
    raise refuse.invalid_client(detail, by_header=True)


def _scopes(text: str) -> frozenset[str]:
    if not _SCOPE.fullmatch(text):
        raise refuse.invalid_scope("scope is malformed: names in printable ASCII with one space between are needed.")
    return frozenset(text.split(" "))
