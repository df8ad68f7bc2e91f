"""Seeker Leads' authentication is OAuth2 client credentials, a token for one of two addresses (dossier seeker §7)."""

from typing import Any

from mockserver.foundation.authorization import Authorization
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.problems import Problem, forbidden, too_many_requests, unauthorized
from mockserver.provider_api.auth.client_credentials import ClientCredentials
from mockserver.provider_api.call import Call
from mockserver.providers.seeker.addresses import HOSTS as HOSTS
from mockserver.providers.seeker.addresses import PRODUCTION, audience_called
from mockserver.providers.seeker.addresses import SANDBOX as SANDBOX_ADDRESS
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox

READ, CREATE, SUBSCRIBE = "seeker-leads:leads:get", "seeker-leads:leads:create", "seeker-leads:webhooks:manage"
SCOPES = frozenset({READ, CREATE, SUBSCRIBE})
"""That scopes exist was observed in a client; their names are assumed, spelled like the predecessor API's."""
_NEEDS = {"createLead": CREATE, "getLeads": READ, "getLeadById": READ}

CLIENTS = ClientCredentials("seeker", SCOPES, (PRODUCTION, SANDBOX_ADDRESS))

_MAX_REQUESTS, _WINDOWS = 10, 5
"""The documented limit: so many requests, in each of so many windows of a second."""
_THREE_PARTS = late_pattern(r"[^/\s]+/[^/\s]+ [^/\s]+/[^/\s]+ [^/\s]+/[^/\s]+")
"""The sister API's pattern of a User-Agent."""


def authenticate(authorization: Authorization, sandbox: Sandbox, now: Epoch) -> Account:
    """Returns the client of the token; counts the call against its limit when the sandbox has it switched on."""
    account = CLIENTS.authenticate(authorization, sandbox, now)
    if sandbox.variants["seeker"]["rate-limit"] == "documented":
        _count(account, sandbox, now)
    return account


def authorize(call: Call) -> None:
    """Checks the User-Agent, when the variant wants one; then that the token is for this address, and its scopes."""
    _check_user_agent(call)
    if call.account is None:
        return
    audiences, audience = CLIENTS.claims(call).audiences, audience_called(call)
    if audience not in audiences:
        detail = f"The token is for {' and '.join(sorted(audiences))}, and this is {audience}; request another."
        raise unauthorized(detail, challenge=CLIENTS.challenge)
    scope = _NEEDS.get(call.operation.id, SUBSCRIBE)
    if scope not in call.account.scopes:
        raise bad_scope(scope, CLIENTS.scope_detail(call, scope))


def bad_scope(scope: str, detail: str) -> Problem:
    """403, as a client met it with a token that it had got before the right was opened."""
    challenge = f'Bearer realm="seeker", error="insufficient_scope", scope="{scope}"'
    return Problem(403, "bad_scope", detail, headers=[("www-authenticate", challenge)])


def _check_user_agent(call: Call) -> None:
    rule, user_agent = call.variant("user-agent"), call.header("user-agent") or ""
    if rule == "present" and not user_agent.strip():
        raise forbidden("There is no User-Agent; send one such as YourApp/1.0.")
    if rule == "three-parts" and not _THREE_PARTS.fullmatch(user_agent):
        raise forbidden(
            f"User-Agent is {user_agent[:80]!r}; three pairs are needed, such as YourApp/1.0 lib/2.1 Python/3.11."
        )


def _count(account: Account, sandbox: Sandbox, now: Epoch) -> None:
    window = int(sandbox.clock.time() * _WINDOWS)
    calls = sandbox.store.bump(f"seeker/rate/{account.user}/{window}", until=now + 1, now=now)
    if calls > _MAX_REQUESTS:
        raise too_many_requests(f"These are more than {_MAX_REQUESTS} requests in 200 ms.", retry_after=1)


def describe_credentials(account: Account) -> dict[str, Any]:
    """Returns the client's credentials in OAuth's words; the scopes only where they are not all there are."""
    credentials = {"client_id": account.user, "client_secret": account.secret, "audience": PRODUCTION}
    return credentials if account.scopes == SCOPES else {**credentials, "scope": " ".join(sorted(account.scopes))}


AUTH = CLIENTS.auth(authorize, describe_credentials, authenticate)
