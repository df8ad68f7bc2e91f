"""Errors of OAuth2: of token requests (RFC 6749 §5.2) and of bearer tokens (RFC 6750 §3)."""

from collections.abc import Sequence

from mockserver.foundation.problems import Problem, unauthorized

NO_STORE = (("cache-control", "no-store"), ("pragma", "no-cache"))
"""The headers of every response of a token endpoint (RFC 6749 §5.1)."""


class TokenRefused(Exception):
    """A token that is not accepted. `reason` is one sentence, which repeats only the times of the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OAuthProblem(Problem):
    """A refused token request. `name` is its error code, `detail` its description: ASCII without `"` and backslash."""

    def __init__(
        self, status: int, name: str, detail: str, *, headers: Sequence[tuple[str, str]] = (), words: str = ""
    ) -> None:
        super().__init__(status, name, detail, headers=headers)
        self.words = words
        """The words of the service, where they are others than the detail."""


def invalid_request(detail: str) -> OAuthProblem:
    """400: a parameter is missing, repeated, of a wrong type, or of a value that is not supported."""
    return OAuthProblem(400, "invalid_request", detail, headers=NO_STORE)


def invalid_client(detail: str, *, by_header: bool) -> OAuthProblem:
    """401: the client or its secret is wrong. As RFC 6749 demands, only credentials in a header are challenged."""
    challenge = [("www-authenticate", 'Basic realm="token endpoint", charset="UTF-8"')] if by_header else []
    return OAuthProblem(401, "invalid_client", detail, headers=[*NO_STORE, *challenge])


def unsupported_grant_type() -> OAuthProblem:
    """400: the grant type is not client_credentials."""
    detail = "grant_type must be client_credentials; no other grant is offered here."
    return OAuthProblem(400, "unsupported_grant_type", detail, headers=NO_STORE)


def invalid_scope(detail: str) -> OAuthProblem:
    """400: the scope is malformed, or nothing of it is granted."""
    return OAuthProblem(400, "invalid_scope", detail, headers=NO_STORE)


def access_denied(words: str, detail: str) -> OAuthProblem:
    """403: the client is known, but lacks the right to its request; RFC 6749's token endpoint has no such code.

    `words` are those of the service; `detail` says what would be right.
    """
    return OAuthProblem(403, "access_denied", detail, headers=NO_STORE, words=words)


def no_token(realm: str, detail: str) -> Problem:
    """401: the call has no bearer token. By RFC 6750 §3.1 there is no error code then."""
    return unauthorized(detail, challenge=f'Bearer realm="{realm}"')


def invalid_token(realm: str, detail: str) -> Problem:
    """401: the bearer token is not accepted."""
    challenge = f'Bearer realm="{realm}", error="invalid_token", error_description="{detail}"'
    return unauthorized(detail, challenge=challenge)


def insufficient_scope(realm: str, scope: str, detail: str) -> Problem:
    """403: the bearer token is valid, but lacks `scope`."""
    challenge = f'Bearer realm="{realm}", error="insufficient_scope", error_description="{detail}", scope="{scope}"'
    return Problem(403, "forbidden", detail, headers=[("www-authenticate", challenge)])
