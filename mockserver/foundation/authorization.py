"""The Authorization header of a call, taken apart once for everybody who asks. Nothing in it is verified."""

from base64 import b64decode

from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.named_tuple import NamedTuple


class Authorization(NamedTuple):
    """An Authorization header in its parts."""

    scheme: str = ""
    """The scheme in lower case, such as `basic` or `bearer`."""
    token: str = ""
    """Everything after the scheme, without blanks around it."""
    user: str | None = None
    """The user of HTTP Basic; None when the header is no HTTP Basic that can be read."""
    password: str = ""
    error: str = ""
    """The reason why there is no user, in one sentence that never repeats the header."""
    is_missing: bool = False


@cached_when_short(256, 4096)
def read_authorization(header: str | None) -> Authorization:
    """Returns the parts of an Authorization header; None stands for a request without one."""
    if not header:
        absent = "There is no Authorization header" if header is None else "The Authorization header is empty"
        error = f"{absent}; send HTTP Basic credentials."
        return Authorization(error=error, is_missing=True)
    name, _, rest = header.strip().partition(" ")
    scheme, token = name.lower(), rest.strip()
    if scheme != "basic":
        error = f"The Authorization scheme is {_describe_scheme(name)}"
        return Authorization(
            scheme, token, error=f"{error}; HTTP Basic is needed: `Basic` and base64 of user:password."
        )
    try:
        user, colon, password = b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return Authorization(scheme, token, error="The credentials are not base64 of user:password in UTF-8.")
    if not colon:
        error = "The credentials have no colon; base64 of user:password is needed."
        return Authorization(scheme, token, error=error)
    return Authorization(scheme, token, user, password)


def _describe_scheme(name: str) -> str:
    # A client that forgot the scheme sent its secret in this place.
    return repr(name) if name.isalpha() and len(name) <= 10 else "not the name of a scheme"
