"""Credentials of a consumer: ready for HTTP Basic, and in the provider's own words."""

from collections.abc import Mapping
from typing import Any


class Credentials(tuple[str, str]):
    """`(user, secret)`, so that it can be given as `auth=`; each word of the provider is an attribute as well.

    Which words there are is the provider's: `provider` and `token`, or `client_id`, `client_secret` and `scope`, and
    `token_url` where tokens are issued. The secret shows in no representation.
    """

    def __new__(cls, words: Mapping[str, Any]) -> "Credentials":
        """The first two words are the user and the secret, at every provider."""
        return super().__new__(cls, [str(value) for value in list(words.values())[:2]])

    def __init__(self, words: Mapping[str, Any]) -> None:
        self.words: Mapping[str, Any] = dict(words)
        """Everything that a client must be configured with, by the provider's words."""

    @property
    def user(self) -> str:
        """The user: the first of the words."""
        return self[0]

    @property
    def secret(self) -> str:
        """The secret: the second of the words."""
        return self[1]

    def __getattr__(self, name: str) -> Any:
        words: Mapping[str, Any] = self.__dict__.get("words", {})
        if name in words:
            return words[name]
        raise AttributeError(f"these credentials have no {name!r}; they have {', '.join(words)}")

    def __getnewargs__(self) -> tuple[Mapping[str, Any]]:
        return (self.words,)

    def __repr__(self) -> str:
        masked = {name: "***" if str(value) == self[1] else value for name, value in self.words.items()}
        return f"Credentials({', '.join(f'{name}={value!r}' for name, value in masked.items())})"

    __str__ = __repr__
