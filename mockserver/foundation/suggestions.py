"""Error messages for unknown names of providers and operations, with the name that was probably meant."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

Operations = Mapping[str, Mapping[str, Any]]
"""The operations of each provider, by operationId."""


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
