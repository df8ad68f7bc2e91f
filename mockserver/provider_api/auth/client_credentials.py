"""OAuth2 client credentials as the authentication of a provider: accounts, tokens, and the operations around them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from mockserver.foundation.authorization import Authorization
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.problems import excerpt, unauthorized
from mockserver.foundation.settings import Settings
from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth2 import Claims, TokenIssuer, check_bearer, client_of, grant_token
from mockserver.provider_api.auth.oauth_errors import insufficient_scope
from mockserver.provider_api.auth.token_request import TokenRequest, client_in
from mockserver.provider_api.call import Call
from mockserver.provider_api.provider import ProviderAuth
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox

TOKEN_OPERATION, JWKS_OPERATION = "issueToken", "jwks"
"""The operationIds that a contract gives to the two endpoints."""
CUSTOMER = "RC-100001"
"""The customer number of every account that is made here."""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The authentication of one provider whose clients get bearer tokens for an id and a secret (RFC 6749 §4.4)."""

    provider: str
    scopes: frozenset[str]
    """The scopes of an account whose credentials name none."""
    audiences: tuple[str, ...]
    """The audiences that a token may be for; the first is the default."""

    def auth(
        self,
        authorize: Callable[[Call], None],
        describe_credentials: Callable[[Account], Mapping[str, Any]],
        authenticate: Callable[[Authorization, Sandbox, Epoch], Account] | None = None,
    ) -> ProviderAuth:
        """Returns the scheme; the provider says what a token opens, and how a client is told its credentials."""
        return ProviderAuth(
            authenticate or self.authenticate,
            authorize,
            self.make_accounts,
            self.parse_credentials,
            describe_credentials,
            claimed_user=claimed_client,
            challenge=self.challenge,
            make_token_issuer=self.make_token_issuer,
            urls=lambda base_url: {"token_url": f"{base_url}/oauth/token"},
        )

    @property
    def challenge(self) -> str:
        """The value of `WWW-Authenticate` with which a token is refused."""
        return f'Bearer realm="{self.provider}", error="invalid_token"'

    def authenticate(self, authorization: Authorization, sandbox: Sandbox, now: Epoch) -> Account:
        """Returns the client that the token was given to, with the scopes that the token carries."""
        claims = check_bearer(authorization, self.token_issuer(sandbox), now)
        account = sandbox.accounts[self.provider].get(claims.client)
        if account is None:
            detail = f"Client {claims.client} is not known any more."
            raise unauthorized(detail, challenge='Bearer error="invalid_token"')
        return account if account.scopes == claims.scopes else replace(account, scopes=claims.scopes)

    def claims(self, call: Call) -> Claims:
        """Returns the claims of the token with which a call came."""
        return check_bearer(call.authorization, self.token_issuer(call.sandbox), call.now)

    def require_scope(self, call: Call, scope: str) -> None:
        """Lets a call pass whose token carries the scope; names are case sensitive. Raises a 403 `Problem`."""
        if call.account is not None and scope not in call.account.scopes:
            raise insufficient_scope(self.provider, scope, self.scope_detail(call, scope))

    def scope_detail(self, call: Call, scope: str) -> str:
        """Returns a sentence that says why the token of a call is not enough, and what would be."""
        account = call.sandbox.accounts[self.provider].get(call.account.user) if call.account else None
        if account is not None and scope in account.scopes:
            return f"The token does not carry the scope {scope}; request another token, and ask for that scope."
        return f"The token does not carry the scope {scope}, and this client is not granted it."

    def make_accounts(self, sandbox: str, granted: Iterable[int]) -> list[Account]:
        """Makes one client: the published one, or one that follows from the id of the sandbox."""
        client = f"mock-{self.provider}-client"
        if sandbox == "default":
            return [self._account(client, f"mock-{self.provider}-secret", granted)]
        secret = blake2b(sandbox.encode(), digest_size=20, person=self.provider.encode()[:16]).hexdigest()
        return [self._account(f"{client}.{sandbox}", secret, granted)]

    def parse_credentials(self, credentials: Mapping[str, Any], granted: Iterable[int]) -> Account:
        """Reads `{client_id, client_secret, scope?, agencies?}`. An empty scope is a client without any right."""
        client, secret = credentials.get("client_id"), credentials.get("client_secret")
        if not (isinstance(client, str) and client and isinstance(secret, str) and secret):
            raise ValueError("`client_id` and `client_secret`, both text, are needed")
        account = self._account(client, secret, credentials.get("agencies", granted))
        return (
            replace(account, scopes=frozenset(str(credentials["scope"]).split())) if "scope" in credentials else account
        )

    def make_token_issuer(self, sandbox: str, settings: Settings) -> TokenIssuer:
        """Makes what issues and revokes the tokens of one sandbox."""
        keys = KeyRing.from_file(settings.signing_key)
        return TokenIssuer(self.provider, sandbox, keys, settings.token_lifetime, self.audiences)

    def token_issuer(self, sandbox: Sandbox) -> TokenIssuer:
        """Returns what `make_token_issuer` made for this sandbox."""
        token_issuer: TokenIssuer = sandbox.token_issuers[self.provider]
        return token_issuer

    def issue_token(self, call: Call, request: TokenRequest) -> dict[str, Any]:
        """Returns the body of a token response (RFC 6749 §5.1). Raises `OAuthProblem`."""
        accounts, issuer = call.sandbox.accounts[self.provider], f"{call.base_url}/"
        unasked = call.variant("token-scopes") == "granted"
        token = grant_token(self.token_issuer(call.sandbox), accounts, request, issuer, call.now, unasked=unasked)
        if request.scopes is None and not unasked:
            call.notes.append("no scope was asked for, so the token carries none: most calls will answer 403")
        if left_out := sorted((request.scopes or frozenset()) - frozenset(token.scope.split())):
            names = excerpt(" ".join(left_out))
            call.notes.append(
                f"scope: `{names}` is not granted to this client and left out; the token has {token.scope}"
            )
        return {
            "access_token": token.access_token,
            "token_type": "Bearer",
            "expires_in": token.expires_in,
            "scope": token.scope,
        }

    def openid_configuration(self, call: Call) -> dict[str, Any]:
        """Returns the document that says where tokens and keys are (RFC 8414), at the paths of the contract."""
        from mockserver.provider_api.auth.discovery import discovery

        token, jwks = (call.contract.operations[id].path for id in (TOKEN_OPERATION, JWKS_OPERATION))
        return discovery(f"{call.base_url}/", self.scopes, token_path=token, jwks_path=jwks)

    def jwks(self, call: Call) -> dict[str, Any]:
        """Returns the public keys of tokens that are still good (RFC 7517)."""
        return self.token_issuer(call.sandbox).keys.jwks(call.now)

    def _account(self, client: str, secret: str, agencies: Iterable[int]) -> Account:
        return Account(client, secret, frozenset(agencies), self.scopes, CUSTOMER)


def claimed_client(authorization: Authorization, body: bytes) -> str | None:
    """Returns the client of a bearer token, of HTTP Basic or of a token request; nothing is verified."""
    return client_of(authorization) or authorization.user or client_in(body)
