"""Refusals of OAuth2 by name: of token requests (RFC 6749 §5.2) and of bearer tokens (RFC 6750 §3)."""

from mockserver.foundation.problems import Problem, unauthorized

NO_STORE = (("cache-control", "no-store"), ("pragma", "no-cache"))
"""On every answer of a token endpoint (RFC 6749 §5.1)."""


class TokenRefused(Exception):
    """A token that is not accepted. `reason` is one sentence that repeats nothing of the token but its times."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OAuthProblem(Problem):
    """A refused token request. `name` is its error code, `detail` its description: ASCII without `"` and backslash."""


def invalid_request(detail: str) -> OAuthProblem:
    """400: a parameter is missing, repeated, of a wrong type, or of a value that is not supported."""
    return OAuthProblem(400, "invalid_request", detail, headers=NO_STORE)


def invalid_client(detail: str, *, by_header: bool) -> OAuthProblem:
    """401: no client, or not the right secret. Only one that came by header is challenged, as RFC 6749 has it."""
    challenge = [("www-authenticate", 'Basic realm="token endpoint", charset="UTF-8"')] if by_header else []
    return OAuthProblem(401, "invalid_client", detail, headers=[*NO_STORE, *challenge])


def unsupported_grant_type() -> OAuthProblem:
    """400: another way to a token than client_credentials."""
    detail = "grant_type must be client_credentials; no other grant is offered here."
    return OAuthProblem(400, "unsupported_grant_type", detail, headers=NO_STORE)


def invalid_scope(detail: str) -> OAuthProblem:
    """400: the scope is malformed, or nothing of it is granted."""
    return OAuthProblem(400, "invalid_scope", detail, headers=NO_STORE)


def access_denied(detail: str) -> OAuthProblem:
    """403: the client is known, and has no right to what it asks for; not a code of RFC 6749's token endpoint."""
    return OAuthProblem(403, "access_denied", detail, headers=NO_STORE)


def no_token(realm: str, detail: str) -> Problem:
    """401 to a call without a bearer token, which RFC 6750 §3.1 wants told no error code."""
    return unauthorized(detail, challenge=f'Bearer realm="{realm}"')


def invalid_token(realm: str, detail: str) -> Problem:
    """401 to a call with a token that is not accepted."""
    challenge = f'Bearer realm="{realm}", error="invalid_token", error_description="{detail}"'
    return unauthorized(detail, challenge=challenge)


def insufficient_scope(realm: str, scope: str) -> Problem:
    """403 to a call with a good token that lacks `scope`."""
    detail = f"The token does not carry the scope {scope}; ask for it when you request a token."
    challenge = f'Bearer realm="{realm}", error="insufficient_scope", error_description="{detail}", scope="{scope}"'
    return Problem(403, "forbidden", detail, headers=[("www-authenticate", challenge)])
