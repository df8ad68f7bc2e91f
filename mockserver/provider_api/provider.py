"""The interface of a provider: contract, handlers, authentication, error envelope, webhook."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from mockserver.contract import Contract
from mockserver.domain import Enquiry
from mockserver.foundation.authorization import Authorization
from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.epoch import Epoch
from mockserver.foundation.named_tuple import NamedTuple
from mockserver.foundation.problems import Problem
from mockserver.foundation.settings import Settings
from mockserver.provider_api.call import Call, Handler, Reply
from mockserver.provider_api.view_context import ViewContext
from mockserver.sandbox.accounts import Account
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.store.deferred import DeferredWrite, NewUuid, WriteReader


class ErrorContext(NamedTuple):
    """All that an error envelope may depend on, whether or not the call came as far as an operation."""

    variants: Mapping[str, str]
    operation: str
    """The operationId, or empty."""
    call_id: str
    """Tells this call from every other of the world: 32 hexadecimal digits, the same in the same run."""
    headers: Mapping[bytes, bytes]
    """The first value of each request header, by its name in lower case."""

    def header(self, name: str) -> str | None:
        """Returns the first value of a request header, or None; `name` is in lower case."""
        value = self.headers.get(name.encode())
        return None if value is None else value.decode("latin-1")


def _no_token_issuer(sandbox: str, settings: Settings) -> None:
    return None


def _read_nothing(record: Mapping[str, Any], new_uuid: NewUuid) -> DeferredWrite:
    raise LookupError("the provider keeps nothing as it came")


@dataclass(frozen=True, slots=True)
class ProviderAuth:
    """The authentication scheme of a provider: callers, what they may touch, which accounts a sandbox has."""

    authenticate: Callable[[Authorization, Sandbox, Epoch], Account]
    """Finds the account whose credentials a call has; raises a Problem."""
    authorize: Callable[[Call], None]
    """Lets the account do this to what the path names, or raises a Problem."""
    make_accounts: Callable[[str, Iterable[int]], Sequence[Account]]
    """Makes the accounts of a new sandbox of that id, from the agencies that are granted. Those of `default` are
    published; no other sandbox has a user of the same name."""
    parse_credentials: Callable[[Mapping[str, Any], Iterable[int]], Account]
    """Makes an account from credentials in the provider's own words; ValueError says what they lack."""
    describe_credentials: Callable[[Account], Mapping[str, Any]]
    """Returns credentials in the provider's own words, for whoever must configure a client."""
    claimed_user: Callable[[Authorization, bytes], str | None]
    """Returns the user that a call claims to come from: by its Authorization header, or by the body of a public
    operation."""
    challenge: str
    """The value of `WWW-Authenticate` with which credentials that were good a moment ago are refused."""
    make_token_issuer: Callable[[str, Settings], Any] = _no_token_issuer
    """Makes what issues and revokes the tokens of a sandbox of that id, as a `StatefulComponent`, if anything does."""
    urls: Callable[[str], Mapping[str, str]] = lambda base_url: {}
    """Addresses beside the provider's base URL that a client must be told, by name."""


@dataclass(frozen=True, slots=True)
class WebhookView:
    """The way in which a provider tells a subscriber of a new lead."""

    operation: str
    """The operationId in the contract's `webhooks`."""
    body: Callable[[Enquiry, ViewContext], Any]
    """Shows the lead in the provider's JSON, as it is now; None when nobody may see it."""
    with_unknown_category: Callable[[Any], Any]
    """Gives the same body a category that the contract does not have, for a client that must expect one."""
    headers: Callable[[bytes, str | None, ViewContext], Sequence[tuple[str, str]]] = lambda body, key, context: ()
    """Makes headers beside the one with the key, from the body as it is sent and the key that goes along."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An API that we fake: its contract, a handler for each operation, its authentication and its error envelope."""

    name: str
    contract: Contract
    handlers: Mapping[str, Handler]
    auth: ProviderAuth
    render_problem: Callable[[Problem, ErrorContext], Reply]
    """Puts a problem into this provider's envelope."""
    headers: Callable[[ErrorContext], Sequence[tuple[str, str]]] | None = None
    """Makes the headers that every answer of this provider has, if there are any."""
    lead_id: Callable[[Enquiry], int | str] = lambda enquiry: enquiry.id
    """Returns what this provider calls an enquiry."""
    webhook: WebhookView | None = None
    """None when it has no webhooks."""
    hosts: Sequence[str] = ()
    """The real hosts of the API, in lower case, each of which answers all of its paths here."""
    read_write: WriteReader = _read_nothing
    """Reads what was kept as it came in a database, in this provider's words."""


ProvidersByName: TypeAlias = Mapping[str, Provider]


def lead_ids_of(providers: ProvidersByName) -> dict[str, Callable[[Enquiry], int | str]]:
    """Returns by provider the function that makes its id of a lead."""
    return {name: provider.lead_id for name, provider in providers.items()}
