"""The API has two addresses, production and sandbox; calls and audiences are for one of them."""

from urllib.parse import unquote

from mockserver.provider_api.auth.own_addresses import path_below
from mockserver.provider_api.call import Call

_START, _SANDBOX_START = "/seeker-leads/v1", "/sandbox/seeker-leads/v1"
PRODUCTION = f"https://api.aviv-group.com{_START}"
SANDBOX = f"https://api.aviv-group.com{_SANDBOX_START}"
HOSTS = ("api.aviv-group.com", "auth.api.aviv-group.com")
"""The real hosts: of the API, and of its tokens."""


def audience_called(call: Call) -> str:
    """Returns the audience that a token must have for this call."""
    return SANDBOX if unquote(call.raw_path).startswith(f"{_SANDBOX_START}/") else PRODUCTION


def audience_named(call: Call, text: str) -> str | None:
    """Returns the audience of a client that names the real address, or the one of this fake; None for any other.

    The fake is recognised by its path, under whatever host name the client knows it.
    """
    if (real := text.rstrip("/")) in (PRODUCTION, SANDBOX):
        return real
    path = path_below(text, call.base_url, "seeker", real_hosts=HOSTS)
    return {_START: PRODUCTION, _SANDBOX_START: SANDBOX}.get(path or "")


def audiences_here(call: Call) -> str:
    """Returns the audiences that are right, in words."""
    here = [call.base_url + start for start in (_START, _SANDBOX_START)]
    return f"the base URL of the API: {PRODUCTION} or {here[0]}, or that of its sandbox: {SANDBOX} or {here[1]}"


def address(call: Call) -> str:
    """Returns the address to which this call went, without its query."""
    return call.base_url + call.raw_path
