"""The API has two addresses, production and sandbox; calls and audiences are for one of them."""

from urllib.parse import unquote

from mockserver.provider_api.call import Call

_START, _SANDBOX_START = "/seeker-leads/v1", "/sandbox/seeker-leads/v1"
PRODUCTION = f"https://api.aviv-group.com{_START}"
SANDBOX = f"https://api.aviv-group.com{_SANDBOX_START}"


def audience_called(call: Call) -> str:
    """Returns the audience that a token must have for this call."""
    return SANDBOX if unquote(call.raw_path).startswith(f"{_SANDBOX_START}/") else PRODUCTION


def audience_named(call: Call, text: str) -> str | None:
    """Returns the audience of a client that names the real address, or the one of this fake; None for any other."""
    audiences = {
        PRODUCTION: PRODUCTION,
        SANDBOX: SANDBOX,
        call.base_url + _START: PRODUCTION,
        call.base_url + _SANDBOX_START: SANDBOX,
    }
    return audiences.get(text.rstrip("/"))


def address(call: Call) -> str:
    """Returns the address to which this call went, without its query."""
    return call.base_url + call.raw_path
