"""Messages about unknown names, with the name that was probably meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from mockserver.foundation.problems import excerpt

Operations = Mapping[str, Mapping[str, Any]]
"""The operations of each provider, by operationId."""
_MAX_NAME = 200
"""The most characters of a name that are shown, and compared with others."""


def unknown_name(operations: Operations, provider: str | None, operation: str | None = None) -> str | None:
    """Returns a sentence about an unknown name; None when both names exist or are None."""
    if provider is not None and provider not in operations:
        return f"There is no provider {provider!r}; there is {', '.join(operations)}."
    names = [name for owner, ids in operations.items() if provider in (None, owner) for name in ids]
    if operation is None or operation in names:
        return None
    beginning = f"Provider {provider} has no" if provider else "No provider has an"
    close = get_close_matches(operation, names, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}."
    return f"{beginning} operation {operation!r}; {hint}"


def unknown_and_ignored(what: str, name: str, names: Iterable[str], inside: str = "") -> str:
    """Returns a note on something that no contract names; `inside` is the place that it is in."""
    close = get_close_matches(name, list(names), n=1) if len(name) <= _MAX_NAME else []
    note = f"{what} `{excerpt(inside + name, _MAX_NAME)}`: unknown, ignored"
    return f"{note}; did you mean `{close[0]}`?" if close else note
