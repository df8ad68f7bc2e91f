"""The two addresses of the API, production and sandbox: which one a call is for, which one an audience names."""

from urllib.parse import unquote

from mockserver.provider_api.call import Call

_START, _SANDBOX_START = "/seeker-leads/v1", "/sandbox/seeker-leads/v1"
PRODUCTION = f"https://api.aviv-group.com{_START}"
SANDBOX = f"https://api.aviv-group.com{_SANDBOX_START}"


def audience_called(call: Call) -> str:
    """The audience that a token must have for this call."""
    return SANDBOX if unquote(call.raw_path).startswith(f"{_SANDBOX_START}/") else PRODUCTION


def audience_named(call: Call, text: str) -> str | None:
    """The audience that a client means who names the real address, or the one of this fake."""
    known = {
        PRODUCTION: PRODUCTION,
        SANDBOX: SANDBOX,
        call.base_url + _START: PRODUCTION,
        call.base_url + _SANDBOX_START: SANDBOX,
    }
    return known.get(text.rstrip("/"))


def address(call: Call) -> str:
    """Where this call went, without its query."""
    return call.base_url + call.raw_path
