"""Secrets are left out of capsules: those of accounts and subscriptions, tokens, and what is named like a secret."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from mockserver.foundation.patterns import late_pattern
from mockserver.foundation.redaction import is_secret_header
from mockserver.foundation.secret_names import is_secret_name
from mockserver.foundation.secret_values import MASK, base64_forms
from mockserver.registry.capsules.document import SecretSource

_LEAST = 6
"""The fewest characters of a secret that is looked for everywhere: a shorter one would be found by chance."""
_TOKEN_ID = late_pattern("[0-9A-Za-z_-]{1,64}")
"""The form of the id of a token, which is no secret; a token has dots, and is longer."""
_LONGEST = 500
"""The most characters of one: it may name members that a user wrote."""
_MOST = 200
"""The most sentences about what is not there."""


class Withholding:
    """Takes secrets out of the records of one sandbox, and remembers what it took."""

    def __init__(
        self,
        secrets: Iterable[str],
        source_of: Callable[[str, Mapping[str, Any]], tuple[str, int]],
        clean: Callable[[str], str],
    ) -> None:
        """`secrets` are looked for everywhere; `source_of` tells where the secret of an account's record comes from.

        `clean` masks what is secret in a line of text, such as an address.
        """
        self._clean = clean
        self._source_of = source_of
        self._forms = sorted({form for secret in secrets if len(secret) >= _LEAST for form in _forms_of(secret)})
        self._sentences: dict[str, None] = {}

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence on everything that was taken out."""
        return tuple(self._sentences)[:_MOST]

    def note(self, sentence: str) -> None:
        """Remembers that something is not there."""
        self._sentences[sentence[:_LONGEST]] = None

    def record(self, component: str, key: str, value: Any) -> bytes | None:
        """Returns a record as JSON without secrets; None for one that is nothing but a secret."""
        if component == "accounts" and isinstance(value, Mapping):
            value = self._account(key, value)
        elif component == "webhooks" and key.startswith("subscription/"):
            value = self._subscription(key, value)
        elif component in ("faults", "misdeliveries", "script"):
            value = self.without_secrets(value, f"{component} {key}")
        elif key.startswith("revoked/") and not _TOKEN_ID.fullmatch(key.removeprefix("revoked/")):
            return None
        return self.line([component, key, value], f"{component} {key}")

    def line(self, value: Any, place: str) -> bytes:
        """Returns a value as JSON in which no known secret is, in whatever text it was."""
        line = orjson.dumps(value)
        for form in self._forms:
            if form in line:
                line = line.replace(form, MASK.encode())
                self.note(f"A text of {place} has a secret in it, which is masked.")
        return line

    def without_secrets(self, value: Any, place: str) -> Any:
        """Returns what a user wrote, such as a fault or a scenario, with a mask where a member is named like a secret.

        The secret of a rotation is left out: without one, a scenario makes it when the step comes.
        """
        if isinstance(value, Mapping):
            if "provider" in value and isinstance(value.get("secret"), str):
                self.note(f"The secret of a rotation in {place} is not there; another is made when it comes.")
                value = {name: part for name, part in value.items() if name != "secret"}
            return {name: self._member(name, part, f"{place}, {name}") for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.without_secrets(part, place) for part in value]
        if isinstance(value, str) and (masked := self._clean(value)) != value:
            self.note(f"A secret in {place} is masked.")
            return masked
        return value

    def _member(self, name: str, value: Any, place: str) -> Any:
        is_secret = is_secret_name(name) or is_secret_header(name.encode("utf-8", "replace"))
        if is_secret and isinstance(value, str) and value != MASK:
            self.note(f"The value of {place} is secret; what is masked is used in its place.")
            return MASK
        return self.without_secrets(value, place)

    def _account(self, key: str, record: Mapping[str, Any]) -> dict[str, Any]:
        provider, _, user = key.partition("/")
        source, rotations = self._source_of(provider, record)
        if source == SecretSource.CHOSEN:
            self.note_chosen(provider, user)
        return {**record, "secret": str(source), "rotations": rotations}

    def note_chosen(self, provider: str, user: str) -> None:
        """Remembers that somebody chose the secret of a user."""
        self.note(missing_secret(user, provider))

    def _subscription(self, key: str, record: Mapping[str, Any]) -> dict[str, Any]:
        if record["api_key"] is not None:
            self.note(f"The key of webhook {key.partition('/')[2]} is secret; give it again with a change of it.")
        url = self.without_secrets(record["url"], f"the address of webhook {key.partition('/')[2]}")
        return {**record, "api_key": None, "url": url}


def missing_secret(user: str, provider: str) -> str:
    """Returns the sentence on a secret that is not in the capsule, since somebody chose it."""
    return f"The secret of {user} at {provider} was chosen by somebody; give it again, or another is made."


def _forms_of(secret: str) -> set[bytes]:
    """Returns what stands in JSON where the secret is in a text, as it is or in base64."""
    return {orjson.dumps(secret)[1:-1], *(form.encode() for form in base64_forms(secret))}
