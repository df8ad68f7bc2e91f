"""Names of secrets: those of OAuth 2.0, of keys of an API, and of passwords, in every spelling and escaping."""

from urllib.parse import unquote_plus

from mockserver.foundation.caches import cached_when_short
from mockserver.foundation.patterns import late_pattern

_NAMES = frozenset(
    {
        *("password", "passwd", "passphrase", "pwd", "secret", "clientsecret", "sharedsecret"),
        *("token", "accesstoken", "refreshtoken", "idtoken", "authorization", "bearer", "jwt", "credentials"),
        *("assertion", "clientassertion", "codeverifier", "apikey", "xapikey", "privatekey", "subscriptionkey"),
        *("ocpapimsubscriptionkey", "sessionid", "session"),
    }
)
"""Names, wherever they are, without the marks that separate their words."""
_ENDS = ("password", "passwd", "secret", "token", "apikey", "authorization", "assertion", "codeverifier", "signature")
"""The ends of names that say whose secret it is."""
_PARAMETERS = _NAMES | {"code", "key", "pass", "sig", "signature", "auth", "credential"}
"""Names in queries and forms. In JSON a code is one of a currency, or of a town."""
_MAX_DECODED = 3
"""A name may be encoded in one that is encoded."""
SPELLINGS = "(?:{})".format(
    "|".join(
        (
            *("pass(?:word|wd|phrase)", "pwd", "(?:(?:client|shared)[-_ ]?)?secret", "authorization", "bearer", "jwt"),
            *("(?:(?:access|refresh|id)[-_ ]?)?token", "(?:x[-_ ]?)?api[-_ ]?key", "(?:client[-_ ]?)?assertion"),
            *("code[-_ ]?verifier", "(?:private|subscription)[-_ ]?key", "session(?:[-_ ]?id)?", "credentials"),
        )
    )
)
"""A pattern of the names that takes no time on a text without them."""
_LAST_WORD = late_pattern(r"[^\[\].:']+")
_MARKS = late_pattern("[^a-z0-9]")


@cached_when_short(1024, 60)
def is_secret_name(name: str) -> bool:
    """Tells whether a member is named like a secret; its name may be escaped, or that of a member within others."""
    plain = _normalized(name)
    return plain in _NAMES or plain.endswith(_ENDS)


@cached_when_short(1024, 60)
def is_secret_parameter(name: str) -> bool:
    """Tells whether a member of a query or a form is named like a secret."""
    return is_secret_name(name) or _normalized(name) in _PARAMETERS


def _normalized(name: str) -> str:
    """Returns the letters and digits of the last word of a name: blanks, quotes and control characters are none."""
    words = _LAST_WORD.findall(decoded(name))
    return _MARKS.sub("", words[-1].lower()) if words else ""


def decoded(text: str) -> str:
    """Returns a text without percent-encoding, as far as that is reasonable."""
    for _ in range(_MAX_DECODED):
        plain = unquote_plus(text)
        if plain == text:
            break
        text = plain
    return text
