"""The two addresses of the API, production and sandbox: which one a call is for, which one an audience names."""

from urllib.parse import quote, unquote, urlsplit

from mockserver.provider_api.provider import Call

_START, _SANDBOX_START = "/seeker-leads/v1", "/sandbox/seeker-leads/v1"
PRODUCTION = f"https://api.aviv-group.com{_START}"
SANDBOX = f"https://api.aviv-group.com{_SANDBOX_START}"


def audience_called(call: Call) -> str:
    """The audience that a token must have for this call."""
    below = _path(call).removeprefix(urlsplit(call.base_url).path)
    return SANDBOX if unquote(below).startswith(f"{_SANDBOX_START}/") else PRODUCTION


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
    origin = urlsplit(call.base_url)
    return f"{origin.scheme}://{origin.netloc}{_path(call)}"


def _path(call: Call) -> str:
    raw = call.scope.get("raw_path")
    return raw.decode("latin-1") if raw else quote(call.scope["path"])
